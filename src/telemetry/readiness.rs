//! Whether this process is ready, as one word.
//!
//! Must not be computed from several flags: one phase at a time, and nothing in between to get wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// What the process is doing, as far as readiness goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Not yet connected. Not ready.
    Starting,
    /// Another replica leads; this one can take over. Ready: a rolling update must not wait for it to lead.
    Standby,
    /// Leads, and the first reading of the resources is under way. Not ready.
    Syncing,
    /// Leads with all caches synced. Ready.
    Leading,
    /// Was asked to end. Not ready.
    Stopping,
}

impl Phase {
    const ALL: [Phase; 5] =
        [Phase::Starting, Phase::Standby, Phase::Syncing, Phase::Leading, Phase::Stopping];

    /// Whether `/readyz` answers 200.
    pub fn is_ready(self) -> bool {
        match self {
            Self::Standby | Self::Leading => true,
            Self::Starting | Self::Syncing | Self::Stopping => false,
        }
    }

    /// What `/readyz` says.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Standby => "standby: another replica leads",
            Self::Syncing => "leading, caches not yet synced",
            Self::Leading => "leading, caches synced",
            Self::Stopping => "stopping",
        }
    }
}

/// The phase, shared with the health server.
#[derive(Clone, Debug)]
pub struct Readiness {
    phase: Arc<AtomicU8>,
}

impl Default for Readiness {
    fn default() -> Self {
        Self { phase: Arc::new(AtomicU8::new(Phase::Starting as u8)) }
    }
}

impl Readiness {
    /// Enters a phase.
    pub fn set(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Release);
    }

    /// The phase entered last.
    pub fn phase(&self) -> Phase {
        let stored = self.phase.load(Ordering::Acquire);
        // Only `set` writes, so the search always finds one.
        Phase::ALL.into_iter().find(|phase| *phase as u8 == stored).unwrap_or(Phase::Starting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_share_the_phase_and_each_phase_is_kept() {
        let readiness = Readiness::default();
        let other = readiness.clone();
        assert_eq!(other.phase(), Phase::Starting);
        for phase in Phase::ALL {
            readiness.set(phase);
            assert_eq!(other.phase(), phase);
        }
    }

    #[test]
    fn standby_is_ready_and_a_syncing_leader_is_not() {
        assert!(Phase::Standby.is_ready());
        assert!(Phase::Leading.is_ready());
        assert!(!Phase::Syncing.is_ready());
        assert!(!Phase::Stopping.is_ready());
    }
}
