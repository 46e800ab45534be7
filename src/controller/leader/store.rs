//! Reading and writing one Lease, with errors by what the elector does next.
//!
//! Must not retry anything: a retry is a decision, and the moment before the request counts. Build the client with
//! `Config::default_retry = false`; even with it the fence stays right, because every request has a time limit and
//! counts from before its first try.

use std::fmt;

use async_trait::async_trait;
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::PostParams;
use kube::{Api, Client};

/// Where the Lease is kept.
#[async_trait]
pub(super) trait Leases: Send + Sync {
    /// Reads the Lease; `None` when there is none.
    async fn get(&self) -> Result<Option<Lease>, StoreError>;

    /// Creates the Lease; [`StoreError::Conflict`] when there is one.
    async fn create(&self, lease: &Lease) -> Result<Lease, StoreError>;

    /// Writes over exactly the version that the Lease names; [`StoreError::Conflict`] when it has changed since.
    async fn replace(&self, lease: &Lease) -> Result<Lease, StoreError>;
}

/// Why a request about the Lease did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StoreError {
    /// Somebody else wrote in between, or the Lease has gone: look again.
    Conflict,
    /// The operator may not: its role is too small.
    Forbidden(String),
    /// No answer in time, or none that can be used: it may have had an effect.
    Unanswered(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("somebody else wrote the lease at the same time"),
            Self::Forbidden(message) => write!(
                f,
                "{message}; give the service account `get`, `create` and `update` on leases.coordination.k8s.io"
            ),
            Self::Unanswered(message) => f.write_str(message),
        }
    }
}

/// The Lease on the API server.
pub(super) struct ClusterLease {
    api: Api<Lease>,
    name: String,
}

impl ClusterLease {
    /// The Lease of this name in this namespace.
    pub(super) fn new(client: Client, namespace: &str, name: &str) -> Self {
        Self { api: Api::namespaced(client, namespace), name: name.to_owned() }
    }
}

#[async_trait]
impl Leases for ClusterLease {
    async fn get(&self) -> Result<Option<Lease>, StoreError> {
        self.api.get_opt(&self.name).await.map_err(classify)
    }

    async fn create(&self, lease: &Lease) -> Result<Lease, StoreError> {
        self.api.create(&PostParams::default(), lease).await.map_err(classify)
    }

    async fn replace(&self, lease: &Lease) -> Result<Lease, StoreError> {
        self.api.replace(&self.name, &PostParams::default(), lease).await.map_err(classify)
    }
}

fn classify(error: kube::Error) -> StoreError {
    match error {
        // 409 is both "changed since" and "exists already"; 404 of a write is "deleted since".
        kube::Error::Api(status) if status.code == 409 || status.is_not_found() => StoreError::Conflict,
        kube::Error::Api(status) if status.is_forbidden() => StoreError::Forbidden(status.message),
        kube::Error::Api(status) => StoreError::Unanswered(format!("{} ({})", status.message, status.code)),
        other => StoreError::Unanswered(other.to_string()),
    }
}
