//! Round trips: what we write, as Zendesk stores it, reads as in sync; every edit shows. Must not send anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::{Value, json};

use super::trigger::{exact_routing, route, write_route, write_routing};
use super::*;
use crate::model::{Claim, ObjectKey};
use crate::model::{
    Desired, Event, EventRoute, Fence, Installation, Resource as _, RouteKey, RoutingRule, StoreId, Tag,
    Trigger as Fires,
};
use crate::provider::zendesk::normalize::normalize;
use crate::provider::zendesk::view::Lists;
use crate::provider::zendesk::wire::Trigger;

fn stamp() -> Stamp {
    Stamp {
        installation: Installation::parse("inst-1").unwrap(),
        former_installations: BTreeSet::new(),
        store: StoreId::new("store-a", "a"),
        fence: Fence::parse("0123456789ab").unwrap(),
        take_over_from: BTreeSet::new(),
        bearer: None,
    }
}

fn event_route(event: Event) -> EventRoute {
    EventRoute {
        title: RemoteName::new(format!("lojacentro - {event}")),
        active: true,
        on: Fires::On(event),
        tag: Tag::new("vtex-chatbot"),
        webhook: Ref::Ours(WebhookKey::new("Handler")),
        phone_field: Ref::Ours(PhoneFieldKey),
        body: String::new(),
    }
}

fn desired() -> Desired {
    let mut desired = Desired::none();
    for event in [Event::AgentReplied, Event::ConversationResolved, Event::MessageReceived] {
        desired.routes.insert(RouteKey { webhook: WebhookKey::new("Handler"), event }, event_route(event));
    }
    desired.webhooks.insert(
        WebhookKey::new("Handler"),
        crate::model::Webhook {
            name: RemoteName::new("lojacentro/Handler"),
            url: Url::new("https://handler.example/zendesk"),
            active: true,
            secret: None,
        },
    );
    desired
}

/// An account with the store's webhook `01HOOK`, field 77 and group 88.
fn view(stamp: &Stamp) -> AccountView {
    let line = |kind, name: &str| stamp.line(&ObjectKey::new(kind, name), Origin::Created, None);
    let lists = Lists {
        users: Vec::new(),
        groups: vec![
            serde_json::from_value(json!({
                "id": 88, "name": "Suporte", "description": line(Kind::Department, "support"),
            }))
            .unwrap(),
        ],
        memberships: Vec::new(),
        webhooks: vec![
            serde_json::from_value(json!({
                "id": "01HOOK", "name": "n", "endpoint": "https://handler.example/zendesk", "status": "active",
                "description": line(Kind::Webhook, "Handler"),
            }))
            .unwrap(),
        ],
        triggers: Vec::new(),
        fields: vec![
            serde_json::from_value(json!({
                "id": 77, "title": "WhatsApp lojacentro",
                "agent_description": line(Kind::PhoneField, "whatsapp-number"),
            }))
            .unwrap(),
        ],
        schedules: None,
        category: None,
        acting_user: 1,
    };
    AccountView::new(lists)
}

fn with_links<T>(desired: &Desired, check: impl FnOnce(&Links<'_>) -> T) -> T {
    let stamp = stamp();
    let view = view(&stamp);
    let (claims, named) = (BTreeMap::new(), BTreeMap::new());
    let scope = Scope {
        stamp: &stamp,
        desired,
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before: Instant::now(),
    };
    check(&Links { view: &view, scope: &scope })
}

fn as_stored(mut written: Value) -> Trigger {
    written["id"] = json!("6164111062810");
    serde_json::from_value(written).unwrap()
}

#[test]
fn a_route_that_we_wrote_reads_as_in_sync() {
    let desired = normalize(desired());
    assert_eq!(desired.routes.len(), 2, "events that triggers cannot deliver are taken out");
    for declared in desired.routes.values() {
        let written = write_route(declared, "01HOOK", Some("77")).unwrap();
        let text = written.to_string();
        assert!(text.contains("{{ticket.ticket_field_77}}") && !text.contains("WHATSAPP_NUMBER"));
        let observed = with_links(&desired, |links| route(&as_stored(written), links));
        assert_eq!(declared.differences(&observed), [], "{declared:?}");
        assert_eq!(observed, *declared);
    }
}

#[test]
fn the_written_trigger_is_the_documented_one() {
    let desired = normalize(desired());
    let replied = RouteKey { webhook: WebhookKey::new("Handler"), event: Event::AgentReplied };
    let written = write_route(&desired.routes[&replied], "01HOOK", Some("77")).unwrap();
    assert_eq!(
        written["conditions"],
        json!({ "any": [], "all": [
            { "field": "current_tags", "operator": "includes", "value": "vtex-chatbot" },
            { "field": "current_via_id", "operator": "is_not", "value": "5" },
            { "field": "update_type", "operator": "is", "value": "Change" },
            { "field": "comment_is_public", "operator": "is", "value": "requester_can_see_comment" },
        ]})
    );
    let body: Value = serde_json::from_str(written["actions"][0]["value"][1].as_str().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({
            "conversationId": "{{ticket.external_id}}",
            "userPhoneNumber": "{{ticket.requester.phone}}",
            "accountPhoneNumber": "{{ticket.ticket_field_77}}",
            "ticket": {
                "id": "{{ticket.id}}",
                "comment": "{{ticket.latest_public_comment}}",
                "author": "{{ticket.latest_public_comment.author.name}}",
            },
        })
    );
}

#[test]
fn what_zendesk_rewrites_is_no_difference() {
    let desired = normalize(desired());
    let replied = RouteKey { webhook: WebhookKey::new("Handler"), event: Event::AgentReplied };
    let declared = &desired.routes[&replied];
    let mut written = write_route(declared, "01HOOK", Some("77")).unwrap();
    let all = written["conditions"]["all"].as_array_mut().unwrap();
    all[1]["value"] = json!(5);
    all.reverse();
    let compact: Value = serde_json::from_str(written["actions"][0]["value"][1].as_str().unwrap()).unwrap();
    written["actions"][0]["value"][1] = json!(compact.to_string());
    let observed = with_links(&desired, |links| route(&as_stored(written), links));
    assert_eq!(declared.differences(&observed), []);
}

#[test]
fn every_edit_of_a_trigger_shows_as_a_difference() {
    let desired = normalize(desired());
    let replied = RouteKey { webhook: WebhookKey::new("Handler"), event: Event::AgentReplied };
    let declared = &desired.routes[&replied];
    let written = write_route(declared, "01HOOK", Some("77")).unwrap();
    let differences = |edit: &dyn Fn(&mut Value)| {
        let mut edited = written.clone();
        edit(&mut edited);
        let observed = with_links(&desired, |links| route(&as_stored(edited), links));
        declared.differences(&observed).into_iter().map(|change| change.field).collect::<Vec<_>>()
    };
    assert_eq!(differences(&|t| t["title"] = json!("other")), ["title"]);
    assert_eq!(differences(&|t| t["active"] = json!(false)), ["active"]);
    assert_eq!(differences(&|t| t["conditions"]["all"][0]["value"] = json!("x")), ["conversationTag"]);
    let without_guard = |t: &mut Value| {
        t["conditions"]["all"].as_array_mut().unwrap().remove(1);
    };
    assert_eq!(differences(&without_guard), ["event"]);
    assert_eq!(differences(&|t| t["actions"][0]["value"][0] = json!("01OTHER")), ["webhook"]);
    let other_field = |t: &mut Value| {
        let body = t["actions"][0]["value"][1].as_str().unwrap().replace("field_77", "field_78");
        t["actions"][0]["value"][1] = json!(body);
    };
    assert_eq!(differences(&other_field), ["phoneField"]);
    assert_eq!(differences(&|t| t["actions"][0]["value"][1] = json!("{}")), ["phoneField", "body"]);
    let second = json!({ "field": "status", "value": "solved" });
    let more = |t: &mut Value| t["actions"].as_array_mut().unwrap().push(second.clone());
    assert_eq!(differences(&more), ["event"]);
    assert_eq!(
        differences(&|t| t["actions"][0]["value"] = json!("01HOOK")),
        ["event", "webhook", "phoneField", "body"]
    );
}

#[test]
fn a_routing_rule_that_we_wrote_reads_as_in_sync() {
    let rule = RoutingRule {
        title: RemoteName::new("lojacentro - routing"),
        active: true,
        tag: Tag::new("vtex-chatbot"),
        department: Ref::Ours(DepartmentKey::new("support")),
    };
    let written = write_routing(&rule, "88");
    for empty in [json!(""), json!(null), json!("__NULL__")] {
        let mut stored = written.clone();
        stored["conditions"]["all"][2]["value"] = empty;
        let observed =
            with_links(&Desired::none(), |links| exact_routing(&as_stored(stored), links)).unwrap();
        assert_eq!(observed, rule);
    }
    let mut other = written;
    other["conditions"]["all"].as_array_mut().unwrap().pop();
    assert_eq!(with_links(&Desired::none(), |links| exact_routing(&as_stored(other), links)), None);
}

#[test]
fn users_are_read_as_agents() {
    let read = |more: Value| {
        let mut user = json!({ "id": 1, "name": "Ana", "email": "Ana@Loja.example", "role": "agent" });
        for (key, value) in more.as_object().unwrap() {
            user[key] = value.clone();
        }
        let agent = agent(&serde_json::from_value(user).unwrap());
        (agent.profile, agent.access)
    };
    assert_eq!(read(json!({})), (Profile::Agent, Access::Active));
    assert_eq!(read(json!({ "role_type": 0, "custom_role_id": 5 })), (Profile::Agent, Access::Active));
    assert_eq!(read(json!({ "role": "admin", "role_type": 4 })), (Profile::Administrator, Access::Active));
    assert_eq!(read(json!({ "role_type": 1 })), (Profile::LightAgent, Access::Active));
    assert_eq!(read(json!({ "suspended": true })), (Profile::Agent, Access::Suspended));
    assert_eq!(read(json!({ "role": "end-user" })), (Profile::EndUser, Access::Active));
    let dismissed = json!({ "role": "end-user", "suspended": true });
    assert_eq!(read(dismissed), (Profile::EndUser, Access::Dismissed));
}

/// Whose an agent with this `external_id` is, where the status claims users 2, 3 and 4, 2 answers in the store's
/// department, and `adopt` names 4.
fn owner_under_claims(id: u64, external_id: Value) -> Owner {
    let (stamp, desired) = (stamp(), Desired::none());
    let agent = |name: &str| ObjectKey::new(Kind::Agent, name);
    let claim = |name: &str, id: &str| (agent(name), Claim::new(Some(ExternalId::new(id)), Origin::Created));
    let claims = BTreeMap::from([claim("ana", "2"), claim("bia", "3"), claim("caio", "4")]);
    let named =
        BTreeMap::from([(agent("caio"), ExternalId::new("4")), (agent("caio-2"), ExternalId::new("3"))]);
    let mut view = view(&stamp);
    let place = json!({ "id": 5, "user_id": 2, "group_id": 88, "default": true });
    view.memberships.put(serde_json::from_value(place).unwrap());
    let scope = Scope {
        stamp: &stamp,
        desired: &desired,
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before: Instant::now(),
    };
    let user = json!({ "id": id, "name": "x", "email": null, "role": "agent", "external_id": external_id });
    Links { view: &view, scope: &scope }.user_owner(&serde_json::from_value(user).unwrap())
}

fn us(key: &str, origin: Origin) -> Owner {
    Owner::Us { key: key.to_owned(), origin, mark_is_current: true }
}

#[test]
fn a_foreign_external_id_is_never_taken_for_nobody() {
    assert_eq!(owner_under_claims(1, json!(null)), Owner::Nobody);
    assert_eq!(owner_under_claims(1, json!("crm-4711")), Owner::Unknown);
    let mark = stamp().mark(&ObjectKey::new(Kind::Agent, "ana"), Origin::Created);
    assert_eq!(owner_under_claims(1, json!(mark)), us("ana", Origin::Created));
}

#[test]
fn a_claim_counts_only_where_a_department_of_ours_or_the_declaration_bears_it_out() {
    let foreign = json!("crm-4711");
    assert_eq!(owner_under_claims(3, foreign.clone()), Owner::Unknown, "the status alone proves nothing");
    assert_eq!(owner_under_claims(2, foreign.clone()), us("ana", Origin::Adopted), "in our department");
    assert_eq!(owner_under_claims(4, foreign), us("caio", Origin::Adopted), "named by `adopt`");
    assert_eq!(owner_under_claims(2, json!(null)), Owner::Nobody, "where a mark could stand, it must");
    let theirs = json!("hso1c/inst-1/store-b/b/agent/ana");
    let owner = Owner::OtherStore(StoreId::new("store-b", "b"));
    assert_eq!(owner_under_claims(2, theirs), owner, "another store's mark");
}

#[test]
fn descriptions_are_read_without_the_mark_and_null_is_empty() {
    let stamp = stamp();
    let line = stamp.line(&ObjectKey::new(Kind::Department, "sales"), Origin::Created, None);
    for (stored, text) in
        [(json!(null), ""), (json!(""), ""), (json!(line), ""), (json!(format!("Vendas\n{line}")), "Vendas")]
    {
        let group = json!({ "id": 1, "name": "Vendas", "description": stored });
        assert_eq!(department(&serde_json::from_value(group).unwrap()).description, text);
    }
}

#[test]
fn the_secrets_version_is_read_from_the_mark_line() {
    let stamp = stamp();
    let version = crate::model::SecretVersion::new("0a1b/42");
    let line = stamp.line(&ObjectKey::new(Kind::Webhook, "h"), Origin::Created, Some(&version));
    let row = json!({
        "id": "01H", "name": "n", "endpoint": "https://h.example", "status": "inactive", "description": line,
    });
    let read = webhook(&serde_json::from_value(row).unwrap());
    assert_eq!((read.secret, read.active), (Some(version), false));
}
