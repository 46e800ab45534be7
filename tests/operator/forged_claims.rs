//! A status in which somebody wrote that other people's accounts are the store's: a claim alone gives no right to them.
//!
//! The chart gives nobody but the operator the right to write a status; whoever got it otherwise must still not reach
//! people whom nothing in the helpdesk shows to be the store's.

use kube::api::{Patch, PatchParams};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{STORE, Store, World, ZenviaWorld, small, zenvia_small};

/// Adds claims of agents to the status.
async fn forge(world: &World, store: &Store, agents: &[(&str, &Value)]) {
    let mut claims = store.get().await["status"]["claims"].as_array().cloned().unwrap_or_default();
    claims.retain(|claim| agents.iter().all(|(name, _)| claim["name"] != *name));
    claims.extend(agents.iter().map(|(name, id)| {
        json!({"account": "", "kind": "Agent", "name": name, "id": id.to_string(), "origin": "Created"})
    }));
    let api = world.cluster.api("HumanSupportConfig", Some(&world.namespace));
    let patch = Patch::Merge(json!({"status": {"claims": claims}}));
    api.patch_status(STORE, &PatchParams::default(), &patch).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_a_user_with_somebody_elses_external_id_gives_no_right_to_him() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    let store = world.onboard(spec).await;
    let mut theirs = Vec::new();
    for (name, external_id) in [
        ("chefe", "crm-4711".to_owned()),
        ("vizinha", format!("hso1c/{}/elsewhere/loja/agent/vizinha", world.flags.installation)),
    ] {
        let body = json!({"user": {"name": name, "email": format!("{name}@outra.example"), "role": "agent",
            "external_id": external_id}});
        theirs.push(world.desk.person(Method::POST, "users", body).await["user"].clone());
    }
    let before = world.desk.mark();
    // One under an entry of its own, one under the entry of a declared agent.
    forge(&world, &store, &[("chefe", &theirs[0]["id"]), ("ana", &theirs[1]["id"])]).await;
    store.settle().await;
    assert!(world.desk.writes(before).is_empty(), "{}", world.desk.writes_text(before));
    forge(&world, &store, &[("ana", &theirs[0]["id"]), ("vizinha", &theirs[1]["id"])]).await;
    store.settle().await;
    assert!(world.desk.writes(before).is_empty(), "{}", world.desk.writes_text(before));
    store.delete().await;
    for user in &theirs {
        let id = format!("/users/{}", user["id"]);
        let touched = world.desk.writes(before).into_iter().find(|entry| entry.path.contains(&id));
        assert!(touched.is_none(), "{touched:?}");
    }
    assert!(world.live_marks().keys().all(|mark| mark.contains("/elsewhere/")), "{:?}", world.live_marks());
}

#[track_caller]
fn is_as_it_was(world: &ZenviaWorld, theirs: &Value) {
    let shown = world.zenvia.agent("chefe@outra.example");
    for member in ["name", "profile", "active", "departments", "updated_at"] {
        assert_eq!(shown[member], theirs[member], "{member}: {shown:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_of_somebody_outside_the_stores_departments_gives_no_right_on_zenvia() {
    let mut world = ZenviaWorld::new().await;
    let mut spec = zenvia_small();
    spec["deletionPolicy"] = json!("Deactivate");
    let made = json!({"profile": "ADMIN", "department_ids": null, "agent": {"account_id": crate::harness::MEMBER,
        "name": "Chefe", "email": "chefe@outra.example", "password": "a".repeat(64)}});
    world.zenvia.person(Method::POST, "agents", made).await;
    let theirs = world.zenvia.agent("chefe@outra.example");
    let store = world.world.onboard(spec).await;
    for name in ["chefe", "ana"] {
        forge(&world.world, &store, &[(name, &theirs["id"])]).await;
        store.settle().await;
        is_as_it_was(&world, &theirs);
    }
    store.delete().await;
    is_as_it_was(&world, &theirs);
    assert_eq!(world.zenvia.agent("rui@loja.example")["active"], false, "the store's own are put out");
}
