//! The operator's rights are cut and given back: what it could not record it does not do.

use sandbox::control_plane::{parse_manifests, workspace};
use serde_json::{Value, json};

use crate::crashes::spec;
use crate::harness::{CURTAILED, Cluster, STORE, World, until};

/// The operator's rights as the sandbox grants them, without those for the resources named.
fn rights(without: &[&str]) -> Value {
    let file = workspace().join("sandbox/src/demo/rights.yaml");
    let role = parse_manifests(&std::fs::read_to_string(file).unwrap()).unwrap().remove(0);
    let mut rules = Vec::new();
    for rule in role.data["rules"].as_array().unwrap() {
        for resource in rule["resources"].as_array().unwrap() {
            if !without.iter().any(|cut| resource == cut) {
                let mut rule = rule.clone();
                rule["resources"] = json!([resource]);
                rules.push(rule);
            }
        }
    }
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "operator"}, "rules": rules})
}

fn binding() -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "operator"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "operator"},
        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": CURTAILED}]})
}

/// Whether the operator was refused something of a resource.
fn was_refused(world: &World, mark: u64, resource: &str) -> bool {
    let writes = world.cluster.operator_writes(mark, &world.namespace);
    writes.iter().any(|event| event.code() == 403 && event.resource() == resource)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_record_nothing_is_written_and_with_it_the_store_converges() {
    for cut in ["humansupportconfigs/status", "secrets"] {
        let mut world = World::new().await;
        world.flags.kubeconfig = Cluster::curtailed().await;
        world.apply(rights(&[cut])).await;
        world.apply(binding()).await;
        let store = world.store(STORE, spec());
        let mark = world.cluster.audit_mark();
        store.apply().await;
        world.start_operator().await;
        if cut == "secrets" {
            store
                .until("it says what it waits for", |object| object["status"]["conditions"].is_array())
                .await;
        } else {
            until("the record was refused", || async { was_refused(&world, mark, cut) }).await;
        }
        assert!(world.desk.writes(0).is_empty(), "{cut}: {}", world.desk.writes_text(0));
        world.apply(rights(&[])).await;
        store.settle().await;
        world.assert_invariants(&[&store]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_right_the_helpdesk_stays_as_it_is_until_the_rights_are_back() {
    let mut world = World::new().await;
    world.flags.kubeconfig = Cluster::curtailed().await;
    world.apply(rights(&[])).await;
    world.apply(binding()).await;
    let mut store = world.onboard(spec()).await;
    let mark = world.desk.mark();
    world.delete("RoleBinding", "operator").await;
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    let audit = world.cluster.audit_mark();
    until("the operator is refused", || async {
        world.cluster.operator_requests(audit, &world.namespace).iter().any(|event| event.code() == 403)
    })
    .await;
    // The edit may still have been heard of before the right was gone; then it could not be recorded as done.
    let taken = world.desk.writes(mark).iter().filter(|entry| entry.method == "DELETE").count();
    assert_eq!(taken, 0, "{}", world.desk.writes_text(mark));
    world.apply(binding()).await;
    store.settle().await;
    world.desk.one("groups", "name", "Comercial");
    world.assert_invariants(&[&store]).await;
}
