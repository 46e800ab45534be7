//! What a scrape shows, as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

const STORE: ObjectName<'static> = ObjectName { namespace: "shop", name: "acme" };
const OTHER: ObjectName<'static> = ObjectName { namespace: "shop", name: "other" };

/// Metrics in which everything has happened once.
fn busy(series: ObjectSeries) -> Metrics {
    let metrics = Metrics::new("1.2.3", series);
    metrics.set_leader(LeaderState::Leading);
    metrics.reconciled(ReconcileResult::Success, "Reconciled", Duration::from_millis(12));
    metrics.first_ready(Duration::from_secs(40));
    metrics.drift_detected(2);
    metrics.set_workqueue_depth(3);
    metrics.provider_request(ProviderRequest {
        provider: "zendesk",
        operation: "list_users",
        code: ResponseCode::Status(200),
        duration: Duration::from_millis(80),
    });
    metrics.throttled(ThrottleSource::Vendor);
    metrics.set_ratelimit_remaining("shop/main", 350);
    metrics.set_license_seats("HelpdeskAccount/zendesk", SeatState::Used, 12);
    for object in [STORE, OTHER] {
        metrics.set_condition(object, "Ready", ConditionStatus::True);
        metrics.set_suspended(object, SuspendState::Active);
        metrics.set_last_success(object, 1_793_620_800);
        metrics.set_pending_changes(object, 0);
        metrics.set_managed_objects(object, "agent", 20);
    }
    metrics
}

fn text(metrics: &Metrics) -> String {
    metrics.render().unwrap()
}

#[track_caller]
fn shows(metrics: &Metrics, line: &str) {
    let text = text(metrics);
    assert!(text.lines().any(|shown| shown == line), "`{line}` is not in\n{text}");
}

/// The name a sample belongs to: a histogram has three kinds of samples.
fn family(sample: &str) -> &str {
    let name = sample.split(['{', ' ']).next().unwrap();
    ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(name)
}

#[test]
fn the_names_are_those_of_the_conventions() {
    let text = text(&busy(ObjectSeries::On));
    let shown: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('#')).map(family).collect();
    let names = [
        "build_info",
        "config_condition",
        "config_last_success_timestamp_seconds",
        "config_pending_changes",
        "config_suspended",
        "deletions_abandoned_total",
        "drift_detected_total",
        "first_ready_duration_seconds",
        "leader",
        "license_seats",
        "managed_objects",
        "provider_ratelimit_remaining",
        "provider_request_duration_seconds",
        "provider_requests_total",
        "provider_throttled_total",
        "reconcile_duration_seconds",
        "reconciles_total",
        "workqueue_depth",
    ];
    assert_eq!(shown, names.map(|name| format!("humansupport_{name}")).iter().map(|name| &**name).collect());
}

#[test]
fn samples_carry_the_labels_of_the_conventions() {
    let metrics = busy(ObjectSeries::On);
    for line in [
        r#"humansupport_build_info{version="1.2.3"} 1"#,
        r#"humansupport_leader 1"#,
        r#"humansupport_config_condition{namespace="shop",name="acme",type="Ready",status="True"} 1"#,
        r#"humansupport_config_suspended{namespace="shop",name="acme"} 0"#,
        r#"humansupport_config_last_success_timestamp_seconds{namespace="shop",name="acme"} 1793620800"#,
        r#"humansupport_config_pending_changes{namespace="shop",name="acme"} 0"#,
        r#"humansupport_license_seats{account="HelpdeskAccount/zendesk",state="used"} 12"#,
        r#"humansupport_managed_objects{resource="agent"} 40"#,
        r#"humansupport_reconciles_total{result="success",reason="Reconciled"} 1"#,
        r#"humansupport_drift_detected_total 2"#,
        r#"humansupport_provider_requests_total{provider="zendesk",operation="list_users",code="200"} 1"#,
        r#"humansupport_provider_request_duration_seconds_count{provider="zendesk",operation="list_users"} 1"#,
        r#"humansupport_provider_throttled_total{source="vendor"} 1"#,
        r#"humansupport_provider_throttled_total{source="budget"} 0"#,
        r#"humansupport_provider_ratelimit_remaining{account="shop/main"} 350"#,
        r#"humansupport_workqueue_depth 3"#,
    ] {
        shows(&metrics, line);
    }
}

#[test]
fn every_sample_has_a_help_text_and_a_type_and_counters_alone_end_in_total() {
    let text = text(&busy(ObjectSeries::On));
    let mut kinds = BTreeMap::new();
    let mut previous = "";
    for line in text.lines() {
        if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
            assert!(previous.starts_with(&format!("# HELP {name} ")), "help comes before type: {line}");
            assert!(kinds.insert(name, kind).is_none(), "described twice: {name}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{name}");
            assert_eq!(kind == "histogram", name.ends_with("_duration_seconds"), "{name}");
        } else if !line.starts_with('#') {
            assert!(kinds.contains_key(family(line)), "no type: {line}");
        }
        previous = line;
    }
    assert!(!text.contains("# UNIT") && !text.contains("# EOF"), "the text format 0.0.4 has neither");
    assert!(!text.contains(".."), "the library adds the period to help texts of its own metrics");
}

#[test]
fn a_condition_has_one_status_at_a_time() {
    let metrics = busy(ObjectSeries::On);
    metrics.set_condition(STORE, "Ready", ConditionStatus::False);
    let text = text(&metrics);
    let statuses: Vec<&str> =
        text.lines().filter(|line| line.contains(r#"name="acme",type="Ready""#)).collect();
    assert_eq!(
        statuses,
        [r#"humansupport_config_condition{namespace="shop",name="acme",type="Ready",status="False"} 1"#]
    );
    metrics.remove_condition(STORE, "Ready");
    assert!(!super::tests::text(&metrics).contains(r#"name="acme",type="Ready""#));
}

#[test]
fn a_forgotten_resource_leaves_no_series_and_no_share_in_sums() {
    let metrics = busy(ObjectSeries::On);
    metrics.forget(STORE);
    assert!(!text(&metrics).contains("acme"));
    shows(&metrics, r#"humansupport_managed_objects{resource="agent"} 20"#);
    metrics.forget(OTHER);
    assert!(!text(&metrics).contains("shop\",name"));
    metrics.forget_account("shop/main");
    assert!(!text(&metrics).contains("shop/main"));
}

#[test]
fn series_of_single_resources_can_be_switched_off_and_sums_stay() {
    let metrics = busy(ObjectSeries::Off);
    let text = text(&metrics);
    assert!(!text.contains("acme") && !text.contains("humansupport_config_"), "{text}");
    shows(&metrics, r#"humansupport_managed_objects{resource="agent"} 40"#);
}

#[test]
fn response_codes_are_a_closed_list() {
    let metrics = Metrics::new("1", ObjectSeries::On);
    for (code, word) in [
        (ResponseCode::Status(429), "429"),
        (ResponseCode::Status(60_000), "invalid"),
        (ResponseCode::Timeout, "timeout"),
        (ResponseCode::Network, "network"),
        (ResponseCode::Malformed, "malformed"),
    ] {
        let duration = Duration::ZERO;
        metrics.provider_request(ProviderRequest { provider: "p", operation: "o", code, duration });
        let labels = format!(r#"{{provider="p",operation="o",code="{word}"}}"#);
        shows(&metrics, &format!("humansupport_provider_requests_total{labels} 1"));
    }
}

#[test]
fn ten_thousand_resources_are_written_and_forgotten() {
    let metrics = Metrics::new("1", ObjectSeries::On);
    let names: Vec<String> = (0..10_000).map(|n| format!("store-{n}")).collect();
    for name in &names {
        let object = ObjectName { namespace: "shop", name };
        metrics.set_condition(object, "Ready", ConditionStatus::True);
        metrics.set_managed_objects(object, "agent", 20);
    }
    let of_ready = |text: &str| text.lines().filter(|line| line.contains(r#"type="Ready""#)).count();
    assert_eq!(of_ready(&text(&metrics)), 10_000);
    shows(&metrics, r#"humansupport_managed_objects{resource="agent"} 200000"#);
    for name in &names {
        metrics.forget(ObjectName { namespace: "shop", name });
    }
    assert_eq!(of_ready(&text(&metrics)), 0);
}
