//! The write fence: whether an external write may start now.
//!
//! Exists so that every provider asks one question right before it sends. Must not know how a leader is elected: the
//! controller gives a `WritePermit`.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::super::ProviderError;

/// Who decides whether we surely lead until a moment.
pub trait WritePermit: Send + Sync {
    /// Whether a write that ends at `deadline` (monotonic clock) at the latest may start now.
    fn outlives(&self, deadline: Instant) -> bool;
}

/// The fence that every write passes. Cheap to clone; all clones are one fence.
#[derive(Clone)]
pub struct WriteFence {
    gate: Gate,
}

#[derive(Clone)]
enum Gate {
    Unlimited,
    ReadOnly,
    Permit(Arc<dyn WritePermit>),
}

impl WriteFence {
    /// Always open: a single replica without leader election.
    pub fn unlimited() -> Self {
        Self { gate: Gate::Unlimited }
    }

    /// Always closed: `run --read-only`, plans and never writes.
    pub fn read_only() -> Self {
        Self { gate: Gate::ReadOnly }
    }

    /// As the leader election says.
    pub fn by(permit: Arc<dyn WritePermit>) -> Self {
        Self { gate: Gate::Permit(permit) }
    }

    /// Whether no write will ever start: then credentials that only read are enough.
    pub fn is_read_only(&self) -> bool {
        matches!(self.gate, Gate::ReadOnly)
    }

    /// Asks for a write that ends at `deadline` at the latest.
    ///
    /// # Errors
    /// `NotLeading` when the write must not start.
    pub fn check(&self, deadline: Instant) -> Result<(), ProviderError> {
        let open = match &self.gate {
            Gate::Unlimited => true,
            Gate::ReadOnly => false,
            Gate::Permit(permit) => permit.outlives(deadline),
        };
        if open { Ok(()) } else { Err(ProviderError::NotLeading) }
    }
}

impl fmt::Debug for WriteFence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.gate {
            Gate::Unlimited => "WriteFence(unlimited)",
            Gate::ReadOnly => "WriteFence(read only)",
            Gate::Permit(_) => "WriteFence(by leader election)",
        })
    }
}
