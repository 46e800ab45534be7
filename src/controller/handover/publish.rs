//! The ConfigMap at the API server: read, then created or patched, each only where it differs.
//!
//! Nothing of that name is written that is not ours: it is reported. Must not: render.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Api;
use kube::api::{ObjectMeta, Patch, PatchParams, PostParams};
use serde_json::json;

use super::{CALENDAR_KEY, Content, Draft, SHEET_KEY, Subject, draft};
use crate::api::config_status::HumanSupportConfigStatus;
use crate::api::{FIELD_MANAGER, GROUP, VERSION};
use crate::clock;
use crate::controller::context::Context;
use crate::controller::memory::StoreMemory;
use crate::controller::report;
use crate::controller::round::{Planned, Stance};
use crate::controller::store::StoreResource;
use crate::model::Reason;

/// The label by which our ConfigMaps are known.
const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Its value.
const MANAGER: &str = "human-support-operator";

/// What is remembered of a sheet that is as it should be, so that a look in between costs no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    digest: [u8; 32],
    reading: Option<std::time::Instant>,
}

/// Keeps the sheet of a store. The answer is what is wrong with it, for the status.
///
/// While something goes on by itself it waits: a sheet for every step of the way would be noise.
pub async fn keep(
    context: &Context,
    (store, planned): (StoreResource<'_>, &Planned),
    status: &HumanSupportConfigStatus,
    memory: &mut StoreMemory,
) -> Option<(Reason, String)> {
    if planned.stance == Stance::Retiring || report::is_on_its_way(status) {
        return None;
    }
    let installation = context.settings.installation.to_string();
    let now = clock::wall();
    let draft = draft(&Subject { store, planned, status, installation: &installation, now });
    let kept = Kept { digest: draft.digest(), reading: memory.last_reading };
    if memory.sheet == Some(kept) {
        return None;
    }
    let problem = write(context, store, &draft).await.err();
    memory.sheet = problem.is_none().then_some(kept);
    problem
}

/// The name of a store's sheet.
pub fn name_of(store: StoreResource<'_>) -> String {
    format!("{}-handover", store.name())
}

async fn write(context: &Context, store: StoreResource<'_>, draft: &Draft) -> Result<(), (Reason, String)> {
    let name = name_of(store);
    let maps: Api<ConfigMap> = Api::namespaced(context.client.clone(), store.namespace());
    let present = maps.get_opt(&name).await.map_err(|error| refused("read", &error))?;
    let Some(present) = present else {
        let content = draft.content(None, clock::wall());
        let created =
            ConfigMap { metadata: metadata(store), data: Some(data(&content)), ..ConfigMap::default() };
        let parameters =
            PostParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PostParams::default() };
        return maps
            .create(&parameters, &created)
            .await
            .map(|_| ())
            .map_err(|error| refused("created", &error));
    };
    if !is_ours(store, &present) {
        let message = format!(
            "a ConfigMap `{name}` exists that is not the operator's, and is left alone; rename or delete it, and the handover sheet is written there"
        );
        return Err((Reason::Conflict, message));
    }
    let calendar = present.data.as_ref().and_then(|data| data.get(CALENDAR_KEY)).map(String::as_str);
    let content = draft.content(calendar, clock::wall());
    let owners = metadata(store).owner_references;
    if present.data.as_ref() == Some(&data(&content)) && present.metadata.owner_references == owners {
        return Ok(());
    }
    let mut wanted = json!(data(&content));
    // A merge patch takes out what is null: keys that are no longer ours to fill.
    for key in present.data.iter().flat_map(BTreeMap::keys) {
        if wanted.get(key).is_none() {
            wanted[key] = serde_json::Value::Null;
        }
    }
    let patch = json!({
        "metadata": {"resourceVersion": present.metadata.resource_version, "ownerReferences": owners},
        "data": wanted,
    });
    let parameters = PatchParams { field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
    maps.patch(&name, &parameters, &Patch::Merge(&patch))
        .await
        .map(|_| ())
        .map_err(|error| refused("written", &error))
}

fn data(content: &Content) -> BTreeMap<String, String> {
    let mut data = BTreeMap::from([(SHEET_KEY.to_owned(), content.sheet.clone())]);
    data.extend(content.calendar.clone().map(|calendar| (CALENDAR_KEY.to_owned(), calendar)));
    data
}

fn metadata(store: StoreResource<'_>) -> ObjectMeta {
    let owner = OwnerReference {
        api_version: format!("{GROUP}/{VERSION}"),
        kind: "HumanSupportConfig".to_owned(),
        name: store.name().to_owned(),
        uid: store.uid().to_owned(),
        controller: Some(true),
        block_owner_deletion: None,
    };
    ObjectMeta {
        name: Some(name_of(store)),
        namespace: Some(store.namespace().to_owned()),
        labels: Some(BTreeMap::from([(MANAGED_BY.to_owned(), MANAGER.to_owned())])),
        owner_references: Some(vec![owner]),
        ..ObjectMeta::default()
    }
}

/// Ours is what carries our label and belongs to a store of this name, or to nobody any more (a restored backup).
fn is_ours(store: StoreResource<'_>, present: &ConfigMap) -> bool {
    let labelled = present.metadata.labels.as_ref().and_then(|labels| labels.get(MANAGED_BY));
    let owners = present.metadata.owner_references.as_deref().unwrap_or_default();
    labelled.is_some_and(|manager| manager == MANAGER)
        && owners.iter().all(|owner| owner.kind == "HumanSupportConfig" && owner.name == store.name())
}

/// Byte-stable: the API server's own words may hold times and versions.
fn refused(what: &str, error: &kube::Error) -> (Reason, String) {
    match error {
        kube::Error::Api(status) if status.code == 403 => {
            let message = format!(
                "the handover sheet cannot be {what}: the operator lacks the right to get, create and patch ConfigMaps here"
            );
            (Reason::PermissionDenied, message)
        }
        _ => {
            let message = format!("the handover sheet cannot be {what} now; the operator tries again");
            (Reason::ProgressingWithRetry, message)
        }
    }
}
