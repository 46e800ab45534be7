//! An account that was integrated by hand: nothing is doubled, everything is named, and it can be taken over without a
//! change of what people see.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::approvals::down;
use crate::harness::{Calls, Desk, HANDLER_HOST, STORE, Store, World, account, agent, calls, small};

const GROUPS: [(&str, &str); 6] = [
    ("sales", "Vendas"),
    ("support", "Suporte"),
    ("billing", "Financeiro"),
    ("delivery", "Entregas"),
    ("returns", "Trocas"),
    ("vip", "Clientes VIP"),
];
const AGENTS: usize = 30;

/// The ids of what a person made by hand.
struct ByHand {
    groups: Vec<Value>,
    agents: Vec<Value>,
    webhook: Value,
    triggers: [Value; 2],
    field: Value,
}

/// Follows the vendor's guide, as somebody did before there was an operator.
async fn integrated_by_hand(desk: &Desk) -> ByHand {
    let make = |path: &'static str, root: &'static str, body: Value| async move {
        desk.person(Method::POST, path, json!({ root: body })).await[root]["id"].clone()
    };
    let mut groups = Vec::new();
    for (_, name) in GROUPS {
        groups.push(make("groups", "group", json!({"name": name, "description": "por Maria"})).await);
    }
    let mut agents = Vec::new();
    for number in 0..AGENTS {
        let user = json!({"name": format!("Pessoa {number}"), "email": format!("p{number}@loja.example"),
            "role": "agent"});
        let id = make("users", "user", user).await;
        let member = json!({"user_id": id, "group_id": groups[number % 6], "default": true});
        make("group_memberships", "group_membership", member).await;
        agents.push(id);
    }
    let field =
        make("ticket_fields", "ticket_field", json!({"type": "text", "title": "WhatsApp lojacentro"})).await;
    let webhook = json!({"name": "VTEX Chatbot", "status": "active", "http_method": "POST", "request_format": "json",
        "endpoint": format!("https://{HANDLER_HOST}/webhooks/zendesk"),
        "subscriptions": ["conditional_ticket_events"],
        "authentication": {"type": "bearer_token", "data": {"token": "by-hand"}, "add_position": "header"}});
    let webhook = make("webhooks", "webhook", webhook).await;
    let triggers = [
        make("triggers", "trigger", first_trigger(&webhook, &field)).await,
        make("triggers", "trigger", second_trigger(&webhook, &field)).await,
    ];
    ByHand { groups, agents, webhook, triggers, field }
}

pub(crate) fn first_trigger(webhook: &Value, field: &Value) -> Value {
    let body = json!({"conversationId": "{{ticket.external_id}}", "userPhoneNumber": "{{ticket.requester.phone}}",
        "accountPhoneNumber": format!("{{{{ticket.ticket_field_{field}}}}}"),
        "ticket": {"id": "{{ticket.id}}", "comment": "{{ticket.latest_public_comment}}",
            "author": "{{ticket.latest_public_comment.author.name}}"}});
    json!({"title": "VTEX Chatbot - Incoming Live Agent Comment",
        "conditions": {"all": [
            {"field": "current_tags", "operator": "includes", "value": "vtex-chatbot"},
            {"field": "current_via_id", "operator": "is_not", "value": "5"},
            {"field": "update_type", "operator": "is", "value": "Change"},
            {"field": "comment_is_public", "operator": "is", "value": "requester_can_see_comment"}], "any": []},
        "actions": [{"field": "notification_webhook", "value": [webhook, body.to_string()]}]})
}

pub(crate) fn second_trigger(webhook: &Value, field: &Value) -> Value {
    let body = json!({"conversationId": "{{ticket.external_id}}", "userPhoneNumber": "{{ticket.requester.phone}}",
        "accountPhoneNumber": format!("{{{{ticket.ticket_field_{field}}}}}"), "event": {"type": "enable_bot"}});
    json!({"title": "VTEX Chatbot - Ticket resolved",
        "conditions": {"all": [{"field": "current_tags", "operator": "includes", "value": "vtex-chatbot"}],
            "any": [{"field": "status", "operator": "value", "value": "solved"},
                {"field": "status", "operator": "value", "value": "closed"}]},
        "actions": [{"field": "notification_webhook", "value": [webhook, body.to_string()]}]})
}

/// The declaration of the same store.
fn spec() -> Value {
    let mut spec = small();
    let departments = GROUPS.map(|(name, shown)| json!({"name": name, "displayName": shown}));
    spec["departments"] = departments.to_vec().into();
    let agents: Vec<Value> = (0..AGENTS)
        .map(|number| {
            json!({"name": format!("p{number}"), "displayName": format!("Pessoa {number}"), "profile": "Agent",
                "email": format!("p{number}@loja.example"), "departments": [GROUPS[number % 6].0]})
        })
        .collect();
    spec["agents"] = agents.into();
    spec["conversationTag"] = json!("vtex-chatbot");
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_integrated_by_hand_is_not_doubled_and_every_object_is_named_in_a_hold() {
    let mut world = World::new().await;
    let by_hand = integrated_by_hand(&world.desk).await;
    world.start_operator().await;
    let mut store = world.store(STORE, spec());
    store.apply().await;
    store
        .until("the plan is held", |object| {
            object["status"]["plan"]["held"].as_u64().is_some_and(|held| held >= 40)
        })
        .await;
    assert_eq!(world.desk.write_counts(0), Calls::new());
    // The status lists twenty problems and counts the others: what a page holds is looked at page by page.
    let mut named = named_ids(&store).await;
    let everybody = store.spec["agents"].clone();
    for chunk in everybody.as_array().unwrap().chunks(4) {
        let agents = chunk.to_vec();
        store.edit(|spec| spec["agents"] = agents.into()).await;
        store
            .until("the page is looked at", |object| {
                object["status"]["observedGeneration"] == object["metadata"]["generation"]
            })
            .await;
        named.extend(named_ids(&store).await);
    }
    assert_eq!(world.desk.write_counts(0), Calls::new());
    let all = by_hand.groups.iter().chain(&by_hand.agents).chain(&by_hand.triggers);
    for id in all.chain([&by_hand.webhook, &by_hand.field]) {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        assert!(named.iter().any(|message| message.contains(&id)), "{id} is named in no hold: {named:#?}");
    }
}

/// Messages of all problems that the status lists.
async fn named_ids(store: &Store) -> BTreeSet<String> {
    let problems = store.get().await["status"]["problems"].as_array().cloned().unwrap_or_default();
    problems.iter().map(|one| one["message"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn with_adopt_and_if_unowned_it_is_taken_over_without_a_change_of_what_people_see() {
    let mut world = World::new().await;
    let by_hand = integrated_by_hand(&world.desk).await;
    let before = seen_by_people(&world.desk);
    let mut adopting = spec();
    adopting["adoptionPolicy"] = json!("IfUnowned");
    let text = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    adopting["adopt"] = json!([
        {"kind": "Trigger", "name": "handler/AgentReplied", "id": text(&by_hand.triggers[0])},
        {"kind": "Trigger", "name": "handler/ConversationResolved", "id": text(&by_hand.triggers[1])},
        {"kind": "Webhook", "name": "handler", "id": text(&by_hand.webhook)},
        {"kind": "TicketField", "name": "whatsapp-number", "id": text(&by_hand.field)},
    ]);
    // A routing trigger was not part of the guide: nothing is there to be taken over.
    adopting.as_object_mut().unwrap().remove("defaultDepartment");
    world.onboard(adopting).await;
    let after = seen_by_people(&world.desk);
    for kind in ["users", "groups", "members", "triggers", "bodies", "webhooks", "fields", "mails"] {
        assert_eq!(after[kind], before[kind], "{kind}");
    }
    assert_eq!(
        world.desk.write_counts(0),
        calls(&[
            ("PATCH /webhooks/{id}", 1),
            ("PUT /groups/{id}", 6),
            ("PUT /ticket_fields/{id}", 1),
            ("PUT /triggers/{id}", 2),
            ("PUT /users/update_many", 1),
            ("PUT /users/{id}", 30),
        ]),
        "each object got its mark, and nothing else happened; the account refuses users by job and is asked once"
    );
    let marks: Vec<String> = world
        .desk
        .all("users")
        .iter()
        .filter_map(|user| Some(user["external_id"].as_str()?.to_owned()))
        .collect();
    assert_eq!(marks.len(), AGENTS);
    assert!(marks.iter().all(|mark| mark.starts_with("hso1a/")), "adopted, not created: {marks:?}");
}

/// What agents and customers see: names, addresses, roles, places, what fires and where to.
pub(crate) fn seen_by_people(desk: &Desk) -> Value {
    let state = desk.state();
    let pick = |kind: &str, members: &[&str]| -> Value {
        let objects = state[kind].as_array().unwrap();
        let picked = objects
            .iter()
            .map(|object| members.iter().map(|member| object[*member].clone()).collect::<Value>());
        picked.collect()
    };
    json!({
        "users": pick("users", &["id", "name", "email", "role", "suspended", "active", "default_group_id"]),
        "groups": pick("groups", &["id", "name", "is_public", "deleted"]),
        "members": pick("group_memberships", &["user_id", "group_id", "default"]),
        "triggers": pick("triggers", &["id", "title", "active", "conditions", "category_id"]),
        "bodies": bodies(desk),
        "webhooks": pick("webhooks", &["id", "endpoint", "status", "http_method", "request_format"]),
        "fields": pick("ticket_fields", &["id", "title", "type", "active"]),
        "mails": state["mails"],
    })
}

/// What the triggers send where: white space aside, which no handler sees.
fn bodies(desk: &Desk) -> Value {
    let triggers = desk.all("triggers");
    let actions = triggers.iter().flat_map(|trigger| trigger["actions"].as_array().cloned().unwrap());
    let sent = actions.filter(|action| action["field"] == "notification_webhook").map(|action| {
        let body: Value = serde_json::from_str(action["value"][1].as_str().unwrap()).unwrap();
        json!([action["value"][0], body])
    });
    sent.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adopted_agent_is_released_when_the_resource_is_deleted() {
    let mut world = World::new().await;
    let person = json!({"user": {"name": "Ana Souza", "email": "ana@loja.example", "role": "agent"}});
    world.desk.person(Method::POST, "users", person).await;
    let mut spec = small();
    spec["adoptionPolicy"] = json!("IfUnowned");
    spec["deletionPolicy"] = json!("Delete");
    let store = world.onboard(spec).await;
    assert!(world.desk.user("ana@loja.example")["external_id"].as_str().unwrap().starts_with("hso1a/"));
    store.delete().await;
    let ana = world.desk.user("ana@loja.example");
    assert_eq!((&ana["role"], &ana["suspended"]), (&json!("agent"), &json!(false)));
    assert_eq!(ana["external_id"], Value::Null, "released, not removed");
    let mut rui = world.desk.all("users");
    rui.retain(|user| user["name"] == "Rui Lima" && user["active"] == true);
    assert!(rui.is_empty(), "created by us, so deleted with us: {rui:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_forbids_adoption_refuses_what_a_store_names_to_take_over() {
    let mut world = World::new().await;
    let mut forbidding = account();
    forbidding["spec"]["limits"]["adoption"] = json!("Never");
    world.apply(forbidding).await;
    let mut spec = small();
    spec["adoptionPolicy"] = json!("IfUnowned");
    let mut store = world.onboard(spec).await;
    let person = json!({"user": {"name": "Bia", "email": "bia@loja.example", "role": "agent"}});
    let id = world.desk.person(Method::POST, "users", person).await["user"]["id"].to_string();
    let mark = world.desk.mark();
    let before = world.desk.user("bia@loja.example");
    store
        .edit(|spec| {
            spec["agents"].as_array_mut().unwrap().push(agent("bia", "support"));
            spec["adopt"] = json!([{"kind": "Agent", "name": "bia", "id": id}]);
        })
        .await;
    let said = store.until_stalled("AdoptionRequired").await;
    assert!(said.contains(&format!("id {id}")) && said.contains("`limits.adoption`"), "{said}");
    assert_eq!(world.desk.write_counts(mark), Calls::new());
    assert_eq!(world.desk.user("bia@loja.example"), before);
    // The very same declaration is carried out where the account allows it.
    world.apply(account()).await;
    store.settle().await;
    assert!(world.desk.user("bia@loja.example")["external_id"].as_str().unwrap().starts_with("hso1a/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_outlives_a_round_that_ends_in_an_error_after_it_was_recorded() {
    let mut world = World::new().await;
    let mut store = world.onboard(small()).await;
    let person = json!({"user": {"name": "Bia", "email": "bia@loja.example", "role": "agent", "external_id": "crm-4711"}});
    let id = world.desk.person(Method::POST, "users", person).await["user"]["id"].to_string();
    // Whoever is suspended is asked for conversations after the first writes of the round: that answer is missing.
    world.desk.zendesk.faults().set(vec![down("/api/v2/users/*/tickets/assigned**")]);
    store
        .edit(|spec| {
            spec["agents"][1] = agent("bia", "support");
            spec["adopt"] = json!([{"kind": "Agent", "name": "bia", "id": id}]);
        })
        .await;
    let object = store.until_condition(("Ready", "False", "ProviderUnavailable")).await;
    assert_eq!(world.desk.user("rui@loja.example")["suspended"], true, "the round had begun to write");
    assert_eq!(object["status"]["claims"][0]["id"], json!(id), "{:#}", object["status"]);
    world.desk.zendesk.faults().set(Vec::new());
    let object = store.settle().await;
    assert_eq!(object["status"]["claims"][0]["id"], json!(id));
    assert_eq!(world.desk.user("bia@loja.example")["external_id"], "crm-4711");
}
