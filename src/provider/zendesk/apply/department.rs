//! Departments as groups.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::{Applier, Echo};
use crate::model::{Department, ExternalId, Kind, Mark, Origin, Owner};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::list::{List, list};
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{Group, GroupMembership, Id, Role, User};

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
                self.delete_group(from.id(), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::GroupGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    /// Deletes a group. Where the vendor keeps the memberships of whoever was downgraded (`zendesk.md` 3 only infers that
    /// it drops them), it refuses to delete somebody's default group: then our leavers are taken out, and it is asked
    /// once more. A refusal had no effect.
    async fn delete_group(&mut self, id: &ExternalId, purpose: Purpose<'_>) -> Result<(), WriteError> {
        let call = || Call::write(Method::Delete, "groups.delete", format!("/api/v2/groups/{id}"));
        let refused = match self.remove(call(), purpose).await {
            Err(WriteError::Refused(error @ ProviderError::Rejected { .. })) => error,
            other => return other,
        };
        let leavers = self.leavers_in(id).await.map_err(WriteError::Refused)?;
        if leavers.is_empty() {
            return Err(WriteError::Refused(refused));
        }
        for membership in leavers {
            let path = format!("/api/v2/group_memberships/{membership}");
            self.remove(Call::write(Method::Delete, "memberships.delete", path), purpose).await?;
            self.record(Written::MembershipGone(membership));
        }
        self.remove(call(), purpose).await
    }

    /// The memberships in a group of users with this store's mark who are no agents any more.
    async fn leavers_in(&self, group: &ExternalId) -> Result<Vec<Id>, ProviderError> {
        #[derive(Deserialize)]
        struct Users {
            users: Vec<User>,
        }
        let path = format!("/api/v2/groups/{group}/memberships");
        let members = List { path, ..List::of("group_memberships", "memberships.list") };
        let members = list::<GroupMembership>(&self.shared.client, &members).await?;
        let mut leavers = Vec::new();
        for some in members.chunks(100) {
            let ids: Vec<String> = some.iter().map(|member| member.user_id.to_string()).collect();
            let path = format!("/api/v2/users/show_many?ids={}", ids.join(","));
            let Users { users } =
                self.shared.client.read(&Call::get("users.show_many", path)).await?.json()?;
            let is_leaver = |user: &&User| {
                let mark = Mark::parse(&user.external_id);
                let owner = self.batch.stamp.owner_of(mark.as_ref(), Kind::Agent);
                user.role == Role::EndUser && matches!(owner, Owner::Us { .. })
            };
            let gone: BTreeSet<Id> = users.iter().filter(is_leaver).map(|user| user.id).collect();
            leavers
                .extend(some.iter().filter(|member| gone.contains(&member.user_id)).map(|member| member.id));
        }
        Ok(leavers)
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
