//! Webhooks with the triggers that call them, the field of the WhatsApp number and the rule for the default department.
//!
//! Pure. A trigger is taken over only where it does exactly what the resource would have it do.

use std::collections::{BTreeMap, BTreeSet};

use super::choose::{Chosen, Filter, foreign_owner};
use super::slug::Keys;
use crate::api::config::MAX_WEBHOOKS;
use crate::api::formats;
use crate::controller::policy::host_of;
use crate::model::{
    Desired, Event, EventRoute, ExternalId, Observed, Ref, Remote, RemoteName, RouteKey, Tag, Trigger,
    Webhook, WebhookKey,
};
use crate::provider::Provider;

/// The tag that the documentation gives.
const USUAL_TAG: &str = "vtex-chatbot";
/// The longest body that a resource holds.
const MAX_BODY: usize = 8192;

/// A webhook that is taken over.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    /// The key of the entry.
    pub(super) key: String,
    /// The id in the helpdesk.
    pub(super) id: ExternalId,
    /// The endpoint.
    pub(super) url: String,
    /// The triggers that call it: event, id, and the body where it is not the documented one.
    pub(super) events: Vec<(Event, ExternalId, Option<String>)>,
}

/// Takes in what belongs to the store's tag.
pub(super) fn take(observed: &Observed, (filter, provider): (&Filter, &dyn Provider), chosen: &mut Chosen) {
    if !knows_tags(provider) {
        name_untagged(observed, &mut chosen.left);
        return;
    }
    let Some(tag) = tag_of(observed, filter, &mut chosen.left) else {
        chosen.field = field_by_title(observed);
        return;
    };
    let field = field_of_routes(observed, &tag);
    let mut by_webhook: BTreeMap<&ExternalId, Vec<&Remote<EventRoute>>> = BTreeMap::new();
    for route in observed.routes.iter().filter(|route| route.value.tag.as_str() == tag) {
        let title = format!("the trigger `{}` (id {})", route.value.title, route.id);
        match why_not(route, field.as_ref()) {
            Some(why) => chosen.left.push(format!("{title}: {why}")),
            None => {
                if let Ref::Foreign(webhook) = &route.value.webhook {
                    by_webhook.entry(webhook).or_default().push(route);
                }
            }
        }
    }
    let mut keys = Keys::default();
    for webhook in &observed.webhooks {
        if let Some(routes) = by_webhook.get(&webhook.id) {
            take_webhook(webhook, (routes, provider), (chosen, &mut keys));
        }
    }
    default_department(observed, &tag, chosen);
    chosen.field = field.or_else(|| field_by_title(observed));
    chosen.tag = Some(tag);
}

/// Whether the helpdesk tells the conversations of one store from others.
fn knows_tags(provider: &dyn Provider) -> bool {
    let key = RouteKey { webhook: WebhookKey::new("any"), event: Event::AgentReplied };
    let route = EventRoute {
        title: RemoteName::default(),
        active: true,
        on: Trigger::On(Event::AgentReplied),
        tag: Tag::new(USUAL_TAG),
        webhook: Ref::Ours(key.webhook.clone()),
        phone_field: Ref::Nothing,
        body: String::new(),
    };
    let mut desired = Desired::none();
    desired.routes.insert(key, route);
    provider.normalize(desired).routes.values().any(|route| route.tag.as_str() == USUAL_TAG)
}

/// What reports the conversations of the whole account is nobody's by anything that can be seen.
fn name_untagged(observed: &Observed, left: &mut Vec<String>) {
    for route in &observed.routes {
        let why = foreign_owner(&route.owner).unwrap_or_else(|| {
            "nothing says which store's conversations it reports; if they are this one's, declare it under `webhooks` and name its id in `adopt`".to_owned()
        });
        left.push(format!("the subscription `{}` (id {}): {why}", route.value.title, route.id));
    }
}

/// The tag that is asked for, or the only one there is, or the usual one among several.
fn tag_of(observed: &Observed, filter: &Filter, left: &mut Vec<String>) -> Option<String> {
    if let Some(tag) = &filter.tag {
        return Some(tag.clone());
    }
    let routes = observed.routes.iter().map(|route| &route.value.tag);
    let tags: BTreeSet<&str> =
        routes.chain(observed.routing.iter().map(|rule| &rule.value.tag)).map(|tag| tag.as_str()).collect();
    let tags: Vec<&str> = tags.into_iter().filter(|tag| !tag.is_empty()).collect();
    match tags.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        several if several.contains(&USUAL_TAG) => Some(USUAL_TAG.to_owned()),
        several => {
            left.push(format!(
                "the triggers of the tags {}: one store has one tag, choose it with --conversation-tag",
                several.join(", ")
            ));
            None
        }
    }
}

/// The field that the store's triggers send.
fn field_of_routes(observed: &Observed, tag: &str) -> Option<ExternalId> {
    let routes = observed.routes.iter().filter(|route| route.value.tag.as_str() == tag);
    let mut fields = routes.filter_map(|route| match &route.value.phone_field {
        Ref::Foreign(id) => Some(id),
        Ref::Ours(_) | Ref::Nothing => None,
    });
    fields.find(|id| observed.phone_fields.iter().any(|field| field.id == **id && is_free(field))).cloned()
}

fn field_by_title(observed: &Observed) -> Option<ExternalId> {
    let is_named = |field: &&Remote<crate::model::PhoneField>| {
        field.value.title.as_str().to_lowercase().contains("whatsapp") && is_free(field)
    };
    let mut named = observed.phone_fields.iter().filter(is_named);
    match (named.next(), named.next()) {
        (Some(only), None) => Some(only.id.clone()),
        (_, Some(_)) | (None, None) => None,
    }
}

fn is_free(field: &Remote<crate::model::PhoneField>) -> bool {
    field.is_unowned() && field.value.active
}

fn why_not(route: &Remote<EventRoute>, field: Option<&ExternalId>) -> Option<String> {
    let EventRoute { title: _, active, on, tag: _, webhook, phone_field, body } = &route.value;
    if let Some(owner) = foreign_owner(&route.owner) {
        return Some(owner);
    }
    match on {
        Trigger::On(Event::AgentReplied | Event::ConversationResolved) => {}
        Trigger::On(_) | Trigger::Other(_) => {
            return Some("fires under conditions that a resource cannot say; it stays as it is".to_owned());
        }
    }
    if !active {
        return Some("is switched off".to_owned());
    }
    if !matches!(webhook, Ref::Foreign(_)) {
        return Some("calls no webhook that could be taken over with it".to_owned());
    }
    if let Ref::Foreign(id) = phone_field
        && Some(id) != field
    {
        return Some(format!("sends the field {id}, and the store has one field for its number"));
    }
    (body.chars().count() > MAX_BODY).then(|| format!("its body has more than {MAX_BODY} characters"))
}

fn take_webhook(
    webhook: &Remote<Webhook>,
    (routes, provider): (&[&Remote<EventRoute>], &dyn Provider),
    (chosen, keys): (&mut Chosen, &mut Keys),
) {
    let Webhook { name, url, active, secret: _ } = &webhook.value;
    let title = format!("the webhook `{name}` (id {})", webhook.id);
    let why = if let Some(owner) = foreign_owner(&webhook.owner) {
        Some(owner)
    } else if !active {
        Some("is switched off".to_owned())
    } else if !(formats::HTTPS_URL.accepts)(url.as_str()) || host_of(url.as_str()).is_empty() {
        Some("its address is none that a resource can hold; it must begin with https://".to_owned())
    } else if chosen.bindings.len() == MAX_WEBHOOKS {
        Some(format!("a store has at most {MAX_WEBHOOKS} webhooks"))
    } else {
        None
    };
    if let Some(why) = why {
        chosen.left.push(format!("{title}: {why}"));
        return;
    }
    let mut events: BTreeMap<Event, (ExternalId, Option<String>)> = BTreeMap::new();
    for route in routes {
        let Trigger::On(event) = route.value.on else { continue };
        if events.contains_key(&event) {
            chosen.left.push(format!(
                "the trigger `{}` (id {}): another one reports the same event to the same webhook",
                route.value.title, route.id
            ));
            continue;
        }
        events.insert(event, (route.id.clone(), own_body(&route.value, event, provider)));
    }
    chosen.bindings.push(Binding {
        key: keys.key(name.as_str().rsplit('/').next().unwrap_or_default(), ("handler", 40)),
        id: webhook.id.clone(),
        url: url.as_str().to_owned(),
        events: events.into_iter().map(|(event, (id, body))| (event, id, body)).collect(),
    });
}

/// The body, where the helpdesk would not fill in the same one by itself.
fn own_body(route: &EventRoute, event: Event, provider: &dyn Provider) -> Option<String> {
    let key = RouteKey { webhook: WebhookKey::new("any"), event };
    let mut desired = Desired::none();
    desired.routes.insert(key.clone(), EventRoute { body: String::new(), ..route.clone() });
    let documented = provider.normalize(desired).routes.remove(&key).map(|route| route.body);
    let as_value = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    let is_documented = documented.is_some_and(|documented| {
        documented == route.body
            || as_value(&documented).is_some_and(|value| as_value(&route.body) == Some(value))
    });
    (!is_documented).then(|| route.body.clone())
}

fn default_department(observed: &Observed, tag: &str, chosen: &mut Chosen) {
    let of_tag = observed.routing.iter().filter(|rule| rule.value.tag.as_str() == tag);
    for rule in of_tag {
        let title = format!("the trigger `{}` (id {})", rule.value.title, rule.id);
        let department = match &rule.value.department {
            Ref::Foreign(id) => chosen.departments.get(id),
            Ref::Ours(_) | Ref::Nothing => None,
        };
        match department {
            _ if chosen.default_department.is_some() => chosen
                .left
                .push(format!("{title}: another one puts the same conversations into a department already")),
            Some((key, _)) if rule.is_unowned() && rule.value.active => {
                chosen.default_department = Some((key.clone(), rule.id.clone()));
            }
            Some(_) | None => chosen.left.push(format!(
                "{title}: it is switched off, somebody else's, or points to a department that is not taken over"
            )),
        }
    }
}
