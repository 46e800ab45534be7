//! What the elector publishes, and the question every external write asks of it.
//!
//! Must not send anything or wait for anybody: the answer comes from one value and one comparison, so that it is right
//! in a process that has just been resumed and whose elector has not run yet.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::clock;

/// Ten years: as good as for ever, and far from the end of any platform's `Instant`.
const WITHOUT_ELECTION: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Whether this process leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leadership {
    /// Another replica leads, or nobody yet, or this process has handed over.
    Standby,
    /// Nobody else can lead before this moment of the monotonic clock.
    ///
    /// `CLOCK_MONOTONIC` keeps running while a process is stopped (SIGSTOP, a throttled cgroup), so after a freeze
    /// longer than the lease the moment lies in the past, without a request and before any task has run. It does not
    /// run while the whole machine is suspended; nodes of a cluster must not be.
    LeadingUntil(Instant),
    /// Leadership was lost: nothing may be written any more, and the process is about to end.
    Lost,
}

/// The write fence: a cheap handle that each client of a helpdesk holds.
#[derive(Clone, Debug)]
pub struct Fence {
    receiver: watch::Receiver<Leadership>,
}

impl Fence {
    /// The fence of an elector that publishes here.
    pub(super) fn new(receiver: watch::Receiver<Leadership>) -> Self {
        Self { receiver }
    }

    /// The fence of a single replica that runs without election: always open. The deployment must then guarantee that
    /// there is only one (strategy `Recreate`, one replica).
    pub fn without_election() -> Self {
        let (_, receiver) = watch::channel(Leadership::LeadingUntil(clock::monotonic() + WITHOUT_ELECTION));
        Self { receiver }
    }

    /// Whether an external write may start now, if it surely ends by `deadline`.
    ///
    /// Ask directly before the request is sent, after every wait for a rate budget or a connection, and give the
    /// request a timeout that ends at `deadline`.
    pub fn outlives(&self, deadline: Instant) -> bool {
        match *self.receiver.borrow() {
            // A frozen caller may ask about a deadline that has passed meanwhile: such a write must not start either.
            Leadership::LeadingUntil(until) => clock::monotonic() < deadline && deadline <= until,
            Leadership::Standby | Leadership::Lost => false,
        }
    }

    /// What was published last.
    pub fn leadership(&self) -> Leadership {
        *self.receiver.borrow()
    }

    /// Waits until this process leads. Never returns when the elector has ended without leading.
    pub async fn wait_until_leading(&mut self) {
        let leads = |leadership: &Leadership| matches!(*leadership, Leadership::LeadingUntil(until) if clock::monotonic() < until);
        if self.receiver.wait_for(leads).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for the next publication; false when the elector has ended.
    pub async fn changed(&mut self) -> bool {
        self.receiver.changed().await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fence(leadership: Leadership) -> Fence {
        let (_, receiver) = watch::channel(leadership);
        Fence::new(receiver)
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_starts_only_while_the_lease_outlives_its_deadline() {
        let now = clock::monotonic();
        let leading = fence(Leadership::LeadingUntil(now + Duration::from_secs(14)));
        assert!(leading.outlives(now + Duration::from_secs(14)));
        assert!(!leading.outlives(now + Duration::from_millis(14_001)));
        assert!(!leading.outlives(now), "a deadline that is over lets nothing start");
    }

    #[tokio::test(start_paused = true)]
    async fn the_fence_closes_by_time_alone() {
        let start = clock::monotonic();
        let leading = fence(Leadership::LeadingUntil(start + Duration::from_secs(14)));
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(!leading.outlives(clock::monotonic() + Duration::from_millis(1)));
        assert!(!leading.outlives(start + Duration::from_secs(10)), "a deadline from before the freeze");
    }

    #[tokio::test(start_paused = true)]
    async fn standby_and_lost_let_nothing_start() {
        let soon = clock::monotonic() + Duration::from_millis(1);
        assert!(!fence(Leadership::Standby).outlives(soon));
        assert!(!fence(Leadership::Lost).outlives(soon));
        assert!(Fence::without_election().outlives(soon));
    }
}
