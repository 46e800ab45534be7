//! The moments at which a store changes by itself: the end of somebody's last day, a training.
//!
//! Why: what the calendar decides must happen then and not at the next resync, which may be a day later. Pure: the time
//! is an argument.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::{hours, training};
use crate::api::HumanSupportConfigSpec;
use crate::api::formats;

/// The store's time zone; UTC where it declares none.
pub fn zone(spec: &HumanSupportConfigSpec) -> TimeZone {
    spec.business_hours.as_ref().and_then(hours::zone_of).unwrap_or(TimeZone::UTC)
}

/// The store's day at a moment.
pub fn today(spec: &HumanSupportConfigSpec, now: Timestamp) -> Date {
    now.to_zoned(zone(spec)).date()
}

/// The next moment after `now` at which the store changes by itself.
pub fn next_moment(spec: &HumanSupportConfigSpec, now: Timestamp) -> Option<Timestamp> {
    [next_last_day(spec, now), training::next_moment(spec, now)].into_iter().flatten().min()
}

/// A pause that ends no later than a second after the next moment; `pause` where none is earlier.
pub fn shortened(pause: Duration, spec: &HumanSupportConfigSpec, now: Timestamp) -> Duration {
    let Some(moment) = next_moment(spec, now) else { return pause };
    let until = Duration::try_from(moment.duration_since(now)).unwrap_or_default();
    pause.min(until + Duration::from_secs(1))
}

/// The midnight in the store's time zone at which the next last day ends.
fn next_last_day(spec: &HumanSupportConfigSpec, now: Timestamp) -> Option<Timestamp> {
    let zone = zone(spec);
    let ends = spec.agents.iter().filter(|agent| agent.is_active()).filter_map(|agent| {
        let last = formats::parse_date(agent.until.as_deref()?)?;
        // Where a clock skips midnight, the day starts at the first moment that exists.
        Some(last.checked_add(1.day()).ok()?.to_zoned(zone.clone()).ok()?.start_of_day().ok()?.timestamp())
    });
    ends.filter(|end| *end > now).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(zone: &str, until: &str) -> HumanSupportConfigSpec {
        let text = format!(
            r#"
accountRef: {{kind: HelpdeskAccount, name: z}}
store: a
whatsapp: {{phoneNumber: "+551140028922"}}
businessHours: {{timeZone: {zone}}}
agents:
  - {{name: ana, displayName: Ana, email: ana@loja.example, profile: Agent, until: {until}}}
  - {{name: bia, displayName: Bia, email: bia@loja.example, profile: Agent}}
  - {{name: caio, displayName: Caio, email: caio@loja.example, profile: Agent, until: 2027-06-30}}
"#
        );
        serde_saphyr::from_str(&text).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_day_after_the_last_day_begins_at_the_stores_own_midnight() {
        for (zone, moment) in [
            ("America/Sao_Paulo", "2027-01-01T03:00:00Z"),
            ("Asia/Tokyo", "2026-12-31T15:00:00Z"),
            ("UTC", "2027-01-01T00:00:00Z"),
        ] {
            let spec = spec(zone, "2026-12-31");
            assert_eq!(next_moment(&spec, at("2026-12-01T00:00:00Z")), Some(at(moment)), "{zone}");
            assert_eq!(
                next_moment(&spec, at(moment)).map(|next| next > at("2027-06-30T00:00:00Z")),
                Some(true)
            );
        }
    }

    #[test]
    fn a_midnight_that_the_clock_skips_is_the_first_moment_of_that_day() {
        // Beirut went from 2022-03-26 24:00 straight to 01:00.
        let spec = spec("Asia/Beirut", "2022-03-26");
        assert_eq!(next_moment(&spec, at("2022-03-26T00:00:00Z")), Some(at("2022-03-26T22:00:00Z")));
        assert_eq!(today(&spec, at("2022-03-26T22:00:00Z")).to_string(), "2022-03-27");
    }

    #[test]
    fn a_store_is_looked_at_when_the_last_day_ends_and_not_a_resync_later() {
        let spec = spec("America/Sao_Paulo", "2026-12-31");
        let day = Duration::from_secs(86_400);
        let before = at("2027-01-01T02:59:30Z");
        assert_eq!(shortened(day, &spec, before), Duration::from_secs(31));
        assert_eq!(shortened(Duration::from_secs(5), &spec, before), Duration::from_secs(5));
        assert_eq!(shortened(day, &spec, at("2028-01-01T00:00:00Z")), day);
        let looked = before + Duration::from_secs(31);
        assert!(
            super::super::training::is_over(&spec.agents[0], today(&spec, looked)),
            "it is the day after"
        );
        assert!(!super::super::training::is_over(&spec.agents[0], today(&spec, before)));
    }
}
