//! What the controller gives to the providers' transport: the counting of requests, and the permit to write while we lead.

use std::time::Instant;

use super::leader;
use crate::provider::http::{Ending, RequestObserver, RequestReport, WritePermit};
use crate::telemetry::{Metrics, ProviderRequest, ResponseCode, ThrottleSource};

/// Counts the requests to one account's helpdesk.
pub struct Requests {
    /// The key of the account resource.
    pub account: String,
    /// Where they are counted.
    pub metrics: Metrics,
}

impl RequestObserver for Requests {
    fn observe(&self, report: &RequestReport) {
        let code = match report.ending {
            Ending::Status(status) => ResponseCode::Status(status),
            Ending::NotSent => ResponseCode::Network,
            Ending::Lost => ResponseCode::Timeout,
            Ending::OverBudget => {
                self.metrics.throttled(ThrottleSource::Budget);
                return;
            }
        };
        if report.ending.is_throttled() {
            self.metrics.throttled(ThrottleSource::Vendor);
        }
        let RequestReport { provider, operation, ending: _, duration } = *report;
        self.metrics.provider_request(ProviderRequest { provider, operation, code, duration });
    }

    fn rate_limit_remaining(&self, _provider: &'static str, remaining: u32) {
        self.metrics.set_ratelimit_remaining(&self.account, u64::from(remaining));
    }
}

impl WritePermit for leader::Fence {
    fn outlives(&self, deadline: Instant) -> bool {
        leader::Fence::outlives(self, deadline)
    }
}
