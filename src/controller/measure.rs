//! What a round leaves in the metrics, from its report.

use std::time::Duration;

use super::report::{self, Report};
use super::round::Planned;
use super::store::StoreResource;
use crate::api::conditions::{ConditionStatus, ConditionType};
use crate::model::{Owner, Reason, WasInSync};
use crate::provider::Outcome;
use crate::telemetry::{self, Metrics, ObjectName, ReconcileResult, SuspendState};

/// A store as the metrics name it.
pub fn object_of<'a>(store: StoreResource<'a>) -> ObjectName<'a> {
    ObjectName { namespace: store.namespace(), name: store.name() }
}

/// How a round ended, in the metrics' words.
pub fn result_of(report: &Report) -> ReconcileResult {
    if report::is_stalled(report) {
        ReconcileResult::Stalled
    } else if report::goes_on_by_itself(report.reason) {
        ReconcileResult::Retry
    } else {
        ReconcileResult::Success
    }
}

/// Writes a store's state down.
pub fn store(metrics: &Metrics, store: StoreResource<'_>, report: &Report) {
    let object = object_of(store);
    for type_ in ConditionType::ALL {
        let found = crate::api::conditions::get(&report.status.conditions, type_);
        match found.map(|condition| condition.status) {
            Some(status) => metrics.set_condition(object, type_.as_str(), word_of(status)),
            None => metrics.remove_condition(object, type_.as_str()),
        }
    }
    let suspended = if store.config.spec.suspend { SuspendState::Suspended } else { SuspendState::Active };
    metrics.set_suspended(object, suspended);
    let pending = report.status.plan.as_ref().map_or(0, |plan| plan.changes);
    metrics.set_pending_changes(object, u32::try_from(pending).unwrap_or_default());
    let before = crate::api::conditions::get(&store.status().conditions, ConditionType::Ready).cloned();
    let after = crate::api::conditions::get(&report.status.conditions, ConditionType::Ready);
    let was_ready = before.as_ref().is_some_and(|condition| condition.status != ConditionStatus::Unknown);
    let is_ready = after.is_some_and(|condition| condition.status == ConditionStatus::True);
    if is_ready && !was_ready {
        let seconds = crate::clock::wall().as_second() - store.created_at();
        metrics.first_ready(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()));
    }
    if result_of(report) == ReconcileResult::Success {
        metrics.set_last_success(object, crate::clock::wall().as_second());
    }
}

/// Counts what a round found: differences that somebody else made, and objects that are ours.
pub fn round(metrics: &Metrics, store: StoreResource<'_>, planned: &Planned) {
    if store.was_in_sync() == WasInSync::Before {
        let changed = planned.done.iter().filter(|done| matches!(done.outcome, Outcome::Applied(_))).count();
        let reported = planned
            .plan
            .held
            .iter()
            .filter(|held| matches!(held.reason, Reason::RemoteChanged | Reason::RemoteDeleted));
        metrics.drift_detected(u32::try_from(changed + reported.count()).unwrap_or(u32::MAX));
    }
    let observed = &planned.observed;
    let managed = |kind: &'static str, ours: usize| {
        metrics.set_managed_objects(object_of(store), kind, u32::try_from(ours).unwrap_or(u32::MAX));
    };
    managed("departments", observed.departments.iter().filter(|remote| is_ours(&remote.owner)).count());
    managed("agents", observed.agents.iter().filter(|remote| is_ours(&remote.owner)).count());
    managed("webhooks", observed.webhooks.iter().filter(|remote| is_ours(&remote.owner)).count());
    managed("routes", observed.routes.iter().filter(|remote| is_ours(&remote.owner)).count());
}

fn is_ours(owner: &Owner) -> bool {
    matches!(owner, Owner::Us { .. })
}

fn word_of(status: ConditionStatus) -> telemetry::ConditionStatus {
    match status {
        ConditionStatus::True => telemetry::ConditionStatus::True,
        ConditionStatus::False => telemetry::ConditionStatus::False,
        ConditionStatus::Unknown => telemetry::ConditionStatus::Unknown,
    }
}
