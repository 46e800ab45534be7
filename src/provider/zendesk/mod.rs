//! Zendesk behind `Provider`: one value for each account, shared by all stores of it.
//!
//! Facts and sources are in `zendesk.md`; vendor words stop at `convert`. It must not decide: it observes, and applies
//! the steps it is given.

mod apply;
mod assemble;
mod client;
mod convert;
mod credentials;
mod deliveries;
mod errors;
mod evidence;
mod examination;
mod list;
mod normalize;
mod reading;
mod session;
mod survey;
mod table;
mod view;
mod wire;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

pub use convert::body::PHONE_FIELD_PLACEHOLDER;
pub use credentials::{API_TOKENS_END, Credentials};

use super::budget::{Budget, BudgetSettings, LaneLimits};
use super::http::{
    Bounds, LoopbackEndpoints, RequestObserver, SetupError, Transport, TransportConfig, WriteFence,
};
use super::snapshot::Snapshot;
use super::{
    AccountCheck, Batch, Deliveries, Examination, Observation, Outcome, Provider, ProviderError, Scope,
    Unsupported,
};
use crate::clock;
use crate::model::{
    AccessAfterRemoval, Capabilities, Desired, Email, ExternalId, Kind, Observed, Stamp, StoreId, Support,
};
use client::Client;
use session::{Sessions, TokenScope};
use view::AccountView;

/// The category that routes belong to (`domain.md` 2.3).
const ROUTE_CATEGORY: &str = "Notifications";

/// The plan of a Zendesk account: decides the vendor's rate limit (`zendesk.md` 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Support Essential: 10 requests a minute.
    Essential,
    /// Suite Team: 200 requests a minute.
    Team,
    /// Suite Growth: 400.
    Growth,
    /// Suite Professional: 400.
    Professional,
    /// Suite Enterprise: 700.
    Enterprise,
    /// Suite Enterprise Plus: 2,500.
    EnterprisePlus,
}

impl Plan {
    /// The vendor's limit, requests a minute.
    pub fn requests_per_minute(self) -> u32 {
        match self {
            Plan::Essential => 10,
            Plan::Team => 200,
            Plan::Growth | Plan::Professional => 400,
            Plan::Enterprise => 700,
            Plan::EnterprisePlus => 2500,
        }
    }

    /// How many schedules the plan has: one, and on the Enterprise plans more than anybody counted (`zendesk.md` 7a).
    fn most_schedules(self) -> usize {
        match self {
            Plan::Essential | Plan::Team | Plan::Growth | Plan::Professional => 1,
            Plan::Enterprise | Plan::EnterprisePlus => usize::MAX,
        }
    }
}

/// How to reach an account, and how fast.
pub struct Config {
    /// The first label of `<subdomain>.zendesk.com`, lower case.
    pub subdomain: String,
    /// The plan.
    pub plan: Plan,
    /// Requests a minute that we allow ourselves; absent: half of the plan's limit.
    pub requests_per_minute: Option<u32>,
    /// How long a list may lag behind a write; 10 s is the default of [`Config::new`].
    pub settle: Duration,
    /// How long a job of the vendor is waited for; its outcome is unknown afterwards. 90 s is the default of
    /// [`Config::new`].
    pub job_patience: Duration,
    /// Hosts that are reached on this machine (sandbox and tests).
    pub loopback: LoopbackEndpoints,
    /// One more certificate authority, in PEM.
    pub extra_ca: Option<String>,
    /// Whether writes may start.
    pub fence: WriteFence,
    /// Who is told about requests.
    pub observer: Arc<dyn RequestObserver>,
    /// Bounds of one request.
    pub bounds: Bounds,
}

impl Config {
    /// The defaults for an account.
    pub fn new(subdomain: impl Into<String>, plan: Plan) -> Self {
        Self {
            subdomain: subdomain.into(),
            plan,
            requests_per_minute: None,
            settle: Duration::from_secs(10),
            job_patience: Duration::from_secs(90),
            loopback: LoopbackEndpoints::default(),
            extra_ca: None,
            fence: WriteFence::unlimited(),
            observer: Arc::new(super::http::NoObserver),
            bounds: Bounds::default(),
        }
    }

    /// The account's host.
    pub fn host(&self) -> String {
        format!("{}.zendesk.com", self.subdomain)
    }
}

/// A Zendesk account.
pub struct Zendesk {
    shared: Shared,
    capabilities: Capabilities,
}

/// What observing and applying share.
struct Shared {
    client: Client,
    snapshot: Snapshot<AccountView>,
    /// Addresses that a create was refused for: they are looked up one by one.
    taken: Mutex<BTreeSet<Email>>,
    /// How many schedules the account takes, by the plan's name and by what the vendor refused.
    most_schedules: AtomicUsize,
    /// Whether this account's membership jobs honor `default`.
    job_defaults: apply::JobDefaults,
    /// How long a job is waited for.
    job_patience: Duration,
    /// Whether this account's users are changed by job.
    user_jobs: apply::UserJobs,
    /// Jobs that were not seen to end.
    open_jobs: apply::OpenJobs,
}

impl Shared {
    fn remember_taken(&self, email: &Email) {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(email.clone());
    }

    fn taken(&self) -> BTreeSet<Email> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for Zendesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zendesk(…)")
    }
}

impl Zendesk {
    /// An account without credentials yet: see [`Zendesk::set_credentials`].
    ///
    /// # Errors
    /// When the subdomain or the certificate authority cannot be used.
    pub fn new(config: Config) -> Result<Arc<Self>, SetupError> {
        let host = config.host();
        if config.subdomain.contains('.') {
            return Err(SetupError::Host);
        }
        let Config {
            subdomain: _,
            plan,
            requests_per_minute,
            settle,
            job_patience,
            loopback,
            extra_ca,
            fence,
            observer,
            bounds,
        } = config;
        let transport = Transport::new(TransportConfig {
            provider: "zendesk",
            host,
            loopback,
            extra_ca,
            bounds,
            observer,
        })?;
        let per_minute = requests_per_minute.unwrap_or(plan.requests_per_minute() / 2);
        let budget = Budget::new(BudgetSettings { per_minute, lanes: LANES, max_wait: MAX_WAIT });
        let scope = if fence.is_read_only() { TokenScope::Read } else { TokenScope::ReadWrite };
        let client = Client { transport, budget, fence, sessions: Sessions::new(scope) };
        let shared = Shared {
            client,
            snapshot: Snapshot::new(settle),
            taken: Mutex::default(),
            most_schedules: AtomicUsize::new(plan.most_schedules()),
            job_defaults: apply::JobDefaults::default(),
            job_patience,
            user_jobs: apply::UserJobs::default(),
            open_jobs: apply::OpenJobs::default(),
        };
        Ok(Arc::new(Self { shared, capabilities: capabilities() }))
    }

    /// Sets what the account's Secret holds now. To be called at every round: a change drops the token in use.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.shared.client.sessions.set(credentials);
    }

    /// Makes sure that there is a reading which started at `not_before` or later.
    async fn refresh(&self, store: &StoreId, not_before: Instant) -> Result<(), ProviderError> {
        let Shared { client, snapshot, .. } = &self.shared;
        let read = async || {
            let known = snapshot.look(|_, view| reading::Known::of(view)).unwrap_or_default();
            let known = snapshot.look_at_writes(|written| written.fold(known, reading::Known::without));
            reading::read_account(client, &known).await
        };
        snapshot.refresh(store, not_before, read).await
    }
}

/// The vendor's endpoint limits (`zendesk.md` 3 and 8): one user update a second and five a minute for one user, a
/// hundred webhook requests a minute. Two percent slower, because requests bunch up on their way; of the webhooks'
/// limit the usual reserve stays free.
const LANES: LaneLimits = LaneLimits {
    user_update_interval: Duration::from_millis(1020),
    updates_per_user: 5,
    webhooks_per_minute: 70,
};

/// The longest wait for the budget before a store is told to come back.
const MAX_WAIT: Duration = Duration::from_secs(60);

fn capabilities() -> Capabilities {
    let support = |kind| match kind {
        Kind::License => Support::BudgetOnly,
        Kind::PhoneField
        | Kind::Department
        | Kind::Agent
        | Kind::Membership
        | Kind::Webhook
        | Kind::EventRoute
        | Kind::RoutingRule
        | Kind::OpeningHours => Support::Managed,
    };
    Capabilities {
        kinds: Kind::ALL.into_iter().map(|kind| (kind, support(kind))).collect(),
        access_after_removal: AccessAfterRemoval::SuspendThenDismiss,
        claimed: BTreeSet::new(),
    }
}

#[async_trait]
impl Provider for Zendesk {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn normalize(&self, desired: Desired) -> Desired {
        normalize::normalize(desired)
    }

    fn unsupported(&self, desired: &Desired) -> Vec<Unsupported> {
        normalize::unsupported(desired)
    }

    async fn check(&self) -> Result<AccountCheck, ProviderError> {
        let Shared { client, snapshot, .. } = &self.shared;
        client.session().await?;
        Ok(AccountCheck {
            seats_used: snapshot.look(|_, view| view.seats_used),
            rate_limit: client.budget.vendor_limit(),
            credentials_end: client.sessions.uses_api_token().then_some(API_TOKENS_END),
        })
    }

    async fn examine(&self) -> Result<Examination, ProviderError> {
        let examined = examination::examine(&self.shared.client).await?;
        Ok(Examination { check: self.check().await?, ..examined })
    }

    async fn observe(&self, scope: &Scope<'_>) -> Result<Observation, ProviderError> {
        let Shared { client, snapshot, .. } = &self.shared;
        let store = &scope.stamp.store;
        self.refresh(store, scope.not_before).await?;
        let questions = snapshot.look(|_, view| evidence::questions(view, scope));
        let questions = questions.ok_or(ProviderError::Unavailable)?;
        let evidence = evidence::gather(client, &questions, &self.shared.taken()).await?;
        let most_schedules = self.shared.most_schedules.load(Ordering::Relaxed);
        let read = snapshot.look(|started_at, view| {
            (started_at, assemble::assemble(view, scope, (&evidence, most_schedules)))
        });
        let (started_at, observed) = read.ok_or(ProviderError::Unavailable)?;
        Ok(Observation { observed, started_at })
    }

    async fn survey(&self, stamp: &Stamp) -> Result<Option<Observed>, ProviderError> {
        self.refresh(&stamp.store, clock::monotonic()).await?;
        Ok(self.shared.snapshot.look(|started_at, view| survey::survey(view, stamp, started_at)))
    }

    async fn deliveries(&self, webhook: &ExternalId) -> Result<Deliveries, ProviderError> {
        deliveries::read(&self.shared.client, webhook).await
    }

    async fn apply(&self, batch: &Batch<'_>) -> Vec<Outcome> {
        apply::Applier::new(&self.shared, batch).run().await
    }
}
