//! The store of the documentation becomes real state in the helpdesk, field by field.

use serde_json::{Value, json};

use crate::harness::{HANDLER_TOKEN, STORE, Store, World, condition, example, message};

#[tokio::test(flavor = "multi_thread")]
async fn the_example_goes_ready_and_live_and_the_helpdesk_equals_the_spec() {
    let mut world = World::new().await;
    world.start_operator().await;
    let store = world.store(STORE, example());
    store.apply().await;
    store.until_ready().await;
    store.do_pending_steps().await;
    let object = store.until_live().await;
    departments_equal_the_spec(&world, &store);
    agents_equal_the_spec(&world, &store);
    let field = phone_field(&world, &object);
    let webhook = webhook_equals_the_spec(&world, &object);
    triggers_equal_the_documents(&world, (&field, &webhook));
    schedule_equals_the_spec(&world);
    status_tells_what_was_done(&object, (&field, &webhook));
}

/// The mark of an object of the store.
fn mark(world: &World, object: &str) -> String {
    format!("hso1c/{}/{}/{STORE}/{object}", world.flags.installation, world.namespace)
}

fn departments_equal_the_spec(world: &World, store: &Store) {
    for department in store.spec["departments"].as_array().unwrap() {
        let name = department["name"].as_str().unwrap();
        let group = world.desk.one("groups", "name", department["displayName"].as_str().unwrap());
        // The first department also carries the fence against a second cluster of the same name.
        let fence = if name == "sales" { " by=aaaaaaaa" } else { "" };
        let line = format!("{}{fence}", mark(world, &format!("department/{name}")));
        let description = match department["description"].as_str() {
            Some(text) => format!("{text}\n{line}"),
            None => line,
        };
        assert_eq!(group["description"], description.as_str());
        assert_eq!(group["is_public"], true);
    }
    let names: Vec<Value> = world.desk.all("groups").iter().map(|group| group["name"].clone()).collect();
    assert_eq!(names, [json!("Support"), json!("Vendas"), json!("Suporte")], "nothing beside them");
}

fn agents_equal_the_spec(world: &World, store: &Store) {
    for (name, role) in [("ana", "agent"), ("rui", "admin")] {
        let agents = store.spec["agents"].as_array().unwrap();
        let declared = agents.iter().find(|agent| agent["name"] == name).unwrap();
        let user = world.desk.user(declared["email"].as_str().unwrap());
        assert_eq!(user["name"], declared["displayName"]);
        assert_eq!(user["role"], role);
        assert_eq!(user["suspended"], false);
        assert_eq!(user["active"], true);
        assert_eq!(user["external_id"], mark(world, &format!("agent/{name}")).as_str());
        let departments = declared["departments"].as_array().unwrap();
        let group = |department: &Value| {
            let all = store.spec["departments"].as_array().unwrap();
            let entry = all.iter().find(|entry| entry["name"] == *department).unwrap();
            world.desk.one("groups", "name", entry["displayName"].as_str().unwrap())
        };
        assert_eq!(
            user["default_group_id"],
            group(&departments[0])["id"],
            "the first department is the default"
        );
        // Every new agent also joins the account's default group, which is not ours to touch.
        let mut expected: Vec<String> =
            departments.iter().map(|name| group(name)["name"].as_str().unwrap().to_owned()).collect();
        expected.push("Support".to_owned());
        expected.sort();
        assert_eq!(world.desk.groups_of(declared["email"].as_str().unwrap()), expected);
    }
}

fn phone_field(world: &World, object: &Value) -> Value {
    let field = world.desk.one("ticket_fields", "title", "WhatsApp lojacentro");
    assert_eq!(field["type"], "text");
    assert_eq!(field["active"], true);
    assert!(field["agent_description"].as_str().unwrap().ends_with(&mark(world, "field/whatsapp-number")));
    let handover = object["status"]["handover"].as_array().unwrap();
    let handed = handover.iter().find(|item| item["kind"] == "TicketField").unwrap();
    assert_eq!(handed["id"], field["id"].to_string());
    field
}

fn webhook_equals_the_spec(world: &World, object: &Value) -> Value {
    let webhook = world.desk.one("webhooks", "name", "lojacentro/conversation-handler");
    assert_eq!(webhook["endpoint"], "https://live-agent-handler.vtex.com/webhooks/zendesk");
    assert_eq!(webhook["http_method"], "POST");
    assert_eq!(webhook["request_format"], "json");
    assert_eq!(webhook["status"], "active");
    assert_eq!(webhook["subscriptions"], json!(["conditional_ticket_events"]));
    assert_eq!(webhook["authentication"]["type"], "bearer_token");
    assert_eq!(world.desk.webhook_token(&webhook["id"]), HANDLER_TOKEN);
    assert_eq!(object["status"]["webhooks"][0]["id"], webhook["id"]);
    webhook
}

/// Conditions and bodies as the vendor's guide and the recorded definitions have them.
fn triggers_equal_the_documents(world: &World, (field, webhook): (&Value, &Value)) {
    let phone = format!("{{{{ticket.ticket_field_{}}}}}", field["id"]);
    let tag = json!({"field": "current_tags", "operator": "includes", "value": "vtex-chatbot"});
    let replied = world.desk.one("triggers", "title", "lojacentro - AgentReplied");
    assert_eq!(
        replied["conditions"],
        json!({"all": [
            tag,
            {"field": "current_via_id", "operator": "is_not", "value": "5"},
            {"field": "update_type", "operator": "is", "value": "Change"},
            {"field": "comment_is_public", "operator": "is", "value": "requester_can_see_comment"},
        ], "any": []})
    );
    assert_eq!(
        body_of(&replied, webhook),
        json!({"conversationId": "{{ticket.external_id}}", "userPhoneNumber": "{{ticket.requester.phone}}",
            "accountPhoneNumber": phone,
            "ticket": {"id": "{{ticket.id}}", "comment": "{{ticket.latest_public_comment}}",
                "author": "{{ticket.latest_public_comment.author.name}}"}})
    );
    let resolved = world.desk.one("triggers", "title", "lojacentro - ConversationResolved");
    assert_eq!(
        resolved["conditions"],
        json!({"all": [tag], "any": [
            {"field": "status", "operator": "value", "value": "solved"},
            {"field": "status", "operator": "value", "value": "closed"},
        ]})
    );
    assert_eq!(
        body_of(&resolved, webhook),
        json!({"conversationId": "{{ticket.external_id}}", "userPhoneNumber": "{{ticket.requester.phone}}",
            "accountPhoneNumber": phone, "event": {"type": "enable_bot"}})
    );
    let category = world.desk.one("trigger_categories", "name", "Notifications");
    for trigger in [&replied, &resolved] {
        assert_eq!(trigger["active"], true);
        assert_eq!(trigger["category_id"], category["id"]);
    }
    routing_trigger(world, &tag);
    assert_eq!(world.desk.all("triggers").len(), 4, "three of ours and the vendor's own");
}

fn body_of(trigger: &Value, webhook: &Value) -> Value {
    let actions = trigger["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 1, "{actions:?}");
    assert_eq!(actions[0]["field"], "notification_webhook");
    assert_eq!(actions[0]["value"][0], webhook["id"]);
    serde_json::from_str(actions[0]["value"][1].as_str().unwrap()).unwrap()
}

/// New tickets with the tag and without a group go to the default department.
fn routing_trigger(world: &World, tag: &Value) {
    let group = world.desk.one("groups", "name", "Suporte");
    let routing = world.desk.one("triggers", "title", "lojacentro - default department");
    assert_eq!(routing["active"], true);
    assert_eq!(routing["actions"], json!([{"field": "group_id", "value": group["id"].to_string()}]));
    assert_eq!(
        routing["conditions"],
        json!({"all": [
            {"field": "update_type", "operator": "is", "value": "Create"},
            tag,
            {"field": "group_id", "operator": "is", "value": ""},
        ], "any": []})
    );
}

/// Monday to Friday, nine to six in São Paulo, and Christmas of this year and the next two.
fn schedule_equals_the_spec(world: &World) {
    let schedules = world.desk.all("schedules");
    assert_eq!(schedules.len(), 1, "{schedules:#?}");
    let schedule = &schedules[0];
    assert_eq!(schedule["name"], format!("lojacentro {}", mark(world, "hours/hours")));
    assert_eq!(schedule["time_zone"], "Brasilia");
    let day = |day: u32| json!({"start_time": day * 1440 + 540, "end_time": day * 1440 + 1080});
    assert_eq!(schedule["intervals"], json!([day(1), day(2), day(3), day(4), day(5)]));
    let this_year = jiff::Timestamp::now().in_tz("America/Sao_Paulo").unwrap().year();
    let christmas: Vec<String> = (0..3).map(|later| format!("{}-12-25", this_year + later)).collect();
    let holidays = schedule["holidays"].as_array().unwrap();
    for (holiday, date) in holidays.iter().zip(&christmas) {
        assert_eq!(holiday["name"], "Natal");
        assert_eq!([&holiday["start_date"], &holiday["end_date"]], [date.as_str(); 2]);
    }
    assert_eq!(holidays.len(), 3);
}

fn status_tells_what_was_done(object: &Value, (field, webhook): (&Value, &Value)) {
    let status = &object["status"];
    assert_eq!(status["platform"], "Zendesk");
    assert_eq!(status["summary"]["agents"], "2/2");
    assert_eq!(status["summary"]["departments"], "2/2");
    assert_eq!(status["summary"]["webhooks"], "1/1");
    assert_eq!(status["summary"]["licenses"], "2/12");
    assert_eq!(status["summary"]["pending"], 0);
    assert_eq!(status["plan"]["changes"], 0);
    assert_eq!(status["plan"]["held"], 0);
    assert_eq!(status["webhooks"][0]["id"], webhook["id"]);
    assert!(status["handover"].to_string().contains(&field["id"].to_string()));
    let kinds = [
        "WhatsAppReady",
        "DepartmentsReady",
        "AgentsReady",
        "WebhooksReady",
        "LicensesReady",
        "BusinessHoursReady",
    ];
    for kind in kinds {
        assert_eq!(condition(object, kind)["status"], "True", "{kind}: {}", message(object, kind));
    }
    for kind in ["Reconciling", "Stalled", "Suspended"] {
        assert!(condition(object, kind).is_null(), "{kind} exists only while True");
    }
}
