//! What ten thousand stores take at start (goals P4 and P5): resident memory and its peak, calls to the helpdesk, writes to
//! Kubernetes, seconds.
//!
//! `cargo bench --bench memory` builds the operator with optimization, starts a real API server and the Zendesk simulator,
//! and creates the stores; `cargo bench --bench memory -- 1000` takes a thousand. None of them is integrated with WhatsApp,
//! so that nothing waits for the simulator: what is measured is the operator and its cache. Seconds stand beside those of
//! a writer that only makes the same number of objects in the same API server.

#![allow(clippy::print_stdout, reason = "the table is what a benchmark is for")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on panics"
)]

#[allow(dead_code, unused_imports, reason = "the tests use more of it")]
#[path = "../tests/operator/harness/mod.rs"]
mod harness;

use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::{Value, json};

use harness::{Operator, World};

/// What the goals speak of.
const STORES: usize = 10_000;
/// How many objects are made at the same time.
const AT_ONCE: usize = 16;
/// The longest a start may take before the benchmark gives up.
const PATIENCE: Duration = Duration::from_secs(1800);

fn store(number: usize) -> Value {
    json!({
        "accountRef": {"kind": "HelpdeskAccount", "name": "zendesk"},
        "store": format!("loja{number}"),
        "whatsapp": {"phoneNumber": format!("+5511{:08}", 40_000_000 + number)},
        "conversationTag": format!("vtex-chatbot-{number}"),
        "departments": [{"name": "sales", "displayName": format!("Vendas {number}")}],
        "defaultDepartment": "sales",
        "agents": (0..20).map(|agent| json!({"name": format!("agent-{agent}"), "displayName": format!("Agent {agent}"),
            "email": format!("agent-{agent}@loja{number}.example"), "profile": "Agent",
            "departments": ["sales"]})).collect::<Vec<_>>(),
        "resyncPeriod": "24h",
    })
}

/// Makes the stores; seconds.
async fn make(world: &World, stores: usize) -> f64 {
    let started = Instant::now();
    let all = futures::stream::iter(0..stores).map(|number| async move {
        world.store(&format!("loja-{number}"), store(number)).apply().await;
    });
    all.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
    started.elapsed().as_secs_f64()
}

/// Megabytes of a process by a line of its status: `VmRSS:` now, `VmHWM:` at most so far.
fn megabytes(operator: &Operator, line: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", operator.id())).unwrap();
    let found = status.lines().find(|text| text.starts_with(line)).unwrap();
    found.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// Starts the operator and waits until every store had its round; prints a row.
async fn start(world: &mut World, (name, stores): (&str, usize), reference: f64) {
    let (ledger, audit, started) = (world.desk.mark(), world.cluster.audit_mark(), Instant::now());
    world.start_operator().await;
    let operator = world.operator.as_ref().unwrap();
    while operator.rounds_by_its_metrics().await < stores {
        assert!(
            started.elapsed() < PATIENCE,
            "{} of {stores} rounds",
            operator.rounds_by_its_metrics().await
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    tokio::time::sleep(Duration::from_secs(5)).await;
    let calls: usize = world.desk.read_counts(ledger).values().sum();
    let writes = world.kubernetes_writes(audit).len();
    println!(
        "{name:<10} {seconds:>8.1} {:>10.2} {calls:>8} {:>8} {writes:>8} {:>10.1} {:>10.1}",
        seconds / reference,
        world.desk.writes(ledger).len(),
        megabytes(operator, "VmRSS:"),
        megabytes(operator, "VmHWM:"),
    );
    world.stop_operator().await;
}

#[tokio::main]
async fn main() {
    let stores = harness::number_argument().unwrap_or(STORES);
    let mut world = World::new().await;
    world.flags.log = "warn,human_support_operator=info".to_owned();
    let reference = make(&world, stores).await;
    println!(
        "{stores} stores with 20 agents each, made in {reference:.1} s by a writer that does nothing else"
    );
    println!(
        "{:<10} {:>8} {:>10} {:>8} {:>8} {:>8} {:>10} {:>10}",
        "start", "seconds", "of writer", "calls", "to desk", "to k8s", "MiB now", "MiB peak"
    );
    start(&mut world, ("first", stores), reference).await;
    start(&mut world, ("again", stores), reference).await;
    println!("goals for 10,000: 40 MiB now, 64 MiB peak, 15 s and no write at the second start");
}
