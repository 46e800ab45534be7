//! What is told about every request: for metrics, without any text of a request or an answer.

use std::time::Duration;

/// Receives one report for each request.
pub trait RequestObserver: Send + Sync {
    /// A request ended (or was refused by our own budget).
    fn observe(&self, report: &RequestReport);

    /// The vendor's rate headers told how many requests are left in the present window.
    fn rate_limit_remaining(&self, _provider: &'static str, _remaining: u32) {}
}

/// What is told about one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestReport {
    /// The vendor, for example `zendesk`.
    pub provider: &'static str,
    /// The operation, for example `users.create`; a closed list per vendor.
    pub operation: &'static str,
    /// How it ended.
    pub ending: Ending,
    /// From the moment it was sent.
    pub duration: Duration,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With this status; 429 is the vendor's throttling.
    Status(u16),
    /// The connection was not made: surely without effect.
    NotSent,
    /// The answer was lost or cannot be used.
    Lost,
    /// Our own budget refused it: nothing was sent.
    OverBudget,
}

impl Ending {
    /// Whether a rate limit ended it, the vendor's or our own.
    pub fn is_throttled(self) -> bool {
        matches!(self, Ending::Status(429) | Ending::OverBudget)
    }
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl RequestObserver for NoObserver {
    fn observe(&self, _report: &RequestReport) {}
}
