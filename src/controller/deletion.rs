//! Deletion: the same line with nothing desired, and it always ends (`conventions.md`, Status 10).
//!
//! Without the credentials it waits a bounded time, then finishes and says what was left. For conversations that people
//! have to give away it waits up to a day, by the helpdesk's clock (`api.md`, Policies).

use std::time::Duration;

use kube::runtime::controller::Action;

use super::account::AccountId;
use super::context::Context;
use super::report::{StoreEvent, deletion_blocked};
use super::requeue;
use super::round::{Blocked, Retry};
use super::sides::{self, Ending};
use super::store::StoreResource;
use super::{measure, outrun, publish};
use crate::api::annotations;
use crate::clock;
use crate::model::{DeletionPolicy, EventReason, Lifecycle, PendingStep, Reason};

/// The longest that people's conversations are waited for, by our own clock. The helpdesk's day ends the wait before;
/// but an account that somebody keeps changing never becomes a day old there, and a deletion always ends.
const PEOPLE_LIMIT: jiff::SignedDuration = jiff::SignedDuration::from_hours(48);
/// How long this process must have waited besides: a wall clock that jumps ahead must not end the wait.
const PEOPLE_WAITED: Duration = Duration::from_secs(3600);

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
    let left = match outrun::refusal(store) {
        Some(blocked) => Left { steps: Vec::new(), blocked: Some(blocked) },
        None => clean_up(store, context).await,
    };
    decide(store, context, left).await
}

/// What a clean-up could not do.
#[derive(Default)]
struct Left {
    /// The steps of people whose conversations are awaited.
    steps: Vec<PendingStep>,
    /// The first side that could not be cleaned up.
    blocked: Option<Blocked>,
}

/// Cleans up on every side the store has objects in; one that cannot be reached does not keep the others.
async fn clean_up(store: StoreResource<'_>, context: &Context) -> Left {
    let mut left = Left::default();
    let policy = super::policy::deletion_of(store.config.spec.deletion_policy);
    if policy == DeletionPolicy::Orphan {
        return left;
    }
    for binding in &store.status().bindings {
        let Some(id) = AccountId::from_binding_name(&binding.account, store.namespace()) else { continue };
        match sides::end(store, context, (&id, Lifecycle::Deleting(policy))).await {
            Ok(Ending::Over) => {}
            Ok(Ending::WaitsForPeople(steps)) => left.steps.extend(steps),
            Err(blocked) => left.blocked = left.blocked.or(Some(blocked)),
        }
    }
    left
}

/// Lets go when nothing is left, or when what is left has been waited for long enough: the timeout bounds what cannot
/// be reached, a day people's conversations.
async fn decide(store: StoreResource<'_>, context: &Context, left: Left) -> Action {
    let Left { steps, blocked } = left;
    let mut memory = context.memories.recall(store.uid());
    let now = clock::monotonic();
    match &blocked {
        None => (memory.deletion_blocked_since, memory.failures) = (None, 0),
        Some(_) => {
            memory.deletion_blocked_since.get_or_insert(now);
            memory.failures = memory.failures.saturating_add(1);
        }
    }
    let (since, failures) = (memory.deletion_blocked_since.unwrap_or(now), memory.failures);
    let people_since = *memory.people_awaited_since.get_or_insert(now);
    context.memories.remember(store.uid(), memory);
    let given_up = now.duration_since(since) >= context.settings.deletion_timeout;
    let waited = now.duration_since(people_since);
    let had_their_time = waited >= PEOPLE_WAITED && people_had_their_time(store);
    let waits = !steps.is_empty() && !had_their_time;
    match blocked {
        Some(blocked) if !given_up => wait(store, context, (&blocked, &steps), failures).await,
        _ if waits => wait(store, context, (&sides::waits_for(&steps), &steps), failures).await,
        Some(blocked) => {
            let note = format!(
                "the clean-up could not be made ({}); the store's objects stay in the helpdesk with their marks",
                blocked.reason
            );
            let_go(store, context, Some(&note)).await
        }
        None if steps.is_empty() => let_go(store, context, None).await,
        None => {
            let note = "conversations stayed assigned for two days; their agents stay in the helpdesk, suspended, with their marks";
            let_go(store, context, Some(note)).await
        }
    }
}

fn people_had_their_time(store: StoreResource<'_>) -> bool {
    let deleted_at = store.config.metadata.deletion_timestamp.as_ref();
    deleted_at.is_some_and(|time| clock::wall().duration_since(time.0) >= PEOPLE_LIMIT)
}

async fn wait(
    store: StoreResource<'_>,
    context: &Context,
    (blocked, steps): (&Blocked, &[PendingStep]),
    failures: u32,
) -> Action {
    // A status that cannot be written is written by the next round: nothing depends on it.
    if blocked.reason == Reason::OwnedByNewerVersion && store.status().is_outrun {
        let _ = outrun::tell(context, store, blocked).await;
    } else {
        let report = deletion_blocked(store, (blocked, steps), clock::wall());
        let _ = publish::publish(context, (store, store.config.status.as_ref()), &report).await;
    }
    let longest = Duration::from_secs(30);
    Action::requeue(match blocked.retry {
        Retry::After(pause) if blocked.reason == Reason::ConversationsAssigned => pause,
        Retry::After(pause) => pause.min(longest),
        Retry::AtResync | Retry::ForSecret | Retry::ForPerson(_) | Retry::BackOff => {
            requeue::back_off(failures, rand::random()).min(longest)
        }
    })
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
    context.queue.forget(store.uid());
    context.metrics.forget(measure::object_of(store));
    for heir in context.contention.withdraw(store.uid()) {
        context.wake(&heir);
    }
}
