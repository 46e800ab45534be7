//! A token of Zenvia appears nowhere, although its interfaces want it in queries and bodies: no log at TRACE, status,
//! event or metric.

use reqwest::Method;
use serde_json::{Value, json};

use crate::canary::{none_shows, places};
use crate::harness::{
    API_HOST, CHAT_HOST, HANDLER_HOST, MEMBER, STORE, ZenviaWorld, credentials_of, secret, zenvia_account,
    zenvia_small,
};

/// Tokens with characters that every encoding changes.
const PARTNER: &str = "canary-partner+token/7f3~9?&=%zz";
const NEXT_PARTNER: &str = "canary-next+partner/token~41?&=%yy";
const WRONG_PARTNER: &str = "canary-wrong+partner/token~52?&=%xx";
const ACCOUNT: &str = "canary-account+token/77~8?&=%tt";
const API: &str = "canary-api+token/c0ffee~1?&=%ww";
const WRONG_API: &str = "canary-wrong+api/token~2?&=%vv";
const HANDLER: &str = "canary-handler+token/deadbeef~3?&=%uu";

fn keys(chat: (&str, &str), api: &str) -> Value {
    let (name, token) = chat;
    let mut values = json!({"chatHost": CHAT_HOST, "apiHost": API_HOST, "apiToken": api});
    values[name] = json!(token);
    credentials_of(values)
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_zenvia_appear_in_no_log_status_event_or_metric() {
    let mut world = ZenviaWorld::new().await;
    let rotate =
        json!({"account": MEMBER, "accountToken": ACCOUNT, "apiTokens": [API], "partnerToken": PARTNER});
    world.zenvia.control(Method::PUT, "credentials", rotate).await;
    let handler = json!({"host": HANDLER_HOST, "token": HANDLER});
    world.world.apply(secret("handler-token", "humansupport.dev/webhook-token", handler)).await;
    world.world.apply(keys(("partnerToken", PARTNER), API)).await;
    world.world.flags.log = "trace".to_owned();
    world.world.start_operator().await;
    let store = world.world.store(STORE, zenvia_small());
    store.apply().await;
    store.until_ready().await;
    world.world.apply(keys(("partnerToken", WRONG_PARTNER), WRONG_API)).await;
    store.reconcile_now().await;
    store.until_stalled("CredentialsInvalid").await;
    world.zenvia.control(Method::PUT, "credentials", json!({"partnerToken": NEXT_PARTNER})).await;
    world.world.apply(keys(("partnerToken", NEXT_PARTNER), API)).await;
    store.reconcile_now().await;
    store.until_ready().await;
    // The other interface takes its token in the query as well.
    world.world.delete("HelpdeskAccount", "zenvia").await;
    world.world.apply(keys(("accountToken", ACCOUNT), API)).await;
    world.world.apply(zenvia_account("Account")).await;
    store.reconcile_now().await;
    let sent = world.zenvia.requests(0);
    assert!(
        sent.iter().any(|entry| entry.path.contains("/api/external/")),
        "the account's interface was used"
    );
    let places = places(&world.world, &store.get().await).await;
    let mut canaries: Vec<String> =
        [PARTNER, NEXT_PARTNER, WRONG_PARTNER, ACCOUNT, API, WRONG_API, HANDLER].map(str::to_owned).into();
    let secrets = world.zenvia.zenvia.secrets();
    let passwords = secrets["accounts"][MEMBER.to_string()]["agents"].as_object().unwrap();
    assert_eq!(passwords.len(), 2);
    canaries.extend(passwords.values().map(|one| one["passwordSha256"].as_str().unwrap().to_owned()));
    none_shows(&places, &canaries);
}
