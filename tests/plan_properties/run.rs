//! Running a world: observe, plan, apply, until nothing is left to do.

use std::collections::BTreeMap;
use std::time::Instant;

use human_support_operator::model::*;
use human_support_operator::plan::{Plan, Step};
use human_support_operator::provider::memory::{Desk, Fault};
use human_support_operator::provider::{Batch, Outcome, Scope};

use crate::worlds::World;

/// A planner under test: the real one, or one with a bug.
pub(crate) type Planner = dyn Fn(&Desired, &Observed, &Policy) -> Plan;

/// What the helpdesk shows of the world's store.
pub(crate) fn observe(world: &World, desk: &Desk) -> Observed {
    let (none, claims) = (Desired::none(), BTreeMap::new());
    let is_living = world.policy.lifecycle == Lifecycle::Living;
    desk.observe(&Scope {
        stamp: &world.stamp,
        desired: if is_living { &world.desired } else { &none },
        claims: &claims,
        applied_licenses: None,
        named: &world.policy.adopt,
        not_before: Instant::now(),
    })
}

/// The plan for the state of a desk.
pub(crate) fn planned(world: &World, desk: &Desk, planner: &Planner) -> Plan {
    planner(&world.desired, &observe(world, desk), &world.policy)
}

/// Applies steps to a desk.
pub(crate) fn apply(world: &World, desk: &mut Desk, steps: &[Step]) -> Vec<Outcome> {
    let (observed, tokens) = (Observed::default(), BTreeMap::new());
    desk.apply(&Batch { stamp: &world.stamp, steps, observed: &observed, tokens: &tokens })
}

/// The first refusal among outcomes, with the step that was refused.
pub(crate) fn refusal(steps: &[Step], outcomes: &[Outcome]) -> Option<String> {
    let refused = |outcome: &Outcome| matches!(outcome, Outcome::NotApplied(_) | Outcome::Skipped(_));
    let pairs = steps.iter().zip(outcomes);
    pairs
        .into_iter()
        .find(|(_, outcome)| refused(outcome))
        .map(|(step, outcome)| format!("{step}: {outcome:?}"))
}

/// A world at rest.
pub(crate) struct AtRest {
    pub(crate) desk: Desk,
    pub(crate) plan: Plan,
    pub(crate) passes: usize,
    pub(crate) refused: Option<String>,
}

/// Plans and applies until no step is left, at most `limit` times.
pub(crate) fn settle(world: &World, desk: Desk, planner: &Planner, limit: usize) -> AtRest {
    let mut rest = AtRest { plan: planned(world, &desk, planner), desk, passes: 0, refused: None };
    while !rest.plan.steps.is_empty() && rest.passes < limit {
        let outcomes = apply(world, &mut rest.desk, &rest.plan.steps);
        let refused = refusal(&rest.plan.steps, &outcomes);
        rest.refused = rest.refused.or(refused);
        rest.passes += 1;
        rest.plan = planned(world, &rest.desk, planner);
    }
    rest
}

/// The desk after a crash: only the first steps were done.
pub(crate) fn crashed(world: &World, plan: &Plan, prefix: usize) -> Desk {
    let mut desk = world.desk.clone();
    desk.fault = Fault::StopAfter(prefix);
    apply(world, &mut desk, &plan.steps);
    desk.fault = Fault::None;
    desk
}
