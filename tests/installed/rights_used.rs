//! The roles of the chart are enough for a store's whole life, and nothing in them is unused.

use serde_json::{Value, json};

use crate::chart::render::{NAMESPACE, Right};
use crate::harness::{
    Desk, Operator, Store, account, agent, credentials, entry, example, handler_token, small,
};
use crate::release::Release;

/// A label by which the cluster account of the test admits namespaces.
const ADMITTED: &str = "support";

/// Applies an object in a namespace.
pub(crate) async fn apply(release: &Release, namespace: &str, mut object: Value) {
    object["metadata"]["namespace"] = json!(namespace);
    release.cluster.apply(&object, "tests").await.unwrap();
}

/// The documented example on an account of its own namespace.
pub(crate) async fn store_with_its_account(release: &Release, namespace: &str) -> Store {
    release.cluster.namespace(namespace).await;
    for object in [credentials(), handler_token(), account()] {
        apply(release, namespace, object).await;
    }
    let mut spec = example();
    spec["deletionPolicy"] = json!("Delete");
    Store::new(&release.cluster, (namespace, "loja-centro"), spec)
}

/// A second store of the same helpdesk, through a cluster account whose Secret is in the operator's namespace.
async fn store_of_a_cluster_account(release: &Release, namespace: &str) -> Store {
    let labelled = json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": namespace, "labels": {(ADMITTED): "enabled"}}});
    release.cluster.apply(&labelled, "tests").await.unwrap();
    apply(release, NAMESPACE, credentials()).await;
    apply(release, namespace, handler_token()).await;
    let mut shared = account();
    shared["kind"] = json!("ClusterHelpdeskAccount");
    shared["metadata"]["name"] = json!("shared");
    shared["spec"]["allowedNamespaces"] = json!({"matchLabels": {(ADMITTED): "enabled"}});
    shared["spec"]["departmentName"] = json!("{displayName} - {store}");
    release.cluster.apply(&shared, "tests").await.unwrap();
    let mut spec = small();
    spec["accountRef"] = json!({"kind": "ClusterHelpdeskAccount", "name": "shared"});
    spec["store"] = json!("lojanorte");
    spec["conversationTag"] = json!("bot-lojanorte");
    spec["whatsapp"]["phoneNumber"] = json!("+551155550100");
    spec["completedSteps"] = json!([{"name": "IntegrateWhatsApp", "value": "+551155550100"}]);
    spec["webhooks"][0]["url"] = json!("https://live-agent-handler.vtex.com/webhooks/lojanorte");
    spec["agents"] = json!([agent("eva", "sales"), agent("leo", "support")]);
    Store::new(&release.cluster, (namespace, "loja-norte"), spec)
}

/// Everything that an operator does in its life: onboard, repair, change twice, hand its lease over, delete.
async fn live(release: &Release, desk: &Desk, operator: &mut Operator) {
    let mut centro = store_with_its_account(release, "store-centro").await;
    let norte = store_of_a_cluster_account(release, "store-norte").await;
    for store in [&centro, &norte] {
        store.apply().await;
    }
    for store in [&centro, &norte] {
        store.until_ready().await;
        store.do_pending_steps().await;
        store.until_condition(("Live", "True", "Reachable")).await;
    }
    // The same reason for another agent within minutes continues the event of before.
    for (agent, name) in [("ana", "Ana S. Souza"), ("rui", "Rui L. Lima")] {
        centro.edit(|spec| entry(&mut spec["agents"], agent)["displayName"] = json!(name)).await;
        centro.settle().await;
    }
    assert_eq!(desk.user("rui@loja.example")["name"], "Rui L. Lima");
    assert_eq!(operator.stop().await, Some(0));
    *operator = release.start_operator(desk).await;
    centro.reconcile_now().await;
    centro.delete().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_of_the_chart_are_enough_and_no_right_is_unused() {
    let release = Release::of_this_chart().await;
    let desk = Desk::start().await;
    let mut operator = release.start_operator(&desk).await;
    live(&release, &desk, &mut operator).await;
    assert_eq!(release.refused(), Vec::<String>::new(), "a right is missing");
    let used = release.used();
    let unused: Vec<Right> = release.granted().into_iter().filter(|right| !used.contains(right)).collect();
    assert_eq!(unused, [], "granted and never used");
}
