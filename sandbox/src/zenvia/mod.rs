//! A simulator of Zenvia: the Partner and account-token APIs of Zenvia Chat and the webhook subscriptions of
//! api.zenvia.com, on one listener.
//!
//! It knows only what the vendor documents; everything else is a switch in [`Assumptions`]. It shares no type with the
//! operator: a wrong field name must show, not cancel out.

mod assumptions;
mod config;
mod context;
mod control;
mod external;
mod paging;
mod partner;
mod records;
mod staff;
mod subscriptions;
mod surface;
mod vendor;
mod view;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

pub use assumptions::{
    Assumptions, DeletedAgents, DepartmentAgentIds, DuplicateKey, EmailScope, EmptyDepartmentIds, Envelope,
    ExternalPaging, ExternalWriteReply, Happens, Ids, Leniency, ListSuccess, MissingAccountId, Occurs,
    PartialAgentUpdate, PatchWebhook, Revival, SameCriteria, ThirdOfSameCriteria, UnknownDepartmentIds,
    Verdict, WebhookHeaders,
};
pub use config::{
    ACCOUNT_IDS, AccountConfig, Config, FOREIGN_ACCOUNT_ID, PARTNER_TOKEN, Partner, account_token, api_token,
};

use serde_json::Value;
use tokio::net::TcpListener;
use vendor::Platform;

use crate::simulator::{Clock, Core, Entry, Faults, Ledger, server};

/// A running simulator. Dropping it stops it.
pub struct Zenvia {
    handle: server::Handle,
    core: Arc<Core>,
    platform: Arc<Platform>,
}

impl Zenvia {
    /// Starts on a free port of 127.0.0.1.
    pub async fn start(config: Config) -> io::Result<Self> {
        Self::start_on(TcpListener::bind("127.0.0.1:0").await?, config)
    }

    /// Starts on a listener. Errors when the state file exists and cannot be read.
    pub fn start_on(listener: TcpListener, config: Config) -> io::Result<Self> {
        let clock = Arc::new(Clock::default());
        let platform = Arc::new(Platform::open(config, clock.now())?);
        let core = Core::new(platform.clone(), clock);
        let handle = server::start(core.clone(), listener)?;
        Ok(Self { handle, core, platform })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.handle.address()
    }

    /// `http://127.0.0.1:PORT`; every API is reached by its path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
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
        self.platform.state(self.core.clock.now())
    }

    /// The credentials in the state, as `GET /_sandbox/secrets` shows them.
    pub fn secrets(&self) -> Value {
        self.platform.secrets()
    }

    /// What a person types into the settings of an account: its one webhook address.
    pub fn set_webhook_address(&self, account: u64, address: &str) {
        self.platform.set_webhook_address(account, address);
    }

    /// Changes the assumptions.
    pub fn assume(&self, assumptions: Assumptions) {
        self.platform.assume(assumptions);
    }

    /// Waits until the server ends.
    pub async fn wait(&mut self) {
        self.handle.wait().await;
    }
}
