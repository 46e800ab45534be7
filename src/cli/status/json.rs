//! Stores for programs. Lists and conditions are those of the status, word for word.

use serde_json::{Value, json};

use super::resync::Resync;
use crate::api::HumanSupportConfig;
use crate::cli::state::{Reachable, StoreState};
use crate::cli::stores::StoreName;

/// All stores, and whether all are ready.
pub(super) fn of(stores: &[HumanSupportConfig], resync: Resync) -> Value {
    let all_ready = stores.iter().all(|store| StoreState::new(store).is_ready());
    json!({
        "ready": all_ready,
        "stores": stores.iter().map(|store| one(store, resync)).collect::<Vec<_>>(),
    })
}

/// One store. `live` is null where it is not known.
fn one(store: &HumanSupportConfig, resync: Resync) -> Value {
    let state = StoreState::new(store);
    let (reachable, answer) = state.reachable();
    let StoreName { namespace, name } = StoreName::of(store);
    let status = store.status.clone().unwrap_or_default();
    json!({
        "namespace": namespace,
        "name": name,
        "store": store.spec.store,
        "account": format!("{:?}/{}", store.spec.account_ref.kind, store.spec.account_ref.name),
        "platform": status.platform,
        "mode": store.spec.mode,
        "ready": state.is_ready(),
        "live": match reachable {
            Reachable::Yes => Value::from(true),
            Reachable::No => Value::from(false),
            Reachable::Unknown => Value::Null,
        },
        "answer": answer,
        "state": state.headline(),
        "suspended": store.spec.suspend,
        "deleting": state.is_deleting(),
        "current": state.is_current(),
        "waitsForApproval": state.waits_for_approval(),
        "summary": status.summary,
        "conditions": status.conditions,
        "problems": status.problems,
        "problemCount": status.problem_count,
        "pendingSteps": status.pending_steps,
        "plan": status.plan,
        "handover": status.handover,
        "nextTraining": status.next_training,
        "resyncPeriod": store.spec.resync_period,
        "nextResyncBefore": resync.latest(store).map(|latest| latest.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    })
}
