//! Each edit of a converged store leads to exactly the calls it needs and no other.

use human_support_operator::model::*;
use human_support_operator::plan::{Action, Plan, plan};
use human_support_operator::provider::{Outcome, ProviderError};
use serde_json::json;

use crate::world::{SETTLE, World, example, policy};

async fn converged() -> (World, Desired) {
    let world = World::start().await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    world.clear_calls();
    (world, desired)
}

/// One round with the edit; its writes, sorted; then nothing is left to do.
async fn writes_of(edit: impl FnOnce(&mut Desired)) -> Vec<String> {
    let (world, mut desired) = converged().await;
    edit(&mut desired);
    writes_under(&world, &desired, policy(&world.provider)).await
}

async fn writes_under(world: &World, desired: &Desired, policy: Policy) -> Vec<String> {
    world.round_under(desired, policy.clone()).await.assert_all_applied();
    let writes = world.write_calls();
    tokio::time::sleep(SETTLE).await;
    let after = world.round_under(desired, policy).await;
    assert!(after.plan.is_empty(), "{:?}", after.plan);
    writes
}

fn agent<'a>(desired: &'a mut Desired, key: &str) -> &'a mut Agent {
    desired.agents.get_mut(&AgentKey::new(key)).unwrap()
}

#[tokio::test]
async fn renaming_a_department_is_one_call() {
    let rename = |desired: &mut Desired| {
        desired.departments.get_mut(&DepartmentKey::new("d1")).unwrap().name = RemoteName::new("Suporte");
    };
    assert_eq!(writes_of(rename).await, ["PUT /groups/{id}"]);
}

#[tokio::test]
async fn promoting_an_agent_is_one_call() {
    let promote = |desired: &mut Desired| agent(desired, "ana1").profile = Profile::Administrator;
    assert_eq!(writes_of(promote).await, ["PUT /users/{id}"]);
}

#[tokio::test]
async fn a_new_address_goes_through_the_identities() {
    let (world, mut desired) = converged().await;
    agent(&mut desired, "ana1").email = Email::new("nova@loja.example");
    let writes = writes_under(&world, &desired, policy(&world.provider)).await;
    assert_eq!(writes.len(), 3, "{writes:?}");
    assert!(writes[0].starts_with("POST /users/{id}/identities"), "{writes:?}");
    assert!(writes[1].contains("make_primary"), "{writes:?}");
    assert!(writes[2].starts_with("DELETE /users/{id}/identities"), "{writes:?}");
    assert_eq!(world.user("nova@loja.example")["name"], "Ana 1");
}

#[tokio::test]
async fn a_rotated_token_is_one_call_and_the_vendor_holds_it() {
    let (world, mut desired) = converged().await;
    desired.webhooks.get_mut(&WebhookKey::new("handler")).unwrap().secret = Some(SecretVersion::new("uid/2"));
    let writes = writes_under(&world, &desired, policy(&world.provider)).await;
    assert_eq!(writes, ["PATCH /webhooks/{id}"]);
    assert_eq!(world.token_held(), "second token");
}

#[tokio::test]
async fn a_new_endpoint_is_one_call_and_keeps_the_token() {
    let (world, mut desired) = converged().await;
    desired.webhooks.get_mut(&WebhookKey::new("handler")).unwrap().url = Url::new("https://new.example/hook");
    let writes = writes_under(&world, &desired, policy(&world.provider)).await;
    assert_eq!(writes, ["PATCH /webhooks/{id}"]);
    assert_eq!(world.account()["webhooks"][0]["endpoint"], "https://new.example/hook");
    assert_eq!(world.token_held(), "first token");
}

#[tokio::test]
async fn a_new_tag_rewrites_the_three_triggers() {
    let retag = |desired: &mut Desired| {
        for route in desired.routes.values_mut() {
            route.tag = Tag::new("other");
        }
        for rule in desired.routing.values_mut() {
            rule.tag = Tag::new("other");
        }
    };
    assert_eq!(writes_of(retag).await, ["PUT /triggers/{id}"; 3]);
}

#[tokio::test]
async fn what_a_person_did_is_undone_by_one_call() {
    let (world, desired) = converged().await;
    let account = world.account();
    let trigger = account["triggers"].as_array().unwrap().iter();
    let replied = trigger.clone().find(|trigger| trigger["title"] == "lojacentro - AgentReplied").unwrap();
    let path = format!("/api/v2/triggers/{}", replied["id"]);
    let edit = json!({ "trigger": { "title": "mine", "conditions": { "all": [], "any": [] }, "actions": replied["actions"] } });
    world.person("PUT", &path, edit).await;
    tokio::time::sleep(SETTLE).await;
    let writes = writes_under(&world, &desired, policy(&world.provider)).await;
    assert_eq!(writes, ["PUT /triggers/{id}"]);
}

/// As two clusters leave it that started together: everything stands twice, and a trigger of the older pair may call the
/// younger webhook.
#[tokio::test]
async fn what_points_to_the_younger_of_two_webhooks_is_led_to_the_older_before_the_younger_goes() {
    let (world, desired) = converged().await;
    let account = world.account();
    let older = &account["webhooks"][0];
    let twin = json!({ "webhook": { "name": older["name"], "description": older["description"], "status": "active",
        "endpoint": older["endpoint"], "http_method": "POST", "request_format": "json",
        "subscriptions": ["conditional_ticket_events"],
        "authentication": { "type": "bearer_token", "data": { "token": "x" }, "add_position": "header" } } });
    world.person("POST", "/api/v2/webhooks", twin).await;
    let triggers = account["triggers"].as_array().unwrap();
    let replied = triggers.iter().find(|trigger| trigger["title"] == "lojacentro - AgentReplied").unwrap();
    let webhooks = world.account()["webhooks"].as_array().unwrap().clone();
    let younger = webhooks.iter().find(|webhook| webhook["id"] != older["id"]).unwrap();
    let mut actions = replied["actions"].clone();
    actions[0]["value"][0] = younger["id"].clone();
    let path = format!("/api/v2/triggers/{}", replied["id"]);
    world.person("PUT", &path, json!({ "trigger": { "actions": actions } })).await;
    tokio::time::sleep(SETTLE).await;
    let writes = writes_under(&world, &desired, policy(&world.provider)).await;
    assert_eq!(writes, ["PUT /triggers/{id}", "DELETE /webhooks/{id}"]);
    assert_eq!(world.account()["webhooks"][0]["id"], older["id"]);
}

#[tokio::test]
async fn a_removed_agent_is_suspended_then_dismissed_and_can_come_back() {
    let (world, desired) = converged().await;
    let mut without = desired.clone();
    let key = AgentKey::new("ana1");
    without.agents.remove(&key);
    without.memberships.retain(|membership, _| membership.agent != key);
    world.settle(&without).await;
    let writes = world.write_calls();
    assert!(writes.iter().all(|write| !write.starts_with("DELETE /users")), "{writes:?}");
    let user = world.user("ana1@loja.example");
    assert_eq!((user["role"].as_str(), user["suspended"].as_bool()), (Some("end-user"), Some(true)));
    tokio::time::sleep(SETTLE).await;
    world.settle(&desired).await;
    let user = world.user("ana1@loja.example");
    assert_eq!((user["role"].as_str(), user["suspended"].as_bool()), (Some("agent"), Some(false)));
}

#[tokio::test]
async fn deleting_the_resource_under_delete_removes_what_was_made() {
    let (world, _) = converged().await;
    let desired = Desired::none();
    let deleting =
        Policy { lifecycle: Lifecycle::Deleting(DeletionPolicy::Delete), ..policy(&world.provider) };
    for _ in 0..3 {
        world.round_under(&desired, deleting.clone()).await;
        tokio::time::sleep(SETTLE).await;
    }
    let state = world.account();
    let left = ["groups", "triggers", "webhooks", "users"].map(|kind| {
        let all = state[kind].as_array().unwrap().iter();
        all.filter(|one| {
            one.to_string().contains("hso1c/") && one["deleted"] != true && one["active"] != false
        })
        .count()
    });
    assert_eq!(left, [0, 0, 0, 0], "{:?}", world.write_calls());
    let field =
        state["ticket_fields"].as_array().unwrap().iter().find(|one| one["title"] == "WhatsApp lojacentro");
    assert_eq!(field.unwrap()["active"], false, "its values are on customers' tickets");
}

/// A plan on an old reading after somebody was faster: what the step met, and what is planned without asking for a new one.
async fn after_somebody_was_faster(
    world: &World,
    desired: &Desired,
    deed: (&str, String, serde_json::Value),
) -> (Outcome, Plan) {
    let begun = std::time::Instant::now();
    let observed = world.observe_since(desired, begun).await.unwrap();
    let steps = plan(desired, &observed, &policy(&world.provider)).steps;
    world.person(deed.0, &deed.1, deed.2).await;
    let outcome = world.apply(&steps[..1], &observed).await.remove(0);
    let again = loop {
        match world.observe_since(desired, begun).await {
            Err(ProviderError::Unsettled { retry_after }) => tokio::time::sleep(retry_after).await,
            observed => break observed.unwrap(),
        }
    };
    (outcome, plan(desired, &again, &policy(&world.provider)))
}

fn id_of(world: &World, (list, member, value): (&str, &str, &str)) -> serde_json::Value {
    let account = world.account();
    let mut all = account[list].as_array().unwrap().iter();
    all.find(|one| one[member] == value).unwrap()["id"].clone()
}

#[tokio::test]
async fn what_somebody_else_made_in_the_meantime_is_looked_at_and_not_made_again_for_ever() {
    let (world, mut desired) = converged().await;
    let key = MembershipKey { agent: AgentKey::new("ana0"), department: DepartmentKey::new("d1") };
    desired.memberships.insert(key.clone(), Membership { key, standing: Standing::Additional });
    let user = world.user("ana0@loja.example")["id"].clone();
    let body = json!({ "group_membership": { "user_id": user, "group_id": id_of(&world, ("groups", "name", "Vendas 1")) } });
    let path = "/api/v2/group_memberships".to_owned();
    let (outcome, next) = after_somebody_was_faster(&world, &desired, ("POST", path, body)).await;
    assert_eq!(outcome, Outcome::NotApplied(ProviderError::Conflict));
    assert!(next.is_empty(), "{next:?}");
}

#[tokio::test]
async fn what_somebody_deleted_in_the_meantime_is_made_anew() {
    let (world, mut desired) = converged().await;
    let key = RouteKey { webhook: WebhookKey::new("handler"), event: Event::AgentReplied };
    desired.routes.get_mut(&key).unwrap().title = RemoteName::new("lojacentro - reply");
    let path =
        format!("/api/v2/triggers/{}", id_of(&world, ("triggers", "title", "lojacentro - AgentReplied")));
    let (outcome, next) = after_somebody_was_faster(&world, &desired, ("DELETE", path, json!({}))).await;
    assert_eq!(outcome, Outcome::NotApplied(ProviderError::Gone));
    let planned: Vec<_> = next.steps.iter().map(|step| (step.action(), step.object().to_string())).collect();
    assert_eq!(planned, [(Action::Create, "EventRoute handler/AgentReplied".to_owned())]);
}
