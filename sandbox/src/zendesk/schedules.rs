//! Schedules, their week and their holidays; absent (404) where the plan has none.
//!
//! Must speak the vendor's time zone names, not IANA's, and minutes since Sunday 00:00.

use serde_json::{Value, json};

use super::assumptions::{AbsentSchedules, ScheduleLimit};
use super::context::{Context, Outcome, Permitted, path_id, seconds, text};
use super::errors::ApiError;
use super::records::{Holiday, Schedule};
use crate::simulator::Answer;

/// Minutes of a week.
const WEEK: u64 = 7 * 1440;

/// The names that the vendor knows (those of Ruby on Rails).
const TIME_ZONES: &[&str] = &[
    "International Date Line West",
    "Midway Island",
    "American Samoa",
    "Hawaii",
    "Alaska",
    "Pacific Time (US & Canada)",
    "Tijuana",
    "Mountain Time (US & Canada)",
    "Arizona",
    "Chihuahua",
    "Mazatlan",
    "Central Time (US & Canada)",
    "Saskatchewan",
    "Guadalajara",
    "Mexico City",
    "Monterrey",
    "Central America",
    "Eastern Time (US & Canada)",
    "Indiana (East)",
    "Bogota",
    "Lima",
    "Quito",
    "Atlantic Time (Canada)",
    "Caracas",
    "La Paz",
    "Santiago",
    "Newfoundland",
    "Brasilia",
    "Buenos Aires",
    "Montevideo",
    "Georgetown",
    "Puerto Rico",
    "Greenland",
    "Mid-Atlantic",
    "Azores",
    "Cape Verde Is.",
    "Dublin",
    "Edinburgh",
    "Lisbon",
    "London",
    "Casablanca",
    "Monrovia",
    "UTC",
    "Belgrade",
    "Bratislava",
    "Budapest",
    "Ljubljana",
    "Prague",
    "Sarajevo",
    "Skopje",
    "Warsaw",
    "Zagreb",
    "Brussels",
    "Copenhagen",
    "Madrid",
    "Paris",
    "Amsterdam",
    "Berlin",
    "Bern",
    "Zurich",
    "Rome",
    "Stockholm",
    "Vienna",
    "West Central Africa",
    "Bucharest",
    "Cairo",
    "Helsinki",
    "Kyiv",
    "Riga",
    "Sofia",
    "Tallinn",
    "Vilnius",
    "Athens",
    "Istanbul",
    "Minsk",
    "Jerusalem",
    "Harare",
    "Pretoria",
    "Kaliningrad",
    "Moscow",
    "St. Petersburg",
    "Volgograd",
    "Samara",
    "Kuwait",
    "Riyadh",
    "Nairobi",
    "Baghdad",
    "Tehran",
    "Abu Dhabi",
    "Muscat",
    "Baku",
    "Tbilisi",
    "Yerevan",
    "Kabul",
    "Ekaterinburg",
    "Islamabad",
    "Karachi",
    "Tashkent",
    "Chennai",
    "Kolkata",
    "Mumbai",
    "New Delhi",
    "Kathmandu",
    "Dhaka",
    "Sri Jayawardenepura",
    "Almaty",
    "Astana",
    "Novosibirsk",
    "Rangoon",
    "Bangkok",
    "Hanoi",
    "Jakarta",
    "Krasnoyarsk",
    "Beijing",
    "Chongqing",
    "Hong Kong",
    "Urumqi",
    "Kuala Lumpur",
    "Singapore",
    "Taipei",
    "Perth",
    "Irkutsk",
    "Ulaanbaatar",
    "Seoul",
    "Osaka",
    "Sapporo",
    "Tokyo",
    "Yakutsk",
    "Darwin",
    "Adelaide",
    "Canberra",
    "Melbourne",
    "Sydney",
    "Brisbane",
    "Hobart",
    "Vladivostok",
    "Guam",
    "Port Moresby",
    "Magadan",
    "Srednekolymsk",
    "Solomon Is.",
    "New Caledonia",
    "Fiji",
    "Kamchatka",
    "Marshall Is.",
    "Auckland",
    "Wellington",
    "Nuku'alofa",
    "Tokelau Is.",
    "Chatham Is.",
    "Samoa",
];

pub(crate) fn render(schedule: &Schedule) -> Value {
    let interval = |(start, end): &(u32, u32)| json!({"start_time": start, "end_time": end});
    json!({"id": schedule.id, "name": schedule.name, "time_zone": schedule.time_zone,
        "intervals": schedule.intervals.iter().map(interval).collect::<Vec<_>>(),
        "created_at": seconds(schedule.created_at), "updated_at": seconds(schedule.updated_at)})
}

pub(crate) fn render_holiday(holiday: &Holiday) -> Value {
    json!({"id": holiday.id, "name": holiday.name, "start_date": holiday.start_date, "end_date": holiday.end_date})
}

/// `/business_hours/schedules…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    if cx.account.plan.schedules() == 0 {
        return Err(match cx.assumptions.absent_schedules {
            AbsentSchedules::NotFound => ApiError::not_found(),
            AbsentSchedules::Forbidden => ApiError::forbidden(),
        });
    }
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => {
            let all = cx.account.schedules.values().filter(|schedule| cx.listed(schedule.id));
            let all: Vec<Value> = all.map(render).collect();
            Ok(Answer::json(200, &json!({"schedules": all})))
        }
        ("POST", []) => create(cx),
        ("GET", [id]) => answer(cx, path_id(id)?, 200),
        ("PUT", [id]) => update(cx, id),
        ("DELETE", [id]) => {
            cx.account.schedules.remove(&path_id(id)?).ok_or_else(ApiError::not_found)?;
            cx.touch();
            Ok(Answer::empty(204))
        }
        ("PUT", [id, "workweek"]) => workweek(cx, id),
        (_, [id, "holidays", rest @ ..]) => holidays(cx, id, rest),
        _ => Err(ApiError::no_route()),
    }
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let schedule = cx.account.schedules.get(&id).ok_or_else(ApiError::not_found)?;
    Ok(Answer::json(status, &json!({"schedule": render(schedule)})))
}

fn changes(cx: &mut Context<'_>, action: &str) -> Result<(Option<String>, Option<String>), ApiError> {
    let keys = ["name", "time_zone"];
    let fields =
        cx.permitted(Permitted { root: "schedule", controller: "schedules", action, keys: &keys })?;
    let (name, zone) =
        (text(&fields, "name").map(str::to_owned), text(&fields, "time_zone").map(str::to_owned));
    if name.as_ref().is_some_and(|name| name.trim().is_empty()) || (action == "create" && name.is_none()) {
        return Err(ApiError::invalid("name", "Name: cannot be blank"));
    }
    match zone.as_deref() {
        None if action == "create" => Err(ApiError::invalid("time_zone", "Time zone: cannot be blank")),
        Some(text) if !TIME_ZONES.contains(&text) => {
            Err(ApiError::invalid("time_zone", "Time zone: is invalid"))
        }
        _ => Ok((name, zone)),
    }
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let (name, time_zone) = changes(cx, "create")?;
    if cx.account.schedules.len() >= cx.account.plan.schedules() {
        let description = "The plan has no further schedule";
        return Err(match cx.assumptions.schedule_limit {
            ScheduleLimit::Invalid => ApiError::invalid("base", description),
            ScheduleLimit::Forbidden => {
                ApiError::Support { status: 403, error: "Forbidden", description: description.to_owned() }
            }
        });
    }
    let now = cx.now();
    let id = cx.account.mint();
    // The vendor starts a schedule with Monday to Friday, nine to five.
    let intervals = (1..=5).map(|day| (day * 1440 + 540, day * 1440 + 1020)).collect();
    let schedule = Schedule {
        id,
        name: name.unwrap_or_default(),
        time_zone: time_zone.unwrap_or_default(),
        intervals,
        holidays: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    cx.account.schedules.insert(id, schedule);
    cx.created(id);
    answer(cx, id, 201)
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = path_id(id)?;
    cx.account.schedules.get(&id).ok_or_else(ApiError::not_found)?;
    let (name, time_zone) = changes(cx, "update")?;
    let now = cx.now();
    if let Some(schedule) = cx.account.schedules.get_mut(&id) {
        schedule.name = name.unwrap_or_else(|| schedule.name.clone());
        schedule.time_zone = time_zone.unwrap_or_else(|| schedule.time_zone.clone());
        schedule.updated_at = now;
    }
    cx.touch();
    answer(cx, id, 200)
}

fn workweek(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = path_id(id)?;
    cx.account.schedules.get(&id).ok_or_else(ApiError::not_found)?;
    let body = cx.body()?;
    let Some(items) = body["workweek"]["intervals"].as_array() else {
        return Err(ApiError::bad_request("workweek.intervals must be a list"));
    };
    let mut intervals: Vec<(u32, u32)> = items.iter().map(interval).collect::<Result<_, _>>()?;
    intervals.sort_unstable();
    if intervals.windows(2).any(|pair| pair[0].1 > pair[1].0) {
        return Err(ApiError::invalid("intervals", "Intervals: must not overlap"));
    }
    let now = cx.now();
    if let Some(schedule) = cx.account.schedules.get_mut(&id) {
        schedule.intervals.clone_from(&intervals);
        schedule.updated_at = now;
    }
    cx.touch();
    let shown: Vec<Value> =
        intervals.iter().map(|(start, end)| json!({"start_time": start, "end_time": end})).collect();
    Ok(Answer::json(200, &json!({"workweek": {"intervals": shown}})))
}

/// Within one day; midnight may be the end.
fn interval(item: &Value) -> Result<(u32, u32), ApiError> {
    let minute = |key: &str| item[key].as_u64().filter(|minute| *minute <= WEEK);
    let pair = minute("start_time")
        .zip(minute("end_time"))
        .filter(|(start, end)| start < end && (start / 1440 == (end - 1) / 1440));
    let narrow = |minute: u64| u32::try_from(minute).unwrap_or_default();
    pair.map(|(start, end)| (narrow(start), narrow(end))).ok_or_else(|| {
        ApiError::invalid(
            "intervals",
            "Intervals: start and end are minutes since Sunday 00:00 within one day",
        )
    })
}

fn holidays(cx: &mut Context<'_>, id: &str, segments: &[&str]) -> Outcome {
    let id = path_id(id)?;
    let schedule = cx.account.schedules.get(&id).ok_or_else(ApiError::not_found)?;
    let found = |segment: &str| -> Result<usize, ApiError> {
        let holiday = path_id(segment)?;
        schedule.holidays.iter().position(|one| one.id == holiday).ok_or_else(ApiError::not_found)
    };
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => {
            let all: Vec<Value> = schedule.holidays.iter().map(render_holiday).collect();
            Ok(Answer::json(200, &json!({"holidays": all})))
        }
        ("GET", [holiday]) => {
            let one = &schedule.holidays[found(holiday)?];
            Ok(Answer::json(200, &json!({"holiday": render_holiday(one)})))
        }
        ("POST", []) => save_holiday(cx, id, None),
        ("PUT", [holiday]) => {
            let at = found(holiday)?;
            save_holiday(cx, id, Some(at))
        }
        ("DELETE", [holiday]) => {
            let at = found(holiday)?;
            if let Some(schedule) = cx.account.schedules.get_mut(&id) {
                schedule.holidays.remove(at);
            }
            cx.touch();
            Ok(Answer::empty(204))
        }
        _ => Err(ApiError::no_route()),
    }
}

fn save_holiday(cx: &mut Context<'_>, schedule: u64, at: Option<usize>) -> Outcome {
    let keys = ["name", "start_date", "end_date"];
    let action = if at.is_some() { "update" } else { "create" };
    let fields = cx.permitted(Permitted { root: "holiday", controller: "holidays", action, keys: &keys })?;
    let old = at.and_then(|at| cx.account.schedules.get(&schedule)?.holidays.get(at)).cloned();
    let take = |key: &str, old: Option<&String>| {
        text(&fields, key).map(str::to_owned).or_else(|| old.cloned()).unwrap_or_default()
    };
    let name = take("name", old.as_ref().map(|one| &one.name));
    let start_date = take("start_date", old.as_ref().map(|one| &one.start_date));
    let end_date = take("end_date", old.as_ref().map(|one| &one.end_date));
    let dates = start_date.parse::<jiff::civil::Date>().ok().zip(end_date.parse::<jiff::civil::Date>().ok());
    if name.trim().is_empty() {
        return Err(ApiError::invalid("name", "Name: cannot be blank"));
    }
    if dates.is_none_or(|(start, end)| end < start) {
        return Err(ApiError::invalid(
            "start_date",
            "Start date: must be a date not later than the end date",
        ));
    }
    let id = old.map_or_else(|| cx.account.mint(), |one| one.id);
    let holiday = Holiday { id, name, start_date, end_date };
    let reply = json!({"holiday": render_holiday(&holiday)});
    if let Some(schedule) = cx.account.schedules.get_mut(&schedule) {
        match at {
            Some(at) => schedule.holidays[at] = holiday,
            None => schedule.holidays.push(holiday),
        }
    }
    cx.touch();
    Ok(Answer::json(if at.is_some() { 200 } else { 201 }, &reply))
}
