//! A time zone as iCalendar carries it: every change of the clock between the first and the last session, spelled out.
//!
//! Why not rules of recurrence: the database tells the changes and not the rule, and a rule that was guessed from them
//! would be wrong where a government decides. Pure.

use jiff::tz::{Dst, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// The lines of the zone; none for UTC, whose times need none.
pub(super) fn lines(zone: &TimeZone, (first, last): (Timestamp, Timestamp)) -> Vec<String> {
    let Some(name) = name(zone) else { return Vec::new() };
    let mut lines = vec!["BEGIN:VTIMEZONE".to_owned(), format!("TZID:{name}")];
    let changes = zone
        .preceding(first)
        .take(1)
        .chain(zone.following(first).take_while(|change| change.timestamp() <= last));
    let mut any = false;
    for change in changes {
        any = true;
        let at = change.timestamp();
        let before = zone.to_offset(at.checked_sub(SignedDuration::from_secs(1)).unwrap_or(at));
        let observance = Observance {
            kind: if change.dst() == Dst::Yes { "DAYLIGHT" } else { "STANDARD" },
            onset: before.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string(),
            offsets: (before, change.offset()),
            abbreviation: change.abbreviation(),
        };
        observance.write(&mut lines);
    }
    if !any {
        let info = zone.to_offset_info(first);
        let observance = Observance {
            kind: "STANDARD",
            onset: "19700101T000000".to_owned(),
            offsets: (info.offset(), info.offset()),
            abbreviation: info.abbreviation(),
        };
        observance.write(&mut lines);
    }
    lines.push("END:VTIMEZONE".to_owned());
    lines
}

/// The name of a zone that needs a definition; none for UTC.
pub(super) fn name(zone: &TimeZone) -> Option<&str> {
    zone.iana_name().filter(|name| !["UTC", "Etc/UTC"].contains(name))
}

/// From when on the clock shows something.
struct Observance<'a> {
    kind: &'a str,
    /// On the clock as it was before.
    onset: String,
    /// Before and after.
    offsets: (Offset, Offset),
    abbreviation: &'a str,
}

impl Observance<'_> {
    fn write(&self, lines: &mut Vec<String>) {
        lines.push(format!("BEGIN:{}", self.kind));
        lines.push(format!("DTSTART:{}", self.onset));
        lines.push(format!("TZOFFSETFROM:{}", offset(self.offsets.0)));
        lines.push(format!("TZOFFSETTO:{}", offset(self.offsets.1)));
        lines.push(format!("TZNAME:{}", self.abbreviation));
        lines.push(format!("END:{}", self.kind));
    }
}

/// `-0300`; seconds only where there are some.
fn offset(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, all) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let text = format!("{sign}{:02}{:02}", all / 3600, all / 60 % 60);
    if all % 60 == 0 { text } else { format!("{text}{:02}", all % 60) }
}
