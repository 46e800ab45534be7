//! Training: who is expected, who has no session, what is told when a session is near.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::harness::{STORE, World, condition, entry, message, small};

/// A store whose agents are trained by these sessions.
fn spec(sessions: Value) -> Value {
    let mut spec = small();
    spec["training"] = json!({"sessions": sessions});
    spec
}

fn session(name: &str, starts_at: Timestamp) -> Value {
    json!({"name": name, "startsAt": starts_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(), "minutes": 60,
        "audience": {"profiles": ["Agent"]}})
}

fn in_hours(hours: i64) -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(hours)
}

async fn notes(world: &World) -> Vec<String> {
    let events = world.cluster.list("Event", &world.namespace).await;
    let mut notes: Vec<String> = events
        .iter()
        .filter(|event| event["reason"] == "TrainingDue")
        .map(|event| event["note"].as_str().unwrap().to_owned())
        .collect();
    notes.sort();
    notes
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_without_a_session_are_named_until_one_is_declared_or_a_person_says_that_none_is_needed() {
    let mut world = World::new().await;
    let mut store = world.onboard(small()).await;
    let object = store.until_condition(("TrainingScheduled", "False", "ManualActionRequired")).await;
    assert!(
        message(&object, "TrainingScheduled").contains("`Agent`"),
        "{}",
        message(&object, "TrainingScheduled")
    );
    let mut steps = object["status"]["pendingSteps"].clone();
    assert_eq!(entry(&mut steps, "BookTraining")["value"], "Agent");
    store.edit(|spec| spec["training"] = json!({"sessions": [session("kickoff", in_hours(100))]})).await;
    let object = store.until_condition(("TrainingScheduled", "True", "InSync")).await;
    let next: Timestamp = object["status"]["nextTraining"].as_str().unwrap().parse().unwrap();
    assert!(next > in_hours(99) && next < in_hours(101), "{next}");
    assert!(!object["status"]["pendingSteps"].to_string().contains("BookTraining"));
    store.edit(|spec| spec["training"] = json!({"sessions": []})).await;
    store.do_pending_steps().await;
    store.until_condition(("TrainingScheduled", "True", "NotDeclared")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requested_session_waits_for_its_date() {
    let mut world = World::new().await;
    let requested = json!({"name": "kickoff", "minutes": 60, "audience": {"profiles": ["Agent"]}});
    let store = world.onboard(spec(json!([requested]))).await;
    let object = store.until_condition(("TrainingScheduled", "False", "StepsPending")).await;
    assert!(message(&object, "TrainingScheduled").contains("`kickoff`"));
    assert_eq!(object["status"]["nextTraining"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_after_the_last_session_held_needs_another_one() {
    let mut world = World::new().await;
    let mut held = session("kickoff", in_hours(-100));
    held["outcome"] = json!("Held");
    let mut store = world.onboard(spec(json!([held]))).await;
    store.until_condition(("TrainingScheduled", "True", "InSync")).await;
    world.stop_operator().await;
    world.start_operator().await;
    store
        .edit(|spec| spec["agents"].as_array_mut().unwrap().push(crate::harness::agent("zoe", "support")))
        .await;
    let object = store.until_condition(("TrainingScheduled", "False", "ManualActionRequired")).await;
    assert!(
        message(&object, "TrainingScheduled").contains("zoe"),
        "{}",
        message(&object, "TrainingScheduled")
    );
    assert_eq!(object["status"]["training"]["trained"], json!(["ana", "rui"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_within_a_day_is_told_once_across_a_restart() {
    let mut world = World::new().await;
    let near = session("near", in_hours(10));
    let store = world.onboard(spec(json!([near, session("far", in_hours(100))]))).await;
    store
        .until("the reminder is remembered", |object| {
            object["status"]["training"]["remindedUntil"].is_string()
        })
        .await;
    store.settle().await;
    let told = notes(&world).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("`near` is within a day"), "{told:?}");
    world.stop_operator().await;
    world.start_operator().await;
    store.settle().await;
    assert_eq!(notes(&world).await, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_starts_while_the_operator_waits_is_told_at_its_start() {
    let mut world = World::new().await;
    world.start_operator().await;
    let mut spec = spec(json!([session("soon", Timestamp::now() + SignedDuration::from_secs(8))]));
    spec["resyncPeriod"] = json!("24h");
    spec["webhooks"] = json!([]);
    let store = world.store(STORE, spec);
    store.apply().await;
    store.until_ready().await;
    let started = std::time::Instant::now();
    while !notes(&world).await.iter().any(|note| note.contains("`soon` starts now")) {
        assert!(started.elapsed() < crate::harness::LIMIT, "{:?}", notes(&world).await);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_about_a_session_is_reported_and_refuses_nothing() {
    let mut world = World::new().await;
    let mut nobody = session("nobody", in_hours(100));
    nobody["audience"] = json!({"agents": ["gone"]});
    let store = world.onboard(spec(json!([session("over", in_hours(-100)), nobody]))).await;
    let object = store.get().await;
    assert_eq!(condition(&object, "Ready")["status"], "True");
    let mut problems = object["status"]["problems"].clone();
    assert_eq!(entry(&mut problems, "over")["kind"], "TrainingSession");
    assert!(entry(&mut problems, "over")["message"].as_str().unwrap().contains("`outcome`"));
    assert!(entry(&mut problems, "nobody")["message"].as_str().unwrap().contains("`gone`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_without_an_audience_is_refused_by_the_api_server() {
    let world = World::new().await;
    let store = world.store(STORE, spec(json!([{"name": "kickoff", "minutes": 60}])));
    let refused = store.try_apply().await.unwrap_err().to_string();
    assert!(refused.contains("a session needs an audience"), "{refused}");
}
