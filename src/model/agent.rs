//! Agents: the people who answer, with their profile and access.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AgentKey, DepartmentKey, Email, ExternalId, FieldChange, Kind, ObjectKey, Ref, Resource};

/// What an account may do in the helpdesk.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Profile {
    /// Helps customers.
    Agent,
    /// Also sees the administration panel and reports, and manages agents.
    Administrator,
    /// A reading-only agent of the helpdesk; never declared, only observed.
    LightAgent,
    /// A customer's account; never declared, only observed.
    EndUser,
    /// A profile the helpdesk's own people made, by its name; never declared, only observed.
    Custom(String),
    /// The helpdesk does not show it, and we did not write it; never declared, only observed.
    Unknown,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Profile::Agent => f.write_str("Agent"),
            Profile::Administrator => f.write_str("Administrator"),
            Profile::LightAgent => f.write_str("light agent"),
            Profile::EndUser => f.write_str("end user"),
            Profile::Custom(name) => write!(f, "custom profile {name}"),
            Profile::Unknown => f.write_str("unknown"),
        }
    }
}

/// Whether a person gets in, and whether a seat is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Access {
    /// Gets in and holds a seat.
    Active,
    /// Does not get in; the seat is still held (conversations may still be assigned).
    Suspended,
    /// Does not get in and holds no seat; can be activated again.
    Dismissed,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Access::Active => "active",
            Access::Suspended => "suspended",
            Access::Dismissed => "dismissed",
        })
    }
}

/// An agent account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The person's name as customers and colleagues see it.
    pub name: String,
    /// The primary address.
    pub email: Email,
    /// The profile.
    pub profile: Profile,
    /// Whether the person gets in.
    pub access: Access,
    /// How many conversations at once; absent where not declared or where the helpdesk cannot hold it.
    pub max_conversations: Option<u32>,
    /// The department a conversation assigned directly to the person belongs to; `Nothing` where not managed.
    pub default_department: Ref<DepartmentKey>,
}

impl Resource for Agent {
    const KIND: Kind = Kind::Agent;
    type Key = AgentKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { name, email, profile, access, max_conversations, default_department } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "active", (&actual.access, access));
        if *access == Access::Dismissed {
            // Somebody without access is not edited: names and profiles wait until the person is activated again.
            return changes;
        }
        FieldChange::compare(&mut changes, "name", (&actual.name, name));
        FieldChange::compare(&mut changes, "email", (&actual.email, email));
        FieldChange::compare(&mut changes, "profile", (&actual.profile, profile));
        if let Some(limit) = max_conversations
            && actual.max_conversations != Some(*limit)
        {
            let held = actual.max_conversations.map_or_else(|| "none".to_owned(), |held| held.to_string());
            changes.push(FieldChange::new("maxConversations", held, limit));
        }
        if *default_department != Ref::Nothing {
            let departments = (&actual.default_department, default_department);
            FieldChange::compare(&mut changes, "departments[0]", departments);
        }
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        self.email == other.email
    }

    fn leans_on(&self) -> Vec<ObjectKey> {
        if self.access != Access::Active {
            // Access ends whatever becomes of a department.
            return Vec::new();
        }
        self.default_department.key().map(|key| ObjectKey::new(Kind::Department, key)).into_iter().collect()
    }

    fn relink(&mut self, link: &dyn Fn(Kind, &ExternalId) -> Option<String>) {
        self.default_department.relink(Kind::Department, link);
    }

    fn key_from_mark(marked: &str) -> Option<Self::Key> {
        Some(AgentKey::new(marked))
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.email.as_str().to_owned())
    }

    fn rename_references(&mut self, rename: &dyn Fn(Kind, &str) -> Option<String>) {
        self.default_department.rename(Kind::Department, rename);
    }
}
