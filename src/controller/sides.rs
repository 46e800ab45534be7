//! The end of a side: a store that is deleted, or that has moved away, leaves an account.
//!
//! The same line as for a living store, with nothing desired.

use std::collections::BTreeMap;

use super::account::AccountId;
use super::consent::read_again;
use super::context::Context;
use super::policy::{self, Affairs};
use super::resolve::{self, Resolved, Tokens};
use super::round::{Blocked, Retry};
use super::settings::Writes;
use super::side::stamp_of;
use super::store::StoreResource;
use super::work::{self, Approved, Assignment, Consent, StillCurrent, WriteConsent};
use crate::clock;
use crate::model::{Absence, Claims, Desired, History, Lifecycle, Policy, Reason, WasInSync};
use crate::plan::Plan;

/// Ends a store's life in one account. `Ok` when nothing is left to do there.
///
/// # Errors
/// When the account cannot be reached, or something is left: the caller tries again.
pub async fn end(
    store: StoreResource<'_>,
    context: &Context,
    (id, lifecycle): (&AccountId, Lifecycle),
) -> Result<(), Blocked> {
    let resolved = resolve::resolve(context, id, store).await?;
    let desired = Desired::none();
    let stamp = stamp_of(store, context, (&resolved, &desired));
    let (claims, named, tokens) = (store.claims(&resolved.side.account), BTreeMap::new(), Tokens::default());
    let assignment = Assignment {
        resolved: &resolved,
        stamp: &stamp,
        desired: &desired,
        claims: &claims,
        named: &named,
        // Whoever leaves writes no quantity.
        applied_licenses: None,
        tokens: &tokens,
        not_before: clock::monotonic(),
        absence_from: None,
    };
    let worked =
        work::work(&assignment, &EndConsent { store, context, resolved: &resolved, lifecycle }).await?;
    let waiting = worked.plan.held.iter().find(|held| held.reason == Reason::ConversationsAssigned);
    if worked.plan.steps.is_empty() && waiting.is_none() {
        return Ok(());
    }
    let error = worked.done.iter().rev().find_map(|done| done.error());
    Err(match (error, waiting) {
        (Some(error), _) => work::blocked_by(error),
        (None, Some(held)) => left(Reason::ConversationsAssigned, &held.message),
        (None, None) => left(Reason::Deleting, "the clean-up goes on"),
    })
}

fn left(reason: Reason, message: &str) -> Blocked {
    Blocked { reason, message: message.to_owned(), retry: Retry::BackOff, side: None }
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

    async fn record_claims(&self, _claims: &Claims) -> Result<(), Blocked> {
        // Whoever leaves takes nothing over.
        Ok(())
    }

    async fn still_current(&self) -> StillCurrent {
        match read_again(self.context, self.store).await {
            Some(_) => StillCurrent::Yes,
            None => StillCurrent::No,
        }
    }
}
