//! Steps for people: what proves each done, that none hides another, that a value lapses with what it confirms.

use serde_json::{Value, json};

use crate::harness::{Calls, STORE, World, condition, entry, handler_token, message, small};

fn titles(object: &Value) -> Vec<String> {
    let steps = object["status"]["pendingSteps"].as_array().cloned().unwrap_or_default();
    steps.iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect()
}

fn step(object: &Value, name: &str) -> Value {
    let steps = object["status"]["pendingSteps"].as_array().cloned().unwrap_or_default();
    let found = steps.into_iter().find(|step| step["name"] == name);
    found.unwrap_or_else(|| panic!("{name} is not among {:?}", titles(object)))
}

/// A store with two webhooks whose tokens are in two Secrets.
fn two_webhooks() -> Value {
    let mut spec = small();
    let mut other = spec["webhooks"][0].clone();
    other["name"] = json!("other");
    other["url"] = json!("https://other-handler.example/webhooks");
    other["tokenSecretRef"] = json!({"name": "other-token"});
    other["events"] = json!([{"name": "AgentReplied"}]);
    spec["webhooks"].as_array_mut().unwrap().push(other);
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn two_missing_tokens_are_two_steps_and_neither_is_closed_by_a_persons_word() {
    let mut world = World::new().await;
    world.delete("Secret", "handler-token").await;
    let store = world.onboard(two_webhooks()).await;
    let object = store.get().await;
    let (handler, other) =
        (step(&object, "ReceiveHandlerToken/handler"), step(&object, "ReceiveHandlerToken/other"));
    assert_eq!((&handler["value"], &other["value"]), (&json!("handler-token"), &json!("other-token")));
    for missing in [&handler, &other] {
        assert_eq!((&missing["who"], &missing["proof"]), (&json!("PlatformTeam"), &json!("Observed")));
        assert_eq!(missing["blocksLive"], true);
    }
    store.complete(&[handler, other]).await;
    store.settle().await;
    let object = store.get().await;
    assert!(
        titles(&object).contains(&"ReceiveHandlerToken/handler".to_owned()),
        "the Secret is still missing"
    );
    world.apply(handler_token()).await;
    let object = store
        .until("the first token is there", |object| {
            !titles(object).contains(&"ReceiveHandlerToken/handler".to_owned())
        })
        .await;
    step(&object, "ReceiveHandlerToken/other");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_of_licenses_must_be_agreed_again() {
    let mut world = World::new().await;
    let mut store = world.onboard(small()).await;
    let object = store.until_condition(("LicensesReady", "False", "ManualActionRequired")).await;
    assert_eq!(step(&object, "AgreeLicenses")["value"], "50");
    assert!(message(&object, "LicensesReady").contains("`50`"));
    store.complete(&[step(&object, "AgreeLicenses")]).await;
    store.until_condition(("LicensesReady", "True", "InSync")).await;
    store.edit(|spec| spec["licenses"]["quantity"] = json!(60)).await;
    let object = store.until_condition(("LicensesReady", "False", "ManualActionRequired")).await;
    assert_eq!(step(&object, "AgreeLicenses")["value"], "60");
    assert_eq!(condition(&object, "Ready")["status"], "True", "it waits for a person, not for the operator");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_made_anew_must_be_handed_over_again() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    store.do_pending_steps().await;
    store.until_condition(("HandedOver", "True", "InSync")).await;
    let field = world.desk.one("ticket_fields", "title", "WhatsApp lojacentro");
    let path = format!("ticket_fields/{}", field["id"]);
    world.desk.person(reqwest::Method::DELETE, &path, Value::Null).await;
    store.settle().await;
    let object = store.until_condition(("HandedOver", "False", "StepsPending")).await;
    let new = world.desk.one("ticket_fields", "title", "WhatsApp lojacentro");
    assert_ne!(new["id"], field["id"]);
    assert_eq!(step(&object, "SendTicketFieldId")["value"], new["id"].to_string());
    store.until_condition(("Live", "False", "StepsPending")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completed_step_that_does_not_exist_is_refused_with_the_nearest_one() {
    let mut world = World::new().await;
    world.start_operator().await;
    let mut spec = small();
    spec["completedSteps"].as_array_mut().unwrap().push(json!({"name": "SendTicketField", "value": "62"}));
    let store = world.store(STORE, spec);
    store.apply().await;
    let said = store.until_stalled("InvalidSpec").await;
    assert!(said.contains("`SendTicketField`") && said.contains("`SendTicketFieldId`"), "{said}");
    assert_eq!(world.desk.write_counts(0), Calls::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_store_of_the_account_is_refused_with_its_reason() {
    let mut world = World::new().await;
    world.onboard(small()).await;
    let mut spec = small();
    spec["store"] = json!("lojasul");
    spec["conversationTag"] = json!("loja-sul");
    spec["departments"] = json!([{"name": "south", "displayName": "Sul"}]);
    spec["defaultDepartment"] = json!("south");
    spec["agents"] = json!([]);
    spec["webhooks"] = json!([]);
    let other = world.store("loja-sul", spec);
    other.apply().await;
    let said = other.until_stalled("Conflict").await;
    assert!(said.contains("`whatsapp.phoneNumber`"), "{said}");
    let fields = world.desk.all("ticket_fields");
    assert!(!fields.iter().any(|field| field["title"] == "WhatsApp lojasul"), "{fields:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_is_missing_is_a_step_that_closes_when_it_is_there() {
    let mut world = World::new().await;
    let mut account = crate::harness::account();
    account["spec"]["limits"]["seatsPerStore"] = json!(1);
    world.apply(account.clone()).await;
    world.start_operator().await;
    let store = world.store(STORE, small());
    store.apply().await;
    let object =
        store.until("a seat is missing", |object| titles(object).contains(&"BuySeats".to_owned())).await;
    assert_eq!(step(&object, "BuySeats")["value"], "1");
    account["spec"]["limits"]["seatsPerStore"] = json!(5);
    world.apply(account).await;
    store.until_ready().await;
    store.until("the step is closed", |object| !titles(object).contains(&"BuySeats".to_owned())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whose_last_day_has_passed_is_deactivated_and_trips_no_guard() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["removalGuard"] = json!({"minCount": 0, "maxPercent": 0, "maxCount": 0});
    let mut store = world.onboard(spec).await;
    assert_eq!(world.desk.user("ana@loja.example")["suspended"], false);
    store.edit(|spec| entry(&mut spec["agents"], "ana")["until"] = json!("2020-12-31")).await;
    store.until_ready().await;
    let ana = world.desk.one("users", "email", "ana@loja.example");
    assert_eq!(ana["suspended"], true, "access ended without an approval");
    assert_eq!(world.desk.user("rui@loja.example")["suspended"], false);
    store.edit(|spec| entry(&mut spec["agents"], "rui")["active"] = json!(false)).await;
    store.until_stalled("RemovalGuardTripped").await;
    assert_eq!(world.desk.user("rui@loja.example")["suspended"], false, "an edit like this one waits");
}
