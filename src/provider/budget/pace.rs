//! The pace of one account: a token bucket, slowed down by what the vendor tells.

use std::time::{Duration, Instant};

/// What may be sent at once after a pause.
const BURST: f64 = 10.0;
/// The part of the vendor's limit that we never use: the bot and the agents live on it.
const RESERVE: f64 = 0.3;
/// The vendor's window.
const WINDOW: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Pace {
    /// What we allow ourselves, a minute.
    own: f64,
    /// The vendor's limit, a minute, where a header told it.
    limit: Option<f64>,
    tokens: f64,
    counted_at: Instant,
    blocked_until: Instant,
}

impl Pace {
    pub(super) fn new(per_minute: u32, now: Instant) -> Self {
        let own = f64::from(per_minute.max(1));
        Self { own, limit: None, tokens: BURST, counted_at: now, blocked_until: now }
    }

    /// The vendor's limit, a minute, where a header told it.
    pub(super) fn vendor_limit(&self) -> Option<u32> {
        // A header's whole number that was kept as a float: the conversion gives it back.
        self.limit.map(|limit| limit as u32)
    }

    /// Requests a second: our own setting, and never into the reserve of the vendor's limit.
    fn per_second(&self) -> f64 {
        let ceiling = self.limit.map_or(self.own, |limit| self.own.min(limit * (1.0 - RESERVE)));
        ceiling.max(1.0) / WINDOW.as_secs_f64()
    }

    /// How long until a request may go.
    pub(super) fn wait(&mut self, now: Instant) -> Duration {
        let rate = self.per_second();
        // Nothing is saved up while nothing may be sent: after a pause we start slowly.
        let since = self.counted_at.max(self.blocked_until.min(now));
        let passed = now.saturating_duration_since(since).as_secs_f64();
        self.tokens = (self.tokens + passed * rate).min(BURST);
        self.counted_at = now;
        let short = (1.0 - self.tokens).max(0.0);
        // One microsecond more than computed: rounding must not wake us a moment too early, again and again.
        let refill = if short > 0.0 {
            Duration::from_secs_f64(short / rate) + Duration::from_micros(1)
        } else {
            Duration::ZERO
        };
        refill.max(self.blocked_for(now))
    }

    pub(super) fn take(&mut self) {
        self.tokens -= 1.0;
    }

    pub(super) fn blocked_for(&self, now: Instant) -> Duration {
        self.blocked_until.saturating_duration_since(now)
    }

    pub(super) fn block_until(&mut self, moment: Instant) {
        self.blocked_until = self.blocked_until.max(moment);
        // After a pause we start slowly: whoever was throttled must not come back as a herd.
        self.tokens = self.tokens.min(1.0);
    }

    /// Follows the rate headers: the limit, and a pause until the window is full when only the reserve remains.
    pub(super) fn learn(&mut self, limit: u32, remaining: Option<u32>, reset_at: Option<Instant>) {
        if limit == 0 {
            return;
        }
        self.limit = Some(f64::from(limit));
        if let Some(remaining) = remaining
            && f64::from(remaining) < f64::from(limit) * RESERVE
        {
            // Without a reset time, wait until the missing part has come back at the vendor's own rate.
            let missing = f64::from(limit) * RESERVE - f64::from(remaining);
            let refill = WINDOW.mul_f64((missing / f64::from(limit)).clamp(0.0, 1.0));
            let until = reset_at.unwrap_or(self.counted_at + refill);
            self.block_until(until.min(self.counted_at + WINDOW));
        }
    }
}
