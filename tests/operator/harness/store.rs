//! One store of a test: its declaration, what the operator says about it, and the person who does its steps.
//!
//! Waiting is polling with a deadline; nothing is proven by the passing of time.

use std::time::{Duration, Instant};

use kube::Error;
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::cluster::Cluster;

/// The longest a condition is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// A store of a namespace.
pub(crate) struct Store {
    cluster: Cluster,
    namespace: String,
    name: String,
    /// What the test declares; applied by [`Store::apply`].
    pub(crate) spec: Value,
    /// Deletion and other members of the metadata.
    pub(crate) annotations: Value,
}

impl Store {
    pub(crate) fn new(cluster: &Cluster, (namespace, name): (&str, &str), spec: Value) -> Self {
        Self {
            cluster: cluster.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            spec,
            annotations: json!({}),
        }
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn api(&self) -> kube::Api<kube::api::DynamicObject> {
        self.cluster.api("HumanSupportConfig", Some(&self.namespace))
    }

    /// The resource as it is declared.
    pub(crate) fn object(&self) -> Value {
        json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
            "metadata": {"name": self.name, "namespace": self.namespace, "annotations": self.annotations},
            "spec": self.spec})
    }

    /// Applies the declaration.
    pub(crate) async fn apply(&self) -> Value {
        self.try_apply().await.unwrap()
    }

    /// Applies the declaration; the API server's refusal is the error.
    pub(crate) async fn try_apply(&self) -> Result<Value, Error> {
        self.cluster.apply(&self.object(), "tests").await
    }

    /// Changes the declaration and applies it.
    pub(crate) async fn edit(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.spec);
        self.apply().await;
    }

    /// The resource, or `null` when it is gone.
    pub(crate) async fn get(&self) -> Value {
        let found = self.api().get_opt(&self.name).await.unwrap();
        found.map_or(Value::Null, |object| serde_json::to_value(object).unwrap())
    }

    /// Deletes the resource and waits until it is gone.
    pub(crate) async fn delete(&self) {
        self.start_delete().await;
        self.until("the resource is gone", Value::is_null).await;
    }

    /// Asks for the deletion.
    pub(crate) async fn start_delete(&self) {
        self.api().delete(&self.name, &kube::api::DeleteParams::default()).await.unwrap();
    }

    /// Waits for a state of the resource; the test fails with the last one seen.
    pub(crate) async fn until(&self, what: &str, reached: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let object = self.get().await;
            if reached(&object) {
                return object;
            }
            if started.elapsed() > LIMIT {
                let status = serde_json::to_string_pretty(&object["status"]).unwrap();
                panic!("{}/{}: not in time: {what}\n{status}", self.namespace, self.name);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for a condition with this status and reason at the present generation.
    pub(crate) async fn until_condition(&self, (kind, status, reason): (&str, &str, &str)) -> Value {
        self.until(&format!("{kind}={status} ({reason})"), |object| {
            let condition = condition(object, kind);
            condition["status"] == status
                && condition["reason"] == reason
                && condition["observedGeneration"] == object["metadata"]["generation"]
        })
        .await
    }

    /// Waits until the status says that nothing is left to do, however many calls that takes.
    pub(crate) async fn until_nothing_is_left(&self, limit: Duration) {
        let started = Instant::now();
        loop {
            let object = self.get().await;
            let plan = &object["status"]["plan"];
            let seen = object["status"]["observedGeneration"] == object["metadata"]["generation"];
            if seen && plan["changes"] == 0 && plan["held"] == 0 {
                return;
            }
            assert!(started.elapsed() < limit, "not in time: {:#}", object["status"]);
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until everything the operator may do is done.
    pub(crate) async fn until_ready(&self) -> Value {
        self.until_condition(("Ready", "True", "Reconciled")).await
    }

    /// Waits until a customer reaches a person, or would if it were not outside the declared hours.
    pub(crate) async fn until_live(&self) -> Value {
        self.until("Live, or closed at this hour", |object| {
            let live = condition(object, "Live");
            let expected = match super::spec::is_open_now(&object["spec"]) {
                true => ["True", "Reachable"],
                false => ["False", "OutsideBusinessHours"],
            };
            [&live["status"], &live["reason"]] == expected
                && live["observedGeneration"] == object["metadata"]["generation"]
        })
        .await
    }

    /// Waits until the store cannot go on for this reason; gives the message of `Ready`.
    pub(crate) async fn until_stalled(&self, reason: &str) -> String {
        let object = self.until_condition(("Ready", "False", reason)).await;
        assert_eq!(condition(&object, "Stalled")["reason"], reason, "a terminal error stalls");
        message(&object, "Ready")
    }

    /// Waits until whatever is created from now on is younger: the API server dates by the second.
    pub(crate) async fn until_older(&self) {
        let created = self.get().await["metadata"]["creationTimestamp"].as_str().unwrap().to_owned();
        let created: std::time::SystemTime = created.parse::<jiff::Timestamp>().unwrap().into();
        while created.elapsed().is_ok_and(|age| age < Duration::from_secs(1)) {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Empties the status, as a restore from a backup without it does.
    pub(crate) async fn wipe_status(&self) {
        let object = self.get().await;
        let members = object["status"].as_object().unwrap().keys();
        let nothing: serde_json::Map<_, _> = members.map(|key| (key.clone(), Value::Null)).collect();
        let patch = json!({"status": nothing});
        self.api().patch_status(&self.name, &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
    }

    /// Asks for a look now, and waits until it was taken.
    pub(crate) async fn reconcile_now(&self) -> Value {
        let value = self.request_look().await;
        self.until("the requested look was taken", |object| {
            object["status"]["lastHandledReconcileAt"] == value.as_str()
        })
        .await
    }

    /// Asks for a look now; gives the request's value.
    pub(crate) async fn request_look(&self) -> String {
        let value = format!("{:016x}", rand::random::<u64>());
        let patch = json!({"metadata": {"annotations": {"humansupport.dev/reconcile-requested-at": value}}});
        self.api().patch(&self.name, &PatchParams::default(), &Patch::Merge(&patch)).await.unwrap();
        value
    }

    /// Waits until the store is Ready and a fresh look at the helpdesk finds it so.
    pub(crate) async fn settle(&self) -> Value {
        self.until_ready().await;
        self.reconcile_now().await;
        self.until_ready().await
    }

    /// Does every pending step, as a support lead would, until none is left.
    pub(crate) async fn do_pending_steps(&self) {
        self.do_steps_but(&[]).await;
    }

    /// Does the pending steps until only these are left.
    pub(crate) async fn do_steps_but(&self, left: &[&str]) {
        let started = Instant::now();
        loop {
            let object = self.get().await;
            let mut pending = object["status"]["pendingSteps"].as_array().cloned().unwrap_or_default();
            pending.retain(|step| !left.iter().any(|name| step["name"] == *name));
            let seen = object["status"]["observedGeneration"] == object["metadata"]["generation"];
            if seen && pending.is_empty() {
                return;
            }
            self.complete(&pending).await;
            assert!(started.elapsed() < LIMIT, "steps stay open: {pending:#?}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Records steps as done, with the values they show.
    pub(crate) async fn complete(&self, steps: &[Value]) {
        let object = self.get().await;
        let mut all = object["spec"]["completedSteps"].as_array().cloned().unwrap_or_default();
        all.retain(|one| !steps.iter().any(|step| step["name"] == one["name"]));
        all.extend(steps.iter().map(|step| json!({"name": step["name"], "value": step["value"]})));
        let mut person = self.object();
        person["spec"] = json!({"completedSteps": all});
        person["metadata"].as_object_mut().unwrap().remove("annotations");
        self.cluster.apply(&person, "person").await.unwrap();
    }
}

/// A condition of a resource; `null` when it is absent.
pub(crate) fn condition(object: &Value, kind: &str) -> Value {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    conditions.into_iter().find(|condition| condition["type"] == kind).unwrap_or(Value::Null)
}

/// The message of a condition.
pub(crate) fn message(object: &Value, kind: &str) -> String {
    condition(object, kind)["message"].as_str().unwrap_or_default().to_owned()
}

/// The entry of a list with this name.
pub(crate) fn entry<'a>(list: &'a mut Value, name: &str) -> &'a mut Value {
    let entries = list.as_array_mut().unwrap();
    entries.iter_mut().find(|entry| entry["name"] == name).unwrap()
}

/// Waits until something is so; the test fails with what was waited for.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, reached: impl Fn() -> F) {
    let started = Instant::now();
    while !reached().await {
        assert!(started.elapsed() < LIMIT, "not in time: {what}");
        tokio::time::sleep(POLL).await;
    }
}
