//! What is as declared is left alone: no write to the helpdesk, no write to Kubernetes, one listing per account.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{Calls, HANDLER_HOST, World, agent, calls, entry, example, small};

#[tokio::test(flavor = "multi_thread")]
async fn three_further_rounds_write_nothing_to_the_helpdesk_and_nothing_to_kubernetes() {
    let mut world = World::new().await;
    let store = world.onboard(example()).await;
    store.do_pending_steps().await;
    store.settle().await;
    for _ in 0..3 {
        // A new process knows nothing, so its first round is a full check of the store; nobody asked for it, so
        // there is no acknowledgement to write.
        world.stop_operator().await;
        let before = store.get().await;
        let (ledger, audit) = (world.desk.mark(), world.cluster.audit_mark());
        world.start_operator().await;
        world.until_rounds_finished(1).await;
        assert!(!world.desk.read_counts(ledger).is_empty(), "the round looked at the helpdesk");
        assert_eq!(world.desk.write_counts(ledger), Calls::new());
        assert_eq!(written(&world, audit), Vec::<String>::new());
        assert_eq!(store.get().await["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_requested_rounds_write_their_acknowledgement_alone() {
    let mut world = World::new().await;
    let store = world.onboard(example()).await;
    store.do_pending_steps().await;
    let before = store.settle().await;
    let (ledger, audit) = (world.desk.mark(), world.cluster.audit_mark());
    for _ in 0..3 {
        store.reconcile_now().await;
    }
    let after = store.get().await;
    assert_eq!(world.desk.write_counts(ledger), Calls::new());
    assert_eq!(written(&world, audit), ["patch humansupportconfigs/status"; 3]);
    let mut expected = before["status"].clone();
    expected["lastHandledReconcileAt"] = after["status"]["lastHandledReconcileAt"].clone();
    assert_eq!(after["status"], expected, "the acknowledgement and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_check_of_three_stores_of_one_account_costs_one_listing() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    let single = full_check(&mut world, 1).await;
    for (number, name) in [(2, "loja-norte"), (3, "loja-sul")] {
        let another = world.store(name, another_store(number));
        another.apply().await;
        another.settle().await;
    }
    store.settle().await;
    let three = full_check(&mut world, 3).await;
    eprintln!("one store:    {single:?}\nthree stores: {three:?}");
    let listings = |counts: &Calls| -> BTreeSet<(String, usize)> {
        let list = counts.iter().filter(|(operation, _)| !operation.contains("{id}"));
        list.map(|(operation, number)| (operation.clone(), *number)).collect()
    };
    assert_eq!(listings(&three), listings(&single), "three stores share what one store lists");
    for operation in ["GET /groups", "GET /triggers", "GET /webhooks", "GET /group_memberships"] {
        assert_eq!(three.get(operation), Some(&1), "{three:?}");
    }
}

/// The reads of the first rounds of a new process, which check every store in full.
async fn full_check(world: &mut World, stores: usize) -> Calls {
    world.stop_operator().await;
    let mark = world.desk.mark();
    world.start_operator().await;
    world.until_rounds_finished(stores).await;
    assert_eq!(world.desk.write_counts(mark), calls(&[]));
    world.desk.read_counts(mark)
}

/// A store that wants nothing of what the first one has.
pub(crate) fn another_store(number: usize) -> Value {
    let mut spec = small();
    let phone = format!("+55114002000{number}");
    spec["store"] = format!("loja{number}").into();
    spec["whatsapp"]["phoneNumber"] = phone.clone().into();
    spec["conversationTag"] = format!("tag-{number}").into();
    entry(&mut spec["completedSteps"], "IntegrateWhatsApp")["value"] = phone.into();
    let url = format!("https://{HANDLER_HOST}/webhooks/zendesk/loja{number}");
    entry(&mut spec["webhooks"], "handler")["url"] = url.into();
    for department in ["sales", "support"] {
        entry(&mut spec["departments"], department)["displayName"] = format!("{department} {number}").into();
    }
    spec["agents"] =
        [agent(&format!("a{number}"), "sales"), agent(&format!("b{number}"), "support")].to_vec().into();
    spec
}

/// The operator's writes to Kubernetes since a mark, leases left out.
fn written(world: &World, mark: u64) -> Vec<String> {
    let events = world.cluster.operator_writes(mark, &world.namespace);
    events
        .iter()
        .filter(|event| event.resource() != "leases")
        .map(|event| format!("{} {}", event.verb, event.resource()))
        .collect()
}
