//! The sessions as events of a calendar, their numbers and time stamps aside.
//!
//! Pure. Attendees are named by their display names: the calendar is published, nobody is invited by it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::content_line::escaped;
use super::{Subject, time_zone};
use crate::api::training::{TrainingOutcome, TrainingSession};
use crate::controller::texts::{self, Label};
use crate::controller::{due, training};

/// The end of every uid of ours.
pub(super) const UID_SUFFIX: &str = "@humansupport.dev";
/// The property with the start of the first time, in UTC: what a session needs that is no longer declared.
pub(super) const FIRST_START: &str = "X-HUMANSUPPORT-FIRST-START";
/// The property with the end of the last time, in UTC.
pub(super) const LAST_END: &str = "X-HUMANSUPPORT-LAST-END";
/// The most attendees that an event names.
const MOST_NAMES: usize = 10;
/// The most characters of a name in it: 100 sessions must fit into a ConfigMap beside the sheet.
const MOST_CHARACTERS: usize = 40;
/// When people are reminded before a session starts.
const REMINDERS: [&str; 2] = ["-PT24H", "-PT15M"];

/// One session.
pub(super) struct Event {
    /// The same for the session's whole life.
    pub(super) uid: String,
    /// Every line but UID, SEQUENCE and DTSTAMP.
    pub(super) lines: Vec<String>,
    /// The start of its first time.
    pub(super) first: Timestamp,
    /// The end of its last time.
    pub(super) last: Timestamp,
}

/// The sessions that have a date, in the order of their names.
pub(super) fn events(subject: &Subject<'_>) -> Vec<Event> {
    let zone = due::zone(subject.spec());
    let mut events: Vec<Event> =
        training::sessions(subject.spec()).filter_map(|session| event(subject, session, &zone)).collect();
    events.sort_by(|a, b| a.uid.cmp(&b.uid));
    events
}

/// What people see as the calendar's name.
pub(super) fn calendar_name(subject: &Subject<'_>) -> String {
    format!("{} {}", texts::label(subject.language(), Label::Training), subject.spec().store)
}

fn event(subject: &Subject<'_>, session: &TrainingSession, zone: &TimeZone) -> Option<Event> {
    let times = training::occurrences(session, zone);
    let (first, last) = (times.first()?.start, times.last()?.end);
    let store = subject.store;
    let mut lines = vec![
        start(first, zone),
        format!("DURATION:PT{}M", session.minutes),
        format!("SUMMARY:{}", escaped(&summary(subject, session))),
        format!("DESCRIPTION:{}", escaped(&description(subject, session))),
    ];
    if let Some(repeat) = &session.repeat {
        let (every, times) = (repeat.every_weeks, repeat.times);
        lines.push(format!("RRULE:FREQ=WEEKLY;INTERVAL={every};COUNT={times}"));
    }
    if let Some(location) = &session.location {
        lines.push(format!("LOCATION:{}", escaped(location)));
    }
    let is_cancelled = session.outcome == Some(TrainingOutcome::Cancelled);
    lines.push(format!("STATUS:{}", if is_cancelled { "CANCELLED" } else { "CONFIRMED" }));
    lines.push(format!("{FIRST_START}:{}", utc(first)));
    lines.push(format!("{LAST_END}:{}", utc(last)));
    if !is_cancelled {
        REMINDERS.iter().for_each(|trigger| lines.extend(alarm(subject, trigger)));
    }
    let uid = format!("training-{}.{}.{}{UID_SUFFIX}", session.name, store.name(), store.namespace());
    Some(Event { uid, lines, first, last })
}

fn start(first: Timestamp, zone: &TimeZone) -> String {
    match time_zone::name(zone) {
        Some(name) => {
            let local = zone.to_datetime(first).strftime("%Y%m%dT%H%M%S");
            format!("DTSTART;TZID={name}:{local}")
        }
        None => format!("DTSTART:{}", utc(first)),
    }
}

/// A moment in UTC.
pub(super) fn utc(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn summary(subject: &Subject<'_>, session: &TrainingSession) -> String {
    let template = texts::label(subject.language(), Label::TrainingSummary);
    texts::fill(template, &[("entry", &session.name), ("store", &subject.spec().store)])
}

fn description(subject: &Subject<'_>, session: &TrainingSession) -> String {
    let language = subject.language();
    let people = training::attendees(subject.spec(), session, subject.today());
    let mut names: Vec<String> = people
        .iter()
        .take(MOST_NAMES)
        .map(|agent| agent.display_name.chars().take(MOST_CHARACTERS).collect())
        .collect();
    if people.len() > MOST_NAMES {
        let more = (people.len() - MOST_NAMES).to_string();
        names.push(texts::fill(texts::label(language, Label::AttendeesMore), &[("value", &more)]));
    }
    texts::fill(texts::label(language, Label::Attendees), &[("value", &names.join(", "))])
}

fn alarm(subject: &Subject<'_>, trigger: &str) -> [String; 5] {
    let text = escaped(texts::label(subject.language(), Label::Reminder));
    [
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("DESCRIPTION:{text}"),
        format!("TRIGGER:{trigger}"),
        "END:VALARM".to_owned(),
    ]
}
