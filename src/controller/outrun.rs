//! A store whose status cannot be written as a whole: a newer version of the operator wrote it, or the resource has no
//! room for more. It is told, and nothing else is done.
//!
//! Why: a round would erase what the newer version recorded, claims and bindings among it, and would then take away what
//! it no longer knows. Must not: change any member of the status but conditions.

use kube::Api;
use kube::api::{DynamicObject, Patch, PatchParams};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use serde_json::{Value, json};

use super::context::Context;
use super::report::StoreEvent;
use super::round::{Blocked, Retry};
use super::store::StoreResource;
use crate::api::conditions::{Condition, ConditionStatus, ConditionType};
use crate::api::{FIELD_MANAGER, GROUP, VERSION};
use crate::clock;
use crate::model::{EventReason, Reason};

/// Why nothing is done for the store; `None` where its status can be read.
pub fn refusal(store: StoreResource<'_>) -> Option<Blocked> {
    store.status().is_outrun.then(|| {
        let message =
            "a newer version of the operator wrote this store's status, and this one cannot read all of it; \
                       nothing is written. Run the newer version again"
                .to_owned();
        Blocked { reason: Reason::OwnedByNewerVersion, message, retry: Retry::AtResync, side: None }
    })
}

/// Says it in the conditions, where that is new; everything else in the status stays as it is, read or not. Where even
/// that is refused, an event says it.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn tell(context: &Context, store: StoreResource<'_>, blocked: &Blocked) -> Result<(), kube::Error> {
    let outcome = write_conditions(context, store, blocked).await;
    if outcome.is_err() {
        context.events.tell(store, &StoreEvent::warning(EventReason::Stalled, &blocked.message)).await;
    }
    outcome
}

async fn write_conditions(
    context: &Context,
    store: StoreResource<'_>,
    blocked: &Blocked,
) -> Result<(), kube::Error> {
    let kind = GroupVersionKind::gvk(GROUP, VERSION, "HumanSupportConfig");
    let resource = ApiResource::from_gvk_with_plural(&kind, "humansupportconfigs");
    let configs: Api<DynamicObject> =
        Api::namespaced_with(context.client.clone(), store.namespace(), &resource);
    let live = configs.get(store.name()).await?;
    let mut status = live.data["status"].clone();
    let before = status["conditions"].as_array().cloned().unwrap_or_default();
    let conditions = told(before.clone(), said(store, blocked));
    if conditions == before {
        return Ok(());
    }
    status["conditions"] = json!(conditions);
    // The same field manager and the whole of it: whoever writes next takes over all of it, these conditions too.
    let body = json!({
        "apiVersion": format!("{GROUP}/{VERSION}"),
        "kind": "HumanSupportConfig",
        "metadata": {
            "name": store.name(), "namespace": store.namespace(), "uid": store.uid(),
            "resourceVersion": live.metadata.resource_version,
        },
        "status": status,
    });
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    configs.patch_status(store.name(), &parameters, &Patch::Apply(&body)).await.map(|_| ())
}

fn said(store: StoreResource<'_>, blocked: &Blocked) -> Vec<Condition> {
    let condition = |type_: ConditionType, status| Condition {
        type_: type_.as_str().to_owned(),
        status,
        reason: blocked.reason.as_str().to_owned(),
        message: blocked.message.clone(),
        last_transition_time: clock::wall().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        observed_generation: Some(store.generation()),
    };
    let state = match store.is_deleting() {
        true => condition(ConditionType::DeletionBlocked, ConditionStatus::True),
        false => condition(ConditionType::Stalled, ConditionStatus::True),
    };
    vec![condition(ConditionType::Ready, ConditionStatus::False), state]
}

/// The conditions with what is said now; one that says the same as before keeps its time.
fn told(mut conditions: Vec<Value>, said: Vec<Condition>) -> Vec<Value> {
    conditions.retain(|condition| condition["type"] != ConditionType::Reconciling.as_str());
    for condition in said {
        let mut condition = json!(condition);
        match conditions.iter_mut().find(|known| known["type"] == condition["type"]) {
            Some(known) => {
                if known["status"] == condition["status"] {
                    condition["lastTransitionTime"] = known["lastTransitionTime"].take();
                }
                *known = condition;
            }
            None => conditions.push(condition),
        }
    }
    conditions
}
