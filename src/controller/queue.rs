//! Which stores wait for their round, for the metric of the queue's depth.
//!
//! The runtime's own queue cannot be asked, so it is counted here: a store waits from the moment it is due until its
//! round begins. It must not decide when that is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;
use crate::telemetry::Metrics;

/// The stores and when each of them is due next.
pub struct Queue {
    due: Mutex<HashMap<String, Instant>>,
    metrics: Metrics,
}

impl Queue {
    /// Nobody waits yet.
    pub fn new(metrics: Metrics) -> Self {
        Self { due: Mutex::default(), metrics }
    }

    /// A store is due at this moment, or earlier where that was said before.
    pub fn due(&self, uid: &str, at: Instant) {
        self.change(|due| {
            let known = due.entry(uid.to_owned()).or_insert(at);
            *known = at.min(*known);
        });
    }

    /// A store is due after a pause; one too long to be counted is none.
    pub fn due_after(&self, uid: &str, pause: Duration) {
        if let Some(at) = clock::monotonic().checked_add(pause) {
            self.due(uid, at);
        }
    }

    /// A store's round begins: it waits no more.
    pub fn begins(&self, uid: &str) {
        self.forget(uid);
    }

    /// A store is gone.
    pub fn forget(&self, uid: &str) {
        self.change(|due| {
            due.remove(uid);
        });
    }

    /// Every change counts anew. What becomes due between two changes begins at once, unless every worker is busy; then
    /// the end of a round counts it.
    fn change(&self, change: impl FnOnce(&mut HashMap<String, Instant>)) {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut due);
        let now = clock::monotonic();
        let waiting = due.values().filter(|at| **at <= now).count();
        self.metrics.set_workqueue_depth(u32::try_from(waiting).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::ObjectSeries;

    fn depth(metrics: &Metrics) -> String {
        let text = metrics.render().unwrap();
        text.lines().find(|line| line.starts_with("humansupport_workqueue_depth")).unwrap().to_owned()
    }

    #[test]
    fn a_store_waits_from_when_it_is_due_until_its_round_begins() {
        let metrics = Metrics::new("test", ObjectSeries::On);
        let queue = Queue::new(metrics.clone());
        queue.due("a", clock::monotonic());
        queue.due("b", clock::monotonic());
        queue.due_after("c", Duration::from_secs(3600));
        assert_eq!(depth(&metrics), "humansupport_workqueue_depth 2");
        queue.begins("a");
        assert_eq!(depth(&metrics), "humansupport_workqueue_depth 1");
        queue.due("c", clock::monotonic());
        assert_eq!(depth(&metrics), "humansupport_workqueue_depth 2", "woken before its time");
        queue.due_after("b", Duration::from_secs(3600));
        assert_eq!(depth(&metrics), "humansupport_workqueue_depth 2", "what is due stays due");
        queue.forget("b");
        queue.forget("c");
        assert_eq!(depth(&metrics), "humansupport_workqueue_depth 0");
    }
}
