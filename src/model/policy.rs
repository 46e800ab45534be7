//! Policy: what the resource, the account and the state of affairs allow the planner to do.
//!
//! Every decision input that is neither declared structure nor observed state is here, as a value.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{DepartmentKey, Email, ExternalId, Kind, ObjectKey, Reason};

/// Everything that limits a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether the store lives, is off-boarded or deleted.
    pub lifecycle: Lifecycle,
    /// What happens to an agent that is taken out of the list.
    pub removal: RemovalPolicy,
    /// Whether exact matches that nobody owns are taken over.
    pub adoption: AdoptionPolicy,
    /// Remote objects that a person named for take-over, by the entry they become.
    pub adopt: BTreeMap<ObjectKey, ExternalId>,
    /// The brake on mass removal.
    pub guard: RemovalGuard,
    /// Whether a plan waits for a person.
    pub approval: Approval,
    /// The digest a person approved (`sha256:…`), valid for this generation.
    pub approved: Option<String>,
    /// Whether this resource has a recorded history; without one, removals wait for one approval.
    pub history: History,
    /// Whether creates and webhooks may be written.
    pub gate: Gate,
    /// Whether the absence of an object is proven.
    pub absence: Absence,
    /// What to do with changes that people made in the helpdesk.
    pub drift: DriftPolicy,
    /// How many people may be active.
    pub seats: SeatBudget,
    /// What the helpdesk can do.
    pub capabilities: Capabilities,
    /// Objects that may not be written, with the reason (a conflict with an older store, …).
    pub blocked: BTreeMap<ObjectKey, Reason>,
    /// Profiles above what the account allows are blocked through `blocked`; this is the department that must keep
    /// an active agent.
    pub default_department: Option<DepartmentKey>,
    /// Agents whose last day has passed: their removal was approved when it was merged and does not count for the guard.
    pub expired_agents: BTreeSet<Email>,
}

/// The life of a store's resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lifecycle {
    /// Declared and alive.
    Living,
    /// Mode Retire: what we created is removed, what was adopted is released.
    Retiring,
    /// The resource is being deleted, or the store has moved away and this is its old side.
    Deleting(DeletionPolicy),
}

/// What happens to an agent that is taken out of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RemovalPolicy {
    /// Access ends, the account stays.
    Deactivate,
    /// The account stays as it is, without our mark.
    Leave,
    /// The account is deleted; an adopted one is deactivated.
    Delete,
}

/// What happens to the helpdesk's objects when the resource is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeletionPolicy {
    /// Everything stays.
    Orphan,
    /// Access and webhooks end, objects stay.
    Deactivate,
    /// What we created is deleted.
    Delete,
}

/// Whether existing objects that nobody owns are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AdoptionPolicy {
    /// Not even those named in `adopt`: the account forbids adoption.
    Forbidden,
    /// Only those named in `adopt`.
    Never,
    /// Exact matches too.
    IfUnowned,
}

/// The brake on mass removal (`api.md`, Removal guard).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RemovalGuard {
    /// Fewer removals than this never wait.
    pub min_count: u32,
    /// More than this percentage of the agents we hold waits.
    pub max_percent: u32,
    /// More than this number waits.
    pub max_count: u32,
}

/// Whether a plan waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Approval {
    /// It does not.
    Auto,
    /// Every plan waits until its digest is approved.
    Manual,
}

/// Whether the resource has a recorded history with this account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum History {
    /// A first round: new, restored or re-created.
    Unrecorded,
    /// An earlier round was recorded in the status.
    Recorded,
}

/// Whether creates and webhooks may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Gate {
    /// They may.
    Open,
    /// They wait, for this reason.
    Closed(Reason),
}

/// Whether the reading of the account is late enough to prove that something is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Absence {
    /// It started after the last unknown outcome and the settle window.
    Proven,
    /// It did not: creates wait.
    Unproven,
}

/// What to do with a change that a person made in the helpdesk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Drift {
    /// Undo it.
    Correct,
    /// Show it.
    Report,
}

/// `Drift` by family of kinds, and whether differences are drift at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DriftPolicy {
    /// Agents.
    pub agents: Drift,
    /// Memberships.
    pub memberships: Drift,
    /// Departments.
    pub departments: Drift,
    /// Webhooks, routes, routing rules, fields and hours.
    pub webhooks: Drift,
    /// Whether this generation was in sync before: only then is a difference a person's change.
    pub was_in_sync: WasInSync,
}

/// Whether the declared state of this generation was reached before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WasInSync {
    /// Not yet: differences are our own work to do.
    NotYet,
    /// Yes: differences come from people.
    Before,
}

/// How many people may be active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SeatBudget {
    /// The store's agreed licenses; `None` where not declared.
    pub licenses: Option<u32>,
    /// The account's ceiling for one store.
    pub per_store: Option<u32>,
    /// The account's ceiling for everybody on it.
    pub account: Option<u32>,
    /// The most agents that the vendor's plan of the account allows; `None`: unlimited.
    pub plan: Option<u32>,
}

/// What a helpdesk can do, kind by kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// The support of each kind; a kind that is not listed is `Support::None`.
    pub kinds: BTreeMap<Kind, Support>,
    /// Whether a suspended agent still holds a seat and is dismissed in a second step.
    pub access_after_removal: AccessAfterRemoval,
    /// Kinds whose objects can carry no mark, or whose marks the helpdesk may hide: what is ours of them is recorded
    /// as claims before the first call.
    pub claimed: BTreeSet<Kind>,
}

/// What can be done with a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Support {
    /// Read, created, updated and removed.
    Managed,
    /// Read, created and updated; a removal deactivates.
    NoRemoval,
    /// Read, created and updated; whether it is active only a person can change.
    CreateAndUpdate,
    /// Written, never read back.
    WriteOnly,
    /// Read only: a person does the rest.
    CompareOnly,
    /// A number to stay within, nothing to write.
    BudgetOnly,
    /// Nothing.
    None,
}

/// How an agent's access ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AccessAfterRemoval {
    /// Suspended at once, dismissed when no conversation is assigned or after a day (`api.md`, Policies).
    #[default]
    SuspendThenDismiss,
    /// Dismissed at once.
    Dismiss,
}

impl Capabilities {
    /// The support of `kind`.
    pub fn of(&self, kind: Kind) -> Support {
        self.kinds.get(&kind).copied().unwrap_or(Support::None)
    }
}
