//! What every acceptance test stands on: a real API server, a Zendesk simulator, the built operator.
//!
//! Tests run in parallel and do not see each other: each has its namespace, its simulator and its operator process,
//! which watches that namespace alone. All of it ends with the test, whichever way that ends. Must not: assert
//! anything about the operator's decisions.

mod adapter_process;
mod cluster;
mod desk;
mod invariants;
mod planned;
mod process;
mod spec;
mod store;
mod tls_front;
mod zenvia;

use std::path::PathBuf;
use std::sync::Arc;

use sandbox::control_plane::Gate;
use sandbox::process::OwnedFolder;
use serde_json::{Value, json};

pub(crate) use adapter_process::AdapterProcess;
pub(crate) use cluster::{CURTAILED, Cluster};
pub(crate) use desk::{ACCOUNT, Calls, Desk, calls};
pub(crate) use planned::Ran;
pub(crate) use process::{Flags, Operator, Watches};
pub(crate) use spec::*;
pub(crate) use store::{LIMIT, Store, condition, entry, message, until};
pub(crate) use tls_front::{Authority, Certificate, TlsFront};
pub(crate) use zenvia::*;

/// The name of the store in most tests.
pub(crate) const STORE: &str = "loja-centro";

/// One test's world.
pub(crate) struct World {
    /// The API server.
    pub(crate) cluster: Cluster,
    /// The test's namespace.
    pub(crate) namespace: String,
    /// The helpdesk.
    pub(crate) desk: Arc<Desk>,
    /// The operator, when it runs.
    pub(crate) operator: Option<Operator>,
    /// The flags the operator is started with.
    pub(crate) flags: Flags,
    /// Where the audit log stood when this world began.
    audit_start: u64,
    folder: OwnedFolder,
}

impl World {
    /// A namespace, a helpdesk, its account and the Secrets; no operator and no store yet.
    pub(crate) async fn new() -> Self {
        Self::of(Cluster::home().await, (Arc::new(Desk::start().await), None)).await
    }

    /// The same with another helpdesk.
    pub(crate) async fn with_desk(desk: Desk) -> Self {
        Self::of(Cluster::home().await, (Arc::new(desk), None)).await
    }

    /// The same in a cluster of its own.
    pub(crate) async fn in_cluster(cluster: Cluster) -> Self {
        Self::of(cluster, (Arc::new(Desk::start().await), None)).await
    }

    /// The same, its operator behind a gate before the API server.
    pub(crate) async fn gated() -> (Self, Gate) {
        let (mut world, gate) = (Self::new().await, Cluster::gate().await);
        world.flags.kubeconfig = world.folder.path().join("gate.yaml");
        std::fs::write(&world.flags.kubeconfig, gate.kubeconfig()).unwrap();
        (world, gate)
    }

    /// The same on an API server of its own, watched as a whole: where cluster accounts are.
    pub(crate) async fn of_a_platform() -> Self {
        let desk = Arc::new(Desk::start().await);
        let mut world = Self::of(Cluster::of_a_platform().await, (desk, None)).await;
        world.flags.watches = Watches::Everything;
        world
    }

    /// The same helpdesk and the same namespace name, seen from another cluster.
    pub(crate) async fn seen_from(&self, cluster: Cluster) -> Self {
        Self::of(cluster, (Arc::clone(&self.desk), Some(self.namespace.clone()))).await
    }

    async fn of(cluster: Cluster, (desk, namespace): (Arc<Desk>, Option<String>)) -> Self {
        let namespace = namespace.unwrap_or_else(|| format!("store-{:08x}", rand::random::<u32>()));
        let flags = Flags {
            kubeconfig: cluster.kubeconfig.clone(),
            namespace: namespace.clone(),
            watches: Watches::ItsNamespace,
            installation: format!("tests-{namespace}"),
            cluster_id: "aaaaaaaa-0000-0000-0000-000000000000".to_owned(),
            helpdesk: desk.zendesk.address(),
            log: "info,human_support_operator=debug".to_owned(),
            deletion_timeout: 4,
            extra: vec!["--no-leader-election".to_owned()],
        };
        cluster.namespace(&namespace).await;
        let folder = OwnedFolder::temporary("acceptance").unwrap();
        let audit_start = cluster.audit_mark();
        let world = Self { cluster, namespace, desk, operator: None, flags, audit_start, folder };
        for object in [credentials(), handler_token(), account()] {
            world.apply(object).await;
        }
        world
    }

    /// Applies an object in the test's namespace.
    pub(crate) async fn apply(&self, object: Value) -> Value {
        self.try_apply(object).await.unwrap()
    }

    /// Applies an object in the test's namespace; the API server's refusal is the error.
    pub(crate) async fn try_apply(&self, mut object: Value) -> Result<Value, kube::Error> {
        object["metadata"]["namespace"] = json!(self.namespace);
        self.cluster.apply(&object, "tests").await
    }

    /// Deletes an object of the test's namespace.
    pub(crate) async fn delete(&self, kind: &str, name: &str) {
        let api = self.cluster.api(kind, Some(&self.namespace));
        api.delete(name, &kube::api::DeleteParams::default()).await.unwrap();
    }

    /// A store of the test's namespace; nothing is applied yet.
    pub(crate) fn store(&self, name: &str, spec: Value) -> Store {
        Store::new(&self.cluster, (&self.namespace, name), spec)
    }

    /// Starts the operator with the world's flags.
    pub(crate) async fn start_operator(&mut self) {
        let log = self.log();
        self.operator = Some(Operator::start(&self.flags, &log).await);
    }

    /// Starts one more operator.
    pub(crate) async fn another_operator(&self, flags: &Flags, name: &str) -> Operator {
        Operator::start(flags, &self.folder.path().join(format!("{name}.log"))).await
    }

    /// Kills the operator with -9.
    pub(crate) fn kill_operator(&mut self) {
        self.operator.take().unwrap().kill();
    }

    /// Stops the operator as Kubernetes does.
    pub(crate) async fn stop_operator(&mut self) {
        assert_eq!(self.operator.take().unwrap().stop().await, Some(0), "SIGTERM is a clean end");
    }

    /// The store of the example, applied, with the operator running.
    pub(crate) async fn onboard(&mut self, spec: Value) -> Store {
        if self.operator.is_none() {
            self.start_operator().await;
        }
        let store = self.store(STORE, spec);
        store.apply().await;
        store.settle().await;
        store
    }

    /// Waits until the operator has finished a round of so many different stores since it started.
    pub(crate) async fn until_rounds_finished(&self, stores: usize) {
        let started = std::time::Instant::now();
        let operator = self.operator.as_ref().unwrap();
        while operator.stores_with_a_finished_round() < stores {
            assert!(started.elapsed() < LIMIT, "no round of {stores} stores:\n{}", operator.log_tail(20));
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("operator.log")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let tail = self.operator.as_ref().map(|operator| operator.log_tail(8)).unwrap_or_default();
            eprintln!("--- the operator's last lines ({}):\n{tail}", self.namespace);
            let asked = self.cluster.last_operator_requests(&self.namespace, 6);
            eprintln!("--- the operator's last requests to the API server:\n{asked}");
            eprintln!("--- the last writes to the helpdesk:\n{}", self.desk.last_writes(12));
        }
    }
}
