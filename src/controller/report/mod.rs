//! Report: from what a round came to, to what people read: status, problems, conditions, events.
//!
//! Pure. Every round ends here, whatever happened. Messages are byte-stable: a text that changes without a cause
//! would write the status, and the write would start the next round.

mod blocked;
mod capabilities;
mod events;
mod hours;
mod live;
mod problems;
mod summary;
#[cfg(test)]
pub(super) mod tests;

use jiff::Timestamp;

use super::pending::catalogue;
use super::round::{Blocked, Planned, Retry, Round, Side};
use super::store::StoreResource;
use super::{bindings, claims, pending, training};
use crate::api::conditions::{
    self, Condition, ConditionReason, ConditionStatus, ConditionType, ConditionUpdate,
};
use crate::api::config_status::{
    HandoverItem, HumanSupportConfigStatus, MAX_PENDING_STEPS, PendingStep, PlanStatus, WebhookStatus,
};
use crate::model::{EventReason, Reason};
use crate::plan::Plan;

pub use events::{Credentials, Severity, StoreEvent, account_events, plan_approved};

/// The most lines of a plan, and the most problems, that a status lists.
const MOST_LISTED: usize = 20;

/// The most bytes of a condition's message where a status has to be short.
const SHORT_MESSAGE: usize = 200;

/// Says that the lists are missing.
const LEFT_OUT: &str = " (the resource is near the size that the API server stores: `problems`, `pendingSteps`, `handover` and the lines of `plan` are left out; shorten the declaration, or split the store)";

/// What people read of a round.
#[derive(Clone, Debug)]
pub struct Report {
    /// The status to be written, where it differs.
    pub status: HumanSupportConfigStatus,
    /// Events worth telling.
    pub events: Vec<StoreEvent>,
    /// The reason of `Ready`, for the metric.
    pub reason: Reason,
}

/// A condition in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Verdict {
    status: ConditionStatus,
    reason: Reason,
    message: String,
}

impl Verdict {
    fn new(status: ConditionStatus, reason: Reason, message: impl Into<String>) -> Self {
        Self { status, reason, message: message.into() }
    }
}

/// Says what a round came to.
pub fn report(store: StoreResource<'_>, round: &Round, now: Timestamp) -> Report {
    let mut status = store.status();
    status.observed_generation = Some(store.generation());
    handled(store, &mut status);
    status.approval = status.approval.filter(|approval| approval.generation == store.generation());
    let mut writer =
        Writer { conditions: std::mem::take(&mut status.conditions), generation: store.generation(), now };
    match round {
        Round::Suspended => suspended(store, &mut writer, &mut status),
        Round::Blocked(blocked) => {
            blocked::describe(store, blocked, &mut writer);
            if let Retry::ForPerson(name) = blocked.retry {
                let awaited = pending::zenvia::awaited(store, (name, &blocked.message));
                status.pending_steps = vec![pending_step(&awaited)];
            }
        }
        Round::Planned(planned) => describe_planned(store, planned, (&mut writer, &mut status)),
    }
    status.conditions = writer.conditions;
    let reason = ready_reason(&status);
    let events = events::events_of((store, round), &status, now);
    Report { status, events, reason }
}

fn handled(store: StoreResource<'_>, status: &mut HumanSupportConfigStatus) {
    if let Some(requested) = store.requested_at() {
        status.last_handled_reconcile_at = Some(requested.to_owned());
    }
}

/// The status before the first write to an account: everything known is Unknown, work is going on, the account is
/// recorded.
pub fn opening(store: StoreResource<'_>, side: Option<&Side>, now: Timestamp) -> HumanSupportConfigStatus {
    let mut status = store.status();
    if !store.was_visited() {
        status.observed_generation = Some(store.generation());
        let mut writer = Writer { conditions: Vec::new(), generation: store.generation(), now };
        for type_ in capabilities::declared(&store.config.spec) {
            writer
                .set(type_, Verdict::new(ConditionStatus::Unknown, Reason::Progressing, "not looked at yet"));
        }
        let message = "the store is being set up";
        writer.set(
            ConditionType::Reconciling,
            Verdict::new(ConditionStatus::True, Reason::Progressing, message),
        );
        status.conditions = writer.conditions;
    }
    if let Some(side) = side {
        status.platform = Some(side.platform);
        let bindings = bindings::with_side(status.bindings.clone(), side);
        status.claims = claims::relabeled(status.claims, (&status.bindings, &bindings));
        status.bindings = bindings;
    }
    status
}

/// Says that a deletion waits for its clean-up, and which steps people have to do for it.
pub fn deletion_blocked(
    store: StoreResource<'_>,
    (blocked, steps): (&Blocked, &[crate::model::PendingStep]),
    now: Timestamp,
) -> Report {
    let mut status = store.status();
    status.pending_steps = steps.iter().take(MAX_PENDING_STEPS).map(pending_step).collect();
    handled(store, &mut status);
    let mut writer =
        Writer { conditions: std::mem::take(&mut status.conditions), generation: store.generation(), now };
    blocked::describe_deletion(blocked, &mut writer);
    status.conditions = writer.conditions;
    let event = StoreEvent::warning(EventReason::DeletionBlocked, &blocked.message);
    Report { status, events: vec![event], reason: blocked.reason }
}

/// Whether a reason goes away by itself.
pub fn goes_on_by_itself(reason: Reason) -> bool {
    capabilities::is_passing(reason)
}

/// What `Ready` says of a round that was planned.
pub fn ready_reason_of(planned: &Planned) -> Reason {
    capabilities::ready(planned).reason
}

/// Whether what a status tells goes on by itself.
pub fn is_on_its_way(status: &HumanSupportConfigStatus) -> bool {
    conditions::get(&status.conditions, ConditionType::Reconciling).is_some()
}

/// Whether a report waits for somebody.
pub fn is_stalled(report: &Report) -> bool {
    conditions::get(&report.status.conditions, ConditionType::Stalled).is_some()
}

/// The status without its lists of what is to be done and what is wrong, for a resource that has no room for them. What
/// later rounds need stays: bindings, claims, an approval, the Secrets' versions, attendance.
pub fn shortened(status: &HumanSupportConfigStatus) -> HumanSupportConfigStatus {
    let mut short = status.clone();
    short.problems = Vec::new();
    short.pending_steps = Vec::new();
    short.handover = Vec::new();
    if let Some(plan) = &mut short.plan {
        plan.lines = Vec::new();
    }
    for condition in &mut short.conditions {
        let message = condition.message.strip_suffix(LEFT_OUT).unwrap_or(&condition.message);
        condition.message = clipped(message.to_owned(), SHORT_MESSAGE);
        if condition.type_ == ConditionType::Ready.as_str() {
            condition.message.push_str(LEFT_OUT);
        }
    }
    short
}

/// Keeps a text inside a limit of bytes, at a character's end.
fn clipped(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
    }
    text
}

struct Writer {
    conditions: Vec<Condition>,
    generation: i64,
    now: Timestamp,
}

impl Writer {
    fn set(&mut self, type_: ConditionType, verdict: Verdict) {
        // Every reason is one CamelCase word (tested over the whole list), so there is always something to say.
        let Some(reason) = ConditionReason::parse(verdict.reason.as_str()) else { return };
        let update = ConditionUpdate {
            type_,
            status: verdict.status,
            reason,
            message: verdict.message,
            observed_generation: self.generation,
        };
        conditions::set(&mut self.conditions, update, self.now);
    }

    fn remove(&mut self, type_: ConditionType) {
        conditions::remove(&mut self.conditions, type_);
    }

    /// `Reconciling` and `Stalled` exist only while true and never together (`conventions.md`, Status 3).
    fn set_progress(&mut self, ready: &Verdict) {
        self.remove(ConditionType::Reconciling);
        self.remove(ConditionType::Stalled);
        if ready.status == ConditionStatus::True {
            return;
        }
        let passing = capabilities::is_passing(ready.reason);
        let type_ = if passing { ConditionType::Reconciling } else { ConditionType::Stalled };
        self.set(type_, Verdict::new(ConditionStatus::True, ready.reason, ready.message.clone()));
    }
}

/// Suspended: `Ready` and the observed generation stay as they were.
fn suspended(store: StoreResource<'_>, writer: &mut Writer, status: &mut HumanSupportConfigStatus) {
    if store.was_visited() {
        status.observed_generation = store.status().observed_generation;
    }
    let message = "`suspend` is true: nothing is done until it is false";
    writer.set(ConditionType::Suspended, Verdict::new(ConditionStatus::True, Reason::Suspended, message));
    writer.remove(ConditionType::Reconciling);
    let message = "no: the store is suspended; set `suspend` to false";
    writer.set(ConditionType::Live, Verdict::new(ConditionStatus::False, Reason::Suspended, message));
}

fn describe_planned(
    store: StoreResource<'_>,
    planned: &Planned,
    (writer, status): (&mut Writer, &mut HumanSupportConfigStatus),
) {
    writer.remove(ConditionType::Suspended);
    writer.remove(ConditionType::DeletionBlocked);
    let training = training::look(&store.config.spec, status.training.as_ref(), writer.now);
    for (type_, verdict) in capabilities::verdicts(&store.config.spec, (planned, &training), writer.now) {
        writer.set(type_, verdict);
    }
    let ready = capabilities::ready(planned);
    writer.set(ConditionType::Live, live::verdict(store, planned, (&ready, writer.now)));
    writer.set_progress(&ready);
    writer.set(ConditionType::Ready, ready);
    status.platform = Some(planned.side.platform);
    status.summary = Some(summary::summarize(&store.config.spec, planned));
    status.plan = Some(plan_status(&planned.plan));
    let all = problems::problems_of(store, (planned, &training));
    status.problem_count = i32::try_from(all.len()).ok();
    status.problems = all.into_iter().take(MOST_LISTED).collect();
    status.pending_steps = planned.pending.iter().take(MAX_PENDING_STEPS).map(pending_step).collect();
    status.next_training = training.next.map(|next| next.to_string());
    status.training = training.remember;
    status.handover = handover(store, planned);
    status.webhooks = webhook_statuses(planned);
    status.claims = planned.claims.clone();
    status.bindings = bindings::after(std::mem::take(&mut status.bindings), planned);
}

fn plan_status(plan: &Plan) -> PlanStatus {
    let steps = plan.steps.iter().map(ToString::to_string);
    let lines = steps.chain(plan.held.iter().map(ToString::to_string)).take(MOST_LISTED).collect();
    PlanStatus {
        digest: (!plan.is_empty()).then(|| plan.digest()),
        changes: i32::try_from(plan.steps.len()).unwrap_or(i32::MAX),
        held: i32::try_from(plan.held.len()).unwrap_or(i32::MAX),
        lines,
    }
}

fn pending_step(step: &crate::model::PendingStep) -> PendingStep {
    let entry = catalogue::of(step.name);
    PendingStep {
        name: step.title(),
        value: Some(step.value.clone()),
        blocks_live: step.blocks_live,
        who: Some(entry.who),
        proof: Some(entry.proof),
        why: step.why.clone(),
        how: step.how.clone(),
    }
}

fn handover(store: StoreResource<'_>, planned: &Planned) -> Vec<HandoverItem> {
    let item = |kind: &str, name: &str, id: String| HandoverItem {
        kind: kind.to_owned(),
        name: name.to_owned(),
        id,
    };
    let mut items =
        vec![item("ConversationTag", "conversation-tag", store.config.spec.conversation_tag.clone())];
    if let (Some(name), Some(id)) = (&store.config.spec.default_department, &planned.ids.default_department) {
        items.push(item("Department", name, id.to_string()));
    }
    if let Some(id) = &planned.ids.phone_field {
        items.push(item("TicketField", "whatsapp-number", id.to_string()));
    }
    items
}

fn webhook_statuses(planned: &Planned) -> Vec<WebhookStatus> {
    let statuses = planned.ids.webhooks.iter().map(|(key, (id, version))| WebhookStatus {
        name: key.to_string(),
        id: Some(id.to_string()),
        secret_version: version.as_ref().map(ToString::to_string),
    });
    statuses.collect()
}

fn ready_reason(status: &HumanSupportConfigStatus) -> Reason {
    conditions::get(&status.conditions, ConditionType::Ready)
        .and_then(|condition| Reason::parse(&condition.reason))
        .unwrap_or(Reason::Progressing)
}
