//! Hours against a reading of every minute as text, and single days that people know. Must not use the arithmetic that
//! it checks.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::{Interval, SpecialDay};

fn hours(declared: Value) -> BusinessHours {
    serde_json::from_value(declared).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Business hours read minute by minute, by comparing texts: slow, and without any of the arithmetic above.
///
/// A date that does not exist (29 February of an ordinary year) still has its place between two that do.
fn is_open_by_text(hours: &BusinessHours, at: Timestamp) -> bool {
    let local = at.in_tz(&hours.time_zone).unwrap();
    let (day, time) = (local.strftime("%a").to_string(), local.strftime("%H:%M").to_string());
    let minute = local.strftime("%Y-%m-%dT%H:%M").to_string();
    let this_year: i32 = local.strftime("%Y").to_string().parse().unwrap();
    let in_window = hours.windows.is_empty()
        || hours.windows.iter().any(|window| {
            window.days.iter().any(|one| format!("{one:?}") == day) && window.from <= time && time < window.to
        });
    let is_closed = hours.exceptions.iter().any(|exception| {
        let (from, to) = match (&exception.date, &exception.from, &exception.to) {
            (Some(date), _, _) => (format!("{date}T00:00"), format!("{date}T24:00")),
            (None, Some(from), Some(to)) => (from.clone(), to.clone()),
            _ => unreachable!("not generated"),
        };
        let first_year: i32 = from[..4].parse().unwrap();
        let years = if exception.yearly == Some(true) { 0..=this_year - first_year } else { 0..=0 };
        years.into_iter().any(|later| {
            let moved = |text: &str| format!("{}{}", text[..4].parse::<i32>().unwrap() + later, &text[4..]);
            moved(&from) <= minute && minute < moved(&to)
        })
    });
    in_window && !is_closed
}

/// Zones, each with days around which its clock is set or the calendar is odd.
const PLACES: &[(&str, &[&str])] = &[
    ("Europe/Lisbon", &["2026-03-29", "2026-10-25", "2027-03-28", "2028-02-29"]),
    ("America/Santiago", &["2026-04-05", "2026-09-06", "2027-04-04", "2026-12-31"]),
    ("America/New_York", &["2026-03-08", "2026-11-01", "2027-02-28", "2028-02-28"]),
    ("Australia/Lord_Howe", &["2026-04-05", "2026-10-04", "2028-03-01"]),
    // Had daylight saving until 2019, with a midnight that did not exist, and has none now.
    ("America/Sao_Paulo", &["2018-11-04", "2019-02-17", "2026-10-18", "2026-12-31", "2032-02-29"]),
    // Set its clock back one minute after midnight until 2011.
    ("America/St_Johns", &["2010-11-07", "2011-03-13"]),
];

const TIMES: &[&str] = &[
    "00:00", "00:30", "01:00", "01:15", "01:59", "02:00", "02:15", "02:30", "03:00", "09:00", "12:30",
    "23:30",
];

fn window() -> impl Strategy<Value = Value> {
    let days = proptest::sample::subsequence(vec!["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], 1..=7);
    (days, 0..TIMES.len(), 1..=TIMES.len()).prop_map(|(days, from, length)| {
        let to = TIMES.get(from + length).copied().unwrap_or("24:00");
        json!({"days": days, "from": TIMES[from], "to": to})
    })
}

/// A day at most three days from `near`, some years before it, with a time.
fn moment(near: &str, choice: (i64, i16, usize)) -> (Date, String) {
    let (days, years, time) = choice;
    let date: Date = near.parse().unwrap();
    let date = date.checked_add(days.days()).unwrap();
    // What does not exist that many years earlier is taken in the same year.
    let date = Date::new(date.year() - years, date.month(), date.day()).unwrap_or(date);
    (date, TIMES[time % TIMES.len()].to_owned())
}

fn exception(near: &'static str) -> impl Strategy<Value = Value> {
    let choice = || (-3_i64..=3, 0_usize..TIMES.len());
    (any::<bool>(), any::<bool>(), 0_i16..=4, choice(), choice()).prop_filter_map(
        "a span must not be empty",
        move |(whole, yearly, years, one, other)| {
            let (first, first_time) = moment(near, (one.0, years, one.1));
            if whole {
                return Some(json!({"name": "x", "date": first.to_string(), "yearly": yearly}));
            }
            let (last, last_time) = moment(near, (other.0, years, other.1));
            let from = format!("{first}T{first_time}");
            let to = format!("{last}T{last_time}");
            (from < to).then(|| json!({"name": "x", "from": from, "to": to, "yearly": yearly}))
        },
    )
}

fn declaration() -> impl Strategy<Value = (BusinessHours, Timestamp)> {
    let places: Vec<(&'static str, &'static str)> =
        PLACES.iter().flat_map(|(zone, days)| days.iter().map(move |day| (*zone, *day))).collect();
    proptest::sample::select(places).prop_flat_map(|(zone, near)| {
        let windows = proptest::collection::vec(window(), 0..4);
        let exceptions = proptest::collection::vec(exception(near), 0..3);
        (windows, exceptions, -120_i64..=24).prop_map(move |(windows, exceptions, start)| {
            let declared = json!({"timeZone": zone, "windows": windows, "exceptions": exceptions});
            let noon = near.parse::<Date>().unwrap().at(12, 0, 0, 0).in_tz(zone).unwrap().timestamp();
            (hours(declared), noon + SignedDuration::from_hours(start) + SignedDuration::from_secs(30))
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_opens_and_closes_at_the_minutes_that_a_reading_of_every_minute_finds(
        (hours, start) in declaration()
    ) {
        let minutes = 3 * 24 * 60;
        let mut changes = Vec::new();
        let mut before = is_open_by_text(&hours, start);
        prop_assert_eq!(is_open(&hours, start), before, "{} {:?}", start, &hours);
        // Everything declared is in whole minutes; half a minute earlier is still the minute before.
        let first = start + SignedDuration::from_secs(30);
        for minute in 0..minutes {
            let now = first + SignedDuration::from_mins(minute);
            let open = is_open_by_text(&hours, now);
            prop_assert_eq!(is_open(&hours, now), open, "{} {:?}", now, &hours);
            if open != before {
                changes.push(now);
                before = open;
            }
        }
        let end = first + SignedDuration::from_mins(minutes);
        let found: Vec<Timestamp> =
            std::iter::successors(next_change(&hours, start), |last| next_change(&hours, *last))
                .take_while(|change| *change < end)
                .collect();
        prop_assert_eq!(found, changes, "{:?}", &hours);
    }

    #[test]
    fn a_whole_day_is_written_out_exactly_when_no_minute_of_it_is_open(
        (hours, start) in declaration()
    ) {
        let zone = zone_of(&hours).unwrap();
        let today = zone.to_datetime(start).date();
        let days = closed_days(&hours, today);
        let mut date = today;
        for _ in 0..5 {
            let text = date.to_string();
            let written = days.whole.iter().any(|day| day.from <= text && text <= day.to);
            let by_hand = hours.exceptions.iter().any(|exception| {
                let alone = BusinessHours { exceptions: vec![exception.clone()], ..hours.clone() };
                let without = BusinessHours { exceptions: Vec::new(), ..hours.clone() };
                let minutes = (0..DAY).map(|minute| at_minute(date, minute).unwrap());
                let calendar = Calendar::read(&alone).unwrap();
                let base = Calendar::read(&without).unwrap();
                let (mut closes, mut leaves, mut all) = (0, 0, 0);
                for minute in minutes {
                    let declared = base.is_open_on_the_wall(minute);
                    let covered = calendar.closures[0].covers(minute);
                    closes += u32::from(declared && covered);
                    leaves += u32::from(declared && !covered);
                    all += u32::from(covered);
                }
                all == u32::from(DAY) || (closes > 0 && leaves == 0)
            });
            prop_assert_eq!(written, by_hand, "{} {:?} {:?}", date, &days, &hours);
            date = date.tomorrow().unwrap();
        }
    }

    #[test]
    fn the_spans_of_a_week_hold_the_same_minutes_as_its_windows((hours, _) in declaration()) {
        let intervals = intervals(&hours);
        let without = BusinessHours { exceptions: Vec::new(), ..hours.clone() };
        let calendar = Calendar::read(&without).unwrap();
        let sunday = jiff::civil::date(2026, 11, 22);
        for minute in 0..7 * DAY {
            let local = midnight(sunday).checked_add(i64::from(minute).minutes()).unwrap();
            let inside = intervals.iter().any(|span| span.start <= minute && minute < span.end);
            prop_assert_eq!(inside, calendar.is_open_on_the_wall(local), "{} {:?}", local, &hours);
        }
        for pair in intervals.windows(2) {
            prop_assert!(pair[0].start < pair[0].end && pair[0].end <= pair[1].start);
        }
        for Interval { start, end } in intervals {
            prop_assert_eq!(start / DAY, (end - 1) / DAY, "a span stays within its day");
        }
    }
}

fn office() -> Value {
    json!({"timeZone": "America/Sao_Paulo",
        "windows": [{"days": ["Mon", "Tue", "Wed", "Thu", "Fri"], "from": "09:00", "to": "18:00"}]})
}

#[test]
fn a_window_is_open_twice_where_the_clock_is_set_back_and_never_where_it_is_set_forward() {
    let night = |from: &str, to: &str| {
        hours(json!({"timeZone": "America/New_York", "windows": [{"days": ["Sun"], "from": from, "to": to}]}))
    };
    // 2026-11-01: 01:30 shows at 05:30 and again at 06:30 UTC.
    let back = night("01:15", "01:45");
    let opens: Vec<bool> = ["05:30", "06:00", "06:30", "06:45"]
        .map(|time| is_open(&back, at(&format!("2026-11-01T{time}:00Z"))))
        .to_vec();
    assert_eq!(opens, [true, false, true, false]);
    // 2026-03-08: 02:00 is followed by 03:00, at 07:00 UTC.
    let forward = night("02:15", "03:30");
    assert_eq!(next_change(&forward, at("2026-03-08T05:00:00Z")), Some(at("2026-03-08T07:00:00Z")));
    let skipped = night("02:15", "02:45");
    assert_eq!(next_change(&skipped, at("2026-03-08T05:00:00Z")), Some(at("2026-03-15T06:15:00Z")));
}

#[test]
fn lord_howe_sets_its_clock_by_half_an_hour() {
    let shop = hours(json!({"timeZone": "Australia/Lord_Howe",
        "windows": [{"days": ["Sun"], "from": "02:10", "to": "10:00"}]}));
    // 2026-10-04: 02:00 is followed by 02:30, at 15:30 UTC of the day before.
    assert_eq!(next_change(&shop, at("2026-10-03T12:00:00Z")), Some(at("2026-10-03T15:30:00Z")));
    assert_eq!(next_change(&shop, at("2026-10-03T15:30:00Z")), Some(at("2026-10-03T23:00:00Z")));
}

#[test]
fn a_night_shift_of_two_windows_goes_through_midnight() {
    let night = hours(json!({"timeZone": "Europe/Lisbon", "windows": [
        {"days": ["Fri"], "from": "22:00", "to": "24:00"},
        {"days": ["Sat"], "from": "00:00", "to": "06:00"}]}));
    assert_eq!(next_change(&night, at("2026-11-27T12:00:00Z")), Some(at("2026-11-27T22:00:00Z")));
    assert_eq!(next_change(&night, at("2026-11-27T22:00:00Z")), Some(at("2026-11-28T06:00:00Z")));
    let spans =
        [Interval { start: 5 * DAY + 1320, end: 6 * DAY }, Interval { start: 6 * DAY, end: 6 * DAY + 360 }];
    assert_eq!(intervals(&night), spans);
}

#[test]
fn the_twenty_ninth_of_february_comes_back_in_leap_years_only() {
    let mut declared = office();
    declared["exceptions"] = json!([{"name": "leap", "date": "2024-02-29", "yearly": true}]);
    let leap = hours(declared);
    let day = |text: &str| SpecialDay { name: "leap".to_owned(), from: text.to_owned(), to: text.to_owned() };
    assert_eq!(closed_days(&leap, "2026-05-01".parse().unwrap()).whole, [day("2028-02-29")]);
    assert_eq!(closed_days(&leap, "2025-05-01".parse().unwrap()).whole, []);
    // 2027-02-28 is a Sunday, 2027-03-01 a Monday.
    assert!(is_open(&leap, at("2027-03-01T13:00:00Z")));
    assert!(!is_open(&leap, at("2028-02-29T13:00:00Z")));
}

#[test]
fn yearly_days_are_the_same_list_all_year_and_one_year_further_in_the_next() {
    let mut declared = office();
    declared["exceptions"] = json!([
        {"name": "Natal", "date": "2020-12-25", "yearly": true},
        {"name": "Recesso", "from": "2026-12-30T00:00", "to": "2027-01-03T00:00", "yearly": true},
        {"name": "Mudança", "date": "2025-06-01"},
        {"name": "Obra", "date": "2031-06-02"}]);
    let shop = hours(declared);
    let listed = |today: &str| -> Vec<String> {
        let days = closed_days(&shop, today.parse().unwrap());
        days.whole.iter().map(|day| format!("{} {}..{}", day.name, day.from, day.to)).collect()
    };
    let in_2026 = listed("2026-01-01");
    assert_eq!(
        in_2026,
        [
            "Natal 2026-12-25..2026-12-25",
            "Recesso 2026-12-30..2027-01-02",
            "Natal 2027-12-25..2027-12-25",
            "Recesso 2027-12-30..2028-01-02",
            "Natal 2028-12-25..2028-12-25",
            "Recesso 2028-12-30..2029-01-02",
            "Obra 2031-06-02..2031-06-02",
        ]
    );
    assert_eq!(listed("2026-12-31"), in_2026);
    let in_2027 = listed("2027-01-01");
    assert_eq!(in_2027[0], "Recesso 2026-12-30..2027-01-02", "what reaches into this year stays");
    assert_eq!(in_2027[in_2027.len() - 3], "Natal 2029-12-25..2029-12-25");
}

#[test]
fn a_span_closes_the_days_whose_windows_it_takes_and_only_names_the_others() {
    let mut declared = office();
    declared["exceptions"] = json!([
        // Thursday from 14:00 to Monday 10:00: Friday and the weekend are closed as a whole.
        {"name": "Ponte", "from": "2026-12-24T14:00", "to": "2026-12-28T10:00"},
        // All of the windows of a Tuesday, though not all of its day.
        {"name": "Inventário", "from": "2026-12-01T08:00", "to": "2026-12-01T18:00"},
        // After hours.
        {"name": "Festa", "from": "2026-12-02T18:00", "to": "2026-12-02T23:00"}]);
    let days = closed_days(&hours(declared), "2026-11-24".parse().unwrap());
    let whole: Vec<_> = days.whole.iter().map(|day| (day.from.as_str(), day.to.as_str())).collect();
    assert_eq!(whole, [("2026-12-01", "2026-12-01"), ("2026-12-25", "2026-12-27")]);
    assert_eq!(days.in_part, ["Ponte"]);
}

#[test]
fn training_outside_business_hours_is_a_conflict_with_its_first_moment() {
    let mut declared = office();
    declared["exceptions"] = json!([{"name": "Natal", "date": "2026-12-25", "yearly": true}]);
    let shop = hours(declared);
    let session = |starts_at: &str, minutes: i32| {
        let session: TrainingSession =
            serde_json::from_value(json!({"name": "kickoff", "startsAt": starts_at, "minutes": minutes}))
                .unwrap();
        conflict(&shop, &session).map(|conflict| conflict.to_string())
    };
    assert_eq!(session("2026-12-01T14:00:00-03:00", 60), None);
    assert_eq!(session("2026-12-01T17:00:00-03:00", 60), None, "it may end when the store closes");
    assert_eq!(
        session("2026-12-01T17:30:00-03:00", 60).as_deref(),
        Some("2026-12-01 18:00 on the store's clock is outside its business hours")
    );
    assert_eq!(
        session("2027-12-25T13:00:00Z", 30).as_deref(),
        Some("the store is closed from 2027-12-25 10:00 on its own clock, by the exception `Natal`"),
        "a Saturday is closed anyway, and the holiday is what people know"
    );
    assert_eq!(
        session("2026-12-25T13:00:00Z", 30).as_deref(),
        Some("the store is closed from 2026-12-25 10:00 on its own clock, by the exception `Natal`")
    );
}

#[test]
fn exceptions_that_are_over_are_named_and_yearly_ones_never_are() {
    let mut declared = office();
    declared["exceptions"] = json!([
        {"name": "over", "date": "2026-11-23"}, {"name": "today", "date": "2026-11-24"},
        {"name": "until-midnight", "from": "2026-11-20T10:00", "to": "2026-11-24T00:00"},
        {"name": "yearly", "date": "2020-01-01", "yearly": true}]);
    let shop = hours(declared);
    assert_eq!(past_exceptions(&shop, "2026-11-24".parse().unwrap()), ["over", "until-midnight"]);
}

#[test]
fn a_store_without_windows_is_open_until_an_exception_and_one_without_both_never_changes() {
    let always = hours(json!({"timeZone": "UTC"}));
    assert!(is_open(&always, at("2026-11-24T03:00:00Z")));
    assert_eq!(next_change(&always, at("2026-11-24T03:00:00Z")), None);
    let holiday = hours(json!({"timeZone": "UTC", "exceptions": [{"name": "x", "date": "2026-12-25"}]}));
    assert_eq!(next_change(&holiday, at("2026-11-24T03:00:00Z")), Some(at("2026-12-25T00:00:00Z")));
    assert_eq!(next_change(&holiday, at("2026-12-25T00:00:00Z")), Some(at("2026-12-26T00:00:00Z")));
}
