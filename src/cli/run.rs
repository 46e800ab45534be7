//! `humansupport run`: the operator as a process.
//!
//! Reads the settings, connects, takes part in the election, works while it leads, drains on SIGTERM. Losing the lease
//! ends the process: whoever restarts it starts with a clean mind.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt;
use futures::future::Shared;
use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client};
use tokio::sync::oneshot;

use super::connect::configuration;
use crate::controller::leader::{LeaderElection, LeaderSettings};
use crate::controller::{self, Reach, Settings, Writes};
use crate::model::{Fence, Installation};
use crate::provider::http::{KnownNames, LoopbackEndpoints, PrivateNetworks, WriteFence};
use crate::telemetry::{self, Bound, LeaderState, LogFormat, ObjectSeries, Phase, Telemetry};

/// What the verb takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A kubeconfig file; without it the pod's own credentials, or the usual files.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// Watch this namespace only; cluster accounts are then not available.
    #[arg(long, env = "HUMANSUPPORT_NAMESPACE", value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// The operator's own namespace: its lease, and the Secrets of cluster accounts.
    #[arg(long, env = "POD_NAMESPACE", default_value = "humansupport-system", value_name = "NAMESPACE")]
    operator_namespace: String,
    /// This process's name among replicas.
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    identity: Option<String>,
    /// The name of this installation towards helpdesks; without it the uid of the namespace kube-system.
    #[arg(long, env = "HUMANSUPPORT_INSTALLATION", value_name = "NAME")]
    installation: Option<String>,
    /// A name this installation had before; its objects are taken back. May be repeated.
    #[arg(long = "former-installation", value_name = "NAME")]
    former_installations: Vec<String>,
    /// The identity of this cluster, where the uid of kube-system cannot be read.
    #[arg(long, env = "HUMANSUPPORT_CLUSTER_ID", value_name = "UID")]
    cluster_id: Option<String>,
    /// How many stores are worked on at once.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// Plan and report, and write nothing to any helpdesk.
    #[arg(long)]
    read_only: bool,
    /// Run without an election: for a single replica that nothing restarts in parallel.
    #[arg(long)]
    no_leader_election: bool,
    /// Where /livez, /readyz and /metrics are served.
    #[arg(long, default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    health_address: SocketAddr,
    /// Serve a host suffix from a loopback address instead, in plain HTTP: for the sandbox and tests only.
    #[arg(long = "loopback-endpoint", value_name = "SUFFIX=127.0.0.1:PORT")]
    loopback_endpoints: Vec<String>,
    /// A private network in which adapters of cluster accounts may be, such as 10.96.0.0/12. May be repeated.
    #[arg(long = "adapter-cidr", value_name = "CIDR")]
    adapter_cidrs: Vec<String>,
    /// What the host of an adapter stands for, in place of what DNS answers, and where that is reached on this machine;
    /// the first is allowed or refused like every address. May be repeated. For tests only.
    #[arg(long = "resolve", value_name = "HOST=ADDRESS@127.0.0.1", hide = true)]
    names: Vec<String>,
    /// Further certificate authorities to trust, in PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Seconds that an object we created may stay out of a helpdesk's lists.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    settle_seconds: u64,
    /// Seconds that a deletion waits for a clean-up that cannot be made.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    deletion_timeout: u64,
    /// Seconds between two looks at the Secrets of webhooks.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    token_check_seconds: u64,
    /// How the log is written: text or json.
    #[arg(long, env = "HUMANSUPPORT_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    log_format: String,
    /// What is logged, as a filter such as `info` or `human_support_operator=debug`.
    #[arg(long, env = "HUMANSUPPORT_LOG", default_value = "info", value_name = "FILTER")]
    log: String,
    /// Leave the metrics of single stores out.
    #[arg(long)]
    no_object_metrics: bool,
}

/// Why the operator did not run, or ended.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An argument cannot be used.
    #[error("{0}")]
    Argument(String),
    /// No cluster.
    #[error("no Kubernetes cluster can be reached: {0}; give --kubeconfig FILE, or run inside a cluster")]
    Cluster(String),
    /// The identity of the cluster is unknown.
    #[error(
        "the uid of the namespace kube-system cannot be read ({0}); grant `get` on it, or give --installation and --cluster-id"
    )]
    Identity(String),
    /// The process did not start.
    #[error("{0}")]
    Start(String),
    /// The lease was lost.
    #[error("{0}; the process ends, so that nothing is written by two")]
    Leader(String),
}

type Signal = Shared<futures::future::BoxFuture<'static, ()>>;

/// Runs the operator until SIGTERM or SIGINT.
///
/// # Errors
/// When it cannot start, or loses the lease.
pub fn run(arguments: Args) -> Result<(), RunError> {
    telemetry::install_panic_hook();
    let format =
        LogFormat::parse(&arguments.log_format).map_err(|error| RunError::Argument(error.to_string()))?;
    telemetry::init_tracing(format, &arguments.log).map_err(|error| RunError::Argument(error.to_string()))?;
    // Exactly one implementation of TLS: kube and the helpdesks' client use the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| RunError::Start(format!("the runtime cannot start: {error}")))?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: Args) -> Result<(), RunError> {
    let signal = termination();
    let series = if arguments.no_object_metrics { ObjectSeries::Off } else { ObjectSeries::On };
    let telemetry = Telemetry::new(env!("CARGO_PKG_VERSION"), series);
    let bound =
        Bound::listen(arguments.health_address).await.map_err(|error| RunError::Start(error.to_string()))?;
    tracing::info!(address = %bound.address(), "serving /livez, /readyz and /metrics");
    let (stop_health, stopped) = oneshot::channel::<()>();
    let health = tokio::spawn(bound.serve(telemetry.clone(), stopped.map(|_| ())));
    let outcome = operate(&arguments, (telemetry, signal)).await;
    let _ = stop_health.send(());
    let _ = health.await;
    outcome
}

async fn operate(arguments: &Args, (telemetry, signal): (Telemetry, Signal)) -> Result<(), RunError> {
    let client = connect(arguments).await?;
    let settings = settings_of(arguments, &client).await?;
    tracing::info!(installation = %settings.installation, fence = settings.fence.as_str(), "connected");
    let identity =
        arguments.identity.clone().unwrap_or_else(|| format!("humansupport-{}", std::process::id()));
    let extra_ca =
        arguments.ca_file.as_ref().map(std::fs::read_to_string).transpose().map_err(|error| {
            RunError::Argument(format!("--ca-file cannot be read: {error}; give a PEM file"))
        })?;
    let reach = Reach { identity: identity.clone(), extra_ca, ..ways(arguments)? };
    if arguments.no_leader_election {
        telemetry.metrics.set_leader(LeaderState::Leading);
        let fence = controller::leader::Fence::without_election();
        let reach = Reach { fence: write_fence(arguments, fence), ..reach };
        controller::run(client, (settings, reach), (telemetry.clone(), signal)).await;
        telemetry.readiness.set(Phase::Stopping);
        return Ok(());
    }
    let lease = LeaderSettings::new(&arguments.operator_namespace, "humansupport-operator", &identity);
    let (election, mut fence) = LeaderElection::new(client.clone(), lease, Box::new(rand::random::<f64>))
        .map_err(|error| RunError::Leader(error.to_string()))?;
    let reach = Reach { fence: write_fence(arguments, fence.clone()), ..reach };
    let (stop_election, election_stopped) = oneshot::channel::<()>();
    let election = election.run(election_stopped.map(|_| ()));
    telemetry.readiness.set(Phase::Standby);
    let work = async {
        tokio::select! {
            () = signal.clone() => {}
            () = fence.wait_until_leading() => {
                telemetry.metrics.set_leader(LeaderState::Leading);
                tracing::info!("leading");
                controller::run(client, (settings, reach), (telemetry.clone(), signal.clone())).await;
            }
        }
        telemetry.readiness.set(Phase::Stopping);
        // The lease is released last: after that another replica writes at once.
        let _ = stop_election.send(());
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = election => ended.map_err(|error| RunError::Leader(error.to_string())),
        () = work => Ok(()),
    }
}

/// Where helpdesks may be beside the public internet; nothing may be written on these ways yet.
fn ways(arguments: &Args) -> Result<Reach, RunError> {
    let (mut loopback, mut networks) = (LoopbackEndpoints::default(), PrivateNetworks::default());
    let mut names = KnownNames::default();
    for endpoint in &arguments.loopback_endpoints {
        loopback.add(endpoint).map_err(|error| RunError::Argument(error.to_string()))?;
    }
    for cidr in &arguments.adapter_cidrs {
        networks.add(cidr).map_err(|error| RunError::Argument(error.to_string()))?;
    }
    for name in &arguments.names {
        names.add(name).map_err(|error| RunError::Argument(error.to_string()))?;
    }
    Ok(Reach {
        identity: String::new(),
        loopback,
        adapter_networks: networks,
        names,
        extra_ca: None,
        fence: WriteFence::read_only(),
    })
}

fn write_fence(arguments: &Args, fence: controller::leader::Fence) -> WriteFence {
    if arguments.read_only { WriteFence::read_only() } else { WriteFence::by(std::sync::Arc::new(fence)) }
}

async fn connect(arguments: &Args) -> Result<Client, RunError> {
    let cluster = |error: &dyn std::fmt::Display| RunError::Cluster(error.to_string());
    let mut config = configuration(arguments.kubeconfig.as_deref(), None).await.map_err(RunError::Cluster)?;
    // Patches are never repeated blindly: an answer that was lost is looked at by the next round.
    config.default_retry = false;
    config.read_timeout = Some(Duration::from_secs(295));
    config.connect_timeout = Some(Duration::from_secs(10));
    Client::try_from(config).map_err(|error| cluster(&error))
}

async fn settings_of(arguments: &Args, client: &Client) -> Result<Settings, RunError> {
    let argument = |error: crate::model::MarkError| RunError::Argument(error.to_string());
    let needs_uid = arguments.installation.is_none() || arguments.cluster_id.is_none();
    let uid = if needs_uid { cluster_uid(arguments, client).await? } else { String::new() };
    let installation = arguments.installation.clone().unwrap_or_else(|| uid.clone());
    let cluster_id = arguments.cluster_id.clone().unwrap_or(uid);
    let former = arguments.former_installations.iter().map(|name| Installation::parse(name));
    Ok(Settings {
        namespace: arguments.namespace.clone(),
        operator_namespace: arguments.operator_namespace.clone(),
        installation: Installation::parse(&installation).map_err(argument)?,
        former_installations: former.collect::<Result<_, _>>().map_err(argument)?,
        fence: Fence::parse(&cluster_id).map_err(argument)?,
        concurrency: arguments.concurrency,
        writes: if arguments.read_only { Writes::ReadOnly } else { Writes::Allowed },
        settle_window: Duration::from_secs(arguments.settle_seconds),
        deletion_timeout: Duration::from_secs(arguments.deletion_timeout),
        token_check: Duration::from_secs(arguments.token_check_seconds),
    })
}

async fn cluster_uid(arguments: &Args, client: &Client) -> Result<String, RunError> {
    if arguments.namespace.is_some() {
        let message = "single-namespace mode has no right to it".to_owned();
        return Err(RunError::Identity(message));
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let system =
        namespaces.get("kube-system").await.map_err(|error| RunError::Identity(error.to_string()))?;
    system.metadata.uid.ok_or_else(|| RunError::Identity("it has none".to_owned()))
}

fn termination() -> Signal {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async {
        let (Ok(mut terminate), Ok(mut interrupt)) =
            (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            // Without signal handlers the process ends by the default action: at once.
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    wait.boxed().shared()
}
