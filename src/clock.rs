//! The only reader of the clock.
//!
//! Two clocks with two purposes: the monotonic one decides about waiting, the wall clock only dates what people read
//! (conditions, events, training). No decision about a helpdesk depends on wall time (`reliability.md`, row 42).

use std::time::Instant;

/// The monotonic clock. It follows the runtime's clock, so that tests can stop it.
pub fn monotonic() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// The wall clock, for what people read.
pub fn wall() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
