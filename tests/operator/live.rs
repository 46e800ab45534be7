//! Ready is what the operator can do, Live is what a customer gets.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ACCOUNT, Calls, STORE, World, condition, entry, example, message, small};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_with_one_blocking_step_is_ready_and_not_live_and_says_what_to_do() {
    let mut world = World::new().await;
    let store = world.onboard(example()).await;
    let object = store.get().await;
    let pending = object["status"]["pendingSteps"].as_array().unwrap().clone();
    let kept = pending.iter().find(|step| step["name"] == "SendTicketFieldId").unwrap().clone();
    let others: Vec<Value> = pending.into_iter().filter(|step| step["name"] != kept["name"]).collect();
    store.complete(&others).await;
    let object = store
        .until("one step is left", |object| {
            object["status"]["pendingSteps"].as_array().is_some_and(|steps| steps.len() == 1)
                && condition(object, "Ready")["observedGeneration"] == object["metadata"]["generation"]
        })
        .await;
    assert_eq!(condition(&object, "Ready")["status"], "True");
    assert_eq!(condition(&object, "Ready")["reason"], "Reconciled");
    assert_eq!(condition(&object, "Live")["status"], "False");
    assert_eq!(condition(&object, "Live")["reason"], "StepsPending");
    let said = message(&object, "Live");
    assert!(said.starts_with("no:"), "{said}");
    assert!(
        said.contains("`SendTicketFieldId`") && said.contains("send this id to whoever runs the bot"),
        "{said}"
    );
    let field = world.desk.one("ticket_fields", "title", "WhatsApp lojacentro");
    assert_eq!(object["status"]["pendingSteps"][0]["value"], field["id"].to_string());
    assert_eq!(object["status"]["pendingSteps"][0]["blocksLive"], true);
    store.do_pending_steps().await;
    store.until_live().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_whatsapp_integration_nothing_is_created_and_the_step_is_named() {
    for completed in [json!([]), json!([{"name": "IntegrateWhatsApp", "value": "+551140020000"}])] {
        let mut world = World::new().await;
        world.start_operator().await;
        let mut spec = small();
        spec["completedSteps"] = completed;
        let mut store = world.store(STORE, spec);
        store.apply().await;
        let object = store.until_condition(("Ready", "True", "IntegrationPending")).await;
        assert_eq!(world.desk.write_counts(0), Calls::new());
        let steps = object["status"]["pendingSteps"].as_array().unwrap();
        let step = steps.iter().find(|step| step["name"] == "IntegrateWhatsApp").unwrap();
        assert_eq!(step["value"], "+551140028922");
        assert_eq!(condition(&object, "WhatsAppReady")["status"], "False");
        assert!(message(&object, "WhatsAppReady").contains("`+551140028922`"));
        assert_eq!(condition(&object, "Live")["status"], "False");
        store
            .edit(|spec| {
                spec["completedSteps"] = json!([{"name": "IntegrateWhatsApp", "value": "+551140028922"}]);
            })
            .await;
        store.until_ready().await;
        world.desk.one("webhooks", "name", "lojacentro/handler");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_the_handlers_token_is_ready_and_waits_for_the_token_alone() {
    let mut world = World::new().await;
    world.delete("Secret", "handler-token").await;
    let store = world.onboard(small()).await;
    store.do_steps_but(&["ReceiveHandlerToken/handler"]).await;
    let object = store.until_condition(("Live", "False", "StepsPending")).await;
    assert!(message(&object, "Live").contains("`handler-token`"), "{}", message(&object, "Live"));
    assert_eq!(world.desk.all("webhooks").len(), 0);
    world.desk.user("ana@loja.example");
    world.apply(crate::harness::handler_token()).await;
    store.until_condition(("Live", "True", "Reachable")).await;
    let webhook = world.desk.one("webhooks", "name", "lojacentro/handler");
    assert_eq!(world.desk.webhook_token(&webhook["id"]), crate::harness::HANDLER_TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_default_department_without_an_active_agent_is_not_live() {
    let mut world = World::new().await;
    let mut spec = small();
    for name in ["ana", "rui"] {
        entry(&mut spec["agents"], name)["departments"] = json!(["sales"]);
    }
    let mut store = world.onboard(spec).await;
    store.do_pending_steps().await;
    let object = store.until_condition(("Live", "False", "NoAgentAvailable")).await;
    assert!(message(&object, "Live").contains("`support`"), "{}", message(&object, "Live"));
    store.edit(|spec| entry(&mut spec["agents"], "rui")["departments"] = json!(["support"])).await;
    store.until_condition(("Live", "True", "Reachable")).await;
}

/// The helpdesk tells of twenty more calls of the store's webhook, all answered with this code.
async fn handler_answers(world: &World, code: u16) {
    let webhook = world.desk.one("webhooks", "name", "lojacentro/handler");
    let deliveries = json!({"account": ACCOUNT, "webhookId": webhook["id"], "statusCode": code, "count": 20});
    world.desk.control(Method::POST, "deliveries", deliveries).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_whose_handler_refuses_what_the_helpdesk_sends_is_not_live_until_it_takes_it() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    store.do_pending_steps().await;
    store.until_condition(("Live", "True", "Reachable")).await;
    let mark = world.desk.mark();
    handler_answers(&world, 500).await;
    store.reconcile_now().await;
    let object = store.until_condition(("Live", "False", "DeliveriesFailing")).await;
    let said = message(&object, "Live");
    assert!(said.starts_with("no:") && said.contains("`handler`") && said.contains("ask whoever"), "{said}");
    assert_eq!(condition(&object, "Ready")["status"], "True", "what the operator does is done");
    handler_answers(&world, 200).await;
    store.reconcile_now().await;
    store.until_condition(("Live", "True", "Reachable")).await;
    assert_eq!(world.desk.write_counts(mark), Calls::new());
    let asked = world.desk.read_counts(mark)["GET /webhooks/{id}/invocations"];
    assert!(asked >= 2, "each look asks the helpdesk: {asked}");
}
