//! The operator was rolled back to this version while a newer one had the store: what that one left and this one cannot
//! read is not written over, not taken over, not made a second time, and not taken away.
//!
//! No newer version exists, so what it would leave is written by hand: marks of a later format, a member and a word of
//! the status that this version does not know, with a definition that has them, and annotations of its own.

use std::time::Duration;

use kube::api::{Patch, PatchParams};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Cluster, STORE, Store, World, agent, condition, entry, small, until};

/// The definition of a store, and its members of the status.
const NAME: &str = "humansupportconfigs.humansupport.dev";
const STATUS: &str = "/spec/versions/0/schema/openAPIV3Schema/properties/status/properties";

/// The reason of all of it.
const REASON: &str = "OwnedByNewerVersion";

fn later(mark: &Value) -> String {
    mark.as_str().unwrap().replace("hso1", "hso2")
}

/// Gives a user of the store and a group of it marks of a later format.
async fn mark_as_a_newer_version_does(world: &World) {
    let user = world.desk.user("rui@loja.example");
    let body = json!({"user": {"external_id": later(&user["external_id"])}});
    world.desk.person(Method::PUT, &format!("users/{}", user["id"]), body).await;
    let group = world.desk.one("groups", "name", "Vendas");
    let body = json!({"group": {"description": later(&group["description"])}});
    world.desk.person(Method::PUT, &format!("groups/{}", group["id"]), body).await;
}

fn nothing_was_written(world: &World, mark: u64) {
    assert!(world.desk.writes(mark).is_empty(), "{}", world.desk.writes_text(mark));
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_of_a_later_format_stop_the_store_and_its_deletion_takes_nothing_away() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    let mut store = world.onboard(spec).await;
    world.stop_operator().await;
    mark_as_a_newer_version_does(&world).await;
    let mark = world.desk.mark();
    world.start_operator().await;
    // What is marked as before goes neither, what is gone from the list stays, and nothing new is made.
    store
        .edit(|spec| {
            entry(&mut spec["departments"], "sales")["displayName"] = json!("Comercial");
            let agents = spec["agents"].as_array_mut().unwrap();
            agents.retain(|agent| agent["name"] != "rui");
            agents.push(agent("bia", "sales"));
        })
        .await;
    let said = store.until_stalled(REASON).await;
    assert!(said.contains("newer version"), "{said}");
    store.reconcile_now().await;
    nothing_was_written(&world, mark);
    store.start_delete().await;
    store.until_condition(("DeletionBlocked", "True", REASON)).await;
    store.until("the deletion ends all the same", Value::is_null).await;
    nothing_was_written(&world, mark);
    until("it is told what is left", || async {
        let events = world.cluster.list("Event", &world.namespace).await;
        events.iter().any(|event| event["reason"] == "ExternalObjectsKept")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_newer_version_marked_for_another_store_is_neither_taken_over_nor_made_twice() {
    let mut world = World::new().await;
    let mark = |kind: &str| format!("hso2c/{}/elsewhere/loja/{kind}/x", world.flags.installation);
    let user = json!({"user": {"name": "Bia", "email": "bia@loja.example", "role": "agent",
        "external_id": mark("agent")}});
    let user = world.desk.person(Method::POST, "users", user).await["user"].clone();
    let group = json!({"group": {"name": "Trocas", "description": mark("department")}});
    let group = world.desk.person(Method::POST, "groups", group).await["group"].clone();
    let mut spec = small();
    spec["adoptionPolicy"] = json!("IfUnowned");
    spec["departments"].as_array_mut().unwrap().push(json!({"name": "returns", "displayName": "Trocas"}));
    spec["agents"].as_array_mut().unwrap().push(agent("bia", "support"));
    spec["adopt"] = json!([{"kind": "Agent", "name": "bia", "id": user["id"].to_string()}]);
    world.start_operator().await;
    let store = world.store(STORE, spec);
    store.apply().await;
    let object = store
        .until("both are held, and only they are left", |object| {
            object["status"]["plan"]["changes"] == 0
                && object["status"]["problems"].to_string().matches(REASON).count() == 2
        })
        .await;
    assert!(object["status"]["problems"].to_string().contains("run that version again"), "{object:#}");
    world.desk.user("ana@loja.example");
    for (kind, theirs, member) in [("users", &user, "external_id"), ("groups", &group, "description")] {
        let name = theirs["name"].as_str().unwrap();
        let now = world.desk.one(kind, "name", name);
        assert_eq!((&now["id"], &now[member]), (&theirs["id"], &theirs[member]), "{now:#}");
    }
}

/// Adds to the definition what a newer one would have: a list in the status, and one more phase of a binding.
async fn install_a_newer_definition(cluster: &Cluster) {
    let api = cluster.api("CustomResourceDefinition", None);
    let mut definition = serde_json::to_value(api.get(NAME).await.unwrap()).unwrap();
    let status = definition.pointer_mut(STATUS).unwrap();
    status["shifts"] =
        json!({"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}});
    let phases = status.pointer_mut("/bindings/items/properties/phase/enum").unwrap();
    phases.as_array_mut().unwrap().push(json!("Parked"));
    let patch = json!({"spec": {"versions": definition["spec"]["versions"]}});
    api.patch(NAME, &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

/// Writes the status as the operator does, all of it.
async fn write_status(world: &World, store: &Store, status: &Value) -> Value {
    let mut object = store.object();
    object.as_object_mut().unwrap().remove("spec");
    object["status"] = status.clone();
    let api = world.cluster.api("HumanSupportConfig", Some(&world.namespace));
    let parameters = PatchParams::apply("humansupport").force();
    match api.patch_status(STORE, &parameters, &Patch::Apply(&object)).await {
        Ok(written) => serde_json::to_value(written).unwrap()["status"].clone(),
        // The API server takes a moment to serve a changed definition.
        Err(_) => Value::Null,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_of_a_newer_version_is_left_as_it_is_and_keeps_no_other_store_waiting() {
    let (_plane, cluster) = Cluster::own().await;
    let mut world = World::in_cluster(cluster).await;
    let mut store = world.onboard(small()).await;
    world.stop_operator().await;
    install_a_newer_definition(&world.cluster).await;
    let known = store.get().await["status"].clone();
    for member in ["shifts", "phase"] {
        let mut newer = known.clone();
        match member {
            "shifts" => newer["shifts"] = json!([{"name": "night"}]),
            _ => newer["bindings"][0]["phase"] = json!("Parked"),
        }
        let started = std::time::Instant::now();
        while write_status(&world, &store, &newer).await != newer {
            assert!(started.elapsed() < crate::harness::LIMIT, "the newer definition is served");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let mark = world.desk.mark();
        world.start_operator().await;
        let annotation = json!({"metadata": {"annotations": {"humansupport.dev/a-newer-word": "x"}}});
        let api = world.cluster.api("HumanSupportConfig", Some(&world.namespace));
        api.patch(STORE, &PatchParams::default(), &Patch::Merge(annotation)).await.unwrap();
        store.edit(|spec| entry(&mut spec["departments"], "sales")["displayName"] = json!(member)).await;
        let said = store.until_stalled(REASON).await;
        assert!(said.contains("newer version"), "{said}");
        let mut shown = store.get().await["status"].clone();
        shown["conditions"] = newer["conditions"].clone();
        assert_eq!(shown, newer, "{member}: nothing but conditions was written");
        nothing_was_written(&world, mark);

        // The newer version is back, and takes back what this one cannot read.
        assert_ne!(write_status(&world, &store, &known).await, Value::Null);
        store.request_look().await;
        let object = store.until_ready().await;
        assert_eq!(condition(&object, "Stalled"), Value::Null);
        world.desk.one("groups", "name", member);
        world.stop_operator().await;
    }
}
