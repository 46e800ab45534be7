//! What the status of a store says, as the demo shows it.
//!
//! Why it exists: the demo reads the API as any client does, by the words of its documentation. Must not:
//! share a type with the operator.

use kube::Client;
use kube::api::{Api, DynamicObject, ListParams};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use serde_json::Value;

/// The resource of the stores.
pub(super) fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk("humansupport.dev", "v1alpha1", "HumanSupportConfig");
    ApiResource::from_gvk_with_plural(&kind, "humansupportconfigs")
}

/// Whether a manifest declares a store.
pub(super) fn is_store(object: &DynamicObject) -> bool {
    object.types.as_ref().is_some_and(|types| types.kind == "HumanSupportConfig")
}

/// `namespace/name`.
pub(super) fn key(object: &DynamicObject) -> String {
    let namespace = object.metadata.namespace.as_deref().unwrap_or("default");
    format!("{namespace}/{}", object.metadata.name.as_deref().unwrap_or_default())
}

/// All stores, as stored.
pub(super) async fn list(client: &Client) -> anyhow::Result<Vec<DynamicObject>> {
    let api: Api<DynamicObject> = Api::all_with(client.clone(), &resource());
    Ok(api.list(&ListParams::default()).await?.items)
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) platform: String,
    pub(super) ready: String,
    pub(super) live: String,
    /// The reason of `Ready`, or of `Live` once the store is ready.
    pub(super) reason: String,
    /// The message that goes with the reason.
    pub(super) message: String,
    pub(super) agents: String,
    pub(super) licenses: String,
    pub(super) pending: String,
    pub(super) done: Done,
}

/// Whether a store has arrived where its spec wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// Ready for the present generation, and live unless the spec says that nobody answers.
    Yes,
    /// Not yet.
    No,
}

impl Row {
    /// A store that was applied and is no longer there.
    pub(super) fn absent(key: &str) -> Self {
        let empty = String::new;
        Self {
            key: key.to_owned(),
            platform: empty(),
            ready: empty(),
            live: empty(),
            reason: "Deleted".to_owned(),
            message: "The store was applied and is no longer in the API server".to_owned(),
            agents: empty(),
            licenses: empty(),
            pending: empty(),
            done: Done::No,
        }
    }

    /// Reads a store. What the status does not say is empty.
    pub(super) fn read(object: &DynamicObject) -> Self {
        let status = &object.data["status"];
        let ready = Condition::find(status, "Ready");
        let live = Condition::find(status, "Live");
        let observed = status["observedGeneration"].as_i64();
        let current = observed.is_some() && observed == object.metadata.generation;
        let is_ready = current && ready.status == "True";
        // A store that sends its customers elsewhere, or sleeps, is where its spec wants it.
        let resting = ["HumanSupportDisabled", "OutsideBusinessHours"].contains(&live.reason.as_str());
        let shown = if is_ready { &live } else { &ready };
        let text = |path: &str| status.pointer(path).map(shown_value).unwrap_or_default();
        Self {
            key: key(object),
            platform: text("/platform"),
            reason: shown.reason.clone(),
            message: shown.message.clone(),
            agents: text("/summary/agents"),
            licenses: text("/summary/licenses"),
            pending: text("/summary/pending"),
            done: if is_ready && (live.status == "True" || resting) { Done::Yes } else { Done::No },
            ready: ready.status,
            live: live.status,
        }
    }
}

struct Condition {
    status: String,
    reason: String,
    message: String,
}

impl Condition {
    fn find(status: &Value, name: &str) -> Self {
        let conditions = status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = conditions.iter().find(|condition| condition["type"] == name).unwrap_or(&Value::Null);
        let text = |field: &str| found[field].as_str().unwrap_or_default().to_owned();
        Self { status: text("status"), reason: text("reason"), message: text("message") }
    }
}

fn shown_value(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
