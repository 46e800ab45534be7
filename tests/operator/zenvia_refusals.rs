//! What cannot be used on Zenvia: each is a condition that says what to do, and nothing is written that should not be.

use reqwest::Method;
use sandbox::zenvia::{FOREIGN_ACCOUNT_ID, PARTNER_TOKEN, api_token};
use serde_json::{Value, json};

use crate::harness::{
    API_HOST, CHAT_HOST, HANDLER_HOST, MEMBER, STORE, Store, ZenviaWorld, account_credentials, agent,
    condition, credentials_of, entry, message, zenvia_account, zenvia_account_with, zenvia_small,
};

fn says(text: &str, words: &[&str]) {
    for word in words {
        assert!(text.contains(word), "`{word}` is missing in: {text}");
    }
}

/// The credentials of the partner interface with one key changed.
fn credentials_but(key: &str, value: &str) -> Value {
    let mut values = json!({"chatHost": CHAT_HOST, "partnerToken": PARTNER_TOKEN, "apiHost": API_HOST,
        "apiToken": api_token(MEMBER)});
    values[key] = json!(value);
    credentials_of(values)
}

/// Applies a store that stalls with this reason; what `Ready` says.
async fn stalls(world: &mut ZenviaWorld, (spec, reason): (Value, &str)) -> (Store, String) {
    world.world.start_operator().await;
    let store = world.world.store(STORE, spec);
    store.apply().await;
    let said = store.until_stalled(reason).await;
    (store, said)
}

fn nothing_written(world: &ZenviaWorld) {
    assert_eq!(world.zenvia.writes(0).len(), 0, "{}", world.zenvia.writes_text(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_partner_token_is_named_whether_zenvia_says_so_in_401_or_in_200() {
    for status in [200, 401] {
        let mut world = ZenviaWorld::new().await;
        let rules = json!({"partnerWrongTokenStatus": status});
        world.zenvia.control(Method::PUT, "assumptions", rules).await;
        world.world.apply(credentials_but("partnerToken", "wrong-token")).await;
        let (store, said) = stalls(&mut world, (zenvia_small(), "CredentialsInvalid")).await;
        says(&said, &["credentials", "Secret"]);
        assert_eq!(condition(&store.get().await, "AccountReady")["status"], "False");
        nothing_written(&world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_another_partner_or_of_nobody_is_a_mismatch() {
    for id in [FOREIGN_ACCOUNT_ID, 99] {
        let mut world = ZenviaWorld::new().await;
        let zenvia = json!({"api": "Partner", "accountId": id.to_string(), "plan": "Advanced"});
        world.world.delete("HelpdeskAccount", "zenvia").await;
        world.world.apply(zenvia_account_with(zenvia)).await;
        let (_, said) = stalls(&mut world, (zenvia_small(), "AccountMismatch")).await;
        says(&said, &["accountId"]);
        nothing_written(&world);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_url_that_is_not_a_host_of_zenvia_gets_no_token() {
    for (key, value) in [
        ("chatHost", "https://zchat.zenvia.io/partner/api"),
        ("chatHost", "evil.example"),
        ("chatHost", "zchat.zenvia.io.evil.example"),
        ("apiHost", "evilzenvia.com"),
    ] {
        let mut world = ZenviaWorld::new().await;
        world.world.apply(credentials_but(key, value)).await;
        let (_, said) = stalls(&mut world, (zenvia_small(), "SecretInvalid")).await;
        says(&said, &["`zenvia-credentials`", &format!("`{key}`"), "its token is not sent"]);
        assert!(world.zenvia.requests(0).is_empty(), "nothing was sent anywhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_somebody_has_holds_that_agent_alone() {
    let mut world = ZenviaWorld::new().await;
    let vera = json!({"profile": "AGENT", "department_ids": [],
        "agent": {"account_id": MEMBER, "email": "ana@loja.example", "name": "Vera", "password": "0".repeat(64)}});
    world.zenvia.person(Method::POST, "agents", vera).await;
    let (store, said) = stalls(&mut world, (zenvia_small(), "EmailTaken")).await;
    says(&said, &["`ana`", "has this address and is not ours", "`adopt`"]);
    assert_eq!(world.zenvia.agent("ana@loja.example")["name"], "Vera");
    assert_eq!(world.zenvia.agent("rui@loja.example")["active"], true, "the others go on");
    let object = store.get().await;
    assert_eq!(object["status"]["summary"]["agents"], "1/2");
    assert!(!object["status"].to_string().contains("ana@loja.example"), "no address in a status");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_third_subscription_of_one_event_and_channel_is_a_limit_that_is_named() {
    let mut world = ZenviaWorld::new().await;
    for number in 0..2 {
        let other = json!({"eventType": "CONVERSATION_MESSAGE", "criteria": {"channel": "whatsapp", "direction": "OUT"},
            "webhook": {"url": format!("https://somebody.example/{number}")}});
        subscribe(&world, other).await;
    }
    let (store, said) = stalls(&mut world, (zenvia_small(), "WebhookLimitReached")).await;
    says(&said, &["two"]);
    store.until_condition(("WebhooksReady", "False", "WebhookLimitReached")).await;
    assert_eq!(world.zenvia.agent("ana@loja.example")["active"], true, "the rest of the store is there");
    let urls: Vec<Value> =
        world.zenvia.all("subscriptions").iter().map(|one| one["webhook"]["url"].clone()).collect();
    let mine = urls.iter().filter(|url| url.as_str().unwrap().contains(HANDLER_HOST)).count();
    assert_eq!((urls.len(), mine), (3, 1), "the other event has its subscription: {urls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_a_vendor_cannot_deliver_is_named_and_the_rest_goes_on() {
    let mut world = ZenviaWorld::new().await;
    let mut spec = zenvia_small();
    let events = json!([{"name": "AgentReplied"}, {"name": "MessageReceived"}, {"name": "MessageDelivered"}]);
    entry(&mut spec["webhooks"], "handler")["events"] = events;
    world.world.start_operator().await;
    let mut store = world.world.store(STORE, spec);
    store.apply().await;
    store.until_ready().await;
    let mut told: Vec<Value> =
        world.zenvia.all("subscriptions").iter().map(|one| one["eventType"].clone()).collect();
    told.sort_by_key(ToString::to_string);
    assert_eq!(told, ["CONVERSATION_MESSAGE", "MESSAGE", "MESSAGE_STATUS"]);
    store.edit(|spec| spec["accountRef"]["name"] = json!("zendesk")).await;
    let said = store.until_stalled("UnsupportedByProvider").await;
    says(&said, &["`handler/Message", "declare AgentReplied or ConversationResolved"]);
    let titles: Vec<Value> =
        world.world.desk.all("triggers").iter().map(|one| one["title"].clone()).collect();
    assert!(titles.contains(&json!("lojacentro - AgentReplied")), "{titles:?}");
    assert!(!titles.iter().any(|title| title.to_string().contains("Message")), "{titles:?}");
}

/// A subscription that somebody else made.
async fn subscribe(world: &ZenviaWorld, body: Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v2/subscriptions?account_id={MEMBER}", world.zenvia.zenvia.url());
    let sent = client.post(url).header("x-sandbox-person", "Maria").json(&body).send().await.unwrap();
    assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_that_only_a_person_can_create_is_a_step_that_says_what_to_click() {
    let mut world = ZenviaWorld::new().await;
    world.world.delete("HelpdeskAccount", "zenvia").await;
    world.world.apply(account_credentials(MEMBER)).await;
    world.world.apply(zenvia_account("Account")).await;
    world.world.start_operator().await;
    let store = world.world.store(STORE, zenvia_small());
    store.apply().await;
    let object =
        store.until("the step is open", |object| step(object, "CreateDepartment/support").is_some()).await;
    let open = step(&object, "CreateDepartment/support").unwrap();
    assert_eq!(open["blocksLive"], true);
    says(open["how"].as_str().unwrap(), &["Departments", "`Suporte`"]);
    assert_eq!(condition(&object, "DepartmentsReady")["reason"], "ManualActionRequired");
    let names: Vec<Value> = world.zenvia.all("departments").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["Atendimento"], "nothing pretends to have created one");
    for name in ["Vendas", "Suporte"] {
        let body = json!({"channels": ["chat"], "department": {"account_id": MEMBER, "name": name}});
        world.zenvia.person(Method::POST, "departments", body).await;
    }
    store.reconcile_now().await;
    store
        .until("the step closed by itself", |object| {
            step(object, "CreateDepartment/support").is_none()
                && step(object, "CreateDepartment/sales").is_none()
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn licenses_of_an_account_without_a_partner_are_a_step_that_the_number_confirms() {
    let mut world = ZenviaWorld::new().await;
    world.world.delete("HelpdeskAccount", "zenvia").await;
    world.world.apply(account_credentials(MEMBER)).await;
    world.world.apply(zenvia_account("Account")).await;
    world.world.start_operator().await;
    let store = world.world.store(STORE, zenvia_small());
    store.apply().await;
    store.complete(&[json!({"name": "AgreeLicenses", "value": "5"})]).await;
    let object = store.until_condition(("LicensesReady", "Unknown", "ManualActionRequired")).await;
    let open = step(&object, "SetLicenses").unwrap();
    assert_eq!((&open["value"], &open["blocksLive"]), (&json!("5"), &json!(false)));
    store.complete(&[json!({"name": "SetLicenses", "value": "4"})]).await;
    store.reconcile_now().await;
    store.until_condition(("LicensesReady", "Unknown", "ManualActionRequired")).await;
    store.complete(&[open]).await;
    let object = store.until_condition(("LicensesReady", "True", "InSync")).await;
    says(&message(&object, "LicensesReady"), &["5 licenses"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_agents_than_the_plan_allows_hold_the_last_ones_and_nobody_else() {
    let mut world = ZenviaWorld::new().await;
    world.world.delete("HelpdeskAccount", "zenvia").await;
    let zenvia = json!({"api": "Partner", "accountId": MEMBER.to_string(), "plan": "Other", "maxAgents": 2});
    let account = world.world.apply(zenvia_account_with(zenvia)).await;
    let name = account["metadata"]["name"].as_str().unwrap().to_owned();
    let mut spec = zenvia_small();
    spec["agents"].as_array_mut().unwrap().insert(0, agent("zoe", "sales"));
    let (store, said) = stalls(&mut world, (spec, "SeatsExhausted")).await;
    says(&said, &["`zoe`", "plan allows 2 agents", "`maxAgents`"]);
    for email in ["ana@loja.example", "rui@loja.example"] {
        assert_eq!(world.zenvia.agent(email)["active"], true);
    }
    assert_eq!(world.zenvia.all("agents").len(), 2);
    assert_eq!(store.get().await["status"]["summary"]["agents"], "2/3");
    let accounts = world.world.cluster.list("HelpdeskAccount", &world.world.namespace).await;
    let account = accounts.iter().find(|account| account["metadata"]["name"] == name.as_str()).unwrap();
    assert_eq!(account["status"]["allows"], json!({"agents": "2"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_the_articles_is_shown_with_what_it_allows() {
    let mut world = ZenviaWorld::new().await;
    world.world.start_operator().await;
    let store = world.world.store(STORE, zenvia_small());
    store.apply().await;
    store.until_ready().await;
    let accounts = world.world.cluster.list("HelpdeskAccount", &world.world.namespace).await;
    let account = accounts.iter().find(|account| account["metadata"]["name"] == "zenvia").unwrap();
    assert_eq!(condition(account, "Ready")["status"], "True");
    assert_eq!(
        account["status"]["allows"],
        json!({"agents": "unlimited", "departments": "unlimited", "history": "2 years", "channels": "all", "features": "advanced"})
    );
    assert_eq!(account["status"]["host"], CHAT_HOST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_store_of_one_zenvia_account_is_a_conflict_and_writes_nothing() {
    let mut world = ZenviaWorld::new().await;
    world.world.start_operator().await;
    let mut declared = zenvia_small();
    declared["deletionPolicy"] = json!("Delete");
    let first = world.world.store(STORE, declared);
    first.apply().await;
    first.until_ready().await;
    first.until_older().await;
    let mut spec = zenvia_small();
    spec["store"] = json!("lojanova");
    spec["whatsapp"]["phoneNumber"] = json!("+551140028933");
    spec["completedSteps"] = json!([{"name": "IntegrateWhatsApp", "value": "+551140028933"}]);
    spec["conversationTag"] = json!("nova");
    entry(&mut spec["departments"], "sales")["displayName"] = json!("Vendas Nova");
    entry(&mut spec["departments"], "support")["displayName"] = json!("Suporte Nova");
    spec["agents"] = json!([agent("bia", "sales")]);
    // Another resource for the same account of the vendor does not hide it.
    let mut account = zenvia_account("Partner");
    account["metadata"]["name"] = json!("zenvia-again");
    world.world.apply(account).await;
    let mark = world.zenvia.mark();
    for name in ["zenvia", "zenvia-again"] {
        spec["accountRef"]["name"] = json!(name);
        let second = world.world.store("loja-nova", spec.clone());
        second.apply().await;
        let said = second.until_stalled("Conflict").await;
        says(&said, &["one store", "account"]);
        assert_eq!(world.zenvia.writes(mark).len(), 0, "{}", world.zenvia.writes_text(mark));
    }
    let second = world.world.store("loja-nova", spec);
    first.delete().await;
    second.until_ready().await;
    assert_eq!(world.zenvia.agent("bia@loja.example")["active"], true, "the account is free again");
}

fn step(object: &Value, name: &str) -> Option<Value> {
    let steps = object["status"]["pendingSteps"].as_array()?;
    steps.iter().find(|step| step["name"] == name).cloned()
}
