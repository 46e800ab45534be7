//! Resources, statuses, Secrets and namespaces that go away under the operator, and what comes back after them.

use kube::api::{DeleteParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::crashes::spec;
use crate::harness::{Calls, STORE, World, condition, credentials, small};

#[tokio::test(flavor = "multi_thread")]
async fn deleted_and_recreated_while_the_operator_is_down_it_takes_its_objects_over() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    world.stop_operator().await;
    store.delete().await;
    let mark = world.desk.mark();
    let again = world.store(STORE, spec());
    again.apply().await;
    world.start_operator().await;
    again.settle().await;
    assert_eq!(world.desk.write_counts(mark), Calls::new(), "taken over as they are");
    let object = again.get().await;
    assert_eq!(object["metadata"]["finalizers"].as_array().map_or(0, Vec::len), 1);
    world.assert_invariants(&[&again]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_wiped_status_it_converges_without_a_new_object_and_holds_the_first_removals() {
    let mut world = World::new().await;
    let mut store = world.onboard(spec()).await;
    let mark = world.desk.mark();
    for running in [true, false] {
        if !running {
            world.stop_operator().await;
        }
        let api = world.cluster.api("HumanSupportConfig", Some(&world.namespace));
        let wiped = Patch::Merge(json!({"status": null}));
        api.patch_status(STORE, &PatchParams::default(), &wiped).await.unwrap();
        if !running {
            // Whoever restores an older declaration must not dismiss whoever was hired since.
            store
                .edit(|spec| spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "rui"))
                .await;
            world.start_operator().await;
            store.until("the removal is held", |object| object["status"]["plan"]["held"] == 1).await;
            store.reconcile_now().await;
        } else {
            store.settle().await;
            world.assert_invariants(&[&store]).await;
        }
        assert_eq!(world.desk.write_counts(mark), Calls::new(), "running: {running}");
    }
    assert_eq!(world.desk.user("rui@loja.example")["suspended"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_go_away_stop_every_write_and_come_back() {
    let mut world = World::new().await;
    let mut store = world.onboard(spec()).await;
    world.delete("Secret", "zendesk-credentials").await;
    let mark = world.desk.mark();
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    let said = store.until_stalled("SecretInvalid").await;
    assert!(said.contains("zendesk-credentials"), "{said}");
    assert!(world.desk.requests(mark).is_empty(), "without credentials nothing is sent");
    world.apply(credentials()).await;
    store.settle().await;
    world.desk.one("groups", "name", "Comercial");
    world.assert_invariants(&[&store]).await;
}

/// Nobody empties a namespace here (that takes kube-controller-manager): the test does as it does, Secrets first.
#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_ends_with_its_secret_gone_first_is_not_held_up_and_what_is_left_is_counted() {
    let mut world = World::new().await;
    let store = world.onboard(spec()).await;
    let before = world.live_marks();
    let namespaces = world.cluster.api("Namespace", None);
    namespaces.delete(&world.namespace, &DeleteParams::default()).await.unwrap();
    world.delete("Secret", "zendesk-credentials").await;
    store.start_delete().await;
    let blocked = |object: &Value| {
        object.is_null() || condition(object, "DeletionBlocked")["reason"] == "CredentialsGone"
    };
    store.until("it says why it waits", blocked).await;
    store.until("the resource is gone", Value::is_null).await;
    assert_eq!(world.live_marks(), before, "without credentials the objects stay");
    let operator = world.operator.as_ref().unwrap();
    let metrics = reqwest::get(format!("http://{}/metrics", operator.health)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let abandoned =
        metrics.lines().find(|line| line.starts_with("humansupport_deletions_abandoned_total")).unwrap();
    assert!(abandoned.ends_with(" 1"), "{abandoned}");
}
