//! From steps to calls, in the order of the steps.
//!
//! Ids of objects made earlier in the batch are found by key; a step that leans on one that was not applied is skipped.
//! What we wrote is laid over the snapshot at once. Steps that one call carries out together (an agent and its places)
//! are folded into the first of them. It must not decide: every step was planned.

mod agent;
mod department;
mod place;
mod route;
mod send;
mod webhook;

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::client::{Call, Line};
use super::convert;
use super::errors::rejected;
use super::view::{AccountView, Written};
use super::wire::{self, Id};
use super::{Api, Shared};
use crate::model::{Agent, License, ObjectKey, Observed, Owner, Reason, Remote, Resource, Webhook};
use crate::plan::{Change, Step};
use crate::provider::http::{Method, encode};
use crate::provider::writing::{Done, Progress, Purpose, WriteError, class_of};
use crate::provider::{Batch, Outcome, ProviderError};

/// Applies one batch.
pub(super) struct Applier<'a> {
    shared: &'a Shared,
    batch: &'a Batch<'a>,
    progress: Progress,
    /// What is known of our agents, by key: a write of an agent is whole.
    people: BTreeMap<String, Agent>,
    /// The webhook bindings as they are or will be, by key.
    bindings: BTreeMap<String, Webhook>,
    /// Subscriptions that a replacement found to be there already: they are not taken away in this batch.
    kept: BTreeSet<Id>,
}

fn own<R: Resource>(remotes: &[Remote<R>]) -> impl Iterator<Item = (&str, &Remote<R>)> {
    remotes.iter().filter_map(|remote| match &remote.owner {
        Owner::Us { key, .. } => Some((key.as_str(), remote)),
        _ => None,
    })
}

impl<'a> Applier<'a> {
    pub(super) fn new(shared: &'a Shared, batch: &'a Batch<'a>) -> Self {
        let Observed { agents, webhooks, .. } = batch.observed;
        let progress = Progress::new(batch.observed);
        let people = own(agents).map(|(key, one)| (key.to_owned(), one.value.clone())).collect();
        let bindings = own(webhooks).map(|(key, one)| (key.to_owned(), one.value.clone())).collect();
        Self { shared, batch, progress, people, bindings, kept: BTreeSet::new() }
    }

    /// Applies all steps; answers one outcome each.
    pub(super) async fn run(mut self) -> Vec<Outcome> {
        let steps = self.batch.steps;
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(steps.len());
        for step in steps {
            let outcome = self.apply(step).await;
            let stop = stops_everything(&outcome);
            outcomes.push(outcome);
            if let Some(error) = stop {
                // Whatever comes next would wait as long or be refused the same way.
                outcomes.resize(steps.len(), Outcome::NotApplied(error));
                break;
            }
        }
        outcomes
    }

    async fn apply(&mut self, step: &Step) -> Outcome {
        let object = step.object();
        if let Some(missing) = self.missing_dependency(step) {
            self.progress.fail(&object);
            return Outcome::Skipped(missing);
        }
        let done = match step {
            Step::License(change) => return self.license(change).await,
            Step::Department(change) => self.department(change).await,
            Step::Agent(change) => self.agent(change).await,
            Step::Membership(change) => self.membership(change).await,
            Step::Webhook(change) => self.webhook(change).await,
            Step::EventRoute(change) => self.route(change).await,
            Step::PhoneField(_) | Step::RoutingRule(_) | Step::OpeningHours(_) => {
                Err(WriteError::Refused(rejected(Reason::UnsupportedByProvider, None)))
            }
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

    /// The first object that the step leans on and that is not there.
    fn missing_dependency(&self, step: &Step) -> Option<ObjectKey> {
        self.progress.missing(step).or_else(|| self.missing_route(step))
    }

    /// A new binding is there with the first of its subscriptions: without any in the batch, nothing would be done.
    fn missing_route(&self, step: &Step) -> Option<ObjectKey> {
        let Step::Webhook(Change::Create { key, .. }) = step else { return None };
        let is_of = |step: &Step| match step {
            Step::EventRoute(change) => change.target().is_some_and(|to| to.webhook.key() == Some(key)),
            _ => false,
        };
        let is_empty = !self.batch.steps.iter().any(is_of);
        is_empty.then(|| ObjectKey::new(crate::model::Kind::EventRoute, key))
    }

    /// The quantity is written and never shown: one idempotent write, applied as far as can be known.
    async fn license(&mut self, change: &Change<License>) -> Outcome {
        let Some(quantity) = change.target().and_then(|license| license.quantity) else {
            return Outcome::AppliedUnverified;
        };
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        let path = self.shared.place.path(&format!("accounts/{}", encode(&self.shared.place.account_id)));
        let body = json!({ "license_quantity": quantity });
        let call = Call::write((Line::Chat, Method::Put), "accounts.update", path, Some(body));
        match self.shared.client.write(call, purpose).await {
            Ok(_) => Outcome::AppliedUnverified,
            Err(error) => self.conclude(&object, Err(error)),
        }
    }

    /// Sends a write whose answer holds the object it wrote.
    async fn send_for<T: DeserializeOwned>(
        &self,
        call: Call,
        purpose: Purpose<'_>,
        name: &'static str,
    ) -> Result<T, WriteError> {
        let reply = self.shared.client.write(call, purpose).await?;
        // The write was accepted: an answer that cannot be read is a lost answer, not a refusal.
        let body: Value = reply.json().map_err(|_| WriteError::Lost)?;
        wire::object(body, name).map_err(|_| WriteError::Lost)
    }

    /// Lays a write over the snapshot.
    fn record(&self, written: Written) {
        self.shared.snapshot.record(written);
    }

    /// Looks something up in the present reading.
    fn look<T>(&self, look: impl FnOnce(&AccountView) -> Option<T>) -> Option<T> {
        self.shared.snapshot.look(|_, view| look(view)).flatten()
    }

    fn api(&self) -> Api {
        self.shared.place.api
    }

    /// The account's id as a write names it.
    fn account_id(&self) -> Value {
        convert::written_id(&self.shared.place.account_id)
    }
}

/// Checks that the answer echoes what was sent: `held` pairs a field's name with whether it does.
fn verify(held: &[(&'static str, bool)]) -> Result<(), WriteError> {
    match held.iter().find(|(_, held)| !held) {
        None => Ok(()),
        Some((field, _)) => Err(WriteError::Refused(rejected(Reason::FieldIgnored, Some(field)))),
    }
}

/// The error that every further step would meet too.
fn stops_everything(outcome: &Outcome) -> Option<ProviderError> {
    match outcome {
        Outcome::NotApplied(
            error
            @ (ProviderError::Throttled { .. } | ProviderError::Unavailable | ProviderError::NotLeading),
        ) => Some(error.clone()),
        _ => None,
    }
}
