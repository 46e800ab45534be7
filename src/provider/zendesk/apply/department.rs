//! Departments as groups.

use serde_json::json;

use super::{Applier, Done, Echo, class_of, edit};
use crate::model::{Department, Mark, Origin};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::http::Method;
use crate::provider::zendesk::client::{Call, Purpose, WriteError};
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::Group;

impl Applier<'_> {
    pub(super) async fn department(&mut self, change: &Change<Department>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => {
                let line = self.line(&object, Origin::Created, None);
                self.write_group(value, &line, (Method::Post, "/api/v2/groups".to_owned(), purpose)).await
            }
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                let line = self.line(&object, edit.origin, None);
                let path = format!("/api/v2/groups/{}", edit.id);
                self.write_group(edit.to, &line, (Method::Put, path, purpose)).await
            }
            Change::Release { from } => {
                let path = format!("/api/v2/groups/{}", from.id());
                let call = Call::write(Method::Put, "groups.update", path);
                let text = Mark::strip(&from.value().description);
                let body = json!({ "group": { "description": text } });
                let echo: Echo<Group> = self.send_for(call.with(body), purpose, "group").await?;
                self.record(Written::Group(echo.object.clone()));
                echo.verify(&[("mark", Mark::parse(&echo.object.description).is_none())])?;
                Ok(Some(from.id().clone()))
            }
            Change::Delete { from } => {
                let path = format!("/api/v2/groups/{}", from.id());
                self.remove(Call::write(Method::Delete, "groups.delete", path), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::GroupGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    async fn write_group(
        &mut self,
        value: &Department,
        line: &str,
        (method, path, purpose): (Method, String, Purpose<'_>),
    ) -> Done {
        let Department { name, description, active: _ } = value;
        let text = self.batch.stamp.describe(description, line);
        let operation = if method == Method::Post { "groups.create" } else { "groups.update" };
        let body = json!({ "group": { "name": name.as_str(), "description": text } });
        let echo: Echo<Group> =
            self.send_for(Call::write(method, operation, path).with(body), purpose, "group").await?;
        let group = &echo.object;
        self.record(Written::Group(group.clone()));
        echo.verify(&[
            ("displayName", group.name == name.as_str()),
            ("description", group.description == text),
        ])?;
        Ok(Some(external(group.id)))
    }
}

fn gone() -> WriteError {
    WriteError::Refused(ProviderError::Gone)
}
