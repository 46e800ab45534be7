//! What the reference helpdesk refuses of people and their places.

use super::apply::{Answer, Written, referred, refused};
use super::desk::{Desk, Entry, holds_seat};
use crate::model::{
    Access, AccessAfterRemoval, Agent, AgentKey, Department, DepartmentKey, ExternalId, Membership,
    MembershipKey, Profile, Reason, Ref, Stamp, Standing,
};
use crate::plan::Change;
use crate::provider::ProviderError;

/// Seconds after which a suspended account may go whatever is assigned.
const SECONDS_UNTIL_DISMISSAL: u64 = 86_400;

impl Written for Agent {
    fn stored(&self, desk: &Desk, stamp: &Stamp) -> Result<Self, ProviderError> {
        let mut stored = self.clone();
        if let Ref::Ours(key) = &self.default_department {
            stored.default_department = match referred::<Department>(desk, stamp, key) {
                Ok(id) => Ref::Foreign(id),
                // Access ends whatever becomes of a department.
                Err(_) if stored.access != Access::Active => Ref::Nothing,
                Err(error) => return Err(error),
            };
        }
        if stored.access == Access::Dismissed {
            stored.default_department = Ref::Nothing;
        }
        Ok(stored)
    }

    fn check(&self, desk: &Desk, own: Option<&ExternalId>) -> Result<(), ProviderError> {
        let is_taken =
            desk.agents.iter().any(|(id, entry)| Some(id) != own && entry.value.email == self.email);
        if is_taken {
            return Err(refused(Reason::EmailTaken, "email"));
        }
        let before = own.and_then(|id| desk.agents.get(id)).map(|entry| &entry.value);
        let takes_seat = holds_seat(self) && !before.is_some_and(holds_seat);
        if takes_seat && desk.seats.is_some_and(|seats| desk.seats_used() >= seats) {
            return Err(refused(Reason::SeatsExhausted, "agents"));
        }
        if let (Some(id), Some(before)) = (own, before) {
            check_change(desk, id, (before, self))?;
        }
        Ok(())
    }

    fn check_removal(desk: &Desk, id: &ExternalId, _stamp: &Stamp) -> Result<(), ProviderError> {
        check_protection(desk, id)?;
        check_administration(desk, id)
    }

    fn settle(desk: &mut Desk, id: &ExternalId) {
        let keeps_places = desk.agents.get(id).is_some_and(|entry| entry.value.access != Access::Dismissed);
        if !keeps_places {
            for place in desk.places_of(id) {
                desk.memberships.remove(&place);
            }
        }
        if desk.agents.contains_key(id) {
            desk.accounts.entry(id.clone()).or_default().seconds_unchanged = 0;
        } else {
            desk.accounts.remove(id);
        }
    }
}

fn check_protection(desk: &Desk, id: &ExternalId) -> Result<(), ProviderError> {
    match desk.accounts.get(id).and_then(|account| account.protection) {
        Some(_) => Err(refused(Reason::PermissionDenied, "agents")),
        None => Ok(()),
    }
}

fn check_administration(desk: &Desk, id: &ExternalId) -> Result<(), ProviderError> {
    let mut administrators = desk.administrators();
    if administrators.next() == Some(id) && administrators.next().is_none() {
        return Err(refused(Reason::LastAdministrator, "profile"));
    }
    Ok(())
}

fn check_change(desk: &Desk, id: &ExternalId, change: (&Agent, &Agent)) -> Result<(), ProviderError> {
    let (before, after) = change;
    let loses_access = before.access == Access::Active && after.access != Access::Active;
    let is_renamed =
        before.name != after.name || before.email != after.email || before.profile != after.profile;
    if loses_access || is_renamed {
        check_protection(desk, id)?;
    }
    if loses_access || before.profile == Profile::Administrator && after.profile != Profile::Administrator {
        check_administration(desk, id)?;
    }
    let is_dismissed = before.access != Access::Dismissed && after.access == Access::Dismissed;
    if is_dismissed && desk.capabilities.access_after_removal == AccessAfterRemoval::SuspendThenDismiss {
        let account = desk.accounts.get(id).cloned().unwrap_or_default();
        let is_idle = account.open_conversations == 0 || account.seconds_unchanged >= SECONDS_UNTIL_DISMISSAL;
        if before.access == Access::Active || !is_idle {
            return Err(refused(Reason::ConversationsAssigned, "active"));
        }
    }
    Ok(())
}

impl Written for Membership {
    fn stored(&self, desk: &Desk, stamp: &Stamp) -> Result<Self, ProviderError> {
        let agent = referred::<Agent>(desk, stamp, &self.key.agent)?;
        let department = referred::<Department>(desk, stamp, &self.key.department)?;
        let key = MembershipKey {
            agent: AgentKey::new(MembershipKey::foreign_end(&agent)),
            department: DepartmentKey::new(MembershipKey::foreign_end(&department)),
        };
        Ok(Self { key, standing: self.standing })
    }
}

impl Desk {
    /// Memberships carry no mark: they are ours when both ends are.
    pub(super) fn write_place(&mut self, stamp: &Stamp, change: &Change<Membership>) -> Answer {
        match change {
            Change::Create { value, .. } => {
                let value = value.stored(self, stamp)?;
                let agent = MembershipKey::foreign_id(value.key.agent.as_str()).unwrap_or_default();
                let gets_in =
                    self.agents.get(&agent).is_some_and(|entry| entry.value.access == Access::Active);
                if !gets_in || self.memberships.values().any(|entry| entry.value.key == value.key) {
                    return Err(refused(Reason::Rejected, "departments"));
                }
                let id = self.new_id();
                self.memberships.insert(id.clone(), Entry { mark: String::new(), value });
                self.settle_default(&agent, &id);
                Ok(id)
            }
            Change::Update { from, to, .. } => self.change_place(stamp, (from.id(), to)),
            Change::Adopt { from, to, .. } => self.change_place(stamp, (&from.id, to)),
            Change::Delete { from } => {
                let Some(entry) = self.memberships.get(from.id()).cloned() else {
                    return Ok(from.id().clone());
                };
                self.must_be_between_ours(stamp, &entry.value)?;
                let agent = MembershipKey::foreign_id(entry.value.key.agent.as_str()).unwrap_or_default();
                let others: Vec<ExternalId> =
                    self.places_of(&agent).into_iter().filter(|place| place != from.id()).collect();
                let is_in_ours = |place: &ExternalId| {
                    self.memberships
                        .get(place)
                        .is_some_and(|entry| self.must_be_between_ours(stamp, &entry.value).is_ok())
                };
                if entry.value.standing == Standing::Default && others.iter().any(is_in_ours) {
                    return Err(refused(Reason::InUse, "departments"));
                }
                self.memberships.remove(from.id());
                if let Some(next) = others.first() {
                    self.settle_default(&agent, next);
                }
                Ok(from.id().clone())
            }
            Change::Release { .. } => Err(refused(Reason::Rejected, "departments")),
        }
    }

    fn change_place(&mut self, stamp: &Stamp, change: (&ExternalId, &Membership)) -> Answer {
        let (id, to) = change;
        let value = to.stored(self, stamp)?;
        let Some(entry) = self.memberships.get_mut(id) else { return Err(ProviderError::Gone) };
        if entry.value.key != value.key {
            return Err(refused(Reason::AdoptionRequired, "departments"));
        }
        let agent = MembershipKey::foreign_id(value.key.agent.as_str()).unwrap_or_default();
        entry.value = value;
        self.settle_default(&agent, id);
        Ok(id.clone())
    }

    fn must_be_between_ours(&self, stamp: &Stamp, value: &Membership) -> Result<(), ProviderError> {
        let agent = MembershipKey::foreign_id(value.key.agent.as_str()).unwrap_or_default();
        let department = MembershipKey::foreign_id(value.key.department.as_str()).unwrap_or_default();
        let is_ours = self.key_of::<Agent>(stamp, &agent).is_some()
            && self.key_of::<Department>(stamp, &department).is_some();
        if is_ours { Ok(()) } else { Err(refused(Reason::AdoptionRequired, "departments")) }
    }

    /// Everybody has exactly one default department as soon as there is one.
    fn settle_default(&mut self, agent: &ExternalId, changed: &ExternalId) {
        let places = self.places_of(agent);
        let becomes_default =
            self.memberships.get(changed).is_some_and(|entry| entry.value.standing == Standing::Default);
        for place in &places {
            if let Some(entry) = self.memberships.get_mut(place) {
                if becomes_default && place != changed {
                    entry.value.standing = Standing::Additional;
                } else if places.len() == 1 {
                    entry.value.standing = Standing::Default;
                }
            }
        }
    }
}
