//! What the operator says about a store: the status of `HumanSupportConfig`.
//!
//! Why: the status is the only place where people and machines learn what happened, so each list is bounded and its
//! text is stable from round to round.
//! Must not: hold a secret or a digest of one, remote text, times or counters that change without a cause.
#![allow(
    dead_code,
    reason = "of a type with `remote`, the derive of the schema makes a copy that nobody reads"
)]

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::conditions::Condition;

/// The most problems, plan lines and so on that are listed; beyond that there is a count.
pub const MAX_LISTED: usize = 20;
/// The most steps that wait for a person that are listed.
pub const MAX_PENDING_STEPS: usize = 100;

/// The most steps of an approval that are listed.
pub const MAX_APPROVED_STEPS: usize = 2000;

/// The state of a store, as the operator last saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", remote = "Self")]
pub struct HumanSupportConfigStatus {
    /// Whether a newer version of the operator wrote it, so that nothing of it was read (`stored_status.rs`).
    #[serde(skip)]
    #[schemars(skip)]
    pub is_outrun: bool,
    /// The generation of the spec that this status is about. -1 until the operator has seen the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The state in conditions. `Ready` and `Live` are the summaries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The platform of the account: Zendesk, Zenvia or External.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Platform")]
    pub platform: Option<Platform>,
    /// What the columns of `kubectl get` show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Summary")]
    pub summary: Option<Summary>,
    /// The accounts this store has objects in. Written before the first write to a new one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["account".into()]))]
    pub bindings: Vec<Binding>,
    /// Remote objects that are this store's and can carry no mark.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5000))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["account".into(), "kind".into(), "name".into()]))]
    pub claims: Vec<Claim>,
    /// The webhooks in the helpdesk, with the version of the Secret their token came from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub webhooks: Vec<WebhookStatus>,
    /// What the store passes on to whoever runs its bot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["kind".into(), "name".into()]))]
    pub handover: Vec<HandoverItem>,
    /// What waits for a person, at most 100. `summary.pending` counts all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub pending_steps: Vec<PendingStep>,
    /// What is wrong with single entries, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["kind".into(), "name".into()]))]
    pub problems: Vec<Problem>,
    /// How many problems there are, those that are not listed included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub problem_count: Option<i32>,
    /// What is left to do, in short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PlanStatus")]
    pub plan: Option<PlanStatus>,
    /// What a person approved and is not done yet. Recorded before the first call of an approved plan, so that the rest
    /// of it goes on after a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ApprovalStatus")]
    pub approval: Option<ApprovalStatus>,
    /// When the next training session starts, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub next_training: Option<String>,
    /// What must be remembered of the training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TrainingStatus")]
    pub training: Option<TrainingStatus>,
    /// The value of the annotation `humansupport.dev/reconcile-requested-at` that was last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub last_handled_reconcile_at: Option<String>,
}

/// A helpdesk product: Zendesk, Zenvia, or External (another platform through an adapter).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Platform {
    /// Zendesk.
    Zendesk,
    /// Zenvia Chat.
    Zenvia,
    /// Another platform through an adapter.
    External,
}

/// Numbers for the columns, as text because columns cannot join fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Agents as declared, of those declared, such as `2/2`.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub agents: String,
    /// Licenses in use, of those agreed, such as `2/12`.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub licenses: String,
    /// Departments as declared, of those declared.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub departments: String,
    /// Webhooks as declared, of those declared.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub webhooks: String,
    /// How many steps wait for a person.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub pending: i32,
}

/// Whether an account is one the store is being set up in (`Joining`: removals wait for one approval), its present one
/// (`Active`) or one it moves away from (`Leaving`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum BindingPhase {
    /// The store is being set up in this account for the first time, or anew: removals wait for one approval.
    Joining,
    /// The store's present account.
    Active,
    /// The account the store moves away from.
    Leaving,
}

/// An account in which this store has objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// Kind and name of the account, such as `HelpdeskAccount/zendesk`.
    #[schemars(length(max = 128))]
    pub account: String,
    /// The host of the helpdesk.
    #[schemars(length(max = 253))]
    pub host: String,
    /// `Joining`, `Active` or `Leaving`.
    pub phase: BindingPhase,
    /// The number of licenses that was last written there. Only where the helpdesk takes a number that nobody can read
    /// back (Zenvia).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "i64", range(min = 0))]
    pub applied_licenses: Option<i64>,
}

/// A remote object that is this store's although it can carry no mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The account the object is in, as in `bindings`, where the store moves away from it. Empty: its present account.
    #[schemars(length(max = 128))]
    pub account: String,
    /// The kind of the entry, such as `Agent`.
    #[schemars(length(max = 32))]
    pub kind: String,
    /// The key of the entry in the spec.
    #[schemars(length(max = 127))]
    pub name: String,
    /// The id in the helpdesk. Absent while the object is being created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub id: Option<String>,
    /// How it became this store's. Absent: it was taken over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ClaimOrigin")]
    pub origin: Option<ClaimOrigin>,
    /// The profile that was written last, where the helpdesk may not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "super::agents::Profile")]
    pub profile: Option<super::agents::Profile>,
    /// The `maxConversations` that was written last, where the helpdesk may not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max_conversations: Option<i32>,
}

/// How a remote object became this store's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ClaimOrigin {
    /// The operator created it.
    Created,
    /// It was there and was taken over.
    Adopted,
}

/// A webhook in the helpdesk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookStatus {
    /// The key of the webhook in the spec.
    #[schemars(length(max = 63))]
    pub name: String,
    /// The id in the helpdesk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub id: Option<String>,
    /// Uid and resource version of the Secret whose token was written last. Never a digest of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub secret_version: Option<String>,
}

/// Something the store passes on to whoever runs its bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct HandoverItem {
    /// What it is, such as `TicketField`.
    #[schemars(length(max = 32))]
    pub kind: String,
    /// Which one, such as `whatsapp-number`.
    #[schemars(length(max = 127))]
    pub name: String,
    /// Its id or value in the helpdesk.
    #[schemars(length(max = 256))]
    pub id: String,
}

/// Who does a step: the store's people, whoever sells or runs the helpdesk account, whoever runs the operator, or
/// whoever runs the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum StepOwner {
    /// The store's own people.
    Store,
    /// Whoever sells or runs the helpdesk account.
    Partner,
    /// Whoever runs the operator and its cluster.
    PlatformTeam,
    /// Whoever runs the bot.
    BotOperator,
}

/// What proves a step done: an entry of `spec.completedSteps` with the value that the step shows, or what the operator
/// sees by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum StepProof {
    /// An entry of `spec.completedSteps` with the step's value. When that value changes, the step is open again.
    CompletedStep,
    /// The operator sees it; `spec.completedSteps` neither closes nor opens it.
    Observed,
}

/// Something that only a person can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingStep {
    /// The name to write into `spec.completedSteps`.
    #[schemars(length(max = 127))]
    pub name: String,
    /// The value to write into `spec.completedSteps`, in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub value: Option<String>,
    /// Whether customers cannot reach a person until it is done.
    pub blocks_live: bool,
    /// Who does it: `Store`, `Partner`, `PlatformTeam` (whoever runs the operator) or `BotOperator`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "StepOwner")]
    pub who: Option<StepOwner>,
    /// What proves it done: `CompletedStep` (an entry of `spec.completedSteps` with this value) or `Observed` (the
    /// operator sees it by itself).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "StepProof")]
    pub proof: Option<StepProof>,
    /// Why it is needed.
    #[schemars(length(max = 1024))]
    pub why: String,
    /// What to do.
    #[schemars(length(max = 1024))]
    pub how: String,
}

/// What must be remembered of the training, because the declaration does not say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingStatus {
    /// The sessions that were seen as held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100), inner(length(max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub held: Vec<String>,
    /// The agents, by their `name`, who were in the audience of a session when it was held. Whoever is not listed came
    /// later.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2000), inner(length(max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub trained: Vec<String>,
    /// Up to when reminders were told, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 32))]
    pub reminded_until: Option<String>,
}

/// What is wrong with one entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The kind of the entry, such as `Agent`.
    #[schemars(length(max = 32))]
    pub kind: String,
    /// The key of the entry in the spec. Never an e-mail address.
    #[schemars(length(max = 127))]
    pub name: String,
    /// One word for what is wrong, such as `EmailTaken`.
    #[schemars(length(max = 64))]
    pub reason: String,
    /// What is wrong and what to do.
    #[schemars(length(max = 1024))]
    pub message: String,
}

/// What is left to do, in short. `humansupport plan` shows all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanStatus {
    /// The digest to approve, over the steps that are held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub digest: Option<String>,
    /// How many changes are to be made.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub changes: i32,
    /// How many changes are held.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub held: i32,
    /// The first 20 lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(max = 512)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub lines: Vec<String>,
}

/// What a person approved: it lasts until its steps are done or the generation changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApprovalStatus {
    /// The generation it was given for.
    pub generation: i64,
    /// The changes it covers, such as `delete Agent/ana`; at most 2,000 and 80 kB. What is not listed waits for a person
    /// again after a restart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2000), inner(length(max = 192)))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub steps: Vec<String>,
}
