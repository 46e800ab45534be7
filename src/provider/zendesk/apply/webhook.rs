//! Webhooks with their bearer token.
//!
//! The token travels only when the Secret's version changed, and the version is written into the mark line by the same
//! request: so token and version never disagree, whatever crashes in between.

use serde_json::{Value, json};

use super::{Applier, Echo};
use crate::model::{Mark, ObjectKey, Origin, Reason, SecretVersion, Webhook};
use crate::plan::Change;
use crate::provider::budget::Lane;
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::external;
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire;
use crate::provider::{Batch, ProviderError, Token};

impl Applier<'_> {
    pub(super) async fn webhook(&mut self, change: &Change<Webhook>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => self.create_webhook(value, purpose).await,
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                self.update_webhook((edit.id.as_str(), edit.to, edit.origin), purpose).await
            }
            Change::Release { from } => {
                let row = self.present_webhook(from.id().as_str())?;
                let description = Mark::strip(&row.description).to_owned();
                let body = json!({ "webhook": { "description": description } });
                let row = wire::Webhook { description, ..row };
                self.patch_webhook(row, body, purpose).await
            }
            Change::Delete { from } => {
                let path = format!("/api/v2/webhooks/{}", from.id());
                let call = Call::write(Method::Delete, "webhooks.delete", path).on(Lane::Webhooks);
                self.remove(call, purpose).await?;
                self.record(Written::WebhookGone(from.id().as_str().to_owned()));
                Ok(Some(from.id().clone()))
            }
        }
    }

    async fn create_webhook(&mut self, value: &Webhook, purpose: Purpose<'_>) -> Done {
        let batch = self.batch;
        let Webhook { name, url, active, secret } = value;
        let token = match secret {
            Some(_) => Some(token_for(batch, purpose.object)?),
            None => None,
        };
        let line = self.line(purpose.object, Origin::Created, token.map(Token::version));
        let mut webhook = json!({
            "name": name.as_str(),
            "description": line,
            "status": status(*active),
            "endpoint": url.as_str(),
            "http_method": "POST",
            "request_format": "json",
            "subscriptions": ["conditional_ticket_events"],
        });
        if let Some(token) = token {
            webhook["authentication"] = authentication(token);
        }
        let call = Call::write(Method::Post, "webhooks.create", "/api/v2/webhooks")
            .with(json!({ "webhook": webhook }))
            .on(Lane::Webhooks);
        let echo: Echo<wire::Webhook> = self.send_for(call, purpose, "webhook").await?;
        let row = &echo.object;
        self.record(Written::Webhook(row.clone()));
        echo.verify(&[
            ("displayName", row.name == name.as_str()),
            ("url", row.endpoint == url.as_str()),
            ("active", row.status == status(*active)),
            ("mark", row.description == line),
        ])?;
        Ok(Some(external(&row.id)))
    }

    async fn update_webhook(
        &mut self,
        (id, to, origin): (&str, &Webhook, Origin),
        purpose: Purpose<'_>,
    ) -> Done {
        let batch = self.batch;
        let row = self.present_webhook(id)?;
        let Webhook { name, url, active, secret } = to;
        let held = Mark::parse(&row.description).and_then(|mark| mark.secret);
        let token = match secret {
            Some(wanted) if held.as_ref() != Some(wanted) => Some(token_for(batch, purpose.object)?),
            Some(_) | None => None,
        };
        let version: Option<&SecretVersion> = token.map(Token::version).or(held.as_ref());
        let line = self.line(purpose.object, origin, version);
        let description = self.marked(&row.description, &line);
        let after = wire::Webhook {
            name: name.as_str().to_owned(),
            endpoint: url.as_str().to_owned(),
            status: status(*active).to_owned(),
            description,
            ..row.clone()
        };
        let mut webhook = serde_json::Map::new();
        let fields = [
            ("name", &row.name, &after.name),
            ("endpoint", &row.endpoint, &after.endpoint),
            ("status", &row.status, &after.status),
            ("description", &row.description, &after.description),
        ];
        for (field, before, after) in fields {
            if before != after {
                webhook.insert(field.to_owned(), json!(after));
            }
        }
        if let Some(token) = token {
            webhook.insert("authentication".to_owned(), authentication(token));
        }
        if webhook.is_empty() {
            return Ok(Some(external(id)));
        }
        self.patch_webhook(after, json!({ "webhook": webhook }), purpose).await
    }

    /// Sends a PATCH: a merge, answered by 204 without a body, so what we sent stands for what is there.
    async fn patch_webhook(&mut self, mut after: wire::Webhook, body: Value, purpose: Purpose<'_>) -> Done {
        let path = format!("/api/v2/webhooks/{}", after.id);
        let call = Call::write(Method::Patch, "webhooks.update", path).with(body).on(Lane::Webhooks);
        let reply = self.send(call, purpose).await?;
        if let Some(now) = reply.date().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok()) {
            after.updated_at = now.to_string();
        }
        let id = external(&after.id);
        self.record(Written::Webhook(after));
        Ok(Some(id))
    }

    fn present_webhook(&self, id: &str) -> Result<wire::Webhook, WriteError> {
        let row = self.look(|view| view.webhooks.get(&id.to_owned()).cloned());
        row.ok_or_else(gone)
    }
}

/// The token of a webhook's binding, which the caller must have read.
fn token_for<'b>(batch: &'b Batch<'_>, object: &ObjectKey) -> Result<&'b Token, WriteError> {
    let found = batch.tokens.iter().find(|(key, _)| key.as_str().eq_ignore_ascii_case(&object.name));
    found.map(|(_, token)| token).ok_or(WriteError::Refused(ProviderError::Rejected {
        reason: Reason::SecretInvalid,
        field: Some("tokenSecretRef".to_owned()),
    }))
}

fn status(active: impl Into<bool>) -> &'static str {
    if active.into() { "active" } else { "inactive" }
}

fn authentication(token: &Token) -> Value {
    json!({ "type": "bearer_token", "data": { "token": token.expose() }, "add_position": "header" })
}
