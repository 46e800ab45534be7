//! Drafts: changes on their way into a plan, with why they are there and what may hold them.
//!
//! Exists so that the decision what to change and the decision whether it may be changed stay apart: the set of drafts
//! never depends on an approval, so the digest of a plan is the same before and after it is approved.

use crate::model::{Access, Agent, Kind, ObjectKey, Profile, Reason, Resource};

use super::{Action, Change, Step};

/// Why a change is in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// It makes what is declared.
    Declared,
    /// Its entry is not declared (any more).
    Unlisted,
    /// It ends the access of an agent that is declared without access.
    Ending,
    /// It carries the mark of another object of ours.
    Duplicate,
}

/// Why a change may not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hold {
    pub(super) reason: Reason,
    pub(super) message: String,
}

impl Hold {
    pub(super) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into() }
    }
}

/// A change of one kind before it becomes a draft.
#[derive(Clone, Debug)]
pub(super) struct Proposal<R: Resource> {
    pub(super) change: Change<R>,
    pub(super) cause: Cause,
    pub(super) hold: Option<Hold>,
    pub(super) after: Vec<ObjectKey>,
    /// The object's name after this plan, where the change itself only knows an earlier one.
    pub(super) known_as: Option<ObjectKey>,
}

impl<R: Resource> Proposal<R> {
    pub(super) fn new(change: Change<R>, cause: Cause) -> Self {
        Self { change, cause, hold: None, after: Vec::new(), known_as: None }
    }

    pub(super) fn held(mut self, hold: Option<Hold>) -> Self {
        self.hold = self.hold.or(hold);
        self
    }
}

impl<R: Resource> Proposal<R>
where
    Step: From<Change<R>>,
{
    pub(super) fn into_draft(mut self) -> Draft {
        let object = folded(&self.known_as.unwrap_or_else(|| self.change.object()));
        self.after.sort();
        self.after.dedup();
        Draft { step: self.change.into(), object, cause: self.cause, after: self.after, hold: self.hold }
    }
}

/// A change that will be a step, or held.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) step: Step,
    /// The object, its name in lower case: keys in marks are.
    pub(super) object: ObjectKey,
    pub(super) cause: Cause,
    /// Objects whose changes, where there are any, must come first.
    pub(super) after: Vec<ObjectKey>,
    pub(super) hold: Option<Hold>,
}

impl Draft {
    /// Holds it, unless it is held already: the first reason is the one a person can act on.
    pub(super) fn hold(&mut self, reason: Reason, message: impl Into<String>) {
        if self.hold.is_none() {
            self.hold = Some(Hold::new(reason, message));
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.hold.is_some()
    }

    pub(super) fn action(&self) -> Action {
        self.step.action()
    }

    /// What it does to an agent's access; `None` for other kinds.
    pub(super) fn agent(&self) -> Option<&Change<Agent>> {
        match &self.step {
            Step::Agent(change) => Some(change),
            _ => None,
        }
    }

    /// The access an agent has before; `None` for one that is not there yet, and for other kinds.
    pub(super) fn access_before(&self) -> Option<Access> {
        match self.agent()? {
            Change::Create { .. } => None,
            Change::Adopt { from, .. } => Some(access_of(&from.value)),
            Change::Update { from, .. } | Change::Release { from } | Change::Delete { from } => {
                Some(access_of(from.value()))
            }
        }
    }

    /// Whether an agent's account takes a seat before.
    pub(super) fn holds_seat_before(&self) -> bool {
        match self.agent() {
            Some(Change::Adopt { from, .. }) => holds_seat(&from.value),
            Some(Change::Update { from, .. } | Change::Release { from } | Change::Delete { from }) => {
                holds_seat(from.value())
            }
            Some(Change::Create { .. }) | None => false,
        }
    }

    /// The access an agent has afterwards; `None` for one that is no longer there, and for other kinds.
    pub(super) fn access_after(&self) -> Option<Access> {
        match self.agent()? {
            Change::Release { from } => Some(access_of(from.value())),
            change => change.target().map(|target| target.access),
        }
    }

    /// Whether an agent loses access or account.
    pub(super) fn ends_access(&self) -> bool {
        let before = self.access_before().filter(|access| *access != Access::Dismissed || self.is_delete());
        before.is_some_and(|before| self.access_after() != Some(before))
            && self.access_after() != Some(Access::Active)
    }

    /// Whether an agent gains access to the store: it is made, taken over, or activated again.
    pub(super) fn gives_access(&self) -> bool {
        let is_new = matches!(self.action(), Action::Create | Action::Adopt);
        self.access_after() == Some(Access::Active)
            && self.action() != Action::Release
            && (is_new || self.access_before() != Some(Access::Active))
    }

    pub(super) fn is_delete(&self) -> bool {
        self.action() == Action::Delete
    }

    /// Whether it takes something away: it runs last, backwards, and passes a closed gate.
    pub(super) fn is_removal(&self) -> bool {
        match self.cause {
            Cause::Unlisted | Cause::Ending | Cause::Duplicate => true,
            Cause::Declared => matches!(self.action(), Action::Delete | Action::Release),
        }
    }

    /// Whether others lean on its being done: the object is not there, not ours, not active or not under this key yet.
    pub(super) fn is_needed(&self) -> bool {
        if self.cause != Cause::Declared {
            return false;
        }
        match self.action() {
            Action::Create | Action::Adopt => true,
            Action::Release | Action::Delete => false,
            Action::Update => {
                self.gives_access()
                    || self.former_key().is_some_and(|former| *former != self.object.name)
                    || self.step.fields().iter().any(|field| field.field == "active")
            }
        }
    }

    /// The key in the mark of what it updates.
    pub(super) fn former_key(&self) -> Option<&str> {
        fn key<R: Resource>(change: &Change<R>) -> Option<&str> {
            match change {
                Change::Update { from, .. } => Some(from.marked_key()),
                _ => None,
            }
        }
        super::step::for_any_change!(&self.step, change => key(change))
    }

    pub(super) fn kind(&self) -> Kind {
        self.object.kind
    }
}

/// The access of an agent account. An account that is a customer's again does not get in and holds no seat.
pub(super) fn access_of(agent: &Agent) -> Access {
    if agent.profile == Profile::EndUser { Access::Dismissed } else { agent.access }
}

/// Whether an account takes a seat. Customers and reading-only agents do not.
pub(super) fn holds_seat(agent: &Agent) -> bool {
    agent.profile != Profile::LightAgent && access_of(agent) != Access::Dismissed
}

/// An object's key as marks write it: in lower case.
pub(super) fn folded(object: &ObjectKey) -> ObjectKey {
    ObjectKey { kind: object.kind, name: fold(object.name.clone()) }
}

/// A key's text as marks write it.
pub(super) fn fold(mut text: String) -> String {
    if text.is_ascii() {
        text.make_ascii_lowercase();
        text
    } else {
        text.to_lowercase()
    }
}
