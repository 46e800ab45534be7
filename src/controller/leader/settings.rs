//! The settings of an election, and what makes them safe together.
//!
//! Must not read them from anywhere: they are arguments.

use std::time::Duration;

use super::error::LeaderError;

/// The longest lease: a longer one makes a crash cost an hour without any operator.
pub(super) const MAX_LEASE_DURATION: Duration = Duration::from_secs(3600);

/// Who takes part in which election, and its times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderSettings {
    /// The namespace of the Lease: the operator's own.
    pub namespace: String,
    /// The name of the Lease: one for each installation.
    pub lease_name: String,
    /// Who we are: different for every process, a restarted container included (pod name and a random part).
    pub identity: String,
    /// How long the others wait after the last renewal that they saw. Whole seconds, as the Lease holds them.
    pub lease_duration: Duration,
    /// How long the leader goes on without a successful renewal before it gives up.
    pub renew_deadline: Duration,
    /// The pause between two looks or renewals.
    pub retry_period: Duration,
    /// How much earlier than the others could take over the fence closes: clocks of two machines may run at slightly
    /// different speed.
    pub safety_margin: Duration,
}

impl LeaderSettings {
    /// The usual times: 15 s, 10 s, 2 s as client-go has them, and a margin of 1 s.
    pub fn new(namespace: &str, lease_name: &str, identity: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            lease_name: lease_name.to_owned(),
            identity: identity.to_owned(),
            lease_duration: Duration::from_secs(15),
            renew_deadline: Duration::from_secs(10),
            retry_period: Duration::from_secs(2),
            safety_margin: Duration::from_secs(1),
        }
    }

    /// How long the fence stays open after the moment before a successful renewal was sent.
    pub(super) fn fence_duration(&self) -> Duration {
        self.lease_duration.saturating_sub(self.safety_margin)
    }

    /// How long one request may take: two fit before the leader gives up.
    pub(super) fn request_timeout(&self) -> Duration {
        self.renew_deadline / 2
    }

    /// Says what is wrong with the settings, if anything is.
    pub(super) fn check(&self) -> Result<(), LeaderError> {
        let what = if self.identity.is_empty() || self.namespace.is_empty() || self.lease_name.is_empty() {
            "identity, namespace and lease name must not be empty"
        } else if self.lease_duration.subsec_nanos() != 0
            || self.lease_duration.is_zero()
            || self.lease_duration > MAX_LEASE_DURATION
        {
            "the lease duration must be whole seconds, from 1 s to 3600 s"
        } else if self.renew_deadline + self.safety_margin > self.lease_duration {
            "the renew deadline and the safety margin must together not be longer than the lease duration"
        } else if self.retry_period.is_zero() || self.retry_period * 2 > self.renew_deadline {
            "the retry period must be above zero and at most half of the renew deadline"
        } else {
            return Ok(());
        };
        Err(LeaderError::Settings(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut LeaderSettings)) -> bool {
        let mut settings = LeaderSettings::new("ns", "lease", "me");
        change(&mut settings);
        matches!(settings.check(), Err(LeaderError::Settings(_)))
    }

    #[test]
    fn the_usual_times_are_allowed() {
        assert!(!refused(|_| {}));
    }

    #[test]
    fn times_that_do_not_fit_together_are_refused() {
        assert!(refused(|s| s.lease_duration = Duration::from_millis(15_500)));
        assert!(refused(|s| s.lease_duration = Duration::ZERO));
        assert!(refused(|s| s.lease_duration = Duration::from_secs(3601)));
        assert!(refused(|s| s.renew_deadline = Duration::from_secs(15)));
        assert!(refused(|s| s.safety_margin = Duration::from_secs(6)));
        assert!(refused(|s| s.retry_period = Duration::ZERO));
        assert!(refused(|s| s.retry_period = Duration::from_secs(6)));
        assert!(refused(|s| s.identity.clear()));
    }
}
