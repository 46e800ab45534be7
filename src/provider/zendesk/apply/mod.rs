//! From steps to calls, in the order of the steps.
//!
//! Ids of objects made earlier in the batch are found by key; a step that leans on one that was not applied is
//! skipped. What we wrote is laid over the snapshot at once. It must not decide: every step was planned.

mod agent;
mod department;
mod field;
mod job;
mod membership;
mod open_jobs;
mod schedule;
mod trigger;
mod user_edit;
mod user_job;
mod webhook;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub(super) use job::JobDefaults;
pub(super) use open_jobs::OpenJobs;
pub(super) use user_job::UserJobs;

use super::Shared;
use super::client::Call;
use super::convert;
use super::errors;
use super::view::{AccountView, Written};
use super::wire::Id;
use crate::model::{Mark, ObjectKey, Origin, Reason, SecretVersion};
use crate::plan::Step;
use crate::provider::http::Reply;
use crate::provider::writing::{Done, Progress, Purpose, WriteError, gone};
use crate::provider::{Batch, Outcome, ProviderError};

/// Applies one batch.
pub(super) struct Applier<'a> {
    shared: &'a Shared,
    batch: &'a Batch<'a>,
    progress: Progress,
    /// Why no membership is made in this batch: a job that may make it has not ended.
    waits_for_job: Option<ProviderError>,
}

impl<'a> Applier<'a> {
    pub(super) fn new(shared: &'a Shared, batch: &'a Batch<'a>) -> Self {
        let progress = Progress::new(batch.observed);
        Self { shared, batch, progress, waits_for_job: None }
    }

    /// Applies all steps; answers one outcome each.
    pub(super) async fn run(mut self) -> Vec<Outcome> {
        self.look_at_open_jobs().await;
        let steps = self.batch.steps;
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(steps.len());
        while outcomes.len() < steps.len() {
            let rest = &steps[outcomes.len()..];
            let made = rest.iter().take_while(membership::is_create).count();
            let edited = rest.iter().take_while(user_job::is_edit).count();
            let done = if made > 1 {
                self.create_memberships(&rest[..made]).await
            } else if edited > 1 {
                self.edit_users(&rest[..edited]).await
            } else {
                vec![self.apply(&rest[0]).await]
            };
            let stopped = done.iter().find_map(stops_everything);
            outcomes.extend(done);
            if let Some(error) = stopped {
                // Whatever comes next would wait as long or be refused the same way.
                outcomes.resize(steps.len(), Outcome::NotApplied(error));
            }
        }
        outcomes
    }

    async fn apply(&mut self, step: &Step) -> Outcome {
        let object = step.object();
        if let Some(missing) = self.progress.missing(step) {
            self.progress.fail(&object);
            return Outcome::Skipped(missing);
        }
        let done = match step {
            Step::PhoneField(change) => self.field(change).await,
            Step::Department(change) => self.department(change).await,
            Step::Agent(change) => self.agent(change).await,
            Step::Membership(change) => self.membership(change).await,
            Step::Webhook(change) => self.webhook(change).await,
            Step::EventRoute(change) => self.route(change).await,
            Step::RoutingRule(change) => self.routing(change).await,
            Step::OpeningHours(change) => self.schedule(change).await,
            Step::License(_) => Err(WriteError::Refused(ProviderError::Rejected {
                reason: Reason::UnsupportedByProvider,
                field: None,
            })),
        };
        self.conclude(&object, done)
    }

    /// Turns a result into an outcome; after a lost answer, and where somebody was faster, only a later reading counts.
    fn conclude(&mut self, object: &ObjectKey, done: Done) -> Outcome {
        let outcome = self.progress.conclude(object, done);
        if outcome.outdates_the_reading() {
            self.shared.snapshot.record_unknown(&self.batch.stamp.store);
        }
        outcome
    }

    /// The id of an object of the store, as one of Zendesk's numbers.
    fn number_of(&self, object: &ObjectKey) -> Result<Id, WriteError> {
        let id = self.progress.id(object).and_then(convert::number);
        id.ok_or_else(gone)
    }

    /// Sends a write and answers its reply.
    async fn send(&mut self, call: Call, purpose: Purpose<'_>) -> Result<Reply, WriteError> {
        self.shared.client.write(&call, purpose).await
    }

    /// Sends a write whose answer holds the object it wrote.
    async fn send_for<T: DeserializeOwned>(
        &mut self,
        call: Call,
        purpose: Purpose<'_>,
        name: &'static str,
    ) -> Result<Echo<T>, WriteError> {
        let reply = self.send(call, purpose).await?;
        let ignored = errors::ignored_fields(&reply);
        // The write was accepted: an answer that cannot be read is a lost answer, not a refusal.
        let mut body: serde_json::Map<String, Value> = reply.json().map_err(|_| WriteError::Lost)?;
        let object = body.remove(name).ok_or(WriteError::Lost)?;
        let object = serde_json::from_value(object).map_err(|_| WriteError::Lost)?;
        Ok(Echo { object, ignored })
    }

    /// Removes an object; one that is gone already counts as removed.
    async fn remove(&mut self, call: Call, purpose: Purpose<'_>) -> Result<(), WriteError> {
        match self.send(call, purpose).await {
            Ok(_) | Err(WriteError::Refused(ProviderError::Gone)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lays a write over the snapshot.
    fn record(&self, written: Written) {
        self.shared.snapshot.record(written);
    }

    /// Looks something up in the present reading.
    fn look<T>(&self, look: impl FnOnce(&AccountView) -> Option<T>) -> Option<T> {
        self.shared.snapshot.look(|_, view| look(view)).flatten()
    }

    /// The mark line of an object's description.
    fn line(&self, object: &ObjectKey, origin: Origin, secret: Option<&SecretVersion>) -> String {
        self.batch.stamp.line(object, origin, secret)
    }

    /// A description that keeps what people wrote in `present` and ends with the mark line.
    fn marked(&self, present: &str, line: &str) -> String {
        self.batch.stamp.describe(Mark::strip(present), line)
    }
}

/// An object as the vendor answered it.
struct Echo<T> {
    object: T,
    /// Fields that the vendor says it dropped.
    ignored: Vec<&'static str>,
}

impl<T> Echo<T> {
    /// Checks that the answer echoes what was sent: `held` pairs a field's name with whether it does.
    fn verify(&self, held: &[(&'static str, bool)]) -> Result<(), WriteError> {
        let dropped = held.iter().find(|(_, held)| !held).map(|(field, _)| *field);
        match dropped.or_else(|| self.ignored.first().copied()) {
            None => Ok(()),
            Some(field) => Err(WriteError::Refused(ProviderError::Rejected {
                reason: Reason::FieldIgnored,
                field: Some(field.to_owned()),
            })),
        }
    }
}

/// The error that every further step would meet too.
fn stops_everything(outcome: &Outcome) -> Option<ProviderError> {
    match outcome {
        Outcome::NotApplied(
            error @ (ProviderError::Throttled { .. }
            | ProviderError::Unavailable
            | ProviderError::Unauthorized
            | ProviderError::NotLeading),
        ) => Some(error.clone()),
        _ => None,
    }
}
