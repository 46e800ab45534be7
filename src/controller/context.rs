//! What every round needs and shares: clients, settings, registries.
//!
//! A bag of handles. It must not contain a decision.

use std::collections::HashMap;
use std::sync::{Mutex, Once, PoisonError};
use std::time::Instant;

use kube::Client;
use kube::runtime::reflector::{ObjectRef, Store};
use tokio::sync::{mpsc, watch};

use super::account::{Account, AccountId};
use super::contention::Contention;
use super::events::EventLog;
use super::helpdesks::Helpdesks;
use super::memory::Memories;
use super::queue::Queue;
use super::settings::Settings;
use crate::api::config::AccountKind;
use crate::api::{ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig};
use crate::clock;
use crate::telemetry::Metrics;

/// What every round needs.
pub struct Context {
    /// The Kubernetes client, without retries of its own: a write that may have happened is looked at, not repeated.
    pub client: Client,
    /// What whoever installed the operator decided.
    pub settings: Settings,
    /// The accounts as last seen by the watches.
    pub accounts: AccountStores,
    /// The stores as last seen by the watch.
    pub stores: Store<HumanSupportConfig>,
    /// The helpdesks behind the accounts.
    pub helpdesks: Helpdesks,
    /// Who wants what.
    pub contention: Contention,
    /// Runs once: the claims of all stores, recorded before the first of them is worked on.
    pub claims_recorded: Once,
    /// What is remembered of each store.
    pub memories: Memories,
    /// When this process began to work; readings are never older.
    pub started: Instant,
    /// Where stores are named that are to be looked at at once.
    pub wakes: mpsc::UnboundedSender<ObjectRef<HumanSupportConfig>>,
    /// The version of each account that its stores were last told of.
    pub told_accounts: Mutex<HashMap<AccountId, String>>,
    /// Where events go.
    pub events: EventLog,
    /// Which stores wait for their round.
    pub queue: Queue,
    /// What is counted.
    pub metrics: Metrics,
}

impl Context {
    /// Has a store looked at at once, by its resource's uid.
    pub fn wake(&self, uid: &str) {
        for store in self.stores.state() {
            if store.metadata.uid.as_deref() == Some(uid) {
                self.wake_store(&store);
            }
        }
    }

    /// Has every store of an account looked at at once.
    pub fn wake_users(&self, id: &AccountId) {
        for store in self.stores.state() {
            let namespace = store.metadata.namespace.as_deref().unwrap_or_default();
            if AccountId::of(&store.spec.account_ref, namespace) == *id {
                self.wake_store(&store);
            }
        }
    }

    /// Has the stores of an account looked at when the account has another `version` than they were told of.
    pub fn tell_users(&self, id: &AccountId, version: String) {
        let mut told = self.told_accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(id.clone(), version.clone()).is_none_or(|before| before != version) {
            self.wake_users(id);
        }
    }

    fn wake_store(&self, store: &HumanSupportConfig) {
        self.queue.due(store.metadata.uid.as_deref().unwrap_or_default(), clock::monotonic());
        // The receiver goes only when the process ends; then nobody needs to be woken.
        let _ = self.wakes.send(ObjectRef::from_obj(store));
    }
}

/// The accounts as last seen by the watches.
pub struct AccountStores {
    /// The namespaced kind.
    pub namespaced: Store<HelpdeskAccount>,
    /// The cluster kind; absent in single-namespace mode.
    pub cluster: Option<Store<ClusterHelpdeskAccount>>,
    /// Whether each of the two has been filled once.
    pub synced: Vec<watch::Receiver<bool>>,
}

impl AccountStores {
    /// Waits until every account has been seen once; false when a watch ended before.
    pub async fn wait_until_synced(&self) -> bool {
        for synced in &self.synced {
            if synced.clone().wait_for(|synced| *synced).await.is_err() {
                return false;
            }
        }
        true
    }

    /// Finds an account.
    pub fn find(&self, id: &AccountId) -> Option<Account> {
        match id.kind {
            AccountKind::HelpdeskAccount => {
                let reference = ObjectRef::new(&id.name).within(&id.namespace);
                Account::from_namespaced(self.namespaced.get(&reference)?.as_ref())
            }
            AccountKind::ClusterHelpdeskAccount => {
                Account::from_cluster(self.cluster.as_ref()?.get(&ObjectRef::new(&id.name))?.as_ref())
            }
        }
    }
}

/// How many stores name each account.
pub fn stores_by_account(stores: &Store<HumanSupportConfig>) -> HashMap<AccountId, usize> {
    let mut counts = HashMap::new();
    for store in stores.state() {
        let namespace = store.metadata.namespace.as_deref().unwrap_or_default();
        *counts.entry(AccountId::of(&store.spec.account_ref, namespace)).or_insert(0) += 1;
    }
    counts
}
