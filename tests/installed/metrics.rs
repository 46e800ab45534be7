//! What Prometheus' own linter says of `/metrics` while stores converge, fail and are deleted.

use std::io::Write as _;
use std::process::{Command, Stdio};

use sandbox::simulator::{Action, Effect, Rule};
use serde_json::json;

use crate::harness::{World, agent, small};

/// The metrics of the operator, and what promlint says of them.
async fn linted(world: &World) -> (String, String) {
    let address = world.operator.as_ref().unwrap().health;
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    let mut child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is there: install the package `prometheus` of your system");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{text}");
    (text, said)
}

/// The value of the first series that starts so.
fn value(text: &str, series: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(series));
    let line = line.unwrap_or_else(|| panic!("no {series} in\n{text}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn promlint_reports_nothing_while_stores_converge_fail_and_are_deleted() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    let mut store = world.onboard(spec).await;
    let (text, _) = linted(&world).await;
    assert!(value(&text, "humansupport_reconciles_total{") > 0.0);
    assert!(value(&text, "humansupport_provider_requests_total{") > 0.0);

    let action =
        Action::Status { status: 429, body: None, retry_after: Some("1".to_owned()), effect: Effect::None };
    world.desk.zendesk.faults().set(vec![Rule::new("throttled", action).times(3)]);
    store.edit(|spec| spec["agents"].as_array_mut().unwrap().push(agent("eva", "sales"))).await;
    store.until_ready().await;
    let (text, _) = linted(&world).await;
    assert!(value(&text, "humansupport_provider_throttled_total{") > 0.0);

    store.delete().await;
    let (text, _) = linted(&world).await;
    let series = format!("humansupport_config_condition{{namespace=\"{}\"", world.namespace);
    assert!(!text.contains(&series), "a deleted store has no series left:\n{text}");
}
