//! The only place where Zendesk's words meet the model's: group is department, user is agent, trigger is route or
//! routing rule, ticket field is phone field, schedule is opening hours.
//!
//! Marks are read from their carriers here, null and empty texts are one. It must not send anything and not decide.

pub(super) mod body;
pub(super) mod schedule;
pub(super) mod trigger;
pub(super) mod zones;

use std::cmp::Ordering;
use std::fmt::Display;

use super::table::{Row, Table, of_user};
use super::view::AccountView;
use super::wire::{Group, Id, Role, TicketField, User, Webhook};
use crate::model::{
    Access, Agent, Department, DepartmentKey, Email, ExternalId, Kind, Mark, Origin, Owner, PhoneField,
    PhoneFieldKey, Profile, Ref, RemoteName, Stamp, Url, WebhookKey,
};
use crate::provider::Scope;

/// A Zendesk id as the model's.
pub(super) fn external(id: impl ToString) -> ExternalId {
    ExternalId::new(id.to_string())
}

/// A model's id as one of Zendesk's numbers.
pub(super) fn number(id: &ExternalId) -> Option<Id> {
    id.as_str().parse().ok()
}

/// Whose an object is by the text that may hold its mark.
pub(super) fn owner(stamp: &Stamp, carrier: &str, kind: Kind) -> Owner {
    stamp.owner_by(carrier, kind)
}

/// A user as an agent.
pub(super) fn agent(user: &User) -> Agent {
    let profile = match (user.role, user.role_type) {
        (Role::EndUser, _) => Profile::EndUser,
        (Role::Admin, _) => Profile::Administrator,
        (Role::Agent, Some(1)) => Profile::LightAgent,
        (Role::Agent, Some(3)) => Profile::Custom("contributor".to_owned()),
        // On Enterprise every agent has a custom role: which one is not ours to compare (`zendesk.md` 3).
        (Role::Agent, _) => Profile::Agent,
    };
    let access = match (user.role, user.suspended) {
        (_, false) => Access::Active,
        (Role::EndUser, true) => Access::Dismissed,
        (Role::Agent | Role::Admin, true) => Access::Suspended,
    };
    Agent {
        name: user.name.clone(),
        email: Email::new(&user.email),
        profile,
        access,
        max_conversations: None,
        // Zendesk keeps the default department with the membership; see `Zendesk::normalize`.
        default_department: Ref::Nothing,
    }
}

/// The role that a declared profile stands for; `None` for profiles that are only observed.
pub(super) fn role(profile: &Profile) -> Option<&'static str> {
    match profile {
        Profile::Agent => Some("agent"),
        Profile::Administrator => Some("admin"),
        Profile::EndUser => Some("end-user"),
        Profile::LightAgent | Profile::Custom(_) | Profile::Unknown => None,
    }
}

/// A group as a department.
pub(super) fn department(group: &Group) -> Department {
    Department {
        name: RemoteName::new(&group.name),
        description: Mark::strip(&group.description).to_owned(),
        active: true,
    }
}

/// A webhook. Its token never comes back: the Secret's version beside the mark stands for it.
pub(super) fn webhook(row: &Webhook) -> crate::model::Webhook {
    crate::model::Webhook {
        name: RemoteName::new(&row.name),
        url: Url::new(&row.endpoint),
        active: row.status == "active",
        secret: Mark::parse(&row.description).and_then(|mark| mark.secret),
    }
}

/// A ticket field.
pub(super) fn phone_field(row: &TicketField) -> PhoneField {
    PhoneField { title: RemoteName::new(&row.title), active: row.active }
}

/// Knows which ids are the store's own objects.
#[derive(Clone, Copy)]
pub(super) struct Links<'a> {
    pub(super) view: &'a AccountView,
    pub(super) scope: &'a Scope<'a>,
}

impl Links<'_> {
    /// Whose a user is: by the mark in `external_id`, or by a claim where that holds something foreign.
    pub(super) fn user_owner(&self, user: &User) -> Owner {
        match owner(self.scope.stamp, &user.external_id, Kind::Agent) {
            Owner::Nobody if !user.external_id.is_empty() => self.claimed(user).unwrap_or(Owner::Unknown),
            owner => owner,
        }
    }

    /// A claim alone proves nothing: whoever may write the status can name anybody in it. It counts where the helpdesk
    /// or the declaration bears it out: the user answers in a department with this store's mark, which is where an
    /// adoption puts people, or `adopt` names the id. Only adopted users are claimed: what we create has a mark.
    fn claimed(&self, user: &User) -> Option<Owner> {
        let id = external(user.id);
        let mut agents = self.scope.claims.iter().filter(|(object, _)| object.kind == Kind::Agent);
        let (object, _) = agents.find(|(_, claim)| claim.id.as_ref() == Some(&id))?;
        let is_named = self.scope.named.get(object) == Some(&id);
        let key = object.name.to_lowercase();
        (is_named || self.answers_here(user.id)).then_some(Owner::Us {
            key,
            origin: Origin::Adopted,
            mark_is_current: true,
        })
    }

    /// Whether a user is in a department with this store's mark.
    fn answers_here(&self, user: Id) -> bool {
        let mut places = self.view.memberships.with_word(&of_user(user));
        places.any(|place| self.own_key(&self.view.groups, &place.group_id, Kind::Department).is_some())
    }

    /// The webhook behind an id.
    pub(super) fn webhook(&self, id: &str) -> Ref<WebhookKey> {
        match self.own_key(&self.view.webhooks, &id.to_owned(), Kind::Webhook) {
            Some(key) => Ref::Ours(declared(self.scope.desired.webhooks.keys(), key)),
            None => Ref::Foreign(external(id)),
        }
    }

    /// The department behind an id.
    pub(super) fn department(&self, id: &str) -> Ref<DepartmentKey> {
        let key = id.parse().ok().and_then(|id: Id| self.own_key(&self.view.groups, &id, Kind::Department));
        match key {
            Some(key) => Ref::Ours(declared(self.scope.desired.departments.keys(), key)),
            None => Ref::Foreign(external(id)),
        }
    }

    /// The field behind an id.
    pub(super) fn field(&self, id: Id) -> Ref<PhoneFieldKey> {
        match self.own_key(&self.view.fields, &id, Kind::PhoneField) {
            Some(_) => Ref::Ours(PhoneFieldKey),
            None => Ref::Foreign(external(id)),
        }
    }

    /// The key of an object of the store, for the oldest with its mark only: what points to a younger one points to what
    /// will be reduced, and must be led to the one that stays.
    fn own_key<R: Row>(&self, table: &Table<R>, id: &R::Id, kind: Kind) -> Option<String>
    where
        R::Id: Display,
    {
        let key = self.marked_key(table.get(id)?.carrier(), kind)?;
        let own = external(id);
        let is_older = |other: &R| external(other.id()).by_age(&own) == Ordering::Less;
        let mut older = table.of_store(&self.scope.stamp.store).filter(|other| is_older(other));
        match older.any(|other| self.marked_key(other.carrier(), kind).as_ref() == Some(&key)) {
            true => None,
            false => Some(key),
        }
    }

    fn marked_key(&self, carrier: &str, kind: Kind) -> Option<String> {
        match owner(self.scope.stamp, carrier, kind) {
            Owner::Us { key, .. } => Some(key),
            Owner::Nobody
            | Owner::OtherStore(_)
            | Owner::OtherInstallation(_)
            | Owner::Unknown
            | Owner::NewerVersion => None,
        }
    }
}

/// A marked key (lower case) as it is declared, where it is.
pub(super) fn declared<'a, K>(keys: impl Iterator<Item = &'a K>, marked: String) -> K
where
    K: Clone + std::fmt::Display + From<String> + 'a,
{
    let mut keys = keys;
    keys.find(|key| key.to_string().eq_ignore_ascii_case(&marked)).cloned().unwrap_or_else(|| K::from(marked))
}

#[cfg(test)]
mod tests;
