//! The closed list of kinds of helpdesk objects, and the key that names one object of any kind.
//!
//! Exists for everything that treats kinds alike: order, holds, problems, plan lines, marks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of object that we keep in a helpdesk. The order is the order of creation; removal runs backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// The number of licenses of an account.
    License,
    /// The conversation field that carries the store's WhatsApp number.
    PhoneField,
    /// A department.
    Department,
    /// An agent account.
    Agent,
    /// An agent's place in a department.
    Membership,
    /// The endpoint that receives conversation events.
    Webhook,
    /// What sends one kind of event to a webhook.
    EventRoute,
    /// What puts a new conversation into the default department.
    RoutingRule,
    /// Business hours.
    OpeningHours,
}

impl Kind {
    /// All kinds in the order of creation.
    pub const ALL: [Kind; 9] = [
        Kind::License,
        Kind::PhoneField,
        Kind::Department,
        Kind::Agent,
        Kind::Membership,
        Kind::Webhook,
        Kind::EventRoute,
        Kind::RoutingRule,
        Kind::OpeningHours,
    ];

    /// The lower-case word of the kind inside a mark (`api.md`, Marks); frozen with the first release.
    pub fn mark_word(self) -> &'static str {
        match self {
            Kind::License => "license",
            Kind::PhoneField => "field",
            Kind::Department => "department",
            Kind::Agent => "agent",
            Kind::Membership => "membership",
            Kind::Webhook => "webhook",
            Kind::EventRoute => "route",
            Kind::RoutingRule => "routing",
            Kind::OpeningHours => "hours",
        }
    }

    /// The kind a mark's word names.
    pub fn from_mark_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.mark_word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Names one object of any kind: its kind and the text of its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// The kind.
    pub kind: Kind,
    /// The key as text; see the `Display` of the kind's key.
    pub name: String,
}

impl ObjectKey {
    /// Names the object `name` of `kind`.
    pub fn new(kind: Kind, name: impl fmt::Display) -> Self {
        Self { kind, name: name.to_string() }
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}
