//! The loop of one elector: look, decide, write, publish; and the release at the end.
//!
//! Every request has a time limit and none is repeated without a new decision. Must not decide anything: `decide` does.

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;
use kube::Client;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::decide::{Action, Election, Moment};
use super::error::{LeaderError, Loss};
use super::fence::{Fence, Leadership};
use super::record::Record;
use super::settings::LeaderSettings;
use super::store::{ClusterLease, Leases, StoreError};
use crate::clock;

/// Answers a number from 0 to 1, evenly spread. Candidates wait up to half a retry period longer by it, so that they
/// do not ask in step.
pub type Jitter = Box<dyn Fn() -> f64 + Send + Sync>;

/// Takes part in the election of one Lease.
pub struct LeaderElection {
    leases: Box<dyn Leases>,
    settings: LeaderSettings,
    jitter: Jitter,
    election: Election,
    publisher: watch::Sender<Leadership>,
    /// The Lease as the server confirmed it to us as the leader: the next renewal needs no look.
    held: Option<Lease>,
}

impl LeaderElection {
    /// An elector that does nothing until it runs, and the fence it opens and closes. The client should be one of
    /// its own, built with `Config::default_retry = false`.
    ///
    /// # Errors
    /// [`LeaderError::Settings`] when the settings do not fit together.
    pub fn new(
        client: Client,
        settings: LeaderSettings,
        jitter: Jitter,
    ) -> Result<(Self, Fence), LeaderError> {
        let leases = ClusterLease::new(client, &settings.namespace, &settings.lease_name);
        Self::over(Box::new(leases), settings, jitter)
    }

    fn over(
        leases: Box<dyn Leases>,
        settings: LeaderSettings,
        jitter: Jitter,
    ) -> Result<(Self, Fence), LeaderError> {
        settings.check()?;
        let (publisher, receiver) = watch::channel(Leadership::Standby);
        let election = Election::new(&settings);
        Ok((Self { leases, settings, jitter, election, publisher, held: None }, Fence::new(receiver)))
    }

    /// Takes part until `shutdown` is ready, then releases the Lease.
    ///
    /// Let `shutdown` become ready only when all rounds have ended and no external write is under way: after the
    /// release another replica leads at once.
    ///
    /// # Errors
    /// [`LeaderError::Lost`] when this process led and does not any more. The fence is closed; end the process.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), LeaderError> {
        let mut shutdown = pin!(shutdown);
        loop {
            let turn = async {
                let pause = self.turn().await?;
                sleep(pause).await;
                Ok::<(), Loss>(())
            };
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                turned = turn => if let Err(loss) = turned {
                    self.publisher.send_replace(Leadership::Lost);
                    return Err(LeaderError::Lost(loss));
                },
            }
        }
        self.release().await;
        Ok(())
    }

    /// One look and what follows from it. Answers how long to wait until the next.
    async fn turn(&mut self) -> Result<Duration, Loss> {
        // First of all, before anything is sent: this process may have been frozen.
        if self.election.is_overdue(clock::monotonic()) {
            return Err(Loss::NotRenewed);
        }
        let lease = match self.held.take() {
            Some(lease) => Some(lease),
            None => match self.limited(self.leases.get()).await {
                Ok(lease) => lease,
                Err(error) => return Ok(self.pause_after(&error)),
            },
        };
        let record = lease.as_ref().map(Record::read);
        match self.election.decide(record.as_ref(), now()) {
            Action::Wait { stale_at } => Ok(self.candidate_pause(stale_at)),
            Action::Claim(record) | Action::Renew(record) => self.write(lease, &record).await,
            Action::GiveUp(loss) => Err(loss),
        }
    }

    /// Writes the record over the Lease that was looked at, or creates it.
    async fn write(&mut self, base: Option<Lease>, record: &Record) -> Result<Duration, Loss> {
        // The moment before sending: everybody else saw this renewal later.
        let sent_at = clock::monotonic();
        let stored = match base {
            Some(mut lease) => {
                record.write(&mut lease);
                self.limited(self.leases.replace(&lease)).await
            }
            None => {
                let mut lease = Lease::default();
                lease.metadata.name = Some(self.settings.lease_name.clone());
                lease.metadata.namespace = Some(self.settings.namespace.clone());
                record.write(&mut lease);
                self.limited(self.leases.create(&lease)).await
            }
        };
        match stored {
            Ok(lease) => self.confirm(lease, sent_at),
            Err(error) => Ok(self.pause_after(&error)),
        }
    }

    /// Opens the fence by a confirmed claim or renewal.
    fn confirm(&mut self, lease: Lease, sent_at: Instant) -> Result<Duration, Loss> {
        if let Some(until) = self.election.confirmed(sent_at, clock::monotonic())? {
            self.held = Some(lease);
            if matches!(self.publisher.send_replace(Leadership::LeadingUntil(until)), Leadership::Standby) {
                tracing::info!(lease = %self.settings.lease_name, identity = %self.settings.identity, "leading");
            }
        }
        Ok(self.settings.retry_period)
    }

    /// How long to wait after a failed request, with a word in the log.
    fn pause_after(&mut self, error: &StoreError) -> Duration {
        let pause = if *error == StoreError::Conflict {
            // Somebody wrote: look again soon, but never in a tight loop.
            self.settings.retry_period / 8
        } else {
            tracing::warn!(lease = %self.settings.lease_name, %error, "no answer about the lease");
            self.settings.retry_period
        };
        self.time_left().map_or(pause, |left| pause.min(left))
    }

    /// A candidate looks every retry period, a little later at random, and at the latest when the holder is stale.
    fn candidate_pause(&mut self, stale_at: Instant) -> Duration {
        let share = (self.jitter)();
        let share = if (0.0..=1.0).contains(&share) { share } else { 0.0 };
        let pause = self.settings.retry_period.mul_f64(1.0 + share / 2.0);
        // The millisecond is for timers that may fire just before.
        pause.min(stale_at.saturating_duration_since(clock::monotonic()) + Duration::from_millis(1))
    }

    /// Gives a request its time limit: a leader's ends with its renew deadline.
    async fn limited<T>(
        &self,
        request: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let limit = self.settings.request_timeout();
        let limit = self.time_left().map_or(limit, |left| limit.min(left));
        match timeout(limit, request).await {
            Ok(answer) => answer,
            Err(_) => Err(StoreError::Unanswered("the API server did not answer in time".to_owned())),
        }
    }

    /// How long a leader may still go without a renewal; `None` for a candidate.
    fn time_left(&self) -> Option<Duration> {
        self.election.overdue_at().map(|at| at.saturating_duration_since(clock::monotonic()))
    }

    /// Closes the fence and hands the Lease over, for at most one retry period: a process that ends must end soon, and
    /// without a release the others only wait longer.
    async fn release(&mut self) {
        self.publisher.send_replace(Leadership::Standby);
        if !self.election.has_claimed() {
            return;
        }
        match timeout(self.settings.retry_period, self.try_release()).await {
            Ok(Ok(())) => tracing::info!(lease = %self.settings.lease_name, "lease released"),
            Ok(Err(error)) => tracing::warn!(%error, "lease not released; the others wait until it is stale"),
            Err(_) => tracing::warn!("lease not released in time; the others wait until it is stale"),
        }
    }

    async fn try_release(&self) -> Result<(), StoreError> {
        loop {
            let Some(mut lease) = self.leases.get().await? else { return Ok(()) };
            let Some(record) = self.election.release(&Record::read(&lease), now()) else { return Ok(()) };
            record.write(&mut lease);
            match self.leases.replace(&lease).await {
                // A renewal of ours that was cancelled by the shutdown may arrive only now: look again.
                Err(StoreError::Conflict) => sleep(self.settings.retry_period / 8).await,
                other => return other.map(drop),
            }
        }
    }
}

fn now() -> Moment {
    Moment { monotonic: clock::monotonic(), wall: clock::wall() }
}

#[cfg(test)]
mod tests;
