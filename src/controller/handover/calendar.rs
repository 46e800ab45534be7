//! The calendar: sessions as an iCalendar object (RFC 5545) that a person subscribes to or opens.
//!
//! Two rounds with nothing changed give equal bytes: SEQUENCE and DTSTAMP come from what was published. A session that is
//! taken out of the declaration stays as cancelled until its time has passed, so that it also leaves the calendars of those
//! who have it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::content_line::{escaped, push};
use super::events::{Event, LAST_END, UID_SUFFIX, utc};
use super::published::{self, PublishedEvent};
use super::time_zone;

/// What is the case with the whole calendar.
pub(super) struct Calendar<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// The zone of its times.
    pub(super) zone: &'a TimeZone,
}

impl Calendar<'_> {
    /// The calendar; none where there is nothing in it, because an empty one is not valid.
    pub(super) fn render(
        &self,
        (events, before): (&[Event], &BTreeMap<String, PublishedEvent>),
        now: Timestamp,
    ) -> Option<String> {
        let present: BTreeSet<&str> = events.iter().map(|event| event.uid.as_str()).collect();
        let gone: Vec<(&str, Vec<String>)> = before
            .iter()
            .filter(|(uid, _)| uid.ends_with(UID_SUFFIX) && !present.contains(uid.as_str()))
            .filter_map(|(uid, event)| Some((uid.as_str(), cancelled(event, now)?)))
            .collect();
        if events.is_empty() && gone.is_empty() {
            return None;
        }
        let mut out = String::new();
        for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//human-support-operator//training//EN"] {
            push(&mut out, line);
        }
        for line in ["CALSCALE:GREGORIAN", "METHOD:PUBLISH"] {
            push(&mut out, line);
        }
        push(&mut out, &format!("X-WR-CALNAME:{}", escaped(self.name)));
        let first = events.iter().map(|event| event.first).min();
        let last = events.iter().map(|event| event.last).max();
        if let Some(span) = first.zip(last) {
            time_zone::lines(self.zone, span).iter().for_each(|line| push(&mut out, line));
        }
        for event in events {
            write(&mut out, (&event.uid, &event.lines), (before.get(&event.uid), now));
        }
        for (uid, lines) in &gone {
            write(&mut out, (uid, lines), (before.get(*uid), now));
        }
        push(&mut out, "END:VCALENDAR");
        Some(out)
    }
}

/// An event that did not change keeps its number and its time; one that did gets the next number and the present time.
fn write(
    out: &mut String,
    (uid, lines): (&str, &[String]),
    (before, now): (Option<&PublishedEvent>, Timestamp),
) {
    let (sequence, stamp) = match before {
        Some(before) if before.lines == lines => (before.sequence, before.stamp.clone()),
        Some(before) => (before.sequence.saturating_add(1), utc(now)),
        None => (0, utc(now)),
    };
    push(out, "BEGIN:VEVENT");
    push(out, &format!("UID:{uid}"));
    push(out, &format!("DTSTAMP:{stamp}"));
    push(out, &format!("SEQUENCE:{sequence}"));
    lines.iter().for_each(|line| push(out, line));
    push(out, "END:VEVENT");
}

/// A session that is no longer declared, as cancelled; none when its time has passed.
fn cancelled(event: &PublishedEvent, now: Timestamp) -> Option<Vec<String>> {
    let end = event.value(LAST_END).and_then(published::moment)?;
    if end <= now {
        return None;
    }
    let kept = ["DTSTART", "DURATION", "RRULE", "SUMMARY"];
    let keeps = |line: &&String| {
        kept.iter().any(|name| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ';'])))
    };
    // The time zone of a session that is gone may be gone too, so its start is the moment itself.
    let start = event.value(super::events::FIRST_START).and_then(published::moment)?;
    let mut lines = vec![format!("DTSTART:{}", utc(start))];
    lines.extend(event.lines.iter().filter(keeps).filter(|line| !line.starts_with("DTSTART")).cloned());
    lines.push("STATUS:CANCELLED".to_owned());
    lines.push(format!("{}:{}", super::events::FIRST_START, utc(start)));
    lines.push(format!("{LAST_END}:{}", utc(end)));
    Some(lines)
}
