//! Runs one case and says where what came of it differs from its expectations.
//!
//! Evidence comes from the plan, the status, and the simulator's state and ledger. Must not change a world beyond the
//! rounds that a case describes.

use std::collections::BTreeMap;
use std::fmt::Debug;

use human_support_operator::controller::round::{Planned, Round};
use human_support_operator::plan::Step;
use serde_json::Value;

use crate::scenario::{Case, Expectations, read};
use crate::world::{Told, World};

/// Differences that were found in one case.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn same<T: PartialEq + Debug>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.0.push(format!("{what}\n    found    {found:?}\n    expected {expected:?}"));
        }
    }
}

/// Runs one case; answers what differs, each with the case's name.
pub(crate) async fn run(case: &Case) -> Vec<String> {
    let mut world = World::start(case, read("defaults.yaml")).await;
    world.people(&case.seed).await;
    if let Some(before) = &case.before {
        world.declare(&before.store);
        world.work().await;
        world.people(&before.people).await;
        world.change_status(&before.status);
    }
    world.declare(&case.store);
    world.break_down(&case.faults);
    let (mut differences, expected) = (Differences::default(), &case.expect);
    let looked = world.look().await;
    check_plan(&mut differences, &looked.round, expected);
    if let (true, Some(planned)) = (case.approve, planned(&looked.round)) {
        world.approve(planned.plan.digest());
    }
    world.desk.ledger().clear();
    let told = world.work().await;
    check_status(&mut differences, &told, (expected, &world.defaults.problems));
    check_calls(&mut differences, &world, expected);
    let account = world.account();
    differences.0.extend(difference(&account, &expected.helpdesk).map(|text| format!("helpdesk: {text}")));
    differences.0.extend(difference(&told.status, &expected.status).map(|text| format!("status: {text}")));
    let second = world.look().await;
    let left = planned(&second.round).map(steps).unwrap_or_default();
    differences.same("the second plan", &left, &expected.left);
    differences.0.into_iter().map(|text| format!("{}: {text}", case.name)).collect()
}

fn check_plan(differences: &mut Differences, round: &Round, expected: &Expectations) {
    let blocked = match round {
        Round::Blocked(blocked) => Some(blocked.reason.to_string()),
        Round::Planned(_) | Round::Suspended => None,
    };
    differences.same("blocked", &blocked, &expected.blocked);
    differences.same("steps", &planned(round).map(steps), &expected.steps);
    differences.same("held", &planned(round).map(held).unwrap_or_default(), &expected.held);
}

fn planned(round: &Round) -> Option<&Planned> {
    match round {
        Round::Planned(planned) => Some(planned),
        Round::Blocked(_) | Round::Suspended => None,
    }
}

fn line(step: &Step) -> String {
    format!("{:?} {}", step.action(), step.object())
}

fn steps(planned: &Planned) -> Vec<String> {
    planned.plan.steps.iter().map(line).collect()
}

fn held(planned: &Planned) -> Vec<String> {
    planned.plan.held.iter().map(|held| format!("{}: {}", line(&held.step), held.reason)).collect()
}

fn check_status(differences: &mut Differences, told: &Told, (expected, always): (&Expectations, &[String])) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |member: &str, line: &dyn Fn(&Value) -> String| -> Vec<String> {
        told.status[member].as_array().into_iter().flatten().map(line).collect()
    };
    let conditions = told.status["conditions"].as_array().into_iter().flatten();
    let found: BTreeMap<String, String> = conditions
        .filter(|one| expected.conditions.contains_key(&text(&one["type"])))
        .map(|one| (text(&one["type"]), format!("{} {}", text(&one["status"]), text(&one["reason"]))))
        .collect();
    differences.same("conditions", &found, &expected.conditions);
    let pending = list("pendingSteps", &|step| format!("{}: {}", text(&step["name"]), text(&step["value"])));
    differences.same("pending", &pending, &expected.pending);
    let mut problems = list("problems", &|problem| {
        format!("{} {}: {}", text(&problem["kind"]), text(&problem["name"]), text(&problem["reason"]))
    });
    problems.retain(|problem| !always.contains(problem));
    differences.same("problems", &problems, &expected.problems);
}

fn check_calls(differences: &mut Differences, world: &World, expected: &Expectations) {
    let writes = world.desk.writes();
    let mut calls: BTreeMap<String, usize> = BTreeMap::new();
    for entry in &writes {
        *calls.entry(entry.operation.clone()).or_default() += 1;
    }
    differences.same("calls", &calls, &expected.calls);
    if let Some(order) = &expected.order {
        let found: Vec<String> = writes.iter().map(|entry| entry.operation.clone()).collect();
        differences.same("order", &found, order);
    }
    for wanted in &expected.sent {
        let of_operation = writes.iter().filter(|entry| entry.operation == wanted.operation);
        let bodies: Vec<Value> = of_operation.map(|entry| entry.body_value()).collect();
        let lacks = |body: &Value| {
            let unwanted = wanted.without.iter().find(|member| has_member(body, member));
            difference(body, &wanted.body).or_else(|| unwanted.map(|member| format!("has `{member}`")))
        };
        if bodies.iter().all(|body| lacks(body).is_some()) {
            differences.0.push(format!("sent: {wanted:?} is not in {bodies:#?}"));
        }
    }
}

/// Whether a member of this name is anywhere in a value.
fn has_member(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, inner)| key == name || has_member(inner, name)),
        Value::Array(elements) => elements.iter().any(|inner| has_member(inner, name)),
        _ => false,
    }
}

/// Where a value lacks what is expected: the named members of objects, all members of lists in any order, and of a text
/// that ends in `…` the beginning.
fn difference(actual: &Value, expected: &Value) -> Option<String> {
    match (actual, expected) {
        (Value::Object(actual), Value::Object(expected)) => expected.iter().find_map(|(key, expected)| {
            let found = actual.get(key).unwrap_or(&Value::Null);
            difference(found, expected).map(|inner| format!("{key}: {inner}"))
        }),
        (Value::Array(found), Value::Array(wanted)) => {
            let lacks = wanted.iter().find(|one| found.iter().all(|other| difference(other, one).is_some()));
            let all = found.len() == wanted.len() && lacks.is_none();
            (!all).then(|| format!("expected {wanted:#?}, found {found:#?}"))
        }
        (Value::String(found), Value::String(wanted)) if wanted.ends_with('…') => {
            let begins = found.starts_with(wanted.trim_end_matches('…'));
            (!begins).then(|| format!("expected `{wanted}`, found `{found}`"))
        }
        _ => (actual != expected).then(|| format!("expected {expected}, found {actual}")),
    }
}
