//! What only shows when documents are looked at together.
//!
//! Why: two documents of one name overwrite each other in silence, and what an account does not allow its stores is
//! refused by the reconciler long after the merge.
//! Must not: complain about an account that is not among the documents; it may be elsewhere.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Document;
use crate::api::{ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig, Violation};
use crate::controller::account::{Account, AccountId};
use crate::controller::policy;
use crate::model::Kind;

/// Adds the problems that documents have with each other.
pub(super) fn check(documents: &mut [Document]) {
    declared_twice(documents);
    refused_by_accounts(documents);
}

fn declared_twice(documents: &mut [Document]) {
    let mut first: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for document in documents {
        let metadata = &document.value["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let identity = (text(&document.value["kind"]), text(&metadata["namespace"]), text(&metadata["name"]));
        if identity.2.is_empty() {
            continue;
        }
        let place = document.place.to_string();
        if let Some(other) = first.get(&identity) {
            let message = format!("is declared in {other} already; remove one of the two");
            document.found.problems.push(Violation { field: "metadata.name".to_owned(), message });
        } else {
            first.insert(identity, place);
        }
    }
}

/// Only documents that are right by themselves are compared.
fn refused_by_accounts(documents: &mut [Document]) {
    let accounts: BTreeMap<AccountId, Account> = documents.iter().filter_map(account_of).collect();
    for document in documents.iter_mut() {
        let Some(store) = read::<HumanSupportConfig>(document, "HumanSupportConfig") else { continue };
        let namespace = store.metadata.namespace.as_deref().unwrap_or_default();
        let Some(account) = accounts.get(&AccountId::of(&store.spec.account_ref, namespace)) else {
            continue;
        };
        let refused = policy::refused_by_limits(&store.spec, account);
        document.found.problems.extend(refused.into_iter().map(|problem| Violation {
            field: entry(&problem.object.kind, &problem.object.name),
            message: problem.message,
        }));
    }
}

fn entry(kind: &Kind, name: &str) -> String {
    let list = match kind {
        Kind::Agent => "agents",
        Kind::Webhook => "webhooks",
        _ => return format!("spec ({kind} {name})"),
    };
    format!("spec.{list}[{name}]")
}

fn account_of(document: &Document) -> Option<(AccountId, Account)> {
    let account = read::<HelpdeskAccount>(document, "HelpdeskAccount")
        .and_then(|account| Account::from_namespaced(&account))
        .or_else(|| {
            let account = read::<ClusterHelpdeskAccount>(document, "ClusterHelpdeskAccount")?;
            Account::from_cluster(&account)
        })?;
    Some((account.id.clone(), account))
}

fn read<K: serde::de::DeserializeOwned>(document: &Document, kind: &str) -> Option<K> {
    let is_right = document.value["kind"] == kind && document.found.problems.is_empty();
    is_right.then(|| serde_json::from_value(document.value.clone()).ok()).flatten()
}
