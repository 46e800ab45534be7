//! Watches: what starts a round.
//!
//! A store's own spec, finalizers and annotations (never its status: we write that); its account; a store that
//! gave up what it waited for. Secrets are never watched.

use std::convert::Infallible;
use std::fmt::Debug;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use kube::runtime::controller::{Action, Config, Controller};
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::{PredicateConfig, WatchStreamExt, watcher};
use kube::{Api, Client, Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::sync::{mpsc, watch};

use super::accounts::{self, AccountResource};
use super::context::Context;
use super::deletion;
use super::reconcile::reconcile;
use super::store::StoreResource;
use crate::api::{ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig};
use crate::clock;

/// A watch with the cache it fills.
pub struct Watched<K: Resource<DynamicType = ()> + Clone + 'static> {
    /// The cache.
    pub store: Store<K>,
    /// Whether the cache has been filled once.
    ///
    /// `Store::wait_until_ready` cannot be asked: it wakes one waiter only, and that is the controller.
    pub synced: watch::Receiver<bool>,
    announce: watch::Sender<bool>,
    writer: reflector::store::Writer<K>,
    api: Api<K>,
}

impl<K> Watched<K>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    /// Prepares a watch; nothing is asked yet.
    pub fn new(api: Api<K>) -> Self {
        let (store, writer) = reflector::store();
        let (announce, synced) = watch::channel(false);
        Self { store, synced, announce, writer, api }
    }

    /// The objects that were touched, filling the cache on the way; `gone` is told of those that were deleted.
    ///
    /// Managed fields are dropped: nobody reads them, and they are half of an object.
    fn touched(
        self,
        gone: impl Fn(&K) + Send + 'static,
    ) -> impl Stream<Item = Result<K, watcher::Error>> + Send + 'static {
        let events = watcher(self.api, watcher::Config::default())
            .default_backoff()
            .modify(|object| object.managed_fields_mut().clear());
        let announce = self.announce;
        let reflected = events.reflect(self.writer).inspect_ok(move |event| match event {
            watcher::Event::Delete(object) => gone(object),
            watcher::Event::InitDone => {
                announce.send_replace(true);
            }
            watcher::Event::Apply(_) | watcher::Event::Init | watcher::Event::InitApply(_) => {}
        });
        reflected.touched_objects()
    }
}

/// What is watched.
pub struct Watches {
    /// The stores.
    pub configs: Watched<HumanSupportConfig>,
    /// The namespaced accounts.
    pub accounts: Watched<HelpdeskAccount>,
    /// The cluster accounts; absent in single-namespace mode.
    pub cluster_accounts: Option<Watched<ClusterHelpdeskAccount>>,
}

impl Watches {
    /// Prepares all watches.
    pub fn new(client: &Client, namespace: Option<&str>) -> Self {
        match namespace {
            Some(namespace) => Self {
                configs: Watched::new(Api::namespaced(client.clone(), namespace)),
                accounts: Watched::new(Api::namespaced(client.clone(), namespace)),
                cluster_accounts: None,
            },
            None => Self {
                configs: Watched::new(Api::all(client.clone())),
                accounts: Watched::new(Api::all(client.clone())),
                cluster_accounts: Some(Watched::new(Api::all(client.clone()))),
            },
        }
    }
}

/// Stores that are to be looked at at once.
pub type Wakes = mpsc::UnboundedReceiver<ObjectRef<HumanSupportConfig>>;

/// Runs all controllers until `shutdown`; rounds that have begun are finished.
pub async fn run<S>(watches: Watches, (context, wakes): (Arc<Context>, Wakes), shutdown: S)
where
    S: Future<Output = ()> + Clone + Send + Sync + 'static,
{
    let Watches { configs, accounts, cluster_accounts } = watches;
    let cluster_runner = async {
        if let Some(cluster_accounts) = cluster_accounts {
            run_accounts(cluster_accounts, Arc::clone(&context), shutdown.clone()).await;
        }
    };
    let account_runner = run_accounts(accounts, Arc::clone(&context), shutdown.clone());
    let store_runner = run_stores(configs, (Arc::clone(&context), wakes), shutdown.clone());
    tokio::join!(store_runner, account_runner, cluster_runner);
}

async fn run_stores<S>(
    watched: Watched<HumanSupportConfig>,
    (context, wakes): (Arc<Context>, Wakes),
    shutdown: S,
) where
    S: Future<Output = ()> + Send + Sync + 'static,
{
    let reader = watched.store.clone();
    let (heir, queue) = (Arc::clone(&context), Arc::clone(&context));
    let touched = watched
        .touched(move |config| deletion::forget(StoreResource::new(config), &heir))
        .predicate_filter(what_starts_a_round, PredicateConfig::default())
        .inspect_ok(move |config| queue.queue.due(StoreResource::new(config).uid(), clock::monotonic()));
    let wakes = stream::unfold(wakes, |mut wakes| async { wakes.recv().await.map(|wake| (wake, wakes)) });
    Controller::for_stream(touched, reader)
        .with_config(Config::default().concurrency(context.settings.concurrency))
        .reconcile_on(wakes)
        .graceful_shutdown_on(shutdown)
        .run(reconcile, never, context)
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::debug!(%error, "a store could not be looked at");
            }
        })
        .await;
}

async fn run_accounts<K, S>(watched: Watched<K>, context: Arc<Context>, shutdown: S)
where
    K: AccountResource,
    S: Future<Output = ()> + Send + Sync + 'static,
{
    let reader = watched.store.clone();
    let users = Arc::clone(&context);
    let touched = watched
        .touched(move |account: &K| {
            if let Some(account) = account.view() {
                users.helpdesks.forget(&account.id);
                users.wake_users(&account.id);
            }
        })
        .predicate_filter(what_starts_a_round, PredicateConfig::default());
    Controller::for_stream(touched, reader)
        .with_config(Config::default().concurrency(context.settings.concurrency))
        .graceful_shutdown_on(shutdown)
        .run(accounts::reconcile::<K>, never, context)
        .for_each(|result| async move {
            if let Err(error) = result {
                tracing::debug!(%error, "an account could not be looked at");
            }
        })
        .await;
}

/// A hash of everything in an object whose change starts a round: spec, deletion, finalizers, annotations.
///
/// Generation alone would hide the write that adds the finalizer and the annotations that people set.
fn what_starts_a_round<K: Resource>(object: &K) -> Option<u64> {
    let metadata = object.meta();
    let mut hasher = DefaultHasher::new();
    metadata.uid.hash(&mut hasher);
    metadata.generation.hash(&mut hasher);
    metadata.deletion_timestamp.is_some().hash(&mut hasher);
    metadata.finalizers.hash(&mut hasher);
    metadata.annotations.hash(&mut hasher);
    Some(hasher.finish())
}

/// Rounds end in a report, never in an error.
fn never<K>(_: Arc<K>, error: &Infallible, _: Arc<Context>) -> Action {
    match *error {}
}
