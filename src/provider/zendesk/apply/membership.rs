//! Memberships, one by one.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Applier, Echo};
use crate::model::{Kind, Membership, ObjectKey, Reason, Standing};
use crate::plan::{Change, Step};
use crate::provider::ProviderError;
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError, class_of, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::table::of_user;
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{GroupMembership, Id};

/// Whether a step makes a membership.
pub(super) fn is_create(step: &&Step) -> bool {
    matches!(step, Step::Membership(Change::Create { .. }))
}

/// A membership to be made.
#[derive(Clone, Copy)]
pub(super) struct Item {
    pub(super) user: Id,
    pub(super) group: Id,
    pub(super) default: bool,
}

impl Item {
    pub(super) fn body(self) -> Value {
        let Self { user, group, default } = self;
        if default {
            json!({ "user_id": user, "group_id": group, "default": true })
        } else {
            json!({ "user_id": user, "group_id": group })
        }
    }
}

impl Applier<'_> {
    pub(super) async fn membership(&mut self, change: &Change<Membership>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => match self.prepare(value)? {
                (item, None) => self.create_membership(item, purpose).await,
                (_, Some(present)) => Ok(Some(external(present.id))),
            },
            Change::Adopt { from, to, .. } => {
                let id = convert::number(&from.id).ok_or_else(gone)?;
                self.take_standing(id, to, purpose).await
            }
            Change::Update { from, to, .. } => {
                let id = convert::number(from.id()).ok_or_else(gone)?;
                self.take_standing(id, to, purpose).await
            }
            // It carries no mark: giving it up changes nothing.
            Change::Release { from } => Ok(Some(from.id().clone())),
            Change::Delete { from } => {
                let path = format!("/api/v2/group_memberships/{}", from.id());
                self.remove(Call::write(Method::Delete, "memberships.delete", path), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::MembershipGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    /// The ids of both ends, and the membership where it is there already: a new agent is put into a group by the
    /// vendor itself.
    pub(super) fn prepare(&self, value: &Membership) -> Result<(Item, Option<GroupMembership>), WriteError> {
        let Membership { key, standing } = value;
        if let Some(waits) = &self.waits_for_job {
            return Err(WriteError::Refused(waits.clone()));
        }
        let user = self.number_of(&ObjectKey::new(Kind::Agent, &key.agent))?;
        let group = self.number_of(&ObjectKey::new(Kind::Department, &key.department))?;
        let item = Item { user, group, default: *standing == Standing::Default };
        let present = self.look(|view| {
            let mut rows = view.memberships.with_word(&of_user(user));
            rows.find(|row| row.group_id == group && (row.default || !item.default)).cloned()
        });
        Ok((item, present))
    }

    pub(super) async fn create_membership(&mut self, item: Item, purpose: Purpose<'_>) -> Done {
        let call = Call::write(Method::Post, "memberships.create", "/api/v2/group_memberships");
        let call = call.with(json!({ "group_membership": item.body() }));
        let echo: Echo<GroupMembership> = self.send_for(call, purpose, "group_membership").await?;
        self.record(Written::Membership(echo.object.clone()));
        Ok(Some(external(echo.object.id)))
    }

    async fn take_standing(&mut self, id: Id, to: &Membership, purpose: Purpose<'_>) -> Done {
        if to.standing != Standing::Default {
            return Ok(Some(external(id)));
        }
        let user = self.number_of(&ObjectKey::new(Kind::Agent, &to.key.agent))?;
        self.make_default(id, user, purpose).await
    }

    /// Makes a membership the user's default; the vendor answers all memberships of the user.
    pub(super) async fn make_default(&mut self, id: Id, user: Id, purpose: Purpose<'_>) -> Done {
        #[derive(Deserialize)]
        struct Answer {
            group_memberships: Vec<GroupMembership>,
        }
        let path = format!("/api/v2/users/{user}/group_memberships/{id}/make_default");
        let call = Call::write(Method::Put, "memberships.make_default", path).with(json!({}));
        let reply = self.send(call, purpose).await?;
        let Answer { group_memberships } = reply.json().map_err(|_| WriteError::Lost)?;
        let held = group_memberships.iter().any(|row| row.id == id && row.default);
        for row in group_memberships {
            self.record(Written::Membership(row));
        }
        if !held {
            return Err(WriteError::Refused(ProviderError::Rejected {
                reason: Reason::FieldIgnored,
                field: Some("standing".to_owned()),
            }));
        }
        Ok(Some(external(id)))
    }
}
