//! Another platform behind an adapter that speaks the contract of `docs/reference/adapter-openapi.yaml`.
//!
//! The adapter is somebody else's program and is treated as hostile: bounds on time, size and depth, no redirect, no id
//! and no word taken unchecked, and whose an object is, is read from its mark by us. A [`Link`] is the connection to one
//! adapter; [`External`] is what it offered when it was last asked, behind `Provider`.

mod apply;
mod assemble;
mod client;
mod convert;
mod errors;
mod normalize;
mod view;
mod wire;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;

pub use client::Credentials;

use super::budget::{Budget, BudgetSettings, LaneLimits};
use super::http::{
    Bounds, KnownNames, LoopbackEndpoints, PrivateNetworks, RequestObserver, Route, SetupError, Transport,
    TransportConfig, WriteFence,
};
use super::snapshot::Snapshot;
use super::{
    AccountCheck, Batch, Deliveries, Observation, Outcome, Provider, ProviderError, Scope, Unsupported,
};
use crate::clock;
use crate::model::{Capabilities, Desired, ExternalId};
use client::Client;
use normalize::{ConversationLimits, Offered};
use view::AccountView;

/// Requests a minute where neither the account nor the adapter says more.
const DEFAULT_REQUESTS_PER_MINUTE: u32 = 300;
/// The most requests a minute that an adapter can ask for.
const MOST_REQUESTS_PER_MINUTE: u32 = 6_000;
/// The longest wait for the budget before a store is told to come back.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// How to reach an adapter.
pub struct Config {
    /// The host, a lower-case DNS name of at least two labels.
    pub host: String,
    /// The port, where it is not 443.
    pub port: Option<u16>,
    /// The path of the URL, without a slash at its end; empty for none.
    pub base: String,
    /// Private networks that the adapter may be in.
    pub private: PrivateNetworks,
    /// Addresses that stand in for what DNS would answer.
    pub names: KnownNames,
    /// Requests a minute that we allow ourselves.
    pub requests_per_minute: Option<u32>,
    /// How long a lost write may still come about.
    pub settle: Duration,
    /// Hosts that are reached on this machine (sandbox and tests).
    pub loopback: LoopbackEndpoints,
    /// The adapter's certificate authority, in PEM, beside the public ones.
    pub extra_ca: Option<String>,
    /// Whether writes may start.
    pub fence: WriteFence,
    /// Who is told about requests.
    pub observer: Arc<dyn RequestObserver>,
    /// Bounds of one request.
    pub bounds: Bounds,
}

impl Config {
    /// The defaults for an adapter's URL.
    ///
    /// # Errors
    /// When it is no https URL with a host name, or has a query.
    pub fn new(url: &str) -> Result<Self, SetupError> {
        let parsed = url::Url::parse(url).map_err(|_| SetupError::Host)?;
        let host = parsed.host_str().unwrap_or_default().to_lowercase();
        if parsed.scheme() != "https" || host.is_empty() || parsed.query().is_some() {
            return Err(SetupError::Host);
        }
        Ok(Self {
            host,
            port: parsed.port(),
            base: parsed.path().trim_end_matches('/').to_owned(),
            private: PrivateNetworks::default(),
            names: KnownNames::default(),
            requests_per_minute: None,
            settle: Duration::from_secs(10),
            loopback: LoopbackEndpoints::default(),
            extra_ca: None,
            fence: WriteFence::unlimited(),
            observer: Arc::new(super::http::NoObserver),
            bounds: Bounds::default(),
        })
    }
}

/// The connection to one adapter, with its budget and the reading that all stores share.
pub struct Link {
    client: Client,
    snapshot: Snapshot<AccountView>,
    lost_keys: apply::LostKeys,
    /// When the last write ended: a reading must be later to show it.
    last_write: Mutex<Option<Instant>>,
    offer: Mutex<Option<(Instant, Offered)>>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(…)")
    }
}

impl Link {
    /// A connection without credentials yet: see [`Link::set_credentials`].
    ///
    /// # Errors
    /// When the host or the certificate authority cannot be used.
    pub fn new(config: Config) -> Result<Arc<Self>, SetupError> {
        let Config {
            host,
            port,
            base,
            private,
            names,
            requests_per_minute,
            settle,
            loopback,
            extra_ca,
            fence,
            observer,
            bounds,
        } = config;
        let config = TransportConfig { provider: "external", host, loopback, extra_ca, bounds, observer };
        let transport = Transport::reaching(config, Route { port, private, names })?;
        let per_minute = requests_per_minute.unwrap_or(DEFAULT_REQUESTS_PER_MINUTE);
        let budget = Budget::new(BudgetSettings { per_minute, lanes: NO_LANES, max_wait: MAX_WAIT });
        Ok(Arc::new(Self {
            client: Client::new((transport, budget), fence, base),
            snapshot: Snapshot::new(settle),
            lost_keys: apply::LostKeys::default(),
            last_write: Mutex::default(),
            offer: Mutex::default(),
        }))
    }

    /// Sets what the account's Secret holds now. To be called at every round.
    pub fn set_credentials(&self, credentials: &Credentials) {
        self.client.set_credentials(credentials);
    }

    /// What the adapter offers, asked again when the last answer is older than `max_age`. While it does not answer, what
    /// it offered before still holds: the next reading tells that it is gone.
    ///
    /// # Errors
    /// When it never answered, or its answer cannot be used.
    pub async fn negotiate(self: &Arc<Self>, max_age: Duration) -> Result<External, ProviderError> {
        let known = lock(&self.offer).clone();
        if let Some((at, offered)) = &known
            && clock::monotonic().saturating_duration_since(*at) < max_age
        {
            return Ok(External { link: Arc::clone(self), offered: offered.clone() });
        }
        let asked: Result<wire::Offer, _> = self.client.read("adapter.negotiate", "/").await;
        let offered = match (asked, known) {
            (Ok(offer), _) => self.take(&offer)?,
            (Err(ProviderError::Unavailable | ProviderError::Throttled { .. }), Some((_, offered))) => {
                return Ok(External { link: Arc::clone(self), offered });
            }
            (Err(error), _) => return Err(error),
        };
        *lock(&self.offer) = Some((clock::monotonic(), offered.clone()));
        Ok(External { link: Arc::clone(self), offered })
    }

    fn take(&self, offer: &wire::Offer) -> Result<Offered, ProviderError> {
        let (capabilities, events) = convert::capabilities(offer)?;
        if let Some(limit) = offer.requests_per_minute {
            let limit = Some(limit.clamp(1, MOST_REQUESTS_PER_MINUTE));
            self.client.budget.record(&super::budget::Signal { limit, ..Default::default() });
        }
        let conversation_limits =
            if offer.conversation_limits { ConversationLimits::Kept } else { ConversationLimits::Dropped };
        Ok(Offered { capabilities, events, conversation_limits })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The contract has one limit, the account's.
const NO_LANES: LaneLimits =
    LaneLimits { user_update_interval: Duration::ZERO, updates_per_user: 1, webhooks_per_minute: 1 };

/// An adapter with what it offers.
pub struct External {
    link: Arc<Link>,
    offered: Offered,
}

impl fmt::Debug for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("External(…)")
    }
}

impl External {
    /// Everything that was offered, as a text that is equal for equal offers.
    pub fn offer(&self) -> String {
        format!("{:?}", self.offered)
    }
}

#[async_trait]
impl Provider for External {
    fn capabilities(&self) -> &Capabilities {
        &self.offered.capabilities
    }

    fn normalize(&self, desired: Desired) -> Desired {
        normalize::normalize(&self.offered, desired)
    }

    fn unsupported(&self, desired: &Desired) -> Vec<Unsupported> {
        normalize::unsupported(&self.offered, desired)
    }

    async fn check(&self) -> Result<AccountCheck, ProviderError> {
        let _: wire::Offer = self.link.client.read("adapter.negotiate", "/").await?;
        Ok(AccountCheck {
            seats_used: self.link.snapshot.look(|_, view| view.seats_used()),
            rate_limit: self.link.client.budget.vendor_limit(),
            credentials_end: None,
        })
    }

    async fn observe(&self, scope: &Scope<'_>) -> Result<Observation, ProviderError> {
        let Link { client, snapshot, last_write, .. } = &*self.link;
        let after_write = *lock(last_write);
        let not_before = after_write.map_or(scope.not_before, |at| at.max(scope.not_before));
        let read = async || AccountView::of(client.read("objects.list", "/objects").await?);
        snapshot.refresh(&scope.stamp.store, not_before, read).await?;
        let read = snapshot.look(|started_at, view| (started_at, assemble::assemble(view, scope)));
        let (started_at, observed) = read.ok_or(ProviderError::Unavailable)?;
        Ok(Observation { observed, started_at })
    }

    async fn deliveries(&self, webhook: &ExternalId) -> Result<Deliveries, ProviderError> {
        let path = format!("/webhooks/{}/deliveries", super::http::encode(webhook.as_str()));
        let answer: wire::Deliveries = self.link.client.read("webhooks.deliveries", &path).await?;
        match answer.deliveries.as_str() {
            "NoneYet" => Ok(Deliveries::NoneYet),
            "Succeeding" => Ok(Deliveries::Succeeding),
            "Failing" => Ok(Deliveries::Failing),
            _ => Err(ProviderError::Malformed),
        }
    }

    async fn apply(&self, batch: &Batch<'_>) -> Vec<Outcome> {
        let outcomes = apply::Run::new(&self.link, batch).run().await;
        *lock(&self.link.last_write) = Some(clock::monotonic());
        if outcomes.contains(&Outcome::Unknown) {
            self.link.snapshot.record_unknown(&batch.stamp.store);
        }
        outcomes
    }
}
