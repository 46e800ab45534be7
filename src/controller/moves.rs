//! Moves: a store whose `accountRef` changed leaves its former side, last of all (`api.md`, Move).
//!
//! Only after the new side is in order and a person has switched the bot: until then customers still arrive there.

use super::account::AccountId;
use super::bindings;
use super::context::Context;
use super::pending;
use super::policy::deletion_of;
use super::round::{EntryProblem, Planned, Stance};
use super::sides::{self, Ending};
use super::store::StoreResource;
use crate::model::{DeletionPolicy, Kind, Lifecycle, ObjectKey, StepName};

/// Leaves the sides that the store moved away from, where it may; a side that is left is recorded in `planned`.
pub async fn leave_former_sides(store: StoreResource<'_>, context: &Context, planned: &mut Planned) {
    let status_bindings = bindings::with_side(store.status().bindings, &planned.side);
    let in_order =
        planned.stance == Stance::Enforcing && planned.plan.steps.is_empty() && planned.problems.is_empty();
    let binding = format!("{} {}", planned.side.account, planned.side.host);
    let switched = pending::is_completed(&store.config.spec, StepName::SwitchBot, &binding);
    if !in_order || !switched {
        return;
    }
    let policy = deletion_of(store.config.spec.deletion_policy);
    for former in bindings::leaving(&status_bindings) {
        let left = match (policy, AccountId::from_binding_name(&former.account, store.namespace())) {
            (DeletionPolicy::Orphan, _) | (_, None) => Ok(Ending::Over),
            (policy, Some(id)) => sides::end(store, context, (&id, Lifecycle::Deleting(policy))).await,
        };
        let left = left.and_then(|ending| match ending {
            Ending::Over => Ok(()),
            Ending::WaitsForPeople(steps) => Err(sides::waits_for(&steps)),
        });
        match left {
            Ok(()) => planned.left_sides.push(former.account.clone()),
            Err(blocked) => {
                let object = ObjectKey::new(Kind::Department, &former.account);
                let message = format!("the former account cannot be left yet: {}", blocked.message);
                planned.problems.push(EntryProblem::blocking(object, (blocked.reason, message)));
            }
        }
    }
}
