//! Hosts, credentials, scopes, expiry, and what a wrong caller gets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use base64::Engine as _;
use reqwest::Method;
use sandbox::zendesk::{API_TOKEN, AccountConfig, CLIENT_ID, CLIENT_SECRET, Config};
use serde_json::json;
use support::Desk;

#[tokio::test]
async fn the_host_header_and_the_prefix_choose_the_account() {
    let accounts = vec![AccountConfig::new("lojacentro"), AccountConfig::new("outra")];
    let desk = Desk::with(Config { accounts, ..Config::default() }).await;
    let person = ("x-sandbox-person", "Marta");
    let by_host = [person, ("host", "outra.zendesk.com")];
    let reply = desk.raw((Method::GET, "/api/v2/account"), &by_host, None).await.expect(200);
    assert_eq!(reply.body["account"]["subdomain"], "outra");
    let reply = desk.raw((Method::GET, "/accounts/outra/api/v2/account"), &[person], None).await.expect(200);
    assert_eq!(reply.body["account"]["subdomain"], "outra");
    let reply = desk.raw((Method::GET, "/api/v2/account"), &[person], None).await.expect(200);
    assert_eq!(reply.body["account"]["subdomain"], "lojacentro");
    let unknown = [("host", "nobody.zendesk.com")];
    desk.raw((Method::GET, "/api/v2/account"), &unknown, None).await.expect(404);
    // A token of one account is none of another's.
    let bearer = format!("Bearer {}", desk.token);
    let foreign = [("authorization", bearer.as_str())];
    desk.raw((Method::GET, "/accounts/outra/api/v2/groups"), &foreign, None).await.expect(401);
    desk.raw((Method::GET, "/api/v2/groups"), &foreign, None).await.expect(200);
}

#[tokio::test]
async fn links_point_to_the_host_that_was_asked() {
    let desk = Desk::unlimited().await;
    for index in 0..3 {
        desk.group(&format!("g{index}")).await;
    }
    let bearer = format!("Bearer {}", desk.token);
    let host = [("authorization", bearer.as_str()), ("host", "lojacentro.zendesk.com")];
    let reply = desk.raw((Method::GET, "/api/v2/groups?page[size]=2"), &host, None).await.expect(200);
    let next = reply.body["links"]["next"].as_str().unwrap();
    assert!(next.starts_with("https://lojacentro.zendesk.com/api/v2/groups?"), "{next}");
    let prefixed =
        desk.raw((Method::GET, "/accounts/lojacentro/api/v2/groups?page[size]=2"), &host[..1], None).await;
    let next = prefixed.body["links"]["next"].as_str().unwrap();
    let start = format!("{}/accounts/lojacentro/api/v2/groups?", desk.zendesk.url());
    assert!(next.starts_with(&start), "{next}");
}

#[tokio::test]
async fn a_token_expires_by_the_simulators_clock() {
    let desk = Desk::unlimited().await;
    desk.get("groups").await.expect(200);
    desk.zendesk.clock().advance(std::time::Duration::from_secs(1801));
    desk.get("groups").await.expect(401);
}

#[tokio::test]
async fn the_token_endpoint_checks_client_grant_and_life() {
    let desk = Desk::start().await;
    let ask = |id: &str, secret: &str, life: i64| {
        json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret,
            "scope": "read write", "expires_in": life})
    };
    let post = |body| desk.raw((Method::POST, "/oauth/tokens"), &[], Some(body));
    let reply = post(ask(CLIENT_ID, CLIENT_SECRET, 301)).await.expect(201);
    assert_eq!(reply.body["token_type"], "bearer");
    assert_eq!(reply.body["expires_in"], 301);
    for life in [300, 172_800] {
        post(ask(CLIENT_ID, CLIENT_SECRET, life)).await.expect(400);
    }
    assert_eq!(post(ask(CLIENT_ID, "wrong", 1800)).await.expect(401).body["error"], "invalid_client");
    post(json!({"grant_type": "password"})).await.expect(400);
}

#[tokio::test]
async fn a_token_with_too_little_scope_is_issued_and_fails_later_with_403() {
    let mut desk = Desk::unlimited().await;
    desk.token = desk.new_token("read nonsense").await;
    desk.get("groups").await.expect(200);
    let reply = desk.post("groups", json!({"group": {"name": "g"}})).await.expect(403);
    assert_eq!(reply.body["error"], "Forbidden");
    desk.token = desk.new_token("read users:write webhooks").await;
    desk.post("users", json!({"user": {"name": "a"}})).await.expect(201);
    desk.webhook("w").await;
    // Groups have no scope of their own.
    desk.post("groups", json!({"group": {"name": "g"}})).await.expect(403);
    desk.assume(json!({"authErrorBody": "object"})).await;
    let reply = desk.post("groups", json!({"group": {"name": "g"}})).await.expect(403);
    assert_eq!(reply.body["error"]["title"], "Forbidden");
}

#[tokio::test]
async fn nobody_gets_an_anonymous_200_from_me_and_401_elsewhere() {
    let desk = Desk::start().await;
    let reply = desk.raw((Method::GET, "/api/v2/users/me"), &[], None).await.expect(200);
    assert!(reply.body["user"]["id"].is_null());
    assert_eq!(reply.body["user"]["email"], "invalid@example.com");
    let reply = desk.raw((Method::GET, "/api/v2/groups"), &[], None).await.expect(401);
    assert_eq!(reply.body["error"], "Couldn't authenticate you");
    let wrong = [("authorization", "Bearer wrong")];
    desk.raw((Method::GET, "/api/v2/users/me"), &wrong, None).await.expect(401);
    desk.assume(json!({"wrongCredentialsOnMe": "anonymous"})).await;
    let reply = desk.raw((Method::GET, "/api/v2/users/me"), &wrong, None).await.expect(200);
    assert!(reply.body["user"]["id"].is_null());
    let me = desk.get("users/me").await.expect(200);
    assert_eq!(me.body["user"]["role"], "admin");
    assert_eq!(me.body["user"]["role_type"], 4);
    assert!(me.body["user"]["authenticity_token"].is_string());
}

#[tokio::test]
async fn an_api_token_works_with_the_address_and_agents_may_change_only_end_users() {
    let desk = Desk::unlimited().await;
    let id = desk.agent("ana").await;
    let end_user = desk.post("users", json!({"user": {"name": "shopper"}})).await.expect(201).id("user");
    let basic = |email: &str, token: &str| {
        let text = format!("{email}/token:{token}");
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
    };
    let admin = basic("integration@lojacentro.example", API_TOKEN);
    desk.raw((Method::GET, "/api/v2/groups"), &[("authorization", &admin)], None).await.expect(200);
    let wrong = basic("integration@lojacentro.example", "wrong");
    desk.raw((Method::GET, "/api/v2/groups"), &[("authorization", &wrong)], None).await.expect(401);
    let agent = basic("ana@loja.example", API_TOKEN);
    let headers = [("authorization", agent.as_str())];
    let change = || Some(json!({"user": {"name": "b"}}));
    desk.raw((Method::PUT, &format!("/api/v2/users/{end_user}")), &headers, change()).await.expect(200);
    desk.raw((Method::PUT, &format!("/api/v2/users/{id}")), &headers, change()).await.expect(403);
    desk.put(&format!("users/{id}"), json!({"user": {"suspended": true}})).await.expect(200);
    desk.raw((Method::GET, "/api/v2/groups"), &headers, None).await.expect(401);
}

#[tokio::test]
async fn errors_are_plain_text_where_json_was_not_asked_for_if_assumed() {
    let desk = Desk::start().await;
    desk.assume(json!({"errorsAsTextWithoutAccept": "yes"})).await;
    let bearer = format!("Bearer {}", desk.token);
    let headers = [("authorization", bearer.as_str())];
    let reply = desk.raw((Method::GET, "/api/v2/groups/1"), &headers, None).await.expect(404);
    assert!(reply.header("content-type").starts_with("text/plain"));
    assert_eq!(desk.get("groups/1").await.expect(404).body["error"], "RecordNotFound");
}
