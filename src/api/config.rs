//! `HumanSupportConfig`: one store's human support, as its owner declares it.
//!
//! Why: it is the one place where a store says who answers its customers, in the store's words.
//! Must not: hold a secret, an id that the operator finds out, or anything that the operator writes.

use kube::{CustomResource, KubeSchema};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::agents::{Agent, Department};
use super::config_status::HumanSupportConfigStatus;
use super::formats;
use super::hours::BusinessHours;
use super::policies::{
    AdoptionPolicy, Approval, DeletionPolicy, Drift, HumanSupport, Language, Mode, RemovalGuard,
    RemovalPolicy,
};
use super::training::Training;
use super::webhooks::Webhook;

/// The most webhooks of one store.
pub const MAX_WEBHOOKS: usize = 10;
/// The most completed steps that one store may list.
pub const MAX_COMPLETED_STEPS: usize = 500;
/// The most remote objects that one store may list for adoption.
pub const MAX_ADOPTIONS: usize = 2500;
/// The longest text of a field that must be quoted.
pub const QUOTED_TEXT_LIMIT: usize = 128;

/// Every name is part of the mark in the helpdesk, which has 255 bytes.
pub(super) const NAME_RULE: &str = "size(self.metadata.name) <= 63";
pub(super) const NAME_MESSAGE: &str = "`metadata.name` must have at most 63 characters, because it is part of the mark in the helpdesk; choose a shorter name";
pub(super) const STORE_MESSAGE: &str =
    "`store` is immutable: a resource is for one store; create another resource for the other store";
pub(super) const DISABLED_RULE: &str = "self.humanSupport != 'Disabled' || (has(self.businessHours) && has(self.businessHours.unavailableMessage))";
pub(super) const DISABLED_MESSAGE: &str = "`humanSupport: Disabled` needs `businessHours.unavailableMessage`: customers must read where else they find help";
pub(super) const DEFAULT_DEPARTMENT_RULE: &str = "!has(self.defaultDepartment) || (has(self.departments) && self.departments.exists(d, d.name == self.defaultDepartment))";
pub(super) const DEFAULT_DEPARTMENT_MESSAGE: &str =
    "`defaultDepartment` must be the `name` of an entry of `departments`";

/// One store's human support: its departments, agents, webhooks, hours and training in a helpdesk.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "humansupport.dev",
    version = "v1alpha1",
    kind = "HumanSupportConfig",
    plural = "humansupportconfigs",
    shortname = "hsc",
    category = "humansupport",
    namespaced,
    status = "HumanSupportConfigStatus",
    derive = "PartialEq",
    doc = "One store's human support: who answers its customers, in which departments, and where conversations are reported to. The operator keeps the store's helpdesk as declared here.",
    selectable = ".spec.store",
    selectable = ".spec.mode",
    selectable = ".spec.suspend",
    selectable = ".status.platform",
    validation = Rule::new(NAME_RULE).message(NAME_MESSAGE),
    printcolumn(name = "Platform", type_ = "string", json_path = ".status.platform"),
    printcolumn(name = "Store", type_ = "string", json_path = ".spec.store"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Live", type_ = "string", json_path = ".status.conditions[?(@.type==\"Live\")].status", description = "Whether a customer can reach a person now."),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Agents", type_ = "string", json_path = ".status.summary.agents"),
    printcolumn(name = "Licenses", type_ = "string", json_path = ".status.summary.licenses"),
    printcolumn(name = "Pending", type_ = "integer", json_path = ".status.summary.pending", description = "Steps that wait for a person."),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Account", type_ = "string", json_path = ".spec.accountRef.name", priority = 1),
    printcolumn(name = "Mode", type_ = "string", json_path = ".spec.mode", priority = 1),
    printcolumn(name = "Suspended", type_ = "boolean", json_path = ".spec.suspend", priority = 1),
    printcolumn(name = "Departments", type_ = "string", json_path = ".status.summary.departments", priority = 1),
    printcolumn(name = "Webhooks", type_ = "string", json_path = ".status.summary.webhooks", priority = 1),
    printcolumn(name = "Next training", type_ = "string", json_path = ".status.nextTraining", priority = 1),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1),
)]
#[x_kube(
    validation = Rule::new(DISABLED_RULE).message(DISABLED_MESSAGE).field_path(".humanSupport"),
    validation = Rule::new(DEFAULT_DEPARTMENT_RULE).message(DEFAULT_DEPARTMENT_MESSAGE).field_path(".defaultDepartment"),
)]
pub struct HumanSupportConfigSpec {
    /// The account that reaches the helpdesk. A change is a move: the old side is left only when the new one is Ready
    /// and the bot was switched over.
    pub account_ref: AccountRef,
    /// The store's account name. Immutable.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(
        validation = formats::LABEL.rule(),
        validation = Rule::new("self == oldSelf").message(STORE_MESSAGE),
    )]
    pub store: String,
    /// The language of the handover sheet: en, es or pt.
    #[serde(default)]
    pub language: Language,
    /// The WhatsApp number that customers write to.
    pub whatsapp: WhatsApp,
    /// Whether the store offers people to talk to: `Enabled`, or `Disabled`: customers read
    /// `businessHours.unavailableMessage`.
    #[serde(default)]
    pub human_support: HumanSupport,
    /// The licenses agreed with the partner. Absent: a step for a person. A lower number always waits for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Licenses")]
    pub licenses: Option<Licenses>,
    /// The departments. At most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub departments: Vec<Department>,
    /// The department where conversations land, by its `name`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub default_department: Option<String>,
    /// The people who answer. At most 2,000; use server-side apply for large lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2000))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub agents: Vec<Agent>,
    /// The handlers that are told about conversations. At most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub webhooks: Vec<Webhook>,
    /// The tag that joins the bot's conversations to the webhooks. Two stores of one account need two tags.
    #[serde(default = "default_conversation_tag")]
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::TAG.rule())]
    pub conversation_tag: String,
    /// When people answer, and what customers read otherwise. Absent: the helpdesk's hours are left alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BusinessHours")]
    pub business_hours: Option<BusinessHours>,
    /// The training of the agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Training")]
    pub training: Option<Training>,
    /// The steps that people have done, with the value that `status.pendingSteps` showed. At most 500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 500))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub completed_steps: Vec<CompletedStep>,
    /// Remote objects to take over as entries of this resource. `import` writes these. At most 2,500.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2500))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["kind".into(), "name".into()]))]
    pub adopt: Vec<Adoption>,
    /// What the operator does: `Enforce`, `Observe` (plan into the status, no write) or `Retire` (off-board: remove
    /// what was created, release what was adopted).
    #[serde(default)]
    pub mode: Mode,
    /// Whether plans are carried out at once (`Auto`) or wait for the approval of their digest (`Manual`).
    #[serde(default)]
    pub approval: Approval,
    /// Whether existing objects may be taken over: `Never` or `IfUnowned` (exact matches that nobody owns).
    #[serde(default)]
    pub adoption_policy: AdoptionPolicy,
    /// What happens to an agent taken out of the list: `Deactivate`, `Leave` or `Delete`.
    #[serde(default)]
    pub removal_policy: RemovalPolicy,
    /// What happens in the helpdesk when this resource is deleted: `Orphan`, `Deactivate` or `Delete`.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// When a plan that removes agents must wait for approval.
    #[serde(default)]
    pub removal_guard: RemovalGuard,
    /// What happens to changes that people make in the helpdesk.
    #[serde(default)]
    pub drift: Drift,
    /// Stops all work on this store while true. The status keeps what it was.
    #[serde(default)]
    pub suspend: bool,
    /// How often the helpdesk is compared with this resource, from 1m to 24h, such as `1h`.
    #[serde(default = "default_resync_period")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::RESYNC_PERIOD.rule())]
    pub resync_period: String,
}

fn default_conversation_tag() -> String {
    "vtex-chatbot".into()
}

fn default_resync_period() -> String {
    "1h".into()
}

/// The kind of an account: `HelpdeskAccount` of the same namespace, or `ClusterHelpdeskAccount`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum AccountKind {
    /// An account of the store's namespace.
    HelpdeskAccount,
    /// An account for the namespaces that it admits.
    ClusterHelpdeskAccount,
}

/// Names an account. It has no namespace on purpose: a namespaced account serves its own namespace only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountRef {
    /// `HelpdeskAccount` (of the same namespace) or `ClusterHelpdeskAccount`.
    pub kind: AccountKind,
    /// The name of the account.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::OBJECT_NAME.rule())]
    pub name: String,
}

/// The WhatsApp number that customers write to. The step `IntegrateWhatsApp` must be completed for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct WhatsApp {
    /// The number in E.164 form, in quotes, such as "+551140028922".
    #[schemars(schema_with = "quoted_text")]
    #[x_kube(
        validation = formats::QUOTED_PHONE_NUMBER.rule(),
        validation = formats::FULL_PHONE_NUMBER.rule(),
        validation = formats::PHONE_NUMBER.rule(),
    )]
    pub phone_number: String,
}

/// The licenses agreed with the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Licenses {
    /// How many agents may be active at the same time. 1 to 10000.
    #[schemars(range(min = 1, max = 10000))]
    pub quantity: i32,
}

/// A step that a person has done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompletedStep {
    /// The name of the step, such as `IntegrateWhatsApp`.
    #[schemars(length(min = 1, max = 127))]
    #[x_kube(validation = formats::STEP_NAME.rule())]
    pub name: String,
    /// The value the step had in `status.pendingSteps`, in quotes. When that value changes, the step is open again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = QUOTED_TEXT_LIMIT))]
    pub value: Option<String>,
}

/// The kind of a remote object that can be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum AdoptionKind {
    /// A department (Zendesk: a group).
    Department,
    /// An agent (Zendesk: a user).
    Agent,
    /// A webhook (Zenvia: a subscription).
    Webhook,
    /// A trigger of a webhook, or the routing trigger.
    Trigger,
    /// The ticket field for the WhatsApp number.
    TicketField,
    /// The schedule of business hours.
    Schedule,
}

/// A remote object to take over as an entry of this resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Adoption {
    /// What it is: Department, Agent, Webhook, Trigger, TicketField or Schedule.
    pub kind: AdoptionKind,
    /// The entry it becomes, such as `conversation-handler/AgentReplied` for a trigger.
    #[schemars(length(min = 1, max = 127))]
    pub name: String,
    /// Its id in the helpdesk, in quotes.
    #[schemars(length(min = 1, max = QUOTED_TEXT_LIMIT))]
    pub id: String,
}

/// Text that YAML turns into a number when it is not quoted. The schema lets the number in, so that a rule can say
/// "quote it" instead of the API server's "must be of type string"; the rule then refuses it. Not for entries of lists:
/// Kubernetes 1.33 counts such a value as text without a bound, and refuses a rule that reads it many times.
pub(super) fn quoted_text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "x-kubernetes-int-or-string": true, "minLength": 1, "maxLength": QUOTED_TEXT_LIMIT })
}
