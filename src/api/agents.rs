//! Departments and the people in them, as a store lists them.
//!
//! Why: these are the longest lists, so their limits decide whether the API server can hold a store.
//! Must not: compare entries with each other; CEL cannot pay for that at 2,000 agents, `validate` does it.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formats;

/// The most agents one store may list. A partner's plan promises unlimited agents; the API server does not.
pub const MAX_AGENTS: usize = 2000;
/// The most departments one store may list.
pub const MAX_DEPARTMENTS: usize = 200;
/// The most departments one agent may be in.
pub const MAX_DEPARTMENTS_PER_AGENT: usize = 50;

/// A department: people who share a queue of conversations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Department {
    /// The key of the department in this resource: lower-case letters, digits and `-`. It never changes; change
    /// `displayName` to rename.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub name: String,
    /// The name people see in the helpdesk. It must be unique in the store.
    #[schemars(length(min = 1, max = 100))]
    #[x_kube(validation = formats::DISPLAY_NAME.rule())]
    pub display_name: String,
    /// What the department is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 500))]
    pub description: Option<String>,
}

/// What a person may do in the helpdesk: `Agent` helps customers, `Administrator` also manages the account. The
/// account must allow the profile in `limits.profiles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Profile {
    /// Helps customers.
    Agent,
    /// Manages the account as well.
    Administrator,
}

/// A person who answers customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// The key of the agent in this resource: lower-case letters, digits and `-`. Events and problems name the agent
    /// by it.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub name: String,
    /// The name customers and colleagues see.
    #[schemars(length(min = 1, max = 100))]
    #[x_kube(validation = formats::DISPLAY_NAME.rule())]
    pub display_name: String,
    /// The address the agent signs in with. It must be unique in the store; upper and lower case are the same.
    #[schemars(length(max = 254))]
    #[x_kube(validation = formats::EMAIL.rule())]
    pub email: String,
    /// What the agent may do: `Agent` or `Administrator`.
    pub profile: Profile,
    /// The departments the agent is in, by their `name` in `spec.departments`. At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub departments: Vec<String>,
    /// Whether the agent may work. Absent means true; false ends access and keeps the entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// How many conversations the agent takes at the same time. Absent leaves it to the helpdesk. 1 to 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 500))]
    pub max_conversations: Option<i32>,
    /// The last day the agent works, such as `2026-12-31`. From the day after, the agent counts as not active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::DATE.rule())]
    pub until: Option<String>,
    /// Whether other stores of the account list the same person. Each of them must say so. Not built yet: the
    /// condition `AgentsReady` says `NotImplemented` while it is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
}

impl Agent {
    /// Whether the entry wants the agent to be able to work, `until` aside.
    pub fn is_active(&self) -> bool {
        self.active.unwrap_or(true)
    }
}
