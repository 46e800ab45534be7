//! Lanes: the vendor's limits of single endpoints, beside the account's.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Which endpoint limit a request counts against.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// None but the account's.
    Account,
    /// Updates of users; the text is the user's id.
    UserUpdate(String),
    /// Webhooks.
    Webhooks,
}

/// The vendor's endpoint limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    /// Time between two updates of any users.
    pub user_update_interval: Duration,
    /// Updates of one user within a minute.
    pub updates_per_user: usize,
    /// Requests to webhooks within a minute.
    pub webhooks_per_minute: usize,
}

const WINDOW: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Lanes {
    limits: LaneLimits,
    next_user_update: Option<Instant>,
    per_user: BTreeMap<String, VecDeque<Instant>>,
    webhooks: VecDeque<Instant>,
}

impl Lanes {
    pub(super) fn new(limits: LaneLimits) -> Self {
        Self { limits, next_user_update: None, per_user: BTreeMap::new(), webhooks: VecDeque::new() }
    }

    /// Reserves the next free moment, or tells it when it is later than `latest`.
    pub(super) fn reserve(&mut self, lane: &Lane, now: Instant, latest: Instant) -> Result<Instant, Instant> {
        match lane {
            Lane::Account => Ok(now),
            Lane::UserUpdate(user) => self.reserve_user_update(user, now, latest),
            Lane::Webhooks => {
                let limit = self.limits.webhooks_per_minute;
                let at = next_in_window(&mut self.webhooks, limit, now);
                if at > latest {
                    return Err(at);
                }
                self.webhooks.push_back(at);
                Ok(at)
            }
        }
    }

    fn reserve_user_update(&mut self, user: &str, now: Instant, latest: Instant) -> Result<Instant, Instant> {
        let LaneLimits { user_update_interval, updates_per_user, webhooks_per_minute: _ } = self.limits;
        self.per_user.retain(|_, sent| sent.back().is_some_and(|last| *last + WINDOW > now));
        let sent = self.per_user.entry(user.to_owned()).or_default();
        let own = next_in_window(sent, updates_per_user, now);
        let at = self.next_user_update.map_or(own, |next| next.max(own));
        if at > latest {
            return Err(at);
        }
        sent.push_back(at);
        // A user that must wait for a later moment does not hold up the others before it: they are refused rather
        // than reordered, and come back with their next round.
        self.next_user_update = Some(at + user_update_interval);
        Ok(at)
    }
}

/// The first moment from `now` on at which fewer than `limit` requests lie in the window before it.
fn next_in_window(sent: &mut VecDeque<Instant>, limit: usize, now: Instant) -> Instant {
    while sent.front().is_some_and(|first| *first + WINDOW <= now) {
        sent.pop_front();
    }
    let limit = limit.max(1);
    if sent.len() < limit { now } else { sent[sent.len() - limit] + WINDOW }
}
