//! What the process remembers of each store between rounds.
//!
//! Only what makes rounds cheaper or more careful; nothing that a restart may lose wrongly. Whatever must survive is
//! in the status or in the marks.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::approval::Approval;
use super::handover::publish::Kept;
use crate::model::WebhookKey;

/// What is remembered of one store.
#[derive(Clone, Debug, Default)]
pub struct StoreMemory {
    /// When the reading started that the last completed round was based on.
    pub last_reading: Option<Instant>,
    /// When the next comparison with the helpdesk is due.
    pub next_resync: Option<Instant>,
    /// The generation that was worked on last.
    pub generation: Option<i64>,
    /// The last answer that was lost; absence is proven only by a reading that starts a settle window later.
    pub last_unknown: Option<Instant>,
    /// Creates wait for a reading that starts at this moment or later.
    pub awaits_reading_from: Option<Instant>,
    /// When deliveries were looked at last, and the webhooks whose handler was not reached.
    pub deliveries: Option<(Instant, BTreeSet<WebhookKey>)>,
    /// What a person approved and the status records, the steps that a status has no room for included.
    pub approved: Option<Approval>,
    /// The handover sheet as it was last found in order.
    pub sheet: Option<Kept>,
    /// Rounds in a row that failed.
    pub failures: u32,
    /// Since when the deletion waits for something that cannot be done.
    pub deletion_blocked_since: Option<Instant>,
    /// Since when the deletion was seen to wait.
    pub people_awaited_since: Option<Instant>,
}

/// The memories of all stores, by the uid of their resource.
#[derive(Debug, Default)]
pub struct Memories {
    stores: Mutex<HashMap<String, StoreMemory>>,
}

impl Memories {
    /// A copy of what is remembered of a store.
    pub fn recall(&self, uid: &str) -> StoreMemory {
        self.lock().get(uid).cloned().unwrap_or_default()
    }

    /// Remembers a store.
    pub fn remember(&self, uid: &str, memory: StoreMemory) {
        self.lock().insert(uid.to_owned(), memory);
    }

    /// Forgets a store that is gone.
    pub fn forget(&self, uid: &str) {
        self.lock().remove(uid);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, StoreMemory>> {
        // A panic elsewhere cannot leave half a memory behind: every write replaces a whole value.
        self.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
