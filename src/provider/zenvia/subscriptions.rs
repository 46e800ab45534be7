//! Subscriptions as the store's routes and webhook bindings.
//!
//! A binding is virtual: it is there as long as one of its subscriptions is, and differs from the declaration as long as
//! one of them does. A subscription that is not ours is looked at only where it delivers a declared event to a declared
//! address (customers would get every reply twice), or where a person named it.

use std::collections::BTreeMap;

use super::assemble::{Sources, is_of_store, is_ours, named, note_fence};
use super::convert;
use super::wire::Subscription;
use crate::model::{
    Claim, EventRoute, ExternalId, Kind, Mark, ObjectKey, Observed, Origin, Owner, Ref, Remote, RemoteName,
    Resource, RouteKey, SecretVersion, Url, Webhook, WebhookKey,
};

/// Adds the routes and the bindings of the store.
pub(super) fn observe(observed: &mut Observed, sources: &Sources<'_>) {
    let Sources { view, scope, .. } = sources;
    let named = named(scope, Kind::EventRoute);
    let mut bindings: BTreeMap<WebhookKey, Binding<'_>> = BTreeMap::new();
    for one in view.subscriptions.values() {
        let text = mark_of(one, sources);
        note_fence(observed, scope, &text);
        let mark = Mark::parse(&text);
        let owner = owner(one, (&text, mark.as_ref()), sources);
        let id = ExternalId::new(&one.id);
        let Owner::Us { key: marked, .. } = &owner else {
            if named.contains(&id) || delivers_what_is_declared(one, sources) || is_of_store(scope, &text) {
                let key =
                    RouteKey { webhook: WebhookKey::default(), event: crate::model::Event::AgentReplied };
                let value = convert::route(one, &key, Ref::Foreign(id.clone()));
                let title = RemoteName::new(&one.event_type);
                observed.routes.push(Remote { id, owner, value: EventRoute { title, ..value } });
            }
            continue;
        };
        let Some(key) = EventRoute::key_from_mark(marked).map(|key| declared_key(key, sources)) else {
            continue;
        };
        let value = convert::route(one, &key, Ref::Ours(key.webhook.clone()));
        let secret = mark.as_ref().and_then(|mark| mark.secret.clone());
        bindings.entry(key.webhook).or_default().parts.push(Part { one, mark, secret });
        observed.routes.push(Remote { id, owner, value });
    }
    let webhooks: Vec<Remote<Webhook>> =
        bindings.into_iter().map(|(key, binding)| binding.webhook(key, sources)).collect();
    observed.webhooks = webhooks;
}

/// The mark of a subscription: what it shows, or what we wrote where the vendor shows no headers.
fn mark_of(one: &Subscription, sources: &Sources<'_>) -> String {
    let shown = convert::mark_text(one).map(str::to_owned);
    shown.or_else(|| sources.memory.written_mark(&one.id)).unwrap_or_default()
}

/// Whose a subscription is: by its mark; where the vendor hides headers, by a recorded claim.
fn owner(one: &Subscription, (text, mark): (&str, Option<&Mark>), sources: &Sources<'_>) -> Owner {
    let stamp = sources.scope.stamp;
    let owner = stamp.owner_by(text, Kind::EventRoute);
    match (owner, mark) {
        (Owner::Us { key, origin, mark_is_current }, Some(mark)) => {
            let bears_fence = convert::webhook_mark(mark).is_some_and(|mark| {
                matches!(stamp.owner_of(Some(&mark), Kind::Webhook), Owner::Us { mark_is_current: true, .. })
            });
            Owner::Us { key, origin, mark_is_current: mark_is_current && bears_fence }
        }
        (Owner::Nobody, _) if convert::mark_text(one).is_none() => {
            claimed(one, sources).unwrap_or(Owner::Nobody)
        }
        (owner, _) => owner,
    }
}

fn claimed(one: &Subscription, sources: &Sources<'_>) -> Option<Owner> {
    let claims = sources.scope.claims.iter().filter(|(object, _)| object.kind == Kind::EventRoute);
    let (object, claim) = claims.into_iter().find(|(object, claim)| match &claim.id {
        Some(id) => id.as_str() == one.id,
        // Its creation was claimed and its id never recorded: it is the one that is exactly what was to be made.
        None => is_declared_as(one, object, sources),
    })?;
    let Claim { id, origin, .. } = claim;
    Some(Owner::Us { key: object.name.to_lowercase(), origin: *origin, mark_is_current: id.is_some() })
}

fn is_declared_as(one: &Subscription, object: &ObjectKey, sources: &Sources<'_>) -> bool {
    let desired = sources.scope.desired;
    desired.routes.iter().any(|(key, route)| {
        let url = desired.webhooks.get(&key.webhook).map(|webhook| webhook.url.as_str());
        ObjectKey::new(Kind::EventRoute, key) == *object
            && route.on == convert::trigger(one)
            && url == Some(one.webhook.url.as_str())
    })
}

fn delivers_what_is_declared(one: &Subscription, sources: &Sources<'_>) -> bool {
    let desired = sources.scope.desired;
    let trigger = convert::trigger(one);
    desired.routes.iter().any(|(key, route)| {
        let url = desired.webhooks.get(&key.webhook).map(|webhook| webhook.url.as_str());
        route.on == trigger && url == Some(one.webhook.url.as_str())
    })
}

fn declared_key(marked: RouteKey, sources: &Sources<'_>) -> RouteKey {
    let webhook = super::assemble::declared(sources.scope.desired.webhooks.keys(), marked.webhook.as_str());
    RouteKey { webhook, ..marked }
}

/// The subscriptions of one binding.
#[derive(Default)]
struct Binding<'a> {
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    one: &'a Subscription,
    mark: Option<Mark>,
    secret: Option<SecretVersion>,
}

impl Binding<'_> {
    fn webhook(self, key: WebhookKey, sources: &Sources<'_>) -> Remote<Webhook> {
        let scope = sources.scope;
        let wanted = scope.desired.webhooks.get(&key);
        let urls = self.parts.iter().map(|part| part.one.webhook.url.as_str());
        let other_url = urls.clone().find(|url| wanted.is_some_and(|wanted| wanted.url.as_str() != *url));
        let url = other_url.or_else(|| urls.clone().next()).unwrap_or_default();
        let secrets = self.parts.iter().map(|part| &part.secret);
        let other_secret =
            secrets.clone().find(|secret| wanted.is_some_and(|wanted| wanted.secret != **secret));
        let secret = other_secret.or_else(|| secrets.clone().next()).cloned().flatten();
        let value = Webhook {
            name: RemoteName::new(key.as_str()),
            url: Url::new(url),
            active: self.parts.iter().any(|part| convert::is_active(part.one)),
            secret,
        };
        Remote { id: convert::webhook_id(&key), owner: self.owner(&key, sources), value }
    }

    /// A binding is ours when its subscriptions are; created when one of them was.
    fn owner(&self, key: &WebhookKey, sources: &Sources<'_>) -> Owner {
        let stamp = sources.scope.stamp;
        let marks = self.parts.iter().filter_map(|part| convert::webhook_mark(part.mark.as_ref()?));
        let owners: Vec<Owner> =
            marks.map(|mark| stamp.owner_of(Some(&mark), Kind::Webhook)).filter(is_ours).collect();
        let is_created = |owner: &Owner| matches!(owner, Owner::Us { origin: Origin::Created, .. });
        let origin = if owners.is_empty() || owners.iter().any(is_created) {
            Origin::Created
        } else {
            Origin::Adopted
        };
        let is_current = |owner: &Owner| matches!(owner, Owner::Us { mark_is_current: true, .. });
        let key = key.as_str().to_lowercase();
        Owner::Us { key, origin, mark_is_current: owners.iter().all(is_current) }
    }
}
