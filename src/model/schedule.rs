//! Business hours: when people answer.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{FieldChange, Kind, RemoteName, Resource};

/// Names the one set of business hours of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OpeningHoursKey;

impl fmt::Display for OpeningHoursKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("hours")
    }
}

/// A span of the week in minutes since Sunday 00:00 local time; the end is exclusive and at most 10,080.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval {
    /// First minute.
    pub start: u16,
    /// First minute that is no longer part of it.
    pub end: u16,
}

/// A closed span of whole days, both ends included, as ISO dates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SpecialDay {
    /// What people see.
    pub name: String,
    /// First closed day.
    pub from: String,
    /// Last closed day.
    pub to: String,
}

/// Business hours of a store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningHours {
    /// The name people see.
    pub name: RemoteName,
    /// IANA time zone.
    pub time_zone: String,
    /// Sorted, not overlapping.
    pub intervals: Vec<Interval>,
    /// Sorted by first day, last day and name.
    pub closed: Vec<SpecialDay>,
    /// The names of exceptions that close only some hours of a day; sorted. Empty where a helpdesk cannot hold them.
    pub closed_in_part: Vec<String>,
}

impl Resource for OpeningHours {
    const KIND: Kind = Kind::OpeningHours;
    type Key = OpeningHoursKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { name, time_zone, intervals, closed, closed_in_part } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "name", (&actual.name, name));
        FieldChange::compare(&mut changes, "businessHours.timeZone", (&actual.time_zone, time_zone));
        if actual.intervals != *intervals {
            changes.push(FieldChange::new("businessHours.windows", "other windows", "the declared windows"));
        }
        if actual.closed != *closed || actual.closed_in_part != *closed_in_part {
            changes.push(FieldChange::new("businessHours.exceptions", "other days", "the declared days"));
        }
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        self.name == other.name
    }

    fn keep_appearance_of(&mut self, actual: &Self) {
        self.name = actual.name.clone();
    }

    fn key_from_mark(_marked: &str) -> Option<Self::Key> {
        Some(OpeningHoursKey)
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.name.as_str().to_owned())
    }

    fn title(&self) -> &str {
        self.name.as_str()
    }
}
