//! Memberships: which agent answers in which department.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AgentKey, DepartmentKey, ExternalId, FieldChange, Kind, ObjectKey, Resource};

/// Names a membership: an agent of the store in a department of the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MembershipKey {
    /// The agent.
    pub agent: AgentKey,
    /// The department.
    pub department: DepartmentKey,
}

impl MembershipKey {
    /// How an observed membership names an end that is not this store's: by its id, in a form no key of a list has.
    pub fn foreign_end(id: &ExternalId) -> String {
        format!("id:{id}")
    }

    /// The id behind such a name; `None` for a key of the store.
    pub fn foreign_id(end: &str) -> Option<ExternalId> {
        end.strip_prefix("id:").map(ExternalId::new)
    }
}

impl fmt::Display for MembershipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.agent, self.department)
    }
}

/// Whether a department is the one an agent's conversations belong to by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Standing {
    /// The agent's default department.
    Default,
    /// One of several.
    Additional,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Standing::Default => "default",
            Standing::Additional => "additional",
        })
    }
}

/// An agent's place in a department. It carries no mark: it is ours when both ends are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Both ends.
    pub key: MembershipKey,
    /// Whether it is the agent's default department.
    pub standing: Standing,
}

impl Resource for Membership {
    const KIND: Kind = Kind::Membership;
    type Key = MembershipKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { key: _, standing } = self;
        let mut changes = Vec::new();
        // Only becoming the default is written: the helpdesk itself takes the standing from the former one.
        if *standing == Standing::Default {
            FieldChange::compare(&mut changes, "standing", (&actual.standing, standing));
        }
        changes
    }

    fn collides_with(&self, _other: &Self) -> bool {
        false
    }

    fn leans_on(&self) -> Vec<ObjectKey> {
        vec![
            ObjectKey::new(Kind::Agent, &self.key.agent),
            ObjectKey::new(Kind::Department, &self.key.department),
        ]
    }

    fn key_from_mark(marked: &str) -> Option<Self::Key> {
        let (agent, department) = marked.split_once('/')?;
        Some(MembershipKey { agent: AgentKey::new(agent), department: DepartmentKey::new(department) })
    }

    fn relink(&mut self, link: &dyn Fn(Kind, &ExternalId) -> Option<String>) {
        let known = |kind, end: &str| link(kind, &MembershipKey::foreign_id(end)?);
        if let Some(agent) = known(Kind::Agent, self.key.agent.as_str()) {
            self.key.agent = AgentKey::new(agent);
        }
        if let Some(department) = known(Kind::Department, self.key.department.as_str()) {
            self.key.department = DepartmentKey::new(department);
        }
    }

    fn rename_references(&mut self, rename: &dyn Fn(Kind, &str) -> Option<String>) {
        if let Some(agent) = rename(Kind::Agent, self.key.agent.as_str()) {
            self.key.agent = AgentKey::new(agent);
        }
        if let Some(department) = rename(Kind::Department, self.key.department.as_str()) {
            self.key.department = DepartmentKey::new(department);
        }
    }
}
