//! Events: told once per resource and reason in ten minutes, so that a flapping store does not flood its namespace.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::ObjectReference;
use kube::runtime::events::{Event, EventType, Recorder};
use kube::{Client, Resource};

use super::report::{Severity, StoreEvent};
use super::store::StoreResource;
use crate::clock;
use crate::model::EventReason;

/// How long an event of one reason stays enough.
const QUIET_FOR: Duration = Duration::from_secs(600);

/// Tells events.
pub struct EventLog {
    recorder: Recorder,
    told: Mutex<HashMap<(String, EventReason, String), Instant>>,
}

impl EventLog {
    /// Tells events as `reporter` (the process's name).
    pub fn new(client: Client, reporter: String) -> Self {
        let reporter = kube::runtime::events::Reporter {
            controller: "humansupport-operator".to_owned(),
            instance: Some(reporter),
        };
        Self { recorder: Recorder::new(client, reporter), told: Mutex::new(HashMap::new()) }
    }

    /// Tells an event of a store, unless the same was told lately. An event that cannot be told is only logged: nothing
    /// depends on it.
    pub async fn tell(&self, store: StoreResource<'_>, event: &StoreEvent) {
        self.tell_of(&store.config.object_ref(&()), event).await;
    }

    /// Tells an event of any resource, an account for example. One of the cluster is told in the namespace `default`.
    pub async fn tell_of(&self, object: &ObjectReference, event: &StoreEvent) {
        if !self.is_news((object.uid.clone().unwrap_or_default(), event.reason, event.note.clone())) {
            return;
        }
        let type_ = match event.severity {
            Severity::Normal => EventType::Normal,
            Severity::Warning => EventType::Warning,
        };
        let published = Event {
            type_,
            reason: event.reason.as_str().to_owned(),
            note: Some(event.note.clone()),
            action: action_of(event),
            secondary: None,
        };
        if self.recorder.publish(&published, object).await.is_err() {
            let [kind, name] = [&object.kind, &object.name].map(|text| text.as_deref().unwrap_or_default());
            tracing::warn!(kind, name, reason = %event.reason, "an event could not be told; the status says the same");
        }
    }

    fn is_news(&self, key: (String, EventReason, String)) -> bool {
        let now = clock::monotonic();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now.duration_since(*at) < QUIET_FOR);
        told.insert(key, now).is_none()
    }
}

/// What the event's action is called, at most 128 characters.
///
/// The recorder joins events that differ in nothing but their note, and keeps the first note: reminders of two moments are
/// two actions, or the second would never be read.
fn action_of(event: &StoreEvent) -> String {
    match event.reason {
        EventReason::TrainingDue => event.note.chars().take(128).collect(),
        _ => "Reconcile".to_owned(),
    }
}
