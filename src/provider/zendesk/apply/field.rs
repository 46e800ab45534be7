//! The phone field as a ticket field. It is never deleted: that would lose its values on customers' tickets.

use serde_json::json;

use super::{Applier, Echo};
use crate::model::{Mark, Origin, PhoneField};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::TicketField;

impl Applier<'_> {
    pub(super) async fn field(&mut self, change: &Change<PhoneField>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value: PhoneField { title, active }, .. } => {
                let line = self.line(&object, Origin::Created, None);
                let body = json!({ "ticket_field": {
                    "type": "text", "title": title.as_str(), "active": active, "agent_description": line,
                } });
                let call =
                    Call::write(Method::Post, "ticket_fields.create", "/api/v2/ticket_fields").with(body);
                let echo = self.send_field(call, purpose).await?;
                let field = &echo.object;
                echo.verify(&[
                    ("title", field.title == title.as_str()),
                    ("mark", field.agent_description == line),
                ])?;
                Ok(Some(external(field.id)))
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                let PhoneField { title, active } = edit.to;
                let line = self.line(&object, edit.origin, None);
                let id = convert::number(edit.id);
                let present =
                    self.look(|view| view.fields.get(&id?).map(|row| row.agent_description.clone()));
                let text = self.marked(present.as_deref().unwrap_or_default(), &line);
                let body = json!({ "ticket_field": {
                    "title": title.as_str(), "active": active, "agent_description": text,
                } });
                let echo = self.send_field(put(edit.id.as_str()).with(body), purpose).await?;
                let field = &echo.object;
                echo.verify(&[
                    ("title", field.title == title.as_str()),
                    ("active", field.active == *active),
                    ("mark", field.agent_description == text),
                ])?;
                Ok(Some(edit.id.clone()))
            }
            Change::Release { from } => {
                let id = convert::number(from.id());
                let present =
                    self.look(|view| view.fields.get(&id?).map(|row| row.agent_description.clone()));
                let text = Mark::strip(present.as_deref().unwrap_or_default()).to_owned();
                let body = json!({ "ticket_field": { "agent_description": text } });
                let echo = self.send_field(put(from.id().as_str()).with(body), purpose).await?;
                echo.verify(&[("mark", Mark::parse(&echo.object.agent_description).is_none())])?;
                Ok(Some(from.id().clone()))
            }
            Change::Delete { from } => {
                let body = json!({ "ticket_field": { "active": false } });
                match self.send_field(put(from.id().as_str()).with(body), purpose).await {
                    Ok(echo) => echo.verify(&[("active", !echo.object.active)])?,
                    Err(WriteError::Refused(ProviderError::Gone)) => {}
                    Err(error) => return Err(error),
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    async fn send_field(
        &mut self,
        call: Call,
        purpose: Purpose<'_>,
    ) -> Result<Echo<TicketField>, WriteError> {
        let echo: Echo<TicketField> = self.send_for(call, purpose, "ticket_field").await?;
        self.record(Written::Field(echo.object.clone()));
        Ok(echo)
    }
}

fn put(id: &str) -> Call {
    Call::write(Method::Put, "ticket_fields.update", format!("/api/v2/ticket_fields/{id}"))
}
