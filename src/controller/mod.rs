//! How Kubernetes drives the operator: what starts a round, the phases of a round, and what people read afterwards.
//!
//! Read `reconcile.rs` first: it is the list of the phases, and every phase is a file. Must not decide what changes in
//! a helpdesk (`plan` does) or speak HTTP to one (`provider` does).

pub mod account;
pub mod accounts;
pub mod approval;
pub mod bindings;
pub mod claims;
pub mod consent;
pub mod contention;
pub mod context;
pub mod deletion;
pub mod deliveries;
pub mod desired;
pub mod due;
pub mod events;
pub mod freshness;
pub mod handover;
pub mod helpdesks;
pub mod hours;
pub mod leader;
pub mod measure;
pub mod memory;
pub mod moves;
pub mod notes;
pub mod outrun;
pub mod pending;
pub mod policy;
pub mod publish;
pub mod queue;
pub mod reconcile;
pub mod rehearse;
pub mod report;
pub mod requests;
pub mod requeue;
pub mod resolve;
pub mod rivals;
pub mod round;
pub mod secrets;
pub mod settings;
pub mod side;
pub mod sides;
pub mod store;
pub mod texts;
pub mod training;
pub mod watches;
pub mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Once};

use kube::Client;
use tokio::sync::{mpsc, watch};

pub use settings::{Settings, Writes};

use crate::clock;
use crate::telemetry::{Phase, Telemetry};
use contention::Contention;
use context::{AccountStores, Context};
use events::EventLog;
use helpdesks::Helpdesks;
pub use helpdesks::Reach;
use memory::Memories;
use queue::Queue;
use watches::Watches;

/// Keeps every store as declared until `shutdown`; rounds that have begun are finished.
pub async fn run<S>(
    client: Client,
    (settings, reach): (Settings, Reach),
    (telemetry, shutdown): (Telemetry, S),
) where
    S: Future<Output = ()> + Clone + Send + Sync + 'static,
{
    telemetry.readiness.set(Phase::Syncing);
    let watches = Watches::new(&client, settings.namespace.as_deref());
    let (sender, wakes) = mpsc::unbounded_channel();
    let cluster_synced = watches.cluster_accounts.as_ref().map(|watched| watched.synced.clone());
    let stores_synced = watches.configs.synced.clone();
    let context = Arc::new(Context {
        events: EventLog::new(client.clone(), reach.identity.clone()),
        accounts: AccountStores {
            namespaced: watches.accounts.store.clone(),
            cluster: watches.cluster_accounts.as_ref().map(|watched| watched.store.clone()),
            synced: [Some(watches.accounts.synced.clone()), cluster_synced].into_iter().flatten().collect(),
        },
        stores: watches.configs.store.clone(),
        helpdesks: Helpdesks::new(&settings, reach, telemetry.metrics.clone()),
        contention: Contention::default(),
        claims_recorded: Once::new(),
        memories: Memories::default(),
        started: clock::monotonic(),
        wakes: sender,
        told_accounts: Mutex::new(HashMap::new()),
        queue: Queue::new(telemetry.metrics.clone()),
        metrics: telemetry.metrics.clone(),
        client,
        settings,
    });
    let synced = announce_when_synced(stores_synced, (Arc::clone(&context), telemetry.clone()));
    let working = watches::run(watches, (Arc::clone(&context), wakes), shutdown);
    tokio::pin!(synced, working);
    tokio::select! {
        () = &mut working => {}
        () = &mut synced => working.await,
    }
}

async fn announce_when_synced(
    mut stores: watch::Receiver<bool>,
    (context, telemetry): (Arc<Context>, Telemetry),
) {
    let stores = stores.wait_for(|synced| *synced).await.is_ok();
    // A cache whose watch has ended is never filled: the process is on its way out.
    if stores && context.accounts.wait_until_synced().await {
        telemetry.readiness.set(Phase::Leading);
    }
}
