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

use super::client::{Call, Line, Purpose, WriteError};
use super::convert;
use super::errors::rejected;
use super::view::{AccountView, Written};
use super::wire::{self, Id};
use super::{Api, Shared};
use crate::model::{
    Agent, ExternalId, License, ObjectKey, Observed, Origin, Owner, Reason, Remote, Resource, Webhook,
};
use crate::plan::{Action, Change, Step};
use crate::provider::budget::Class;
use crate::provider::http::{Method, encode};
use crate::provider::{Batch, Outcome, ProviderError};

/// The result of one step: the object's id where it has one.
type Done = Result<Option<ExternalId>, WriteError>;

/// Applies one batch.
pub(super) struct Applier<'a> {
    shared: &'a Shared,
    batch: &'a Batch<'a>,
    /// Ids by kind and key in lower case.
    ids: BTreeMap<ObjectKey, ExternalId>,
    /// What was not applied, by its folded key.
    failed: BTreeSet<ObjectKey>,
    /// What is known of our agents, by key: a write of an agent is whole.
    people: BTreeMap<String, Agent>,
    /// The webhook bindings as they are or will be, by key.
    bindings: BTreeMap<String, Webhook>,
    /// Subscriptions that a replacement found to be there already: they are not taken away in this batch.
    kept: BTreeSet<Id>,
}

/// A key whose text is in lower case, as marks are.
fn folded(object: &ObjectKey) -> ObjectKey {
    ObjectKey { kind: object.kind, name: object.name.to_lowercase() }
}

fn own<R: Resource>(remotes: &[Remote<R>]) -> impl Iterator<Item = (&str, &Remote<R>)> {
    remotes.iter().filter_map(|remote| match &remote.owner {
        Owner::Us { key, .. } => Some((key.as_str(), remote)),
        _ => None,
    })
}

impl<'a> Applier<'a> {
    pub(super) fn new(shared: &'a Shared, batch: &'a Batch<'a>) -> Self {
        let Observed { departments, agents, webhooks, .. } = batch.observed;
        let mut ids = BTreeMap::new();
        ids.extend(own(departments).map(|(key, one)| (ObjectKey::new(one_kind(one), key), one.id.clone())));
        ids.extend(own(agents).map(|(key, one)| (ObjectKey::new(one_kind(one), key), one.id.clone())));
        ids.extend(own(webhooks).map(|(key, one)| (ObjectKey::new(one_kind(one), key), one.id.clone())));
        let people = own(agents).map(|(key, one)| (key.to_owned(), one.value.clone())).collect();
        let bindings = own(webhooks).map(|(key, one)| (key.to_owned(), one.value.clone())).collect();
        Self { shared, batch, ids, failed: BTreeSet::new(), people, bindings, kept: BTreeSet::new() }
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
            self.failed.insert(folded(&object));
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

    /// Turns a result into an outcome, and remembers what later steps need to know.
    fn conclude(&mut self, object: &ObjectKey, done: Done) -> Outcome {
        match done {
            Ok(id) => {
                if let Some(id) = &id {
                    self.ids.insert(folded(object), id.clone());
                }
                Outcome::Applied(id)
            }
            Err(error) => {
                self.failed.insert(folded(object));
                match error {
                    WriteError::Refused(error) => Outcome::NotApplied(error),
                    WriteError::Lost => {
                        self.shared.snapshot.record_unknown(&self.batch.stamp.store);
                        Outcome::Unknown
                    }
                }
            }
        }
    }

    /// The first object that the step leans on and that is not there.
    fn missing_dependency(&self, step: &Step) -> Option<ObjectKey> {
        step.leans_on().into_iter().find(|object| {
            let key = folded(object);
            self.failed.contains(&key) || !self.ids.contains_key(&key)
        })
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

fn one_kind<R: Resource>(_: &Remote<R>) -> crate::model::Kind {
    R::KIND
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

/// How urgent a change is.
fn class_of(action: Action) -> Class {
    match action {
        Action::Delete | Action::Release => Class::Removal,
        Action::Adopt | Action::Update => Class::Edit,
        Action::Create => Class::Creation,
    }
}

/// The parts of a change that writers of existing objects need alike.
struct Edit<'c, R: Resource> {
    /// The object's id.
    id: &'c ExternalId,
    /// What is there.
    from: &'c R,
    /// What it shall be.
    to: &'c R,
    /// How it is ours (or becomes ours).
    origin: Origin,
}

/// A change as an edit of an existing object; `None` for the others.
fn edit<R: Resource>(change: &Change<R>) -> Option<Edit<'_, R>> {
    match change {
        Change::Adopt { from, to, .. } => {
            Some(Edit { id: &from.id, from: &from.value, to, origin: Origin::Adopted })
        }
        Change::Update { from, to, .. } => {
            Some(Edit { id: from.id(), from: from.value(), to, origin: from.origin() })
        }
        Change::Create { .. } | Change::Release { .. } | Change::Delete { .. } => None,
    }
}

fn gone() -> WriteError {
    WriteError::Refused(ProviderError::Gone)
}
