//! Business hours as a schedule and its holidays.
//!
//! A schedule has no place for a mark but its name: the mark is the last word of it.

use super::zones;
use crate::model::{Interval, Mark, OpeningHours, RemoteName, SpecialDay};
use crate::provider::zendesk::wire::{Holiday, Schedule};

/// The most bytes of a schedule's name (`api.md`, Marks).
const MAX_NAME_BYTES: usize = 255;

/// The part of a name that may hold a mark.
pub(in crate::provider::zendesk) fn carrier(name: &str) -> &str {
    name.rsplit(' ').next().unwrap_or_default()
}

/// A name without its mark: what a person wrote.
pub(in crate::provider::zendesk) fn plain_name(name: &str) -> &str {
    if Mark::parse(carrier(name)).is_none() {
        return name;
    }
    name.rsplit_once(' ').map_or("", |(plain, _)| plain)
}

/// A name that ends with the mark; a long one is cut so that both fit.
pub(in crate::provider::zendesk) fn marked_name(plain: &str, mark: &str) -> String {
    let room = MAX_NAME_BYTES.saturating_sub(mark.len() + 1);
    let end = (0..=room.min(plain.len())).rev().find(|end| plain.is_char_boundary(*end)).unwrap_or_default();
    format!("{} {mark}", plain[..end].trim_end())
}

/// A schedule as business hours.
pub(in crate::provider::zendesk) fn opening_hours(row: &Schedule) -> OpeningHours {
    let mut intervals: Vec<Interval> =
        row.intervals.iter().map(|span| Interval { start: span.start_time, end: span.end_time }).collect();
    intervals.sort_unstable();
    let mut closed: Vec<SpecialDay> = row.holidays.iter().map(special_day).collect();
    closed.sort_by(|one, other| (&one.from, &one.to, &one.name).cmp(&(&other.from, &other.to, &other.name)));
    OpeningHours {
        name: RemoteName::new(plain_name(&row.name)),
        time_zone: zones::from_vendor(&row.time_zone).to_owned(),
        intervals,
        closed,
        closed_in_part: Vec::new(),
    }
}

/// A holiday; some answers write its dates with a time behind them.
pub(in crate::provider::zendesk) fn special_day(holiday: &Holiday) -> SpecialDay {
    let day = |text: &str| text.split('T').next().unwrap_or_default().to_owned();
    SpecialDay { name: holiday.name.clone(), from: day(&holiday.start_date), to: day(&holiday.end_date) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &str = "hso1c/here/store/loja/hours/hours";

    #[test]
    fn a_mark_is_the_last_word_of_a_name_and_comes_off_again() {
        let name = marked_name("Loja Centro", MARK);
        assert_eq!(name, format!("Loja Centro {MARK}"));
        assert_eq!((carrier(&name), plain_name(&name)), (MARK, "Loja Centro"));
        assert_eq!(plain_name("Horário de verão"), "Horário de verão");
        assert_eq!(plain_name(MARK), "");
    }

    #[test]
    fn a_long_name_is_cut_at_a_character_and_never_the_mark() {
        let name = marked_name(&"ção".repeat(100), MARK);
        assert!(name.len() <= 255, "{}", name.len());
        assert_eq!(carrier(&name), MARK);
        assert!("ção".repeat(100).starts_with(plain_name(&name)));
    }
}
