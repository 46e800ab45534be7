//! Zenvia behind `Provider`: one value for each account, reached as a partner, with the account's own token, or for its
//! subscriptions only.
//!
//! Facts and sources are in `zenvia.md`; what it says of Zenvia Chat is documented 2021 and not verified live. Vendor
//! words stop at `convert`. It must not decide: it observes, and applies the steps it is given. It never makes or
//! deletes an account, and never asks for a new token.

mod apply;
mod assemble;
mod client;
mod convert;
mod credentials;
mod errors;
mod list;
mod normalize;
mod reading;
mod subscriptions;
mod survey;
mod view;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

pub use credentials::Credentials;

use super::budget::{Budget, BudgetSettings, LaneLimits};
use super::http::{
    Bounds, LoopbackEndpoints, RequestObserver, SetupError, Transport, TransportConfig, WriteFence,
};
use super::snapshot::Snapshot;
use super::{
    AccountCheck, Batch, Deliveries, Observation, Outcome, Provider, ProviderError, Scope, Unsupported,
};
use crate::clock;
use crate::model::{
    AccessAfterRemoval, Capabilities, Desired, Email, ExternalId, Kind, Observed, Stamp, Support,
};
use client::{Client, Line, Wire};
use credentials::Tokens;
use view::AccountView;

/// Where the Partner API is, as the newer notes print it; older ones print other paths (`zenvia.md` 3).
pub const PARTNER_BASE: &str = "/partner/api";
/// Where the account-token API is (`zenvia.md` 4).
const EXTERNAL_BASE: &str = "/api/external";
/// Where subscriptions are (`zenvia.md` 2).
const SUBSCRIPTIONS: &str = "/v2/subscriptions";
/// The domains of the vendor: a token is sent nowhere else.
const VENDOR_DOMAINS: [&str; 3] = ["zenvia.io", "zenvia.com", "omnize.com"];
/// Requests a minute: the vendor documents no limit for these interfaces, so one a second is a careful guess.
const DEFAULT_REQUESTS_PER_MINUTE: u32 = 60;
/// The longest wait for the budget before a store is told to come back.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// How an account is reached, and so what can be done in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// With a partner's token: licenses, departments, agents, webhooks.
    Partner,
    /// With the account's own token: agents created and updated, departments compared, webhooks.
    Account,
    /// Webhooks and nothing else.
    SubscriptionsOnly,
}

/// The plan of the account, as its resource declares it: no interface shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Advanced: unlimited agents and departments, all channels, two years of history (`domain.md` 1.4).
    Advanced,
    /// Any other.
    Other {
        /// The most agents it allows.
        max_agents: u32,
    },
}

/// What the policy `Delete` may do to an agent. The vendor's sources contradict each other (`zenvia.md` 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AgentDeletion {
    /// Agents are deactivated instead.
    #[default]
    Deactivates,
    /// The account's owner lets us delete agents.
    Allowed,
}

/// How to reach an account, and how fast.
pub struct Config {
    /// The interface.
    pub api: Api,
    /// The vendor's id of the account; only `Api::Partner` needs one. Without it, a partner's token can be checked and
    /// nothing else.
    pub account_id: Option<String>,
    /// The host of Zenvia Chat; `Api::SubscriptionsOnly` needs none.
    pub chat_host: Option<String>,
    /// The host of the subscriptions.
    pub api_host: String,
    /// Where the Partner API is on the chat host; [`PARTNER_BASE`] is the default.
    pub partner_base: String,
    /// The declared plan.
    pub plan: Plan,
    /// Whether agents may be deleted.
    pub agent_deletion: AgentDeletion,
    /// Requests a minute and host that we allow ourselves; absent: one a second.
    pub requests_per_minute: Option<u32>,
    /// The budget of the token for Zenvia Chat, where several accounts are reached with one; absent: its own.
    pub chat_budget: Option<Arc<Budget>>,
    /// How long a list may lag behind a write; 10 s is the default of [`Config::new`].
    pub settle: Duration,
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
    /// How long after a try an inactive subscription is not revived again; 1 h is the default of [`Config::new`].
    pub revive_backoff: Duration,
}

impl Config {
    /// The defaults for an account that is reached this way.
    pub fn new(api: Api, api_host: impl Into<String>) -> Self {
        Self {
            api,
            account_id: None,
            chat_host: None,
            api_host: api_host.into(),
            partner_base: PARTNER_BASE.to_owned(),
            plan: Plan::Advanced,
            agent_deletion: AgentDeletion::default(),
            requests_per_minute: None,
            chat_budget: None,
            settle: Duration::from_secs(10),
            loopback: LoopbackEndpoints::default(),
            extra_ca: None,
            fence: WriteFence::unlimited(),
            observer: Arc::new(super::http::NoObserver),
            bounds: Bounds::default(),
            revive_backoff: Duration::from_secs(3600),
        }
    }
}

/// A Zenvia account.
pub struct Zenvia {
    shared: Shared,
    plan: Plan,
    capabilities: Capabilities,
}

/// What observing and applying share.
struct Shared {
    client: Client,
    place: Place,
    snapshot: Snapshot<AccountView>,
    memory: Memory,
    revive_backoff: Duration,
}

/// Which account, by which interface.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    api: Api,
    account_id: String,
    partner_base: String,
}

/// What is known for as long as the process lives and no interface tells.
#[derive(Debug, Default)]
struct Memory {
    facts: Mutex<Facts>,
}

#[derive(Debug, Default)]
struct Facts {
    /// Addresses whose creation was refused because somebody has them.
    taken: BTreeSet<Email>,
    /// The marks of subscriptions we wrote, where the vendor shows no headers.
    marks: BTreeMap<wire::Id, String>,
    /// When an inactive subscription was revived last.
    revived: BTreeMap<wire::Id, Instant>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn was_taken(&self, email: &Email) -> bool {
        self.lock().taken.contains(email)
    }

    fn written_mark(&self, id: &str) -> Option<String> {
        self.lock().marks.get(id).cloned()
    }
}

impl fmt::Debug for Zenvia {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zenvia(…)")
    }
}

impl Zenvia {
    /// An account without credentials yet: see [`Zenvia::set_credentials`].
    ///
    /// # Errors
    /// `Host` when a host is missing or is no host of the vendor; `Ca` or `Tls` when
    /// connections cannot be set up.
    pub fn new(config: Config) -> Result<Arc<Self>, SetupError> {
        let needs_chat = config.api != Api::SubscriptionsOnly;
        let account_id = config.account_id.clone().unwrap_or_default();
        let chat = match &config.chat_host {
            Some(host) if needs_chat => Some(wire_to((host, config.chat_budget.clone()), &config)?),
            None if needs_chat => return Err(SetupError::Host),
            _ => None,
        };
        let client = Client {
            chat,
            subscriptions: wire_to((&config.api_host, None), &config)?,
            fence: config.fence.clone(),
            tokens: Tokens::default(),
        };
        let place = Place {
            api: config.api,
            account_id,
            partner_base: config.partner_base.trim_end_matches('/').to_owned(),
        };
        let shared = Shared {
            client,
            place,
            snapshot: Snapshot::new(config.settle),
            memory: Memory::default(),
            revive_backoff: config.revive_backoff,
        };
        let capabilities = capabilities(config.api, config.agent_deletion);
        Ok(Arc::new(Self { shared, plan: config.plan, capabilities }))
    }

    /// Sets what the account's Secret holds now. To be called at every round.
    pub fn set_credentials(&self, credentials: Credentials) {
        self.shared.client.tokens.set(credentials);
    }

    /// The declared plan.
    pub fn plan(&self) -> Plan {
        self.plan
    }
}

/// A host of the vendor, with a budget of its own: the chat APIs and the subscriptions have nothing in common.
fn wire_to((host, budget): (&str, Option<Arc<Budget>>), config: &Config) -> Result<Wire, SetupError> {
    let is_vendors = VENDOR_DOMAINS
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if !is_vendors {
        return Err(SetupError::Host);
    }
    let transport = Transport::new(TransportConfig {
        provider: "zenvia",
        host: host.to_owned(),
        loopback: config.loopback.clone(),
        extra_ca: config.extra_ca.clone(),
        bounds: config.bounds,
        observer: config.observer.clone(),
    })?;
    let budget = budget.unwrap_or_else(|| token_budget(config.requests_per_minute));
    Ok(Wire { transport, budget })
}

/// The budget of one token: accounts that are reached with the same one share it.
pub fn token_budget(requests_per_minute: Option<u32>) -> Arc<Budget> {
    let per_minute = requests_per_minute.unwrap_or(DEFAULT_REQUESTS_PER_MINUTE);
    Arc::new(Budget::new(BudgetSettings { per_minute, lanes: LANES, max_wait: MAX_WAIT }))
}

/// No endpoint has a documented limit of its own: nothing is sent on these lanes.
const LANES: LaneLimits = LaneLimits {
    user_update_interval: Duration::ZERO,
    updates_per_user: usize::MAX,
    webhooks_per_minute: usize::MAX,
};

/// The mapping table of `zenvia.md` 6.
fn capabilities(api: Api, deletion: AgentDeletion) -> Capabilities {
    let support = |kind| match (api, kind) {
        (_, Kind::Webhook | Kind::EventRoute) => Support::Managed,
        (_, Kind::PhoneField | Kind::RoutingRule | Kind::OpeningHours) => Support::None,
        (Api::SubscriptionsOnly, _) => Support::None,
        (Api::Partner, Kind::License) => Support::WriteOnly,
        (Api::Partner, Kind::Department) => Support::NoRemoval,
        (Api::Partner, Kind::Agent) => match deletion {
            AgentDeletion::Allowed => Support::Managed,
            AgentDeletion::Deactivates => Support::NoRemoval,
        },
        (Api::Partner, Kind::Membership) => Support::Managed,
        (Api::Account, Kind::License) => Support::BudgetOnly,
        (Api::Account, Kind::Department | Kind::Membership) => Support::CompareOnly,
        (Api::Account, Kind::Agent) => Support::CreateAndUpdate,
    };
    Capabilities {
        kinds: Kind::ALL.into_iter().map(|kind| (kind, support(kind))).collect(),
        access_after_removal: AccessAfterRemoval::Dismiss,
        claimed: [Kind::Agent, Kind::EventRoute].into(),
    }
}

#[async_trait]
impl Provider for Zenvia {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn normalize(&self, desired: Desired) -> Desired {
        normalize::normalize(self.shared.place.api, desired)
    }

    fn unsupported(&self, desired: &Desired) -> Vec<Unsupported> {
        let mut told = normalize::unsupported(self.shared.place.api, desired);
        if !self.shared.client.tokens.has(Line::Subscriptions) {
            told.extend(normalize::without_subscriptions(desired));
        }
        told
    }

    async fn check(&self) -> Result<AccountCheck, ProviderError> {
        let Shared { client, place, snapshot, .. } = &self.shared;
        match place.api {
            Api::Partner if place.account_id.is_empty() => {
                reading::check_partner_token(client, place).await?
            }
            Api::Partner => drop(reading::account(client, place).await?),
            Api::Account => reading::check_account_token(client, place).await?,
            Api::SubscriptionsOnly => {}
        }
        if client.tokens.has(Line::Subscriptions) || place.api == Api::SubscriptionsOnly {
            reading::subscriptions(client).await?;
        }
        let seats_used = snapshot.look(|_, view| {
            let active = view.agents.values().filter(|agent| agent.is_active()).count();
            u32::try_from(active).unwrap_or(u32::MAX)
        });
        let seats_used = seats_used.filter(|_| place.api != Api::SubscriptionsOnly);
        Ok(AccountCheck { seats_used, rate_limit: None, credentials_end: None })
    }

    async fn survey(&self, stamp: &Stamp) -> Result<Option<Observed>, ProviderError> {
        let Shared { place, snapshot, memory, .. } = &self.shared;
        self.refresh(&stamp.store, clock::monotonic()).await?;
        Ok(snapshot.look(|at, view| survey::survey(view, (stamp, at), (memory, place.api))))
    }

    async fn observe(&self, scope: &Scope<'_>) -> Result<Observation, ProviderError> {
        let Shared { place, snapshot, memory, .. } = &self.shared;
        self.refresh(&scope.stamp.store, scope.not_before).await?;
        let read = snapshot.look(|started_at, view| {
            let sources = assemble::Sources { view, scope, memory, api: place.api };
            Observation { observed: assemble::assemble(&sources), started_at }
        });
        read.ok_or(ProviderError::Unavailable)
    }

    async fn deliveries(&self, webhook: &ExternalId) -> Result<Deliveries, ProviderError> {
        let Some(key) = convert::webhook_key(webhook) else { return Err(ProviderError::Gone) };
        let told = self.shared.snapshot.look(|_, view| {
            let of_binding = view.subscriptions.values().filter(|one| {
                let shown = convert::mark_text(one).map(str::to_owned);
                let text = shown.or_else(|| self.shared.memory.written_mark(&one.id)).unwrap_or_default();
                let mark = crate::model::Mark::parse(&text).and_then(|mark| convert::webhook_mark(&mark));
                mark.is_some_and(|mark| mark.key.eq_ignore_ascii_case(key.as_str()))
            });
            convert::deliveries(of_binding.map(|one| one.status))
        });
        told.ok_or(ProviderError::Unavailable)
    }

    async fn apply(&self, batch: &Batch<'_>) -> Vec<Outcome> {
        apply::Applier::new(&self.shared, batch).run().await
    }
}
