//! The circuit breaker: while the vendor is down, one probe every half minute, and no herd afterwards.

use std::time::{Duration, Instant};

use super::super::ProviderError;

/// Failures in a row that open it.
const TOLERATED: u32 = 5;
/// The least time between two probes; up to half of it is added at random.
const PROBE_INTERVAL: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    next_probe: Option<Instant>,
}

impl Breaker {
    /// Whether a request may queue.
    pub(super) fn check(&self, now: Instant) -> Result<(), ProviderError> {
        match self.next_probe {
            Some(at) if now < at => Err(ProviderError::Unavailable),
            Some(_) | None => Ok(()),
        }
    }

    /// Whether a request may be sent now; while open, the first one becomes the probe.
    pub(super) fn enter(&mut self, now: Instant) -> Result<(), ProviderError> {
        self.check(now)?;
        if self.next_probe.is_some() {
            self.next_probe = Some(now + jittered());
        }
        Ok(())
    }

    pub(super) fn alive(&mut self) {
        self.failures = 0;
        self.next_probe = None;
    }

    pub(super) fn failing(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= TOLERATED && self.next_probe.is_none_or(|at| at <= now) {
            self.next_probe = Some(now + jittered());
        }
    }
}

fn jittered() -> Duration {
    PROBE_INTERVAL.mul_f64(1.0 + rand::random::<f64>() / 2.0)
}
