//! The brake on mass removal (`api.md`, Removal guard).
//!
//! A list that was emptied by accident must not dismiss everybody. Deleting the resource and mode Retire are themselves
//! the approval, and a last day that has passed was approved when it was merged.

use std::collections::BTreeSet;

use crate::model::{Access, AgentKey, DepartmentKey, Desired, Email, Kind, MembershipKey, Reason, Ref};

use super::diff::Context;
use super::draft::{Draft, access_of};
use super::kinds::Links;
use super::places::members;
use super::removal::mark;
use super::{Change, Step};

/// Whether a draft counts: it takes an agent away who gets in, or an account.
fn counts(draft: &Draft, expired: &BTreeSet<Email>) -> bool {
    let ends = draft.ends_access()
        && (draft.access_before() == Some(Access::Active)
            || draft.is_delete() && draft.access_before() != Some(Access::Dismissed));
    let email = match draft.agent() {
        Some(Change::Update { from, .. } | Change::Delete { from }) => &from.value().email,
        _ => return false,
    };
    ends && !draft.is_held() && !expired.contains(email)
}

/// Holds removals, and the activations beside them, where more go than the guard allows.
///
/// Activations wait too: they would raise the number of agents we hold, and the next plan would pass.
pub(super) fn brake(drafts: &mut [Draft], context: &Context<'_>) {
    let guard = context.policy.guard;
    let going: Vec<usize> =
        (0..drafts.len()).filter(|index| counts(&drafts[*index], &context.policy.expired_agents)).collect();
    if going.is_empty() {
        return;
    }
    let held = context.observed.agents.iter();
    let held = held
        .filter(|remote| mark(remote).is_some() && access_of(&remote.value) != Access::Dismissed)
        .count() as u64;
    let count = going.len() as u64;
    let is_too_large = count * 100 > held * u64::from(guard.max_percent);
    let is_too_many = count > u64::from(guard.max_count);
    if count < u64::from(guard.min_count) || !(is_too_large || is_too_many) {
        return;
    }
    let message = format!(
        "{count} of {held} agents would lose their access, more than `removalGuard` allows: approve the plan's digest, \
         or put them back"
    );
    for index in going {
        drafts[index].hold(Reason::RemovalGuardTripped, message.clone());
    }
    for draft in drafts.iter_mut().filter(|draft| draft.gives_access()) {
        draft.hold(Reason::RemovalGuardTripped, message.clone());
    }
}

/// Holds removals that would leave the default department without anybody who answers.
pub(super) fn keep_default_department(
    drafts: &mut [Draft],
    declared: (&Desired, &Links),
    context: &Context<'_>,
) {
    let (desired, links) = declared;
    let Some(department) = &context.policy.default_department else { return };
    let takes = |draft: &Draft| {
        counts(draft, &context.policy.expired_agents) || leaves(draft, department) && !draft.is_held()
    };
    let going: Vec<usize> = (0..drafts.len()).filter(|index| takes(&drafts[*index])).collect();
    if going.is_empty() {
        return;
    }
    let shared = context.observed.departments.iter().any(|remote| {
        mark(remote).is_some_and(|(key, _)| links.current(Kind::Department, key) == department.as_str())
            && context.observed.shared_departments.contains(&remote.id)
    });
    let members = members(links, context, department.as_str());
    let active: BTreeSet<&str> = context
        .observed
        .agents
        .iter()
        .filter(|remote| access_of(&remote.value) == Access::Active)
        .filter_map(|remote| Some(links.current(Kind::Agent, mark(remote)?.0)))
        .collect();
    let had_somebody = members.iter().any(|key| active.contains(key.as_str()));
    if shared || !had_somebody || keeps_somebody(drafts, (desired, department), (&members, &active)) {
        return;
    }
    let message = format!(
        "nobody would answer in the default department `{department}` any more: approve the plan's digest, or declare \
         somebody there"
    );
    for index in going {
        let concerned = match &drafts[index].step {
            Step::Membership(_) => true,
            _ => members.contains(&drafts[index].object.name),
        };
        if concerned {
            drafts[index].hold(Reason::RemovalGuardTripped, message.clone());
        }
    }
}

/// Whether a draft moves an agent out of this department.
fn leaves(draft: &Draft, department: &DepartmentKey) -> bool {
    match &draft.step {
        Step::Membership(Change::Delete { from }) => from.value().key.department == *department,
        _ => false,
    }
}

/// Whether anybody active is left in the department once everything that is not held is done.
fn keeps_somebody(
    drafts: &[Draft],
    declared: (&Desired, &DepartmentKey),
    now: (&BTreeSet<String>, &BTreeSet<&str>),
) -> bool {
    let (desired, department) = declared;
    let (members, active) = now;
    let mut leavers: BTreeSet<&str> = BTreeSet::new();
    let mut comers: BTreeSet<&str> = BTreeSet::new();
    let mut not_placed: BTreeSet<&str> = BTreeSet::new();
    for draft in drafts {
        match &draft.step {
            Step::Agent(_) if draft.ends_access() && !draft.is_held() => {
                leavers.insert(&draft.object.name);
            }
            Step::Agent(_) if draft.gives_access() && !draft.is_held() => {
                comers.insert(&draft.object.name);
            }
            Step::Membership(Change::Delete { from }) if leaves(draft, department) && !draft.is_held() => {
                leavers.insert(from.value().key.agent.as_str());
            }
            Step::Membership(Change::Create { key, .. })
                if draft.is_held() && key.department == *department =>
            {
                not_placed.insert(key.agent.as_str());
            }
            _ => {}
        }
    }
    let stays = members.iter().any(|key| active.contains(key.as_str()) && !leavers.contains(key.as_str()));
    let is_placed = |agent: &AgentKey| {
        let key = MembershipKey { agent: agent.clone(), department: department.clone() };
        let by_default = desired
            .agents
            .get(agent)
            .is_some_and(|agent| agent.default_department == Ref::Ours(department.clone()));
        desired.memberships.contains_key(&key) && !not_placed.contains(agent.as_str()) || by_default
    };
    let comes = desired.agents.iter().any(|(key, agent)| {
        agent.access == Access::Active
            && (active.contains(key.as_str()) || comers.contains(key.as_str()))
            && !leavers.contains(key.as_str())
            && is_placed(key)
    });
    stays || comes
}
