//! What a store's owner allows the operator to do: mode, approval, adoption, removal, deletion, drift.
//!
//! Why one file: these are the words of the policy table, and a reader compares them side by side.
//! Must not: decide anything; the planner reads these values.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the operator does with the store: `Enforce` writes what is declared, `Observe` plans into the status and
/// writes nothing, `Retire` off-boards: it removes what it created and releases what it adopted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Mode {
    /// Write what is declared.
    #[default]
    Enforce,
    /// Plan into the status, write nothing to the helpdesk.
    Observe,
    /// Remove what was created, release what was adopted.
    Retire,
}

/// Whether a plan is carried out at once (`Auto`) or waits until its digest is approved (`Manual`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Approval {
    /// Plans are carried out at once.
    #[default]
    Auto,
    /// A plan waits for the annotation that approves its digest.
    Manual,
}

/// Whether objects that already exist may be taken over: `Never`, or `IfUnowned`: exact matches that nobody owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AdoptionPolicy {
    /// Existing objects are never taken over.
    #[default]
    Never,
    /// Exact matches that nobody owns are taken over.
    IfUnowned,
}

/// What happens to an agent taken out of the list: `Deactivate`, `Leave` (the mark is removed, the person stays) or
/// `Delete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RemovalPolicy {
    /// Access ends at once, the account of the person stays.
    #[default]
    Deactivate,
    /// The person stays as they are; the operator's mark is removed.
    Leave,
    /// The person's account in the helpdesk is deleted.
    Delete,
}

/// What happens in the helpdesk when the resource is deleted: `Orphan` (all is kept), `Deactivate` or `Delete`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// Everything is kept.
    #[default]
    Orphan,
    /// Agents and webhooks are deactivated, departments are kept.
    Deactivate,
    /// What the operator created is deleted.
    Delete,
}

/// Whether the store offers people to talk to: `Enabled`, or `Disabled`: customers read
/// `businessHours.unavailableMessage`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HumanSupport {
    /// Customers reach a person.
    #[default]
    Enabled,
    /// Customers read the unavailable message instead.
    Disabled,
}

/// The language of the handover sheet: English, Spanish or Portuguese.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Spanish.
    Es,
    /// Portuguese.
    #[default]
    Pt,
}

/// When a plan of removals must wait for approval. It waits when the agents it removes or deactivates are at least
/// `minCount` and more than `maxPercent` of the agents held, or more than `maxCount`, or would leave the default
/// department empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemovalGuard {
    /// Below this number of removed agents the percentage is not looked at. 0 to 2000.
    #[serde(default = "RemovalGuard::default_min_count")]
    #[schemars(range(min = 0, max = 2000))]
    pub min_count: i32,
    /// The share of the agents held that may be removed without approval, in percent. 0 to 100.
    #[serde(default = "RemovalGuard::default_max_percent")]
    #[schemars(range(min = 0, max = 100))]
    pub max_percent: i32,
    /// The number of agents that may be removed without approval, whatever the percentage. 0 to 2000.
    #[serde(default = "RemovalGuard::default_max_count")]
    #[schemars(range(min = 0, max = 2000))]
    pub max_count: i32,
}

impl RemovalGuard {
    fn default_min_count() -> i32 {
        3
    }

    fn default_max_percent() -> i32 {
        30
    }

    fn default_max_count() -> i32 {
        10
    }
}

impl Default for RemovalGuard {
    fn default() -> Self {
        Self {
            min_count: Self::default_min_count(),
            max_percent: Self::default_max_percent(),
            max_count: Self::default_max_count(),
        }
    }
}

/// What happens when a person changes something in the helpdesk: `Correct` (it is set back) or `Report` (the change
/// stays and is shown).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DriftPolicy {
    /// The declared value is written again.
    #[default]
    Correct,
    /// The person's change stays and is shown in the status.
    Report,
}

/// What to do about changes that people make in the helpdesk, by kind of object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// Name, e-mail, profile and activity of agents.
    #[serde(default)]
    pub agents: DriftPolicy,
    /// Who belongs to which department.
    #[serde(default)]
    pub memberships: DriftPolicy,
    /// Names and descriptions of departments.
    #[serde(default)]
    pub departments: DriftPolicy,
    /// Webhooks and the triggers that feed them.
    #[serde(default)]
    pub webhooks: DriftPolicy,
}
