//! What one round came to: the values that the phases hand on to the report.
//!
//! Plain data: it must not hold a client, a secret or a time of day.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::api::config_status::{Claim, Platform};
use crate::model::{
    Capabilities, Desired, ExternalId, ObjectKey, Observed, PendingStep, Reason, SecretVersion, StepName,
    WebhookKey,
};
use crate::plan::{Action, Plan};
use crate::provider::{Loss, Outcome, ProviderError, Unsupported};

/// What one round came to.
#[derive(Clone, Debug)]
pub enum Round {
    /// The resource says to do nothing.
    Suspended,
    /// A phase could not go on; nothing was written after it.
    Blocked(Blocked),
    /// The helpdesk was read, and what could be done was done.
    Planned(Box<Planned>),
}

/// Why a round could not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// What a person looks up.
    pub reason: Reason,
    /// What is wrong and what to do, byte-stable.
    pub message: String,
    /// Whether trying again may help.
    pub retry: Retry,
    /// What is known of the account by then.
    pub side: Option<Side>,
}

/// Whether trying again may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not before the spec, a Secret or an annotation changes: looked at again at the resync.
    AtResync,
    /// A Secret is awaited: looked at every 30 seconds.
    ForSecret,
    /// With growing pauses.
    BackOff,
    /// A person must do this step first; it is shown with the others.
    ForPerson(StepName),
    /// At this pause.
    After(Duration),
}

/// The side of a store: one account it has objects in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Kind and name of the account, as in `status.bindings`.
    pub account: String,
    /// The host of the helpdesk.
    pub host: String,
    /// The product.
    pub platform: Platform,
}

/// What was read, planned and done.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Where.
    pub side: Side,
    /// What is declared, as the helpdesk will hold it.
    pub desired: Desired,
    /// What the helpdesk held at the end of the round.
    pub observed: Observed,
    /// What is left to do at the end of the round: nothing, when all went well.
    pub plan: Plan,
    /// What was tried, in order.
    pub done: Vec<Done>,
    /// Steps for people that are not completed.
    pub pending: Vec<PendingStep>,
    /// Ids that people hand on or that can carry no mark.
    pub ids: Ids,
    /// Problems of single entries that no held step shows (an event the helpdesk cannot deliver, …).
    pub problems: Vec<EntryProblem>,
    /// Webhooks whose Secret does not exist yet.
    pub missing_tokens: BTreeSet<WebhookKey>,
    /// Webhooks whose handler is not reached, as last looked at.
    pub failing_webhooks: BTreeSet<WebhookKey>,
    /// Objects that can carry no mark and are this store's.
    pub claims: Vec<Claim>,
    /// The license quantity that was last written to this side, where nobody can read it back.
    pub applied_licenses: Option<u32>,
    /// What the helpdesk can do.
    pub capabilities: Capabilities,
    /// What is wrong with the handover sheet.
    pub sheet_problem: Option<(Reason, String)>,
    /// Former accounts that were left in this round, as in `status.bindings`.
    pub left_sides: Vec<String>,
    /// Whether the operator wrote, or only looked.
    pub stance: Stance,
}

/// A step that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The object.
    pub object: ObjectKey,
    /// What was to be done.
    pub action: Action,
    /// The names of the fields that were to change.
    pub fields: Vec<String>,
    /// What came of it.
    pub outcome: Outcome,
}

impl Done {
    /// The error, when it was surely not done.
    pub fn error(&self) -> Option<&ProviderError> {
        match &self.outcome {
            Outcome::NotApplied(error) => Some(error),
            Outcome::Applied(_) | Outcome::AppliedUnverified | Outcome::Skipped(_) | Outcome::Unknown => None,
        }
    }
}

/// Ids for the status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// The phone field's id.
    pub phone_field: Option<ExternalId>,
    /// Webhook ids by binding, with the Secret version that was written last.
    pub webhooks: BTreeMap<WebhookKey, (ExternalId, Option<SecretVersion>)>,
    /// The default department's id.
    pub default_department: Option<ExternalId>,
}

/// A problem of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryProblem {
    /// Which entry.
    pub object: ObjectKey,
    /// What a person looks up.
    pub reason: Reason,
    /// What is wrong and what to do.
    pub message: String,
    /// Whether the store can be ready in spite of it.
    pub bearing: Bearing,
}

impl EntryProblem {
    /// A problem that keeps the store from being ready.
    pub fn blocking(object: ObjectKey, (reason, message): (Reason, String)) -> Self {
        Self { object, reason, message, bearing: Bearing::Blocks }
    }
}

impl From<Unsupported> for EntryProblem {
    fn from(unsupported: Unsupported) -> Self {
        let bearing = match unsupported.loss {
            Loss::Entry => Bearing::Blocks,
            Loss::Detail => Bearing::Informs,
        };
        let Unsupported { object, message, loss: _ } = unsupported;
        Self { object, reason: Reason::UnsupportedByProvider, message, bearing }
    }
}

/// Whether a store can be ready in spite of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearing {
    /// It cannot.
    Blocks,
    /// It can: people should know, that is all.
    Informs,
}

/// Whether the operator wrote, or only looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stance {
    /// Mode Enforce: steps are carried out.
    Enforcing,
    /// Mode Observe, or a read-only operator: steps are shown.
    Watching,
    /// Mode Retire.
    Retiring,
}
