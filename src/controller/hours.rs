//! Business hours as a calendar: is a store open at a moment, when does that change, and on which whole days is it
//! closed.
//!
//! Why: a support lead asks whether customers reach anybody now, training must not fall on a holiday, and helpdesks
//! want weeks and days. The clock on the store's wall decides: where it is set back, a window is open twice; where it
//! is set forward, the minutes it skips do not exist. Must not read the clock or know a vendor.

mod days;
mod steps;

use std::fmt;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::api::formats;
use crate::api::hours::{BusinessHours, HoursException, Weekday, Window};
use crate::api::training::TrainingSession;

pub use days::{ClosedDays, closed_days, intervals};
pub use steps::{Keeper, keeper, open_steps};

/// Minutes of a day; as an end of a window it is midnight, "24:00".
const DAY: u16 = 1440;
/// How far ahead a change is looked for. A yearly exception is shorter than a year, so a store that opens at all does so
/// within two.
const HORIZON: i64 = 800;
/// How many days are looked at together. More than one, because a clock that is set back at midnight tells the last
/// hour of one day after the first minute of the next.
const STRETCH: i64 = 8;

/// Whether people answer at a moment. Hours that cannot be read (`api::validate` refuses them) close nothing.
pub fn is_open(hours: &BusinessHours, at: Timestamp) -> bool {
    Calendar::read(hours).is_none_or(|calendar| calendar.is_open(at))
}

/// The first moment after `at` at which the store opens or closes; `None` where that is not within two years.
pub fn next_change(hours: &BusinessHours, at: Timestamp) -> Option<Timestamp> {
    Calendar::read(hours)?.next_change(at)
}

/// What of a training session is outside business hours, when its agents are not at work; `None` where nothing is.
///
/// A session whose start cannot be read has no conflict: it is refused elsewhere.
pub fn conflict(hours: &BusinessHours, session: &TrainingSession) -> Option<Conflict> {
    let start: Timestamp = session.starts_at.as_deref()?.parse().ok()?;
    let end = start.checked_add(SignedDuration::from_mins(i64::from(session.minutes))).ok()?;
    let calendar = Calendar::read(hours)?;
    let at = if calendar.is_open(start) { calendar.next_change(start)? } else { start };
    if at >= end {
        return None;
    }
    let local = calendar.zone.to_datetime(at);
    let closure = calendar.closures.iter().find(|closure| closure.covers(local));
    Some(Conflict { at, local, exception: closure.map(|closure| closure.name.clone()) })
}

/// Exceptions that do not come back and are over: they can be taken out.
pub fn past_exceptions(hours: &BusinessHours, today: Date) -> Vec<&str> {
    let over = |exception: &&HoursException| {
        let closure = Closure::read(exception);
        closure.is_some_and(|closure| !closure.yearly && closure.last_day() < today)
    };
    hours.exceptions.iter().filter(over).map(|exception| exception.name.as_str()).collect()
}

/// The zone of a declaration; the database is the one compiled into the binary, so that every replica agrees.
pub fn zone_of(hours: &BusinessHours) -> Option<TimeZone> {
    TimeZoneDatabase::bundled().get(&hours.time_zone).ok()
}

/// The first moment of a session at which the store is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The moment.
    pub at: Timestamp,
    /// The same on the store's clock.
    pub local: DateTime,
    /// The exception that closes the store then; `None`: it is outside every window.
    pub exception: Option<String>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local.strftime("%Y-%m-%d %H:%M");
        match &self.exception {
            Some(name) => {
                write!(f, "the store is closed from {local} on its own clock, by the exception `{name}`")
            }
            None => write!(f, "{local} on the store's clock is outside its business hours"),
        }
    }
}

/// Business hours, parsed.
struct Calendar {
    zone: TimeZone,
    /// Half-open spans of minutes, for each day from Monday; sorted and apart.
    week: [Vec<(u16, u16)>; 7],
    closures: Vec<Closure>,
}

impl Calendar {
    fn read(hours: &BusinessHours) -> Option<Self> {
        let BusinessHours { time_zone: _, windows, exceptions, unavailable_message: _ } = hours;
        Some(Self {
            zone: zone_of(hours)?,
            week: week_of(windows),
            closures: exceptions.iter().filter_map(Closure::read).collect(),
        })
    }

    fn is_open(&self, at: Timestamp) -> bool {
        self.is_open_on_the_wall(self.zone.to_datetime(at))
    }

    fn is_open_on_the_wall(&self, local: DateTime) -> bool {
        let minute = minute_of(local.time());
        let in_window =
            self.windows_of(local.date()).iter().any(|(from, to)| *from <= minute && minute < *to);
        in_window && !self.closures.iter().any(|closure| closure.covers(local))
    }

    fn windows_of(&self, date: Date) -> &[(u16, u16)] {
        let day = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        &self.week[day]
    }

    /// Between two candidates nothing changes, so the first one that differs is the change.
    fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let now = self.is_open(at);
        let stretch = SignedDuration::from_hours(24 * STRETCH);
        let mut from = at;
        for _ in 0..HORIZON / STRETCH {
            let to = from.checked_add(stretch).ok()?;
            let mut candidates = self.candidates(from, to)?;
            candidates.retain(|candidate| from < *candidate && *candidate <= to);
            candidates.sort_unstable();
            if let Some(change) = candidates.into_iter().find(|candidate| self.is_open(*candidate) != now) {
                return Some(change);
            }
            from = to;
        }
        None
    }

    /// Every moment between two at which a window, an exception or the clock itself may change something.
    fn candidates(&self, from: Timestamp, to: Timestamp) -> Option<Vec<Timestamp>> {
        let mut found: Vec<Timestamp> = self
            .zone
            .following(from)
            .map(|transition| transition.timestamp())
            .take_while(|transition| *transition <= to)
            .collect();
        let first = self.zone.to_datetime(from).date().yesterday().ok()?;
        let last = self.zone.to_datetime(to).date().tomorrow().ok()?;
        let mut date = first;
        while date <= last {
            for minute in self.windows_of(date).iter().flat_map(|(from, to)| [*from, *to]) {
                found.extend(self.moments_of(at_minute(date, minute)?));
            }
            date = date.tomorrow().ok()?;
        }
        for closure in &self.closures {
            for year in first.year()..=last.year() {
                for (from, to) in closure.near(year) {
                    let bounds = [from, to].into_iter().filter(|at| first <= at.date() && at.date() <= last);
                    found.extend(bounds.flat_map(|bound| self.moments_of(bound)));
                }
            }
        }
        Some(found)
    }

    /// The moments at which the clock on the wall shows this: none where it skips it, two where it shows it twice.
    fn moments_of(&self, local: DateTime) -> Vec<Timestamp> {
        let offsets = match self.zone.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => vec![offset],
            AmbiguousOffset::Gap { .. } => Vec::new(),
            AmbiguousOffset::Fold { before, after } => vec![before, after],
        };
        offsets.into_iter().filter_map(|offset| offset.to_timestamp(local).ok()).collect()
    }
}

/// A time when nobody answers although a window says so.
#[derive(Clone, Debug)]
struct Closure {
    name: String,
    when: When,
    yearly: bool,
}

#[derive(Clone, Copy, Debug)]
enum When {
    Day(Date),
    /// Half-open.
    Span(DateTime, DateTime),
}

impl Closure {
    fn read(exception: &HoursException) -> Option<Self> {
        let HoursException { name, date, from, to, yearly } = exception;
        let when = match (date, from, to) {
            (Some(date), _, _) => When::Day(formats::parse_date(date)?),
            (None, Some(from), Some(to)) => {
                When::Span(formats::parse_local_date_time(from)?, formats::parse_local_date_time(to)?)
            }
            (None, _, _) => return None,
        };
        Some(Self { name: name.clone(), when, yearly: yearly.unwrap_or_default() })
    }

    fn first_year(&self) -> i16 {
        match self.when {
            When::Day(date) => date.year(),
            When::Span(from, _) => from.year(),
        }
    }

    /// The last day of its first occurrence.
    fn last_day(&self) -> Date {
        match self.when {
            When::Day(date) => date,
            When::Span(_, to) => last_day_before(to),
        }
    }

    fn covers(&self, local: DateTime) -> bool {
        self.near(local.year()).into_iter().any(|(from, to)| from <= local && local < to)
    }

    /// The occurrences that start in this year or the one before: every one that can touch this year.
    fn near(&self, year: i16) -> Vec<(DateTime, DateTime)> {
        if !self.yearly {
            return self.occurrence(self.first_year()).into_iter().collect();
        }
        (year - 1..=year).filter_map(|start| self.occurrence(start)).collect()
    }

    /// The occurrence that starts in this year; half-open.
    ///
    /// In an ordinary year there is no 29 February: a day of that date does not come back, and a span reaches to, or
    /// starts with, the first of March.
    fn occurrence(&self, year: i16) -> Option<(DateTime, DateTime)> {
        let later = year - self.first_year();
        if later < 0 || (later > 0 && !self.yearly) {
            return None;
        }
        match self.when {
            When::Day(date) => {
                let date = Date::new(year, date.month(), date.day()).ok()?;
                Some((midnight(date), midnight(date.tomorrow().ok()?)))
            }
            When::Span(from, to) => {
                let (from, to) = (moved(from, later)?, moved(to, later)?);
                (from < to).then_some((from, to))
            }
        }
    }
}

/// The same place in the calendar some years later.
fn moved(at: DateTime, years: i16) -> Option<DateTime> {
    let year = at.year().checked_add(years)?;
    match Date::new(year, at.month(), at.day()) {
        Ok(date) => Some(date.to_datetime(at.time())),
        Err(_) => Date::new(year, 3, 1).ok().map(midnight),
    }
}

fn midnight(date: Date) -> DateTime {
    date.to_datetime(Time::midnight())
}

/// The last day that an exclusive end touches.
fn last_day_before(end: DateTime) -> Date {
    end.checked_sub(1.minute()).map_or(end.date(), DateTime::date)
}

fn minute_of(time: Time) -> u16 {
    let (hour, minute) = (u16::try_from(time.hour()), u16::try_from(time.minute()));
    hour.unwrap_or_default() * 60 + minute.unwrap_or_default()
}

/// A minute of a day on the wall; the last one is the next day's midnight.
fn at_minute(date: Date, minute: u16) -> Option<DateTime> {
    midnight(date).checked_add(i64::from(minute).minutes()).ok()
}

/// The windows of each day from Monday; none at all means around the clock.
fn week_of(windows: &[Window]) -> [Vec<(u16, u16)>; 7] {
    if windows.is_empty() {
        return std::array::from_fn(|_| vec![(0, DAY)]);
    }
    let mut week: [Vec<(u16, u16)>; 7] = Default::default();
    for Window { days, from, to } in windows {
        let Some(start) = formats::parse_time(from).map(minute_of) else { continue };
        let end = if to == "24:00" { Some(DAY) } else { formats::parse_time(to).map(minute_of) };
        let Some(end) = end else { continue };
        for day in days {
            week[place_of(*day)].push((start, end));
        }
    }
    week.map(joined)
}

/// Spans in order; those that touch are one.
fn joined(mut spans: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    spans.sort_unstable();
    let mut joined: Vec<(u16, u16)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match joined.last_mut().filter(|last| start <= last.1) {
            Some(last) => last.1 = last.1.max(end),
            None => joined.push((start, end)),
        }
    }
    joined
}

/// The place of a day in a week that starts on Monday.
fn place_of(day: Weekday) -> usize {
    match day {
        Weekday::Mon => 0,
        Weekday::Tue => 1,
        Weekday::Wed => 2,
        Weekday::Thu => 3,
        Weekday::Fri => 4,
        Weekday::Sat => 5,
        Weekday::Sun => 6,
    }
}

#[cfg(test)]
mod tests;
