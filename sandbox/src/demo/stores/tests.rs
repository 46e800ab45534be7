//! Reading a store's status by the words of its documentation.

use super::{Done, Row};
use kube::api::DynamicObject;
use serde_json::{Value, json};

fn store(generation: i64, status: Value) -> DynamicObject {
    serde_json::from_value(json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
        "metadata": {"name": "loja", "namespace": "store", "generation": generation}, "status": status,
    }))
    .unwrap()
}

fn status(ready: [&str; 2], live: [&str; 2]) -> Value {
    json!({
        "observedGeneration": 3, "platform": "Zendesk",
        "summary": {"agents": "2/2", "licenses": "2/12", "pending": 1},
        "conditions": [
            {"type": "Ready", "status": ready[0], "reason": ready[1], "message": "about ready"},
            {"type": "Live", "status": live[0], "reason": live[1], "message": "about live"},
        ],
    })
}

#[test]
fn unseen_store_is_empty_and_not_done() {
    let row = Row::read(&store(1, json!({"observedGeneration": -1})));
    assert_eq!((row.key.as_str(), row.ready.as_str(), row.done), ("store/loja", "", Done::No));
}

#[test]
fn ready_and_live_store_is_done_for_its_own_generation_only() {
    let seen = status(["True", "Reconciled"], ["True", "Reconciled"]);
    let row = Row::read(&store(3, seen.clone()));
    assert_eq!((row.done, row.agents.as_str(), row.pending.as_str()), (Done::Yes, "2/2", "1"));
    assert_eq!(Row::read(&store(4, seen)).done, Done::No);
}

#[test]
fn ready_store_that_waits_for_a_person_shows_what_live_says() {
    let row = Row::read(&store(3, status(["True", "Reconciled"], ["False", "StepsPending"])));
    assert_eq!(
        (row.done, row.reason.as_str(), row.message.as_str()),
        (Done::No, "StepsPending", "about live")
    );
}

#[test]
fn store_that_is_not_ready_shows_what_ready_says() {
    let row = Row::read(&store(3, status(["False", "InvalidSpec"], ["False", "NotReady"])));
    assert_eq!(
        (row.done, row.reason.as_str(), row.message.as_str()),
        (Done::No, "InvalidSpec", "about ready")
    );
}

#[test]
fn store_whose_human_support_is_disabled_is_done_without_being_live() {
    let row = Row::read(&store(3, status(["True", "Reconciled"], ["False", "HumanSupportDisabled"])));
    assert_eq!(row.done, Done::Yes);
}
