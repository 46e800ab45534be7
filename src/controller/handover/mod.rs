//! The handover sheet: the ConfigMap `<name>-handover` with everything people pass on, readable, and the training as a
//! calendar.
//!
//! Everything but `publish` is pure. Must not: hold a secret or an e-mail address, invite anybody, or write a ConfigMap
//! that is not ours.

mod calendar;
mod content_line;
mod events;
mod markdown;
mod people;
pub mod publish;
mod published;
mod sheet;
#[cfg(test)]
mod tests;
mod time_zone;

use jiff::Timestamp;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::due;
use super::round::Planned;
use super::store::StoreResource;
use crate::api::HumanSupportConfigSpec;
use crate::api::config_status::HumanSupportConfigStatus;
use crate::api::policies::Language;
use events::Event;

/// The key of the sheet in the ConfigMap.
pub const SHEET_KEY: &str = "handover.md";
/// The key of the calendar.
pub const CALENDAR_KEY: &str = "training.ics";

/// What a sheet is made from.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The resource.
    pub store: StoreResource<'a>,
    /// What the round came to.
    pub planned: &'a Planned,
    /// What people read of the round.
    pub status: &'a HumanSupportConfigStatus,
    /// This installation's name towards helpdesks.
    pub installation: &'a str,
    /// The time.
    pub now: Timestamp,
}

impl<'a> Subject<'a> {
    fn spec(&self) -> &'a HumanSupportConfigSpec {
        &self.store.config.spec
    }

    fn language(&self) -> Language {
        self.spec().language
    }

    fn today(&self) -> Date {
        due::today(self.spec(), self.now)
    }
}

/// A sheet before it meets what was published before.
pub struct Draft {
    sheet: String,
    events: Vec<Event>,
    zone: jiff::tz::TimeZone,
    calendar_name: String,
}

/// What the ConfigMap holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The sheet, in Markdown.
    pub sheet: String,
    /// The calendar; none where no session has a date.
    pub calendar: Option<String>,
}

/// Writes the sheet.
pub fn draft(subject: &Subject<'_>) -> Draft {
    Draft {
        sheet: sheet::sheet(subject),
        events: events::events(subject),
        zone: due::zone(subject.spec()),
        calendar_name: events::calendar_name(subject),
    }
}

impl Draft {
    /// A digest that changes with the sheet and its sessions, and with nothing else: not with the time.
    pub fn digest(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.sheet.as_bytes());
        for event in &self.events {
            hash.update(event.uid.as_bytes());
            event.lines.iter().for_each(|line| hash.update(line.as_bytes()));
        }
        hash.update(format!("{:?}", self.zone.iana_name()));
        hash.finalize().into()
    }

    /// The content, with the numbers and times that were published before for every session that did not change.
    pub fn content(&self, published_calendar: Option<&str>, now: Timestamp) -> Content {
        let before = published_calendar.map(published::read).unwrap_or_default();
        let calendar = calendar::Calendar { name: &self.calendar_name, zone: &self.zone };
        Content { sheet: self.sheet.clone(), calendar: calendar.render((&self.events, &before), now) }
    }
}
