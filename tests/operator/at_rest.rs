//! Three resync periods pass over a store that is as declared: it is compared each time, and nothing is written anywhere.
//!
//! A period is at least a minute, so this test waits three. Nothing else happens in its world, and its name lets it start
//! among the first, so that the others run meanwhile.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Calls, World, example};

/// Three periods of a minute, each up to a tenth longer, and what a busy machine adds.
const PATIENCE: Duration = Duration::from_secs(260);

#[tokio::test(flavor = "multi_thread")]
async fn over_three_resyncs_nothing_is_written_to_the_helpdesk_and_nothing_to_kubernetes() {
    let mut world = World::new().await;
    let mut spec = example();
    spec["resyncPeriod"] = json!("1m");
    let store = world.onboard(spec).await;
    store.do_pending_steps().await;
    let before = store.settle().await;
    let events = world.cluster.list("Event", &world.namespace).await.len();
    let (ledger, audit) = (world.desk.mark(), world.cluster.audit_mark());
    let started = Instant::now();
    let looks = |world: &World| world.desk.read_counts(ledger).get("GET /groups").copied().unwrap_or(0);
    while looks(&world) < 3 {
        assert!(started.elapsed() < PATIENCE, "{} resyncs in {PATIENCE:?}", looks(&world));
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    world.until_rounds_finished(1).await;
    let reads = world.desk.read_counts(ledger);
    assert_eq!(world.desk.write_counts(ledger), Calls::new(), "{}", world.desk.writes_text(ledger));
    let written = world.cluster.operator_writes(audit, &world.namespace);
    assert!(written.is_empty(), "{written:#?}");
    let after = store.get().await;
    assert_eq!(after["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"]);
    assert_eq!(world.cluster.list("Event", &world.namespace).await.len(), events);
    let seconds = started.elapsed().as_secs();
    eprintln!("three resyncs in {seconds} s: 0 provider writes, 0 Kubernetes writes; reads: {reads:?}");
}
