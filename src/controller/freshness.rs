//! How fresh a reading of the helpdesk must be, and what day it is for a store.
//!
//! A reading costs one listing of the whole account and is shared by its stores, so each purpose asks for no more than
//! it needs: a resync wants a reading later than its last one, a person's "now" wants one that starts now, an edit
//! is content with one of the last minutes, and a look at a Secret with the last one, because our own writes are part
//! of it.

use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::memory::StoreMemory;
use super::store::StoreResource;
use crate::api::HumanSupportConfigSpec;

/// The oldest reading an edit is planned on.
const OLDEST_FOR_AN_EDIT: Duration = Duration::from_secs(300);

/// The earliest start of a reading that will do.
pub fn not_before(
    store: StoreResource<'_>,
    memory: &StoreMemory,
    (now, started): (Instant, Instant),
) -> Instant {
    if store.is_requested() {
        return now;
    }
    let Some(last) = memory.last_reading else { return started };
    if memory.last_unknown.is_some_and(|lost| lost >= last) {
        return now;
    }
    let resync_is_due = memory.next_resync.is_none_or(|due| due <= now);
    if resync_is_due {
        return last + Duration::from_nanos(1);
    }
    if memory.generation == Some(store.generation()) {
        return last;
    }
    now.checked_sub(OLDEST_FOR_AN_EDIT).unwrap_or(started).max(started)
}

/// Absence is proven by a reading that started at this moment or later; `None`: by any.
///
/// A lost answer may show up late. So may what an earlier process wrote before it ended, which only matters where
/// that process had begun with the store.
pub fn absence_from(
    memory: &StoreMemory,
    earlier: EarlierProcess,
    (started, settle_window): (Instant, Duration),
) -> Option<Instant> {
    let from_lost_answer = memory.last_unknown.map(|lost| lost + settle_window);
    let from_start = (earlier == EarlierProcess::Began).then(|| started + settle_window);
    from_lost_answer.max(from_start)
}

/// Whether an earlier process may have written for the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EarlierProcess {
    /// Its binding is recorded.
    Began,
    /// No record: this is the first one.
    Never,
}

/// Today in the store's time zone; in UTC where it declares none.
pub fn today(spec: &HumanSupportConfigSpec) -> Date {
    let zone = spec
        .business_hours
        .as_ref()
        .and_then(|hours| TimeZone::get(&hours.time_zone).ok())
        .unwrap_or(TimeZone::UTC);
    crate::clock::wall().to_zoned(zone).date()
}
