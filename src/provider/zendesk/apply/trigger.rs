//! Routes and routing rules as triggers. Conditions and actions always travel together: Zendesk replaces both.

use serde_json::{Value, json};

use super::{Applier, Echo};
use crate::model::{EventRoute, ExternalId, Kind, Mark, ObjectKey, Origin, Ref, Resource, RoutingRule};
use crate::plan::Change;
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external, trigger};
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::Trigger;

impl Applier<'_> {
    pub(super) async fn route(&mut self, change: &Change<EventRoute>) -> Done {
        let definition = match change.target() {
            Some(route) => Some(self.route_definition(route)?),
            None => None,
        };
        self.trigger(change, definition).await
    }

    pub(super) async fn routing(&mut self, change: &Change<RoutingRule>) -> Done {
        let definition = match change.target() {
            Some(rule) => {
                let group = self.id_behind(Kind::Department, &rule.department)?;
                Some(trigger::write_routing(rule, group.as_deref().unwrap_or_default()))
            }
            None => None,
        };
        self.trigger(change, definition).await
    }

    /// What the trigger of a route holds.
    fn route_definition(&self, route: &EventRoute) -> Result<Value, WriteError> {
        let webhook = self.id_behind(Kind::Webhook, &route.webhook)?;
        let field = self.id_behind(Kind::PhoneField, &route.phone_field)?;
        let definition = webhook.and_then(|webhook| trigger::write_route(route, &webhook, field.as_deref()));
        // Conditions that we can only observe stay as they are: `as_present` sends them again.
        Ok(definition.unwrap_or_else(|| json!({ "title": route.title.as_str(), "active": route.active })))
    }

    fn id_behind<K: std::fmt::Display>(&self, kind: Kind, of: &Ref<K>) -> Result<Option<String>, WriteError> {
        match of {
            Ref::Ours(key) => {
                let id = self.progress.id(&ObjectKey::new(kind, key));
                let id = id.ok_or_else(gone)?;
                Ok(Some(id.as_str().to_owned()))
            }
            Ref::Foreign(id) => Ok(Some(id.as_str().to_owned())),
            Ref::Nothing => Ok(None),
        }
    }

    async fn trigger<R: Resource>(&mut self, change: &Change<R>, definition: Option<Value>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { .. } => {
                let mut body = definition.unwrap_or_default();
                body["description"] = json!(self.line(&object, Origin::Created, None));
                if let Some(category) = self.look(|view| view.category.clone()) {
                    body["category_id"] = json!(category);
                }
                let call = Call::write(Method::Post, "triggers.create", "/api/v2/triggers");
                self.send_trigger(call, body, purpose).await
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                let line = self.line(&object, edit.origin, None);
                let present = self.present_trigger(edit.id)?;
                let mut body = definition.unwrap_or_default();
                body["description"] = json!(self.marked(&present.description, &line));
                self.send_trigger(put(edit.id), as_present(body, &present), purpose).await
            }
            Change::Release { from } => {
                let present = self.present_trigger(from.id())?;
                let body = json!({ "description": Mark::strip(&present.description) });
                self.send_trigger(put(from.id()), as_present(body, &present), purpose).await
            }
            Change::Delete { from } => {
                let path = format!("/api/v2/triggers/{}", from.id());
                self.remove(Call::write(Method::Delete, "triggers.delete", path), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::TriggerGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    fn present_trigger(&self, id: &ExternalId) -> Result<Trigger, WriteError> {
        let id = convert::number(id);
        let row = self.look(|view| view.triggers.get(&id?).cloned());
        row.ok_or_else(gone)
    }

    async fn send_trigger(&mut self, call: Call, body: Value, purpose: Purpose<'_>) -> Done {
        let sent = body.clone();
        let call = call.with(json!({ "trigger": body }));
        let echo: Echo<Trigger> = self.send_for(call, purpose, "trigger").await?;
        let row = &echo.object;
        self.record(Written::Trigger(row.clone()));
        let text = |name: &str| sent.get(name).and_then(Value::as_str);
        echo.verify(&[
            ("title", text("title").is_none_or(|title| title == row.title)),
            ("active", sent.get("active").is_none_or(|active| *active == row.active)),
            ("mark", text("description").is_none_or(|description| description == row.description)),
        ])?;
        Ok(Some(external(row.id)))
    }
}

fn put(id: &ExternalId) -> Call {
    Call::write(Method::Put, "triggers.update", format!("/api/v2/triggers/{id}"))
}

/// Conditions and actions as they are, where the body has none: what an update leaves out may be lost.
fn as_present(mut body: Value, present: &Trigger) -> Value {
    if body.get("conditions").is_none() {
        body["conditions"] = json!(present.conditions);
        body["actions"] = json!(present.actions);
    }
    body
}
