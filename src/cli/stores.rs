//! The stores of a cluster as the verbs read and change them.
//!
//! Every write is a merge patch under the field manager `humansupport`: Flux leaves alone what it owns, and a patch
//! touches nothing that the verb does not name.
//! Must not: print, wait, or write a status.

use std::fmt;

use kube::Api;
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use super::connect::{ClusterError, Connection, Request};
use super::words;
use crate::api::{FIELD_MANAGER, HumanSupportConfig, annotations};
use crate::clock;

const STORES: &str = "humansupportconfigs";

/// Namespace and name of a store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoreName {
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl StoreName {
    /// Of a resource.
    pub fn of(store: &HumanSupportConfig) -> Self {
        Self {
            namespace: store.metadata.namespace.clone().unwrap_or_default(),
            name: store.metadata.name.clone().unwrap_or_default(),
        }
    }
}

impl fmt::Display for StoreName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// Which stores a verb is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// One.
    One(StoreName),
    /// All of a namespace.
    Namespace(String),
    /// All.
    Cluster,
}

/// Reads and changes stores.
#[derive(Clone, Copy, Debug)]
pub struct Stores<'a> {
    connection: &'a Connection,
}

impl<'a> Stores<'a> {
    /// The stores of a cluster.
    pub fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    /// The store of a name in the namespace of the connection.
    pub fn name(&self, name: &str) -> StoreName {
        StoreName { namespace: self.connection.namespace.clone(), name: name.to_owned() }
    }

    /// Reads what is selected, sorted by namespace and name.
    ///
    /// # Errors
    /// When the cluster refuses, or the one store that is named does not exist.
    pub async fn read(&self, selection: &Selection) -> Result<Vec<HumanSupportConfig>, ClusterError> {
        match selection {
            Selection::One(name) => Ok(vec![self.get(name).await?]),
            Selection::Namespace(namespace) => self.list(Some(namespace)).await,
            Selection::Cluster => self.list(None).await,
        }
    }

    /// Reads one store.
    ///
    /// # Errors
    /// When the cluster refuses, or there is none of this name: then the nearest name is given.
    pub async fn get(&self, name: &StoreName) -> Result<HumanSupportConfig, ClusterError> {
        let request = Request { verb: "get", resource: STORES, namespace: Some(&name.namespace) };
        match self.api(Some(&name.namespace)).get(&name.name).await {
            Ok(store) => Ok(store),
            Err(error) => match self.connection.explain(request, error) {
                ClusterError::Missing(_) => Err(self.missing(name).await),
                other => Err(other),
            },
        }
    }

    async fn list(&self, namespace: Option<&str>) -> Result<Vec<HumanSupportConfig>, ClusterError> {
        let request = Request { verb: "list", resource: STORES, namespace };
        let listed = self.api(namespace).list(&ListParams::default()).await;
        let mut stores = listed.map_err(|error| self.connection.explain(request, error))?.items;
        stores.sort_by_key(StoreName::of);
        Ok(stores)
    }

    async fn missing(&self, name: &StoreName) -> ClusterError {
        let StoreName { namespace, name } = name;
        // Without the right to list, the sentence is shorter.
        let others = self.list(Some(namespace)).await.unwrap_or_default();
        let others: Vec<String> = others.iter().map(|store| StoreName::of(store).name).collect();
        let advice = match words::nearest(name, others.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "give its namespace with -n".to_owned(),
        };
        let message =
            format!("there is no HumanSupportConfig `{name}` in the namespace `{namespace}`; {advice}");
        ClusterError::Missing(message)
    }

    /// Asks the operator to look at a store now. Returns the value that the status will echo.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub async fn request_round(&self, name: &StoreName) -> Result<String, ClusterError> {
        let stamp = clock::wall().to_string();
        self.annotate(name, (annotations::RECONCILE_REQUESTED_AT, &stamp)).await?;
        Ok(stamp)
    }

    /// Sets an annotation.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub async fn annotate(
        &self,
        name: &StoreName,
        (key, value): (&str, &str),
    ) -> Result<HumanSupportConfig, ClusterError> {
        self.patch(name, json!({"metadata": {"annotations": {key: value}}})).await
    }

    /// Changes a store.
    ///
    /// # Errors
    /// When the cluster refuses.
    pub async fn patch(&self, name: &StoreName, change: Value) -> Result<HumanSupportConfig, ClusterError> {
        let parameters =
            PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        let request = Request { verb: "patch", resource: STORES, namespace: Some(&name.namespace) };
        let patched =
            self.api(Some(&name.namespace)).patch(&name.name, &parameters, &Patch::Merge(&change)).await;
        patched.map_err(|error| self.connection.explain(request, error))
    }

    fn api(&self, namespace: Option<&str>) -> Api<HumanSupportConfig> {
        let client = self.connection.client.clone();
        match namespace {
            Some(namespace) => Api::namespaced(client, namespace),
            None => Api::all(client),
        }
    }
}
