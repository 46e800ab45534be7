//! The helpdesk cannot be reached for a while: it is asked rarely, what is known stays, and afterwards nobody rushes in.

use std::time::Duration;

use sandbox::simulator::{Action, Effect, Rule};
use serde_json::json;

use crate::crashes::spec;
use crate::harness::{LIMIT, World, calls, condition};

#[tokio::test(flavor = "multi_thread")]
async fn while_the_helpdesk_is_down_one_probe_goes_out_and_afterwards_only_what_is_needed() {
    let mut world = World::new().await;
    let mut store = world.onboard(spec()).await;
    world.desk.zendesk.faults().set(vec![Rule::new("down", Action::Reset { effect: Effect::None })]);
    let mark = world.desk.mark();
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    let said = |object: &serde_json::Value| condition(object, "Ready")["reason"] == "ProviderUnavailable";
    let object = store.until("it says that the helpdesk is away", said).await;
    assert_eq!(object["status"]["summary"]["agents"], "2/2", "the last state is kept");
    // After five failures the breaker opens; from then on half a minute passes between two probes.
    store.reconcile_now().await;
    let tried = world.desk.zendesk.ledger().entries().len();
    for _ in 0..10 {
        store.reconcile_now().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let probes = world.desk.zendesk.ledger().entries().len() - tried;
    assert!(probes <= 1, "{probes} requests in a few seconds, although it is known to be away");
    assert!(world.desk.writes(mark).iter().all(|entry| !entry.effect));
    world.desk.zendesk.faults().set(Vec::new());
    let back = world.desk.mark();
    let started = std::time::Instant::now();
    // Left alone it looks again after a pause that grew with the failures; a person who asks gets the next probe.
    while condition(&store.reconcile_now().await, "Ready")["status"] != "True" {
        assert!(started.elapsed() < LIMIT, "not back:\n{}", world.operator.as_ref().unwrap().log_tail(5));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    assert_eq!(world.desk.write_counts(back), calls(&[("PUT /groups/{id}", 1)]));
    store.settle().await;
    world.assert_invariants(&[&store]).await;
}
