//! What a store wants of its account, against what the account's other stores want.
//!
//! Exists so that the index in `contention` stays free of Kubernetes: here its claims are read off the resources. It
//! must not say anything about the other store: who loses learns the field, and no name.

use super::account::AccountId;
use super::contention::{self, Claimant, StoreTitles, Title};
use super::context::Context;
use super::desired::{self, Circumstances};
use super::freshness;
use super::round::EntryProblem;
use super::store::StoreResource;
use crate::model::{Desired, Reason};

/// What an older store of the account has: held, with a sentence that says nothing about that store.
pub fn contend(
    store: StoreResource<'_>,
    context: &Context,
    (host, desired): (&str, &Desired),
) -> Vec<EntryProblem> {
    let titles = contention::titles_of(desired, titles_identity(store));
    let claimed = context.contention.claim(host, &claimant(store), titles.keys().cloned().collect());
    for heir in &claimed.heirs {
        context.wake(heir);
    }
    let mut problems = Vec::new();
    for title in claimed.lost {
        for object in titles.get(&title).into_iter().flatten() {
            problems.push(EntryProblem::blocking(object.clone(), (Reason::Conflict, conflict(&title))));
        }
    }
    problems
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
        let titles = contention::titles_of(&desired, titles_identity(store));
        let host = context.helpdesks.host_of(&account);
        context.contention.claim(&host, &claimant(store), titles.into_keys().collect());
    }
}

fn titles_identity(store: StoreResource<'_>) -> StoreTitles<'_> {
    let spec = &store.config.spec;
    StoreTitles { tag: &spec.conversation_tag, phone_number: &spec.whatsapp.phone_number }
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
