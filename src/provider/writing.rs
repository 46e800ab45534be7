//! What the vendors' writers have in common: how a write can end, what a batch knows of its objects, what is logged.
//!
//! Exists so that a lost answer, a step that leans on a failed one, and the line in the log mean the same everywhere. It
//! must not send anything.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::budget::Class;
use super::http::SendError;
use super::{Outcome, ProviderError};
use crate::model::{ExternalId, ObjectKey, Observed, Origin, Owner, Remote, Resource};
use crate::plan::{Action, Change, Step};

/// For whom a write is made, for the log and the queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purpose<'a> {
    pub(super) object: &'a ObjectKey,
    pub(super) class: Class,
}

/// Why a write has no good answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WriteError {
    /// Surely not carried out.
    Refused(ProviderError),
    /// The answer was lost or cannot be used: it may or may not have been carried out.
    Lost,
}

impl From<SendError> for WriteError {
    fn from(error: SendError) -> Self {
        match error.may_have_had_effect() {
            true => Self::Lost,
            false => Self::Refused(error.into_provider_error()),
        }
    }
}

/// The result of one step: the object's id where it has one.
pub(super) type Done = Result<Option<ExternalId>, WriteError>;

/// The object that a step is about is not there.
pub(super) fn gone() -> WriteError {
    WriteError::Refused(ProviderError::Gone)
}

/// How urgent a change is.
pub(super) fn class_of(action: Action) -> Class {
    match action {
        Action::Delete | Action::Release => Class::Removal,
        Action::Adopt | Action::Update => Class::Edit,
        Action::Create => Class::Creation,
    }
}

/// Logs what became of a write: one line for each (`conventions.md`, Metrics).
pub(super) fn log_write<T>(
    (provider, operation): (&'static str, &'static str),
    object: &ObjectKey,
    result: &Result<T, WriteError>,
) {
    let outcome = match result {
        Ok(_) => "applied",
        Err(WriteError::Refused(_)) => "not applied",
        Err(WriteError::Lost) => "unknown",
    };
    tracing::info!(provider, operation, kind = %object.kind, object = %object.name, outcome, "external write");
}

/// What is known of a batch's objects while it is applied. Keys are compared in lower case, as marks are.
pub(super) struct Progress {
    ids: BTreeMap<ObjectKey, ExternalId>,
    failed: BTreeSet<ObjectKey>,
}

impl Progress {
    /// The store's objects that others may lean on, as they were observed. Of several with one mark it is the oldest: the
    /// plan keeps that one.
    pub(super) fn new(observed: &Observed) -> Self {
        let Observed { phone_fields, departments, agents, webhooks, .. } = observed;
        let mut progress = Self { ids: BTreeMap::new(), failed: BTreeSet::new() };
        progress.know(phone_fields);
        progress.know(departments);
        progress.know(agents);
        progress.know(webhooks);
        progress
    }

    fn know<R: Resource>(&mut self, remotes: &[Remote<R>]) {
        for remote in remotes {
            let Owner::Us { key, .. } = &remote.owner else { continue };
            let known = self.ids.entry(folded(&ObjectKey::new(R::KIND, key)));
            let known = known.or_insert_with(|| remote.id.clone());
            if remote.id.by_age(known) == Ordering::Less {
                known.clone_from(&remote.id);
            }
        }
    }

    /// The id of an object of the store.
    pub(super) fn id(&self, object: &ObjectKey) -> Option<&ExternalId> {
        self.ids.get(&folded(object))
    }

    /// Whether a step of this batch was not applied to the object.
    pub(super) fn has_failed(&self, object: &ObjectKey) -> bool {
        self.failed.contains(&folded(object))
    }

    /// Whoever leans on the object is skipped from now on.
    pub(super) fn fail(&mut self, object: &ObjectKey) {
        self.failed.insert(folded(object));
    }

    /// The first object that the step leans on and that is not there.
    pub(super) fn missing(&self, step: &Step) -> Option<ObjectKey> {
        step.leans_on().into_iter().find(|object| self.has_failed(object) || self.id(object).is_none())
    }

    /// Turns a result into an outcome, and remembers what later steps need to know.
    pub(super) fn conclude(&mut self, object: &ObjectKey, done: Done) -> Outcome {
        match done {
            Ok(id) => {
                if let Some(id) = &id {
                    self.ids.insert(folded(object), id.clone());
                }
                Outcome::Applied(id)
            }
            Err(error) => {
                self.fail(object);
                match error {
                    WriteError::Refused(error) => Outcome::NotApplied(error),
                    WriteError::Lost => Outcome::Unknown,
                }
            }
        }
    }
}

fn folded(object: &ObjectKey) -> ObjectKey {
    ObjectKey { kind: object.kind, name: object.name.to_lowercase() }
}

/// The parts of a change that writers of existing objects need alike.
pub(super) struct Edit<'c, R: Resource> {
    /// The object's id.
    pub(super) id: &'c ExternalId,
    /// What is there.
    pub(super) from: &'c R,
    /// What it shall be.
    pub(super) to: &'c R,
    /// How it is ours (or becomes ours).
    pub(super) origin: Origin,
}

/// A change as an edit of an existing object; `None` for the others.
pub(super) fn edit<R: Resource>(change: &Change<R>) -> Option<Edit<'_, R>> {
    match change {
        Change::Adopt { from, to, .. } => {
            Some(Edit { id: &from.id, from: &from.value, to, origin: Origin::Adopted })
        }
        Change::Update { from, to, .. } => {
            Some(Edit { id: from.id(), from: from.value(), to, origin: from.origin() })
        }
        Change::Create { .. } | Change::Release { .. } | Change::Delete { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Department, Kind, RemoteName};

    fn department(id: &str, key: &str) -> Remote<Department> {
        let value = Department { name: RemoteName::new("Vendas"), description: String::new(), active: true };
        let owner = Owner::Us { key: key.to_owned(), origin: Origin::Created, mark_is_current: true };
        Remote { id: ExternalId::new(id), owner, value }
    }

    #[test]
    fn of_two_objects_with_one_mark_others_lean_on_the_one_that_the_plan_keeps() {
        for ids in [["9", "10"], ["10", "9"]] {
            let departments = ids.map(|id| department(id, "Sales")).to_vec();
            let progress = Progress::new(&Observed { departments, ..Observed::default() });
            let known = progress.id(&ObjectKey::new(Kind::Department, "sales"));
            assert_eq!(known, Some(&ExternalId::new("9")), "{ids:?}");
        }
    }
}
