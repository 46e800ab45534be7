//! A credential appears nowhere: no log at TRACE, status, event, metric, ConfigMap.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use reqwest::Method;
use sandbox::zendesk::{AccountConfig, CLIENT_ID, Config, Plan};
use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Desk, HANDLER_HOST, STORE, World, agent, secret, small};

/// Credentials with characters that every encoding changes.
const CLIENT_SECRET: &str = "canary-client+secret/7f3~9?&=%zz";
const NEXT_CLIENT_SECRET: &str = "canary-next+client/secret~41?&=%yy";
const WRONG_CLIENT_SECRET: &str = "canary-wrong+client/secret~52?&=%xx";
const TOKEN: &str = "canary-handler+token/c0ffee~1?&=%ww";
const NEXT_TOKEN: &str = "canary-next+handler/token~2?&=%vv";
const API_TOKEN: &str = "canary-api+token/deadbeef~3?&=%uu";

#[tokio::test(flavor = "multi_thread")]
async fn credentials_appear_in_no_log_status_event_or_metric() {
    let mut world = canary_world().await;
    world.flags.log = "trace".to_owned();
    world.start_operator().await;
    let mut spec = small();
    // Something to complain about as well: messages are where credentials leak.
    spec["agents"].as_array_mut().unwrap().push(agent("owner", "sales"));
    spec["agents"][2]["email"] = json!("owner@lojacentro.example");
    let store = world.store(STORE, spec);
    store.apply().await;
    store.until("the store was worked on", |object| object["status"]["summary"]["webhooks"] == "1/1").await;
    world.apply(handler_token_canary(NEXT_TOKEN)).await;
    store
        .until("the next token is with the webhook", |_| {
            let webhook = world.desk.one("webhooks", "name", "lojacentro/handler");
            world.desk.webhook_token(&webhook["id"]) == NEXT_TOKEN
        })
        .await;
    let revoke = json!({"account": ACCOUNT});
    world.desk.control(Method::POST, "revoke", revoke.clone()).await;
    world.apply(credentials_canary(WRONG_CLIENT_SECRET)).await;
    store.reconcile_now().await;
    store.until_stalled("CredentialsInvalid").await;
    let rotate = json!({"account": ACCOUNT, "clientSecret": NEXT_CLIENT_SECRET});
    world.desk.control(Method::PUT, "credentials", rotate).await;
    world.apply(credentials_canary(NEXT_CLIENT_SECRET)).await;
    store.reconcile_now().await;
    store
        .until("the next credentials are used", |object| object["status"]["summary"]["webhooks"] == "1/1")
        .await;
    world.desk.control(Method::POST, "revoke", revoke).await;
    world.apply(api_token_canary()).await;
    store.reconcile_now().await;
    let places = places(&world, &store.get().await).await;
    let mut canaries = vec![
        CLIENT_SECRET.to_owned(),
        NEXT_CLIENT_SECRET.to_owned(),
        WRONG_CLIENT_SECRET.to_owned(),
        TOKEN.to_owned(),
        NEXT_TOKEN.to_owned(),
        API_TOKEN.to_owned(),
    ];
    let secrets = world.desk.zendesk.secrets();
    let issued = secrets["accounts"][ACCOUNT]["access_tokens"].as_array().unwrap();
    canaries.extend(issued.iter().map(|token| token.as_str().unwrap().to_owned()));
    none_shows(&places, &canaries);
}

/// No place shows a credential, however it is written; the first place is the log.
pub(crate) fn none_shows(places: &[(&'static str, String)], canaries: &[String]) {
    for (place, text) in places {
        assert!(!text.is_empty(), "{place} was read");
        for canary in canaries {
            for (form, spelling) in spellings(canary) {
                assert!(
                    !text.contains(&spelling),
                    "{place} shows {canary} ({form}):\n{}",
                    around(text, &spelling)
                );
            }
        }
    }
    let log = &places[0].1;
    assert!(log.contains("\"TRACE\""), "the log was at TRACE");
}

async fn canary_world() -> World {
    let account = AccountConfig {
        plan: Plan::Professional,
        oauth_client: (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()),
        api_token: API_TOKEN.to_owned(),
        ..AccountConfig::new(ACCOUNT)
    };
    let desk = Desk::with(Config { accounts: vec![account], ..Config::default() }).await;
    desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), json!({"features": {"rateLimits": false}}))
        .await;
    let world = World::with_desk(desk).await;
    world.apply(credentials_canary(CLIENT_SECRET)).await;
    world.apply(handler_token_canary(TOKEN)).await;
    world
}

fn credentials_canary(client_secret: &str) -> Value {
    let data =
        json!({"host": "lojacentro.zendesk.com", "clientId": CLIENT_ID, "clientSecret": client_secret});
    secret("zendesk-credentials", "humansupport.dev/credentials", data)
}

fn api_token_canary() -> Value {
    let data = json!({"host": "lojacentro.zendesk.com", "email": "integration@lojacentro.example", "apiToken": API_TOKEN});
    secret("zendesk-credentials", "humansupport.dev/credentials", data)
}

fn handler_token_canary(token: &str) -> Value {
    secret("handler-token", "humansupport.dev/webhook-token", json!({"host": HANDLER_HOST, "token": token}))
}

/// Everywhere a credential could be read.
pub(crate) async fn places(world: &World, object: &Value) -> Vec<(&'static str, String)> {
    let operator = world.operator.as_ref().unwrap();
    let metrics = reqwest::get(format!("http://{}/metrics", operator.health)).await.unwrap();
    let mut events = world.cluster.list("Event", &world.namespace).await;
    events.extend(world.cluster.list("CoreEvent", &world.namespace).await);
    let accounts = world.cluster.list("HelpdeskAccount", &world.namespace).await;
    vec![
        ("the log", operator.log_text()),
        ("the store", object.to_string()),
        ("the account", json!(accounts).to_string()),
        ("the events", json!(events).to_string()),
        ("the metrics", metrics.text().await.unwrap()),
    ]
}

/// A credential as it is, and as base64 and URLs would show it.
fn spellings(canary: &str) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("raw", canary.to_owned()),
        ("quoted", json!(canary).to_string().trim_matches('"').to_owned()),
        ("URL-encoded", url::form_urlencoded::byte_serialize(canary.as_bytes()).collect()),
    ];
    // Inside a longer text, such as `user:password`, base64 depends on the position: each of the three, without the
    // characters at the edges that mix with their neighbors.
    for lead in 0..3 {
        let shifted = format!("{}{canary}", "x".repeat(lead));
        for (form, engine) in [("base64", &STANDARD), ("base64 for URLs", &URL_SAFE)] {
            let text = engine.encode(&shifted);
            let core = text.trim_end_matches('=');
            all.push((form, core[4..core.len() - 4].to_owned()));
        }
    }
    all
}

fn around(text: &str, found: &str) -> String {
    let at = text.find(found).unwrap_or_default();
    let start = text[..at].rfind('\n').map_or(0, |line| line + 1);
    text[start..].chars().take(800).collect()
}
