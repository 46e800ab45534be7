//! What Prometheus' own linter says of `/metrics` while stores converge, fail and are deleted.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox::simulator::{Action, Effect, Rule};
use serde_json::json;

use crate::harness::{LIMIT, STORE, World, agent, credentials, small};

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

/// The series of a condition of the test's store.
fn condition_series(world: &World, kind: &str, status: &str) -> String {
    let (namespace, name) = (&world.namespace, STORE);
    format!(
        "humansupport_config_condition{{namespace=\"{namespace}\",name=\"{name}\",type=\"{kind}\",status=\"{status}\"}}"
    )
}

/// Scrapes and lints until a condition of the store is in the metrics: they follow what the operator reads back.
async fn linted_with(world: &World, (kind, status): (&str, &str)) -> String {
    let series = condition_series(world, kind, status);
    let started = Instant::now();
    loop {
        let (text, _) = linted(world).await;
        if text.contains(&format!("{series} 1\n")) {
            return text;
        }
        assert!(started.elapsed() < LIMIT, "no {series} in\n{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn promlint_reports_nothing_while_a_store_is_onboarding_is_stalled_and_is_gone() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    let store = world.store(STORE, spec);
    let desk = Arc::clone(&world.desk);
    let faults = desk.zendesk.faults();
    // Its condition is in the metrics from the end of its first round on, so that rounds end without being done.
    let away = Action::Status { status: 503, body: None, retry_after: None, effect: Effect::None };
    faults.set(vec![Rule::new("away", away).on("POST", "**/groups*")]);
    store.apply().await;
    world.start_operator().await;
    let text = linted_with(&world, ("Reconciling", "True")).await;
    assert!(!text.contains(&format!("{} 1\n", condition_series(&world, "Ready", "True"))), "{text}");
    faults.set(Vec::new());
    store.settle().await;
    linted_with(&world, ("Ready", "True")).await;

    let mut wrong = credentials();
    wrong["data"]["clientSecret"] = json!("d3Jvbmc=");
    world.apply(wrong).await;
    world.stop_operator().await;
    world.start_operator().await;
    store.until_condition(("Stalled", "True", "CredentialsInvalid")).await;
    linted_with(&world, ("Stalled", "True")).await;

    world.apply(credentials()).await;
    store.settle().await;
    store.delete().await;
    let started = Instant::now();
    loop {
        let (text, _) = linted(&world).await;
        if !text.contains(&format!("namespace=\"{}\",name=\"{STORE}\"", world.namespace)) {
            break;
        }
        assert!(started.elapsed() < LIMIT, "a deleted store keeps a series:\n{text}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
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
