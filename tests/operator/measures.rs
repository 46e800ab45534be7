//! What `/metrics` of a running operator says of its helpdesk and its queue.

use reqwest::Method;
use serde_json::json;

use crate::harness::{ACCOUNT, World, small};

/// The value of the series that starts with this, if there is one.
async fn value(world: &World, series: &str) -> Option<f64> {
    let health = world.operator.as_ref().unwrap().health;
    let text = reqwest::get(format!("http://{health}/metrics")).await.unwrap().text().await.unwrap();
    text.lines().find_map(|line| line.strip_prefix(series)?.trim().parse().ok())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_helpdesk_still_allows_is_measured_by_account_and_nobody_waits_at_rest() {
    let mut world = World::new().await;
    let limits = json!({"features": {"rateLimits": true}, "requestsPerMinute": 5_000});
    world.desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), limits).await;
    let store = world.onboard(small()).await;
    store.settle().await;
    let series =
        format!("humansupport_provider_ratelimit_remaining{{account=\"{}/zendesk\"}}", world.namespace);
    let left = value(&world, &series).await.unwrap();
    assert!(left > 0.0 && left < 5_000.0, "{left}");
    assert_eq!(value(&world, "humansupport_workqueue_depth").await, Some(0.0));
}
