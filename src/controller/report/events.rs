//! Events: transitions only, agents named by their list key and never by e-mail (`conventions.md`, Events).

use jiff::Timestamp;

use crate::api::conditions::{self, ConditionStatus, ConditionType};
use crate::api::config_status::HumanSupportConfigStatus;
use crate::controller::round::{Done, Round};
use crate::controller::store::StoreResource;
use crate::controller::training;
use crate::model::{EventReason, Kind, WasInSync};
use crate::plan::Action;
use crate::provider::Outcome;

/// An event worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreEvent {
    /// Its reason.
    pub reason: EventReason,
    /// Whether somebody should worry.
    pub severity: Severity,
    /// One sentence, at most 1 kB.
    pub note: String,
}

impl StoreEvent {
    /// An event that somebody should worry about.
    pub fn warning(reason: EventReason, note: &str) -> Self {
        Self { reason, severity: Severity::Warning, note: note.to_owned() }
    }
}

/// Whether somebody should worry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Nobody should.
    Normal,
    /// Somebody should.
    Warning,
}

/// What a round did and how it changed the store's state.
pub(super) fn events_of(
    (store, round): (StoreResource<'_>, &Round),
    status: &HumanSupportConfigStatus,
    now: Timestamp,
) -> Vec<StoreEvent> {
    let mut events = Vec::new();
    if let Round::Planned(planned) = round {
        events.extend(changes(store, &planned.done));
        let before = store.status().training;
        let training = training::look(&store.config.spec, before.as_ref(), now);
        events.extend(training.reminders.into_iter().map(|reminder| StoreEvent {
            reason: EventReason::TrainingDue,
            severity: Severity::Normal,
            note: reminder.note,
        }));
    }
    events.extend(transition(store, status));
    events
}

fn changes(store: StoreResource<'_>, done: &[Done]) -> Vec<StoreEvent> {
    let mut events: Vec<StoreEvent> = Vec::new();
    for reason in EventReason::ALL {
        let names: Vec<&str> = done
            .iter()
            .filter(|done| matches!(done.outcome, Outcome::Applied(_) | Outcome::AppliedUnverified))
            .filter(|done| reason_of(done) == Some(*reason))
            .map(|done| done.object.name.as_str())
            .collect();
        if !names.is_empty() {
            events.push(StoreEvent { reason: *reason, severity: Severity::Normal, note: list(&names) });
        }
    }
    if store.was_in_sync() == WasInSync::Before && !events.is_empty() {
        let note = "the helpdesk had been changed by somebody else and is as declared again".to_owned();
        events.push(StoreEvent { reason: EventReason::DriftCorrected, severity: Severity::Normal, note });
    }
    events
}

fn reason_of(done: &Done) -> Option<EventReason> {
    match (done.object.kind, done.action) {
        (_, Action::Adopt) => Some(EventReason::ObjectAdopted),
        (Kind::Agent, Action::Create) => Some(EventReason::AgentCreated),
        (Kind::Agent, Action::Update) if done.fields.iter().any(|field| field == "active") => {
            Some(EventReason::AgentDeactivated)
        }
        (Kind::Agent, Action::Update) => Some(EventReason::AgentUpdated),
        (Kind::Agent, Action::Delete) => Some(EventReason::AgentDeactivated),
        (Kind::Department, Action::Create) => Some(EventReason::DepartmentCreated),
        (Kind::Webhook, Action::Create) => Some(EventReason::WebhookBound),
        (Kind::Webhook, Action::Update) if done.fields.iter().any(|field| field == "token") => {
            Some(EventReason::WebhookSecretRotated)
        }
        (_, Action::Release) => Some(EventReason::ExternalObjectsKept),
        _ => None,
    }
}

/// At most five names, then a count: an event's note is limited to 1 kB.
fn list(names: &[&str]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn transition(store: StoreResource<'_>, status: &HumanSupportConfigStatus) -> Option<StoreEvent> {
    let before = store.status();
    let before = conditions::get(&before.conditions, ConditionType::Ready);
    let after = conditions::get(&status.conditions, ConditionType::Ready)?;
    let was_true = before.is_some_and(|condition| condition.status == ConditionStatus::True);
    let same_reason = before.is_some_and(|condition| condition.reason == after.reason);
    if after.status == ConditionStatus::True && !was_true {
        let failed_before = before.is_some_and(|condition| condition.status == ConditionStatus::False);
        let reason = if failed_before { EventReason::Recovered } else { EventReason::Reconciled };
        return Some(StoreEvent { reason, severity: Severity::Normal, note: after.message.clone() });
    }
    let stalled = conditions::get(&status.conditions, ConditionType::Stalled).is_some();
    if after.status == ConditionStatus::False && stalled && !same_reason {
        let note = super::clipped(format!("{}: {}", after.reason, after.message), 900);
        return Some(StoreEvent { reason: EventReason::Stalled, severity: Severity::Warning, note });
    }
    None
}
