//! Plays the person: does the pending steps and records them, as a support lead would.
//!
//! Why it exists: some things no vendor's interface offers, and the demo must not wait three days. It uses a
//! field manager of its own, so that the declared spec stays its author's. Must not: touch anything else.

use super::Helpdesk;
use super::stores::{key, resource};
use kube::Client;
use kube::api::{Api, DynamicObject, Patch, PatchParams};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const FIELD_MANAGER: &str = "sandbox-person";

/// Somebody who needs a moment for each step.
#[derive(Debug)]
pub(super) struct Person {
    moment: Duration,
    seen: BTreeMap<(String, String), Instant>,
}

impl Person {
    /// A person who takes `moment` from reading a step to doing it.
    pub(super) fn new(moment: Duration) -> Self {
        Self { moment, seen: BTreeMap::new() }
    }

    /// Does the steps whose moment has passed and records them in one write; returns their names.
    pub(super) async fn act(
        &mut self,
        (client, helpdesks): (&Client, &[Box<dyn Helpdesk>]),
        store: &DynamicObject,
    ) -> anyhow::Result<Vec<String>> {
        let due = self.due(store, Instant::now());
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let platform = store.data["status"]["platform"].as_str().unwrap_or_default();
        for helpdesk in helpdesks.iter().filter(|helpdesk| helpdesk.name() == platform) {
            due.iter().for_each(|step| helpdesk.play(step));
        }
        let namespace = store.metadata.namespace.as_deref().unwrap_or("default");
        let name = store.metadata.name.as_deref().unwrap_or_default();
        let patch = json!({
            "apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {"completedSteps": completed(store, &due)},
        });
        let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &resource());
        api.patch(name, &PatchParams::apply(FIELD_MANAGER).force(), &Patch::Apply(&patch)).await?;
        Ok(due.iter().map(|step| step["name"].as_str().unwrap_or_default().to_owned()).collect())
    }

    fn due(&mut self, store: &DynamicObject, now: Instant) -> Vec<Value> {
        let store_key = key(store);
        let pending = store.data["status"]["pendingSteps"].as_array().cloned().unwrap_or_default();
        let mut due = Vec::new();
        for step in pending.iter().map(recorded) {
            if is_completed(store, &step) {
                continue;
            }
            let seen = self.seen.entry((store_key.clone(), step.to_string())).or_insert(now);
            if now.duration_since(*seen) >= self.moment {
                due.push(step);
            }
        }
        due
    }
}

/// The step as the spec records it: name and value, nothing else.
fn recorded(step: &Value) -> Value {
    let mut entry = json!({"name": step["name"]});
    if !step["value"].is_null() {
        entry["value"] = step["value"].clone();
    }
    entry
}

fn is_completed(store: &DynamicObject, step: &Value) -> bool {
    store.data["spec"]["completedSteps"].as_array().is_some_and(|steps| steps.contains(step))
}

/// What the person has recorded before and now; what is left out of an apply would be taken back.
fn completed(store: &DynamicObject, due: &[Value]) -> Vec<Value> {
    let mut steps = store.data["spec"]["completedSteps"].as_array().cloned().unwrap_or_default();
    steps.retain(|step| !due.iter().any(|new| new["name"] == step["name"]));
    steps.extend_from_slice(due);
    steps
}

#[cfg(test)]
mod tests {
    use super::{Person, completed};
    use kube::api::DynamicObject;
    use serde_json::{Value, json};
    use std::time::{Duration, Instant};

    fn store(completed: Value, pending: Value) -> DynamicObject {
        serde_json::from_value(json!({
            "apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
            "metadata": {"name": "loja", "namespace": "store"},
            "spec": {"completedSteps": completed}, "status": {"pendingSteps": pending},
        }))
        .unwrap()
    }

    #[test]
    fn step_is_done_after_a_moment_and_never_twice() {
        let pending =
            json!([{"name": "SetAddress", "value": "a", "blocksLive": true, "why": "w", "how": "h"}]);
        let mut person = Person::new(Duration::from_secs(2));
        let now = Instant::now();
        assert!(person.due(&store(json!([]), pending.clone()), now).is_empty());
        let due = person.due(&store(json!([]), pending.clone()), now + Duration::from_secs(2));
        assert_eq!(due, [json!({"name": "SetAddress", "value": "a"})]);
        let done = store(json!(due), pending);
        assert!(person.due(&done, now + Duration::from_secs(9)).is_empty());
    }

    #[test]
    fn step_with_a_new_value_replaces_the_old_one_and_keeps_the_others() {
        let before = store(json!([{"name": "A", "value": "1"}, {"name": "B"}]), json!([]));
        let steps = completed(&before, &[json!({"name": "A", "value": "2"})]);
        assert_eq!(steps, [json!({"name": "B"}), json!({"name": "A", "value": "2"})]);
    }
}
