//! Triggers, categories, ticket fields, schedules, settings.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use reqwest::Method;
use sandbox::zendesk::{AccountConfig, Config, Plan};
use serde_json::{Value, json};
use support::{Desk, Reply};

fn trigger(title: &str) -> Value {
    json!({"title": title, "conditions": {"all": [{"field": "status", "operator": "is", "value": "new"}], "any": []},
        "actions": [{"field": "status", "value": "open"}]})
}

async fn post(desk: &Desk, trigger: Value) -> Reply {
    desk.post("triggers", json!({ "trigger": trigger })).await
}

#[tokio::test]
async fn a_trigger_goes_last_into_the_default_category_whose_id_is_a_text() {
    let desk = Desk::unlimited().await;
    let reply = post(&desk, trigger("t")).await.expect(201);
    let created = &reply.body["trigger"];
    assert_eq!(created["category_id"], desk.account_state()["default_category_id"]);
    assert!(created["category_id"].as_str().unwrap().parse::<u64>().is_ok());
    assert_eq!(created["position"], 2);
    assert_eq!((created["default"].clone(), created["raw_title"].clone()), (json!(false), json!("t")));
    assert!(created["description"].is_null());
    let id = reply.id("trigger");
    assert!(reply.header("location").ends_with(&format!("triggers/{id}.json")));
    desk.delete(&format!("triggers/{id}")).await.expect(204);
    assert_eq!(desk.get(&format!("triggers/{id}")).await.expect(404).body["error"], "RecordNotFound");
}

#[tokio::test]
async fn values_come_back_normalized() {
    let desk = Desk::unlimited().await;
    let group = desk.group("Vendas").await.parse::<u64>().unwrap();
    let conditions = json!({"all": [
        {"field": "current_via_id", "operator": "is_not", "value": 5},
        {"field": "comment_is_public", "operator": "is", "value": true},
        {"field": "group_id", "operator": "changed", "value": "whatever"},
        {"field": "current_tags", "operator": "includes", "value": "vtex-chatbot"}], "any": []});
    let body =
        json!({"title": "t", "conditions": conditions, "actions": [{"field": "group_id", "value": group}]});
    let created = post(&desk, body).await.expect(201).body["trigger"].clone();
    let all = &created["conditions"]["all"];
    assert_eq!(all[0]["value"], "5");
    assert_eq!(all[1]["value"], true);
    assert_eq!(all[2]["value"], Value::Null);
    assert_eq!(created["actions"][0]["value"], group.to_string());
}

#[tokio::test]
async fn what_would_never_fire_is_refused() {
    let desk = Desk::unlimited().await;
    let webhook = desk.webhook("w").await;
    let condition = |field: &str, operator: &str, value: Value| {
        let mut one = trigger("t");
        one["conditions"]["all"] = json!([{"field": field, "operator": operator, "value": value}]);
        one
    };
    let action = |value: Value| {
        let mut one = trigger("t");
        one["actions"] = json!([value]);
        one
    };
    let mut untitled = trigger("t");
    untitled["title"] = json!("");
    let refused = [
        condition("weather", "is", json!("sunny")),
        condition("current_tags", "is", json!("a")),
        condition("group_id", "is", json!("99")),
        condition("custom_fields_99", "is", json!("x")),
        action(json!({"field": "dance", "value": "x"})),
        action(json!({"field": "notification_webhook", "value": webhook})),
        action(json!({"field": "notification_webhook", "value": ["01NOBODY", "{}"]})),
        action(json!({"field": "notification_webhook", "value": [webhook, {"a": 1}]})),
        json!({"title": "t", "actions": [{"field": "status", "value": "open"}]}),
        json!({"title": "t", "conditions": {"all": [{"field": "status", "operator": "is", "value": "new"}]}}),
        untitled,
    ];
    for body in refused {
        let reply = post(&desk, body.clone()).await;
        assert_eq!(reply.status, 422, "{body}");
        assert_eq!(reply.body["error"], "RecordInvalid");
    }
    assert_eq!(desk.account_state()["triggers"].as_array().unwrap().len(), 1);
    desk.patch(&format!("webhooks/{webhook}"), json!({"webhook": {"status": "inactive"}})).await.expect(204);
    let inactive = action(json!({"field": "notification_webhook", "value": [webhook, "{}"]}));
    post(&desk, inactive).await.expect(422);
}

#[tokio::test]
async fn an_update_of_one_array_replaces_both_and_a_title_keeps_them() {
    let desk = Desk::unlimited().await;
    let id = post(&desk, trigger("t")).await.expect(201).id("trigger");
    let path = format!("triggers/{id}");
    let renamed =
        desk.put(&path, json!({"trigger": {"title": "new"}})).await.expect(200).body["trigger"].clone();
    assert_eq!(renamed["actions"].as_array().unwrap().len(), 1);
    let actions = json!({"trigger": {"actions": [{"field": "status", "value": "solved"}]}});
    desk.assume(json!({"partialTriggerUpdate": "keeps"})).await;
    let kept = desk.put(&path, actions.clone()).await.expect(200).body["trigger"].clone();
    assert_eq!(kept["conditions"]["all"].as_array().unwrap().len(), 1);
    desk.assume(json!({"partialTriggerUpdate": "clears"})).await;
    let cleared = desk.put(&path, actions).await.expect(200).body["trigger"].clone();
    assert_eq!(cleared["conditions"], json!({"all": [], "any": []}));
    let top = json!({"trigger": {"all": [{"field": "update_type", "operator": "is", "value": "Create"}],
        "actions": [{"field": "status", "value": "open"}]}});
    let top = desk.put(&path, top).await.expect(200).body["trigger"].clone();
    assert_eq!(top["conditions"]["all"][0]["field"], "update_type");
}

#[tokio::test]
async fn triggers_are_filtered_searched_ordered_and_removed_in_bulk() {
    let desk = Desk::unlimited().await;
    let mut ids = Vec::new();
    for title in ["one", "two"] {
        ids.push(post(&desk, trigger(title)).await.expect(201).id("trigger"));
    }
    let all = desk.get("triggers").await.body["triggers"].as_array().unwrap().len();
    assert_eq!(all, 3);
    assert_eq!(desk.get("triggers/search?query=TW").await.body["count"], 1);
    let reorder = |ids: &[String]| json!({"trigger_ids": ids.iter().map(|id| id.parse::<u64>().unwrap()).collect::<Vec<_>>()});
    desk.put("triggers/reorder", reorder(&ids)).await.expect(404);
    let system = desk.get("triggers").await.body["triggers"][0]["id"].to_string();
    let order = [ids[1].clone(), system, ids[0].clone()];
    desk.put("triggers/reorder", reorder(&order)).await.expect(200);
    assert_eq!(desk.get(&format!("triggers/{}", ids[1])).await.body["trigger"]["position"], 1);
    let many = json!({"triggers": [{"id": ids[0], "active": false}]});
    desk.put("triggers/update_many", many).await.expect(200);
    assert_eq!(desk.get("triggers/active").await.body["count"], 2);
    assert_eq!(desk.get("triggers?active=false").await.body["count"], 1);
    desk.delete(&format!("triggers/destroy_many?ids={},1", ids[0])).await.expect(404);
    desk.delete(&format!("triggers/destroy_many?ids={}", ids.join(","))).await.expect(204);
    assert_eq!(desk.get("triggers").await.body["count"], 1);
}

#[tokio::test]
async fn definitions_list_active_webhooks_only() {
    let desk = Desk::unlimited().await;
    let (active, inactive) = (desk.webhook("on").await, desk.webhook("off").await);
    desk.patch(&format!("webhooks/{inactive}"), json!({"webhook": {"status": "inactive"}})).await.expect(204);
    let definitions = desk.get("triggers/definitions").await.expect(200).body["definitions"].clone();
    let notify = definitions["actions"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["subject"] == "notification_webhook");
    let values = notify.unwrap()["values"].as_array().unwrap().clone();
    assert_eq!(values.len(), 1);
    assert_eq!(values[0]["value"], active.as_str());
    assert!(
        definitions["conditions_all"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["subject"] == "current_via_id")
    );
}

#[tokio::test]
async fn a_category_is_created_with_200_and_not_removed_with_active_triggers() {
    let desk = Desk::unlimited().await;
    let reply =
        desk.post("trigger_categories", json!({"trigger_category": {"name": "Loja"}})).await.expect(200);
    let id = reply.body["trigger_category"]["id"].as_str().unwrap().to_owned();
    assert!(id.parse::<u64>().is_ok());
    let mut inside = trigger("t");
    inside["category_id"] = json!(id);
    let trigger_id = post(&desk, inside).await.expect(201).id("trigger");
    assert_eq!(desk.get(&format!("triggers?category_id={id}")).await.body["count"], 1);
    let path = format!("trigger_categories/{id}");
    let refused = desk.delete(&path).await.expect(400);
    assert_eq!(refused.body["errors"][0]["code"], "TriggerCategoryNotEmpty");
    let name = json!({"trigger_category": {"name": "Outra"}});
    assert_eq!(desk.patch(&path, name).await.expect(200).body["trigger_category"]["name"], "Outra");
    let job =
        json!({"job": {"action": "patch", "items": {"triggers": [{"id": trigger_id, "active": false}]}}});
    assert_eq!(desk.post("trigger_categories/jobs", job).await.expect(200).body["status"], "complete");
    let job = json!({"job": {"action": "patch", "items": {"triggers": [{"id": 1}]}}});
    let failed = desk.post("trigger_categories/jobs", job).await.expect(200);
    assert_eq!(failed.body["errors"][0]["code"], "InvalidTrigger");
    desk.delete(&path).await.expect(204);
    desk.get(&format!("triggers/{trigger_id}")).await.expect(404);
    assert_eq!(desk.get(&path).await.expect(404).body["errors"][0]["code"], "TriggerCategoryNotFound");
    let paging = desk.get("trigger_categories?page[size]=0").await.expect(400);
    assert_eq!(paging.body["errors"][0]["code"], "InvalidPaginationParameter");
    desk.features(json!({"triggerCategories": false})).await;
    let off = desk.get("trigger_categories").await.expect(403);
    assert_eq!(off.body["errors"][0]["code"], "TriggerCategoriesNotEnabled");
}

#[tokio::test]
async fn a_ticket_field_keeps_its_type_and_system_fields_stay() {
    let desk = Desk::unlimited().await;
    let field = json!({"ticket_field": {"title": "WhatsApp", "agent_description": "mark"}});
    let reply = desk.post("ticket_fields", field).await.expect(201);
    let created = reply.body["ticket_field"].clone();
    assert_eq!((created["type"].clone(), created["removable"].clone()), (json!("text"), json!(true)));
    assert_eq!(
        (created["raw_title"].clone(), created["agent_description"].clone()),
        (json!("WhatsApp"), json!("mark"))
    );
    let path = format!("ticket_fields/{}", reply.id("ticket_field"));
    let changed =
        desk.put(&path, json!({"ticket_field": {"type": "date", "active": false}})).await.expect(200);
    assert!(changed.header("x-zendesk-api-warn").contains("ticket_field.type"));
    assert_eq!(changed.body["ticket_field"]["type"], "text");
    assert_eq!(changed.body["ticket_field"]["active"], false);
    let all = desk.get("ticket_fields").await.body["ticket_fields"].clone();
    let system = all.as_array().unwrap().iter().find(|one| one["removable"] == false).unwrap()["id"].clone();
    desk.delete(&format!("ticket_fields/{system}")).await.expect(422);
    assert_eq!(
        desk.get("ticket_fields?page[size]=2").await.body["ticket_fields"].as_array().unwrap().len(),
        2
    );
    desk.assume(json!({"ticketFieldPaging": "ignored"})).await;
    let unpaged = desk.get("ticket_fields?page[size]=2").await.expect(200);
    assert!(unpaged.body["ticket_fields"].as_array().unwrap().len() > 2);
    assert!(unpaged.body.get("meta").is_none());
    desk.delete(&path).await.expect(204);
    desk.get(&path).await.expect(404);
    desk.post("ticket_fields", json!({"ticket_field": {"type": "text"}})).await.expect(422);
}

#[tokio::test]
async fn a_schedule_has_a_week_within_days_and_holidays() {
    let desk = Desk::unlimited().await;
    let path = "business_hours/schedules";
    let iana = json!({"schedule": {"name": "Loja", "time_zone": "America/Sao_Paulo"}});
    desk.post(path, iana).await.expect(422);
    let schedule = json!({"schedule": {"name": "Loja", "time_zone": "Brasilia"}});
    let id = desk.post(path, schedule).await.expect(201).id("schedule");
    let week =
        |start: u32, end: u32| json!({"workweek": {"intervals": [{"start_time": start, "end_time": end}]}});
    let own = format!("{path}/{id}");
    desk.put(&format!("{own}/workweek"), week(1380, 1500)).await.expect(422);
    desk.put(&format!("{own}/workweek"), week(1380, 1440)).await.expect(200);
    let intervals = desk.get(&own).await.body["schedule"]["intervals"].clone();
    assert_eq!(intervals, json!([{"start_time": 1380, "end_time": 1440}]));
    let holiday = json!({"holiday": {"name": "Natal", "start_date": "2026-12-25", "end_date": "2026-12-25"}});
    let holiday = desk.post(&format!("{own}/holidays"), holiday).await.expect(201).id("holiday");
    let late = json!({"holiday": {"end_date": "2026-12-24"}});
    desk.put(&format!("{own}/holidays/{holiday}"), late).await.expect(422);
    assert_eq!(desk.stored("schedules", &id)["holidays"][0]["name"], "Natal");
    desk.delete(&format!("{own}/holidays/{holiday}")).await.expect(204);
    desk.delete(&own).await.expect(204);
    desk.get(&own).await.expect(404);
}

#[tokio::test]
async fn features_of_a_plan_are_absent_on_another() {
    let account = AccountConfig { plan: Plan::Team, ..AccountConfig::new("lojacentro") };
    let desk = Desk::with(Config { accounts: vec![account], ..Config::default() }).await;
    desk.features(json!({"rateLimits": false})).await;
    desk.get("business_hours/schedules").await.expect(404);
    desk.get("custom_roles").await.expect(404);
    assert!(desk.get("users/me").await.body["user"]["custom_role_id"].is_null());
    desk.control(Method::PUT, "accounts/lojacentro", json!({"plan": "professional"})).await.expect(204);
    let schedule = json!({"schedule": {"name": "a", "time_zone": "Brasilia"}});
    desk.post("business_hours/schedules", schedule.clone()).await.expect(201);
    desk.post("business_hours/schedules", schedule).await.expect(403);
    let settings = desk.get("account/settings").await.expect(200);
    assert_eq!(settings.body["settings"]["metrics"]["account_size"], "1-9");
    assert!(!settings.text.contains("max_agents"));
    desk.get("account/subscription").await.expect(404);
    desk.assume(json!({"subscription": "withSeats"})).await;
    let subscription = desk.get("account/subscription").await.expect(200);
    assert_eq!(subscription.body["subscription"]["plan_name"], "Suite Professional");
}

#[tokio::test]
async fn caps_and_unique_titles_hold_only_if_assumed() {
    let desk = Desk::unlimited().await;
    post(&desk, trigger("t")).await.expect(201);
    post(&desk, trigger("t")).await.expect(201);
    desk.assume(json!({"triggerTitlesUnique": "yes"})).await;
    post(&desk, trigger("t")).await.expect(422);
    desk.assume(json!({"maxTriggers": 3, "maxGroups": 1})).await;
    let refused = post(&desk, trigger("another")).await.expect(422);
    assert_eq!(refused.body["details"]["base"][0]["error"], "ProductLimitExceeded");
    desk.post("groups", json!({"group": {"name": "g"}})).await.expect(422);
}
