//! Who leaves while customers still write to them: access ends at once, the account only when their conversations are
//! given away or a day has passed by the helpdesk's clock.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ACCOUNT, STORE, Store, World, condition, entry, message, small};

/// The `--deletion-timeout` of the tests' operator.
const DELETION_TIMEOUT: Duration = Duration::from_secs(4);

/// Assigns an open conversation to somebody; gives its path.
async fn assign(world: &World, email: &str) -> String {
    let ticket = json!({"account": ACCOUNT, "subject": "Pedido", "status": "open",
        "assignee_id": world.desk.user(email)["id"]});
    let answer = world.desk.control(Method::POST, "tickets", ticket).await;
    format!("tickets/{}", answer["ticket"]["id"])
}

async fn solve(world: &World, ticket: &str) {
    // People are slower than the operator: what they change is not of the same second.
    world.desk.control(Method::PUT, "clock", json!({"advanceSeconds": 5})).await;
    world.desk.person(Method::PUT, ticket, json!({"ticket": {"status": "solved"}})).await;
}

async fn let_a_day_pass(world: &World) {
    world.desk.control(Method::PUT, "clock", json!({"advanceSeconds": 86_401})).await;
}

/// A store with this policy that is being deleted while ana has an open conversation; and the conversation.
async fn deleted_with_a_conversation(world: &mut World) -> (Store, String) {
    let mut spec = small();
    spec["deletionPolicy"] = json!("Deactivate");
    let store = world.onboard(spec).await;
    let ticket = assign(world, "ana@loja.example").await;
    store.start_delete().await;
    store.until_condition(("DeletionBlocked", "True", "ConversationsAssigned")).await;
    (store, ticket)
}

/// Waits until a deletion has waited longer than its timeout, and a later look left it waiting.
async fn until_it_outlived_the_timeout(store: &Store) -> Value {
    let since: jiff::Timestamp = condition(&store.get().await, "DeletionBlocked")["lastTransitionTime"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    while jiff::Timestamp::now().duration_since(since).as_secs() <= DELETION_TIMEOUT.as_secs() as i64 + 1 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    store.reconcile_now().await
}

async fn look(store: &Store) {
    store.request_look().await;
    store.until("the resource is gone", Value::is_null).await;
}

fn step(object: &Value) -> Value {
    let steps = object["status"]["pendingSteps"].as_array().cloned().unwrap_or_default();
    steps.into_iter().find(|step| step["name"] == "ReassignConversations/ana").unwrap_or(Value::Null)
}

#[track_caller]
fn is_suspended_agent(world: &World, email: &str) {
    let user = world.desk.user(email);
    assert_eq!((&user["role"], &user["suspended"]), (&json!("agent"), &json!(true)), "{user:#}");
}

#[track_caller]
fn is_dismissed(world: &World, email: &str) {
    let user = world.desk.user(email);
    assert_eq!((&user["role"], &user["suspended"]), (&json!("end-user"), &json!(true)), "{user:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_waits_for_conversations_longer_than_its_timeout_and_ends_when_they_are_solved() {
    let mut world = World::new().await;
    let (store, ticket) = deleted_with_a_conversation(&mut world).await;
    is_suspended_agent(&world, "ana@loja.example");
    is_dismissed(&world, "rui@loja.example");
    let object = until_it_outlived_the_timeout(&store).await;
    let id = world.desk.user("ana@loja.example")["id"].to_string();
    assert_eq!(step(&object)["value"], json!(id), "{:#}", object["status"]);
    let said = message(&object, "DeletionBlocked");
    assert!(said.contains("`ana`") && said.contains("after a day"), "{said}");
    is_suspended_agent(&world, "ana@loja.example");
    solve(&world, &ticket).await;
    look(&store).await;
    is_dismissed(&world, "ana@loja.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_ends_a_day_later_by_the_helpdesks_clock_whatever_is_assigned() {
    let mut world = World::new().await;
    let (store, _) = deleted_with_a_conversation(&mut world).await;
    let object = until_it_outlived_the_timeout(&store).await;
    assert_eq!(condition(&object, "DeletionBlocked")["reason"], "ConversationsAssigned");
    let_a_day_pass(&world).await;
    look(&store).await;
    is_dismissed(&world, "ana@loja.example");
}

/// A living store whose list lost ana while she has an open conversation; and the conversation.
async fn taken_out_with_a_conversation(world: &mut World) -> (Store, String) {
    let mut store = world.onboard(small()).await;
    let ticket = assign(world, "ana@loja.example").await;
    store
        .edit(|spec| {
            entry(&mut spec["agents"], "rui")["departments"] = json!(["sales", "support"]);
            spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "ana");
        })
        .await;
    let id = world.desk.user("ana@loja.example")["id"].to_string();
    let object = store.until("the step is open", |object| step(object)["value"] == json!(id)).await;
    assert_eq!(object["metadata"]["name"], STORE);
    is_suspended_agent(world, "ana@loja.example");
    (store, ticket)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_taken_out_of_the_list_keeps_the_account_until_the_conversations_are_solved() {
    let mut world = World::new().await;
    let (store, ticket) = taken_out_with_a_conversation(&mut world).await;
    store.reconcile_now().await;
    is_suspended_agent(&world, "ana@loja.example");
    solve(&world, &ticket).await;
    let object = store.reconcile_now().await;
    is_dismissed(&world, "ana@loja.example");
    assert_eq!(step(&object), Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_taken_out_of_the_list_is_dismissed_a_day_later_by_the_helpdesks_clock() {
    let mut world = World::new().await;
    let (store, _) = taken_out_with_a_conversation(&mut world).await;
    let_a_day_pass(&world).await;
    let object = store.reconcile_now().await;
    is_dismissed(&world, "ana@loja.example");
    assert_eq!(step(&object), Value::Null);
}
