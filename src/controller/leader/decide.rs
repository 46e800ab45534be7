//! What to do about a Lease: pure, total, by one monotonic moment.
//!
//! Another holder is stale when its record has not changed for a lease duration *by our own clock since we first saw
//! it*; what times it names is not read. Must not send anything and must not ask a clock.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::error::Loss;
use super::record::{Record, Term, microseconds};
use super::settings::LeaderSettings;

/// When a decision is made. The wall time goes into the Lease for people and decides nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) monotonic: Instant,
    pub(super) wall: Timestamp,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Somebody else holds it; if it does not change, it is stale at this moment.
    Wait {
        /// When.
        stale_at: Instant,
    },
    /// Nobody holds it: write this, over exactly the Lease that was looked at.
    Claim(Record),
    /// It is ours: write this, over exactly the Lease that was looked at.
    Renew(Record),
    /// We led and do not any more.
    GiveUp(Loss),
}

/// What one process knows about the election.
#[derive(Debug)]
pub(super) struct Election {
    identity: String,
    lease_duration: Duration,
    renew_deadline: Duration,
    fence_duration: Duration,
    /// The record last seen, and when it was first seen to be so.
    observed: Option<(Record, Instant)>,
    /// The term we last asked for. Remembered before the request is sent, because its answer may be lost.
    claim: Option<Term>,
    /// When the last successful claim or renewal was sent; present while we lead.
    renewed_at: Option<Instant>,
}

impl Election {
    /// An election that has seen nothing yet.
    pub(super) fn new(settings: &LeaderSettings) -> Self {
        Self {
            identity: settings.identity.clone(),
            lease_duration: settings.lease_duration,
            renew_deadline: settings.renew_deadline,
            fence_duration: settings.fence_duration(),
            observed: None,
            claim: None,
            renewed_at: None,
        }
    }

    /// Decides by what a look at the Lease has shown. `now` must be read after the answer arrived: a later moment only
    /// makes us wait longer.
    pub(super) fn decide(&mut self, seen: Option<&Record>, now: Moment) -> Action {
        let ours = seen.is_some_and(|record| self.is_ours(record));
        match (self.renewed_at.is_some(), seen) {
            (true, _) if self.is_overdue(now.monotonic) => Action::GiveUp(Loss::NotRenewed),
            (true, None) => Action::GiveUp(Loss::Deleted),
            (true, Some(_)) if !ours => Action::GiveUp(Loss::Taken),
            // Ours while we lead, or ours because a claim worked whose answer was lost.
            (_, Some(record)) if ours => Action::Renew(Self::renewal(record, now)),
            (_, seen) => self.stand(seen, now),
        }
    }

    /// Whether a leader has gone too long without a renewal. Asked before every request: a process that was frozen must
    /// give up without sending one.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.overdue_at().is_some_and(|at| now >= at)
    }

    /// When a leader gives up without a further renewal; `None` for a candidate.
    pub(super) fn overdue_at(&self) -> Option<Instant> {
        self.renewed_at.map(|renewed_at| renewed_at + self.renew_deadline)
    }

    /// Takes note of a claim or renewal that the server confirmed at `now` and that was sent at `sent_at` or later.
    /// Answers until when nobody else can lead; `None` when the confirmation came too late to lead by it.
    ///
    /// # Errors
    /// [`Loss::NotRenewed`] when that ends a leadership.
    pub(super) fn confirmed(&mut self, sent_at: Instant, now: Instant) -> Result<Option<Instant>, Loss> {
        if now < sent_at + self.renew_deadline {
            self.renewed_at = Some(sent_at);
            return Ok(Some(sent_at + self.fence_duration));
        }
        if self.renewed_at.is_some() { Err(Loss::NotRenewed) } else { Ok(None) }
    }

    /// The record that hands the Lease over, if the seen one is ours.
    pub(super) fn release(&self, seen: &Record, now: Moment) -> Option<Record> {
        self.is_ours(seen).then(|| Record {
            holder: String::new(),
            // As client-go does it: other readers must not wait for a holder that does not exist.
            duration_seconds: Some(1),
            ..Self::renewal(seen, now)
        })
    }

    /// Whether we lead or may lead without knowing it: then there is something to release.
    pub(super) fn has_claimed(&self) -> bool {
        self.claim.is_some()
    }

    /// Whether the record is the term that this very process asked for.
    fn is_ours(&self, record: &Record) -> bool {
        self.claim.as_ref() == Some(&record.term())
    }

    fn renewal(record: &Record, now: Moment) -> Record {
        Record { renewed: Some(microseconds(now.wall)), ..record.clone() }
    }

    /// A candidate's decision about a Lease that is not ours.
    fn stand(&mut self, seen: Option<&Record>, now: Moment) -> Action {
        if let Some(record) = seen
            && self.observed.as_ref().is_none_or(|(known, _)| known != record)
        {
            self.observed = Some((record.clone(), now.monotonic));
        }
        // A Lease that was deleted under a holder we know of does not free us from waiting for that holder: it still
        // writes until it finds out.
        match &self.observed {
            Some((record, since)) if !record.holder.is_empty() && !self.is_ours(record) => {
                let stale_at = *since + record.patience(self.lease_duration);
                if now.monotonic < stale_at { Action::Wait { stale_at } } else { self.claim(now) }
            }
            _ => self.claim(now),
        }
    }

    fn claim(&mut self, now: Moment) -> Action {
        let wall = microseconds(now.wall);
        let record = Record {
            holder: self.identity.clone(),
            // Settings allow at most an hour.
            duration_seconds: i32::try_from(self.lease_duration.as_secs()).ok(),
            acquired: Some(wall),
            renewed: Some(wall),
            transitions: self.observed.as_ref().map_or(0, |(record, _)| record.transitions.saturating_add(1)),
        };
        self.claim = Some(record.term());
        Action::Claim(record)
    }
}

#[cfg(test)]
mod tests;
