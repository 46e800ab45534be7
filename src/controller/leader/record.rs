//! What a Lease says, as a value that can be compared, and back.
//!
//! Everything else of the Lease (labels, annotations, fields of coordinated election) is kept as it was found.

use std::time::Duration;

use jiff::{Timestamp, Unit};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;

use super::settings::MAX_LEASE_DURATION;

/// The part of a Lease that an election reads and writes. Two equal records mean: no sign of life in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Who holds it; empty after a release.
    pub(super) holder: String,
    /// What the holder asks the others to wait, in seconds; absent in a Lease that somebody else made.
    pub(super) duration_seconds: Option<i32>,
    /// When this holder took it. Only compared for equality: with the holder and the count it names a term.
    pub(super) acquired: Option<Timestamp>,
    /// When this holder renewed it. Only compared for equality: a change is a sign of life.
    pub(super) renewed: Option<Timestamp>,
    /// How often it changed hands.
    pub(super) transitions: i32,
}

/// One uninterrupted holding of a Lease. The holder's name alone is not enough: two processes may be given the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    holder: String,
    acquired: Option<Timestamp>,
    transitions: i32,
}

impl Record {
    /// Reads a Lease. A Lease without a spec is one that nobody holds.
    pub(super) fn read(lease: &Lease) -> Self {
        let spec = lease.spec.as_ref();
        Self {
            holder: spec.and_then(|spec| spec.holder_identity.clone()).unwrap_or_default(),
            duration_seconds: spec.and_then(|spec| spec.lease_duration_seconds),
            acquired: spec.and_then(|spec| spec.acquire_time.as_ref()).map(|time| time.0),
            renewed: spec.and_then(|spec| spec.renew_time.as_ref()).map(|time| time.0),
            transitions: spec.and_then(|spec| spec.lease_transitions).unwrap_or(0),
        }
    }

    /// Writes the record over a Lease and leaves the rest of it alone.
    pub(super) fn write(&self, lease: &mut Lease) {
        let spec = lease.spec.get_or_insert_with(LeaseSpec::default);
        spec.holder_identity = Some(self.holder.clone());
        spec.lease_duration_seconds = self.duration_seconds;
        spec.acquire_time = self.acquired.map(MicroTime);
        spec.renew_time = self.renewed.map(MicroTime);
        spec.lease_transitions = Some(self.transitions);
    }

    /// The term this record belongs to.
    pub(super) fn term(&self) -> Term {
        Term { holder: self.holder.clone(), acquired: self.acquired, transitions: self.transitions }
    }

    /// How long the others have to wait after the last sign of life: never less than our own lease duration, and what
    /// the holder asks for if that is more (another version may be configured differently), up to an hour.
    pub(super) fn patience(&self, ours: Duration) -> Duration {
        let asked = self.duration_seconds.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
        Duration::from_secs(asked).min(MAX_LEASE_DURATION).max(ours)
    }
}

/// A moment in the precision that a Lease keeps, so that what was written equals what is read back.
pub(super) fn microseconds(moment: Timestamp) -> Timestamp {
    moment.round(Unit::Microsecond).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn record() -> Record {
        Record {
            holder: "me".into(),
            duration_seconds: Some(15),
            acquired: Some(microseconds("2026-11-02T10:00:00.123456789Z".parse().unwrap())),
            renewed: Some(microseconds("2026-11-02T10:00:02.000000499Z".parse().unwrap())),
            transitions: 3,
        }
    }

    #[test]
    fn a_record_reads_back_equal_from_the_wire() {
        let mut lease = Lease::default();
        record().write(&mut lease);
        let wire = serde_json::to_string(&lease).unwrap();
        assert_eq!(Record::read(&serde_json::from_str(&wire).unwrap()), record());
    }

    #[test]
    fn labels_and_foreign_fields_survive_a_write() {
        let mut lease = Lease::default();
        lease.metadata.labels = Some(BTreeMap::from([("team".into(), "support".into())]));
        lease.spec = Some(LeaseSpec { preferred_holder: Some("other".into()), ..LeaseSpec::default() });
        record().write(&mut lease);
        assert_eq!(lease.metadata.labels.unwrap()["team"], "support");
        assert_eq!(lease.spec.unwrap().preferred_holder.unwrap(), "other");
    }

    #[test]
    fn patience_is_ours_at_least_and_an_hour_at_most() {
        let ours = Duration::from_secs(15);
        let asks = |seconds| Record { duration_seconds: seconds, ..record() }.patience(ours);
        assert_eq!(asks(None), ours);
        assert_eq!(asks(Some(1)), ours);
        assert_eq!(asks(Some(-5)), ours);
        assert_eq!(asks(Some(60)), Duration::from_secs(60));
        assert_eq!(asks(Some(i32::MAX)), Duration::from_secs(3600));
    }
}
