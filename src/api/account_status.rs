//! What the operator says about an account.
//!
//! Why: a platform team reads here whether the credentials work and how much of the account is used.
//! Must not: name stores of namespaces that the reader may not see; it holds counts only.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::conditions::Condition;
use super::config_status::Platform;

/// The state of an account, as the operator last saw it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct HelpdeskAccountStatus {
    /// The generation of the spec that this status is about. -1 until the operator has seen the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The state in conditions: `Ready` and `CredentialsValid`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["type".into()]))]
    pub conditions: Vec<Condition>,
    /// The platform: Zendesk, Zenvia or External.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Platform")]
    pub platform: Option<Platform>,
    /// The host of the helpdesk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 253))]
    pub host: Option<String>,
    /// The plan of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub plan: Option<String>,
    /// What the plan allows, as far as it is known. Only for Zenvia.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "PlanAllowance")]
    pub allows: Option<PlanAllowance>,
    /// The name of this installation in the marks of the account's objects. A rebuilt cluster needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 36))]
    pub installation: Option<String>,
    /// How many seats there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Seats")]
    pub seats: Option<Seats>,
    /// How fast the vendor lets the operator work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RateLimit")]
    pub rate_limit: Option<RateLimit>,
    /// How many stores use the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub stores: Option<i32>,
    /// The value of the annotation `humansupport.dev/reconcile-requested-at` that was last acted upon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 128))]
    pub last_handled_reconcile_at: Option<String>,
}

/// What the vendor's plan of an account allows. A member is absent where the plan is not known to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanAllowance {
    /// The most agents: a number, or `unlimited`. More agents are held, the last ones in the order of their names.
    #[serde(default)]
    #[schemars(length(max = 32))]
    pub agents: String,
    /// The most departments, such as `unlimited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 32))]
    pub departments: Option<String>,
    /// For how long conversations are kept, such as `2 years`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 32))]
    pub history: Option<String>,
    /// Which channels customers may write on, such as `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 32))]
    pub channels: Option<String>,
    /// Which features there are, such as `advanced`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(max = 32))]
    pub features: Option<String>,
}

/// Seats of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seats {
    /// Seats in use in the helpdesk.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub used: i32,
    /// Seats that the account's limits declare. Absent: unlimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub declared: Option<i32>,
}

/// The rate limit of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct RateLimit {
    /// Requests a minute that the vendor allows.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub limit: i32,
}
