//! What the operator tells about itself: metrics, log, health.
//!
//! Knows nothing of the rest of the crate: callers hand over closed words (`Reason::as_str`, names of operations), so
//! that no e-mail address, URL or error text can become a label. Must not decide anything, and must not send anything
//! anywhere: Prometheus and the kubelet come and ask.

mod metrics;
mod panic;
mod readiness;
mod server;
mod tracing;

pub use self::metrics::{
    ConditionStatus, LeaderState, Metrics, ObjectName, ObjectSeries, ProviderRequest, ReconcileResult,
    ResponseCode, SeatState, SuspendState, ThrottleSource,
};
pub use self::panic::install_panic_hook;
pub use self::readiness::{Phase, Readiness};
pub use self::server::{Bound, ServerError};
pub use self::tracing::{LogError, LogFormat, init_tracing};

/// Everything the operator tells about itself. Clones share the same state.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// Counts and measures.
    pub metrics: Metrics,
    /// What `/readyz` answers.
    pub readiness: Readiness,
}

impl Telemetry {
    /// Telemetry of a process of this version that is just starting.
    pub fn new(version: &'static str, objects: ObjectSeries) -> Self {
        Self { metrics: Metrics::new(version, objects), readiness: Readiness::default() }
    }
}
