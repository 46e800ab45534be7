//! The store of the documentation on a Zenvia Chat account of a partner, read from the simulator.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    HANDLER_HOST, MEMBER, STORE, Store, ZenviaDesk, ZenviaWorld, agent, calls, condition, message,
    zenvia_example,
};

async fn onboard(world: &mut ZenviaWorld) -> Store {
    world.world.start_operator().await;
    let store = world.world.store(STORE, zenvia_example());
    store.apply().await;
    store.settle().await;
    store
}

/// Members of a subscription that say what it is for.
fn subscriptions(zenvia: &ZenviaDesk) -> Vec<Value> {
    let mut found: Vec<Value> = zenvia
        .all("subscriptions")
        .iter()
        .map(|one| json!([one["eventType"], one["criteria"], one["webhook"]["url"], one["status"]]))
        .collect();
    found.sort_by_key(ToString::to_string);
    found
}

fn names(objects: &[Value], member: &str) -> Vec<String> {
    let mut names: Vec<String> =
        objects.iter().map(|object| object[member].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

fn licenses_written(zenvia: &ZenviaDesk, mark: u64) -> Vec<u64> {
    let writes = zenvia.writes(mark);
    let licenses = writes.iter().filter(|entry| entry.operation == "PUT /partner/accounts/{id}");
    licenses.map(|entry| entry.body_value()["license_quantity"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_on_a_partner_account_is_there_field_by_field_and_nothing_else() {
    let mut world = ZenviaWorld::new().await;
    let store = onboard(&mut world).await;
    let zenvia = &world.zenvia;
    let account = zenvia.account(MEMBER);
    assert_eq!(account["license_quantity"], 12);
    assert_eq!(names(&zenvia.all("agents"), "email"), ["ana@loja.example", "rui@loja.example"]);
    let (ana, rui) = (zenvia.agent("ana@loja.example"), zenvia.agent("rui@loja.example"));
    for (agent, name, profile) in [(&ana, "Ana Souza", "AGENT"), (&rui, "Rui Lima", "ADMIN")] {
        assert_eq!((&agent["name"], &agent["profile"]), (&json!(name), &json!(profile)));
        assert_eq!(agent["active"], true);
        assert_eq!(agent["password_writes"], 1, "the password is sent once and never again");
    }
    assert_eq!(rui["text_limit"], 5);
    assert_eq!(zenvia.departments_of("ana@loja.example"), ["Suporte", "Vendas"]);
    assert_eq!(zenvia.departments_of("rui@loja.example"), ["Suporte"]);
    let departments = zenvia.all("departments");
    assert_eq!(names(&departments, "name"), ["Atendimento", "Suporte", "Vendas"], "nothing beside them");
    let sales = departments.iter().find(|one| one["name"] == "Vendas").unwrap();
    let description = sales["description"].as_str().unwrap();
    assert!(description.starts_with("Vendas e orçamentos"), "{description}");
    assert!(description.contains(&format!("/{STORE}/department/sales")), "{description}");
    let url = format!("https://{HANDLER_HOST}/webhooks/zenvia");
    assert_eq!(
        subscriptions(zenvia),
        [
            json!(["CONVERSATION_MESSAGE", {"channel": "whatsapp", "direction": "OUT"}, url, "ACTIVE"]),
            json!(["CONVERSATION_STATUS", null, url, "ACTIVE"]),
        ]
    );
    store.complete(&[json!({"name": "AgreeLicenses", "value": "12"})]).await;
    let object = store.until_condition(("LicensesReady", "True", "AppliedUnverified")).await;
    assert_eq!(object["status"]["bindings"][0]["appliedLicenses"], 12);
    assert_eq!(object["status"]["platform"], "Zenvia");
    assert_eq!(object["status"]["summary"]["agents"], "2/2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_round_writes_nothing_and_the_store_is_live_once_people_have_done_their_steps() {
    let mut world = ZenviaWorld::new().await;
    let store = onboard(&mut world).await;
    let object = store.get().await;
    let steps = object["status"]["pendingSteps"].as_array().unwrap();
    for name in ["ResetPassword/ana", "ResetPassword/rui", "SetWebhookAddress"] {
        assert!(steps.iter().any(|step| step["name"] == name), "{name} is open: {steps:#?}");
    }
    let address = steps.iter().find(|step| step["name"] == "SetWebhookAddress").unwrap()["value"].clone();
    // Only what is in Zenvia closes this step: saying so does not.
    store.complete(&[json!({"name": "SetWebhookAddress", "value": address})]).await;
    store.reconcile_now().await;
    store.until_condition(("Live", "False", "StepsPending")).await;
    let path = format!("accounts/{MEMBER}");
    world.zenvia.control(Method::PUT, &path, json!({"webhookUrl": address})).await;
    store.reconcile_now().await;
    store.do_pending_steps().await;
    let object = store.until_condition(("Live", "True", "Reachable")).await;
    assert!(message(&object, "Live").starts_with("yes"), "{}", message(&object, "Live"));
    let (mark, audit) = (world.zenvia.mark(), world.world.cluster.audit_mark());
    store.reconcile_now().await;
    assert_eq!(world.zenvia.write_counts(mark), calls(&[]), "{}", world.zenvia.writes_text(mark));
    let writes = world.world.cluster.operator_writes(audit, &world.world.namespace);
    assert!(writes.len() <= 1, "the acknowledgement alone: {writes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn raised_licenses_are_one_call_before_the_agents_that_need_them() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let mark = world.zenvia.mark();
    store
        .edit(|spec| {
            spec["licenses"]["quantity"] = json!(15);
            let agents = spec["agents"].as_array_mut().unwrap();
            agents.extend((0..12).map(|number| agent(&format!("new-{number:02}"), "sales")));
        })
        .await;
    store.until_ready().await;
    let writes = world.zenvia.writes(mark);
    assert_eq!(
        writes[0].operation, "PUT /partner/accounts/{id}",
        "fourteen people need more than twelve licenses"
    );
    assert_eq!(
        world.zenvia.write_counts(mark),
        calls(&[("PUT /partner/accounts/{id}", 1), ("POST /partner/agents", 12)])
    );
    assert_eq!(licenses_written(&world.zenvia, mark), [15]);
    assert_eq!(world.zenvia.account(MEMBER)["license_quantity"], 15);
}

/// Approves the plan that the status shows, and waits until it is carried out.
async fn approve(store: &mut Store) {
    let object =
        store.until("a plan to approve", |object| object["status"]["plan"]["digest"].is_string()).await;
    store.annotations = json!({"humansupport.dev/approve-plan": object["status"]["plan"]["digest"]});
    store.apply().await;
    store.until_ready().await;
    store.annotations = json!({});
}

#[tokio::test(flavor = "multi_thread")]
async fn fewer_licenses_wait_for_approval_and_come_after_the_removals() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let mark = world.zenvia.mark();
    store
        .edit(|spec| {
            spec["licenses"]["quantity"] = json!(1);
            spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "ana");
        })
        .await;
    store.until_stalled("ApprovalRequired").await;
    assert_eq!(licenses_written(&world.zenvia, mark), [0; 0], "not before a person approves");
    approve(&mut store).await;
    let writes = world.zenvia.writes(mark);
    let operations: Vec<&str> = writes.iter().map(|entry| entry.operation.as_str()).collect();
    assert_eq!(
        operations.first(),
        Some(&"PUT /partner/agents/{id}"),
        "who leaves comes first: {operations:?}"
    );
    assert_eq!(
        operations.last(),
        Some(&"PUT /partner/accounts/{id}"),
        "the number comes last: {operations:?}"
    );
    assert_eq!(licenses_written(&world.zenvia, mark), [1]);
    assert_eq!(world.zenvia.agent("ana@loja.example")["active"], false);
    assert_eq!(world.zenvia.account(MEMBER)["license_quantity"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn licenses_below_the_active_agents_are_refused_and_never_written() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let mark = world.zenvia.mark();
    store.edit(|spec| spec["licenses"]["quantity"] = json!(1)).await;
    let said = store.until_stalled("LicensesExceeded").await;
    assert!(said.contains("2 agents are active and 1 licenses are declared"), "{said}");
    let object = store.get().await;
    assert_eq!(condition(&object, "LicensesReady")["reason"], "LicensesExceeded");
    assert_eq!(world.zenvia.writes(mark).len(), 0, "{}", world.zenvia.writes_text(mark));
    assert_eq!(world.zenvia.account(MEMBER)["license_quantity"], 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_status_costs_one_repeated_license_call_and_nothing_else() {
    let mut world = ZenviaWorld::new().await;
    let store = onboard(&mut world).await;
    world.world.kill_operator();
    store.wipe_status().await;
    let mark = world.zenvia.mark();
    world.world.start_operator().await;
    store.settle().await;
    assert_eq!(licenses_written(&world.zenvia, mark), [12]);
    // The chat limit of `rui` is the other thing that no interface shows.
    let expected = calls(&[("PUT /partner/accounts/{id}", 1), ("PUT /partner/agents/{id}", 1)]);
    assert_eq!(world.zenvia.write_counts(mark), expected, "{}", world.zenvia.writes_text(mark));
    assert_eq!(world.zenvia.agent("rui@loja.example")["text_limit"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_listed_agents_in_a_marked_department_are_ours_and_others_are_left_alone() {
    let mut world = ZenviaWorld::new().await;
    let mut store = onboard(&mut world).await;
    let stranger = json!({"profile": "AGENT", "department_ids": [department(&world.zenvia, "Suporte")],
        "agent": {"account_id": MEMBER, "email": "vera@loja.example", "name": "Vera", "password": "0".repeat(64)}});
    world.zenvia.person(Method::POST, "agents", stranger).await;
    world.world.kill_operator();
    store.wipe_status().await;
    world.world.start_operator().await;
    store.settle().await;
    let mark = world.zenvia.mark();
    store.edit(|spec| spec["agents"][0]["displayName"] = json!("Ana Maria Souza")).await;
    store.until_ready().await;
    assert_eq!(world.zenvia.write_counts(mark), calls(&[("PUT /partner/agents/{id}", 1)]));
    assert_eq!(world.zenvia.agent("ana@loja.example")["name"], "Ana Maria Souza");
    let vera = world.zenvia.agent("vera@loja.example");
    assert_eq!((&vera["name"], &vera["active"]), (&json!("Vera"), &json!(true)), "never touched");
    assert_eq!(world.zenvia.departments_of("vera@loja.example"), ["Suporte"], "nor taken out");
    let object = store.reconcile_now().await;
    let problems = object["status"]["problems"].as_array().cloned().unwrap_or_default();
    let id = vera["id"].to_string();
    let about_vera = problems.iter().find(|problem| problem["name"].as_str() == Some(&id));
    let told = about_vera.unwrap_or_else(|| panic!("Vera is not reported: {problems:#?}"));
    assert_eq!((&told["kind"], &told["reason"]), (&json!("Agent"), &json!("NotDeclared")));
    assert!(!told.to_string().contains('@'), "by the id, never by the address: {told}");
    assert_eq!(condition(&object, "Ready")["status"], "True", "it informs");
}

fn department(zenvia: &ZenviaDesk, name: &str) -> Value {
    zenvia.all("departments").into_iter().find(|one| one["name"] == name).unwrap()["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn demoting_and_deactivating_behind_the_operators_back_is_repaired() {
    let mut world = ZenviaWorld::new().await;
    let store = onboard(&mut world).await;
    world.zenvia.change_agent("rui@loja.example", json!({"profile": "AGENT"})).await;
    world.zenvia.change_agent("ana@loja.example", json!({"active": false})).await;
    let mark = world.zenvia.mark();
    store.reconcile_now().await;
    store.until_ready().await;
    assert_eq!(world.zenvia.agent("rui@loja.example")["profile"], "ADMIN");
    assert_eq!(world.zenvia.agent("ana@loja.example")["active"], true);
    assert_eq!(world.zenvia.write_counts(mark), calls(&[("PUT /partner/agents/{id}", 2)]));
    assert_eq!(world.zenvia.departments_of("ana@loja.example"), ["Suporte", "Vendas"], "written whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_a_person_made_is_reported_and_not_changed() {
    let mut world = ZenviaWorld::new().await;
    let store = onboard(&mut world).await;
    world.zenvia.change_agent("rui@loja.example", json!({"profile": "Supervisor"})).await;
    let mark = world.zenvia.mark();
    store.reconcile_now().await;
    let object = store.until_condition(("Drifted", "True", "RemoteChanged")).await;
    assert_eq!(condition(&object, "AgentsReady")["reason"], "RemoteChanged");
    assert!(message(&object, "AgentsReady").contains("`rui`"), "{}", message(&object, "AgentsReady"));
    assert_eq!(world.zenvia.agent("rui@loja.example")["profile"], "Supervisor");
    assert_eq!(world.zenvia.writes(mark).len(), 0, "{}", world.zenvia.writes_text(mark));
}
