//! The end of a side: a store that is deleted, or that has moved away, leaves an account.
//!
//! The same line as for a living store, with nothing desired.

use std::collections::BTreeMap;
use std::time::Duration;

use super::account::AccountId;
use super::consent::read_again;
use super::context::Context;
use super::pending;
use super::policy::{self, Affairs};
use super::resolve::{self, Resolved, Tokens};
use super::rivals;
use super::round::{Blocked, Retry};
use super::settings::Writes;
use super::side::stamp_of;
use super::store::StoreResource;
use super::work::{self, Approved, Assignment, Consent, Known, StillCurrent, WriteConsent};
use crate::clock;
use crate::model::{Absence, Claims, Desired, History, Lifecycle, PendingStep, Policy, Reason, WasInSync};
use crate::plan::Plan;

/// How often conversations that people have to give away are looked at.
const PEOPLE_PAUSE: Duration = Duration::from_secs(300);
/// The most agents that a sentence names.
const MOST_NAMED: usize = 5;

/// What the end of a store's life in one account came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is left to do there.
    Over,
    /// Suspended agents still have conversations: the steps for people, one for each agent. A day ends the wait.
    WaitsForPeople(Vec<PendingStep>),
}

/// Ends a store's life in one account.
///
/// # Errors
/// When the account cannot be reached, or something is left that the operator does itself: the caller tries again.
pub async fn end(
    store: StoreResource<'_>,
    context: &Context,
    (id, lifecycle): (&AccountId, Lifecycle),
) -> Result<Ending, Blocked> {
    let resolved = resolve::resolve(context, id, store).await?;
    let desired = Desired::none();
    let stamp = stamp_of(store, context, (&resolved, &desired));
    let (named, tokens) = (BTreeMap::new(), Tokens::default());
    // Whoever leaves writes no quantity.
    let mut known = Known { claims: rivals::uncontested(store, context, &resolved), applied_licenses: None };
    let assignment = Assignment {
        resolved: &resolved,
        stamp: &stamp,
        desired: &desired,
        named: &named,
        tokens: &tokens,
        not_before: clock::monotonic(),
        absence_from: None,
    };
    let consent = EndConsent { store, context, resolved: &resolved, lifecycle };
    let worked = work::work(&assignment, &mut known, &consent).await?;
    if !worked.plan.steps.is_empty() {
        let error = worked.done.iter().rev().find_map(|done| done.error());
        return Err(error.map_or_else(goes_on, work::blocked_by));
    }
    let steps = pending::reassign_steps(&worked.observed, &worked.plan);
    Ok(if steps.is_empty() { Ending::Over } else { Ending::WaitsForPeople(steps) })
}

fn goes_on() -> Blocked {
    let message = "the clean-up goes on".to_owned();
    Blocked { reason: Reason::Deleting, message, retry: Retry::BackOff, side: None }
}

/// What is said of agents whose conversations are awaited. Byte-stable, and names a few at most.
pub fn waits_for(steps: &[PendingStep]) -> Blocked {
    let named = steps.iter().filter_map(|step| step.entry.as_ref()).take(MOST_NAMED);
    let named: Vec<String> = named.map(|agent| format!("`{agent}`")).collect();
    let more = steps.len().saturating_sub(MOST_NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = format!(
        "conversations are still assigned to {}{more}, who lost access: assign them to others in the helpdesk; the \
         clean-up goes on when none is left, or after a day",
        named.join(", ")
    );
    Blocked { reason: Reason::ConversationsAssigned, message, retry: Retry::After(PEOPLE_PAUSE), side: None }
}

/// A deletion is itself the approval, and is read anew before anything is taken away.
struct EndConsent<'a> {
    store: StoreResource<'a>,
    context: &'a Context,
    resolved: &'a Resolved,
    lifecycle: Lifecycle,
}

impl Consent for EndConsent<'_> {
    fn policy(&self, absence: Absence) -> Policy {
        let affairs = Affairs {
            lifecycle: self.lifecycle,
            history: History::Recorded,
            was_in_sync: WasInSync::NotYet,
            absence,
            capabilities: self.resolved.helpdesk.provider.capabilities(),
            blocked: BTreeMap::new(),
            expired: std::collections::BTreeSet::new(),
            approved: None,
        };
        policy::policy_of(&self.store.config.spec, &self.resolved.account, affairs)
    }

    fn approves(&self, _plan: &Plan) -> Approved {
        Approved::Yes
    }

    fn may_write(&self) -> WriteConsent {
        match self.context.settings.writes {
            Writes::Allowed => WriteConsent::Granted,
            Writes::ReadOnly => WriteConsent::Withheld,
        }
    }

    async fn record(&self, _claims: Option<&Claims>) -> Result<(), Blocked> {
        // Whoever leaves takes nothing over, and needs no approval.
        Ok(())
    }

    async fn still_current(&self) -> StillCurrent {
        match read_again(self.context, self.store).await {
            Some(_) => StillCurrent::Yes,
            None => StillCurrent::No,
        }
    }
}
