//! Deletion: the same line with nothing desired, and it always ends (`conventions.md`, Status 10).
//!
//! Without the credentials it waits a bounded time, then finishes and says what was left.

use std::time::Duration;

use kube::runtime::controller::Action;

use super::account::AccountId;
use super::context::Context;
use super::report::{StoreEvent, deletion_blocked};
use super::requeue;
use super::round::{Blocked, Retry};
use super::sides;
use super::store::StoreResource;
use super::{measure, publish};
use crate::api::annotations;
use crate::clock;
use crate::model::{DeletionPolicy, EventReason, Lifecycle};

/// Works on the end of a store once.
pub async fn finish(store: StoreResource<'_>, context: &Context) -> Action {
    if !store.has_finalizer() {
        forget(store, context);
        return Action::await_change();
    }
    if store.annotation(annotations::FORCE_FINALIZE) == Some("true") {
        let note =
            "the clean-up was given up on request; the store's objects stay in the helpdesk with their marks";
        return let_go(store, context, Some(note)).await;
    }
    match clean_up(store, context).await {
        Ok(()) => let_go(store, context, None).await,
        Err(blocked) => wait(store, context, blocked).await,
    }
}

/// Cleans up on every side the store has objects in.
async fn clean_up(store: StoreResource<'_>, context: &Context) -> Result<(), Blocked> {
    let policy = super::policy::deletion_of(store.config.spec.deletion_policy);
    if policy == DeletionPolicy::Orphan {
        return Ok(());
    }
    let bindings = store.status().bindings;
    for binding in &bindings {
        let Some(id) = AccountId::from_binding_name(&binding.account, store.namespace()) else { continue };
        sides::end(store, context, (&id, Lifecycle::Deleting(policy))).await?;
    }
    Ok(())
}

async fn wait(store: StoreResource<'_>, context: &Context, blocked: Blocked) -> Action {
    let now = clock::monotonic();
    let mut memory = context.memories.recall(store.uid());
    let since = *memory.deletion_blocked_since.get_or_insert(now);
    memory.failures = memory.failures.saturating_add(1);
    let failures = memory.failures;
    context.memories.remember(store.uid(), memory);
    if now.duration_since(since) >= context.settings.deletion_timeout {
        let note = format!(
            "the clean-up could not be made ({}); the store's objects stay in the helpdesk with their marks",
            blocked.reason
        );
        return let_go(store, context, Some(&note)).await;
    }
    let report = deletion_blocked(store, &blocked, clock::wall());
    // A status that cannot be written is written by the next round: nothing depends on it.
    let _ = publish::publish(context, store, &report).await;
    let pause = match blocked.retry {
        Retry::After(pause) => pause,
        Retry::AtResync | Retry::ForSecret | Retry::ForPerson(_) | Retry::BackOff => {
            requeue::back_off(failures, rand::random())
        }
    };
    Action::requeue(pause.min(Duration::from_secs(30)))
}

async fn let_go(store: StoreResource<'_>, context: &Context, left_behind: Option<&str>) -> Action {
    if publish::release(context, store).await.is_err() {
        return Action::requeue(Duration::from_secs(2));
    }
    if let Some(note) = left_behind {
        context.metrics.deletion_abandoned();
        context.events.tell(store, &StoreEvent::warning(EventReason::ExternalObjectsKept, note)).await;
    }
    forget(store, context);
    Action::await_change()
}

/// A resource that is gone wants nothing any more; who waited for it is looked at at once.
pub fn forget(store: StoreResource<'_>, context: &Context) {
    context.memories.forget(store.uid());
    context.metrics.forget(measure::object_of(store));
    for heir in context.contention.withdraw(store.uid()) {
        context.wake(&heir);
    }
}
