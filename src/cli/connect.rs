//! The way to a cluster, shared by all verbs that need one, and what its refusals mean.
//!
//! Why one place: "no cluster", "no permission" and "not installed" are the same sentences for every verb, with the
//! next thing to try.
//! Must not: know what a verb does, or print.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::Status;
use kube::{Client, Config};

use super::program::Program;

/// Which cluster and which namespace.
#[derive(Clone, Debug, clap::Args)]
pub struct ClusterArgs {
    /// A kubeconfig file; without it the usual files, or the pod's own credentials.
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// A context of the kubeconfig; without it the current one.
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// The namespace; without it the one of the context, or `default`.
    #[arg(short, long, value_name = "NAMESPACE")]
    namespace: Option<String>,
}

impl ClusterArgs {
    /// The namespace, where one was given.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }
}

/// A cluster that a verb speaks to.
#[derive(Clone)]
pub struct Connection {
    /// The client.
    pub client: Client,
    /// The namespace that the verb is about.
    pub namespace: String,
    server: String,
    program: Program,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("server", &self.server)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// Why a cluster did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No kubeconfig, or one that cannot be used.
    #[error(
        "no cluster is known: {0}; give --kubeconfig FILE, set KUBECONFIG, or check with `kubectl cluster-info`"
    )]
    Unknown(String),
    /// Nobody answers, or not in the language of Kubernetes.
    #[error(
        "the cluster at {server} does not answer: {cause}; check the network and `kubectl cluster-info`, then try again"
    )]
    Silent {
        /// Its address.
        server: String,
        /// What happened.
        cause: String,
    },
    /// The credentials are not accepted.
    #[error(
        "the cluster at {server} does not accept the credentials; log in again and try `kubectl auth whoami`"
    )]
    Unauthorized {
        /// Its address.
        server: String,
    },
    /// The rights do not suffice.
    #[error(
        "you may not {request}; ask for a role that grants it (the chart adds these rights to `view` and `edit`), and check with `kubectl auth can-i {verb} {resource}{flag}`"
    )]
    Forbidden {
        /// What was asked, in full.
        request: String,
        /// The verb.
        verb: &'static str,
        /// The resource.
        resource: &'static str,
        /// How kubectl is told the place.
        flag: String,
    },
    /// The definitions are missing.
    #[error(
        "the cluster at {server} does not know the kinds of humansupport.dev; install the chart, or the definitions alone with `{program} crd | kubectl apply --server-side -f -`"
    )]
    NotInstalled {
        /// Its address.
        server: String,
        /// The command.
        program: Program,
    },
    /// A webhook, a quota or a rule refused it.
    #[error("the cluster refuses to {request}: {message}")]
    Refused {
        /// What was asked, in full.
        request: String,
        /// In the cluster's words.
        message: String,
    },
    /// The object is not there.
    #[error("{0}")]
    Missing(String),
}

/// Resources of Kubernetes itself that a verb reads.
const CORE: [&str; 2] = ["namespaces", "secrets"];

/// A request, as it is named when it is refused.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The verb of the Kubernetes API.
    pub verb: &'static str,
    /// The plural of the resource.
    pub resource: &'static str,
    /// The namespace; `None` for all of them, or for a resource of the cluster.
    pub namespace: Option<&'a str>,
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = if CORE.contains(&self.resource) { "" } else { ".humansupport.dev" };
        write!(f, "{} {}{group}", self.verb, self.resource)?;
        match self.namespace {
            Some(namespace) => write!(f, " in the namespace `{namespace}`"),
            None => f.write_str(" in the whole cluster"),
        }
    }
}

impl Connection {
    /// Finds the cluster; nothing is asked yet.
    ///
    /// # Errors
    /// When no cluster is known.
    pub async fn open(arguments: &ClusterArgs, program: Program) -> Result<Self, ClusterError> {
        let unknown = |error: kube::Error| ClusterError::Unknown(causes(&error));
        let mut config = configuration(arguments.kubeconfig.as_deref(), arguments.context.as_deref())
            .await
            .map_err(ClusterError::Unknown)?;
        config.connect_timeout = Some(Duration::from_secs(10));
        config.read_timeout = Some(Duration::from_secs(60));
        config.default_retry = false;
        let namespace = arguments.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
        let server = config.cluster_url.to_string().trim_end_matches('/').to_owned();
        Ok(Self { client: Client::try_from(config).map_err(unknown)?, namespace, server, program })
    }

    /// What the refusal of a request means.
    pub fn explain(&self, request: Request<'_>, error: kube::Error) -> ClusterError {
        let server = self.server.clone();
        match error {
            kube::Error::Api(status) => match status.code {
                401 => ClusterError::Unauthorized { server },
                403 if is_about_rights(&status) => ClusterError::Forbidden {
                    request: request.to_string(),
                    verb: request.verb,
                    resource: request.resource,
                    flag: match request.namespace {
                        Some(namespace) => format!(" --namespace {namespace}"),
                        None => " --all-namespaces".to_owned(),
                    },
                },
                404 if !names_an_object(&status) => {
                    ClusterError::NotInstalled { server, program: self.program }
                }
                404 => ClusterError::Missing(format!("{} is not there any more", status.message)),
                _ => ClusterError::Refused { request: request.to_string(), message: status.message },
            },
            other => ClusterError::Silent { server, cause: causes(&other) },
        }
    }
}

/// Reads the configuration of a client: the file, else the usual files, else the pod's own credentials.
///
/// # Errors
/// With the cause in words, when there is none.
pub async fn configuration(file: Option<&Path>, context: Option<&str>) -> Result<Config, String> {
    // Exactly one implementation of TLS: kube and the helpdesks' client use the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    match (file, context) {
        (Some(path), _) => {
            let kubeconfig = Kubeconfig::read_from(path).map_err(|error| causes(&error))?;
            Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|error| causes(&error))
        }
        (None, Some(_)) => Config::from_kubeconfig(&options).await.map_err(|error| causes(&error)),
        (None, None) => Config::infer().await.map_err(|error| causes(&error)),
    }
}

/// An admission webhook answers 403 too, in its own words.
fn is_about_rights(status: &Status) -> bool {
    status.message.contains(" cannot ") && !status.message.contains("admission webhook")
}

/// A kind that is not installed has no path at all; an object that is not there is named.
fn names_an_object(status: &Status) -> bool {
    status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

/// An error and its causes in one sentence; the outermost ones often say nothing, and some repeat their cause.
///
/// Of each the first line only: what follows quotes the kubeconfig, which holds credentials.
fn causes(error: &dyn Error) -> String {
    let first_line = |error: &dyn Error| error.to_string().lines().next().unwrap_or_default().to_owned();
    let mut text = first_line(error);
    let mut source = error.source();
    while let Some(cause) = source {
        let words = first_line(cause);
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_said_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer: {0}")]
        struct Outer(#[source] std::fmt::Error);
        #[derive(Debug, thiserror::Error)]
        #[error("silent")]
        struct Silent(#[source] Outer);
        assert_eq!(causes(&Outer(std::fmt::Error)), format!("outer: {}", std::fmt::Error));
        assert_eq!(causes(&Silent(Outer(std::fmt::Error))), format!("silent: outer: {}", std::fmt::Error));
    }

    #[test]
    fn a_request_says_verb_resource_and_place() {
        let mut request = Request { verb: "patch", resource: "humansupportconfigs", namespace: Some("x") };
        assert_eq!(request.to_string(), "patch humansupportconfigs.humansupport.dev in the namespace `x`");
        request.namespace = None;
        assert_eq!(request.to_string(), "patch humansupportconfigs.humansupport.dev in the whole cluster");
    }
}
