//! What may not be done now, and with which reason. A hold spreads: what leans on a held change is held too.
//!
//! The first reason wins, and the order below is the order in which a person has to act. Nothing here adds or drops a
//! change, so the digest of a plan does not depend on what is held.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Absence, Access, Approval, Desired, Drift, DriftPolicy, FieldChange, Gate, History, Kind, Lifecycle,
    ObjectKey, Observed, Owner, Policy, Reason, ScheduleRoom, Support, WasInSync,
};

use super::adoption::describe;
use super::diff::Context;
use super::draft::{Cause, Draft, folded};
use super::kinds::Links;
use super::seats::Approved;
use super::{Action, digest, guard, protect, seats};

/// Decides every hold. `drafts` are in order.
pub(super) fn decide(drafts: &mut [Draft], declared: (&Desired, &Links), context: &Context<'_>) {
    if drafts.is_empty() {
        return;
    }
    let policy = context.policy;
    let is_living = policy.lifecycle == Lifecycle::Living;
    let approval = approval(drafts, policy);
    by_state(drafts, context);
    protect::protect(drafts, context.observed);
    drift(drafts, &policy.drift);
    if is_living && approval == Approved::No {
        if policy.history == History::Unrecorded {
            unrecorded(drafts);
        }
        guard::brake(drafts, context);
    }
    seats::after_raised_license(drafts);
    spread(drafts);
    seats::limit(drafts, context);
    if is_living && approval == Approved::No {
        guard::keep_default_department(drafts, declared, context);
        // Whoever stays now keeps a seat.
        seats::limit(drafts, context);
    }
    seats::license(drafts, context, approval);
    if is_living && policy.approval == Approval::Manual && approval == Approved::No {
        for draft in drafts.iter_mut() {
            draft.hold(Reason::ApprovalRequired, "`approval: Manual`: approve the plan's digest");
        }
    }
    spread(drafts);
}

fn approval(drafts: &[Draft], policy: &Policy) -> Approved {
    let Some(approved) = &policy.approved else { return Approved::No };
    let digest = digest::digest(drafts.iter().map(|draft| &draft.step));
    if *approved == digest { Approved::Yes } else { Approved::No }
}

/// Holds by what the account, the helpdesk and the state of affairs allow.
fn by_state(drafts: &mut [Draft], context: &Context<'_>) {
    let policy = context.policy;
    let blocked: BTreeMap<ObjectKey, Reason> =
        policy.blocked.iter().map(|(object, reason)| (folded(object), *reason)).collect();
    for draft in drafts.iter_mut() {
        if let Some(by) = &context.observed.foreign_fence {
            draft.hold(Reason::OwnedByOtherCluster, fenced_sentence(by));
        }
        if !blocked.is_empty()
            && let Some(reason) = blocked.get(&draft.object)
        {
            draft.hold(*reason, blocked_sentence(*reason));
        }
        let support = policy.capabilities.of(draft.kind());
        let cannot_go = match support {
            Support::NoRemoval => draft.is_delete(),
            Support::CreateAndUpdate => {
                let gets_back_in = draft.access_after() == Some(Access::Active)
                    && draft.access_before().is_some_and(|access| access != Access::Active);
                draft.is_delete() || draft.ends_access() || gets_back_in
            }
            _ => false,
        };
        if support == Support::CompareOnly || cannot_go {
            draft.hold(
                Reason::ManualActionRequired,
                "the helpdesk's interface cannot do this: do it by hand in the helpdesk",
            );
        }
        if draft.kind() == Kind::OpeningHours
            && draft.action() == Action::Create
            && let Some(message) = no_room(context.observed)
        {
            draft.hold(Reason::ManualActionRequired, message);
        }
        if let Gate::Closed(reason) = policy.gate
            && waits_at_gate(draft)
        {
            draft.hold(reason, "waits until the WhatsApp number is integrated; removals go on");
        }
        if policy.absence == Absence::Unproven && draft.action() == Action::Create {
            draft.hold(
                Reason::AwaitingSettledReading,
                "the reading of the account is too early to prove that it is absent; the operator looks again",
            );
        }
    }
}

/// What to do where another cluster's fence `by` is on the store.
pub fn fenced_sentence(by: &str) -> String {
    format!(
        "another cluster with this installation's name has this store (`by={by}`); nothing is written. Give one of the \
         two another `installation`, or, if that cluster is gone, add `{by}` to the account's `takeOverFrom`"
    )
}

/// Why the account takes no schedule of this store; what a person can do instead.
fn no_room(observed: &Observed) -> Option<String> {
    let by_hand = "set the hours by hand and complete the step `SetBusinessHours`";
    match observed.account.schedules {
        ScheduleRoom::Free => None,
        ScheduleRoom::Absent => Some(format!(
            "the helpdesk has no schedules (its plan has none, or the credentials may not see them): {by_hand}"
        )),
        ScheduleRoom::Full => {
            let foreign = observed.hours.iter().find(|remote| !matches!(remote.owner, Owner::Us { .. }));
            let what = foreign.map_or_else(|| "another one".to_owned(), describe);
            let adopt = match foreign.filter(|remote| remote.is_unowned()) {
                Some(remote) => format!("to take it over, name its id {} in `adopt`; else ", remote.id),
                None => String::new(),
            };
            Some(format!(
                "the helpdesk's plan has no room for another schedule, {what} is there: {adopt}{by_hand}"
            ))
        }
    }
}

fn blocked_sentence(reason: Reason) -> &'static str {
    match reason {
        Reason::Conflict => "an older store of this account declares it: the oldest keeps it; choose another",
        Reason::ProfileNotAllowed => {
            "the account does not allow this profile: choose one of `limits.profiles`, or have it added there"
        }
        _ => "may not be written now; see the condition with this reason",
    }
}

fn waits_at_gate(draft: &Draft) -> bool {
    if draft.is_removal() || draft.ends_access() {
        return false;
    }
    match draft.action() {
        Action::Create | Action::Adopt => true,
        Action::Update => {
            let is_webhook = matches!(draft.kind(), Kind::Webhook | Kind::EventRoute | Kind::RoutingRule);
            is_webhook && !is_only_token(draft.step.fields())
        }
        Action::Release | Action::Delete => false,
    }
}

/// Whether a credential and nothing else is written.
fn is_only_token(fields: &[FieldChange]) -> bool {
    !fields.is_empty() && fields.iter().all(|field| field.field == "token")
}

/// Holds the undoing of what people changed, where the store only reports it.
fn drift(drafts: &mut [Draft], policy: &DriftPolicy) {
    if policy.was_in_sync == WasInSync::NotYet {
        return;
    }
    for draft in drafts.iter_mut() {
        let family = match draft.kind() {
            Kind::Agent => policy.agents,
            Kind::Membership => policy.memberships,
            Kind::Department => policy.departments,
            Kind::Webhook | Kind::EventRoute | Kind::RoutingRule | Kind::PhoneField | Kind::OpeningHours => {
                policy.webhooks
            }
            Kind::License => Drift::Correct,
        };
        if family == Drift::Correct {
            continue;
        }
        let field = match draft.kind() {
            Kind::Agent => "agents",
            Kind::Membership => "memberships",
            Kind::Department => "departments",
            _ => "webhooks",
        };
        let is_rename = draft.former_key().is_some_and(|former| *former != draft.object.name);
        let is_edit = draft.cause == Cause::Declared
            && draft.action() == Action::Update
            && !draft.step.fields().is_empty()
            && !is_rename
            && !is_only_token(draft.step.fields());
        let is_added_place = draft.kind() == Kind::Membership && draft.is_delete();
        if is_edit || is_added_place {
            draft.hold(
                Reason::RemoteChanged,
                format!(
                    "a person changed it in the helpdesk and `drift.{field}` is Report: it stays as it is"
                ),
            );
        } else if draft.cause == Cause::Declared && draft.action() == Action::Create {
            draft.hold(
                Reason::RemoteDeleted,
                format!(
                    "a person deleted it in the helpdesk and `drift.{field}` is Report: it stays deleted"
                ),
            );
        }
    }
}

/// Holds what the first round of a resource without history would take away.
fn unrecorded(drafts: &mut [Draft]) {
    for draft in drafts.iter_mut().filter(|draft| {
        matches!(draft.cause, Cause::Unlisted | Cause::Duplicate)
            || matches!(draft.action(), Action::Delete | Action::Release)
    }) {
        draft.hold(
            Reason::ApprovalRequired,
            "this resource has no recorded history with the account (new, restored or made again): approve the plan's \
             digest once, so that nobody who came since is removed",
        );
    }
}

/// Holds what leans on something held. `drafts` are in order, so one pass is enough.
pub(super) fn spread(drafts: &mut [Draft]) {
    if !drafts.iter().any(Draft::is_held) {
        return;
    }
    let mut held: BTreeMap<ObjectKey, Reason> = BTreeMap::new();
    let mut needed: BTreeSet<ObjectKey> = BTreeSet::new();
    for draft in drafts.iter_mut() {
        if draft.hold.is_none() {
            let leaning = draft.step.leans_on().into_iter().map(|object| folded(&object));
            let first = leaning
                .filter(|object| needed.contains(object))
                .chain(draft.after.iter().cloned())
                .find_map(|object| held.get(&object).map(|reason| (object.clone(), *reason)));
            if let Some((object, reason)) = first {
                draft.hold(Reason::DependencyHeld, format!("waits for {object}, which is held ({reason})"));
            }
        }
        if let Some(hold) = &draft.hold
            && draft.cause != Cause::Duplicate
        {
            held.entry(draft.object.clone()).or_insert(hold.reason);
            if draft.is_needed() {
                needed.insert(draft.object.clone());
            }
        }
    }
}
