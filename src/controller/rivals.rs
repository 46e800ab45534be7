//! Rivals: stores that want what only one of them can have (`api.md`, "One name, one owner").
//!
//! Asks `contention` for one store, and for all of them once at the start. It must not say who the other store is.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{Account, AccountId, Serves};
use super::contention::{self, Claimant, StoreTitles, Title};
use super::context::Context;
use super::desired::{self, Circumstances};
use super::freshness;
use super::resolve::Resolved;
use super::round::{Blocked, EntryProblem, Retry};
use super::store::StoreResource;
use crate::model::{Claims, Desired, ExternalId, ObjectKey, Reason};

/// What an older store of the account has: held, with a sentence that says nothing about that store.
///
/// # Errors
/// When the older store has the whole account.
pub fn contend(
    store: StoreResource<'_>,
    context: &Context,
    (resolved, desired): (&Resolved, &Desired),
) -> Result<Vec<EntryProblem>, Blocked> {
    let account = &resolved.account;
    let Some((place, titles)) = wanted(store, context, (account, desired)) else { return Ok(Vec::new()) };
    let claimed = context.contention.claim(&place, &claimant(store), titles.keys().cloned().collect());
    for heir in &claimed.heirs {
        context.wake(heir);
    }
    if claimed.lost.contains(&contention::whole_account(&place)) {
        let side = Some(resolved.side.clone());
        let message = format!(
            "an older store has the account `{}`, which serves one store; name another account, or remove the store there first",
            account.id
        );
        return Err(Blocked { reason: Reason::Conflict, message, retry: Retry::AtResync, side });
    }
    let mut problems = Vec::new();
    for title in claimed.lost {
        for object in titles.get(&title).into_iter().flatten() {
            problems.push(EntryProblem::blocking(object.clone(), (Reason::Conflict, conflict(&title))));
        }
    }
    Ok(problems)
}

/// The claims of a store in an account, without those that an older store of the same helpdesk has recorded too: of two
/// that point to one object at most one is true.
pub fn uncontested(store: StoreResource<'_>, context: &Context, resolved: &Resolved) -> Claims {
    let mut claims = store.claims(&resolved.side.account);
    if claims.is_empty() || resolved.account.desk.serves() == Serves::OneStore {
        return claims;
    }
    for config in context.stores.state() {
        let other = StoreResource::new(&config);
        if claimant(other) >= claimant(store) {
            continue;
        }
        let bindings = other.config.status.iter().flat_map(|status| &status.bindings);
        for binding in bindings.filter(|binding| binding.host == resolved.side.host) {
            let theirs = other.claims(&binding.account);
            let has = |object: &ObjectKey, id: &ExternalId| {
                theirs.iter().any(|(known, claim)| known.kind == object.kind && claim.id.as_ref() == Some(id))
            };
            claims.retain(|object, claim| !claim.id.as_ref().is_some_and(|id| has(object, id)));
        }
    }
    claims
}

/// What a store wants for itself alone, and on which helpdesk.
fn wanted(
    store: StoreResource<'_>,
    context: &Context,
    (account, desired): (&Account, &Desired),
) -> Option<(String, BTreeMap<Title, BTreeSet<ObjectKey>>)> {
    let place = context.helpdesks.place_of(account, store.into())?;
    let spec = &store.config.spec;
    let identity = StoreTitles { tag: &spec.conversation_tag, phone_number: &spec.whatsapp.phone_number };
    let mut titles = contention::titles_of(desired, identity);
    if account.desk.serves() == Serves::OneStore {
        titles.insert(contention::whole_account(&place), BTreeSet::new());
    }
    Some((place, titles))
}

/// Records what every store wants before the first of them is worked on: otherwise whoever comes first would have it.
pub fn record_all(context: &Context) {
    for config in context.stores.state() {
        let store = StoreResource::new(&config);
        let id = AccountId::of(&config.spec.account_ref, store.namespace());
        let Some(account) = context.accounts.find(&id) else { continue };
        let circumstances = Circumstances {
            department_name: account.department_name.as_deref(),
            secrets: &|_| None,
            today: freshness::today(&config.spec),
        };
        let desired = desired::declare(&config.spec, &circumstances).desired;
        let Some((place, titles)) = wanted(store, context, (&account, &desired)) else { continue };
        context.contention.claim(&place, &claimant(store), titles.into_keys().collect());
    }
}

fn claimant(store: StoreResource<'_>) -> Claimant {
    Claimant { created_at: store.created_at(), uid: store.uid().to_owned() }
}

fn conflict(title: &Title) -> String {
    format!(
        "another store of this account already has this `{}`; choose another one, or remove it there first",
        title.field
    )
}
