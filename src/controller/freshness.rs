//! How fresh a reading of the helpdesk must be, and what day it is for a store.
//!
//! A reading costs one listing of the whole account and is shared by its stores, so each purpose asks for no more than
//! it needs: a resync wants a reading later than its last one, a person's "now" wants one that starts now, an edit
//! is content with one of the last minutes, and a look at a Secret with the last one, because our own writes are part
//! of it.

use std::time::{Duration, Instant};

use jiff::civil::Date;

use super::memory::StoreMemory;
use super::pending;
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
    if let Some(from) = memory.awaits_reading_from {
        return from.min(now);
    }
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
    if says_that_something_was_done(store) {
        return now;
    }
    now.checked_sub(OLDEST_FOR_AN_EDIT).unwrap_or(started).max(started)
}

/// Whether a person says to have done something in the helpdesk that only a reading can confirm.
fn says_that_something_was_done(store: StoreResource<'_>) -> bool {
    let completed = &store.config.spec.completed_steps;
    let open = store.config.status.iter().flat_map(|status| &status.pending_steps);
    open.filter(|step| pending::zenvia::may_be_seen(&step.name))
        .any(|step| completed.iter().any(|done| done.name == step.name && done.value == step.value))
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
    super::due::today(spec, crate::clock::wall())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::HumanSupportConfig;

    const STORE: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HumanSupportConfig
metadata: {name: a, namespace: n, uid: u, generation: 2}
spec:
  accountRef: {kind: HelpdeskAccount, name: z}
  store: a
  whatsapp: {phoneNumber: "+551140028922"}
"#;

    fn config() -> HumanSupportConfig {
        serde_saphyr::from_str(STORE).unwrap()
    }

    struct Times {
        started: Instant,
        reading: Instant,
        now: Instant,
    }

    fn times() -> Times {
        let started = Instant::now();
        let reading = started + Duration::from_secs(60);
        Times { started, reading, now: started + Duration::from_secs(2_000) }
    }

    fn settled(times: &Times) -> StoreMemory {
        StoreMemory {
            last_reading: Some(times.reading),
            next_resync: Some(times.now + Duration::from_secs(100)),
            generation: Some(2),
            ..StoreMemory::default()
        }
    }

    fn asked(config: &HumanSupportConfig, memory: &StoreMemory, times: &Times) -> Instant {
        not_before(StoreResource::new(config), memory, (times.now, times.started))
    }

    #[test]
    fn a_first_round_takes_any_reading_of_this_process() {
        let times = times();
        assert_eq!(asked(&config(), &StoreMemory::default(), &times), times.started);
    }

    #[test]
    fn a_look_in_between_is_content_with_the_last_reading() {
        let times = times();
        assert_eq!(asked(&config(), &settled(&times), &times), times.reading);
    }

    #[test]
    fn a_resync_wants_a_later_reading_than_its_last_one() {
        let times = times();
        let memory = StoreMemory { next_resync: Some(times.now), ..settled(&times) };
        let wanted = asked(&config(), &memory, &times);
        assert!(wanted > times.reading && wanted < times.now);
    }

    #[test]
    fn an_edit_wants_a_reading_of_the_last_minutes() {
        let times = times();
        let memory = StoreMemory { generation: Some(1), ..settled(&times) };
        assert_eq!(asked(&config(), &memory, &times), times.now - OLDEST_FOR_AN_EDIT);
    }

    #[test]
    fn a_request_and_a_lost_answer_want_one_that_starts_now() {
        let times = times();
        let mut requested = config();
        let annotation = (crate::api::annotations::RECONCILE_REQUESTED_AT.to_owned(), "1".to_owned());
        requested.metadata.annotations = Some([annotation].into());
        assert_eq!(asked(&requested, &settled(&times), &times), times.now);
        let lost = StoreMemory { last_unknown: Some(times.reading), ..settled(&times) };
        assert_eq!(asked(&config(), &lost, &times), times.now);
    }

    #[test]
    fn creates_that_wait_want_the_reading_they_wait_for() {
        let times = times();
        let from = times.reading + Duration::from_secs(10);
        let memory = StoreMemory { awaits_reading_from: Some(from), ..settled(&times) };
        assert_eq!(asked(&config(), &memory, &times), from);
    }

    #[test]
    fn absence_is_proven_a_settle_window_after_the_last_doubt() {
        let times = times();
        let window = Duration::from_secs(10);
        let of = |memory: &StoreMemory, earlier| absence_from(memory, earlier, (times.started, window));
        assert_eq!(of(&settled(&times), EarlierProcess::Never), None);
        assert_eq!(of(&settled(&times), EarlierProcess::Began), Some(times.started + window));
        let lost = StoreMemory { last_unknown: Some(times.now), ..settled(&times) };
        assert_eq!(of(&lost, EarlierProcess::Began), Some(times.now + window));
    }

    #[test]
    fn an_edit_that_says_what_only_a_reading_can_confirm_wants_one_that_starts_now() {
        let times = times();
        let mut config = config();
        let memory = StoreMemory { generation: Some(1), ..settled(&times) };
        let step = |value: &str| crate::api::config::CompletedStep {
            name: "SetWebhookAddress".into(),
            value: Some(value.into()),
        };
        config.status = Some(crate::api::config_status::HumanSupportConfigStatus {
            pending_steps: vec![crate::api::config_status::PendingStep {
                name: "SetWebhookAddress".into(),
                value: Some("https://a".into()),
                blocks_live: true,
                why: String::new(),
                how: String::new(),
                who: None,
                proof: None,
            }],
            ..Default::default()
        });
        config.spec.completed_steps = vec![step("https://b")];
        assert!(asked(&config, &memory, &times) < times.now, "another address says nothing about this one");
        config.spec.completed_steps = vec![step("https://a")];
        assert_eq!(asked(&config, &memory, &times), times.now);
    }
}
