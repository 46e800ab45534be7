//! Events: transitions only, agents named by their list key and never by e-mail (`conventions.md`, Events).

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::api::account_status::{HelpdeskAccountStatus, Seats};
use crate::api::conditions::{self, Condition, ConditionStatus, ConditionType};
use crate::api::config_status::{HumanSupportConfigStatus, Problem};
use crate::controller::round::{Done, Planned, Round};
use crate::controller::store::StoreResource;
use crate::controller::training;
use crate::model::{EventReason, Kind, ObjectKey, Reason, WasInSync};
use crate::plan::Action;
use crate::provider::{Outcome, ProviderError};

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

    fn normal(reason: EventReason, note: impl Into<String>) -> Self {
        Self { reason, severity: Severity::Normal, note: note.into() }
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
        let reminders = training.reminders.into_iter();
        events.extend(reminders.map(|reminder| StoreEvent::normal(EventReason::TrainingDue, reminder.note)));
        events.extend(drift_detected(store, (planned, status)));
        events.extend(fields_ignored(store, (planned, status)));
    }
    events.extend(transition(store, status));
    events.extend(vendor_trouble(store, status));
    events
}

/// A person's approval that this round recorded: `recorded` is the status written before the first call, `before` the
/// one that the round began with.
pub fn plan_approved(
    before: Option<&HumanSupportConfigStatus>,
    recorded: Option<&HumanSupportConfigStatus>,
) -> Option<StoreEvent> {
    let approval = recorded?.approval.as_ref()?;
    if before.and_then(|before| before.approval.as_ref()) == Some(approval) {
        return None;
    }
    let steps: Vec<&str> = approval.steps.iter().map(String::as_str).collect();
    let note = format!("a person approved the plan, and it is carried out: {}", list(&steps));
    Some(StoreEvent::normal(EventReason::PlanApproved, note))
}

/// Whether the credentials that an account's check went through with are other ones than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// The same, or the first ones that this process used.
    AsBefore,
    /// Other ones.
    Rotated,
}

/// How a check changed an account's state.
pub fn account_events(
    before: Option<&HelpdeskAccountStatus>,
    after: &HelpdeskAccountStatus,
    credentials: Credentials,
) -> Vec<StoreEvent> {
    let mut events = Vec::new();
    if credentials == Credentials::Rotated {
        let note = "the Secret holds other values than before; the helpdesk accepts the credentials, and they are in use";
        events.push(StoreEvent::normal(EventReason::CredentialsRotated, note));
    }
    let had_seats = !before.and_then(|before| before.seats.as_ref()).is_some_and(is_nearly_full);
    if let Some(seats) = after.seats.as_ref().filter(|seats| had_seats && is_nearly_full(seats)) {
        let declared = seats.declared.unwrap_or_default();
        let note = format!("{} of the {declared} seats of `limits.seats` are in use", seats.used);
        events.push(StoreEvent::warning(EventReason::SeatsNearlyExhausted, &note));
    }
    events
}

/// Nine of ten declared seats: where the alert of the same name begins (`HumanSupportSeatsNearlyExhausted`).
fn is_nearly_full(seats: &Seats) -> bool {
    let is_nine_of_ten =
        |declared: i32| declared > 0 && i64::from(seats.used) * 10 >= i64::from(declared) * 9;
    seats.declared.is_some_and(is_nine_of_ten)
}

/// A change of somebody else that stays. What mode Observe would do is no change of anybody.
fn drift_detected(
    store: StoreResource<'_>,
    (planned, status): (&Planned, &HumanSupportConfigStatus),
) -> Option<StoreEvent> {
    let is_drifted = |conditions: &[Condition]| {
        let condition = conditions::get(conditions, ConditionType::Drifted);
        condition.is_some_and(|condition| condition.status == ConditionStatus::True)
    };
    if is_drifted(&store.status().conditions) || !is_drifted(&status.conditions) {
        return None;
    }
    let kept = planned.plan.held.iter();
    let kept = kept.filter(|held| matches!(held.reason, Reason::RemoteChanged | Reason::RemoteDeleted));
    let steps: Vec<String> = kept.map(|held| held.step.object()).map(|object| named(&object)).collect();
    if steps.is_empty() {
        return None;
    }
    let note =
        format!("somebody changed in the helpdesk what is declared, and it stays changed: {}", list(&steps));
    Some(StoreEvent::warning(EventReason::DriftDetected, &note))
}

/// Fields that were written and that the helpdesk dropped, where that was not told before.
fn fields_ignored(
    store: StoreResource<'_>,
    (planned, status): (&Planned, &HumanSupportConfigStatus),
) -> Option<StoreEvent> {
    let before = store.status().problems;
    let dropped = planned.done.iter().filter_map(|done| match done.error() {
        Some(ProviderError::Rejected { reason: Reason::FieldIgnored, field }) => Some((&done.object, field)),
        _ => None,
    });
    // Both lists have room for the first problems only: one that is in neither was told, or never will be.
    let is_news = |object: &ObjectKey| is_listed(&status.problems, object) && !is_listed(&before, object);
    let texts: BTreeSet<String> = dropped
        .filter(|(object, _)| is_news(object))
        .map(|(object, field)| match field {
            Some(field) => format!("{} ({field})", named(object)),
            None => named(object),
        })
        .collect();
    let texts: Vec<String> = texts.into_iter().collect();
    let note = || format!("the helpdesk took a write and dropped a field of it: {}", list(&texts));
    (!texts.is_empty()).then(|| StoreEvent::warning(EventReason::UnknownFieldIgnoredByProvider, &note()))
}

fn is_listed(problems: &[Problem], object: &ObjectKey) -> bool {
    let kind = object.kind.to_string();
    let of_object = |problem: &Problem| problem.kind == kind && problem.name == object.name;
    problems.iter().any(|problem| of_object(problem) && problem.reason == Reason::FieldIgnored.as_str())
}

fn named(object: &ObjectKey) -> String {
    format!("{}/{}", object.kind, object.name)
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
            events.push(StoreEvent::normal(*reason, list(&names)));
        }
    }
    if store.was_in_sync() == WasInSync::Before && !events.is_empty() {
        let note = "the helpdesk had been changed by somebody else and is as declared again";
        events.push(StoreEvent::normal(EventReason::DriftCorrected, note));
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
fn list(names: &[impl std::fmt::Display]) -> String {
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

/// The vendor's limit, or a vendor that is away, where `Ready` says so for the first time.
fn vendor_trouble(store: StoreResource<'_>, status: &HumanSupportConfigStatus) -> Option<StoreEvent> {
    let trouble = |conditions: &[Condition]| {
        let ready = conditions::get(conditions, ConditionType::Ready)?;
        match Reason::parse(&ready.reason)? {
            Reason::WaitingForRateLimit => Some((EventReason::RateLimited, ready.message.clone())),
            Reason::ProviderUnavailable => Some((EventReason::ProviderUnavailable, ready.message.clone())),
            _ => None,
        }
    };
    let before = trouble(&store.status().conditions).map(|(reason, _)| reason);
    let (reason, message) = trouble(&status.conditions).filter(|(reason, _)| before != Some(*reason))?;
    Some(StoreEvent::warning(reason, &super::clipped(message, 900)))
}
