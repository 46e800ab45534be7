//! Paging, rate limits, delayed visibility.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use std::time::Duration;

use reqwest::Method;
use sandbox::zendesk::{AccountConfig, Config};
use serde_json::{Value, json};
use support::Desk;

#[tokio::test]
async fn the_last_cursor_page_still_has_a_cursor_and_an_empty_one_has_none() {
    let desk = Desk::unlimited().await;
    for index in 0..5 {
        desk.agent(&format!("a{index}")).await;
    }
    let mut path = "users?role=agent&page[size]=2".to_owned();
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = desk.get(&path).await.expect(200).body;
        seen.extend(page["users"].as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap()));
        pages += 1;
        assert!(pages <= 3, "the pages do not end");
        let next = page["links"]["next"].as_str().expect("every page has a next link");
        assert!(page["meta"]["after_cursor"].is_string());
        if page["meta"]["has_more"] == false {
            break;
        }
        path = next.split("/api/v2/").nth(1).unwrap().to_owned();
    }
    assert_eq!((pages, seen.len()), (3, 5));
    assert!(seen.is_sorted());
    let back = format!("{path}&unused=1");
    let cursor = desk.get(&back).await.body["meta"]["before_cursor"].as_str().unwrap().replace('=', "%3D");
    let before = desk.get(&format!("users?role=agent&page[size]=2&page[before]={cursor}")).await.expect(200);
    assert_eq!(before.body["users"][1]["id"].as_u64().unwrap(), seen[3]);
    let none = desk.get("users?role=end-user&page[size]=2").await.expect(200).body;
    assert!(none["links"]["next"].is_null() && none["meta"]["after_cursor"].is_null());
    desk.get("users?page[size]=2&page[after]=garbage").await.expect(400);
}

#[tokio::test]
async fn offsets_count_and_end_at_ten_thousand_rows() {
    let desk = Desk::unlimited().await;
    for index in 0..3 {
        desk.agent(&format!("a{index}")).await;
    }
    let first = desk.get("users?role[]=agent&role[]=admin&per_page=2").await.expect(200).body;
    assert_eq!((first["count"].clone(), first["users"].as_array().unwrap().len()), (json!(5), 2));
    assert!(first["next_page"].as_str().unwrap().contains("page=2"));
    assert!(first["previous_page"].is_null() && first.get("meta").is_none());
    let last = desk.get("users?role[]=agent&role[]=admin&per_page=2&page=3").await.expect(200).body;
    assert!(last["next_page"].is_null() && last["previous_page"].is_string());
    desk.get("users?page=100&per_page=100").await.expect(200);
    desk.get("users?page=101&per_page=100").await.expect(400);
    let search = desk.get("users/search?query=a1&page[size]=1").await.expect(200).body;
    assert_eq!((search["count"].clone(), search.get("meta").is_none()), (json!(1), true));
    desk.get("users?role=boss").await.expect(400);
    let ids: Vec<String> = (1..102).map(|id| id.to_string()).collect();
    assert_eq!(
        desk.get(&format!("users/show_many?ids={}", ids.join(","))).await.expect(400).body["max_count"],
        100
    );
}

#[tokio::test]
async fn the_accounts_limit_shows_in_every_reply_and_ends_in_429_until_the_window_does() {
    let account = AccountConfig { requests_per_minute: Some(3), ..AccountConfig::new("lojacentro") };
    let desk = Desk::with(Config { accounts: vec![account], ..Config::default() }).await;
    desk.zendesk.clock().freeze();
    for left in ["2", "1", "0"] {
        let reply = desk.get("groups").await.expect(200);
        assert_eq!(reply.header("x-rate-limit"), "3");
        assert_eq!(reply.header("x-rate-limit-remaining"), left);
        assert_eq!(reply.header("ratelimit-remaining"), left);
        assert_eq!(reply.header("ratelimit-reset"), "60");
    }
    desk.zendesk.clock().advance(Duration::from_secs(20));
    let refused = desk.get("groups").await.expect(429);
    assert_eq!(refused.header("retry-after"), "40");
    assert_eq!(refused.body["error"], "APIRateLimitExceeded");
    // People in the browser do not use it up.
    desk.raw((Method::GET, "/api/v2/groups"), &[("x-sandbox-person", "Marta")], None).await.expect(200);
    desk.zendesk.clock().advance(Duration::from_secs(40));
    desk.get("groups").await.expect(200);
    desk.control(Method::PUT, "accounts/lojacentro", json!({"requestsPerMinute": 1})).await.expect(204);
    desk.get("groups").await.expect(429);
}

#[tokio::test]
async fn the_plan_decides_the_limit() {
    let desk = Desk::start().await;
    assert_eq!(desk.get("groups").await.header("x-rate-limit"), "700");
    desk.control(Method::PUT, "accounts/lojacentro", json!({"plan": "team"})).await.expect(204);
    assert_eq!(desk.get("groups").await.header("x-rate-limit"), "200");
}

#[tokio::test]
async fn users_are_updated_once_a_second_per_account_and_five_times_a_minute_each() {
    let desk = Desk::start().await;
    let (ana, rui) = (desk.agent("ana").await, desk.agent("rui").await);
    desk.zendesk.clock().freeze();
    let change = |name: &str| json!({"user": {"name": name}});
    let update = |id: &str, name: &str| {
        let (path, body) = (format!("users/{id}"), change(name));
        let desk = &desk;
        async move { desk.put(&path, body).await }
    };
    update(&ana, "1").await.expect(200);
    let refused = update(&rui, "1").await.expect(429);
    assert_eq!(refused.header("retry-after"), "1");
    // Creating users is not limited that way, create_or_update is.
    desk.agent("eva").await;
    let body = json!({"user": {"name": "x", "external_id": "x"}});
    desk.post("users/create_or_update", body).await.expect(429);
    for name in ["2", "3", "4", "5"] {
        desk.zendesk.clock().advance(Duration::from_secs(1));
        update(&ana, name).await.expect(200);
    }
    desk.zendesk.clock().advance(Duration::from_secs(1));
    let refused = update(&ana, "6").await.expect(429);
    assert!(refused.text.starts_with("You have exceeded the rate limit for updating a single unique user."));
    assert_eq!(refused.header("retry-after"), "55");
    assert!(refused.header("content-type").starts_with("text/plain"));
    desk.assume(json!({"perUserLimitBody": "json"})).await;
    assert_eq!(update(&ana, "6").await.expect(429).body["error"], "TooManyRequests");
    update(&rui, "1").await.expect(200);
    desk.zendesk.clock().advance(Duration::from_secs(55));
    update(&ana, "6").await.expect(200);
}

#[tokio::test]
async fn webhooks_have_a_limit_of_their_own() {
    let desk = Desk::start().await;
    desk.zendesk.clock().freeze();
    for _ in 0..100 {
        let reply = desk.get("webhooks").await.expect(200);
        assert_eq!(reply.header("x-rate-limit"), "100");
    }
    desk.get("webhooks").await.expect(429);
    assert_eq!(desk.get("groups").await.expect(200).header("x-rate-limit"), "700");
    desk.zendesk.clock().advance(Duration::from_secs(60));
    for _ in 0..20 {
        let test = json!({"request": {"endpoint": "https://handler.example"}});
        desk.post("webhooks/test", test).await.expect(200);
    }
    desk.post("webhooks/test", json!({"request": {"endpoint": "https://handler.example"}})).await.expect(429);
    desk.get("webhooks").await.expect(200);
}

#[tokio::test]
async fn a_created_object_can_be_read_at_once_and_is_listed_later() {
    let desk = Desk::unlimited().await;
    desk.assume(json!({"listDelayMilliseconds": 3000})).await;
    desk.zendesk.clock().freeze();
    let webhook = desk.webhook("w").await;
    let (user, group) = (desk.agent("ana").await, desk.group("Vendas").await);
    let body = json!({"group_membership": {"user_id": user, "group_id": group}});
    desk.post("group_memberships", body).await.expect(201);
    let field = desk
        .post("ticket_fields", json!({"ticket_field": {"title": "f"}}))
        .await
        .expect(201)
        .id("ticket_field");
    let counts = async || {
        let mut counts = Vec::new();
        for (path, name) in [
            ("webhooks".to_owned(), "webhooks"),
            ("users?role=agent".to_owned(), "users"),
            ("groups".to_owned(), "groups"),
            (format!("groups/{group}/memberships"), "group_memberships"),
            ("ticket_fields".to_owned(), "ticket_fields"),
        ] {
            counts.push(desk.get(&path).await.expect(200).body[name].as_array().map_or(0, Vec::len));
        }
        counts
    };
    assert_eq!(counts().await, [0, 0, 1, 0, 7]);
    desk.get(&format!("webhooks/{webhook}")).await.expect(200);
    desk.get(&format!("users/{user}")).await.expect(200);
    desk.get(&format!("ticket_fields/{field}")).await.expect(200);
    desk.zendesk.clock().advance(Duration::from_secs(3));
    assert_eq!(counts().await, [1, 1, 2, 1, 8]);
}

#[tokio::test]
async fn thousands_of_users_are_listed_completely_and_in_time() {
    let desk = Desk::unlimited().await;
    desk.features(json!({"bulkUsers": true})).await;
    for batch in 0..50 {
        let users: Vec<Value> = (0..100)
            .map(|one| json!({"name": format!("u{batch}-{one}"), "role": "agent", "external_id": format!("{batch}/{one}")}))
            .collect();
        desk.post("users/create_many", json!({ "users": users })).await.expect(200);
        desk.zendesk.clock().advance(Duration::from_secs(2));
    }
    let start = std::time::Instant::now();
    let mut path = "users?role=agent&page[size]=100".to_owned();
    let mut seen = std::collections::BTreeSet::new();
    for number in 1.. {
        assert!(number <= 50, "the pages do not end");
        let page = desk.get(&path).await.expect(200).body;
        seen.extend(page["users"].as_array().unwrap().iter().map(|user| user["id"].as_u64().unwrap()));
        if page["meta"]["has_more"] == false {
            break;
        }
        path = page["links"]["next"].as_str().unwrap().split("/api/v2/").nth(1).unwrap().to_owned();
    }
    assert_eq!(seen.len(), 5000);
    // Fifty pages; generous, to catch only a change of order of growth.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
