//! A simulator of the Zendesk Support API, faithful enough that public client libraries work against it.
//!
//! It knows only what the vendor documents or was seen to answer; everything else is a switch in [`Assumptions`]. It
//! shares no type with the operator: a wrong field name must show, not cancel out.

mod account;
mod assumptions;
mod auth;
mod categories;
mod config;
mod context;
mod control;
mod errors;
mod groups;
mod identities;
mod jobs;
mod limits;
mod memberships;
mod oauth;
mod paging;
mod plan;
mod records;
mod router;
mod schedules;
mod seeds;
mod settings;
mod store;
mod ticket_fields;
mod tickets;
mod triggers;
mod users;
mod vendor;
mod view;
mod webhooks;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub use assumptions::{
    AbsentSchedules, Assumptions, AuthErrorBody, DefaultMembership, DeletedGroup, DuplicateMembership,
    Happens, InUse, Occurs, PartialTriggerUpdate, PerUserLimitBody, ScheduleLimit, SeatError, Subscription,
    TicketFieldPaging, TicketsOfRemoved, WebhookErrors, WrongCredentialsOnMe,
};
pub use config::{API_TOKEN, AccountConfig, CLIENT_ID, CLIENT_SECRET, Config};
pub use plan::Plan;

use serde_json::Value;
use tokio::net::TcpListener;
use vendor::Helpdesk;

use crate::simulator::{Clock, Core, Entry, Faults, Ledger, server};

/// A running simulator. Dropping it stops it.
pub struct Zendesk {
    handle: server::Handle,
    core: Arc<Core>,
    helpdesk: Arc<Helpdesk>,
}

impl Zendesk {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(config: Config) -> io::Result<Self> {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await?, config)
    }

    /// Starts on a listener. Errors when the state file exists and cannot be read.
    pub fn start_on(listener: TcpListener, config: Config) -> io::Result<Self> {
        let clock = Arc::new(Clock::default());
        let helpdesk = Arc::new(Helpdesk::open(config, clock.now())?);
        let core = Core::new(helpdesk.clone(), clock);
        let handle = server::start(core.clone(), listener)?;
        Ok(Self { handle, core, helpdesk })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.handle.address()
    }

    /// `http://127.0.0.1:PORT`; the account is chosen by the `Host` header.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The base URL of one account for clients that send no `Host` of their own choice.
    pub fn account_url(&self, subdomain: &str) -> String {
        format!("{}/accounts/{subdomain}", self.url())
    }

    /// Every request so far.
    pub fn ledger(&self) -> &Ledger {
        &self.core.ledger
    }

    /// The writes of clients so far.
    pub fn writes(&self) -> Vec<Entry> {
        self.core.ledger.writes()
    }

    /// What goes wrong next.
    pub fn faults(&self) -> &Faults {
        &self.core.faults
    }

    /// The simulator's time.
    pub fn clock(&self) -> &Clock {
        &self.core.clock
    }

    /// The whole state, as `GET /_sandbox/state` shows it.
    pub fn state(&self) -> Value {
        self.helpdesk.state(self.core.clock.now())
    }

    /// The credentials in the state, as `GET /_sandbox/secrets` shows them.
    pub fn secrets(&self) -> Value {
        self.helpdesk.secrets()
    }

    /// Changes the assumptions.
    pub fn assume(&self, assumptions: Assumptions) {
        self.helpdesk.assume(assumptions);
    }

    /// Waits until the server ends.
    pub async fn wait(&mut self) {
        self.handle.wait().await;
    }
}
