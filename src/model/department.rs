//! Departments: where conversations wait and who answers them.

use serde::{Deserialize, Serialize};

use super::{DepartmentKey, FieldChange, Kind, RemoteName, Resource};

/// A department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    /// The name people see.
    pub name: RemoteName,
    /// A description without our mark; empty where not declared.
    pub description: String,
    /// Whether the department takes conversations; always true where the helpdesk has no such switch.
    pub active: bool,
}

impl Resource for Department {
    const KIND: Kind = Kind::Department;
    type Key = DepartmentKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { name, description, active } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "displayName", (&actual.name, name));
        FieldChange::compare(&mut changes, "description", (&actual.description, description));
        FieldChange::compare(&mut changes, "active", (&actual.active, active));
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        self.name.as_str().to_lowercase() == other.name.as_str().to_lowercase()
    }

    fn key_from_mark(marked: &str) -> Option<Self::Key> {
        Some(DepartmentKey::new(marked))
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.name.as_str().to_lowercase())
    }

    fn title(&self) -> &str {
        self.name.as_str()
    }

    fn switched_off(&self) -> Option<Self> {
        Some(Self { active: false, ..self.clone() })
    }
}
