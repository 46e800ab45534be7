//! Triggers: what fires them and what they do, in both directions (`domain.md` 2.3 to 2.5).
//!
//! A trigger is read as an event only when its conditions are exactly those of the event; anything else is kept as a
//! canonical text for comparison. Order does not count: all `all` conditions must hold, whatever comes first.

use serde_json::{Value, json};

use super::{Links, body};
use crate::model::{Event, EventRoute, PhoneFieldKey, Ref, RemoteName, RoutingRule, Tag, Trigger as Fires};
use crate::provider::zendesk::wire::{Action, Conditions, Trigger};

/// One condition: field, operator, value.
type Triple = (String, String, String);

/// The action that calls a webhook.
const NOTIFY: &str = "notification_webhook";

/// The conditions of an event for a tag: `all` and `any`.
fn conditions_of(event: Event, tag: &str) -> Option<(Vec<Triple>, Vec<Triple>)> {
    let triple =
        |field: &str, operator: &str, value: &str| (field.to_owned(), operator.to_owned(), value.to_owned());
    let tagged = triple("current_tags", "includes", tag);
    match event {
        Event::AgentReplied => Some((
            vec![
                tagged,
                // The guard against a loop: what the bot writes through the interface is not sent back to it.
                triple("current_via_id", "is_not", "5"),
                triple("update_type", "is", "Change"),
                triple("comment_is_public", "is", "requester_can_see_comment"),
            ],
            Vec::new(),
        )),
        Event::ConversationResolved => Some((
            vec![tagged],
            vec![triple("status", "value", "solved"), triple("status", "value", "closed")],
        )),
        Event::MessageReceived | Event::MessageDelivered => None,
    }
}

/// The conditions of the routing rule: a new conversation with the tag and without a group.
fn routing_conditions(tag: &str) -> Vec<Triple> {
    [("update_type", "is", "Create"), ("current_tags", "includes", tag), ("group_id", "is", "")]
        .map(|(field, operator, value)| (field.to_owned(), operator.to_owned(), value.to_owned()))
        .to_vec()
}

fn triples(conditions: &[crate::provider::zendesk::wire::Condition]) -> Vec<Triple> {
    let mut triples: Vec<Triple> = conditions
        .iter()
        .map(|condition| (condition.field.clone(), condition.operator.clone(), scalar(&condition.value)))
        .collect();
    triples.sort();
    triples
}

fn sorted(mut triples: Vec<Triple>) -> Vec<Triple> {
    triples.sort();
    triples
}

/// A value as text: ids come back as text or number, and nothing is null, `""` or `"__NULL__"`.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text == "__NULL__" => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The tags that a trigger asks for, word by word.
pub(in crate::provider::zendesk) fn tags_of(conditions: &Conditions) -> Vec<String> {
    let all = conditions.all.iter().chain(&conditions.any);
    let mut tags: Vec<String> = all
        .filter(|condition| condition.field == "current_tags" && condition.operator == "includes")
        .flat_map(|condition| {
            scalar(&condition.value).split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    tags.sort();
    tags.dedup();
    tags
}

/// The webhook's id and the body of an action that calls one.
fn notification(action: &Action) -> Option<(&str, &str)> {
    let value = action.value.as_array()?;
    match (action.field == NOTIFY, value.as_slice()) {
        (true, [id, body]) => Some((id.as_str()?, body.as_str()?)),
        _ => None,
    }
}

/// Whether a trigger calls any webhook.
pub(in crate::provider::zendesk) fn calls_webhook(trigger: &Trigger) -> bool {
    trigger.actions.iter().any(|action| action.field == NOTIFY)
}

/// A trigger as a route.
pub(in crate::provider::zendesk) fn route(trigger: &Trigger, links: &Links<'_>) -> EventRoute {
    let tags = tags_of(&trigger.conditions);
    let wanted = links.scope.desired.routes.values().map(|route| route.tag.as_str());
    let tag = wanted
        .filter(|wanted| tags.iter().any(|tag| tag == wanted))
        .map(str::to_owned)
        .next()
        .or_else(|| tags.first().cloned())
        .unwrap_or_default();
    let call = trigger.actions.iter().find_map(notification);
    let (phone_field, text) = match call {
        Some((_, text)) => without_field_id(text, links),
        None => (Ref::Nothing, String::new()),
    };
    let on = match event_of(trigger, &tag) {
        Some(event) => Fires::On(event),
        None => Fires::Other(canonical(trigger)),
    };
    let declared = links.scope.desired.routes.values().find(|route| body::are_same(&route.body, &text));
    EventRoute {
        title: RemoteName::new(&trigger.title),
        active: trigger.active,
        on,
        tag: Tag::new(tag),
        webhook: call.map_or(Ref::Nothing, |(id, _)| links.webhook(id)),
        phone_field,
        body: declared.map_or(text, |route| route.body.clone()),
    }
}

/// The event whose conditions these exactly are, when the one action is a well-formed call of a webhook.
fn event_of(trigger: &Trigger, tag: &str) -> Option<Event> {
    let [action] = trigger.actions.as_slice() else { return None };
    notification(action)?;
    let (all, any) = (triples(&trigger.conditions.all), triples(&trigger.conditions.any));
    Event::ALL.into_iter().find(|event| {
        conditions_of(*event, tag)
            .is_some_and(|(wanted_all, wanted_any)| sorted(wanted_all) == all && sorted(wanted_any) == any)
    })
}

/// A body with the store's field, or else the first field it names, taken out.
fn without_field_id(text: &str, links: &Links<'_>) -> (Ref<PhoneFieldKey>, String) {
    let ids = body::field_ids(text);
    let own = ids.iter().copied().find(|id| links.field(*id) == Ref::Ours(PhoneFieldKey));
    match own.or_else(|| ids.first().copied()) {
        Some(id) => (links.field(id), body::take_out(text, id)),
        None => (Ref::Nothing, text.to_owned()),
    }
}

/// Conditions and actions as one text, the same for the same trigger whatever the order of its conditions.
fn canonical(trigger: &Trigger) -> String {
    let actions: Vec<Value> =
        trigger.actions.iter().map(|action| json!([action.field, action.value])).collect();
    json!({
        "all": triples(&trigger.conditions.all),
        "any": triples(&trigger.conditions.any),
        "actions": actions,
    })
    .to_string()
}

/// A trigger that is exactly a routing rule.
pub(in crate::provider::zendesk) fn exact_routing(
    trigger: &Trigger,
    links: &Links<'_>,
) -> Option<RoutingRule> {
    let [Action { field, value }] = trigger.actions.as_slice() else { return None };
    let tags = tags_of(&trigger.conditions);
    let [tag] = tags.as_slice() else { return None };
    let exact = field == "group_id"
        && trigger.conditions.any.is_empty()
        && triples(&trigger.conditions.all) == sorted(routing_conditions(tag));
    exact.then(|| RoutingRule {
        title: RemoteName::new(&trigger.title),
        active: trigger.active,
        tag: Tag::new(tag),
        department: match scalar(value) {
            nothing if nothing.is_empty() => Ref::Nothing,
            id => links.department(&id),
        },
    })
}

/// A trigger as a routing rule; other conditions or actions show as an empty tag.
pub(in crate::provider::zendesk) fn routing(trigger: &Trigger, links: &Links<'_>) -> RoutingRule {
    exact_routing(trigger, links).unwrap_or_else(|| RoutingRule {
        title: RemoteName::new(&trigger.title),
        active: trigger.active,
        tag: Tag::default(),
        department: Ref::Nothing,
    })
}

/// What a route's trigger holds; `None` for conditions that can only be observed.
pub(in crate::provider::zendesk) fn write_route(
    route: &EventRoute,
    webhook_id: &str,
    field_id: Option<&str>,
) -> Option<Value> {
    let Fires::On(event) = route.on else { return None };
    let (all, any) = conditions_of(event, route.tag.as_str())?;
    let text = match field_id {
        Some(id) => body::put_in(&route.body, id),
        None => route.body.clone(),
    };
    Some(json!({
        "title": route.title.as_str(),
        "active": route.active,
        "conditions": { "all": write_conditions(&all), "any": write_conditions(&any) },
        "actions": [{ "field": NOTIFY, "value": [webhook_id, text] }],
    }))
}

/// What a routing rule's trigger holds.
pub(in crate::provider::zendesk) fn write_routing(rule: &RoutingRule, group_id: &str) -> Value {
    json!({
        "title": rule.title.as_str(),
        "active": rule.active,
        "conditions": { "all": write_conditions(&routing_conditions(rule.tag.as_str())), "any": [] },
        "actions": [{ "field": "group_id", "value": group_id }],
    })
}

fn write_conditions(triples: &[Triple]) -> Vec<Value> {
    triples
        .iter()
        .map(|(field, operator, value)| json!({ "field": field, "operator": operator, "value": value }))
        .collect()
}
