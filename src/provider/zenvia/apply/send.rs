//! The requests that write a subscription: a POST of the whole, and PATCHes of `webhook` and `status`.
//!
//! `webhook` is always sent whole, because no source says whether a PATCH replaces or merges it; other people's headers
//! are read right before and sent back. DEGRADED is the vendor's own word and is never patched; INACTIVE is revived at
//! most once within the backoff.

use serde_json::{Map, Value, json};

use super::Applier;
use super::route::{Wanted, path};
use crate::clock;
use crate::model::{EventRoute, ObjectKey, Origin, Reason, Resource, SecretVersion, Webhook};
use crate::provider::Token;
use crate::provider::http::Method;
use crate::provider::writing::{Purpose, WriteError};
use crate::provider::zenvia::client::{Call, Line};
use crate::provider::zenvia::errors::rejected;
use crate::provider::zenvia::view::Written;
use crate::provider::zenvia::wire::{Carrier, Id, MARK_HEADER, Status, Subscription};
use crate::provider::zenvia::{SUBSCRIPTIONS, convert};

const AUTHORIZATION: &str = "Authorization";

impl Applier<'_> {
    /// Makes a subscription.
    pub(super) async fn post(
        &self,
        wanted: &Wanted<'_>,
        purpose: Purpose<'_>,
    ) -> Result<Subscription, WriteError> {
        let Wanted { event, route, origin, webhook, binding } = wanted;
        let token = self.token(webhook, binding)?;
        let line = convert::mark_line(self.batch.stamp, (route, *origin), token.map(Token::version));
        let (event_type, criteria) = convert::criteria(*event);
        let mut body = json!({
            "eventType": event_type,
            "webhook": { "url": binding.url.as_str(), "headers": headers(Map::new(), &line, token) },
            "status": status(binding.active),
            "version": "v2",
        });
        if let Some(criteria) = criteria {
            body["criteria"] = criteria;
        }
        let target = (Line::Subscriptions, Method::Post);
        let call = Call::write(target, "subscriptions.create", SUBSCRIPTIONS.to_owned(), Some(body));
        let one: Subscription = self.send_for(call, purpose, "subscription").await?;
        self.written(&one, &line);
        check(&one, binding.url.as_str(), &line)?;
        Ok(one)
    }

    /// Makes a subscription's address, headers and state as its binding says.
    pub(super) async fn bring_in_line(
        &mut self,
        (one, route, origin): (&Subscription, &ObjectKey, Origin),
        binding: &Webhook,
        purpose: Purpose<'_>,
    ) -> Result<(), WriteError> {
        // An earlier step of this batch may have done it.
        let one = self.look(|view| view.subscriptions.get(&one.id).cloned()).unwrap_or_else(|| one.clone());
        let line = convert::mark_line(self.batch.stamp, (route, origin), binding.secret.as_ref());
        let shown = convert::mark_text(&one).map(str::to_owned);
        let held = shown.or_else(|| self.shared.memory.written_mark(&one.id)).unwrap_or_default();
        if one.webhook.url != binding.url.as_str() || !same_line(&held, &line) {
            self.patch_webhook((&one, route, origin), binding, purpose).await?;
        }
        match (binding.active, one.status) {
            (true, Status::Inactive) => self.revive(&one.id, purpose).await,
            (false, Status::Active | Status::Degraded) => {
                self.patch_status(&one.id, false, purpose).await.map(drop)
            }
            (true, Status::Active | Status::Degraded) | (false, Status::Inactive) => Ok(()),
        }
    }

    async fn patch_webhook(
        &self,
        (one, route, origin): (&Subscription, &ObjectKey, Origin),
        binding: &Webhook,
        purpose: Purpose<'_>,
    ) -> Result<(), WriteError> {
        let key = EventRoute::key_from_mark(&route.name).map(|key| key.webhook).unwrap_or_default();
        let token = self.token(&key, binding)?;
        let version: Option<&SecretVersion> = token.map(Token::version);
        let line = convert::mark_line(self.batch.stamp, (route, origin), version);
        let present = self.present_headers(&one.id).await?.unwrap_or_default();
        let url = binding.url.as_str();
        let body = json!({ "webhook": { "url": url, "headers": headers(present, &line, token) } });
        let one = self.patch(&one.id, body, purpose).await?;
        self.written(&one, &line);
        check(&one, url, &line)
    }

    /// Takes our mark off and leaves the rest as it is.
    pub(super) async fn give_up(&self, id: &str, purpose: Purpose<'_>) -> Result<(), WriteError> {
        self.forget(id);
        let id: Id = id.to_owned();
        // Where headers are hidden, ending the claim is all there is to do.
        let Some(mut present) = self.present_headers(&id).await? else { return Ok(()) };
        present.retain(|name, _| !name.eq_ignore_ascii_case(MARK_HEADER));
        let url = self.look(|view| view.subscriptions.get(&id).map(|one| one.webhook.url.clone()));
        let body = json!({ "webhook": { "url": url.unwrap_or_default(), "headers": present } });
        let one = self.patch(&id, body, purpose).await?;
        self.record(Written::Subscription(one));
        Ok(())
    }

    async fn revive(&self, id: &Id, purpose: Purpose<'_>) -> Result<(), WriteError> {
        let refused = || WriteError::Refused(rejected(Reason::WebhookDegraded, Some("active")));
        {
            let now = clock::monotonic();
            let mut facts = self.shared.memory.lock();
            let lately = facts.revived.get(id).is_some_and(|at| now < *at + self.shared.revive_backoff);
            if lately {
                return Err(refused());
            }
            facts.revived.insert(id.clone(), now);
        }
        match self.patch_status(id, true, purpose).await {
            Ok(one) if one.status == Status::Inactive => Err(refused()),
            Ok(_) => Ok(()),
            Err(WriteError::Refused(crate::provider::ProviderError::Rejected { .. })) => Err(refused()),
            Err(error) => Err(error),
        }
    }

    async fn patch_status(
        &self,
        id: &Id,
        active: impl Into<bool>,
        purpose: Purpose<'_>,
    ) -> Result<Subscription, WriteError> {
        let one = self.patch(id, json!({ "status": status(active) }), purpose).await?;
        self.record(Written::Subscription(one.clone()));
        Ok(one)
    }

    async fn patch(&self, id: &Id, body: Value, purpose: Purpose<'_>) -> Result<Subscription, WriteError> {
        let target = (Line::Subscriptions, Method::Patch);
        let call = Call::write(target, "subscriptions.update", path(id), Some(body));
        self.send_for(call, purpose, "subscription").await
    }

    /// The headers as they are now; `None` where the vendor does not show them.
    async fn present_headers(&self, id: &Id) -> Result<Option<Map<String, Value>>, WriteError> {
        let call = Call::get(Line::Subscriptions, "subscriptions.show", path(id));
        let reply = self.shared.client.read(&call).await.map_err(WriteError::Refused)?;
        let mut body: Value = reply.json().map_err(WriteError::Refused)?;
        Ok(match body["webhook"]["headers"].take() {
            Value::Object(headers) => Some(headers),
            _ => None,
        })
    }

    /// Lays a written subscription over the reading, and remembers its mark where the vendor hides it.
    fn written(&self, one: &Subscription, line: &str) {
        if one.webhook.carrier == Carrier::Hidden {
            self.shared.memory.lock().marks.insert(one.id.clone(), line.to_owned());
        }
        self.record(Written::Subscription(one.clone()));
    }
}

/// The headers of a subscription: those that are there, our mark, and the handler's token.
fn headers(present: Map<String, Value>, line: &str, token: Option<&Token>) -> Map<String, Value> {
    let is_ours = |name: &str| {
        name.eq_ignore_ascii_case(MARK_HEADER)
            || (token.is_some() && name.eq_ignore_ascii_case(AUTHORIZATION))
    };
    let mut headers: Map<String, Value> = present.into_iter().filter(|(name, _)| !is_ours(name)).collect();
    headers.insert(MARK_HEADER.to_owned(), json!(line));
    if let Some(token) = token {
        headers.insert(AUTHORIZATION.to_owned(), json!(format!("Bearer {}", token.expose())));
    }
    headers
}

fn same_line(held: &str, wanted: &str) -> bool {
    held.eq_ignore_ascii_case(wanted)
}

/// Checks that an answer echoes what was sent, as far as it shows it.
fn check(one: &Subscription, url: &str, line: &str) -> Result<(), WriteError> {
    let mark_held = match &one.webhook.carrier {
        Carrier::Hidden => true,
        Carrier::Shown(text) => same_line(text, line),
    };
    super::verify(&[("url", one.webhook.url == url), ("mark", mark_held)])
}

fn status(active: impl Into<bool>) -> &'static str {
    if active.into() { "ACTIVE" } else { "INACTIVE" }
}
