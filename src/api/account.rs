//! `HelpdeskAccount` and `ClusterHelpdeskAccount`: how to reach a helpdesk, and what stores may ask of it.
//!
//! Why two kinds: the pair follows Issuer and ClusterIssuer. The namespaced one reads its Secret in its own
//! namespace; the cluster one reads Secrets in the operator's namespace and admits namespaces by label.
//! Must not: hold a credential, or a URL of a known vendor: hosts are built from validated labels.

use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account_status::HelpdeskAccountStatus;
use super::agents::Profile;
use super::config::{NAME_MESSAGE, NAME_RULE, quoted_text};
use super::formats;
use super::namespaces::NamespaceSelector;
use super::webhooks::SecretRef;

pub(super) const ONE_PLATFORM_RULE: &str =
    "[has(self.zendesk), has(self.zenvia), has(self.external)].filter(present, present).size() == 1";
pub(super) const ONE_PLATFORM_MESSAGE: &str =
    "give exactly one of `zendesk`, `zenvia` and `external`: an account is on one platform";
pub(super) const SAME_PLATFORM_RULE: &str = "has(self.zendesk) == has(oldSelf.zendesk) && has(self.zenvia) == has(oldSelf.zenvia) && has(self.external) == has(oldSelf.external)";
pub(super) const SAME_PLATFORM_MESSAGE: &str = "the platform of an account is immutable: create another account and change the stores' `accountRef`, which is a move";
pub(super) const NO_ACCOUNTS_RULE: &str = "!has(self.zenvia) || !has(self.zenvia.accounts)";
pub(super) const NO_ACCOUNTS_MESSAGE: &str =
    "`zenvia.accounts` belongs to a ClusterHelpdeskAccount; here give `zenvia.accountId`";
pub(super) const SUBDOMAIN_MESSAGE: &str =
    "`subdomain` is immutable: create another account and change the stores' `accountRef`, which is a move";
pub(super) const URL_MESSAGE: &str =
    "`url` is immutable: create another account and change the stores' `accountRef`, which is a move";
pub(super) const ZENVIA_IDENTITY_RULE: &str = "self.api == oldSelf.api && has(self.accountId) == has(oldSelf.accountId) && (!has(self.accountId) || self.accountId == oldSelf.accountId)";
pub(super) const ZENVIA_IDENTITY_MESSAGE: &str = "`api` and `accountId` are immutable: create another account and change the stores' `accountRef`, which is a move";
pub(super) const ZENVIA_PARTNER_RULE: &str =
    "self.api == 'Partner' ? has(self.accountId) != has(self.accounts) : !has(self.accounts)";
pub(super) const ZENVIA_PARTNER_MESSAGE: &str =
    "`api: Partner` needs exactly one of `accountId` and `accounts`; the other interfaces have no `accounts`";
pub(super) const ZENVIA_PLAN_RULE: &str = "self.plan == 'Other' ? has(self.maxAgents) : !has(self.maxAgents)";
pub(super) const ZENVIA_PLAN_MESSAGE: &str =
    "`plan: Other` needs `maxAgents`; the plan Advanced has unlimited agents and takes no `maxAgents`";

/// How a store reaches its own helpdesk, and what it may ask of it.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "humansupport.dev",
    version = "v1alpha1",
    kind = "HelpdeskAccount",
    plural = "helpdeskaccounts",
    shortname = "hda",
    category = "humansupport",
    namespaced,
    status = "HelpdeskAccountStatus",
    derive = "PartialEq",
    doc = "How the stores of one namespace reach a helpdesk, and what they may ask of it. It reads its Secret in its own namespace.",
    validation = Rule::new(NAME_RULE).message(NAME_MESSAGE),
    printcolumn(name = "Platform", type_ = "string", json_path = ".status.platform"),
    printcolumn(name = "Host", type_ = "string", json_path = ".status.host"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Plan", type_ = "string", json_path = ".status.plan"),
    printcolumn(name = "Seats used", type_ = "integer", json_path = ".status.seats.used"),
    printcolumn(name = "Stores", type_ = "integer", json_path = ".status.stores"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Seats declared", type_ = "integer", json_path = ".status.seats.declared", priority = 1),
    printcolumn(name = "Rate limit", type_ = "integer", json_path = ".status.rateLimit.limit", priority = 1),
    printcolumn(name = "Suspended", type_ = "boolean", json_path = ".spec.suspend", priority = 1),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1),
)]
#[x_kube(
    validation = Rule::new(ONE_PLATFORM_RULE).message(ONE_PLATFORM_MESSAGE),
    validation = Rule::new(SAME_PLATFORM_RULE).message(SAME_PLATFORM_MESSAGE),
    validation = Rule::new(NO_ACCOUNTS_RULE).message(NO_ACCOUNTS_MESSAGE),
)]
pub struct HelpdeskAccountSpec {
    /// A Zendesk account. Exactly one of `zendesk`, `zenvia` and `external`; immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Zendesk")]
    pub zendesk: Option<Zendesk>,
    /// A Zenvia Chat account. Exactly one of `zendesk`, `zenvia` and `external`; immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Zenvia")]
    pub zenvia: Option<Zenvia>,
    /// Another platform through an adapter. Exactly one of `zendesk`, `zenvia` and `external`; immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "External")]
    pub external: Option<External>,
    /// The Secret of type `humansupport.dev/credentials` in the same namespace.
    pub credentials_secret_ref: SecretRef,
    /// What stores may ask of the account. Absent: half of the vendor's rate limit, unlimited seats, profile Agent
    /// only, no webhook host, adoption as the store says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Limits")]
    pub limits: Option<Limits>,
    /// How departments are named in the helpdesk where many stores share it, such as `{displayName} - {store}`.
    /// Absent: as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 120))]
    #[x_kube(validation = formats::DEPARTMENT_NAME.rule())]
    pub department_name: Option<String>,
    /// Other clusters with this installation's name whose objects may be taken over, by the value that the condition
    /// `OwnedByOtherCluster` shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub take_over_from: Vec<String>,
    /// Stops all work on the account and its stores while true.
    #[serde(default)]
    pub suspend: bool,
}

/// How the stores of many namespaces reach a helpdesk, and what they may ask of it.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "humansupport.dev",
    version = "v1alpha1",
    kind = "ClusterHelpdeskAccount",
    plural = "clusterhelpdeskaccounts",
    shortname = "chda",
    category = "humansupport",
    status = "HelpdeskAccountStatus",
    derive = "PartialEq",
    doc = "How the stores of many namespaces reach a helpdesk, and what they may ask of it. It reads Secrets in the operator's namespace only and admits namespaces by label.",
    validation = Rule::new(NAME_RULE).message(NAME_MESSAGE),
    printcolumn(name = "Platform", type_ = "string", json_path = ".status.platform"),
    printcolumn(name = "Host", type_ = "string", json_path = ".status.host"),
    printcolumn(name = "Ready", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].status"),
    printcolumn(name = "Status", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].reason"),
    printcolumn(name = "Plan", type_ = "string", json_path = ".status.plan"),
    printcolumn(name = "Seats used", type_ = "integer", json_path = ".status.seats.used"),
    printcolumn(name = "Stores", type_ = "integer", json_path = ".status.stores"),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(name = "Seats declared", type_ = "integer", json_path = ".status.seats.declared", priority = 1),
    printcolumn(name = "Rate limit", type_ = "integer", json_path = ".status.rateLimit.limit", priority = 1),
    printcolumn(name = "Suspended", type_ = "boolean", json_path = ".spec.suspend", priority = 1),
    printcolumn(name = "Message", type_ = "string", json_path = ".status.conditions[?(@.type==\"Ready\")].message", priority = 1),
)]
#[x_kube(
    validation = Rule::new(ONE_PLATFORM_RULE).message(ONE_PLATFORM_MESSAGE),
    validation = Rule::new(SAME_PLATFORM_RULE).message(SAME_PLATFORM_MESSAGE),
)]
pub struct ClusterHelpdeskAccountSpec {
    /// A Zendesk account. Exactly one of `zendesk`, `zenvia` and `external`; immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Zendesk")]
    pub zendesk: Option<Zendesk>,
    /// One or many Zenvia Chat accounts. Exactly one of `zendesk`, `zenvia` and `external`; immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Zenvia")]
    pub zenvia: Option<Zenvia>,
    /// Another platform through an adapter. Exactly one of `zendesk`, `zenvia` and `external`; immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "External")]
    pub external: Option<External>,
    /// The Secret of type `humansupport.dev/credentials` in the operator's namespace.
    pub credentials_secret_ref: SecretRef,
    /// What stores may ask of the account. Absent: half of the vendor's rate limit, unlimited seats, profile Agent
    /// only, no webhook host, no adoption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Limits")]
    pub limits: Option<Limits>,
    /// The namespaces whose stores may use the account, by their labels. Absent: none. `{}`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "NamespaceSelector")]
    pub allowed_namespaces: Option<NamespaceSelector>,
    /// How departments are named in the helpdesk where many stores share it, such as `{displayName} - {store}`.
    /// Absent: as declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 120))]
    #[x_kube(validation = formats::DEPARTMENT_NAME.rule())]
    pub department_name: Option<String>,
    /// Other clusters with this installation's name whose objects may be taken over, by the value that the condition
    /// `OwnedByOtherCluster` shows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub take_over_from: Vec<String>,
    /// Stops all work on the account and its stores while true.
    #[serde(default)]
    pub suspend: bool,
}

/// The plan of a Zendesk account: Essential, Team, Growth, Professional, Enterprise or EnterprisePlus. It decides the
/// rate limit that is assumed until the vendor's own headers say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(missing_docs, reason = "the vendor's own names")]
pub enum ZendeskPlan {
    Essential,
    Team,
    Growth,
    Professional,
    Enterprise,
    EnterprisePlus,
}

/// A Zendesk account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Zendesk {
    /// The part before `.zendesk.com`, in lower case. Immutable.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(
        validation = formats::LABEL.rule(),
        validation = Rule::new("self == oldSelf").message(SUBDOMAIN_MESSAGE),
    )]
    pub subdomain: String,
    /// The plan: Essential, Team, Growth, Professional, Enterprise or EnterprisePlus.
    pub plan: ZendeskPlan,
}

/// The interface of Zenvia: `Partner`, `Account` or `SubscriptionsOnly`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ZenviaApi {
    /// The partner interface: licenses, departments, agents.
    Partner,
    /// The interface of one account: agents only.
    Account,
    /// Only webhooks.
    SubscriptionsOnly,
}

/// The plan of a Zenvia Chat account: `Advanced` (unlimited agents) or `Other` (then `maxAgents`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ZenviaPlan {
    /// Unlimited agents and departments.
    Advanced,
    /// Another plan, whose limit is declared.
    Other,
}

/// A Zenvia Chat account, or the accounts of a partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new(ZENVIA_IDENTITY_RULE).message(ZENVIA_IDENTITY_MESSAGE),
    validation = Rule::new(ZENVIA_PARTNER_RULE).message(ZENVIA_PARTNER_MESSAGE),
    validation = Rule::new(ZENVIA_PLAN_RULE).message(ZENVIA_PLAN_MESSAGE),
)]
pub struct Zenvia {
    /// Which interface: `Partner`, `Account` or `SubscriptionsOnly`. Immutable.
    pub api: ZenviaApi,
    /// The id of the Zenvia Chat account, in quotes. Immutable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "quoted_text")]
    #[x_kube(validation = formats::QUOTED.rule())]
    pub account_id: Option<String>,
    /// The plan: `Advanced` or `Other` (then `maxAgents`).
    pub plan: ZenviaPlan,
    /// The most agents of the plan `Other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 10000))]
    pub max_agents: Option<i32>,
    /// Which store gets which account of a partner. Only in a ClusterHelpdeskAccount. At most 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<ZenviaStoreAccount>", length(min = 1, max = 1000))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["accountId".into()]))]
    pub accounts: Option<Vec<ZenviaStoreAccount>>,
}

/// One account of a partner, and the store it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct ZenviaStoreAccount {
    /// The id of the Zenvia Chat account, in quotes: without them YAML reads it as a number.
    #[schemars(length(min = 1, max = 128))]
    pub account_id: String,
    /// The namespace of the store's HumanSupportConfig.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub namespace: String,
    /// The `spec.store` of the store's HumanSupportConfig.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub store: String,
    /// The Secret in the operator's namespace with `apiHost` and `apiToken` for this store's subscriptions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SecretRef")]
    pub subscriptions_secret_ref: Option<SecretRef>,
}

/// Another platform, reached through an adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct External {
    /// The https address of the adapter, with its path if it has one. A private address needs a ClusterHelpdeskAccount
    /// and the operator's flag `--adapter-cidr`. Immutable.
    #[schemars(length(max = 1024))]
    #[x_kube(
        validation = formats::HTTPS_URL.rule(),
        validation = Rule::new("self == oldSelf").message(URL_MESSAGE),
    )]
    pub url: String,
    /// The Secret of the type `humansupport.dev/credentials` whose key `ca.crt` is the certificate authority of the
    /// adapter, in PEM. Absent: the public ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "SecretRef")]
    pub ca_bundle_secret_ref: Option<SecretRef>,
}

/// Whether stores of the account may take over existing objects: `Never`, or `IfUnowned`: where the store says so too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AdoptionLimit {
    /// No store may.
    Never,
    /// A store may, when its own `adoptionPolicy` says so.
    IfUnowned,
}

/// Whether the operator may delete a person's account in the helpdesk for good: `Never` or `Allowed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AgentDeletion {
    /// Agents are deactivated instead.
    Never,
    /// Agents are deleted where a store's policy says so.
    Allowed,
}

/// What stores may ask of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// How many requests a minute the operator may send. Absent: half of the vendor's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100000))]
    pub requests_per_minute: Option<i32>,
    /// How many seats all stores together may use. Absent: unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 100000))]
    pub seats: Option<i32>,
    /// How many seats one store may use. Absent: unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 10000))]
    pub seats_per_store: Option<i32>,
    /// The profiles that stores may give: Agent, Administrator. Absent: Agent only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<Profile>", length(min = 1, max = 2))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub profiles: Option<Vec<Profile>>,
    /// The hosts that webhooks may call. Absent: none. At most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 253)))]
    #[x_kube(merge_strategy = ListMerge::Set, validation = Rule::new(WEBHOOK_HOSTS_RULE).message(formats::HOST.message))]
    pub webhook_hosts: Vec<String>,
    /// Whether existing objects may be taken over: `Never` or `IfUnowned`. Absent: `IfUnowned` for a HelpdeskAccount,
    /// `Never` for a ClusterHelpdeskAccount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AdoptionLimit")]
    pub adoption: Option<AdoptionLimit>,
    /// Whether Zenvia agents may be deleted for good: `Never` or `Allowed`. Absent: `Never`, they are deactivated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AgentDeletion")]
    pub agent_deletion: Option<AgentDeletion>,
}

/// One rule for the list, because its entries are plain text and cannot carry one.
pub(super) const WEBHOOK_HOSTS_RULE: &str =
    "self.all(host, host.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)+$'))";
