//! How we read and change a helpdesk: the interface every vendor implements, and what vendors share.
//!
//! Vendor words stop at a vendor's `convert`. A provider must not decide: it observes, and applies the steps it is
//! given.

pub mod budget;
mod error;
pub mod external;
pub mod http;
pub mod memory;
pub mod snapshot;
mod writing;
pub mod zendesk;
pub mod zenvia;

use std::collections::BTreeMap;
use std::time::Instant;

use async_trait::async_trait;

pub use error::ProviderError;

use crate::model::{
    Capabilities, Claims, Desired, ExternalId, ObjectKey, Observed, SecretVersion, Stamp, WebhookKey,
};
use crate::plan::Step;

/// A helpdesk account that we can read and change.
#[async_trait]
pub trait Provider: Send + Sync {
    /// What this helpdesk can do.
    fn capabilities(&self) -> &Capabilities;

    /// Turns a declaration into what the helpdesk will hold and echo back (pure): documented bodies are filled in,
    /// fields it has no place for are dropped, kinds it does not have are removed.
    fn normalize(&self, desired: Desired) -> Desired;

    /// What of a declaration this helpdesk has no place for (pure): what `normalize` drops, entry by entry.
    fn unsupported(&self, desired: &Desired) -> Vec<Unsupported>;

    /// Checks that the credentials are accepted and may act for us, and what is known of the account.
    ///
    /// # Errors
    /// When they are not, or the helpdesk does not answer.
    async fn check(&self) -> Result<AccountCheck, ProviderError>;

    /// What `check` checks and what only `doctor` asks: scopes, clock, how much of the rate limit is left.
    ///
    /// # Errors
    /// As `check`.
    async fn examine(&self) -> Result<Examination, ProviderError> {
        Ok(Examination { check: self.check().await?, ..Examination::default() })
    }

    /// Reads what concerns one store, from a complete reading of the account.
    ///
    /// # Errors
    /// When the reading is not complete or not late enough; never a partial result.
    async fn observe(&self, scope: &Scope<'_>) -> Result<Observation, ProviderError>;

    /// Everything that the account holds, whosever it is, in the form in which `observe` answers one store: for `import`,
    /// and for nothing that writes. Other stores' objects, and those of nobody, say so by their owner; ends of
    /// memberships that are not ours are named by their id. `None` where this helpdesk cannot be surveyed.
    ///
    /// # Errors
    /// As for `observe`.
    async fn survey(&self, _stamp: &Stamp) -> Result<Option<Observed>, ProviderError> {
        Ok(None)
    }

    /// Whether the helpdesk's latest calls to a webhook's handler succeeded.
    ///
    /// # Errors
    /// When the helpdesk does not tell.
    async fn deliveries(&self, webhook: &ExternalId) -> Result<Deliveries, ProviderError>;

    /// Applies steps in order. Answers one outcome for each step, in the same order.
    async fn apply(&self, batch: &Batch<'_>) -> Vec<Outcome>;
}

/// A part of a declaration that a helpdesk has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The entry.
    pub object: ObjectKey,
    /// What cannot be kept, and what to do.
    pub message: String,
    /// How much of it is lost.
    pub loss: Loss,
}

/// How much of an entry a helpdesk has no place for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// All of it: what was asked for does not happen.
    Entry,
    /// A detail; the rest is kept.
    Detail,
}

/// Whether a handler is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deliveries {
    /// It was not called lately.
    NoneYet,
    /// Most of the latest calls succeeded.
    Succeeding,
    /// Most of the latest calls failed: customers are not answered.
    Failing,
    /// The helpdesk slowed the calls down after failures (`WebhookDegraded`).
    Degraded,
}

/// What is known of an account as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountCheck {
    /// Seats in use; `None` where no reading was made yet.
    pub seats_used: Option<u32>,
    /// The vendor's rate limit in requests a minute; `None` where no answer named it yet.
    pub rate_limit: Option<u32>,
    /// The date on which the kind of credentials in use ends, if it does.
    pub credentials_end: Option<&'static str>,
}

/// What a person wants to know of an account who looks for what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// What is checked anyway.
    pub check: AccountCheck,
    /// What the token may do, in the vendor's words; `None` where the vendor does not tell.
    pub scopes: Option<String>,
    /// How far the helpdesk's clock is ahead of ours; `None` where no answer told its time.
    pub clock_skew: Option<jiff::SignedDuration>,
    /// Requests that are left of the rate limit in this minute.
    pub rate_remaining: Option<u32>,
}

/// Which part of an account is asked for, and how fresh.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// How the store's marks look.
    pub stamp: &'a Stamp,
    /// What the store declares, normalized: look-alikes of it are part of the answer.
    pub desired: &'a Desired,
    /// Objects that can carry no mark and were claimed in the status, by their object.
    pub claims: &'a Claims,
    /// The license quantity that was applied to this side last, as the status says; for helpdesks that do not show it.
    pub applied_licenses: Option<u32>,
    /// Foreign objects that a person named for adoption: part of the answer whatever they look like.
    pub named: &'a BTreeMap<ObjectKey, ExternalId>,
    /// The reading must have started at this moment or later.
    pub not_before: Instant,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What concerns the store.
    pub observed: Observed,
    /// When the reading started (our own writes since then are part of it).
    pub started_at: Instant,
}

/// Steps to apply, with what they need.
pub struct Batch<'a> {
    /// How the store's marks look.
    pub stamp: &'a Stamp,
    /// The steps, in order.
    pub steps: &'a [Step],
    /// What they were planned from: ids of existing objects.
    pub observed: &'a Observed,
    /// The handlers' tokens, for steps that write one.
    pub tokens: &'a BTreeMap<WebhookKey, Token>,
}

/// A secret that goes to a helpdesk. It prints nothing and is wiped when dropped.
pub struct Token {
    text: zeroize::Zeroizing<String>,
    version: SecretVersion,
}

impl Token {
    /// Takes a token read from the Secret of this version.
    pub fn new(text: String, version: SecretVersion) -> Self {
        Self { text: zeroize::Zeroizing::new(text), version }
    }

    /// The token itself, for the request that carries it and nothing else.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The version of the Secret it was read from.
    pub fn version(&self) -> &SecretVersion {
        &self.version
    }
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done; the id of the object, where it has one.
    Applied(Option<ExternalId>),
    /// Done as far as can be known: it cannot be read back.
    AppliedUnverified,
    /// Surely not done.
    NotApplied(ProviderError),
    /// Not tried: it leans on a step that was not applied.
    Skipped(ObjectKey),
    /// The answer was lost: it may or may not have been done. Leads to an observation, never to a second try.
    Unknown,
}

impl Outcome {
    /// Whether the reading that the step was planned on does not hold any more: an answer was lost, or somebody else was
    /// faster. The same step planned again on the same reading would end the same way.
    pub fn outdates_the_reading(&self) -> bool {
        matches!(self, Self::Unknown | Self::NotApplied(ProviderError::Conflict | ProviderError::Gone))
    }
}
