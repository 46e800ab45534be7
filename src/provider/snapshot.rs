//! A reading of a whole account, shared by all of its stores.
//!
//! Single flight; complete or not used. Our own writes are laid over it: lists of a vendor may show them only after a
//! delay, and a reading that misses them must not make us write twice. It must not send anything itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::ProviderError;
use crate::clock;
use crate::model::StoreId;

/// A complete reading that our own writes can be laid over.
pub trait View: Send {
    /// One written object as the vendor answered it, or the word that it is gone.
    type Written: Clone + Send;

    /// Lays a write over the reading.
    ///
    /// `order` says whether the reading is from before the write, or started after it and may still show the old state.
    fn lay_over(&mut self, written: &Self::Written, order: ReadOrder);
}

/// Which came first, the write or the reading it is laid over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOrder {
    /// The reading started first: the write is newer.
    BeforeWrite,
    /// The write came first, within the settle window: whichever object changed last counts.
    WithinSettleWindow,
}

/// The shared reading of one account.
pub struct Snapshot<V: View> {
    state: Mutex<State<V>>,
    flight: tokio::sync::Mutex<()>,
    settle: Duration,
}

struct State<V: View> {
    current: Option<(Instant, V)>,
    written: Vec<(Instant, V::Written)>,
    failed: Option<Failure>,
    unknown: BTreeMap<StoreId, Instant>,
}

#[derive(Clone, Debug)]
struct Failure {
    started_at: Instant,
    ended_at: Instant,
    error: ProviderError,
}

impl<V: View> Snapshot<V> {
    /// No reading yet. `settle`: how long a list may lag behind a write.
    pub fn new(settle: Duration) -> Self {
        let state = State { current: None, written: Vec::new(), failed: None, unknown: BTreeMap::new() };
        Self { state: Mutex::new(state), flight: tokio::sync::Mutex::new(()), settle }
    }

    /// Makes sure that there is a reading which started at `not_before` or later, and after the settle window of the
    /// store's last unknown outcome. Readers that come together share one reading, and its failure.
    ///
    /// # Errors
    /// `Unsettled` when no reading can be late enough yet; the error of the reading otherwise.
    pub async fn refresh<F>(&self, store: &StoreId, not_before: Instant, read: F) -> Result<(), ProviderError>
    where
        F: AsyncFnOnce() -> Result<V, ProviderError>,
    {
        let entered = clock::monotonic();
        let not_before = self.settled(store).map_or(not_before, |settled| settled.max(not_before));
        if not_before > entered {
            return Err(ProviderError::Unsettled { retry_after: not_before - entered });
        }
        let _flight = self.flight.lock().await;
        if let Some(known) = self.known(not_before, entered) {
            return known;
        }
        let started_at = clock::monotonic();
        match read().await {
            Ok(view) => {
                self.install(started_at, view);
                Ok(())
            }
            Err(error) => {
                let ended_at = clock::monotonic();
                self.lock().failed = Some(Failure { started_at, ended_at, error: error.clone() });
                Err(error)
            }
        }
    }

    /// Looks into the present reading; `None` before the first one. `look` gets the moment it started.
    pub fn look<T>(&self, look: impl FnOnce(Instant, &V) -> T) -> Option<T> {
        self.lock().current.as_ref().map(|(started_at, view)| look(*started_at, view))
    }

    /// Looks at our writes that a list which starts now may not show yet.
    pub fn look_at_writes<T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &V::Written>) -> T) -> T {
        let now = clock::monotonic();
        let state = self.lock();
        let recent = state.written.iter().filter(|(at, _)| now < *at + self.settle);
        look(&mut recent.map(|(_, written)| written))
    }

    /// Remembers what we wrote.
    pub fn record(&self, written: V::Written) {
        let mut state = self.lock();
        if let Some((_, view)) = &mut state.current {
            view.lay_over(&written, ReadOrder::BeforeWrite);
        }
        state.written.push((clock::monotonic(), written));
    }

    /// Remembers that the outcome of a store's write is unknown, or that the write met what the reading does not show: absence
    /// is not proven before the settle window ends.
    pub fn record_unknown(&self, store: &StoreId) {
        self.lock().unknown.insert(store.clone(), clock::monotonic());
    }

    fn settled(&self, store: &StoreId) -> Option<Instant> {
        self.lock().unknown.get(store).map(|at| *at + self.settle)
    }

    /// The answer for a reader that entered at `entered`, when another reader has just found it.
    fn known(&self, not_before: Instant, entered: Instant) -> Option<Result<(), ProviderError>> {
        let state = self.lock();
        if state.current.as_ref().is_some_and(|(started_at, _)| *started_at >= not_before) {
            return Some(Ok(()));
        }
        let failed = state.failed.as_ref()?;
        let shared = failed.ended_at > entered && failed.started_at >= not_before;
        shared.then(|| Err(failed.error.clone()))
    }

    fn install(&self, started_at: Instant, mut view: V) {
        let mut state = self.lock();
        state.written.retain(|(at, _)| started_at < *at + self.settle);
        for (at, written) in &state.written {
            let order = if started_at < *at { ReadOrder::BeforeWrite } else { ReadOrder::WithinSettleWindow };
            view.lay_over(written, order);
        }
        let settle = self.settle;
        state.unknown.retain(|_, at| started_at < *at + settle);
        state.current = Some((started_at, view));
        state.failed = None;
    }

    fn lock(&self) -> MutexGuard<'_, State<V>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
