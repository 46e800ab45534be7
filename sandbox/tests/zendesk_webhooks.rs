//! Webhooks: secrets that never come back, full replacement against merging, lists, invocations.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use reqwest::Method;
use serde_json::json;
use support::{Desk, webhook};

#[tokio::test]
async fn creation_answers_nanoseconds_a_ulid_and_no_token() {
    let desk = Desk::unlimited().await;
    let reply = desk.post("webhooks", json!({ "webhook": webhook("w") })).await.expect(201);
    let created = &reply.body["webhook"];
    let id = created["id"].as_str().unwrap();
    assert_eq!(id.len(), 26);
    assert!(
        id.starts_with("01") && id.chars().all(|one| one.is_ascii_alphanumeric() && !one.is_lowercase()),
        "{id}"
    );
    assert_eq!(created["authentication"], json!({"type": "bearer_token", "add_position": "header"}));
    assert!(created["created_by"].is_string());
    assert_eq!(created["created_at"].as_str().unwrap().len(), "2023-09-18T23:38:15.622702367Z".len());
    assert!(created.get("updated_at").is_none());
    let read = desk.get(&format!("webhooks/{id}")).await.expect(200);
    assert_eq!(read.body["webhook"]["created_at"].as_str().unwrap().len(), "2023-09-18T23:38:15Z".len());
    for text in [reply.text, read.text, desk.get("webhooks").await.text] {
        assert!(!text.contains("canary-token"), "{text}");
    }
    assert_eq!(desk.zendesk.secrets()["accounts"]["lojacentro"]["webhooks"][id]["token"], "canary-token");
}

#[tokio::test]
async fn the_webhook_paths_have_no_json_form() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    desk.get("webhooks.json").await.expect(404);
    desk.get(&format!("webhooks/{id}.json")).await.expect(404);
    desk.post("webhooks.json", json!({ "webhook": webhook("x") })).await.expect(404);
    assert_eq!(desk.account_state()["webhooks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn put_replaces_everything_but_the_subscriptions_and_patch_merges() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    let path = format!("webhooks/{id}");
    let reply = desk.patch(&path, json!({"webhook": {"name": "renamed"}})).await.expect(204);
    assert_eq!(reply.text, "");
    let stored = desk.get(&path).await.body["webhook"].clone();
    assert_eq!((stored["name"].clone(), stored["description"].clone()), (json!("renamed"), json!("d")));
    assert!(stored["updated_at"].is_string() && stored["updated_by"].is_string());
    assert_eq!(desk.stored("webhooks", &id)["token"]["present"], true);

    let mut bare = webhook("replaced");
    for key in ["description", "authentication", "subscriptions"] {
        bare.as_object_mut().unwrap().remove(key);
    }
    desk.put(&path, json!({ "webhook": bare })).await.expect(204);
    let stored = desk.get(&path).await.body["webhook"].clone();
    assert!(stored.get("description").is_none());
    assert!(stored.get("authentication").is_none());
    assert_eq!(stored["subscriptions"], json!(["conditional_ticket_events"]));
    assert_eq!(desk.stored("webhooks", &id)["token"]["present"], false);
    desk.put(&path, json!({"webhook": {"name": "only a name"}})).await.expect(400);
}

#[tokio::test]
async fn custom_headers_go_only_by_null_and_authentication_by_null() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    let path = format!("webhooks/{id}");
    desk.patch(&path, json!({"webhook": {"custom_headers": {"X-A": "1", "X-B": "2"}}})).await.expect(204);
    desk.patch(&path, json!({"webhook": {"custom_headers": {"X-A": null, "X-C": "3"}}})).await.expect(204);
    assert_eq!(desk.stored("webhooks", &id)["custom_headers"], json!({"X-B": "2", "X-C": "3"}));
    desk.patch(&path, json!({"webhook": {"authentication": null}})).await.expect(204);
    assert!(desk.get(&path).await.body["webhook"].get("authentication").is_none());
    let basic = json!({"type": "basic_auth", "data": {"username": "john", "password": "p"}, "add_position": "header"});
    desk.patch(&path, json!({"webhook": {"authentication": basic}})).await.expect(204);
    let shown = desk.get(&path).await.body["webhook"]["authentication"].clone();
    assert_eq!(shown["data"], json!({"username": "john"}));
}

#[tokio::test]
async fn the_connection_kind_cannot_change_and_bad_values_are_refused_in_shape_c() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    let events = json!({"webhook": {"subscriptions": ["zen:event-type:user.deleted"]}});
    let reply = desk.patch(&format!("webhooks/{id}"), events).await.expect(400);
    assert_eq!(reply.body["errors"][0]["code"], "InvalidWebhook");
    desk.assume(json!({"webhookErrors": "support"})).await;
    assert_eq!(desk.get("webhooks/01NOBODY").await.expect(404).body["error"], "WebhookNotFound");
    let wrong = [
        ("endpoint", json!("no url")),
        ("http_method", json!("FETCH")),
        ("request_format", json!("yaml")),
        ("status", json!("on")),
        ("name", json!("")),
        ("authentication", json!({"type": "bearer_token", "data": {}, "add_position": "header"})),
    ];
    for (key, value) in wrong {
        let mut body = webhook("x");
        body[key] = value;
        desk.post("webhooks", json!({ "webhook": body })).await.expect(400);
    }
    assert_eq!(desk.account_state()["webhooks"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_list_is_newest_first_filtered_and_has_links_only_with_more_pages() {
    let desk = Desk::unlimited().await;
    for name in ["alpha", "beta", "gamma"] {
        desk.webhook(name).await;
        desk.zendesk.clock().advance(std::time::Duration::from_secs(1));
    }
    let names = |body: &serde_json::Value| -> Vec<String> {
        let list = body["webhooks"].as_array().unwrap();
        list.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    let all = desk.get("webhooks").await.expect(200);
    assert_eq!(names(&all.body), ["gamma", "beta", "alpha"]);
    assert_eq!(all.body["meta"], json!({"has_more": false}));
    assert!(all.body.get("links").is_none());
    let first = desk.get("webhooks?page[size]=2").await.expect(200);
    assert_eq!(first.body["meta"]["has_more"], true);
    assert!(first.header("link").contains("rel=\"next\""));
    let cursor = first.body["meta"]["after_cursor"].as_str().unwrap().replace('=', "%3D").replace('+', "%2B");
    let last = desk.get(&format!("webhooks?page[size]=2&page[after]={cursor}")).await.expect(200);
    assert_eq!(names(&last.body), ["alpha"]);
    assert_eq!(names(&desk.get("webhooks?filter[name_contains]=ET").await.body), ["beta"]);
    assert_eq!(names(&desk.get("webhooks?sort=name").await.body), ["alpha", "beta", "gamma"]);
    assert!(names(&desk.get("webhooks?filter[status]=inactive").await.body).is_empty());
    let bearer = format!("Bearer {}", desk.token);
    let host = [("authorization", bearer.as_str()), ("host", "lojacentro.zendesk.com")];
    let real = desk.raw((Method::GET, "/api/v2/webhooks?page[size]=2"), &host, None).await;
    let next = real.body["links"]["next"].as_str().unwrap();
    assert!(next.starts_with("https://lojacentro.zendesk.com:443/"), "{next}");
}

#[tokio::test]
async fn a_webhook_in_use_is_kept_unless_assumed_otherwise() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    let trigger = json!({"title": "t", "conditions": {"all": [{"field": "status", "operator": "is", "value": "new"}]},
        "actions": [{"field": "notification_webhook", "value": [id, "{}"]}]});
    desk.post("triggers", json!({ "trigger": trigger })).await.expect(201);
    let path = format!("webhooks/{id}");
    desk.delete(&path).await.expect(400);
    desk.assume(json!({"webhookInUse": "deleted"})).await;
    desk.delete(&path).await.expect(204);
    desk.get(&path).await.expect(404);
    desk.assume(json!({"maxWebhooks": 0})).await;
    desk.post("webhooks", json!({ "webhook": webhook("x") })).await.expect(403);
}

#[tokio::test]
async fn signing_secrets_clones_tests_and_injected_invocations_answer_as_recorded() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    let secret = desk.get(&format!("webhooks/{id}/signing_secret")).await.expect(200);
    assert_eq!(secret.body["signing_secret"]["algorithm"], "SHA256");
    let reset = desk.post(&format!("webhooks/{id}/signing_secret"), json!({})).await.expect(201);
    assert_ne!(reset.body["signing_secret"]["secret"], secret.body["signing_secret"]["secret"]);
    let copy = desk.post(&format!("webhooks?clone_webhook_id={id}"), json!({})).await.expect(201);
    assert_eq!(copy.body["webhook"]["name"], "w (copy)");
    let test = desk.post(&format!("webhooks/test?webhook_id={id}"), json!({"request": {}})).await.expect(200);
    assert_eq!(test.body["response"]["status_code"], 200);

    let failing = json!({"account": "lojacentro", "webhookId": id, "statusCode": 500, "count": 3});
    desk.control(Method::POST, "deliveries", failing).await.expect(204);
    let list = desk.get(&format!("webhooks/{id}/invocations")).await.expect(200);
    let invocations = list.body["invocations"].as_array().unwrap();
    assert_eq!(invocations.len(), 3);
    assert_eq!(invocations[0]["status_code"], 500);
    assert_eq!(invocations[0]["status"], "failed");
    let invocation = invocations[0]["id"].as_str().unwrap();
    let attempts = desk.get(&format!("webhooks/{id}/invocations/{invocation}/attempts")).await.expect(200);
    assert_eq!(attempts.body["attempts"][0]["status_code"], 500);
}
