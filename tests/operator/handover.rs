//! The handover sheet as people find it in the cluster: whose it is, what it says, when it is written.

use serde_json::{Value, json};

use crate::harness::{HANDLER_TOKEN, STORE, World, condition, entry, example, message, small};

const NAME: &str = "loja-centro-handover";

async fn sheet(world: &World) -> Value {
    let found = world.cluster.api("ConfigMap", Some(&world.namespace)).get_opt(NAME).await.unwrap();
    found.map_or(Value::Null, |object| serde_json::to_value(object).unwrap())
}

/// Waits for a state of the sheet.
async fn until(world: &World, reached: impl Fn(&Value) -> bool) -> Value {
    let started = std::time::Instant::now();
    loop {
        let object = sheet(world).await;
        if reached(&object) {
            return object;
        }
        assert!(started.elapsed() < crate::harness::LIMIT, "not in time: {object:#}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object["data"][key].as_str().unwrap_or_else(|| panic!("no {key} in {object:#}"))
}

/// The writes of ConfigMaps since a position of the audit log.
fn writes(world: &World, mark: u64) -> usize {
    let events = world.cluster.operator_writes(mark, &world.namespace);
    events
        .iter()
        .filter(|event| event.object_ref.as_ref().is_some_and(|object| object.resource == "configmaps"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_belongs_to_the_store_and_says_in_its_language_what_to_pass_on() {
    let mut world = World::new().await;
    let store = world.onboard(example()).await;
    let object = until(&world, |object| !object.is_null()).await;
    let resource = store.get().await;
    let owner = &object["metadata"]["ownerReferences"][0];
    assert_eq!((&owner["kind"], &owner["uid"]), (&json!("HumanSupportConfig"), &resource["metadata"]["uid"]));
    let sheet = text(&object, "handover.md");
    let field = world.desk.one("ticket_fields", "title", "WhatsApp lojacentro");
    let group = world.desk.one("groups", "name", "Suporte");
    for what in [
        format!("`{}`", field["id"]),
        format!("`{}`", group["id"]),
        "`vtex-chatbot`".to_owned(),
        format!("`tests-{}`", world.namespace),
        "## Etapas abertas".to_owned(),
        "`SendTicketFieldId`".to_owned(),
        "vê o painel de atendimento, extrai relatórios, gerencia os atendentes".to_owned(),
        "Rui Lima (`rui`)".to_owned(),
    ] {
        assert!(sheet.contains(&what), "{what}\n{sheet}");
    }
    let calendar = text(&object, "training.ics");
    assert!(calendar.contains("BEGIN:VTIMEZONE\r\nTZID:America/Sao_Paulo\r\n"), "{calendar}");
    for secret in [HANDLER_TOKEN, sandbox::zendesk::CLIENT_SECRET, "ana@loja.example", "rui@loja.example"] {
        assert!(!object["data"].to_string().contains(secret), "{secret}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sheet_is_written_when_its_content_changes_and_at_no_other_time() {
    let mut world = World::new().await;
    let mut store = world.onboard(example()).await;
    store.do_pending_steps().await;
    store.settle().await;
    let nothing_open = "Nenhuma: tudo o que pessoas precisam fazer está feito.";
    until(&world, |object| text(object, "handover.md").contains(nothing_open)).await;
    // A round that follows the last step may still be under way: what counts is the one after it.
    store.reconcile_now().await;
    let before = sheet(&world).await;
    let mark = world.cluster.audit_mark();
    store.reconcile_now().await;
    world.stop_operator().await;
    world.start_operator().await;
    world.until_rounds_finished(1).await;
    assert_eq!(writes(&world, mark), 0, "nothing changed");
    assert_eq!(sheet(&world).await, before);
    let stamp = |object: &Value| {
        let calendar = text(object, "training.ics").to_owned();
        calendar.lines().find(|line| line.starts_with("DTSTAMP")).unwrap().to_owned()
    };
    // A stamp counts whole seconds: what is published in another one has another stamp.
    let now = || format!("DTSTAMP:{}", jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ"));
    crate::harness::until("the second of the stamp is over", || async { now() > stamp(&before) }).await;
    store.edit(|spec| spec["training"]["sessions"][0]["minutes"] = json!(90)).await;
    let after = until(&world, |object| object["data"] != before["data"]).await;
    assert!(
        text(&before, "training.ics").contains("SEQUENCE:0")
            && text(&after, "training.ics").contains("SEQUENCE:1")
    );
    assert!(stamp(&before) < stamp(&after), "it says when it was published");
    assert_eq!(after["metadata"]["uid"], before["metadata"]["uid"], "it is patched, not made anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_that_somebody_edited_or_deleted_is_written_again() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    let before = until(&world, |object| !object.is_null()).await;
    let mut edited = before.clone();
    edited["data"] = json!({"handover.md": "nothing to do", "more": "x"});
    edited["metadata"] = json!({"name": NAME});
    world.apply(edited).await;
    store.reconcile_now().await;
    let after = until(&world, |object| object["data"] == before["data"]).await;
    assert_eq!(after["data"]["more"], Value::Null);
    world.delete("ConfigMap", NAME).await;
    store.reconcile_now().await;
    until(&world, |object| object["data"] == before["data"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_config_map_of_that_name_is_reported_and_never_overwritten() {
    let mut world = World::new().await;
    let theirs =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": NAME}, "data": {"a": "b"}});
    let before = world.apply(theirs).await;
    let store = world.onboard(small()).await;
    store.do_pending_steps().await;
    let object = store.until_condition(("HandedOver", "False", "Conflict")).await;
    assert!(
        message(&object, "HandedOver").contains("`loja-centro-handover`"),
        "{}",
        message(&object, "HandedOver")
    );
    let mut problems = object["status"]["problems"].clone();
    assert_eq!(entry(&mut problems, NAME)["kind"], "ConfigMap");
    assert_eq!(condition(&object, "Ready")["status"], "True");
    store.reconcile_now().await;
    assert_eq!(sheet(&world).await["metadata"]["resourceVersion"], before["metadata"]["resourceVersion"]);
    world.delete("ConfigMap", NAME).await;
    store.reconcile_now().await;
    store.until_condition(("HandedOver", "True", "InSync")).await;
    assert!(text(&sheet(&world).await, "handover.md").starts_with("# "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_waits_for_whatsapp_has_its_sheet_already() {
    let mut world = World::new().await;
    world.start_operator().await;
    let mut spec = small();
    spec["completedSteps"] = json!([]);
    spec["language"] = json!("es");
    world.store(STORE, spec).apply().await;
    let object = until(&world, |object| !object.is_null()).await;
    let sheet = text(&object, "handover.md");
    assert!(sheet.contains("`IntegrateWhatsApp`") && sheet.contains("## Pasos abiertos"), "{sheet}");
    assert_eq!(object["data"]["training.ics"], Value::Null, "no session is declared");
}
