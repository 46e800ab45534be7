//! What the reader of an account has to say beside its objects is in the status, holds nothing back, and stays the same
//! words from round to round.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Calls, Store, World, condition, example};

const SENTENCE: &str = "the account has no category `Notifications`";

/// The store's problems that speak of the category.
fn said(object: &Value) -> Vec<Value> {
    let problems = object["status"]["problems"].as_array().cloned().unwrap_or_default();
    problems.into_iter().filter(|problem| problem["message"].as_str().unwrap().contains(SENTENCE)).collect()
}

/// A store whose account calls the category otherwise, and the id of that category.
async fn without_the_category(world: &mut World) -> (Store, String) {
    let category = world.desk.one("trigger_categories", "name", "Notifications")["id"].clone();
    let path = format!("trigger_categories/{}", category.as_str().unwrap());
    let renamed = json!({"trigger_category": {"name": "Avisos"}});
    world.desk.person(Method::PATCH, &path, renamed).await;
    let store = world.onboard(example()).await;
    store.do_pending_steps().await;
    (store, path)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_category_triggers_are_made_without_one_and_the_status_says_so() {
    let mut world = World::new().await;
    let (store, path) = without_the_category(&mut world).await;
    let object = store.settle().await;
    let made: Vec<Value> = world
        .desk
        .writes(0)
        .iter()
        .filter(|entry| entry.operation == "POST /triggers")
        .map(|entry| entry.body_value()["trigger"].clone())
        .collect();
    assert_eq!(made.len(), 3, "two events and the routing: {}", world.desk.writes_text(0));
    for trigger in &made {
        assert!(trigger["title"].is_string() && trigger.get("category_id").is_none(), "{trigger:#}");
    }
    let problems = said(&object);
    assert_eq!(problems.len(), 1, "once, not for each trigger: {:#}", object["status"]["problems"]);
    assert_eq!(
        (&problems[0]["kind"], &problems[0]["reason"]),
        (&json!("EventRoute"), &json!("UnsupportedByProvider"))
    );
    assert_eq!(condition(&object, "Ready")["status"], "True");
    // At rest: a new process reads the account again and has nothing new to say.
    world.stop_operator().await;
    let before = store.get().await;
    let (ledger, audit) = (world.desk.mark(), world.cluster.audit_mark());
    world.start_operator().await;
    world.until_rounds_finished(1).await;
    assert_eq!(world.desk.write_counts(ledger), Calls::new(), "{}", world.desk.writes_text(ledger));
    let after = store.get().await;
    assert_eq!(after["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"]);
    let written = world.cluster.operator_writes(audit, &world.namespace);
    assert!(
        written.iter().all(|event| !format!("{event:?}").contains("humansupportconfigs")),
        "{written:#?}"
    );
    // Once the category is there, there is nothing left to say.
    let named = json!({"trigger_category": {"name": "Notifications"}});
    world.desk.person(Method::PATCH, &path, named).await;
    let object = store.reconcile_now().await;
    assert_eq!(said(&object), [Value::Null; 0]);
}
