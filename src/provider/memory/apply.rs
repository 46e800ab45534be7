//! Writing to the reference helpdesk: one step after the other, each refused or done.

use std::collections::BTreeSet;

use super::desk::{Desk, Entry, Fault, Stocked};
use crate::model::{ExternalId, Kind, ObjectKey, Origin, Owned, Owner, Reason, Resource, Stamp, Support};
use crate::plan::{Action, Change, Step};
use crate::provider::{Batch, Outcome, ProviderError};

/// The answer to one write: the id of the object.
pub(super) type Answer = Result<ExternalId, ProviderError>;

/// A refusal with its reason and the field it is about.
pub(super) fn refused(reason: Reason, field: &str) -> ProviderError {
    ProviderError::Rejected { reason, field: Some(field.to_owned()) }
}

/// What a kind does when it is written, beyond lying on a shelf.
pub(super) trait Written: Stocked {
    /// The value as the helpdesk keeps it: references as ids, which must exist.
    fn stored(&self, desk: &Desk, stamp: &Stamp) -> Result<Self, ProviderError>;

    /// Whether the helpdesk takes this value for the object `own`, or for a new one.
    fn check(&self, _desk: &Desk, _own: Option<&ExternalId>) -> Result<(), ProviderError> {
        Ok(())
    }

    /// Whether the helpdesk lets the object go.
    fn check_removal(_desk: &Desk, _id: &ExternalId, _stamp: &Stamp) -> Result<(), ProviderError> {
        Ok(())
    }

    /// What else changes once the object is written or gone.
    fn settle(_desk: &mut Desk, _id: &ExternalId) {}
}

impl Desk {
    /// Applies steps in order; one outcome for each.
    pub fn apply(&mut self, batch: &Batch<'_>) -> Vec<Outcome> {
        let fault = std::mem::take(&mut self.fault);
        let mut failed: BTreeSet<ObjectKey> = BTreeSet::new();
        let mut outcomes = Vec::new();
        for (index, step) in batch.steps.iter().enumerate() {
            if fault == Fault::StopAfter(index) {
                outcomes.resize(batch.steps.len(), Outcome::Unknown);
                return outcomes;
            }
            let object = step.object();
            let missing = step.leans_on().into_iter().find(|leaned| failed.contains(leaned));
            let outcome = match missing {
                Some(leaned) => Outcome::Skipped(leaned),
                None => match self.apply_one(batch.stamp, step) {
                    Ok(_) if fault == Fault::LoseAnswer(index) => Outcome::Unknown,
                    Ok(id) => Outcome::Applied(Some(id)),
                    Err(error) => Outcome::NotApplied(error),
                },
            };
            if matches!(outcome, Outcome::NotApplied(_) | Outcome::Skipped(_)) {
                failed.insert(object);
            }
            outcomes.push(outcome);
        }
        outcomes
    }

    fn apply_one(&mut self, stamp: &Stamp, step: &Step) -> Answer {
        let kind = step.kind();
        let may = match self.capabilities.of(kind) {
            Support::Managed => true,
            Support::NoRemoval | Support::CreateAndUpdate => step.action() != Action::Delete,
            Support::WriteOnly => matches!(step.action(), Action::Create | Action::Update),
            Support::CompareOnly | Support::BudgetOnly | Support::None => false,
        };
        if !may {
            return Err(refused(Reason::UnsupportedByProvider, "kind"));
        }
        match step {
            Step::License(change) => self.write(stamp, change),
            Step::PhoneField(change) => self.write(stamp, change),
            Step::Department(change) => self.write(stamp, change),
            Step::Agent(change) => self.write(stamp, change),
            Step::Membership(change) => self.write_place(stamp, change),
            Step::Webhook(change) => self.write(stamp, change),
            Step::EventRoute(change) => self.write(stamp, change),
            Step::RoutingRule(change) => self.write(stamp, change),
            Step::OpeningHours(change) => self.write(stamp, change),
        }
    }

    fn write<R: Written>(&mut self, stamp: &Stamp, change: &Change<R>) -> Answer {
        match change {
            Change::Create { key, value } => {
                let object = ObjectKey::new(R::KIND, key);
                let value = value.stored(self, stamp)?;
                value.check(self, None)?;
                let id = self.new_id();
                let mark = stamp.line(&object, Origin::Created, None);
                R::shelf_mut(self).insert(id.clone(), Entry { mark, value });
                R::settle(self, &id);
                Ok(id)
            }
            Change::Adopt { key, from, to, .. } => {
                let object = ObjectKey::new(R::KIND, key);
                let Some(entry) = R::shelf(self).get(&from.id) else { return Err(ProviderError::Gone) };
                match self.owner(stamp, (R::KIND, &from.id), &entry.mark) {
                    Owner::Nobody => {}
                    Owner::Unknown if R::KIND == Kind::Agent => {
                        self.claims.insert(object.clone(), from.id.clone());
                    }
                    _ => return Err(refused(Reason::AdoptionRequired, "owner")),
                }
                self.replace(stamp, (&object, &from.id), (to, Origin::Adopted))
            }
            Change::Update { key, from, to, .. } => {
                let object = ObjectKey::new(R::KIND, key);
                self.must_be_ours(stamp, from)?;
                self.replace(stamp, (&object, from.id()), (to, from.origin()))
            }
            Change::Release { from } => {
                self.must_be_ours(stamp, from)?;
                self.claims.retain(|_, id| id != from.id());
                if let Some(entry) = R::shelf_mut(self).get_mut(from.id()) {
                    entry.mark.clear();
                }
                Ok(from.id().clone())
            }
            Change::Delete { from } => {
                // Gone already is what was wanted.
                if !R::shelf(self).contains_key(from.id()) {
                    return Ok(from.id().clone());
                }
                self.must_be_ours(stamp, from)?;
                R::check_removal(self, from.id(), stamp)?;
                R::shelf_mut(self).remove(from.id());
                self.claims.retain(|_, id| id != from.id());
                R::settle(self, from.id());
                Ok(from.id().clone())
            }
        }
    }

    fn replace<R: Written>(
        &mut self,
        stamp: &Stamp,
        object: (&ObjectKey, &ExternalId),
        value: (&R, Origin),
    ) -> Answer {
        let ((key, id), (to, origin)) = (object, value);
        let value = to.stored(self, stamp)?;
        value.check(self, Some(id))?;
        let claim = self.claims.iter().find(|(_, claimed)| *claimed == id).map(|(known, _)| known.clone());
        if let Some(known) = claim {
            self.claims.remove(&known);
            self.claims.insert(key.clone(), id.clone());
        }
        let is_claimed = self.claims.values().any(|claimed| claimed == id);
        if let Some(entry) = R::shelf_mut(self).get_mut(id) {
            if !is_claimed {
                entry.mark = stamp.line(key, origin, None);
            }
            entry.value = value;
        }
        R::settle(self, id);
        Ok(id.clone())
    }

    /// Nobody changes what is not theirs.
    fn must_be_ours<R: Written>(&self, stamp: &Stamp, from: &Owned<R>) -> Result<(), ProviderError> {
        let Some(entry) = R::shelf(self).get(from.id()) else { return Err(ProviderError::Gone) };
        match self.owner(stamp, (R::KIND, from.id()), &entry.mark) {
            Owner::Us { .. } => Ok(()),
            Owner::Nobody
            | Owner::OtherStore(_)
            | Owner::OtherInstallation(_)
            | Owner::Unknown
            | Owner::NewerVersion => Err(refused(Reason::AdoptionRequired, "owner")),
        }
    }
}

/// The id of an object of the store that a value refers to.
pub(super) fn referred<R: Stocked>(
    desk: &Desk,
    stamp: &Stamp,
    key: &impl std::fmt::Display,
) -> Result<ExternalId, ProviderError> {
    desk.find::<R>(stamp, &key.to_string())
        .ok_or_else(|| refused(Reason::Rejected, <R as Resource>::KIND.mark_word()))
}
