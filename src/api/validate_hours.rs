//! The rules of business hours, checked in Rust: those of the CRD again, and those that compare windows.
//!
//! Why apart from `validate`: this is the only part with a calendar and the tz database.
//! Must not: read the clock.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Time;
use jiff::tz::TimeZoneDatabase;

use super::formats;
use super::hours::{
    BusinessHours, EXCEPTION_LENGTH_MESSAGE, EXCEPTION_MESSAGE, EXCEPTION_ORDER_MESSAGE, HoursException,
    WINDOW_MESSAGE, Weekday, Window,
};
use super::validate::Checker;

pub(super) fn business_hours(checker: &mut Checker, hours: &BusinessHours) {
    let BusinessHours { time_zone, windows, exceptions, unavailable_message } = hours;
    time_zone_exists(checker, time_zone);
    checker.count("spec.businessHours.windows", windows.len(), 50);
    for (index, entry) in windows.iter().enumerate() {
        window(checker, index, entry);
    }
    overlaps(checker, windows);
    checker.count("spec.businessHours.exceptions", exceptions.len(), 200);
    for (index, entry) in exceptions.iter().enumerate() {
        exception(checker, index, entry);
    }
    checker.unique(
        "spec.businessHours.exceptions",
        exceptions.iter().map(|exception| exception.name.as_str()),
        "another exception has the same `name`; give each entry its own",
    );
    if let Some(message) = unavailable_message {
        checker.length("spec.businessHours.unavailableMessage", message, 1000);
    }
}

/// The database is the one compiled into the binary, so that every replica and every machine agrees.
fn time_zone_exists(checker: &mut Checker, time_zone: &str) {
    let field = "spec.businessHours.timeZone";
    if !(formats::TIME_ZONE.accepts)(time_zone) {
        checker.report(field, formats::TIME_ZONE.message);
    } else if TimeZoneDatabase::bundled().get(time_zone).is_err() {
        checker.report(
            field,
            format!(
                "`{time_zone}` is not in the time zone database; use an IANA name such as `America/Sao_Paulo`"
            ),
        );
    }
}

fn window(checker: &mut Checker, index: usize, Window { days, from, to }: &Window) {
    let path = format!("spec.businessHours.windows[{index}]");
    if days.is_empty() {
        checker.report(
            format_args!("{path}.days"),
            "must have at least one day: Mon, Tue, Wed, Thu, Fri, Sat, Sun",
        );
    }
    checker.unique(&format!("{path}.days"), days.iter(), "is listed twice; list each day once");
    checker.format(format_args!("{path}.from"), from, &formats::START_TIME);
    checker.format(format_args!("{path}.to"), to, &formats::END_TIME);
    if from >= to {
        checker.report(&path, WINDOW_MESSAGE);
    }
}

/// Minutes since midnight, half-open; a time that cannot be read was reported where it stands.
fn minutes(window: &Window) -> Option<(i32, i32)> {
    let minute = |time: Time| i32::from(time.hour()) * 60 + i32::from(time.minute());
    let start = formats::parse_time(&window.from).map(minute)?;
    let end = if window.to == "24:00" { 24 * 60 } else { formats::parse_time(&window.to).map(minute)? };
    Some((start, end))
}

fn overlaps(checker: &mut Checker, windows: &[Window]) {
    for (index, window) in windows.iter().enumerate() {
        let Some((start, end)) = minutes(window) else { continue };
        for (earlier_index, earlier) in windows[..index].iter().enumerate() {
            let Some((earlier_start, earlier_end)) = minutes(earlier) else { continue };
            if let Some(day) = shared_day(window, earlier)
                && start < earlier_end
                && earlier_start < end
            {
                checker.report(
                    format_args!("spec.businessHours.windows[{index}]"),
                    format!("overlaps `windows[{earlier_index}]` on {day:?}; join the two or move one"),
                );
            }
        }
    }
}

fn shared_day(one: &Window, other: &Window) -> Option<Weekday> {
    let days: BTreeSet<_> = other.days.iter().collect();
    one.days.iter().copied().filter(|day| days.contains(day)).min()
}

fn exception(checker: &mut Checker, index: usize, entry: &HoursException) {
    let path = format!("spec.businessHours.exceptions[{index}]");
    let HoursException { name, date, from, to, yearly } = entry;
    checker.text(format_args!("{path}.name"), name, (&formats::DISPLAY_NAME, 63));
    if let Some(date) = date {
        checker.format(format_args!("{path}.date"), date, &formats::DATE);
    }
    for (field, moment) in [("from", from), ("to", to)] {
        if let Some(moment) = moment {
            checker.format(format_args!("{path}.{field}"), moment, &formats::LOCAL_DATE_TIME);
        }
    }
    match (date, from, to) {
        (Some(_), None, None) => {}
        (None, Some(from), Some(to)) if from < to => {
            if *yearly == Some(true) && lasts_a_year(from, to) {
                checker.report(&path, EXCEPTION_LENGTH_MESSAGE);
            }
        }
        (None, Some(_), Some(_)) => checker.report(&path, EXCEPTION_ORDER_MESSAGE),
        _ => checker.report(&path, EXCEPTION_MESSAGE),
    }
}

/// Whether the same place in the next year's calendar is not after the end.
fn lasts_a_year(from: &str, to: &str) -> bool {
    let bounds = formats::parse_local_date_time(from).zip(formats::parse_local_date_time(to));
    bounds.is_some_and(|(from, to)| from.checked_add(1.year()).is_ok_and(|next| next <= to))
}
