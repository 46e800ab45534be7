//! One budget per account: how fast requests may go, who goes first, and when nothing may go at all.
//!
//! A token bucket paces requests (half of the vendor's limit by default: the bot lives on the same limit). The rate
//! headers and `Retry-After` slow it down, sub-buckets hold the vendor's limits of single endpoints, and a circuit
//! breaker lets one probe through while the vendor is down. It must not send anything itself, and knows no vendor.
//!
//! Waiting follows the runtime's clock, so tests can stop it.

mod breaker;
mod lanes;
mod pace;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::ProviderError;
use super::http::SendError;
use crate::clock;

use breaker::Breaker;
use lanes::Lanes;
use pace::Pace;

pub use lanes::{Lane, LaneLimits};

/// How urgent a request is. A later class waits at most a few seconds longer than an earlier one, so none starves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Somebody's access ends, something is removed.
    Removal,
    /// Something of ours changes.
    Edit,
    /// Something is made.
    Creation,
    /// Nothing changes: the account is read.
    Reading,
}

impl Class {
    /// How much later than a removal a request of this class may be served when both came at once.
    fn handicap(self) -> Duration {
        Duration::from_secs(match self {
            Class::Removal => 0,
            Class::Edit => 5,
            Class::Creation => 10,
            Class::Reading => 15,
        })
    }
}

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// How urgent it is.
    pub class: Class,
    /// Which of the vendor's endpoint limits it counts against, beside the account's.
    pub lane: Lane,
    /// Whether it repeats a failed request.
    pub attempt: Attempt,
}

/// Whether a request is new or a repetition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// New.
    First,
    /// A repetition: these are at most a tenth of all requests.
    Again,
}

/// Settings of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetSettings {
    /// Requests a minute that we allow ourselves.
    pub per_minute: u32,
    /// The vendor's endpoint limits.
    pub lanes: LaneLimits,
    /// The longest wait before a request is refused with `Throttled`.
    pub max_wait: Duration,
}

/// What an answer tells the budget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signal {
    /// What became of the request.
    pub result: Answered,
    /// The limit of the account per minute, where a header told it.
    pub limit: Option<u32>,
    /// What remains of it.
    pub remaining: Option<u32>,
    /// Seconds until it is full again.
    pub reset: Option<Duration>,
}

/// What became of a request, as far as the budget cares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answered {
    /// The vendor answered: it is alive.
    #[default]
    Alive,
    /// 429: nothing may be sent for this long.
    Throttled(Duration),
    /// No answer, or a 5xx.
    Failing,
}

impl From<SendError> for Answered {
    /// What waits for a person is no sign of a vendor that is down.
    fn from(error: SendError) -> Self {
        if error.waits_for_a_person() { Self::Alive } else { Self::Failing }
    }
}

/// The budget of one account.
#[derive(Debug)]
pub struct Budget {
    state: Mutex<State>,
    changed: Notify,
    max_wait: Duration,
}

#[derive(Debug)]
struct State {
    pace: Pace,
    lanes: Lanes,
    breaker: Breaker,
    /// Repetitions we may still afford.
    repetitions: f64,
    waiting: BTreeSet<(Instant, u64)>,
    next_ticket: u64,
}

/// Repetitions are at most this part of all requests.
const REPETITION_SHARE: f64 = 0.1;
/// The most repetitions that can be saved up.
const MAX_REPETITIONS: f64 = 10.0;

impl Budget {
    /// A full budget.
    pub fn new(settings: BudgetSettings) -> Self {
        let BudgetSettings { per_minute, lanes, max_wait } = settings;
        let now = clock::monotonic();
        let state = State {
            pace: Pace::new(per_minute, now),
            lanes: Lanes::new(lanes),
            breaker: Breaker::default(),
            repetitions: 3.0,
            waiting: BTreeSet::new(),
            next_ticket: 0,
        };
        Self { state: Mutex::new(state), changed: Notify::new(), max_wait }
    }

    /// Waits until a request may be sent now. First come, first served within a class.
    ///
    /// # Errors
    /// `Throttled` when the wait would be too long, `Unavailable` while the circuit breaker is open.
    pub async fn acquire(&self, ask: &Ask) -> Result<(), ProviderError> {
        let give_up = clock::monotonic() + self.max_wait;
        {
            let mut state = self.lock();
            state.breaker.check(clock::monotonic())?;
            if ask.attempt == Attempt::Again {
                if state.repetitions < 1.0 {
                    return Err(ProviderError::Unavailable);
                }
                state.repetitions -= 1.0;
            }
        }
        self.take_turn(ask.class, give_up).await?;
        self.wait_for_lane(&ask.lane, give_up).await?;
        let mut state = self.lock();
        state.breaker.enter(clock::monotonic())?;
        if ask.attempt == Attempt::First {
            state.repetitions = (state.repetitions + REPETITION_SHARE).min(MAX_REPETITIONS);
        }
        Ok(())
    }

    /// Learns from an answer.
    pub fn record(&self, signal: &Signal) {
        let now = clock::monotonic();
        let mut state = self.lock();
        match signal.result {
            Answered::Alive => state.breaker.alive(),
            Answered::Throttled(wait) => {
                state.breaker.alive();
                state.pace.block_until(now + wait);
            }
            Answered::Failing => state.breaker.failing(now),
        }
        if let Some(limit) = signal.limit {
            state.pace.learn(limit, signal.remaining, signal.reset.map(|reset| now + reset));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// The vendor's limit, requests a minute; `None` until an answer has named it.
    pub fn vendor_limit(&self) -> Option<u32> {
        self.lock().pace.vendor_limit()
    }

    /// How long nothing at all may be sent.
    pub fn blocked_for(&self) -> Duration {
        self.lock().pace.blocked_for(clock::monotonic())
    }

    async fn take_turn(&self, class: Class, give_up: Instant) -> Result<(), ProviderError> {
        let turn = Turn::enter(self, class);
        loop {
            let changed = self.changed.notified();
            let wait = {
                let mut state = self.lock();
                let now = clock::monotonic();
                let first = state.waiting.first() == Some(&turn.place);
                let wait = state.pace.wait(now);
                if first && wait.is_zero() {
                    state.pace.take();
                    return Ok(());
                }
                if now + state.pace.blocked_for(now) > give_up || now >= give_up {
                    return Err(throttled(wait));
                }
                if first { wait } else { give_up.saturating_duration_since(now) }
            };
            tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    async fn wait_for_lane(&self, lane: &Lane, give_up: Instant) -> Result<(), ProviderError> {
        let slot = {
            let mut state = self.lock();
            let now = clock::monotonic();
            state
                .lanes
                .reserve(lane, now, give_up)
                .map_err(|at| throttled(at.saturating_duration_since(now)))?
        };
        tokio::time::sleep_until(slot.into()).await;
        loop {
            let blocked = self.blocked_for();
            if blocked.is_zero() {
                return Ok(());
            }
            if clock::monotonic() + blocked > give_up {
                return Err(throttled(blocked));
            }
            tokio::time::sleep(blocked).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn throttled(wait: Duration) -> ProviderError {
    ProviderError::Throttled { retry_after: wait.max(Duration::from_secs(1)) }
}

/// A place in the queue; leaving it, served or given up, wakes the next.
struct Turn<'a> {
    budget: &'a Budget,
    place: (Instant, u64),
}

impl<'a> Turn<'a> {
    fn enter(budget: &'a Budget, class: Class) -> Self {
        let mut state = budget.lock();
        let place = (clock::monotonic() + class.handicap(), state.next_ticket);
        state.next_ticket += 1;
        state.waiting.insert(place);
        Self { budget, place }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.budget.lock().waiting.remove(&self.place);
        self.budget.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests;
