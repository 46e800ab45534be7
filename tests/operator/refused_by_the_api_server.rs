//! Bad input that the API server refuses, with a sentence that says what is allowed. Nothing reaches the helpdesk.

use serde_json::{Value, json};

use crate::harness::{STORE, World, agent, entry, example};

/// The API server's refusal of the example with one change.
async fn refusal(change: impl FnOnce(&mut Value)) -> String {
    let world = World::new().await;
    let mut spec = example();
    change(&mut spec);
    let refused = world.store(STORE, spec).try_apply().await.expect_err("the API server refuses it");
    assert!(world.desk.requests(0).is_empty());
    let kube::Error::Api(status) = refused else { panic!("not a refusal: {refused}") };
    assert_eq!(status.code, 422, "{}", status.message);
    status.message
}

#[track_caller]
fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_email_is_refused() {
    let message = refusal(|spec| entry(&mut spec["agents"], "ana")["email"] = json!("Ana <ana@loja>")).await;
    says(&message, &["spec.agents[0].email", "must be one e-mail address", "`ana@store.example`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_phone_number_is_refused() {
    let message = refusal(|spec| spec["whatsapp"]["phoneNumber"] = json!("(11) 4002-8922")).await;
    says(&message, &["spec.whatsapp.phoneNumber", "E.164"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unquoted_phone_number_is_refused_and_the_message_says_to_quote_it() {
    let message = refusal(|spec| spec["whatsapp"]["phoneNumber"] = json!(551_140_028_922_u64)).await;
    says(&message, &["spec.whatsapp.phoneNumber", "quote the phone number"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_url_is_refused() {
    let message =
        refusal(|spec| entry(&mut spec["webhooks"], "conversation-handler")["url"] = json!("handler")).await;
    says(&message, &["spec.webhooks[0].url", "must be an https URL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_webhook_is_refused() {
    let message = refusal(|spec| {
        entry(&mut spec["webhooks"], "conversation-handler")["url"] =
            json!("http://live-agent-handler.vtex.com/webhooks/zendesk");
    })
    .await;
    says(&message, &["spec.webhooks[0].url", "must be an https URL"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_time_zone_is_refused() {
    let message = refusal(|spec| spec["businessHours"]["timeZone"] = json!("GMT minus 3")).await;
    says(&message, &["spec.businessHours.timeZone", "IANA time zone"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_agents_are_refused() {
    let message = refusal(|spec| {
        let many: Vec<Value> = (0..3000).map(|number| agent(&format!("agent-{number}"), "sales")).collect();
        spec["agents"] = many.into();
    })
    .await;
    says(&message, &["spec.agents", "2000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_default_department_is_refused() {
    let message = refusal(|spec| spec["defaultDepartment"] = json!("nowhere")).await;
    says(&message, &["spec.defaultDepartment", "must be the `name` of an entry of `departments`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_an_immutable_field_is_refused() {
    let world = World::new().await;
    let mut store = world.store(STORE, example());
    store.apply().await;
    store.spec["store"] = json!("another-store");
    let refused = store.try_apply().await.expect_err("`store` is immutable").to_string();
    says(&refused, &["`store` is immutable", "create another resource"]);
    let mut account = crate::harness::account();
    account["spec"]["zendesk"]["subdomain"] = json!("another");
    let refused = world.try_apply(account).await.expect_err("`subdomain` is immutable").to_string();
    says(&refused, &["`subdomain` is immutable", "`accountRef`"]);
}
