//! What a person approved goes on after a crash, and for nothing else.

use sandbox::simulator::{Action, Effect, Rule, Stage};
use serde_json::{Value, json};

use crate::crashes::until_stage;
use crate::harness::{Store, World, agent, small};

/// Who leaves in these tests.
const LEAVERS: [&str; 4] = ["bia", "caio", "davi", "eva"];

/// A store of six of whom four were taken out of the list, which is more than its guard allows.
pub(crate) async fn with_leavers(world: &mut World) -> Store {
    let mut spec = small();
    spec["removalGuard"] = json!({"minCount": 1, "maxPercent": 10, "maxCount": 10});
    spec["agents"].as_array_mut().unwrap().extend(LEAVERS.map(|name| agent(name, "sales")));
    let mut store = world.onboard(spec).await;
    store.edit(|spec| spec["agents"].as_array_mut().unwrap().retain(is_staying)).await;
    store.until_stalled("RemovalGuardTripped").await;
    store
}

fn is_staying(agent: &Value) -> bool {
    !LEAVERS.iter().any(|name| agent["name"] == *name)
}

/// Sets the annotation that approves the plan that the status shows.
pub(crate) async fn approve(store: &mut Store) {
    let digest = store.get().await["status"]["plan"]["digest"].clone();
    assert!(digest.is_string(), "there is a plan to approve");
    store.annotations = json!({"humansupport.dev/approve-plan": digest});
    store.apply().await;
}

/// Takes the annotation away again, which changes no generation.
async fn take_the_annotation_away(store: &mut Store) {
    store.annotations = json!({});
    store.apply().await;
}

/// How many of the leavers have no access any more.
fn gone(world: &World) -> usize {
    let users = LEAVERS.map(|name| world.desk.user(&format!("{name}@loja.example")));
    users.iter().filter(|user| user["suspended"] == true).count()
}

/// Approves the removal and kills the operator while the second suspension is under way; the annotation is gone
/// afterwards. The account refuses the job of them all, so they are suspended one by one.
async fn killed_in_the_middle(world: &mut World, store: &mut Store) {
    let second = world.desk.zendesk.ledger().write_count() + 3;
    let mut rule = Rule::new("kill", Action::Hold { effect: Effect::None }).times(1);
    rule.write = Some(second);
    world.desk.zendesk.faults().set(vec![rule]);
    approve(store).await;
    until_stage(&world.desk, second, Stage::Held).await;
    world.kill_operator();
    until_stage(&world.desk, second, Stage::Lost).await;
    world.desk.zendesk.faults().set(Vec::new());
    take_the_annotation_away(store).await;
    assert_eq!(gone(world), 1, "the kill came in the middle: {}", world.desk.last_writes(4));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_an_approved_removal_the_rest_goes_on_without_a_second_approval() {
    let mut world = World::new().await;
    let mut store = with_leavers(&mut world).await;
    killed_in_the_middle(&mut world, &mut store).await;
    let approval = store.get().await["status"]["approval"].clone();
    assert_eq!(approval["generation"], store.get().await["metadata"]["generation"]);
    let steps: Vec<&str> =
        approval["steps"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    for name in LEAVERS {
        let about = format!(" Agent/{name}");
        assert!(steps.iter().any(|step| step.ends_with(&about)), "{name}: {steps:?}");
    }
    world.start_operator().await;
    let object = store.settle().await;
    assert_eq!(gone(&world), LEAVERS.len());
    assert_eq!(object["status"]["approval"], Value::Null, "all of it is done");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_generation_makes_the_rest_of_an_approved_removal_wait_again() {
    let mut world = World::new().await;
    let mut store = with_leavers(&mut world).await;
    killed_in_the_middle(&mut world, &mut store).await;
    store.edit(|spec| spec["resyncPeriod"] = json!("2h")).await;
    let mark = world.desk.mark();
    world.start_operator().await;
    store.until_stalled("RemovalGuardTripped").await;
    let object = store.reconcile_now().await;
    assert_eq!(object["status"]["approval"], Value::Null, "it was given for another generation");
    let suspensions =
        |entry: &sandbox::simulator::Entry| entry.body_value().to_string().contains("suspended");
    assert!(!world.desk.writes(mark).iter().any(suspensions), "{}", world.desk.writes_text(mark));
    approve(&mut store).await;
    store.until_ready().await;
    assert_eq!(gone(&world), LEAVERS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_outlives_a_round_that_ends_in_an_error_and_rounds_that_read_nothing() {
    let mut world = World::new().await;
    let mut store = with_leavers(&mut world).await;
    // After its writes the round asks for the conversations of whoever was suspended, and is told nothing.
    world.desk.zendesk.faults().set(vec![down("/api/v2/users/*/tickets/assigned**")]);
    approve(&mut store).await;
    let object = store.until_condition(("Ready", "False", "ProviderUnavailable")).await;
    assert_eq!(gone(&world), LEAVERS.len());
    let recorded = object["status"]["approval"].clone();
    assert!(recorded["steps"].is_array(), "{:#}", object["status"]);
    take_the_annotation_away(&mut store).await;
    world.kill_operator();
    world.desk.zendesk.faults().set(vec![down("**")]);
    world.start_operator().await;
    let object = store.reconcile_now().await;
    assert_eq!(object["status"]["approval"], recorded);
    world.desk.zendesk.faults().set(Vec::new());
    let object = store.settle().await;
    assert_eq!(object["status"]["approval"], Value::Null, "all of it is done");
}

/// Readings of these paths are refused.
pub(crate) fn down(path: &str) -> Rule {
    let refusal =
        Action::Status { status: 503, body: Some(json!({})), retry_after: None, effect: Effect::None };
    let mut rule = Rule::new("down", refusal);
    (rule.method, rule.path) = (Some("GET".to_owned()), Some(path.to_owned()));
    rule
}
