//! The only place where Zenvia's words meet the model's: department is department, agent is agent, and a subscription
//! is a route.
//!
//! A webhook binding is no object of Zenvia: it is the address, the token and the state that the subscriptions of its
//! events have in common (`observe`). Marks are read from their carriers here. It must not send anything and not decide.

use serde_json::{Value, json};

use super::wire::{Agent, Carrier, Department, Status, Subscription};
use crate::model::{
    self, Access, Email, Event, EventRoute, ExternalId, Kind, Mark, ObjectKey, Owner, Profile, Ref,
    RemoteName, Resource, RouteKey, SecretVersion, Stamp, Tag, Trigger, WebhookKey,
};
use crate::provider::Deliveries;

/// The channel of every store's conversations: the articles know WhatsApp only (`domain.md` 1.2).
const CHANNEL: &str = "whatsapp";

/// The id under which a webhook binding is known: it is no object of the vendor.
pub(super) fn webhook_id(key: &WebhookKey) -> ExternalId {
    ExternalId::new(format!("subscriptions/{key}"))
}

/// The key behind such an id.
pub(super) fn webhook_key(id: &ExternalId) -> Option<WebhookKey> {
    id.as_str().strip_prefix("subscriptions/").map(WebhookKey::new)
}

/// The event type and the criteria that an event stands for (`zenvia.md` 2).
pub(super) fn criteria(event: Event) -> (&'static str, Option<Value>) {
    match event {
        Event::AgentReplied => {
            ("CONVERSATION_MESSAGE", Some(json!({ "channel": CHANNEL, "direction": "OUT" })))
        }
        Event::ConversationResolved => ("CONVERSATION_STATUS", None),
        Event::MessageReceived => ("MESSAGE", Some(json!({ "channel": CHANNEL, "direction": "IN" }))),
        Event::MessageDelivered => ("MESSAGE_STATUS", Some(json!({ "channel": CHANNEL }))),
    }
}

/// When a subscription fires.
pub(super) fn trigger(one: &Subscription) -> Trigger {
    let fits = |event: &Event| {
        let (event_type, wanted) = criteria(*event);
        one.event_type == event_type && same_criteria(one.criteria.as_ref(), wanted.as_ref())
    };
    match Event::ALL.into_iter().find(fits) {
        Some(event) => Trigger::On(event),
        None => {
            let criteria = one.criteria.clone().unwrap_or_default();
            Trigger::Other(format!("{} {criteria}", one.event_type))
        }
    }
}

fn same_criteria(left: Option<&Value>, right: Option<&Value>) -> bool {
    let members = |criteria: Option<&Value>| {
        criteria.and_then(Value::as_object).filter(|members| !members.is_empty()).cloned().unwrap_or_default()
    };
    members(left) == members(right)
}

/// What the vendor's limit of two counts: event type and channel (`zenvia.md` 2).
pub(super) fn limit_key(event_type: &str, criteria: Option<&Value>) -> (String, String) {
    let channel = criteria.and_then(|criteria| criteria["channel"].as_str()).unwrap_or_default();
    (event_type.to_owned(), channel.to_owned())
}

/// The text that may hold a subscription's mark; `None` where the vendor hides it.
pub(super) fn mark_text(one: &Subscription) -> Option<&str> {
    match &one.webhook.carrier {
        Carrier::Hidden => None,
        Carrier::Shown(text) => Some(text),
    }
}

/// The mark of the webhook binding that a route's mark speaks for.
pub(super) fn webhook_mark(mark: &Mark) -> Option<Mark> {
    let key = EventRoute::key_from_mark(&mark.key)?;
    Some(Mark { kind: Kind::Webhook, key: key.webhook.as_str().to_owned(), ..mark.clone() })
}

/// The value of the mark header of a route's subscription: its mark, the fence where the binding bears it, and the
/// Secret's version.
pub(super) fn mark_line(
    stamp: &Stamp,
    (route, origin): (&ObjectKey, model::Origin),
    secret: Option<&SecretVersion>,
) -> String {
    let mut line = stamp.mark(route, origin);
    let bearer = stamp.bearer.as_ref().filter(|bearer| bearer.kind == Kind::Webhook);
    let webhook = EventRoute::key_from_mark(&route.name).map(|key| key.webhook);
    if let (Some(bearer), Some(webhook)) = (bearer, webhook)
        && bearer.name.eq_ignore_ascii_case(webhook.as_str())
    {
        line.push_str(&format!(" by={}", stamp.fence.as_str()));
    }
    if let Some(version) = secret {
        line.push_str(&format!(" secret={version}"));
    }
    line
}

/// Whether a subscription delivers, however slowly.
pub(super) fn is_active(one: &Subscription) -> bool {
    one.status != Status::Inactive
}

/// A subscription as the route of this key.
pub(super) fn route(one: &Subscription, key: &RouteKey, webhook: Ref<WebhookKey>) -> EventRoute {
    EventRoute {
        title: RemoteName::new(key.to_string()),
        active: is_active(one),
        on: trigger(one),
        tag: Tag::default(),
        webhook,
        phone_field: Ref::Nothing,
        body: String::new(),
    }
}

/// Whose a department is.
pub(super) fn department_owner(stamp: &Stamp, department: &Department) -> Owner {
    stamp.owner_by(&department.description, Kind::Department)
}

/// A department.
pub(super) fn department(department: &Department) -> model::Department {
    model::Department {
        name: RemoteName::new(&department.name),
        description: Mark::strip(&department.description).to_owned(),
        active: department.is_active(),
    }
}

/// An agent, as far as it is shown.
pub(super) fn agent(agent: &Agent) -> model::Agent {
    model::Agent {
        name: agent.name.clone(),
        email: Email::new(&agent.email),
        profile: match agent.profile.as_deref() {
            None => Profile::Unknown,
            Some("AGENT") => Profile::Agent,
            Some("ADMIN") => Profile::Administrator,
            Some(other) => Profile::Custom(other.to_owned()),
        },
        access: if agent.is_active() { Access::Active } else { Access::Dismissed },
        max_conversations: agent.text_limit.flatten(),
        default_department: Ref::Nothing,
    }
}

/// The profile that is written for a declared one; `None` for profiles that are only observed.
pub(super) fn profile(profile: &Profile) -> Option<&'static str> {
    match profile {
        Profile::Agent => Some("AGENT"),
        Profile::Administrator => Some("ADMIN"),
        Profile::LightAgent | Profile::EndUser | Profile::Custom(_) | Profile::Unknown => None,
    }
}

/// An id as the vendor writes it: a number where it is one.
pub(super) fn written_id(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| json!(id), |number| json!(number))
}

/// Whether a binding's subscriptions deliver: the worst of them counts.
pub(super) fn deliveries(states: impl Iterator<Item = Status>) -> Deliveries {
    let mut told = Deliveries::NoneYet;
    for state in states {
        told = match (told, state) {
            (Deliveries::Failing, _) | (_, Status::Inactive) => Deliveries::Failing,
            (Deliveries::Degraded, _) | (_, Status::Degraded) => Deliveries::Degraded,
            (_, Status::Active) => Deliveries::Succeeding,
        };
    }
    told
}
