//! The simulator's clock: it can be frozen, advanced and sped up, so that expiry, limits and delays are tested in no time.
//!
//! It must be the only reader of the machine's clock for anything a simulated vendor decides.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A clock that starts at the machine's time and runs at its speed until told otherwise.
#[derive(Debug)]
pub struct Clock(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    anchor: Instant,
    simulated: Timestamp,
    speed: f64,
    frozen: bool,
}

/// A change of the clock, as `PUT /_sandbox/clock` takes it. Absent members stay as they are.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClockChange {
    /// Stop (`true`) or let run (`false`).
    pub freeze: Option<bool>,
    /// Jump by so many seconds; negative is a jump back.
    pub advance_seconds: Option<f64>,
    /// Simulated seconds per real second, more than 0.
    pub speed: Option<f64>,
    /// Jump to this moment.
    pub set: Option<Timestamp>,
}

/// What the clock says now.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClockReading {
    /// Simulated time.
    pub now: Timestamp,
    /// Whether it stands still.
    pub frozen: bool,
    /// Simulated seconds per real second.
    pub speed: f64,
}

impl Default for Clock {
    fn default() -> Self {
        Self(Mutex::new(Inner {
            anchor: Instant::now(),
            simulated: Timestamp::now(),
            speed: 1.0,
            frozen: false,
        }))
    }
}

impl Inner {
    fn now(&self) -> Timestamp {
        if self.frozen {
            return self.simulated;
        }
        shift(self.simulated, self.anchor.elapsed().as_secs_f64() * self.speed)
    }
}

fn shift(from: Timestamp, seconds: f64) -> Timestamp {
    SignedDuration::try_from_secs_f64(seconds)
        .ok()
        .and_then(|span| from.checked_add(span).ok())
        .unwrap_or(from)
}

impl Clock {
    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        self.lock().now()
    }

    /// Applies a change. Errors say what is allowed.
    pub fn change(&self, change: ClockChange) -> Result<ClockReading, String> {
        if change.speed.is_some_and(|speed| !speed.is_finite() || speed <= 0.0) {
            return Err("speed must be a number above 0; use freeze to stop the clock".to_owned());
        }
        let mut inner = self.lock();
        let now = change.set.unwrap_or_else(|| inner.now());
        inner.simulated = shift(now, change.advance_seconds.unwrap_or(0.0));
        inner.anchor = Instant::now();
        inner.speed = change.speed.unwrap_or(inner.speed);
        inner.frozen = change.freeze.unwrap_or(inner.frozen);
        Ok(ClockReading { now: inner.simulated, frozen: inner.frozen, speed: inner.speed })
    }

    /// What the clock says, with its settings.
    pub fn reading(&self) -> ClockReading {
        let inner = self.lock();
        ClockReading { now: inner.now(), frozen: inner.frozen, speed: inner.speed }
    }

    /// Stops the clock, in tests.
    pub fn freeze(&self) {
        // A plain freeze has no refused form.
        let _ = self.change(ClockChange { freeze: Some(true), ..ClockChange::default() });
    }

    /// Moves the clock forward, in tests.
    pub fn advance(&self, by: Duration) {
        let change = ClockChange { advance_seconds: Some(by.as_secs_f64()), ..ClockChange::default() };
        // A plain advance has no refused form.
        let _ = self.change(change);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
