//! A rehearsal: the round of a store with its writes left out, for `plan` on the command line.
//!
//! It composes the phases of `reconcile` up to the plan and has no planner of its own: what it shows is what the operator
//! would do. Nothing can be written by mistake: the operator is read-only here, the fence of every helpdesk is closed,
//! and the client of the cluster lets only reads through (`reading.rs`).

mod reading;

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use kube::Resource;
use kube::runtime::reflector::{self, Store};
use kube::runtime::watcher;
use tokio::sync::mpsc;

pub use reading::{Added, Given, reading_client};

use super::account::Account;
use super::contention::Contention;
use super::context::{AccountStores, Context};
use super::events::EventLog;
use super::helpdesks::{Asker, Helpdesk, Helpdesks, Reach};
use super::memory::{Memories, StoreMemory};
use super::round::{Blocked, Round};
use super::settings::{Settings, Writes};
use super::side;
use super::store::StoreResource;
use crate::api::{ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig};
use crate::clock;
use crate::controller::queue::Queue;
use crate::provider::http::{WriteFence, WritePermit};
use crate::telemetry::Metrics;

/// What the operator's caches would hold.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The stores that count, also those that are not rehearsed: an older one may have what another wants.
    pub stores: Vec<HumanSupportConfig>,
    /// The namespaced accounts.
    pub accounts: Vec<HelpdeskAccount>,
    /// The cluster accounts.
    pub cluster_accounts: Vec<ClusterHelpdeskAccount>,
}

/// What tokens are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Those that read, which is all that a rehearsal needs.
    ToRead,
    /// The operator's own, to see whether they are given; nothing is written with them.
    AsTheOperator,
}

/// Never lets a write start.
struct Shut;

impl WritePermit for Shut {
    fn outlives(&self, _deadline: std::time::Instant) -> bool {
        false
    }
}

/// An operator that only looks.
pub struct Rehearsal {
    context: Context,
}

impl Rehearsal {
    /// Prepares a rehearsal. `client` should come from [`reading_client`]; settings and reach are made read-only whatever
    /// they say.
    pub fn new(
        client: kube::Client,
        (settings, reach): (Settings, Reach),
        scene_and_metrics: (Scene, Metrics),
    ) -> Self {
        Self::asking(client, (settings, reach, Asking::ToRead), scene_and_metrics)
    }

    /// The same, with a choice of what tokens are asked for.
    pub fn asking(
        client: kube::Client,
        (settings, reach, asking): (Settings, Reach, Asking),
        (scene, metrics): (Scene, Metrics),
    ) -> Self {
        let settings = Settings {
            writes: Writes::ReadOnly,
            // Nothing was written here that a list could miss: every reading proves absence.
            settle_window: Duration::ZERO,
            ..settings
        };
        let fence = match asking {
            Asking::ToRead => WriteFence::read_only(),
            Asking::AsTheOperator => WriteFence::by(Arc::new(Shut)),
        };
        let reach = Reach { fence, ..reach };
        // Nobody listens: a store that would be woken is not worked on here.
        let (wakes, _) = mpsc::unbounded_channel();
        let context = Context {
            events: EventLog::new(client.clone(), reach.identity.clone()),
            accounts: AccountStores {
                namespaced: filled(scene.accounts),
                cluster: Some(filled(scene.cluster_accounts)),
                synced: Vec::new(),
            },
            stores: filled(scene.stores),
            helpdesks: Helpdesks::new(&settings, reach, metrics.clone()),
            contention: Contention::default(),
            claims_recorded: Once::new(),
            memories: Memories::default(),
            started: clock::monotonic(),
            wakes,
            told_accounts: Mutex::new(HashMap::new()),
            queue: Queue::new(metrics.clone()),
            metrics,
            client,
            settings,
        };
        Self { context }
    }

    /// The round of one store up to its plan: the same phases in the same order as `reconcile`, without what they record.
    pub async fn round(&self, config: &HumanSupportConfig) -> Round {
        let store = StoreResource::new(config);
        if store.config.spec.suspend {
            return Round::Suspended;
        }
        let prepared = match side::prepare(store, &self.context).await {
            Ok(prepared) => prepared,
            Err(blocked) => return Round::Blocked(blocked),
        };
        let mut memory = StoreMemory::default();
        side::carry_out(store, &self.context, (&prepared, &mut memory)).await.round
    }

    /// The helpdesk of an account, whoever may use it.
    ///
    /// # Errors
    /// When its Secret cannot be used.
    pub async fn helpdesk_of(&self, account: &Account) -> Result<Arc<Helpdesk>, Blocked> {
        self.context.helpdesks.reach(&self.context.client, account, Asker::Account).await
    }
}

/// A cache as a watch would have filled it.
fn filled<K>(objects: Vec<K>) -> Store<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + Send + Sync + 'static,
    K::DynamicType: Hash + Eq + Clone + Default,
{
    let (store, mut writer) = reflector::store();
    writer.apply_watcher_event(&watcher::Event::Init);
    for object in objects {
        writer.apply_watcher_event(&watcher::Event::InitApply(object));
    }
    writer.apply_watcher_event(&watcher::Event::InitDone);
    store
}

#[cfg(test)]
mod tests;
