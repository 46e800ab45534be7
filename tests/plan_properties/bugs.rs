//! Planner bugs, seeded one at a time: every one must be caught, else the zeros of the properties mean little.
//!
//! A bug is the real planner fed with, or robbed of, exactly what the bug would overlook. So no seam for bugs exists in the
//! product, not even in a test build.

use std::collections::BTreeMap;

use human_support_operator::model::*;
use human_support_operator::plan::{Action, Change, Plan, Step, plan};

use crate::choices::stream;
use crate::make::world;
use crate::properties::{Property, WORLD_BYTES, violation};
use crate::run::Planner;

/// A planner bug: its name and the planner that has it.
type Bug = (&'static str, Box<Planner>);

fn with_policy(edit: impl Fn(&mut Policy) + 'static) -> Box<Planner> {
    Box::new(move |desired, observed, policy| {
        let mut policy = policy.clone();
        edit(&mut policy);
        plan(desired, observed, &policy)
    })
}

fn with_observed(edit: impl Fn(&mut Observed) + 'static) -> Box<Planner> {
    Box::new(move |desired, observed, policy| {
        let mut observed = observed.clone();
        edit(&mut observed);
        plan(desired, &observed, policy)
    })
}

fn with_plan(edit: impl Fn(&mut Plan) + 'static) -> Box<Planner> {
    Box::new(move |desired, observed, policy| {
        let mut plan = plan(desired, observed, policy);
        edit(&mut plan);
        plan
    })
}

/// Takes what is held for one of these reasons as if nothing held it.
fn unhold(plan: &mut Plan, reasons: &[Reason]) {
    let (freed, held) =
        std::mem::take(&mut plan.held).into_iter().partition(|held| reasons.contains(&held.reason));
    plan.held = held;
    let freed: Vec<_> = freed;
    plan.steps.extend(freed.into_iter().map(|held| held.step));
}

fn only_ours<R>(remotes: &mut Vec<Remote<R>>) {
    remotes.retain(|remote| matches!(remote.owner, Owner::Us { .. }));
}

fn as_created<R>(remotes: &mut [Remote<R>]) {
    for remote in remotes {
        if let Owner::Us { origin, .. } = &mut remote.owner {
            *origin = Origin::Created;
        }
    }
}

fn bugs() -> Vec<Bug> {
    vec![
        ("the gate is ignored", with_policy(|policy| policy.gate = Gate::Open)),
        ("an unproven absence counts as absence", with_policy(|policy| policy.absence = Absence::Proven)),
        ("a missing history is ignored", with_policy(|policy| policy.history = History::Recorded)),
        ("seats are not counted", with_policy(|policy| policy.seats = SeatBudget::default())),
        (
            "the removal guard is off",
            with_policy(|policy| {
                policy.guard = RemovalGuard { min_count: 1000, max_percent: 100, max_count: 1000 };
                policy.default_department = None;
            }),
        ),
        (
            "access ends at once",
            with_policy(|policy| policy.capabilities.access_after_removal = AccessAfterRemoval::Dismiss),
        ),
        ("holds do not spread", with_plan(|plan| unhold(plan, &[Reason::DependencyHeld]))),
        ("departments in use are deleted", with_plan(|plan| unhold(plan, &[Reason::InUse]))),
        ("a foreign address does not matter", with_observed(|observed| only_ours(&mut observed.agents))),
        ("a foreign trigger does not matter", with_observed(|observed| only_ours(&mut observed.routes))),
    ]
    .into_iter()
    .chain(more_bugs())
    .collect()
}

fn more_bugs() -> Vec<Bug> {
    vec![
        (
            "adopted objects count as created",
            with_observed(|observed| {
                as_created(&mut observed.agents);
                as_created(&mut observed.departments);
                as_created(&mut observed.routes);
            }),
        ),
        ("protected accounts are changed", with_observed(|observed| observed.agent_facts.clear())),
        ("the order runs backwards", with_plan(|plan| plan.steps.reverse())),
        (
            "leavers are forgotten",
            with_plan(|plan| {
                plan.steps.retain(|step| {
                    !matches!(step, Step::Agent(Change::Update { to, .. }) if to.access != Access::Active)
                });
            }),
        ),
        (
            "removals are forgotten",
            with_plan(|plan| plan.steps.retain(|step| step.action() != Action::Delete)),
        ),
        (
            "the first of a list counts as the oldest",
            with_observed(|observed| {
                let mut seen = Vec::new();
                observed.departments.retain(|remote| {
                    let is_new = !seen.contains(&remote.owner) || !matches!(remote.owner, Owner::Us { .. });
                    seen.push(remote.owner.clone());
                    is_new
                });
            }),
        ),
        (
            "an entry with another key is somebody else",
            Box::new(|desired, observed, policy| {
                let mut observed = observed.clone();
                observed.agents.retain(|remote| match &remote.owner {
                    Owner::Us { key, .. } => {
                        let is_listed = desired.agents.contains_key(&AgentKey::new(key));
                        is_listed || desired.agents.values().all(|agent| agent.email != remote.value.email)
                    }
                    _ => true,
                });
                plan(desired, &observed, policy)
            }),
        ),
    ]
}

#[test]
fn every_seeded_bug_is_caught() {
    let mut missed = Vec::new();
    for (name, planner) in bugs() {
        let mut caught: BTreeMap<Property, usize> = BTreeMap::new();
        let mut first = None;
        for seed in 0..1_500 {
            let world = world(&stream(seed, WORLD_BYTES));
            if let Some((property, _)) = violation(&world, &*planner) {
                first.get_or_insert(seed);
                *caught.entry(property).or_default() += 1;
                if caught.values().sum::<usize>() == 8 {
                    break;
                }
            }
        }
        let by: Vec<String> =
            caught.iter().map(|(property, count)| format!("{property:?} {count}")).collect();
        println!("{name}: first in world {first:?}; of its first eight: {}", by.join(", "));
        if caught.is_empty() {
            missed.push(name);
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}
