//! An agent's places: the `department_ids` of its agent, so one write for all of them.
//!
//! Whichever step of an agent comes first writes all places that this batch gives and takes; the others find them done.

use std::collections::BTreeSet;

use super::Applier;
use crate::model::{ExternalId, Kind, Membership, MembershipKey, ObjectKey};
use crate::plan::{Change, Step};
use crate::provider::writing::{Done, Purpose, class_of, gone};
use crate::provider::zenvia::wire::Id;

impl Applier<'_> {
    pub(super) async fn membership(&mut self, change: &Change<Membership>) -> Done {
        let object = change.object();
        let (key, is_wanted) = match change {
            Change::Create { value, .. } => (&value.key, true),
            // It carries no mark: it is there, and nothing of it changes.
            Change::Adopt { from, .. } => return Ok(Some(from.id.clone())),
            Change::Update { from, .. } | Change::Release { from } => return Ok(Some(from.id().clone())),
            Change::Delete { from } => (&from.value().key, false),
        };
        let agent = ObjectKey::new(Kind::Agent, &key.agent);
        let department = self.department_id(key).ok_or_else(gone)?;
        let id = self.progress.id(&agent).cloned().ok_or_else(gone)?;
        let place = ExternalId::new(format!("{id}/{department}"));
        let departments = self.departments_of(id.as_str());
        if departments.contains(&department) == is_wanted {
            return Ok(Some(place));
        }
        let value = self.person(&agent).ok_or_else(gone)?;
        let wanted = self.departments_after(&agent.name, id.as_str());
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        self.put_agent((&id, &value), wanted, purpose).await?;
        Ok(Some(place))
    }

    /// The departments an account is in now, ours and others.
    pub(super) fn departments_of(&self, id: &str) -> Vec<Id> {
        let places = self.look(|view| {
            let row = view.agents.get(id)?;
            Some(row.departments.iter().map(|place| place.id.clone()).collect::<BTreeSet<Id>>())
        });
        places.unwrap_or_default().into_iter().collect()
    }

    /// The departments an agent is in once this batch is done, as far as they exist by now.
    pub(super) fn departments_after(&self, agent: &str, id: &str) -> Vec<Id> {
        let mut places: BTreeSet<Id> = self.departments_of(id).into_iter().collect();
        for step in self.batch.steps {
            let Step::Membership(change) = step else { continue };
            match change {
                Change::Create { value, .. } if is_of(&value.key, agent) => {
                    places.extend(self.department_id(&value.key));
                }
                Change::Delete { from } if is_of(&from.value().key, agent) => {
                    if let Some(id) = self.department_id(&from.value().key) {
                        places.remove(&id);
                    }
                }
                _ => {}
            }
        }
        places.into_iter().collect()
    }

    fn department_id(&self, key: &MembershipKey) -> Option<Id> {
        if let Some(id) = MembershipKey::foreign_id(key.department.as_str()) {
            return Some(id.as_str().to_owned());
        }
        let object = ObjectKey::new(Kind::Department, &key.department);
        if self.progress.has_failed(&object) {
            return None;
        }
        self.progress.id(&object).map(|id| id.as_str().to_owned())
    }
}

fn is_of(key: &MembershipKey, agent: &str) -> bool {
    key.agent.as_str().eq_ignore_ascii_case(agent)
}
