//! A store moves between vendors and back: customers reach a person on the old side until the bot is switched, nothing
//! is lost in between, and a crash at any position changes nothing of that.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sandbox::simulator::{Action, Effect, Faults, Ledger, Rule, Stage};
use serde_json::{Value, json};

use crate::harness::{LIMIT, STORE, Store, ZenviaWorld, condition, zenvia_small};

const ZENDESK: &str = "HelpdeskAccount/zendesk";
const ZENVIA: &str = "HelpdeskAccount/zenvia";

/// A store on Zenvia that takes its people's access away where it leaves.
fn spec() -> Value {
    let mut spec = zenvia_small();
    spec["deletionPolicy"] = json!("Deactivate");
    spec
}

async fn onboard(world: &mut ZenviaWorld) -> Store {
    world.world.start_operator().await;
    let store = world.world.store(STORE, spec());
    store.apply().await;
    store.settle().await;
    store
}

/// Names the other account, and waits until the store is in order there.
async fn move_to(store: &mut Store, account: &str) -> Value {
    store.edit(|spec| spec["accountRef"]["name"] = json!(account)).await;
    store.until_ready().await
}

/// Says that the bot is switched to the side that the step names.
async fn switch_bot(store: &Store) {
    let object = store.until("the step SwitchBot is open", |object| step(object).is_some()).await;
    store.complete(&[step(&object).unwrap()]).await;
}

fn step(object: &Value) -> Option<Value> {
    let steps = object["status"]["pendingSteps"].as_array()?;
    steps.iter().find(|step| step["name"] == "SwitchBot").cloned()
}

async fn until_left(store: &Store, account: &str) -> Value {
    store
        .until("the former side is left", |object| {
            let bindings = object["status"]["bindings"].as_array().cloned().unwrap_or_default();
            bindings.iter().all(|binding| binding["account"] != account)
                && condition(object, "Ready")["status"] == "True"
        })
        .await
}

fn phases(object: &Value) -> BTreeMap<String, String> {
    let bindings = object["status"]["bindings"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    bindings.iter().map(|binding| (text(&binding["account"]), text(&binding["phase"]))).collect()
}

/// What Zenvia holds, by kind and name, with what it is.
fn zenvia_objects(world: &ZenviaWorld) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut note = |name: String, what: String| {
        assert_eq!(found.insert(name.clone(), what), None, "{name} is there twice");
    };
    for agent in world.zenvia.all("agents") {
        let email = agent["email"].as_str().unwrap();
        note(format!("agent {email}"), format!("active {} {}", agent["active"], agent["profile"]));
    }
    for department in world.zenvia.all("departments") {
        note(format!("department {}", department["name"]), format!("active {}", department["active"]));
    }
    for one in world.zenvia.all("subscriptions") {
        note(format!("subscription {}", one["eventType"]), one["status"].to_string());
    }
    found
}

/// What Zendesk holds of the store, by kind and name, with what it is.
fn zendesk_objects(world: &ZenviaWorld) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (kind, name, what) in [
        ("users", "email", "suspended"),
        ("groups", "name", "deleted"),
        ("webhooks", "name", "status"),
        ("triggers", "title", "active"),
        ("ticket_fields", "title", "active"),
    ] {
        for object in world.world.desk.all(kind) {
            let name = format!("{kind} {}", object[name]);
            assert_eq!(found.insert(name.clone(), object[what].to_string()), None, "{name} is there twice");
        }
    }
    found
}

fn living(objects: &BTreeMap<String, String>, name: &str) -> bool {
    objects.get(name).is_some_and(|what| {
        what.contains("active true") || what.contains("ACTIVE") && !what.contains("INACTIVE")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_moves_to_zendesk_leaves_zenvia_only_after_the_bot_is_switched() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let before = zenvia_objects(&world);
    assert!(living(&before, "agent ana@loja.example"), "{before:#?}");
    let mark = world.zenvia.mark();
    let object = move_to(&mut store, "zendesk").await;
    assert_eq!(object["status"]["platform"], "Zendesk");
    assert_eq!(phases(&object)[ZENVIA], "Leaving");
    assert_eq!(step(&object).unwrap()["value"], format!("{ZENDESK} lojacentro.zendesk.com"));
    assert_eq!(world.world.desk.user("ana@loja.example")["suspended"], false, "the new side is ready");
    store.reconcile_now().await;
    assert_eq!(
        world.zenvia.writes(mark).len(),
        0,
        "customers still arrive there:\n{}",
        world.zenvia.writes_text(mark)
    );
    assert_eq!(zenvia_objects(&world), before);

    switch_bot(&store).await;
    let object = until_left(&store, ZENVIA).await;
    assert_eq!(phases(&object), BTreeMap::from([(ZENDESK.to_owned(), "Active".to_owned())]));
    let after = zenvia_objects(&world);
    for name in ["agent ana@loja.example", "agent rui@loja.example", "subscription \"CONVERSATION_MESSAGE\""]
    {
        assert!(before.contains_key(name), "{name} was there: {before:#?}");
        assert!(!living(&after, name), "{name} follows the deletion policy: {after:#?}");
    }
    assert!(living(&after, "department \"Atendimento\""), "what is not ours stays: {after:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_moves_back_is_taken_back_and_its_people_work_again() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let before = zenvia_objects(&world);
    move_to(&mut store, "zendesk").await;
    switch_bot(&store).await;
    until_left(&store, ZENVIA).await;
    let in_zendesk = zendesk_objects(&world);
    move_to(&mut store, "zenvia").await;
    assert_eq!(zenvia_objects(&world), before, "the same objects, none made anew beside them");
    assert_eq!(zendesk_objects(&world), in_zendesk, "the bot still sends customers there");
    switch_bot(&store).await;
    until_left(&store, ZENDESK).await;
    assert_eq!(world.world.desk.user("ana@loja.example")["suspended"], true);
    let webhook = world.world.desk.one("webhooks", "name", "lojacentro/handler");
    assert_eq!(webhook["status"], "inactive");
    assert_eq!(zenvia_objects(&world), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orphaned_side_stays_as_it_is() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    store.edit(|spec| spec["deletionPolicy"] = json!("Orphan")).await;
    store.settle().await;
    let (before, mark) = (zenvia_objects(&world), world.zenvia.mark());
    move_to(&mut store, "zendesk").await;
    switch_bot(&store).await;
    until_left(&store, ZENVIA).await;
    assert_eq!(world.zenvia.writes(mark).len(), 0, "{}", world.zenvia.writes_text(mark));
    assert_eq!(zenvia_objects(&world), before);
}

/// Where an operator is killed while a store moves.
#[derive(Clone, Copy, Debug)]
enum Position {
    /// At a write to the new side.
    Joining(u64),
    /// At a write to the old side.
    Leaving(u64),
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_killed_at_any_position_ends_as_one_that_is_not() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let onboarding = world.zenvia.zenvia.ledger().write_count();
    move_to(&mut store, "zendesk").await;
    let joining = world.world.desk.zendesk.ledger().write_count();
    switch_bot(&store).await;
    until_left(&store, ZENVIA).await;
    let leaving = world.zenvia.zenvia.ledger().write_count();
    let reference = (zendesk_objects(&world), zenvia_objects(&world));
    assert!(leaving > onboarding && joining > 2, "{onboarding} {joining} {leaving}");
    drop(world);
    for position in [
        Position::Joining(1),
        Position::Joining(joining / 2),
        Position::Joining(joining),
        Position::Leaving(onboarding + 1),
        Position::Leaving(leaving),
    ] {
        for effect in [Effect::Applied, Effect::None] {
            let end = killed_at(position, effect).await;
            assert_eq!(end, reference, "killed at {position:?} ({effect:?})");
            eprintln!("killed at {position:?} ({effect:?}): both sides end the same");
        }
    }
}

type Ends = (BTreeMap<String, String>, BTreeMap<String, String>);

async fn killed_at(position: Position, effect: Effect) -> Ends {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let zenvia = std::sync::Arc::clone(&world.zenvia);
    let desk = std::sync::Arc::clone(&world.world.desk);
    let (faults, ledger, number): (&Faults, &Ledger, u64) = match position {
        Position::Joining(number) => (desk.zendesk.faults(), desk.zendesk.ledger(), number),
        Position::Leaving(number) => (zenvia.zenvia.faults(), zenvia.zenvia.ledger(), number),
    };
    let mut rule = Rule::new("kill", Action::Hold { effect }).times(1);
    rule.write = Some(number);
    faults.set(vec![rule]);
    store.edit(|spec| spec["accountRef"]["name"] = json!("zendesk")).await;
    if matches!(position, Position::Leaving(_)) {
        store.until_ready().await;
        switch_bot(&store).await;
    }
    until_stage(ledger, number, Stage::Held).await;
    world.world.kill_operator();
    // The connection ends with the process; only then is the fault taken away, so that nothing is applied late.
    until_stage(ledger, number, Stage::Lost).await;
    faults.set(Vec::new());
    world.world.start_operator().await;
    if matches!(position, Position::Joining(_)) {
        store.until_ready().await;
        switch_bot(&store).await;
    }
    until_left(&store, ZENVIA).await;
    store.settle().await;
    (zendesk_objects(&world), zenvia_objects(&world))
}

async fn until_stage(ledger: &Ledger, number: u64, stage: Stage) {
    let started = Instant::now();
    while ledger.write(number).is_none_or(|entry| entry.stage < stage) {
        assert!(started.elapsed() < LIMIT, "write {number} did not come to {stage:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
