//! Moves: a store whose `accountRef` changed leaves its former side, last of all (`api.md`, Move).
//!
//! Only after the new side is in order and a person has switched the bot: until then customers still arrive there.

use super::account::AccountId;
use super::bindings;
use super::context::Context;
use super::policy::deletion_of;
use super::round::{EntryProblem, Planned, Stance};
use super::sides;
use super::store::StoreResource;
use super::{pending, report};
use crate::model::{DeletionPolicy, Kind, Lifecycle, ObjectKey, Reason, StepName};

/// Leaves the sides that the store moved away from, where it may; a side that is left is recorded in `planned`.
pub async fn leave_former_sides(store: StoreResource<'_>, context: &Context, planned: &mut Planned) {
    let status_bindings = bindings::with_side(store.status().bindings, &planned.side);
    let in_order =
        planned.stance == Stance::Enforcing && report::ready_reason_of(planned) == Reason::Reconciled;
    let binding = format!("{} {}", planned.side.account, planned.side.host);
    let switched = pending::is_completed(&store.config.spec, StepName::SwitchBot, &binding);
    if !in_order || !switched {
        return;
    }
    let policy = deletion_of(store.config.spec.deletion_policy);
    for former in bindings::leaving(&status_bindings) {
        let left = match (policy, AccountId::from_binding_name(&former.account, store.namespace())) {
            (DeletionPolicy::Orphan, _) | (_, None) => Ok(()),
            (policy, Some(id)) => sides::end(store, context, (&id, Lifecycle::Deleting(policy))).await,
        };
        match left {
            Ok(()) => {
                planned.left_sides.push(former.account.clone());
                give_up(store, context, &former.account);
            }
            Err(blocked) => {
                let object = ObjectKey::new(Kind::Department, &former.account);
                let message = format!("the former account cannot be left yet: {}", blocked.message);
                planned.problems.push(EntryProblem::blocking(object, (blocked.reason, message)));
            }
        }
    }
}

/// What the store had for itself in an account that it left is free for others.
fn give_up(store: StoreResource<'_>, context: &Context, account: &str) {
    let id = AccountId::from_binding_name(account, store.namespace());
    let Some(account) = id.and_then(|id| context.accounts.find(&id)) else { return };
    let Some(place) = context.helpdesks.place_of(&account, store.into()) else { return };
    for heir in context.contention.leave(&place, store.uid()) {
        context.wake(&heir);
    }
}
