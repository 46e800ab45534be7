//! Licenses: how many people may work at once, as agreed with the partner.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FieldChange, Kind, Resource};

/// Names the one license quantity of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LicenseKey;

impl fmt::Display for LicenseKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("quantity")
    }
}

/// A number of licenses. Written only where the helpdesk lets us (`Capabilities::license`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// The number; `None` in an observed value that cannot be read back and was never applied by us.
    pub quantity: Option<u32>,
}

impl Resource for License {
    const KIND: Kind = Kind::License;
    type Key = LicenseKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { quantity } = self;
        let text =
            |value: &Option<u32>| value.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
        let mut changes = Vec::new();
        if quantity != &actual.quantity {
            changes.push(FieldChange::new("licenses.quantity", text(&actual.quantity), text(quantity)));
        }
        changes
    }

    fn collides_with(&self, _other: &Self) -> bool {
        false
    }

    fn key_from_mark(_marked: &str) -> Option<Self::Key> {
        Some(LicenseKey)
    }
}
