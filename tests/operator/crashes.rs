//! kill -9 at ten positions of an onboarding, from the first write to the last: it converges, and nothing is there
//! twice.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sandbox::simulator::{Action, Effect, Rule, Stage};
use serde_json::Value;

use crate::harness::{Desk, LIMIT, STORE, World, agent, small};

fn spec() -> Value {
    let mut spec = small();
    let agents = spec["agents"].as_array_mut().unwrap();
    agents.extend(["bia", "caio"].map(|name| agent(name, "sales")));
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_the_effect_and_before_the_answer_it_converges_without_a_second_object() {
    kill_at_five_positions(Effect::Applied).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_effect_it_converges_without_a_second_object() {
    kill_at_five_positions(Effect::None).await;
}

/// Five of ten positions that are spread evenly from the first write to the last.
async fn kill_at_five_positions(effect: Effect) {
    let (reference, writes) = undisturbed().await;
    let offset = u64::from(effect == Effect::None);
    for number in 0..5 {
        let position = 1 + (2 * number + offset) * (writes - 1) / 9;
        let objects = killed_at(position, effect).await;
        assert_eq!(objects, reference, "killed at write {position} of {writes} ({effect:?})");
        eprintln!("killed at write {position} of {writes} ({effect:?}): the same objects, none twice");
    }
}

/// The objects of an onboarding that nothing disturbs, and how many writes it took.
async fn undisturbed() -> (BTreeMap<String, usize>, u64) {
    let mut world = World::new().await;
    world.onboard(spec()).await;
    (objects(&world.desk), world.desk.zendesk.ledger().write_count())
}

async fn killed_at(position: u64, effect: Effect) -> BTreeMap<String, usize> {
    let mut world = World::new().await;
    let mut rule = Rule::new("kill", Action::Hold { effect }).times(1);
    rule.write = Some(position);
    world.desk.zendesk.faults().set(vec![rule]);
    world.start_operator().await;
    let store = world.store(STORE, spec());
    store.apply().await;
    until_stage(&world.desk, position, Stage::Held).await;
    world.kill_operator();
    // The connection ends with the process; only then is the fault taken away, so that nothing is applied late.
    until_stage(&world.desk, position, Stage::Lost).await;
    world.desk.zendesk.faults().set(Vec::new());
    world.start_operator().await;
    store.settle().await;
    objects(&world.desk)
}

async fn until_stage(desk: &Desk, position: u64, stage: Stage) {
    let started = Instant::now();
    while desk.zendesk.ledger().write(position).is_none_or(|entry| entry.stage < stage) {
        assert!(started.elapsed() < LIMIT, "write {position} did not come to {stage:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What is there, by kind and name, with how often.
fn objects(desk: &Desk) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let named = [
        ("users", "email"),
        ("groups", "name"),
        ("webhooks", "name"),
        ("triggers", "title"),
        ("ticket_fields", "title"),
    ];
    for (kind, name) in named {
        for object in desk.all(kind) {
            if object["deleted"] != true && object["active"] != false {
                *found.entry(format!("{kind} {}", object[name])).or_insert(0) += 1;
            }
        }
    }
    let state = desk.state();
    let memberships = state["group_memberships"].as_array().unwrap();
    found.insert("memberships".to_owned(), memberships.len());
    assert!(found.iter().all(|(name, number)| *number == 1 || name == "memberships"), "{found:#?}");
    found
}
