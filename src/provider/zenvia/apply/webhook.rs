//! Webhook bindings: no object of the vendor, but the address, the token and the state of their subscriptions.
//!
//! A change of a binding is a change of each of its subscriptions that differs. The token travels with the Secret's
//! version in the mark header of the same request, so the two never disagree.

use super::Applier;
use crate::model::{Kind, ObjectKey, Origin, Reason, Webhook, WebhookKey};
use crate::plan::Change;
use crate::provider::Token;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zenvia::convert;
use crate::provider::zenvia::errors::rejected;
use crate::provider::zenvia::wire::Subscription;

impl Applier<'_> {
    pub(super) async fn webhook(&mut self, change: &Change<Webhook>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        let key = object.name.to_lowercase();
        match change {
            Change::Create { value, key: webhook } => {
                // Its subscriptions are made with its routes; without one there is nothing.
                self.bindings.insert(key, value.clone());
                Ok(Some(convert::webhook_id(webhook)))
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                self.bindings.insert(key.clone(), edit.to.clone());
                let mut first = Ok(());
                for (one, route, origin) in self.subscriptions_of(&key) {
                    // One that is refused does not keep the others from being tried.
                    let done = self.bring_in_line((&one, &route, origin), edit.to, purpose).await;
                    first = match (first, done) {
                        (Err(WriteError::Refused(_)), Err(WriteError::Lost)) => Err(WriteError::Lost),
                        (first, done) => first.and(done),
                    };
                }
                first?;
                Ok(Some(convert::webhook_id(&WebhookKey::new(&object.name))))
            }
            // Its routes are given up or taken away one by one, and the binding with the last of them.
            Change::Release { from } | Change::Delete { from } => Ok(Some(from.id().clone())),
        }
    }

    /// The subscriptions of a binding, with the route each one is.
    fn subscriptions_of(&self, key: &str) -> Vec<(Subscription, ObjectKey, Origin)> {
        let routes = super::own(&self.batch.observed.routes).filter_map(|(marked, remote)| {
            let route = remote.owned()?;
            let is_of = remote.value.webhook.key().is_some_and(|own| own.as_str().eq_ignore_ascii_case(key));
            is_of.then(|| (remote.id.clone(), ObjectKey::new(Kind::EventRoute, marked), route.origin()))
        });
        let found = routes.filter_map(|(id, route, origin)| {
            let one = self.look(|view| view.subscriptions.get(id.as_str()).cloned())?;
            Some((one, route, origin))
        });
        found.collect()
    }

    /// The binding of a route, as it is or will be.
    pub(super) fn binding(&self, key: &WebhookKey) -> Option<Webhook> {
        self.bindings.get(&key.as_str().to_lowercase()).cloned()
    }

    /// The token of a binding, which the caller must have read; `None` where the binding has none.
    pub(super) fn token(&self, key: &WebhookKey, binding: &Webhook) -> Result<Option<&Token>, WriteError> {
        if binding.secret.is_none() {
            return Ok(None);
        }
        let mut tokens = self.batch.tokens.iter();
        let found = tokens.find(|(known, _)| known.as_str().eq_ignore_ascii_case(key.as_str()));
        let missing = || WriteError::Refused(rejected(Reason::SecretInvalid, Some("tokenSecretRef")));
        found.map(|(_, token)| Some(token)).ok_or_else(missing)
    }
}
