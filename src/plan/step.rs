//! Steps: one change of one object, as data.
//!
//! A step names objects by key; whoever applies it knows the ids. It must stay comparable, printable and
//! serializable, and hold no secret.

use serde::Serialize;

use crate::model::{
    Access, Agent, Department, EventRoute, FieldChange, Kind, License, Membership, ObjectKey, OpeningHours,
    Owned, PhoneField, Remote, Resource, RoutingRule, Webhook,
};

/// A change of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<R: Resource> {
    /// Make it.
    Create {
        /// Its key.
        key: R::Key,
        /// What it shall be.
        value: R,
    },
    /// Put our mark on something that nobody owns, and make it as declared.
    Adopt {
        /// The key it gets.
        key: R::Key,
        /// What is there.
        from: Remote<R>,
        /// What it shall be.
        to: R,
        /// What changes besides the mark.
        fields: Vec<FieldChange>,
    },
    /// Change what is ours. Without `fields`, only the mark is written again.
    Update {
        /// Its key.
        key: R::Key,
        /// What is there.
        from: Owned<R>,
        /// What it shall be.
        to: R,
        /// What changes.
        fields: Vec<FieldChange>,
    },
    /// Take our mark off and leave it as it is.
    Release {
        /// What is there.
        from: Owned<R>,
    },
    /// Remove what is ours.
    Delete {
        /// What is there.
        from: Owned<R>,
    },
}

/// What a change does, without its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Action {
    /// Make it.
    Create,
    /// Take it over.
    Adopt,
    /// Change it.
    Update,
    /// Give it up.
    Release,
    /// Remove it.
    Delete,
}

impl<R: Resource> Change<R> {
    /// What it does.
    pub fn action(&self) -> Action {
        match self {
            Change::Create { .. } => Action::Create,
            Change::Adopt { .. } => Action::Adopt,
            Change::Update { .. } => Action::Update,
            Change::Release { .. } => Action::Release,
            Change::Delete { .. } => Action::Delete,
        }
    }

    /// The object it changes.
    pub fn object(&self) -> ObjectKey {
        match self {
            Change::Create { key, .. } | Change::Adopt { key, .. } | Change::Update { key, .. } => {
                ObjectKey::new(R::KIND, key)
            }
            Change::Release { from } | Change::Delete { from } => ObjectKey::new(R::KIND, from.marked_key()),
        }
    }

    /// The value after the change; `None` where it is removed or given up.
    pub fn target(&self) -> Option<&R> {
        match self {
            Change::Create { value, .. } => Some(value),
            Change::Adopt { to, .. } | Change::Update { to, .. } => Some(to),
            Change::Release { .. } | Change::Delete { .. } => None,
        }
    }

    /// What changes, field by field; empty for a create, a release and a removal.
    pub fn fields(&self) -> &[FieldChange] {
        match self {
            Change::Adopt { fields, .. } | Change::Update { fields, .. } => fields,
            Change::Create { .. } | Change::Release { .. } | Change::Delete { .. } => &[],
        }
    }
}

/// A change of an object of some kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Of the license quantity.
    License(Change<License>),
    /// Of the phone field.
    PhoneField(Change<PhoneField>),
    /// Of a department.
    Department(Change<Department>),
    /// Of an agent.
    Agent(Change<Agent>),
    /// Of a membership.
    Membership(Change<Membership>),
    /// Of a webhook.
    Webhook(Change<Webhook>),
    /// Of a route.
    EventRoute(Change<EventRoute>),
    /// Of the routing rule.
    RoutingRule(Change<RoutingRule>),
    /// Of the business hours.
    OpeningHours(Change<OpeningHours>),
}

/// Calls `$body` with `$change` bound to the change inside a step of any kind.
macro_rules! for_any_change {
    ($step:expr, $change:ident => $body:expr) => {
        match $step {
            Step::License($change) => $body,
            Step::PhoneField($change) => $body,
            Step::Department($change) => $body,
            Step::Agent($change) => $body,
            Step::Membership($change) => $body,
            Step::Webhook($change) => $body,
            Step::EventRoute($change) => $body,
            Step::RoutingRule($change) => $body,
            Step::OpeningHours($change) => $body,
        }
    };
}

pub(super) use for_any_change;

macro_rules! step_from_change {
    ($($kind:ident),*) => {
        $(impl From<Change<$kind>> for Step {
            fn from(change: Change<$kind>) -> Self {
                Step::$kind(change)
            }
        })*
    };
}

step_from_change!(
    License,
    PhoneField,
    Department,
    Agent,
    Membership,
    Webhook,
    EventRoute,
    RoutingRule,
    OpeningHours
);

impl Step {
    /// What it does.
    pub fn action(&self) -> Action {
        for_any_change!(self, change => change.action())
    }

    /// The object it changes.
    pub fn object(&self) -> ObjectKey {
        for_any_change!(self, change => change.object())
    }

    /// The kind it changes.
    pub fn kind(&self) -> Kind {
        self.object().kind
    }

    /// What changes, field by field.
    pub fn fields(&self) -> &[FieldChange] {
        for_any_change!(self, change => change.fields())
    }

    /// Whether it takes something away from somebody: access, a department, a webhook, a place in a department.
    pub fn takes_away(&self) -> bool {
        let ends_access = match self {
            Step::Agent(change) => change.target().is_some_and(|agent| agent.access != Access::Active),
            _ => false,
        };
        ends_access || matches!(self.action(), Action::Delete | Action::Release)
    }

    /// The objects that must exist before it can be applied.
    pub fn leans_on(&self) -> Vec<ObjectKey> {
        for_any_change!(self, change => change.target().map(Resource::leans_on).unwrap_or_default())
    }
}
