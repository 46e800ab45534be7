//! Business hours as helpdesks hold them: spans of one week, and whole days on which nobody answers.
//!
//! Helpdesks know no yearly recurrence: exceptions that come back are written out for this calendar year and the next
//! two, so that the list changes once a year and not every day. Must not know a vendor's format.

use jiff::civil::Date;

use super::{Calendar, Closure, DAY, last_day_before, midnight, minute_of, week_of};
use crate::api::hours::BusinessHours;
use crate::model::{Interval, SpecialDay};

/// How many years after this one are written out (`zendesk.md` 7a).
const YEARS_AHEAD: i16 = 2;

/// The exceptions of a declaration as whole days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedDays {
    /// Days on which nobody answers at all; sorted by date.
    pub whole: Vec<SpecialDay>,
    /// The names of exceptions that close only some hours of a day; sorted.
    pub in_part: Vec<String>,
}

/// The windows as spans of the week, from Sunday; a span stays within its day, and windows that touch are one.
pub fn intervals(hours: &BusinessHours) -> Vec<Interval> {
    let week = week_of(&hours.windows);
    let from_sunday = [6, 0, 1, 2, 3, 4, 5].into_iter().map(|day| &week[day]);
    let mut intervals = Vec::new();
    for (day, windows) in (0_u16..).zip(from_sunday) {
        let midnight = day * DAY;
        intervals
            .extend(windows.iter().map(|(from, to)| Interval { start: midnight + from, end: midnight + to }));
    }
    intervals
}

/// The exceptions as whole days, for the year of `today` and the next two; what was over before that year is left out.
///
/// A day is closed as a whole when the exception leaves no minute of its windows.
pub fn closed_days(hours: &BusinessHours, today: Date) -> ClosedDays {
    let mut days = ClosedDays::default();
    let Some(calendar) = Calendar::read(hours) else { return days };
    let this_year = today.year();
    for closure in &calendar.closures {
        let (first, last) = if closure.yearly {
            (this_year - 1, this_year + YEARS_AHEAD)
        } else {
            (closure.first_year(), closure.first_year())
        };
        for year in first..=last {
            write_out(&calendar, (closure, year, this_year), &mut days);
        }
    }
    let ClosedDays { whole, in_part } = &mut days;
    whole.sort_by(|one, other| (&one.from, &one.to, &one.name).cmp(&(&other.from, &other.to, &other.name)));
    in_part.sort();
    in_part.dedup();
    days
}

fn write_out(calendar: &Calendar, occurrence: (&Closure, i16, i16), days: &mut ClosedDays) {
    let (closure, year, this_year) = occurrence;
    let Some((from, to)) = closure.occurrence(year) else { return };
    let last = last_day_before(to);
    if last.year() < this_year {
        return;
    }
    let mut run: Option<(Date, Date)> = None;
    let mut date = from.date();
    while date <= last {
        let Ok(next) = date.tomorrow() else { break };
        let start = if from <= midnight(date) { 0 } else { minute_of(from.time()) };
        let end = if midnight(next) <= to { DAY } else { minute_of(to.time()) };
        let extent = extent_of(calendar.windows_of(date), (start, end));
        run = match (extent, run) {
            (Extent::Whole, Some((first, _))) => Some((first, date)),
            (Extent::Whole, None) => Some((date, date)),
            (Extent::Part | Extent::Nothing, ended) => {
                days.whole.extend(ended.map(|run| special_day(&closure.name, run)));
                None
            }
        };
        if extent == Extent::Part {
            days.in_part.push(closure.name.clone());
        }
        date = next;
    }
    days.whole.extend(run.map(|run| special_day(&closure.name, run)));
}

fn special_day(name: &str, (from, to): (Date, Date)) -> SpecialDay {
    SpecialDay { name: name.to_owned(), from: from.to_string(), to: to.to_string() }
}

/// How much of a day's windows a span of its minutes takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Nothing,
    Part,
    Whole,
}

fn extent_of(windows: &[(u16, u16)], (start, end): (u16, u16)) -> Extent {
    if (start, end) == (0, DAY) {
        return Extent::Whole;
    }
    let touched = windows.iter().filter(|(from, to)| start < *to && *from < end).count();
    let covered = windows.iter().filter(|(from, to)| start <= *from && *to <= end).count();
    match (touched, covered) {
        (0, _) => Extent::Nothing,
        (_, covered) if covered == windows.len() => Extent::Whole,
        _ => Extent::Part,
    }
}
