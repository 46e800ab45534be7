//! What deliveries do to a subscription.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{ACCOUNT, Desk};

/// A simulator whose clock stands still, with one subscription; its id.
async fn subscribed() -> (Desk, String) {
    let desk = Desk::start().await;
    let freeze = sandbox::simulator::ClockChange { freeze: Some(true), ..Default::default() };
    desk.zenvia.clock().change(freeze).unwrap();
    let body = json!({"eventType": "CONVERSATION_STATUS", "webhook": {"url": "https://hook.example/a"}});
    let reply = desk.subscriptions(Method::POST, "", Some(body)).await.expect(200);
    let id = reply.body["id"].as_str().unwrap().to_owned();
    (desk, id)
}

/// Notes deliveries that end like this; the status that the API then shows.
async fn deliver(desk: &Desk, id: &str, mut how: Value) -> String {
    how["account"] = json!(ACCOUNT);
    how["subscriptionId"] = json!(id);
    desk.control(Method::POST, "deliveries", how).await.expect(200);
    status(desk, id).await
}

async fn status(desk: &Desk, id: &str) -> String {
    let reply = desk.subscriptions(Method::GET, &format!("/{id}"), None).await.expect(200);
    reply.body["status"].as_str().unwrap().to_owned()
}

async fn patch(desk: &Desk, id: &str, body: Value) -> u16 {
    desk.subscriptions(Method::PATCH, &format!("/{id}"), Some(body)).await.status
}

fn failures(count: u64) -> Value {
    json!({"statusCode": 500, "count": count})
}

fn successes(count: u64) -> Value {
    json!({"statusCode": 200, "milliseconds": 20, "count": count})
}

#[tokio::test]
async fn ten_failures_in_a_row_degrade_and_fifty_successes_heal() {
    let (desk, id) = subscribed().await;
    assert_eq!(deliver(&desk, &id, failures(9)).await, "ACTIVE");
    assert_eq!(deliver(&desk, &id, successes(1)).await, "ACTIVE");
    assert_eq!(deliver(&desk, &id, failures(9)).await, "ACTIVE");
    assert_eq!(deliver(&desk, &id, failures(1)).await, "DEGRADED");
    assert_eq!(deliver(&desk, &id, successes(49)).await, "DEGRADED");
    assert_eq!(deliver(&desk, &id, failures(1)).await, "DEGRADED");
    assert_eq!(deliver(&desk, &id, successes(49)).await, "DEGRADED");
    assert_eq!(deliver(&desk, &id, successes(1)).await, "ACTIVE");
}

#[tokio::test]
async fn a_timeout_counts_ten_and_a_slow_answer_counts_one() {
    let (desk, id) = subscribed().await;
    assert_eq!(
        deliver(&desk, &id, json!({"statusCode": 200, "milliseconds": 1001, "count": 9})).await,
        "ACTIVE"
    );
    assert_eq!(deliver(&desk, &id, json!({"statusCode": 200, "milliseconds": 1000})).await, "ACTIVE");
    assert_eq!(deliver(&desk, &id, json!({})).await, "DEGRADED");
}

#[tokio::test]
async fn five_hundred_failures_end_it_and_no_delivery_follows() {
    let (desk, id) = subscribed().await;
    assert_eq!(deliver(&desk, &id, failures(499)).await, "DEGRADED");
    assert_eq!(deliver(&desk, &id, failures(1)).await, "INACTIVE");
    assert_eq!(deliver(&desk, &id, successes(100)).await, "INACTIVE");
}

#[tokio::test]
async fn counters_start_afresh_eight_hours_after_the_first_failure() {
    let (desk, id) = subscribed().await;
    deliver(&desk, &id, failures(9)).await;
    desk.zenvia.clock().advance(Duration::from_secs(8 * 3600));
    assert_eq!(deliver(&desk, &id, failures(9)).await, "ACTIVE");
    desk.zenvia.clock().advance(Duration::from_secs(8 * 3600 - 1));
    assert_eq!(deliver(&desk, &id, failures(1)).await, "DEGRADED");
}

#[tokio::test]
async fn whether_a_patch_revives_what_failures_ended_is_as_assumed() {
    for (position, http, shown) in
        [("revives", 200, "ACTIVE"), ("ignored", 200, "INACTIVE"), ("refused", 400, "INACTIVE")]
    {
        let (desk, id) = subscribed().await;
        desk.assume(json!({"patchRevivesInactive": position})).await;
        deliver(&desk, &id, failures(500)).await;
        assert_eq!(patch(&desk, &id, json!({"status": "ACTIVE"})).await, http, "{position}");
        assert_eq!(status(&desk, &id).await, shown, "{position}");
    }
}

#[tokio::test]
async fn a_revived_subscription_has_fresh_counters() {
    let (desk, id) = subscribed().await;
    deliver(&desk, &id, failures(500)).await;
    patch(&desk, &id, json!({"status": "ACTIVE"})).await;
    assert_eq!(deliver(&desk, &id, failures(9)).await, "ACTIVE");
    assert_eq!(deliver(&desk, &id, failures(1)).await, "DEGRADED");
}

#[tokio::test]
async fn degraded_is_the_vendors_own_but_for_what_is_assumed() {
    let (desk, id) = subscribed().await;
    deliver(&desk, &id, failures(10)).await;
    assert_eq!(patch(&desk, &id, json!({"status": "ACTIVE"})).await, 200);
    assert_eq!(status(&desk, &id).await, "DEGRADED");
    desk.assume(json!({"urlChangeHealsDegraded": "no"})).await;
    patch(&desk, &id, json!({"webhook": {"url": "https://hook.example/b"}})).await;
    assert_eq!(status(&desk, &id).await, "DEGRADED");
    desk.assume(json!({"urlChangeHealsDegraded": "yes"})).await;
    patch(&desk, &id, json!({"webhook": {"url": "https://hook.example/c"}})).await;
    assert_eq!(status(&desk, &id).await, "ACTIVE");
    desk.assume(json!({"patchHealsDegraded": "yes"})).await;
    deliver(&desk, &id, failures(10)).await;
    patch(&desk, &id, json!({"status": "ACTIVE"})).await;
    assert_eq!(status(&desk, &id).await, "ACTIVE");
}

#[tokio::test]
async fn a_delivery_that_cannot_be_read_or_placed_is_named() {
    let (desk, id) = subscribed().await;
    let odd = json!({"account": ACCOUNT, "subscriptionId": id, "outcome": "bad"});
    assert!(desk.control(Method::POST, "deliveries", odd).await.expect(400).text.contains("statusCode"));
    let nowhere = json!({"account": ACCOUNT, "subscriptionId": "none"});
    assert!(desk.control(Method::POST, "deliveries", nowhere).await.expect(400).text.contains("no such"));
}
