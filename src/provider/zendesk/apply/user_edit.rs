//! What an update of a user says: only what changes, and what the user must show afterwards.
//!
//! Exists so that an update is the same whether it is sent alone or in a job. It must not send anything.

use serde_json::{Map, Value, json};

use super::Applier;
use crate::model::{Access, Agent, Email, ExternalId, Mark, ObjectKey, Origin, Owner, Profile, Reason};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::budget::Class;
use crate::provider::writing::{WriteError, class_of, edit, gone};
use crate::provider::zendesk::convert;
use crate::provider::zendesk::wire::{Id, User};

/// An update of one user.
pub(super) struct UserEdit {
    /// The user.
    pub(super) id: Id,
    /// How urgent it is.
    pub(super) class: Class,
    /// The fields that change; empty where nothing but the address does.
    pub(super) fields: Map<String, Value>,
    /// The former and the new address, where it changes. No update may carry it: it would add a second one.
    pub(super) address: Option<(Email, Email)>,
    /// What the user shall be; `None` where only the mark is taken away.
    to: Option<Agent>,
}

impl UserEdit {
    /// Whether a job can do all of it.
    pub(super) fn fits_a_job(&self) -> bool {
        !self.fields.is_empty() && self.address.is_none()
    }

    /// The item of a job.
    pub(super) fn item(&self) -> Value {
        let mut item = self.fields.clone();
        item.insert("id".to_owned(), json!(self.id));
        Value::Object(item)
    }

    /// What the user must show afterwards, in the spec's words, and whether it does.
    pub(super) fn holds(&self, user: &User) -> [(&'static str, bool); 4] {
        let held = convert::agent(user);
        let is_sent = |field: &str| self.fields.contains_key(field);
        let mark = match self.fields.get("external_id") {
            None => true,
            Some(Value::String(mark)) => user.external_id.eq_ignore_ascii_case(mark),
            Some(_) => Mark::parse(&user.external_id).is_none(),
        };
        let to = self.to.as_ref();
        let ends = to.is_some_and(|to| to.access == Access::Dismissed);
        [
            ("active", to.is_none_or(|to| held.access == to.access)),
            ("profile", !is_sent("role") || ends || to.is_none_or(|to| held.profile == to.profile)),
            ("displayName", !is_sent("name") || to.is_none_or(|to| held.name == to.name)),
            ("mark", mark),
        ]
    }
}

impl Applier<'_> {
    /// The update that a change of an agent needs; `None` where it needs none of an existing user.
    pub(super) fn user_edit(&self, change: &Change<Agent>) -> Result<Option<UserEdit>, WriteError> {
        let object = change.object();
        let class = class_of(change.action());
        let Some(edit) = edit(change) else {
            return match change {
                // Ours by a claim: what stands in its place is somebody else's, and ending the claim is all there is to do.
                Change::Release { from } if self.is_place_taken(from.id()) => Ok(None),
                Change::Release { from } => release(from.id(), class).map(Some),
                _ => Ok(None),
            };
        };
        let (writes_mark, class) = match change {
            // What is not to be taken over by a mark is ours by a claim, also where no listing shows the user.
            Change::Adopt { from, .. } => (from.owner != Owner::Unknown, class),
            Change::Update { from, .. } => {
                // Ending somebody's access does not wait behind edits.
                let ends = edit.to.access != Access::Active && edit.from.access == Access::Active;
                let stands = from.mark_is_current() && from.marked_key().eq_ignore_ascii_case(&object.name);
                (!stands, if ends { Class::Removal } else { class })
            }
            _ => (false, class),
        };
        let mark = writes_mark.then(|| self.mark_to_write(edit.id, edit.origin, &object)).flatten();
        let mut fields = changed_fields(edit.from, edit.to)?;
        if let Some(mark) = mark {
            fields.insert("external_id".to_owned(), json!(mark));
        }
        // Somebody without access is not edited: see `Agent::differences`.
        let moves = edit.to.access != Access::Dismissed && edit.to.email != edit.from.email;
        Ok(Some(UserEdit {
            id: convert::number(edit.id).ok_or_else(gone)?,
            class,
            fields,
            address: moves.then(|| (edit.from.email.clone(), edit.to.email.clone())),
            to: Some(edit.to.clone()),
        }))
    }

    /// The mark to write: none where it is there already, or where the place is taken by something foreign (such a
    /// user is ours by a claim).
    fn mark_to_write(&self, id: &ExternalId, origin: Origin, object: &ObjectKey) -> Option<String> {
        let mark = self.batch.stamp.mark(object, origin);
        let is_there = self.external_id(id).is_some_and(|text| text.eq_ignore_ascii_case(&mark));
        (!is_there && !self.is_place_taken(id)).then_some(mark)
    }

    /// Whether something foreign stands where the mark would be.
    fn is_place_taken(&self, id: &ExternalId) -> bool {
        self.external_id(id).is_some_and(|text| !text.is_empty() && Mark::parse(&text).is_none())
    }

    fn external_id(&self, id: &ExternalId) -> Option<String> {
        let id = convert::number(id)?;
        self.look(|view| view.users.get(&id).map(|user| user.external_id.clone()))
    }
}

/// Takes the mark away and changes nothing else.
fn release(id: &ExternalId, class: Class) -> Result<UserEdit, WriteError> {
    let fields = Map::from_iter([("external_id".to_owned(), Value::Null)]);
    Ok(UserEdit { id: convert::number(id).ok_or_else(gone)?, class, fields, address: None, to: None })
}

/// What differs, without the address and the mark.
fn changed_fields(from: &Agent, to: &Agent) -> Result<Map<String, Value>, WriteError> {
    let Agent { name, email: _, profile, access, max_conversations: _, default_department: _ } = to;
    let mut fields = Map::new();
    let wanted_role = role_for(profile, *access)?;
    if role_for(&from.profile, from.access).as_ref() != Ok(&wanted_role) {
        fields.insert("role".to_owned(), json!(wanted_role));
    }
    let suspended = *access != Access::Active;
    if suspended != (from.access != Access::Active) {
        fields.insert("suspended".to_owned(), json!(suspended));
    }
    if *access != Access::Dismissed && *name != from.name {
        fields.insert("name".to_owned(), json!(name));
    }
    Ok(fields)
}

/// The role that a profile and an access stand for: whoever is dismissed holds no seat.
pub(super) fn role_for(profile: &Profile, access: Access) -> Result<&'static str, WriteError> {
    if access == Access::Dismissed {
        return Ok("end-user");
    }
    convert::role(profile).ok_or(WriteError::Refused(ProviderError::Rejected {
        reason: Reason::UnsupportedByProvider,
        field: Some("profile".to_owned()),
    }))
}
