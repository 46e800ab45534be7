//! Hundreds of stores at start: the account is read once for all of them, each has its round, and a restart over
//! converged ones writes nothing. Ten thousand are `cargo bench --bench memory`.

use std::time::Instant;

use futures::StreamExt;
use serde_json::{Value, json};

use crate::harness::{LIMIT, Operator, World, condition};

const STORES: usize = 300;

/// A store with what is needed and nothing to make before WhatsApp is integrated.
pub(crate) fn waiting_store(number: usize) -> Value {
    json!({
        "accountRef": {"kind": "HelpdeskAccount", "name": "zendesk"},
        "store": format!("loja{number}"),
        "whatsapp": {"phoneNumber": format!("+5511{:08}", 40_000_000 + number)},
        "conversationTag": format!("vtex-chatbot-{number}"),
        "resyncPeriod": "24h",
    })
}

async fn apply_all(world: &World) {
    let stores = futures::stream::iter(0..STORES).map(|number| async move {
        world.store(&format!("loja-{number}"), waiting_store(number)).apply().await;
    });
    stores.buffer_unordered(8).collect::<Vec<_>>().await;
}

/// Waits until every store has its conditions.
async fn until_all_were_visited(world: &World) {
    let started = Instant::now();
    loop {
        let stores = world.cluster.list("HumanSupportConfig", &world.namespace).await;
        let visited = stores.iter().filter(|store| condition(store, "Ready")["status"] == "True").count();
        if visited == STORES {
            return;
        }
        assert!(started.elapsed() < LIMIT, "{visited} of {STORES}: {:#}", stores[0]["status"]);
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
}

/// Kilobytes of a process that are in memory.
fn resident(operator: &Operator) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", operator.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_stores_share_one_reading_at_start_and_a_restart_over_them_writes_nothing() {
    let mut world = World::new().await;
    apply_all(&world).await;
    world.start_operator().await;
    until_all_were_visited(&world).await;
    assert!(world.desk.writes(0).is_empty(), "{}", world.desk.writes_text(0));
    world.stop_operator().await;

    let (ledger, audit) = (world.desk.mark(), world.cluster.audit_mark());
    world.start_operator().await;
    world.until_rounds_finished(STORES).await;
    let reads: usize = world.desk.read_counts(ledger).values().sum();
    let written = world.kubernetes_writes(audit);
    let kilobytes = resident(world.operator.as_ref().unwrap());
    eprintln!("{STORES} stores at start: {reads} calls, {} writes, {kilobytes} kB resident", written.len());
    assert!(reads < STORES / 5, "one reading for all: {:?}", world.desk.read_counts(ledger));
    assert!(written.is_empty(), "{written:#?}");
    // A debug build with its log: what ten thousand take is measured by the benchmark.
    assert!(kilobytes < 200_000, "{kilobytes} kB");
}
