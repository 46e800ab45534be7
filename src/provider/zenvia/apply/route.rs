//! Routes as subscriptions: made, replaced where their criteria change, brought in line, taken away.
//!
//! The vendor allows two subscriptions of one event type and channel. A refusal is answered by looking again: what is
//! ours by its mark is taken, what is another's is left to the adoption policy.

use super::Applier;
use crate::model::{
    Event, EventRoute, ExternalId, Kind, Mark, ObjectKey, Origin, Owner, Reason, Resource, Trigger, Webhook,
    WebhookKey,
};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::http::{Method, encode};
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zenvia::client::{Call, Line};
use crate::provider::zenvia::errors::rejected;
use crate::provider::zenvia::view::Written;
use crate::provider::zenvia::wire::{Id, Subscription};
use crate::provider::zenvia::{SUBSCRIPTIONS, convert, reading};

/// How many subscriptions of one event type and channel there may be (`zenvia.md` 2).
const SAME_CRITERIA: usize = 2;

/// What a subscription shall be.
pub(super) struct Wanted<'w> {
    pub(super) event: Event,
    pub(super) route: &'w ObjectKey,
    pub(super) origin: Origin,
    pub(super) webhook: WebhookKey,
    pub(super) binding: Webhook,
}

impl Applier<'_> {
    pub(super) async fn route(&mut self, change: &Change<EventRoute>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => {
                let wanted = self.wanted(&object, value, Origin::Created)?;
                let (one, _) = self.subscribe(&wanted, purpose).await?;
                Ok(Some(ExternalId::new(one.id)))
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                let wanted = self.wanted(&object, edit.to, edit.origin)?;
                let id = edit.id.as_str();
                let one = self.look(|view| view.subscriptions.get(id).cloned()).ok_or_else(gone)?;
                if convert::trigger(&one) != edit.to.on {
                    return self.replace(&one, &wanted, purpose).await;
                }
                let binding = Webhook { active: edit.to.active, ..wanted.binding.clone() };
                self.bring_in_line((&one, &object, edit.origin), &binding, purpose).await?;
                Ok(Some(edit.id.clone()))
            }
            Change::Release { from } => {
                self.give_up(from.id().as_str(), purpose).await?;
                Ok(Some(from.id().clone()))
            }
            Change::Delete { from } => {
                if !self.kept.contains(from.id().as_str()) {
                    self.unsubscribe(from.id().as_str(), purpose).await?;
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    fn wanted<'w>(
        &self,
        object: &'w ObjectKey,
        value: &EventRoute,
        origin: Origin,
    ) -> Result<Wanted<'w>, WriteError> {
        let Trigger::On(event) = value.on else {
            return Err(WriteError::Refused(rejected(Reason::UnsupportedByProvider, Some("event"))));
        };
        let webhook = match value.webhook.key() {
            Some(key) => key.clone(),
            None => EventRoute::key_from_mark(&object.name).ok_or_else(gone)?.webhook,
        };
        let binding = self.binding(&webhook).ok_or_else(gone)?;
        Ok(Wanted { event, route: object, origin, webhook, binding })
    }

    /// Makes the subscription. Answers it, and whether it was there already.
    pub(super) async fn subscribe(
        &mut self,
        wanted: &Wanted<'_>,
        purpose: Purpose<'_>,
    ) -> Result<(Subscription, Found), WriteError> {
        match self.post(wanted, purpose).await {
            Ok(one) => Ok((one, Found::New)),
            Err(WriteError::Refused(
                error @ (ProviderError::Conflict | ProviderError::Rejected { reason: Reason::Rejected, .. }),
            )) => match self.look_again(wanted, error).await {
                Ok(one) => {
                    self.record(Written::Subscription(one.clone()));
                    self.bring_in_line((&one, wanted.route, wanted.origin), &wanted.binding, purpose).await?;
                    Ok((one, Found::Existing))
                }
                Err(error) => Err(WriteError::Refused(error)),
            },
            Err(error) => Err(error),
        }
    }

    /// Why a subscription was refused: it is there and ours, another's stands in its place, or there are two already.
    async fn look_again(
        &self,
        wanted: &Wanted<'_>,
        refused: ProviderError,
    ) -> Result<Subscription, ProviderError> {
        let all = reading::subscriptions(&self.shared.client).await?;
        let on = Trigger::On(wanted.event);
        let is_exact = |one: &&Subscription| convert::trigger(one) == on;
        if let Some(one) = all.iter().filter(is_exact).find(|one| self.is_route(one, wanted.route)) {
            return Ok(one.clone());
        }
        if all.iter().filter(is_exact).any(|one| one.webhook.url == wanted.binding.url.as_str()) {
            return Err(ProviderError::Conflict);
        }
        let (event_type, criteria) = convert::criteria(wanted.event);
        let key = convert::limit_key(event_type, criteria.as_ref());
        let same = |one: &&Subscription| convert::limit_key(&one.event_type, one.criteria.as_ref()) == key;
        if all.iter().filter(same).count() >= SAME_CRITERIA {
            return Err(rejected(Reason::WebhookLimitReached, None));
        }
        Err(refused)
    }

    fn is_route(&self, one: &Subscription, route: &ObjectKey) -> bool {
        let mark = convert::mark_text(one).and_then(Mark::parse);
        let owner = self.batch.stamp.owner_of(mark.as_ref(), Kind::EventRoute);
        matches!(owner, Owner::Us { key, .. } if key == route.name.to_lowercase())
    }

    /// Criteria cannot be changed: the new one first, so that nothing is missed, unless the limit forbids it.
    async fn replace(&mut self, old: &Subscription, wanted: &Wanted<'_>, purpose: Purpose<'_>) -> Done {
        match self.subscribe(wanted, purpose).await {
            Ok((new, found)) => {
                self.unsubscribe(&old.id, purpose).await?;
                if found == Found::Existing {
                    self.kept.insert(new.id.clone());
                }
                Ok(Some(ExternalId::new(new.id)))
            }
            Err(WriteError::Refused(ProviderError::Rejected {
                reason: Reason::WebhookLimitReached, ..
            })) => {
                self.unsubscribe(&old.id, purpose).await?;
                let (new, _) = self.subscribe(wanted, purpose).await?;
                Ok(Some(ExternalId::new(new.id)))
            }
            Err(error) => Err(error),
        }
    }

    async fn unsubscribe(&mut self, id: &str, purpose: Purpose<'_>) -> Result<(), WriteError> {
        let path = format!("{SUBSCRIPTIONS}/{}", encode(id));
        let call = Call::write((Line::Subscriptions, Method::Delete), "subscriptions.delete", path, None);
        match self.shared.client.write(call, purpose).await {
            // Gone already is what was wanted.
            Ok(_) | Err(WriteError::Refused(ProviderError::Gone)) => {}
            Err(error) => return Err(error),
        }
        self.forget(id);
        self.record(Written::SubscriptionGone(id.to_owned()));
        Ok(())
    }

    pub(super) fn forget(&self, id: &str) {
        let mut facts = self.shared.memory.lock();
        facts.marks.remove(id);
        facts.revived.remove(id);
    }
}

/// Whether a subscription was made or found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    New,
    Existing,
}

/// The path of one subscription.
pub(super) fn path(id: &Id) -> String {
    format!("{SUBSCRIPTIONS}/{}", encode(id))
}
