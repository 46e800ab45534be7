//! Applies YAML manifests by server-side apply, and installs resource definitions.
//!
//! Why it exists: neither a kubectl nor the types of the operator are needed, and each writer names its own
//! field manager. Must not: delete anything.

use anyhow::{Context, bail};
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::{self, ApiCapabilities, ApiResource, Scope};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const FIELD_MANAGER: &str = "sandbox";
const ESTABLISHED_LIMIT: Duration = Duration::from_secs(20);
const DISCOVERY_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(50);

/// Reads every `.yaml` file of a folder, in the order of the names.
///
/// # Errors
/// When the folder or a file cannot be read; the text names it.
pub fn read_manifest_files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("no folder {}", folder.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml"));
    files.sort();
    let read = |file: PathBuf| {
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        Ok((file, text))
    };
    files.into_iter().map(read).collect()
}

/// Reads the documents of one YAML text.
///
/// # Errors
/// When the text is not YAML, or a document is not a Kubernetes object.
pub fn parse_manifests(text: &str) -> anyhow::Result<Vec<DynamicObject>> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).context("not YAML")?;
    let object = |document| serde_json::from_value(document).context("a document is no Kubernetes object");
    documents.into_iter().filter(|document| !document.is_null()).map(object).collect()
}

/// Reads every document of every `.yaml` file in a folder, in the order of the file names.
///
/// # Errors
/// As [`read_manifest_files`] and [`parse_manifests`]; the text names the file.
pub fn read_manifests(folder: &Path) -> anyhow::Result<Vec<DynamicObject>> {
    let mut objects = Vec::new();
    for (file, text) in read_manifest_files(folder)? {
        objects.extend(parse_manifests(&text).with_context(|| file.display().to_string())?);
    }
    Ok(objects)
}

/// Applies every manifest of a folder; returns the objects as the API server answered.
///
/// # Errors
/// As [`read_manifests`] and [`apply`].
pub async fn apply_folder(client: &Client, folder: &Path) -> anyhow::Result<Vec<DynamicObject>> {
    let mut applied = Vec::new();
    for object in read_manifests(folder)? {
        applied.push(apply(client, &object, FIELD_MANAGER).await?);
    }
    Ok(applied)
}

/// Applies one object under a field manager, taking over fields that others set.
///
/// # Errors
/// When the API server does not know the kind or refuses the object, in its own words.
pub async fn apply(client: &Client, object: &DynamicObject, manager: &str) -> anyhow::Result<DynamicObject> {
    let (resource, capabilities) = resource_of(client, object).await?;
    let name = object.metadata.name.as_deref().with_context(|| format!("a {} has no name", resource.kind))?;
    let namespace = object.metadata.namespace.as_deref();
    let api: Api<DynamicObject> = match (capabilities.scope, namespace) {
        (Scope::Cluster, _) => Api::all_with(client.clone(), &resource),
        (Scope::Namespaced, namespace) => {
            Api::namespaced_with(client.clone(), namespace.unwrap_or("default"), &resource)
        }
    };
    api.patch(name, &PatchParams::apply(manager).force(), &Patch::Apply(object))
        .await
        .with_context(|| format!("{} {}/{name} was refused", resource.kind, namespace.unwrap_or_default()))
}

async fn resource_of(
    client: &Client,
    object: &DynamicObject,
) -> anyhow::Result<(ApiResource, ApiCapabilities)> {
    let types = object.types.as_ref().context("a manifest has no apiVersion and kind")?;
    let kind =
        GroupVersionKind::try_from(types).with_context(|| format!("no apiVersion {}", types.api_version))?;
    let started = Instant::now();
    loop {
        // A kind that was just installed shows in discovery a moment later.
        match discovery::pinned_kind(client, &kind).await {
            Ok(found) => return Ok(found),
            Err(error) if started.elapsed() > DISCOVERY_LIMIT => {
                return Err(error).with_context(|| {
                    format!("the API server does not know {} {}", types.api_version, types.kind)
                });
            }
            Err(_) => tokio::time::sleep(POLL).await,
        }
    }
}

/// Installs the resource definitions of a folder (`crds/`) and waits until each is served.
///
/// # Errors
/// When one is refused, or is not established within 20 s; the text says why.
pub async fn install_crds(client: &Client, folder: &Path) -> anyhow::Result<Vec<String>> {
    let applied = apply_folder(client, folder).await?;
    let mut names = Vec::new();
    for object in &applied {
        let name = object.metadata.name.clone().unwrap_or_default();
        if object.types.as_ref().is_some_and(|types| types.kind == "CustomResourceDefinition") {
            wait_established(client, &name).await?;
            names.push(name);
        }
    }
    if names.is_empty() {
        bail!("{} holds no CustomResourceDefinition", folder.display());
    }
    Ok(names)
}

async fn wait_established(client: &Client, name: &str) -> anyhow::Result<()> {
    let kind = GroupVersionKind::gvk("apiextensions.k8s.io", "v1", "CustomResourceDefinition");
    let resource = ApiResource::from_gvk_with_plural(&kind, "customresourcedefinitions");
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource);
    let started = Instant::now();
    loop {
        let definition = api.get(name).await?;
        let conditions = definition.data["status"]["conditions"].as_array().cloned().unwrap_or_default();
        if conditions
            .iter()
            .any(|condition| condition["type"] == "Established" && condition["status"] == "True")
        {
            return Ok(());
        }
        if started.elapsed() > ESTABLISHED_LIMIT {
            bail!("{name} is not established; the API server says {}", Value::Array(conditions));
        }
        tokio::time::sleep(POLL).await;
    }
}
