//! How a verb reaches helpdesks itself: whose marks are ours, with which credentials, and over which way.
//!
//! Why beside `run`: these verbs only read. They ask for tokens that only read, and nothing they hold is kept.
//! Must not: take a credential as an argument; arguments are seen by everybody on the machine.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use serde_json::Value;

use super::connect::{Connection, Request};
use super::failure::Failure;
use super::program::Program;
use super::validate;
use crate::controller::rehearse::{Added, Given};
use crate::controller::{Reach, Settings, Writes};
use crate::model::{Fence, Installation, MarkError};
use crate::provider::http::{KnownNames, LoopbackEndpoints, PrivateNetworks, WriteFence};

/// The variable that holds manifests of Secrets, where no file may.
pub const CREDENTIALS_VARIABLE: &str = "HUMANSUPPORT_CREDENTIALS";

/// How helpdesks are reached.
#[derive(Clone, Debug, clap::Args)]
pub struct ReachArgs {
    /// A file with manifests of the Secrets to use instead of the cluster's; may be repeated. The variable
    /// HUMANSUPPORT_CREDENTIALS may hold such manifests too.
    #[arg(long, value_name = "FILE")]
    credentials: Vec<PathBuf>,
    /// The name of the operator's installation towards helpdesks; without it the one that the accounts' status shows,
    /// else the cluster's identity.
    #[arg(long, env = "HUMANSUPPORT_INSTALLATION", value_name = "NAME")]
    installation: Option<String>,
    /// A name that the installation had before. May be repeated.
    #[arg(long = "former-installation", value_name = "NAME")]
    former_installations: Vec<String>,
    /// The identity of the operator's cluster: the uid of its namespace kube-system.
    #[arg(long, env = "HUMANSUPPORT_CLUSTER_ID", value_name = "UID")]
    cluster_id: Option<String>,
    /// The operator's own namespace, which holds the Secrets of cluster accounts.
    #[arg(long, env = "POD_NAMESPACE", default_value = "humansupport-system", value_name = "NAMESPACE")]
    operator_namespace: String,
    /// The one namespace that the operator watches, where it watches one: what is elsewhere does not count.
    #[arg(long, env = "HUMANSUPPORT_NAMESPACE", value_name = "NAMESPACE")]
    watch_namespace: Option<String>,
    /// Serve a host suffix from a loopback address instead, in plain HTTP: for the sandbox and tests only.
    #[arg(long = "loopback-endpoint", value_name = "SUFFIX=127.0.0.1:PORT")]
    loopback_endpoints: Vec<String>,
    /// A private network in which adapters of cluster accounts may be, such as 10.96.0.0/12. May be repeated.
    #[arg(long = "adapter-cidr", value_name = "CIDR")]
    adapter_cidrs: Vec<String>,
    /// Further certificate authorities to trust, in PEM.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

/// Whose marks are ours.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The name of the installation.
    pub installation: Installation,
    /// The cluster's fence.
    pub fence: Fence,
}

impl ReachArgs {
    /// The way to helpdesks, closed for writes.
    ///
    /// # Errors
    /// When an argument cannot be used.
    pub fn reach(&self) -> Result<Reach, Failure> {
        let extra_ca =
            self.ca_file.as_ref().map(std::fs::read_to_string).transpose().map_err(|error| {
                Failure::Input(format!("--ca-file cannot be read: {error}; give a PEM file"))
            })?;
        let mut loopback = LoopbackEndpoints::default();
        for endpoint in &self.loopback_endpoints {
            loopback.add(endpoint).map_err(|error| Failure::Input(error.to_string()))?;
        }
        let identity = format!("humansupport-{}", std::process::id());
        let mut adapter_networks = PrivateNetworks::default();
        for network in &self.adapter_cidrs {
            adapter_networks.add(network).map_err(|error| Failure::Input(error.to_string()))?;
        }
        let (names, fence) = (KnownNames::default(), WriteFence::read_only());
        Ok(Reach { identity, loopback, adapter_networks, names, extra_ca, fence })
    }

    /// The Secrets that were given, for `namespace` where they name none.
    ///
    /// # Errors
    /// When a manifest cannot be read, or is of another kind.
    pub fn given(&self, namespace: &str, program: Program) -> Result<Given, Failure> {
        let mut given = Given::default();
        for file in &self.credentials {
            let name = file.display().to_string();
            let documents =
                validate::documents_of(std::slice::from_ref(&name), program).map_err(Failure::Input)?;
            add(&mut given, (&name, namespace), documents.others)?;
        }
        if let Some(text) = std::env::var_os(CREDENTIALS_VARIABLE).filter(|text| !text.is_empty()) {
            let documents = validate::documents_in(&text.to_string_lossy()).map_err(|message| {
                Failure::Input(format!("the variable {CREDENTIALS_VARIABLE} {message}"))
            })?;
            add(&mut given, (CREDENTIALS_VARIABLE, namespace), documents)?;
        }
        Ok(given)
    }

    /// Whether any Secret was given.
    pub fn gives_credentials(&self) -> bool {
        let is_set = std::env::var_os(CREDENTIALS_VARIABLE).is_some_and(|text| !text.is_empty());
        is_set || !self.credentials.is_empty()
    }

    /// Where the Secrets of cluster accounts are.
    pub fn operator_namespace(&self) -> &str {
        &self.operator_namespace
    }

    /// The one namespace that the operator watches; `None`: it watches all.
    pub fn watch_namespace(&self) -> Option<&str> {
        self.watch_namespace.as_deref()
    }

    /// Whose marks are ours: as given, as an account's status shows, else the cluster's identity.
    ///
    /// # Errors
    /// When it is not known.
    pub async fn identity(
        &self,
        cluster: Option<&Connection>,
        shown: Option<&str>,
    ) -> Result<Identity, Failure> {
        let uid = match (&self.cluster_id, cluster) {
            (Some(uid), _) => uid.clone(),
            (None, Some(connection)) => cluster_uid(connection).await?,
            (None, None) => {
                return Err(Failure::Input(
                    "without a cluster its identity must be given: add --cluster-id with the uid of its namespace kube-system (`kubectl get namespace kube-system -o jsonpath={.metadata.uid}`), and --installation where the operator has one"
                        .to_owned(),
                ));
            }
        };
        let wrong = |error: MarkError| Failure::Input(error.to_string());
        // A pipeline's variable that is not set is an empty one.
        let given = self.installation.as_deref().filter(|name| !name.is_empty());
        let installation = given.or(shown).unwrap_or(&uid);
        Ok(Identity {
            installation: Installation::parse(installation).map_err(wrong)?,
            fence: Fence::parse(&uid).map_err(wrong)?,
        })
    }

    /// The same for a first look at an account: where nothing is known, every mark is somebody else's.
    ///
    /// # Errors
    /// When what was given cannot be used.
    pub async fn identity_for_import(&self, cluster: Option<&Connection>) -> Result<Identity, Failure> {
        let is_known = self.cluster_id.is_some() || (cluster.is_some() && self.installation.is_none());
        if is_known {
            return self.identity(cluster, None).await;
        }
        let unknown = Self { cluster_id: Some("00000000".to_owned()), ..self.clone() };
        unknown.identity(None, Some("not-known")).await
    }

    /// The settings of an operator of this identity that only reads.
    ///
    /// # Errors
    /// When a former name is none.
    pub fn settings(&self, identity: Identity) -> Result<Settings, Failure> {
        let former = self.former_installations.iter().map(|name| Installation::parse(name));
        Ok(Settings {
            namespace: self.watch_namespace.clone(),
            operator_namespace: self.operator_namespace.clone(),
            installation: identity.installation,
            former_installations: former
                .collect::<Result<_, _>>()
                .map_err(|error| Failure::Input(error.to_string()))?,
            fence: identity.fence,
            concurrency: 1,
            writes: Writes::ReadOnly,
            settle_window: Duration::ZERO,
            deletion_timeout: Duration::ZERO,
            token_check: Duration::MAX,
        })
    }
}

fn add(given: &mut Given, (source, namespace): (&str, &str), documents: Vec<Value>) -> Result<(), Failure> {
    for document in documents {
        let kind = document["kind"].as_str().unwrap_or_default().to_owned();
        if kind != "Secret" || given.add(document, namespace) == Added::NotNeeded {
            return Err(Failure::Input(format!(
                "{source} holds a `{kind}`; give manifests of Secrets only, the others belong to the files that are planned"
            )));
        }
    }
    Ok(())
}

/// The uid of the namespace kube-system.
///
/// # Errors
/// When the cluster does not tell it.
pub async fn cluster_uid(connection: &Connection) -> Result<String, Failure> {
    let namespaces: Api<Namespace> = Api::all(connection.client.clone());
    let request = Request { verb: "get", resource: "namespaces", namespace: None };
    let system = namespaces.get("kube-system").await.map_err(|error| {
        let why = connection.explain(request, error);
        Failure::Input(format!(
            "the uid of the namespace kube-system cannot be read: {why}; or give --cluster-id and --installation"
        ))
    })?;
    system.metadata.uid.ok_or_else(|| {
        Failure::Input(
            "the namespace kube-system has no uid; give --cluster-id and --installation".to_owned(),
        )
    })
}
