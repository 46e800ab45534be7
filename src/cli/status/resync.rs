//! When the helpdesk is compared with a store next, as far as it can be known.
//!
//! The status holds no time of the last comparison: it would be a write for each of them. Only who has just asked for
//! one knows when the next is due.

use std::time::Duration;

use jiff::Timestamp;

use crate::api::HumanSupportConfig;
use crate::controller::requeue;

/// What is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resync {
    /// Only how often.
    Unknown,
    /// The last comparison was at this time.
    CountedFrom(Timestamp),
}

impl Resync {
    /// After a comparison that was asked for.
    pub(super) fn counted_from(now: Timestamp) -> Self {
        Self::CountedFrom(now)
    }

    /// The latest time of the next comparison.
    pub(super) fn latest(self, store: &HumanSupportConfig) -> Option<Timestamp> {
        let Self::CountedFrom(last) = self else { return None };
        let period = requeue::parse_period(&store.spec.resync_period)?;
        let longest = Duration::from_secs(requeue::spread(period, 1.0).as_secs());
        last.checked_add(longest).ok().filter(|_| !store.spec.suspend)
    }

    /// In words.
    pub(super) fn sentence(self, store: &HumanSupportConfig) -> String {
        let period = &store.spec.resync_period;
        if store.spec.suspend {
            return "none while the store is suspended".to_owned();
        }
        match self.latest(store) {
            Some(latest) => {
                format!("before {} (every {period}, give or take a tenth)", latest.strftime("%H:%M:%S UTC"))
            }
            None => format!("every {period}, give or take a tenth; --fresh asks for one now"),
        }
    }
}
