//! Approvals: what a person approved, and how long that lasts.
//!
//! Exists because an approved plan may be carried out in parts: a step fails, the operator ends in between. What was
//! approved is recorded in the status before its first call, so that the rest goes on without a second question. An
//! approval lasts until its steps are done or the generation changes. Pure; it must not write a status itself.

use std::collections::BTreeSet;

use super::work::waits_for_approval;
use crate::api::config_status::{ApprovalStatus, MAX_APPROVED_STEPS};
use crate::model::{Kind, ObjectKey};
use crate::plan::{Action, Plan, Step};

/// The most bytes that the listed steps take: beside them 2,000 claims must fit into a status of 300 kB.
const MOST_BYTES: usize = 80_000;

/// All actions, to read a listed step.
const ACTIONS: [Action; 5] = [Action::Create, Action::Adopt, Action::Update, Action::Release, Action::Delete];

/// What a person approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The generation it was given for.
    generation: i64,
    /// The changes it covers; those that need it come first.
    steps: Vec<(ObjectKey, Action)>,
}

impl Approval {
    /// The approval of exactly this plan, for a generation.
    pub fn of(generation: i64, plan: &Plan) -> Self {
        let needing: BTreeSet<(ObjectKey, Action)> = needing(plan).map(named).collect();
        let others = all(plan).map(named).filter(|step| !needing.contains(step));
        let others: BTreeSet<(ObjectKey, Action)> = others.collect();
        Self { generation, steps: needing.into_iter().chain(others).collect() }
    }

    /// Whether it still stands at a generation.
    pub fn stands_at(&self, generation: i64) -> bool {
        self.generation == generation
    }

    /// Whether a plan is the rest of what was approved: nothing in it needs an approval that it does not have.
    pub fn covers(&self, plan: &Plan) -> bool {
        let steps: BTreeSet<&(ObjectKey, Action)> = self.steps.iter().collect();
        needing(plan).map(named).all(|step| steps.contains(&step))
    }

    /// Whether none of its steps is left in a plan, planned or held.
    pub fn is_over(&self, plan: &Plan) -> bool {
        let steps: BTreeSet<&(ObjectKey, Action)> = self.steps.iter().collect();
        !all(plan).map(named).any(|step| steps.contains(&step))
    }

    /// The approval as a status lists it. A list that would be too long ends early: after a restart what is not listed
    /// waits for a person again.
    pub fn listed(&self) -> ApprovalStatus {
        let mut bytes = 0;
        let lines = self.steps.iter().take(MAX_APPROVED_STEPS).map(line);
        let steps = lines.take_while(|line| {
            // With the quotes and the comma of JSON.
            bytes += line.len() + 3;
            bytes <= MOST_BYTES
        });
        ApprovalStatus { generation: self.generation, steps: steps.collect() }
    }

    /// The approval that a status lists. A line that says nothing covers nothing.
    pub fn read(listed: &ApprovalStatus) -> Self {
        Self {
            generation: listed.generation,
            steps: listed.steps.iter().filter_map(|line| step_of(line)).collect(),
        }
    }
}

/// Every step of a plan, held or not.
fn all(plan: &Plan) -> impl Iterator<Item = &Step> {
    plan.steps.iter().chain(plan.held.iter().map(|held| &held.step))
}

/// The steps that no plan may have beyond its approval: those that wait for one, and whatever takes something away,
/// because the removal guard does not count what is approved.
fn needing(plan: &Plan) -> impl Iterator<Item = &Step> {
    let waiting = plan.held.iter().filter(|held| waits_for_approval(held)).map(|held| &held.step);
    waiting.chain(all(plan).filter(|step| step.takes_away()))
}

fn named(step: &Step) -> (ObjectKey, Action) {
    (step.object(), step.action())
}

fn line((object, action): &(ObjectKey, Action)) -> String {
    format!("{action} {}/{}", object.kind, object.name)
}

fn step_of(line: &str) -> Option<(ObjectKey, Action)> {
    let (action, object) = line.split_once(' ')?;
    let (kind, name) = object.split_once('/')?;
    let action = ACTIONS.into_iter().find(|known| known.to_string() == action)?;
    let kind = Kind::ALL.into_iter().find(|known| known.to_string() == kind)?;
    Some((ObjectKey::new(kind, name), action))
}

#[cfg(test)]
mod tests;
