//! The conversation field that carries the store's WhatsApp number to the handler.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FieldChange, Kind, RemoteName, Resource};

/// Names the one phone field of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PhoneFieldKey;

impl fmt::Display for PhoneFieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whatsapp-number")
    }
}

impl From<String> for PhoneFieldKey {
    fn from(_: String) -> Self {
        Self
    }
}

/// A custom field of conversations. Its id is handed to whoever runs the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneField {
    /// The title people see.
    pub title: RemoteName,
    /// Whether conversations show it.
    pub active: bool,
}

impl Resource for PhoneField {
    const KIND: Kind = Kind::PhoneField;
    type Key = PhoneFieldKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { title, active } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "title", (&actual.title, title));
        FieldChange::compare(&mut changes, "active", (&actual.active, active));
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        self.title.as_str().to_lowercase() == other.title.as_str().to_lowercase()
    }

    fn keep_appearance_of(&mut self, actual: &Self) {
        self.title = actual.title.clone();
    }

    fn key_from_mark(_marked: &str) -> Option<Self::Key> {
        Some(PhoneFieldKey)
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.title.as_str().to_lowercase())
    }

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn switched_off(&self) -> Option<Self> {
        Some(Self { active: false, ..self.clone() })
    }
}
