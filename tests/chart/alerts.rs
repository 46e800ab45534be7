//! Alerts and dashboard: Prometheus' own tool reads and runs them, and every name in them is one that the operator has.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use human_support_operator::telemetry::{
    Metrics, ObjectSeries, ProviderRequest, ReconcileResult, ResponseCode, SeatState,
};
use serde_json::{Value, json};

use crate::chart::render::{only, rendered, values};
use crate::chart::tools::promtool;
use crate::chart::{CHART, files, repository, scratch, text};

/// The rules of the chart as promtool reads them.
fn rules() -> Value {
    json!({"groups": only(&rendered(&values("monitored")), "PrometheusRule")["spec"]["groups"]})
}

fn alerts(rules: &Value) -> Vec<&Value> {
    rules["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap()).collect()
}

fn written(name: &str) -> PathBuf {
    let path = scratch(name).join("rules.yaml");
    // JSON is YAML.
    fs::write(&path, rules().to_string()).unwrap();
    path
}

#[test]
fn prometheus_accepts_the_rules() {
    let path = written("rules");
    promtool(&["check", "rules", "--lint-fatal", path.to_str().unwrap()]).good();
}

#[test]
fn alerts_fire_when_they_should_and_only_then() {
    let folder = written("alerts").parent().unwrap().to_path_buf();
    let mut covered = String::new();
    for test in files("tests/chart/alerts") {
        let copy = folder.join(test.file_name().unwrap());
        fs::copy(&test, &copy).unwrap();
        promtool(&["test", "rules", copy.to_str().unwrap()]).good();
        covered.push_str(&fs::read_to_string(test).unwrap());
    }
    for alert in alerts(&rules()) {
        let name = alert["alert"].as_str().unwrap();
        let cases = covered.matches(&format!("alertname: {name}\n")).count();
        assert!(
            cases >= 2,
            "{name} has {cases} cases: one where it fires and one where it does not are wanted"
        );
    }
}

#[test]
fn every_alert_has_its_page_and_every_page_its_alert() {
    let rules = rules();
    let mut named = BTreeSet::new();
    for alert in alerts(&rules) {
        let name = alert["alert"].as_str().unwrap();
        let link = alert["annotations"]["runbook_url"].as_str().unwrap();
        assert!(link.ends_with(&format!("/docs/runbooks/{name}.md")), "{link}");
        let page = text(&format!("docs/runbooks/{name}.md"));
        for section in ["## What it means", "## What customers notice", "## What to do"] {
            assert!(page.contains(section), "{name} lacks `{section}`");
        }
        named.insert(name.to_owned());
    }
    let pages: BTreeSet<String> = files("docs/runbooks")
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "README")
        .collect();
    assert_eq!(pages, named);
}

/// The names of all series that the operator may show.
fn known_series() -> BTreeSet<String> {
    let metrics = Metrics::new("1", ObjectSeries::On);
    // A family is shown from its first series on.
    metrics.reconciled(ReconcileResult::Success, "Reconciled", Duration::ZERO);
    metrics.set_license_seats("a", SeatState::Used, 1);
    metrics.set_ratelimit_remaining("a", 1);
    let (provider, operation, code, duration) = ("a", "b", ResponseCode::Timeout, Duration::ZERO);
    metrics.provider_request(ProviderRequest { provider, operation, code, duration });
    let exposed = metrics.render().unwrap();
    let mut names = BTreeSet::new();
    for line in exposed.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        names.insert(name.to_owned());
        if kind == "histogram" {
            names.extend(["_bucket", "_sum", "_count"].map(|suffix| format!("{name}{suffix}")));
        }
    }
    names
}

/// The words of a text that look like series of the operator.
fn series_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("humansupport_")).map(str::to_owned).collect()
}

#[test]
fn alerts_and_dashboard_name_only_series_that_the_operator_has() {
    let known = known_series();
    for used in [rules().to_string(), text(&format!("{CHART}/files/dashboard.json"))] {
        let used = series_in(&used);
        assert!(used.len() > 5, "{used:?}");
        let unknown: Vec<_> = used.difference(&known).collect();
        assert!(unknown.is_empty(), "{unknown:?} are not among {known:?}");
    }
}

#[test]
fn the_queries_of_the_dashboard_are_valid() {
    let dashboard: Value = serde_json::from_str(&text(&format!("{CHART}/files/dashboard.json"))).unwrap();
    let mut queries = Vec::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().unwrap().replace("$__rate_interval", "5m");
            queries.push(json!({"record": format!("query:{}", queries.len()), "expr": query}));
        }
    }
    assert!(queries.len() > 8);
    let path = scratch("dashboard").join("rules.yaml");
    fs::write(&path, json!({"groups": [{"name": "dashboard", "rules": queries}]}).to_string()).unwrap();
    promtool(&["check", "rules", "--lint", "none", path.to_str().unwrap()]).good();
}

#[test]
fn the_dashboard_reaches_its_config_map_whole() {
    let objects = rendered(&values("monitored"));
    let shown = only(&objects, "ConfigMap")["data"]["human-support.json"].as_str().unwrap();
    let source = fs::read_to_string(repository(&format!("{CHART}/files/dashboard.json"))).unwrap();
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(parse(shown), parse(&source));
}
