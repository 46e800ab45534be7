//! What a round leaves in the metrics, from its report.

use super::report::{self, Report};
use super::store::StoreResource;
use crate::api::conditions::{ConditionStatus, ConditionType};
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
    if result_of(report) == ReconcileResult::Success {
        metrics.set_last_success(object, crate::clock::wall().as_second());
    }
}

fn word_of(status: ConditionStatus) -> telemetry::ConditionStatus {
    match status {
        ConditionStatus::True => telemetry::ConditionStatus::True,
        ConditionStatus::False => telemetry::ConditionStatus::False,
        ConditionStatus::Unknown => telemetry::ConditionStatus::Unknown,
    }
}
