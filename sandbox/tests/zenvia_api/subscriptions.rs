//! Webhook subscriptions.

use reqwest::Method;
use sandbox::zenvia::api_token;
use serde_json::{Value, json};

use crate::desk::{ACCOUNT, Ask, Desk, Reply};

fn message(direction: &str, url: &str) -> Value {
    json!({"eventType": "CONVERSATION_MESSAGE", "webhook": {"url": url, "headers": {"X-Mark": "ours"}},
        "criteria": {"channel": "whatsapp", "direction": direction}})
}

async fn post(desk: &Desk, body: Value) -> Reply {
    desk.subscriptions(Method::POST, "", Some(body)).await
}

async fn patch(desk: &Desk, id: &str, body: Value) -> Reply {
    desk.subscriptions(Method::PATCH, &format!("/{id}"), Some(body)).await
}

/// Makes a subscription; returns its id.
async fn made(desk: &Desk, body: Value) -> String {
    post(desk, body).await.expect(200).body["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_subscription_is_made_with_200_listed_bare_and_deleted_with_204() {
    let desk = Desk::start().await;
    let reply = post(&desk, message("OUT", "https://hook.example/a")).await.expect(200);
    let keys: Vec<&String> = reply.body.as_object().unwrap().keys().collect();
    let documented =
        ["id", "eventType", "webhook", "status", "version", "criteria", "createdAt", "updatedAt"];
    assert_eq!(keys, documented);
    assert_eq!((&reply.body["status"], &reply.body["version"]), (&json!("ACTIVE"), &json!("v2")));
    assert_eq!(reply.body["webhook"]["headers"], json!({"X-Mark": "ours"}));
    let list = desk.subscriptions(Method::GET, "", None).await.expect(200);
    assert_eq!(list.body, json!([reply.body]));
    let id = format!("/{}", reply.body["id"].as_str().unwrap());
    assert_eq!(desk.subscriptions(Method::GET, &id, None).await.expect(200).body, reply.body);
    assert_eq!(desk.subscriptions(Method::DELETE, &id, None).await.expect(204).text, "");
    let gone = desk.subscriptions(Method::DELETE, &id, None).await.expect(404);
    assert_eq!(gone.body["code"], "NOT_FOUND");
}

#[tokio::test]
async fn version_1_is_an_alias_and_a_wrong_token_is_401() {
    let desk = Desk::start().await;
    made(&desk, message("OUT", "https://hook.example/a")).await;
    let token = api_token(ACCOUNT);
    let alias = || Ask::get("/v1/subscriptions");
    let reply = desk.ask(alias().with("x-api-token", &token)).await.expect(200);
    assert_eq!(reply.body.as_array().unwrap().len(), 1);
    assert_eq!(desk.ask(alias()).await.expect(401).body["code"], "AUTHENTICATION_ERROR");
    desk.ask(alias().with("x-api-token", "wrong")).await.expect(401);
    let other = api_token(4212);
    assert_eq!(desk.ask(alias().with("x-api-token", &other)).await.expect(200).body, json!([]));
}

#[tokio::test]
async fn each_event_type_has_its_own_criteria() {
    let desk = Desk::start().await;
    let body = |event: &str, criteria: Value| json!({"eventType": event, "webhook": {"url": "https://hook.example/a"}, "criteria": criteria});
    let channel = json!({"channel": "whatsapp"});
    for (event, criteria, path) in [
        ("CHAT", json!({}), "eventType"),
        ("MESSAGE", json!({}), "criteria.channel"),
        ("MESSAGE", json!({"channel": "whatsapp", "direction": "INTERNAL"}), "criteria.direction"),
        ("MESSAGE_STATUS", Value::Null, "criteria.channel"),
        ("CONVERSATION_MESSAGE", channel.clone(), "criteria.direction"),
        ("CONVERSATION_MESSAGE", json!({"channel": "whatsapp", "direction": "ALL"}), "criteria.direction"),
        ("CONTACT", json!({"action": ["SEEN"]}), "criteria.action"),
    ] {
        let reply = post(&desk, body(event, criteria)).await.expect(400);
        assert_eq!(reply.body["code"], "VALIDATION_ERROR");
        assert_eq!(reply.body["details"][0]["path"], path, "{event}");
    }
    for (event, criteria) in [
        ("MESSAGE", json!({"channel": "whatsapp", "direction": "IN"})),
        ("MESSAGE_STATUS", channel),
        ("CONVERSATION_STATUS", Value::Null),
        ("SUPPORT_EXPERT_AGENT", Value::Null),
        ("CONTACT", json!({"action": ["CREATED", "DELETED"]})),
    ] {
        let reply = post(&desk, body(event, criteria.clone())).await.expect(200);
        assert_eq!(reply.body["criteria"], criteria, "{event}");
    }
}

#[tokio::test]
async fn webhook_status_and_version_are_checked() {
    let desk = Desk::start().await;
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut body = message("OUT", "https://hook.example/a");
        change(&mut body);
        body
    };
    for body in [
        bad(&|body| body["webhook"]["url"] = json!("nowhere")),
        bad(&|body| body["webhook"]["headers"] = json!({"X": 1})),
        bad(&|body| body["webhook"]["auth"] = json!({"type": "BASIC"})),
        bad(&|body| body["status"] = json!("DEGRADED")),
        bad(&|body| body["version"] = json!("v3")),
    ] {
        post(&desk, body).await.expect(400);
    }
    assert_eq!(desk.account_state()["subscriptions"], json!([]));
    let created = post(&desk, bad(&|body| body["status"] = json!("INACTIVE"))).await.expect(200);
    assert_eq!(created.body["status"], "INACTIVE");
}

#[tokio::test]
async fn a_duplicate_is_409_by_the_key_assumed() {
    let desk = Desk::start().await;
    let body = message("OUT", "https://hook.example/a");
    made(&desk, body.clone()).await;
    let reply = post(&desk, body.clone()).await.expect(409);
    assert_eq!(reply.body["code"], "DUPLICATED");
    let mut other = body;
    other["webhook"]["headers"] = json!({"X-Mark": "theirs"});
    post(&desk, other.clone()).await.expect(409);
    desk.assume(json!({"duplicateKey": "wholeRequest"})).await;
    post(&desk, other).await.expect(200);
}

#[tokio::test]
async fn at_most_two_have_the_same_event_type_and_channel() {
    let desk = Desk::start().await;
    made(&desk, message("OUT", "https://hook.example/a")).await;
    made(&desk, message("IN", "https://hook.example/b")).await;
    let third = message("INTERNAL", "https://hook.example/c");
    assert_eq!(post(&desk, third.clone()).await.expect(409).body["code"], "DUPLICATED");
    desk.assume(json!({"thirdOfSameCriteria": "validation"})).await;
    assert_eq!(post(&desk, third.clone()).await.expect(400).body["code"], "VALIDATION_ERROR");
    let mut elsewhere = third.clone();
    elsewhere["criteria"]["channel"] = json!("sms");
    post(&desk, elsewhere).await.expect(200);
    desk.assume(json!({"sameCriteria": "fullCriteria"})).await;
    post(&desk, third).await.expect(200);
    let status = |url: &str| json!({"eventType": "CONVERSATION_STATUS", "webhook": {"url": url}});
    made(&desk, status("https://hook.example/a")).await;
    made(&desk, status("https://hook.example/b")).await;
    post(&desk, status("https://hook.example/c")).await.expect(400);
}

#[tokio::test]
async fn only_webhook_and_status_can_be_patched() {
    let desk = Desk::start().await;
    let id = made(&desk, message("OUT", "https://hook.example/a")).await;
    for (key, value) in [("eventType", json!("MESSAGE")), ("criteria", json!({})), ("version", json!("v1"))] {
        let reply = patch(&desk, &id, json!({key: value})).await.expect(400);
        assert_eq!(reply.body["details"][0]["path"], key);
    }
    patch(&desk, &id, json!({"status": "DEGRADED"})).await.expect(400);
    let reply = patch(&desk, &id, json!({"status": "INACTIVE"})).await.expect(200);
    assert_eq!(reply.body["status"], "INACTIVE");
    // What a client made INACTIVE, a client makes ACTIVE, whatever is assumed about failures.
    desk.assume(json!({"patchRevivesInactive": "refused"})).await;
    let reply = patch(&desk, &id, json!({"status": "ACTIVE"})).await.expect(200);
    assert_eq!(reply.body["status"], "ACTIVE");
    patch(&desk, "none", json!({})).await.expect(404);
}

#[tokio::test]
async fn a_patched_webhook_replaces_or_merges_as_assumed() {
    let desk = Desk::start().await;
    let id = made(&desk, message("OUT", "https://hook.example/a")).await;
    patch(&desk, &id, json!({"webhook": {"headers": {}}})).await.expect(400);
    let moved = json!({"webhook": {"url": "https://hook.example/b"}});
    let reply = patch(&desk, &id, moved).await.expect(200);
    assert_eq!(reply.body["webhook"], json!({"url": "https://hook.example/b", "headers": {}}));
    desk.assume(json!({"patchWebhook": "merges"})).await;
    let marked = json!({"webhook": {"headers": {"X-Mark": "ours"}}});
    let reply = patch(&desk, &id, marked).await.expect(200);
    assert_eq!(reply.body["webhook"]["url"], "https://hook.example/b");
    assert_eq!(reply.body["webhook"]["headers"], json!({"X-Mark": "ours"}));
}

#[tokio::test]
async fn a_patch_cannot_make_a_duplicate() {
    let desk = Desk::start().await;
    made(&desk, message("OUT", "https://hook.example/a")).await;
    let id = made(&desk, message("OUT", "https://hook.example/b")).await;
    patch(&desk, &id, json!({"webhook": {"url": "https://hook.example/a"}})).await.expect(409);
    let read = desk.subscriptions(Method::GET, &format!("/{id}"), None).await;
    assert_eq!(read.body["webhook"]["url"], "https://hook.example/b");
}

#[tokio::test]
async fn webhook_headers_are_shown_as_assumed_and_kept_in_any_case() {
    let desk = Desk::start().await;
    let id = made(&desk, message("OUT", "https://hook.example/a")).await;
    desk.assume(json!({"webhookHeaders": "lowerCased"})).await;
    let path = format!("/{id}");
    let read = desk.subscriptions(Method::GET, &path, None).await;
    assert_eq!(read.body["webhook"]["headers"], json!({"x-mark": "ours"}));
    desk.assume(json!({"webhookHeaders": "hidden"})).await;
    let read = desk.subscriptions(Method::GET, &path, None).await;
    assert!(read.body["webhook"].get("headers").is_none());
    assert_eq!(desk.account_state()["subscriptions"][0]["webhook"]["headers"]["X-Mark"], "ours");
}
