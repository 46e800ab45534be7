//! Counters, gauges and histograms, by the names of `conventions.md` with the prefix `humansupport`.
//!
//! Methods are named for what happened, so that callers know nothing of names and labels. Must not take open text as a
//! label: words are `&'static str` from closed lists (`Reason::as_str`, `Kind::mark_word`, names of operations).

mod exposition;
mod labels;
mod objects;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

pub(super) use exposition::CONTENT_TYPE;
pub use labels::{
    ConditionStatus, LeaderState, ReconcileResult, ResponseCode, SeatState, SuspendState, ThrottleSource,
};
pub use objects::{ObjectName, ObjectSeries};

use labels::{Account, Build, Operation, Request, Round, Seats, Throttle};
use objects::Objects;

/// Of a round: from a check without a write (milliseconds) to an onboarding under a rate limit (minutes).
const ROUND_BUCKETS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 30.0, 60.0, 300.0];
/// Of a request to a helpdesk; none may take longer than a minute.
const REQUEST_BUCKETS: [f64; 10] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];
/// From the creation of a resource to its first Ready: seconds to hours (open steps, waiting seats).
const FIRST_READY_BUCKETS: [f64; 10] = [1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0];

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// One request to a helpdesk and how it ended.
#[derive(Clone, Copy, Debug)]
pub struct ProviderRequest {
    /// The vendor, as a word.
    pub provider: &'static str,
    /// What was asked for, from the provider's closed list of operations; never a path.
    pub operation: &'static str,
    /// How it ended.
    pub code: ResponseCode,
    /// From the first byte sent to the last byte read.
    pub duration: Duration,
}

/// All metrics of the process. Clones share the same state.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    objects: Objects,
    leader: Gauge,
    license_seats: Family<Seats, Gauge>,
    reconciles: Family<Round, Counter>,
    reconcile_duration: Histogram,
    first_ready_duration: Histogram,
    drift_detected: Counter,
    deletions_abandoned: Counter,
    provider_requests: Family<Request, Counter>,
    provider_request_duration: Histograms<Operation>,
    provider_throttled: Family<Throttle, Counter>,
    provider_ratelimit_remaining: Family<Account, Gauge<u64, AtomicU64>>,
    workqueue_depth: Gauge,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics of a process of this version in which nothing has happened yet.
    pub fn new(version: &'static str, series: ObjectSeries) -> Self {
        let request_duration: fn() -> Histogram = || Histogram::new(REQUEST_BUCKETS);
        let mut metrics = Self {
            registry: Arc::default(),
            objects: Objects::new(series),
            leader: Gauge::default(),
            license_seats: Family::default(),
            reconciles: Family::default(),
            reconcile_duration: Histogram::new(ROUND_BUCKETS),
            first_ready_duration: Histogram::new(FIRST_READY_BUCKETS),
            drift_detected: Counter::default(),
            deletions_abandoned: Counter::default(),
            provider_requests: Family::default(),
            provider_request_duration: Family::new_with_constructor(request_duration),
            provider_throttled: Family::default(),
            provider_ratelimit_remaining: Family::default(),
            workqueue_depth: Gauge::default(),
        };
        // A counter that starts to exist with its first event hides that event from `rate`.
        for source in ThrottleSource::ALL.iter().copied() {
            drop(metrics.provider_throttled.get_or_create(&Throttle { source }));
        }
        let mut registry = Registry::with_prefix("humansupport");
        let build: Family<Build, Gauge> = Family::default();
        build.get_or_create(&Build { version }).set(1);
        registry.register("build_info", "The version of the operator; always 1", build);
        metrics.register_operator(&mut registry);
        metrics.register_provider(&mut registry);
        registry.register_collector(Box::new(metrics.objects.clone()));
        metrics.registry = Arc::new(registry);
        metrics
    }

    // The library ends each help text with a period and each counter's name with `_total`.
    fn register_operator(&self, to: &mut Registry) {
        to.register("leader", "Whether this process leads (1) or not (0)", self.leader.clone());
        to.register("license_seats", "Seats of helpdesk accounts, by state", self.license_seats.clone());
        to.register("reconciles", "Rounds, by result and reason", self.reconciles.clone());
        let help = "How long a round takes";
        to.register_with_unit("reconcile_duration", help, Unit::Seconds, self.reconcile_duration.clone());
        let help = "From the creation of a resource to its first Ready";
        to.register_with_unit("first_ready_duration", help, Unit::Seconds, self.first_ready_duration.clone());
        let help = "Differences that somebody else made in a helpdesk";
        to.register("drift_detected", help, self.drift_detected.clone());
        let help = "Deletions that ended without their clean-up, leaving objects in a helpdesk";
        to.register("deletions_abandoned", help, self.deletions_abandoned.clone());
        to.register("workqueue_depth", "Resources that wait for their round", self.workqueue_depth.clone());
    }

    fn register_provider(&self, to: &mut Registry) {
        let help = "Requests to helpdesks, by how they ended";
        to.register("provider_requests", help, self.provider_requests.clone());
        let help = "How long requests to helpdesks take";
        let histogram = self.provider_request_duration.clone();
        to.register_with_unit("provider_request_duration", help, Unit::Seconds, histogram);
        let help = "Requests that had to wait, by whose limit it was";
        to.register("provider_throttled", help, self.provider_throttled.clone());
        let help = "Requests that a helpdesk still allows in the current window";
        to.register("provider_ratelimit_remaining", help, self.provider_ratelimit_remaining.clone());
    }

    /// All metrics in Prometheus' text format.
    ///
    /// # Errors
    /// Only by a mistake in a label encoder.
    pub fn render(&self) -> Result<String, fmt::Error> {
        exposition::render(&self.registry)
    }

    /// This process leads or does not.
    pub fn set_leader(&self, state: LeaderState) {
        self.leader.set(i64::from(state == LeaderState::Leading));
    }

    /// A round ended. `reason` is the word of the reason that its Ready condition has.
    pub fn reconciled(&self, result: ReconcileResult, reason: &'static str, duration: Duration) {
        self.reconciles.get_or_create(&Round { result, reason }).inc();
        self.reconcile_duration.observe(duration.as_secs_f64());
    }

    /// A resource became Ready for the first time, so long after its creation.
    pub fn first_ready(&self, since_creation: Duration) {
        self.first_ready_duration.observe(since_creation.as_secs_f64());
    }

    /// So many differences were found that somebody else made.
    pub fn drift_detected(&self, differences: u32) {
        self.drift_detected.inc_by(u64::from(differences));
    }

    /// A deletion ended without its clean-up.
    pub fn deletion_abandoned(&self) {
        self.deletions_abandoned.inc();
    }

    /// So many resources wait for their round.
    pub fn set_workqueue_depth(&self, waiting: u32) {
        self.workqueue_depth.set(i64::from(waiting));
    }

    /// A request to a helpdesk ended.
    pub fn provider_request(&self, request: ProviderRequest) {
        let ProviderRequest { provider, operation, code, duration } = request;
        self.provider_requests.get_or_create(&Request { provider, operation, code }).inc();
        let histogram = self.provider_request_duration.get_or_create(&Operation { provider, operation });
        histogram.observe(duration.as_secs_f64());
    }

    /// A request had to wait.
    pub fn throttled(&self, source: ThrottleSource) {
        self.provider_throttled.get_or_create(&Throttle { source }).inc();
    }

    /// A helpdesk said how many requests are left. `account` is the key of the account resource.
    pub fn set_ratelimit_remaining(&self, account: &str, requests: u64) {
        let account = account.to_owned();
        self.provider_ratelimit_remaining.get_or_create(&Account { account }).set(requests);
    }

    /// An account is gone, and its series with it.
    pub fn forget_account(&self, account: &str) {
        self.provider_ratelimit_remaining.remove(&Account { account: account.to_owned() });
        for state in [SeatState::Used, SeatState::Declared] {
            self.license_seats.remove(&Seats { account: account.to_owned(), state });
        }
    }

    /// So many seats of this account are in this state. `account` is the key of the account resource.
    pub fn set_license_seats(&self, account: &str, state: SeatState, seats: u32) {
        let labels = Seats { account: account.to_owned(), state };
        self.license_seats.get_or_create(&labels).set(i64::from(seats));
    }

    /// A condition has this status. `kind` is the condition's type; its former status has no series any more.
    pub fn set_condition(&self, object: ObjectName<'_>, kind: &'static str, status: ConditionStatus) {
        self.objects.change(object, |known| put(&mut known.conditions, kind, status));
    }

    /// A condition is no longer there.
    pub fn remove_condition(&self, object: ObjectName<'_>, kind: &'static str) {
        self.objects.change(object, |known| known.conditions.retain(|(other, _)| *other != kind));
    }

    /// A resource is suspended or not.
    pub fn set_suspended(&self, object: ObjectName<'_>, state: SuspendState) {
        self.objects.change(object, |known| known.suspended = Some(state));
    }

    /// A round of a resource ended in success at this moment (wall clock, seconds since 1970).
    pub fn set_last_success(&self, object: ObjectName<'_>, seconds: i64) {
        self.objects.change(object, |known| known.last_success = Some(seconds));
    }

    /// A resource still needs so many changes in the helpdesk, held ones included.
    pub fn set_pending_changes(&self, object: ObjectName<'_>, changes: u32) {
        self.objects.change(object, |known| known.pending_changes = Some(changes));
    }

    /// A resource has so many objects of a kind in the helpdesk. Only the sum over all resources is told.
    pub fn set_managed_objects(&self, object: ObjectName<'_>, resource: &'static str, count: u32) {
        self.objects.change(object, |known| put(&mut known.managed, resource, count));
    }

    /// A resource is gone, and all its series with it.
    pub fn forget(&self, object: ObjectName<'_>) {
        self.objects.forget(object);
    }
}

/// Sets the value of a word in a list of few.
fn put<V>(list: &mut Vec<(&'static str, V)>, word: &'static str, value: V) {
    match list.iter_mut().find(|(known, _)| *known == word) {
        Some((_, known)) => *known = value,
        None => list.push((word, value)),
    }
}

#[cfg(test)]
mod tests;
