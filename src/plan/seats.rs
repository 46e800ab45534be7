//! Seats and licenses: how many people may be active, and who comes first.
//!
//! Existing active agents keep their places; new ones follow by key, so that a full store always holds the same people.
//! A suspended account still takes a seat: only a dismissal frees one.

use std::collections::BTreeMap;

use crate::model::{Access, ExternalId, Kind, Reason, SeatBudget, Support};

use super::diff::Context;
use super::draft::{Draft, access_of, holds_seat};
use super::order::{lowers_license, subject};
use super::removal::mark;
use super::{Action, Change, Step};

/// How many places are taken once everything that is not held is done.
struct Taken {
    /// Active agents of the store.
    licenses: u32,
    /// Accounts of the store that take a seat.
    store: u32,
    /// Accounts of anybody that take a seat.
    account: u32,
}

/// Lets activations wait for a license quantity that is raised in the same plan.
pub(super) fn after_raised_license(drafts: &mut [Draft]) {
    let raised = drafts
        .iter()
        .find(|draft| draft.kind() == Kind::License && !lowers_license(draft))
        .map(|draft| draft.object.clone());
    if let Some(license) = raised {
        for draft in drafts.iter_mut().filter(|draft| draft.gives_access()) {
            draft.after.push(license.clone());
        }
    }
}

/// Holds activations beyond the budget. Holds of removals must have been decided: they keep seats taken.
pub(super) fn limit(drafts: &mut [Draft], context: &Context<'_>) {
    let SeatBudget { licenses, per_store, account, plan } = context.policy.seats;
    if [licenses, per_store, account, plan].iter().all(Option::is_none) {
        return;
    }
    let mut taken = taken(drafts, context);
    let mut activations: Vec<usize> = (0..drafts.len())
        .filter(|index| drafts[*index].gives_access() && !drafts[*index].is_held())
        .collect();
    activations.sort_by_cached_key(|index| {
        let draft = &drafts[*index];
        (draft.access_before() != Some(Access::Active), draft.object.name.clone())
    });
    for index in activations {
        let draft = &mut drafts[index];
        let is_ours = draft.action() == Action::Update;
        let holds_seat = draft.holds_seat_before();
        let store = u32::from(!(is_ours && holds_seat));
        let in_account = u32::from(!holds_seat);
        let exceeds = |limit: Option<u32>, taken: u32| limit.is_some_and(|limit| taken > limit);
        if exceeds(licenses, taken.licenses.saturating_add(1)) {
            draft.hold(Reason::LicensesExceeded, no_license(licenses.unwrap_or(0)));
        } else if store > 0 && exceeds(per_store, taken.store.saturating_add(1)) {
            let limit = per_store.unwrap_or(0);
            draft.hold(
                Reason::SeatsExhausted,
                format!(
                    "the account lets one store have {limit} seats and they are taken: take somebody out, or have \
                     `limits.seatsPerStore` raised"
                ),
            );
        } else if in_account > 0 && exceeds(account, taken.account.saturating_add(1)) {
            let limit = account.unwrap_or(0);
            draft.hold(
                Reason::SeatsExhausted,
                format!(
                    "the account's {limit} seats are taken: free one, or buy more and raise `limits.seats` of the \
                     account"
                ),
            );
        } else if in_account > 0 && exceeds(plan, taken.account.saturating_add(1)) {
            let limit = plan.unwrap_or(0);
            draft.hold(
                Reason::SeatsExhausted,
                format!(
                    "the account's plan allows {limit} agents and they are taken: take somebody out, or change the \
                     plan and raise `maxAgents` of the account"
                ),
            );
        } else {
            taken.licenses = taken.licenses.saturating_add(1);
            taken.store = taken.store.saturating_add(store);
            taken.account = taken.account.saturating_add(in_account);
        }
    }
}

fn no_license(limit: u32) -> String {
    format!(
        "the store has {limit} licenses and they are taken: raise `licenses.quantity` as agreed with the partner, or \
         take somebody out"
    )
}

fn taken(drafts: &[Draft], context: &Context<'_>) -> Taken {
    let mut done: BTreeMap<ExternalId, (Option<Access>, Action)> = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.kind() == Kind::Agent && !draft.is_held()) {
        if let Some(id) = subject(&draft.step) {
            done.insert(id, (draft.access_after(), draft.action()));
        }
    }
    let mut taken = Taken { licenses: 0, store: 0, account: context.observed.account.seats_used };
    for remote in context.observed.agents.iter().filter(|remote| mark(remote).is_some()) {
        let before = access_of(&remote.value);
        let change = if done.is_empty() { None } else { done.get(&remote.id) };
        let (after, is_released) = match change {
            Some((after, action)) => (*after, *action == Action::Release),
            None => (Some(before), false),
        };
        // Activations are counted one by one.
        let stays_active = before == Access::Active && after == Some(Access::Active) && !is_released;
        let had_seat = holds_seat(&remote.value);
        let keeps_seat = had_seat && !matches!(after, None | Some(Access::Dismissed));
        taken.licenses = taken.licenses.saturating_add(u32::from(stays_active));
        taken.store = taken.store.saturating_add(u32::from(keeps_seat && !is_released));
        if had_seat && !keeps_seat {
            taken.account = taken.account.saturating_sub(1);
        }
    }
    taken
}

/// Holds a license quantity that is lower than what is in use, or lower than it was and not approved.
pub(super) fn license(drafts: &mut [Draft], context: &Context<'_>, approval: Approved) {
    if !matches!(context.policy.capabilities.of(Kind::License), Support::Managed | Support::WriteOnly) {
        return;
    }
    let active = taken(drafts, context).licenses;
    for draft in drafts.iter_mut() {
        let wanted = match &draft.step {
            Step::License(Change::Create { value, .. }) => value.quantity,
            Step::License(Change::Update { to, .. }) => to.quantity,
            _ => continue,
        };
        if let Some(wanted) = wanted.filter(|wanted| *wanted < active) {
            draft.hold(
                Reason::LicensesExceeded,
                format!(
                    "{active} agents are active and {wanted} licenses are declared: take agents out first"
                ),
            );
        }
        if lowers_license(draft) && approval == Approved::No {
            draft.hold(
                Reason::ApprovalRequired,
                "fewer licenses than before always wait for a person: approve the plan's digest",
            );
        }
    }
}

/// Whether a person approved exactly this plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Approved {
    Yes,
    No,
}
