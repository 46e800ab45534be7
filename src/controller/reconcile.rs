//! One round of one store: the list of phases, each of them a file.
//!
//! resolve → desired → observe → plan → apply → report → status, events, requeue. Whatever happens is in the status:
//! nothing returns past the report.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::runtime::controller::Action;

use super::consent::Trail;
use super::context::Context;
use super::deletion;
use super::memory::StoreMemory;
use super::report::{self, Report};
use super::requeue::{self, SECRET_PAUSE};
use super::round::{Blocked, Retry, Round};
use super::side::{self, Prepared};
use super::store::StoreResource;
use super::{due, handover, hours, measure, moves, outrun, publish};
use crate::api::HumanSupportConfig;
use crate::clock;
use crate::provider::ProviderError;

/// Over how long the stores that open at one moment are spread.
const HOURS_SPREAD: Duration = Duration::from_secs(20);

/// Works on one store once.
pub async fn reconcile(config: Arc<HumanSupportConfig>, context: Arc<Context>) -> Result<Action, Infallible> {
    let store = StoreResource::new(&config);
    context.queue.begins(store.uid());
    if store.is_deleting() {
        // A deletion that waits is looked at by the runtime's own timer; it is due when that rings.
        return Ok(deletion::finish(store, &context).await);
    }
    if let Some(refusal) = outrun::refusal(store) {
        return Ok(refuse(store, &context, &refusal).await);
    }
    let started = clock::monotonic();
    let mut memory = context.memories.recall(store.uid());
    let opened = open(store, &context).await;
    let store = StoreResource::new(opened.config.as_ref().unwrap_or(&config));
    let (mut round, trail) = carry_on(store, &context, (opened.phase, &mut memory)).await;
    let approved = report::plan_approved(store.config.status.as_ref(), trail.recorded.as_ref());
    let written = trail.recorded.as_ref().or(store.config.status.as_ref());
    let learned = trail.learned.map(|status| store.with_status(status));
    let store = StoreResource::new(learned.as_ref().unwrap_or(store.config));
    if let Round::Planned(planned) = &round {
        measure::round(&context.metrics, store, planned);
    }
    let mut report = report::report(store, &round, clock::wall());
    if let Round::Planned(planned) = &mut round {
        planned.sheet_problem =
            handover::publish::keep(&context, (store, planned), &report.status, &mut memory).await;
        if planned.sheet_problem.is_some() {
            report = report::report(store, &round, clock::wall());
        }
    }
    report.events.extend(approved);
    let published = publish::publish(&context, (store, written), &report).await;
    let pause = pause_after(&context, store, (&round, &mut memory), &report);
    context.memories.remember(store.uid(), memory);
    context.metrics.reconciled(
        measure::result_of(&report),
        report.reason.as_str(),
        clock::monotonic() - started,
    );
    let pause = due::shortened(pause, &store.config.spec, clock::wall());
    let pause = if published.is_ok() { pause } else { pause.min(Duration::from_secs(5)) };
    tracing::debug!(store = %store.id(), reason = %report.reason, pause_seconds = pause.as_secs(), "round finished");
    context.queue.due_after(store.uid(), pause);
    Ok(Action::requeue(pause))
}

/// A newer version of the operator has the store: it is told, and looked at again at its resync.
async fn refuse(store: StoreResource<'_>, context: &Context, refusal: &Blocked) -> Action {
    let told = outrun::tell(context, store, refusal).await;
    let period = requeue::parse_period(&store.config.spec.resync_period).unwrap_or(Duration::from_secs(3600));
    let pause = if told.is_ok() { requeue::spread(period, rand::random()) } else { Duration::from_secs(5) };
    tracing::warn!(store = %store.id(), reason = %refusal.reason, "{}", refusal.message);
    context.queue.due_after(store.uid(), pause);
    Action::requeue(pause)
}

/// A store whose first status and finalizer are recorded.
struct Opened {
    /// The resource with the status that was just recorded, where one was.
    config: Option<HumanSupportConfig>,
    /// What comes next.
    phase: Phase,
}

enum Phase {
    /// The helpdesk is asked.
    Prepared(Box<Prepared>),
    /// The round is over.
    Over(Round),
}

/// Everything up to the first call to a helpdesk: resolve, desired, and what must be recorded before that call.
async fn open(store: StoreResource<'_>, context: &Context) -> Opened {
    if store.config.spec.suspend {
        return Opened { config: None, phase: Phase::Over(Round::Suspended) };
    }
    let prepared = side::prepare(store, context).await;
    let side = prepared.as_ref().ok().and_then(Prepared::side_to_record);
    let recorded = match publish::opening(context, store, side).await {
        Ok(recorded) => recorded,
        Err(blocked) => return Opened { config: None, phase: Phase::Over(Round::Blocked(blocked)) },
    };
    let config = recorded.map(|status| store.with_status(status));
    let phase = match prepared {
        Ok(prepared) => match publish::finalizer(context, store).await {
            Ok(()) => Phase::Prepared(Box::new(prepared)),
            Err(blocked) => Phase::Over(Round::Blocked(blocked)),
        },
        Err(blocked) => Phase::Over(Round::Blocked(blocked)),
    };
    Opened { config, phase }
}

/// Everything from the first call to a helpdesk on: observe, plan, apply; and what that left in the status on the way.
async fn carry_on(
    store: StoreResource<'_>,
    context: &Context,
    (phase, memory): (Phase, &mut StoreMemory),
) -> (Round, Trail) {
    let prepared = match phase {
        Phase::Over(round) => return (round, Trail::default()),
        Phase::Prepared(prepared) => prepared,
    };
    let outcome = side::carry_out(store, context, (&prepared, memory)).await;
    memory.last_reading = outcome.reading.or(memory.last_reading);
    memory.last_unknown = outcome.lost_answer.or(memory.last_unknown);
    let mut round = outcome.round;
    if let Round::Planned(planned) = &mut round {
        moves::leave_former_sides(store, context, planned).await;
    }
    (round, outcome.trail)
}

/// When the store is looked at again.
fn pause_after(
    context: &Context,
    store: StoreResource<'_>,
    (round, memory): (&Round, &mut StoreMemory),
    report: &Report,
) -> Duration {
    let now = clock::monotonic();
    let jitter: f64 = rand::random();
    let period = requeue::parse_period(&store.config.spec.resync_period).unwrap_or(Duration::from_secs(3600));
    memory.generation = Some(store.generation());
    let resync =
        until_resync(memory, now, requeue::spread(period, jitter)).min(until_hours_change(store, jitter));
    let retry = retry_of(round, (report, memory));
    match retry {
        None => {
            memory.failures = 0;
            resync.min(token_check(context, store))
        }
        Some(Retry::AtResync | Retry::ForPerson(_)) => resync,
        Some(Retry::ForSecret) => requeue::spread(SECRET_PAUSE, jitter),
        Some(Retry::After(pause)) => pause.max(Duration::from_millis(500)),
        Some(Retry::BackOff) => {
            memory.failures = memory.failures.saturating_add(1);
            requeue::back_off(memory.failures, jitter)
        }
    }
}

/// Until the store opens or closes, for `Live`; a little later each, because many stores open at nine.
fn until_hours_change(store: StoreResource<'_>, jitter: f64) -> Duration {
    let wall = clock::wall();
    let change = store.config.spec.business_hours.as_ref().and_then(|hours| hours::next_change(hours, wall));
    let until = change.and_then(|change| Duration::try_from(change.duration_since(wall)).ok());
    until.map_or(Duration::MAX, |until| until + HOURS_SPREAD.mul_f64(jitter))
}

/// The next comparison stays due at its time, however often the store is looked at in between.
fn until_resync(memory: &mut StoreMemory, now: Instant, period: Duration) -> Duration {
    let due = match memory.next_resync {
        Some(due) if due > now => due,
        Some(_) | None => now + period,
    };
    memory.next_resync = Some(due);
    due.saturating_duration_since(now)
}

fn token_check(context: &Context, store: StoreResource<'_>) -> Duration {
    if store.config.spec.webhooks.is_empty() { Duration::MAX } else { context.settings.token_check }
}

/// How a round wants to be tried again; `None` when all is done.
fn retry_of(round: &Round, (report, memory): (&Report, &StoreMemory)) -> Option<Retry> {
    match round {
        Round::Suspended => None,
        Round::Blocked(Blocked { retry, .. }) => Some(*retry),
        Round::Planned(planned) => {
            let told = planned.done.iter().filter_map(|done| match done.error() {
                Some(
                    ProviderError::Throttled { retry_after } | ProviderError::JobRunning { retry_after },
                ) => Some(*retry_after),
                Some(_) | None => None,
            });
            if let Some(pause) = told.max() {
                return Some(Retry::After(pause));
            }
            if !planned.missing_tokens.is_empty() {
                return Some(Retry::ForSecret);
            }
            if let Some(from) = memory.awaits_reading_from {
                return Some(Retry::After(from.saturating_duration_since(clock::monotonic())));
            }
            let unfinished =
                !planned.plan.steps.is_empty() && planned.stance != super::round::Stance::Watching;
            let passing = report::goes_on_by_itself(report.reason);
            if unfinished && passing {
                Some(Retry::BackOff)
            } else {
                // What only waits for a person goes on looking at the Secrets of its webhooks.
                (unfinished && report::is_stalled(report)).then_some(Retry::AtResync)
            }
        }
    }
}
