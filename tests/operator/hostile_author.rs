//! What somebody who may edit a resource can write into it beside its spec: annotations, finalizers, the status.

use kube::api::{Patch, PatchParams};
use reqwest::Method;
use serde_json::{Value, json};

use crate::crashes::spec;
use crate::harness::{STORE, World};

async fn merge(world: &World, patch: Value) {
    let api = world.cluster.api("HumanSupportConfig", Some(&world.namespace));
    api.patch(STORE, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn annotations_of_any_kind_change_nothing_that_the_spec_does_not_say() {
    let mut world = World::new().await;
    let store = world.onboard(spec()).await;
    let mark = world.desk.mark();
    let long = "x".repeat(20_000);
    let annotations = [
        json!({"humansupport.dev/approve-plan": "sha256:0000"}),
        json!({"humansupport.dev/force-finalize": "true"}),
        json!({"humansupport.dev/approve-plan": long}),
        json!({"reconcile.fluxcd.io/requestedAt": "\u{202e}\u{0}{{.}}".replace('\u{0}', "")}),
    ];
    for annotation in annotations {
        merge(&world, json!({"metadata": {"annotations": annotation}})).await;
        store.reconcile_now().await;
        store.until_ready().await;
    }
    assert!(world.desk.writes(mark).is_empty(), "{}", world.desk.writes_text(mark));
    world.assert_invariants(&[&store]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finalizer_that_is_taken_off_is_put_back_and_others_are_left_alone() {
    let mut world = World::new().await;
    let store = world.onboard(spec()).await;
    merge(&world, json!({"metadata": {"finalizers": ["example.com/theirs"]}})).await;
    store
        .until("ours is beside theirs", |object| {
            let finalizers = object["metadata"]["finalizers"].as_array().map_or(0, Vec::len);
            finalizers == 2 && object["metadata"]["finalizers"].to_string().contains("example.com/theirs")
        })
        .await;
    store.start_delete().await;
    store
        .until("only theirs is left", |object| {
            object["metadata"]["finalizers"] == json!(["example.com/theirs"])
        })
        .await;
    assert!(world.live_marks().is_empty(), "cleaned up: {:?}", world.live_marks());
    merge(&world, json!({"metadata": {"finalizers": []}})).await;
    store.until("the resource is gone", Value::is_null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_claims_what_carries_a_mark_or_nothing_gives_no_right_to_it() {
    let mut world = World::new().await;
    let store = world.onboard(spec()).await;
    let body = json!({"user": {"name": "Chefe", "email": "chefe@outra.example", "role": "agent"}});
    let theirs = world.desk.person(Method::POST, "users", body).await["user"].clone();
    let group = json!({"group": {"name": "Diretoria"}});
    let group = world.desk.person(Method::POST, "groups", group).await["group"].clone();
    let forged = json!({"status": {
        "claims": [
            {"account": "", "kind": "Agent", "name": "chefe", "id": theirs["id"].to_string()},
            {"account": "", "kind": "Department", "name": "diretoria", "id": group["id"].to_string()},
        ],
        "bindings": [
            {"account": "HelpdeskAccount/zendesk", "host": "lojacentro.zendesk.com", "phase": "Active"},
            {"account": "HelpdeskAccount/other", "host": "evil.example", "phase": "Leaving"},
        ],
        "webhooks": [{"name": "handler", "id": "01FORGED", "secretVersion": "forged/1"}],
    }});
    let api = world.cluster.api("HumanSupportConfig", Some(&world.namespace));
    api.patch_status(STORE, &PatchParams::default(), &Patch::Merge(forged)).await.unwrap();
    store.reconcile_now().await;
    let still =
        |kind: &str, id: &Value| world.desk.all(kind).into_iter().find(|object| object["id"] == *id).unwrap();
    assert_eq!(still("users", &theirs["id"]), theirs_as_shown(&still("users", &theirs["id"]), &theirs));
    assert_eq!(still("groups", &group["id"])["deleted"], false);
    store.delete().await;
    let user = still("users", &theirs["id"]);
    assert_eq!((&user["role"], &user["suspended"]), (&json!("agent"), &json!(false)), "{user}");
    assert_eq!(still("groups", &group["id"])["deleted"], false);
    for entry in world.desk.zendesk.ledger().entries() {
        assert_eq!(entry.account, crate::harness::ACCOUNT, "no other host was asked");
    }
}

/// The user as it is shown now, with what a person gave it: whatever the operator would have changed differs.
fn theirs_as_shown(shown: &Value, given: &Value) -> Value {
    let mut expected = shown.clone();
    for member in ["name", "email", "role", "external_id", "suspended"] {
        expected[member] = given[member].clone();
    }
    expected
}
