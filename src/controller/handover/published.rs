//! What was published last: number, time and appearance of every session in the calendar that the ConfigMap holds.
//!
//! Why: SEQUENCE and DTSTAMP must follow from it, or every round would write other bytes. Somebody may have edited the
//! ConfigMap: what cannot be read is as if it had never been published. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::content_line::unfolded;

/// The most sessions that are read: a spec has at most 100, and as many may have been taken out of it.
const MOST_EVENTS: usize = 200;

/// A session as it was published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PublishedEvent {
    /// Its number.
    pub(super) sequence: u32,
    /// Its time stamp, as it was written.
    pub(super) stamp: String,
    /// Every other line between BEGIN and END.
    pub(super) lines: Vec<String>,
}

impl PublishedEvent {
    /// The value of the first line with this name, parameters left out.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| value_of(line, name))
    }
}

/// The sessions of a calendar by their uid.
pub(super) fn read(calendar: &str) -> BTreeMap<String, PublishedEvent> {
    let mut events = BTreeMap::new();
    let mut open: Option<(Option<String>, PublishedEvent)> = None;
    for line in unfolded(calendar) {
        match (line.as_str(), &mut open) {
            ("BEGIN:VEVENT", _) => open = Some((None, PublishedEvent::default())),
            ("END:VEVENT", _) => {
                if let Some((Some(uid), event)) = open.take()
                    && is_stamp(&event.stamp)
                    && events.len() < MOST_EVENTS
                {
                    events.insert(uid, event);
                }
            }
            (_, Some((uid, event))) => {
                if let Some(value) = value_of(&line, "UID") {
                    *uid = Some(value.to_owned());
                } else if let Some(value) = value_of(&line, "SEQUENCE") {
                    event.sequence = value.parse().unwrap_or_default();
                } else if let Some(value) = value_of(&line, "DTSTAMP") {
                    value.clone_into(&mut event.stamp);
                } else {
                    event.lines.push(line);
                }
            }
            (_, None) => {}
        }
    }
    events
}

/// The value of a content line with this name.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let rest = line.strip_prefix(name)?;
    match rest.strip_prefix(':') {
        Some(value) => Some(value),
        None => rest.strip_prefix(';')?.split_once(':').map(|(_, value)| value),
    }
}

fn is_stamp(text: &str) -> bool {
    moment(text).is_some()
}

/// Reads a moment in UTC as iCalendar writes it, `20261201T140000Z`.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let local = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    (text.len() == 16).then(|| jiff::tz::TimeZone::UTC.to_timestamp(local).ok()).flatten()
}
