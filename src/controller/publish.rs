//! Publish: every write to Kubernetes that a round makes, each only when something changed.
//!
//! Status by server-side apply with the resource's uid as a precondition, so that a status never lands on a resource
//! that was re-created under the same name. The finalizer with the resource version as a precondition. A conflict is
//! answered by one more look and one more try; any other refusal is not repeated here: the next round looks again.

use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use super::context::Context;
use super::measure;
use super::outrun;
use super::report::{self, Report};
use super::round::{Blocked, Retry, Side};
use super::settings::Writes;
use super::store::StoreResource;
use crate::api::config_status::HumanSupportConfigStatus;
use crate::api::policies::DeletionPolicy;
use crate::api::{FIELD_MANAGER, FINALIZER, GROUP, HumanSupportConfig, VERSION};
use crate::clock;
use crate::model::Reason;

/// Writes what a round came to: the status where it differs from what was written last, then its events.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn publish(
    context: &Context,
    (store, written): (StoreResource<'_>, Option<&HumanSupportConfigStatus>),
    report: &Report,
) -> Result<(), kube::Error> {
    let outcome = match written == Some(&report.status) {
        true => Ok(()),
        false => write_status(context, store, &report.status).await,
    };
    match outcome {
        // Conditions alone may still have room; else an event says it. Trying again before an edit helps nobody.
        Err(error) if is_too_large(&error) => {
            let _ = outrun::tell(context, store, &too_large()).await;
        }
        outcome => outcome?,
    }
    for event in &report.events {
        context.events.tell(store, event).await;
    }
    measure::store(&context.metrics, store, report);
    Ok(())
}

/// Writes the status that must be there before the first call to a helpdesk, and the first write to an account.
/// Answers it, where one was written.
///
/// # Errors
/// When it cannot be recorded: then nothing is written to the helpdesk either.
pub async fn opening(
    context: &Context,
    store: StoreResource<'_>,
    side: Option<&Side>,
) -> Result<Option<HumanSupportConfigStatus>, Blocked> {
    let status = report::opening(store, side, clock::wall());
    if store.config.status.as_ref() == Some(&status) {
        return Ok(None);
    }
    record(context, store, &status).await?;
    Ok(Some(status))
}

/// Records a status that must be there before the next call to a helpdesk.
///
/// # Errors
/// When it cannot be recorded: then nothing is written to the helpdesk either.
pub async fn record(
    context: &Context,
    store: StoreResource<'_>,
    status: &HumanSupportConfigStatus,
) -> Result<(), Blocked> {
    write_status(context, store, status).await.map_err(|error| match is_too_large(&error) {
        true => too_large(),
        false => unrecorded(),
    })
}

/// Puts the finalizer on, or takes it off, as the deletion policy needs it.
///
/// # Errors
/// When it cannot be recorded: then nothing is written to the helpdesk either.
pub async fn finalizer(context: &Context, store: StoreResource<'_>) -> Result<(), Blocked> {
    if context.settings.writes == Writes::ReadOnly {
        // Who never writes to a helpdesk has nothing to clean up, and must not hold somebody's deletion.
        return Ok(());
    }
    let needed = store.config.spec.deletion_policy != DeletionPolicy::Orphan;
    if needed == store.has_finalizer() {
        return Ok(());
    }
    let others =
        store.config.metadata.finalizers.iter().flatten().filter(|finalizer| *finalizer != FINALIZER);
    let mut finalizers: Vec<&str> = others.map(String::as_str).collect();
    if needed {
        finalizers.push(FINALIZER);
    }
    set_finalizers(context, store, &finalizers).await.map_err(|_| unrecorded())
}

/// Takes our finalizer off a resource that is being deleted.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn release(context: &Context, store: StoreResource<'_>) -> Result<(), kube::Error> {
    let others =
        store.config.metadata.finalizers.iter().flatten().filter(|finalizer| *finalizer != FINALIZER);
    let finalizers: Vec<&str> = others.map(String::as_str).collect();
    set_finalizers(context, store, &finalizers).await
}

async fn set_finalizers(
    context: &Context,
    store: StoreResource<'_>,
    finalizers: &[&str],
) -> Result<(), kube::Error> {
    match try_finalizers(context, store, finalizers).await {
        // Somebody wrote in between; where it was the finalizers, the second look finds it and the try is refused again.
        Err(error) if is_conflict(&error) => try_finalizers(context, store, finalizers).await,
        outcome => outcome,
    }
}

fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409)
}

async fn try_finalizers(
    context: &Context,
    store: StoreResource<'_>,
    finalizers: &[&str],
) -> Result<(), kube::Error> {
    let patch = json!({
        "metadata": {
            "uid": store.uid(),
            "resourceVersion": live_version(context, store).await?,
            "finalizers": finalizers,
        }
    });
    let configs: Api<HumanSupportConfig> = Api::namespaced(context.client.clone(), store.namespace());
    let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    configs.patch(store.name(), &parameters, &Patch::Merge(&patch)).await.map(|_| ())
}

/// The finalizers were computed from the resource as cached; a status written in this round has moved its version on.
async fn live_version(context: &Context, store: StoreResource<'_>) -> Result<Option<String>, kube::Error> {
    let configs: Api<HumanSupportConfig> = Api::namespaced(context.client.clone(), store.namespace());
    let live = configs.get_metadata(store.name()).await?;
    let same = live.metadata.finalizers.clone().unwrap_or_default()
        == store.config.metadata.finalizers.clone().unwrap_or_default();
    // Somebody else changed the finalizers: the stale version makes the API server refuse, and the next round sees them.
    Ok(if same { live.metadata.resource_version } else { store.config.metadata.resource_version.clone() })
}

/// Writes a status; one that makes the resource larger than the API server stores is written without its lists.
async fn write_status(
    context: &Context,
    store: StoreResource<'_>,
    status: &HumanSupportConfigStatus,
) -> Result<(), kube::Error> {
    match try_status(context, store, status).await {
        Err(error) if is_too_large(&error) => try_status(context, store, &report::shortened(status)).await,
        outcome => outcome,
    }
}

/// Whether the API server refused because the whole resource would be too large: its own limit of a request (413), or
/// that of its store, which it passes on as an error of its own (`etcdserver: request is too large`, 1.5 MiB).
fn is_too_large(error: &kube::Error) -> bool {
    let kube::Error::Api(status) = error else { return false };
    status.code == 413 || (status.code >= 500 && status.message.contains("request is too large"))
}

async fn try_status(
    context: &Context,
    store: StoreResource<'_>,
    status: &HumanSupportConfigStatus,
) -> Result<(), kube::Error> {
    let body = json!({
        "apiVersion": format!("{GROUP}/{VERSION}"),
        "kind": "HumanSupportConfig",
        "metadata": { "name": store.name(), "namespace": store.namespace(), "uid": store.uid() },
        "status": status,
    });
    let configs: Api<HumanSupportConfig> = Api::namespaced(context.client.clone(), store.namespace());
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    let patch = Patch::Apply(&body);
    match configs.patch_status(store.name(), &parameters, &patch).await {
        // It names no version, so it is no older than the first try; a uid that is gone is refused again.
        Err(error) if is_conflict(&error) => configs.patch_status(store.name(), &parameters, &patch).await,
        outcome => outcome,
    }
    .map(|_| ())
}

/// What is said of a resource that has no room for its status.
const TOO_LARGE: &str = "the resource is as large as the API server stores (about 1.5 MB with the managed fields), so its \
                         status has no room and nothing is written to the helpdesk: shorten the declaration, or split the store";

fn too_large() -> Blocked {
    Blocked { reason: Reason::InvalidSpec, message: TOO_LARGE.to_owned(), retry: Retry::AtResync, side: None }
}

fn unrecorded() -> Blocked {
    Blocked {
        reason: Reason::ProgressingWithRetry,
        message: "the status cannot be written now, so nothing is written to the helpdesk; the operator tries again".to_owned(),
        retry: Retry::BackOff,
        side: None,
    }
}
