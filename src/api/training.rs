//! The training of agents, as a calendar the operator publishes and reminds of.
//!
//! Why: no vendor has a call for it, but a store without trained agents is not ready for customers.
//! Must not: invite anybody; booking is a person's step.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Profile;
use super::formats;

pub(super) const AUDIENCE_MESSAGE: &str = "a session needs an audience: `audience.profiles`, `audience.agents` or both; for everybody write `audience: {profiles: [Agent, Administrator]}`";
pub(super) const HELD_MESSAGE: &str =
    "a session that was held has a date: give `startsAt`, or take `outcome: Held` out";

/// Who should come to a session: everybody with one of the profiles, and the named agents. One of the lists must have an
/// entry.
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

/// What became of a session: `Held` or `Cancelled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum TrainingOutcome {
    /// It took place: whoever was in its audience then is trained.
    Held,
    /// It does not take place.
    Cancelled,
}

/// A session that comes back: at the same time of day on the store's clock, every so many weeks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrainingRepeat {
    /// Every how many weeks. 1 to 12.
    #[schemars(range(min = 1, max = 12))]
    pub every_weeks: i32,
    /// How many times in all, the first one included. 2 to 52.
    #[schemars(range(min = 2, max = 52))]
    pub times: i32,
}

/// One session, or a series of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.audience) && ((has(self.audience.profiles) && size(self.audience.profiles) > 0) || (has(self.audience.agents) && size(self.audience.agents) > 0))").message(AUDIENCE_MESSAGE),
    validation = Rule::new("!has(self.outcome) || self.outcome != 'Held' || has(self.startsAt)").message(HELD_MESSAGE),
)]
pub struct TrainingSession {
    /// The key of the session in this resource: lower-case letters, digits and `-`.
    #[schemars(length(min = 1, max = 63))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub name: String,
    /// When it starts, with the offset, such as "2026-12-01T14:00:00-03:00". Absent: it is requested and has no date yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    #[x_kube(validation = formats::INSTANT.rule())]
    pub starts_at: Option<String>,
    /// How long it takes, in minutes. 5 to 1440.
    #[schemars(range(min = 5, max = 1440))]
    pub minutes: i32,
    /// Whether it comes back. Absent: it takes place once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TrainingRepeat")]
    pub repeat: Option<TrainingRepeat>,
    /// What became of it: `Held` or `Cancelled`, of the whole series where it comes back. Absent: it is still to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "TrainingOutcome")]
    pub outcome: Option<TrainingOutcome>,
    /// Who should come: at least one profile or agent.
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
