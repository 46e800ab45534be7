//! The training of agents, as a calendar the operator publishes and reminds of.
//!
//! Why: no vendor has a call for it, but a store without trained agents is not ready for customers.
//! Must not: invite anybody; booking is a person's step.

use kube::KubeSchema;
use serde::{Deserialize, Serialize};

use super::agents::Profile;
use super::formats;

/// Who should come to a session. Both lists are added up; absent or empty lists mean every agent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Audience {
    /// Everybody with one of these profiles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub profiles: Vec<Profile>,
    /// These agents, by their `name` in `spec.agents`. At most 200.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 200), inner(length(min = 1, max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub agents: Vec<String>,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingSession {
    /// The key of the session in this resource: lower-case letters, digits and `-`.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub name: String,
    /// When it starts, with the offset, such as "2026-12-01T14:00:00-03:00".
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::INSTANT.rule())]
    pub starts_at: String,
    /// How long it takes, in minutes. 5 to 1440.
    #[schemars(range(min = 5, max = 1440))]
    pub minutes: i32,
    /// Who should come. Absent means every agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Audience")]
    pub audience: Option<Audience>,
    /// Where it is: an address or a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 500))]
    pub location: Option<String>,
}

/// The training of the store's agents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Training {
    /// The sessions, at most 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 100))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub sessions: Vec<TrainingSession>,
}
