//! What whoever runs an account decides: which namespaces may use it, what is not built yet, which kind of credentials
//! it has and when that kind ends.

use sandbox::zendesk::API_TOKEN;
use serde_json::{Value, json};

use crate::harness::{
    Calls, Cluster, STORE, Watches, World, account, condition, entry, message, secret, small, until,
};

/// The account as the status of its resource tells it.
async fn told_of(world: &World, kind: &str) -> Value {
    let namespace = (kind == "HelpdeskAccount").then_some(world.namespace.as_str());
    let object = world.cluster.api(kind, namespace).get("zendesk").await.unwrap();
    serde_json::to_value(object).unwrap()
}

async fn until_account_is_ready(world: &World, kind: &str) -> Value {
    until("the account is Ready", || async {
        condition(&told_of(world, kind).await, "Ready")["status"] == "True"
    })
    .await;
    told_of(world, kind).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_that_a_cluster_account_does_not_admit_reaches_no_helpdesk_until_it_is_labeled() {
    let (_plane, cluster) = Cluster::own().await;
    let mut world = World::in_cluster(cluster).await;
    world.flags.watches = Watches::Everything;
    world.delete("HelpdeskAccount", "zendesk").await;
    let mut shared = account();
    shared["kind"] = json!("ClusterHelpdeskAccount");
    shared["spec"]["allowedNamespaces"] = json!({"matchLabels": {"helpdesk": "zendesk"}});
    world.cluster.apply(&shared, "tests").await.unwrap();
    world.start_operator().await;
    until_account_is_ready(&world, "ClusterHelpdeskAccount").await;
    let mark = world.desk.mark();
    let mut spec = small();
    spec["accountRef"]["kind"] = json!("ClusterHelpdeskAccount");
    let store = world.store(STORE, spec);
    store.apply().await;
    let said = store.until_stalled("AccountNotAllowed").await;
    assert!(said.contains("does not admit this namespace") && said.contains("`allowedNamespaces`"), "{said}");
    store.reconcile_now().await;
    assert_eq!(world.desk.requests(mark).len(), 0, "the helpdesk heard nothing of this store");
    let labeled = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": world.namespace, "labels": {"helpdesk": "zendesk"}}});
    world.cluster.apply(&labeled, "tests").await.unwrap();
    // Labels are read at every use and watched by nobody: asking spares the wait for the next look.
    store.reconcile_now().await;
    store.settle().await;
    world.desk.user("ana@loja.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_stores_would_share_is_held_as_not_built_and_the_rest_goes_on() {
    let mut world = World::new().await;
    world.start_operator().await;
    let mut spec = small();
    entry(&mut spec["agents"], "rui")["shared"] = json!(true);
    let mut store = world.store(STORE, spec);
    store.apply().await;
    let object = store.until_condition(("AgentsReady", "False", "NotImplemented")).await;
    let said = message(&object, "AgentsReady");
    assert!(said.contains("`rui`") && said.contains("leave `shared` out"), "{said}");
    store.until_stalled("NotImplemented").await;
    world.desk.user("ana@loja.example");
    world.desk.one("webhooks", "name", "lojacentro/handler");
    assert_eq!(world.desk.all("triggers").len(), 4, "three of ours and the vendor's own");
    assert!(!world.desk.all("users").iter().any(|user| user["email"] == "rui@loja.example"));
    let mark = world.desk.mark();
    store.reconcile_now().await;
    assert_eq!(world.desk.write_counts(mark), Calls::new());
    store
        .edit(|spec| drop(entry(&mut spec["agents"], "rui").as_object_mut().unwrap().remove("shared")))
        .await;
    store.settle().await;
    world.desk.user("rui@loja.example");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_token_makes_a_store_ready_and_the_account_warns_of_the_day_its_kind_ends() {
    let mut world = World::new().await;
    world.delete("Secret", "zendesk-credentials").await;
    let data = json!({"host": "lojacentro.zendesk.com", "email": "integration@lojacentro.example",
        "apiToken": API_TOKEN});
    world.apply(secret("zendesk-credentials", "humansupport.dev/credentials", data)).await;
    world.onboard(small()).await;
    world.desk.user("ana@loja.example");
    let object = until_account_is_ready(&world, "HelpdeskAccount").await;
    for kind in ["Ready", "CredentialsValid"] {
        let said = message(&object, kind);
        assert!(said.contains("2027-04-30") && said.contains("change to an OAuth client"), "{kind}: {said}");
    }
    world.apply(crate::harness::credentials()).await;
    // An account is looked at by itself now and then; asking spares the wait.
    let mut asked = account();
    asked["metadata"]["annotations"] = json!({"humansupport.dev/reconcile-requested-at": "now"});
    world.apply(asked).await;
    until("the warning is gone", || async {
        message(&told_of(&world, "HelpdeskAccount").await, "CredentialsValid")
            == "the credentials are accepted"
    })
    .await;
}
