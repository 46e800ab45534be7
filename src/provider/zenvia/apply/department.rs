//! Departments: made and changed, retired with `ativo: 0`. The vendor has no deletion (`zenvia.md` 3).
//!
//! `agent_ids` and `channels` are never sent with a change: what is left out stays, what is sent may replace.

use serde_json::{Value, json};

use super::{Applier, verify};
use crate::model::{Department, ExternalId, Mark, Origin, Reason};
use crate::plan::Change;
use crate::provider::http::{Method, encode};
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zenvia::client::{Call, Line};
use crate::provider::zenvia::errors::rejected;
use crate::provider::zenvia::view::Written;
use crate::provider::zenvia::wire;

impl Applier<'_> {
    pub(super) async fn department(&mut self, change: &Change<Department>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => {
                let line = self.batch.stamp.line(&object, Origin::Created, None);
                let text = self.batch.stamp.describe(&value.description, &line);
                let mut body = fields(value, &text);
                body["account_id"] = self.account_id();
                let body = json!({ "channels": ["chat"], "department": body });
                let path = self.shared.place.path("departments");
                let call = Call::write((Line::Chat, Method::Post), "departments.create", path, Some(body));
                self.send_department(call, (value, &text), purpose).await
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                let line = self.batch.stamp.line(&object, edit.origin, None);
                let text = self.batch.stamp.describe(&edit.to.description, &line);
                self.put_department(edit.id, (edit.to, &text), purpose).await
            }
            Change::Release { from } => {
                let text = Mark::strip(&from.value().description).to_owned();
                self.put_department(from.id(), (from.value(), &text), purpose).await
            }
            Change::Delete { .. } => Err(WriteError::Refused(rejected(Reason::UnsupportedByProvider, None))),
        }
    }

    async fn put_department(
        &mut self,
        id: &ExternalId,
        (value, text): (&Department, &str),
        purpose: Purpose<'_>,
    ) -> Done {
        let path = self.shared.place.path(&format!("departments/{}", encode(id.as_str())));
        let mut body = fields(value, text);
        body["account_id"] = self.account_id();
        body["ativo"] = json!(u8::from(value.active));
        let body = json!({ "department": body });
        let call = Call::write((Line::Chat, Method::Put), "departments.update", path, Some(body));
        self.send_department(call, (value, text), purpose).await
    }

    async fn send_department(
        &mut self,
        call: Call,
        (value, text): (&Department, &str),
        purpose: Purpose<'_>,
    ) -> Done {
        let echo: wire::Department = self.send_for(call, purpose, "department").await?;
        self.record(Written::Department(echo.clone()));
        verify(&[
            ("displayName", echo.name == value.name.as_str()),
            ("description", echo.description == text),
            ("active", echo.is_active() == value.active),
        ])?;
        Ok(Some(ExternalId::new(echo.id)))
    }
}

fn fields(value: &Department, text: &str) -> Value {
    json!({ "name": value.name.as_str(), "description": text })
}
