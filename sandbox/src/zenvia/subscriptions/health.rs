//! How deliveries move a subscription between ACTIVE, DEGRADED and INACTIVE, with the vendor's documented numbers.
//!
//! Must be told of deliveries: the simulator sends none.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::super::records::{Counters, Health, Subscription};

/// Failures in a row that degrade a subscription.
const DEGRADES: u64 = 10;
/// Failures in a row that end it.
const ENDS: u64 = 500;
/// Successes in a row that heal it.
const HEALS: u64 = 50;
/// What a timeout counts as.
const TIMEOUT: u64 = 10;
/// Counters start afresh this long after their first increment.
const WINDOW: SignedDuration = SignedDuration::from_hours(8);

/// How an attempt to deliver ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Delivery {
    /// Status that the webhook answered; null: none.
    pub(crate) status_code: Option<u16>,
    /// How long it took.
    #[serde(default)]
    pub(crate) milliseconds: u64,
}

impl Delivery {
    /// How many failures it counts as: none for a 2xx within a second, ten without an answer within five.
    fn failures(self) -> u64 {
        match self.status_code {
            _ if self.milliseconds >= 5000 => TIMEOUT,
            None => TIMEOUT,
            Some(code) if (200..300).contains(&code) && self.milliseconds <= 1000 => 0,
            Some(_) => 1,
        }
    }
}

/// Notes one attempt. An INACTIVE subscription gets none.
pub(crate) fn note(one: &mut Subscription, delivery: Delivery, now: Timestamp) {
    if one.status == Health::Inactive {
        return;
    }
    if one.counters.since.is_some_and(|since| now.duration_since(since) >= WINDOW) {
        one.counters = Counters::default();
    }
    match delivery.failures() {
        0 => {
            one.counters.failures = 0;
            if one.status == Health::Degraded {
                one.counters.successes += 1;
                one.counters.since.get_or_insert(now);
            }
        }
        failures => {
            one.counters.successes = 0;
            one.counters.failures += failures;
            one.counters.since.get_or_insert(now);
        }
    }
    if one.counters.successes >= HEALS {
        one.status = Health::Active;
        one.counters = Counters::default();
    } else if one.counters.failures >= ENDS {
        one.status = Health::Inactive;
        one.counters.given_up = true;
    } else if one.counters.failures >= DEGRADES {
        one.status = Health::Degraded;
    }
}
