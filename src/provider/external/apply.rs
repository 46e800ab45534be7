//! Applying steps: changes of one kind that do not lean on each other go in one request, each with its own key.
//!
//! A key is used again only for the very same change whose answer was lost: an adapter that carried it out late then
//! answers what it did, and does nothing twice. An id that an adapter gives is checked like everything it says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use serde_json::json;
use sha2::{Digest, Sha256};

use super::Link;
use super::convert::{self, ToWire};
use super::errors;
use super::wire;
use crate::model::{
    ExternalId, Kind, ObjectKey, Observed, Origin, Reason, Remote, Resource, SecretVersion, Webhook,
};
use crate::plan::{Change, Step};
use crate::provider::budget::Class;
use crate::provider::writing::{Done, Progress, WriteError, class_of, log_write};
use crate::provider::{Batch, Outcome, ProviderError, Token};

/// The most changes of one request.
const MOST_CHANGES: usize = 50;
/// The most keys of lost answers that are remembered.
const MOST_KEYS: usize = 10_000;

/// The keys of changes whose answer was lost, by what the change was.
#[derive(Default)]
pub(super) struct LostKeys(Mutex<BTreeMap<[u8; 32], String>>);

impl LostKeys {
    fn key_for(&self, fingerprint: &[u8; 32]) -> String {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(fingerprint).cloned();
        known.unwrap_or_else(|| format!("{:032x}", rand::random::<u128>()))
    }

    fn settle(&self, fingerprint: &[u8; 32], key: &str, outcome: &Outcome) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if *outcome != Outcome::Unknown {
            known.remove(fingerprint);
        } else if known.len() < MOST_KEYS {
            known.insert(*fingerprint, key.to_owned());
        }
    }
}

/// A change as it is sent.
struct Prepared {
    index: usize,
    change: wire::Change,
    fingerprint: [u8; 32],
}

/// The steps of one batch on their way.
pub(super) struct Run<'a> {
    link: &'a Link,
    batch: &'a Batch<'a>,
    progress: Progress,
    /// Every id of the reading and of this run, by kind: no new object may claim one.
    taken: BTreeSet<(Kind, ExternalId)>,
    outcomes: Vec<Outcome>,
}

impl<'a> Run<'a> {
    pub(super) fn new(link: &'a Link, batch: &'a Batch<'a>) -> Self {
        let mut taken = BTreeSet::new();
        let Observed { phone_fields, departments, agents, webhooks, .. } = batch.observed;
        note(phone_fields, &mut taken);
        note(departments, &mut taken);
        note(agents, &mut taken);
        note(webhooks, &mut taken);
        let outcomes = vec![Outcome::Unknown; batch.steps.len()];
        Self { link, batch, progress: Progress::new(batch.observed), taken, outcomes }
    }

    /// Applies all steps; one outcome for each.
    pub(super) async fn run(mut self) -> Vec<Outcome> {
        let steps = self.batch.steps;
        let mut start = 0;
        while let Some(first) = steps.get(start) {
            let alike = steps[start..].iter().take_while(|step| step.kind() == first.kind());
            let end = start + alike.take(MOST_CHANGES).count();
            self.chunk(start..end).await;
            start = end;
        }
        self.outcomes
    }

    async fn chunk(&mut self, range: Range<usize>) {
        let mut prepared = Vec::new();
        for index in range {
            match self.prepare(index) {
                Ok(change) => prepared.push(change),
                Err(outcome) => {
                    self.progress.fail(&self.batch.steps[index].object());
                    self.outcomes[index] = outcome;
                }
            }
        }
        if prepared.is_empty() {
            return;
        }
        let changes: Vec<&wire::Change> = prepared.iter().map(|one| &one.change).collect();
        let body = json!({ "changes": changes });
        let class = prepared.iter().map(|one| class_of(self.batch.steps[one.index].action())).min();
        let class = class.unwrap_or(Class::Edit);
        let answer =
            self.link.client.write::<wire::Results>(("changes.apply", "/changes"), (&body, class)).await;
        let done = match answer {
            Ok(answer) if answer.results.len() == prepared.len() => {
                prepared.iter().zip(&answer.results).map(|(one, result)| self.done(one, result)).collect()
            }
            Ok(_) => vec![Err(WriteError::Lost); prepared.len()],
            Err(error) => vec![Err(error); prepared.len()],
        };
        for (one, done) in prepared.iter().zip(done) {
            let object = self.batch.steps[one.index].object();
            log_write(("external", "changes.apply"), &object, &done);
            let outcome = self.progress.conclude(&object, done);
            self.link.lost_keys.settle(&one.fingerprint, &one.change.idempotency_key, &outcome);
            self.outcomes[one.index] = outcome;
        }
    }

    /// What an answer says of one change; lost where it makes no sense.
    fn done(&mut self, one: &Prepared, result: &wire::ChangeResult) -> Done {
        let wire::ChangeResult { idempotency_key, id, error } = result;
        if *idempotency_key != one.change.idempotency_key {
            return Err(WriteError::Lost);
        }
        if let Some(failure) = error {
            return Err(errors::of_change(failure).map_or(WriteError::Lost, WriteError::Refused));
        }
        let kind = self.batch.steps[one.index].kind();
        match (&one.change.id, id.as_deref().map(convert::id)) {
            (Some(known), Some(Ok(id))) if *known == id.as_str() => Ok(Some(id)),
            (Some(known), None) => Ok(Some(ExternalId::new(known))),
            (None, Some(Ok(id))) if self.taken.insert((kind, id.clone())) => Ok(Some(id)),
            _ => Err(WriteError::Lost),
        }
    }

    /// The change of a step, or why it is not sent.
    fn prepare(&self, index: usize) -> Result<Prepared, Outcome> {
        let step = &self.batch.steps[index];
        if let Some(missing) = self.progress.missing(step) {
            return Err(Outcome::Skipped(missing));
        }
        let mut change = match step {
            Step::License(change) => self.change(change),
            Step::PhoneField(change) => self.change(change),
            Step::Department(change) => self.change(change),
            Step::Agent(change) => self.change(change),
            Step::Membership(change) => self.change(change),
            Step::Webhook(change) => self.webhook(change),
            Step::EventRoute(change) => self.change(change),
            Step::RoutingRule(change) => self.change(change),
            Step::OpeningHours(change) => self.change(change),
        }
        .map_err(Outcome::NotApplied)?;
        let text = format!("{:?}", (change.action, change.kind, &change.id, &change.mark, &change.object));
        let fingerprint: [u8; 32] = Sha256::digest(text.as_bytes()).into();
        change.idempotency_key = self.link.lost_keys.key_for(&fingerprint);
        Ok(Prepared { index, change, fingerprint })
    }

    fn change<R: ToWire>(&self, change: &Change<R>) -> Result<wire::Change, ProviderError> {
        self.change_with(change, None)
    }

    /// A webhook's mark line also names the version of the Secret whose token it holds: both travel in one change.
    fn webhook(&self, change: &Change<Webhook>) -> Result<wire::Change, ProviderError> {
        let held = match change {
            Change::Update { from, .. } => from.value().secret.as_ref(),
            Change::Adopt { from, .. } => from.value.secret.as_ref(),
            Change::Create { .. } | Change::Release { .. } | Change::Delete { .. } => None,
        };
        let wanted = change.target().and_then(|to| to.secret.as_ref());
        let token = match wanted {
            Some(wanted) if held != Some(wanted) => Some(self.token_for(&change.object())?),
            Some(_) | None => None,
        };
        let mut sent = self.change_with(change, token.map(Token::version).or(held))?;
        sent.token = token.map(|token| token.expose().to_owned());
        Ok(sent)
    }

    fn token_for(&self, object: &ObjectKey) -> Result<&Token, ProviderError> {
        let mut tokens = self.batch.tokens.iter();
        let found = tokens.find(|(key, _)| key.as_str().eq_ignore_ascii_case(&object.name));
        let field = Some("tokenSecretRef".to_owned());
        found.map(|(_, token)| token).ok_or(ProviderError::Rejected { reason: Reason::SecretInvalid, field })
    }

    fn change_with<R: ToWire>(
        &self,
        change: &Change<R>,
        secret: Option<&SecretVersion>,
    ) -> Result<wire::Change, ProviderError> {
        let resolve = |kind: Kind, key: &str| {
            let id = self.progress.id(&ObjectKey::new(kind, key));
            id.map(|id| id.as_str().to_owned()).ok_or(ProviderError::Gone)
        };
        let mark = |key: &dyn fmt::Display, origin| {
            // Places carry no mark: they are ours when both ends are.
            let line = self.batch.stamp.line(&ObjectKey::new(R::KIND, key), origin, secret);
            (R::KIND != Kind::Membership).then_some(line)
        };
        let (action, id, mark, object) = match change {
            Change::Create { key, value } => ("Create", None, mark(key, Origin::Created), Some(value)),
            Change::Adopt { key, from, to, .. } => {
                ("Update", Some(&from.id), mark(key, Origin::Adopted), Some(to))
            }
            Change::Update { key, from, to, .. } => {
                ("Update", Some(from.id()), mark(key, from.origin()), Some(to))
            }
            Change::Release { from } => ("Update", Some(from.id()), Some(String::new()), Some(from.value())),
            Change::Delete { from } => ("Delete", Some(from.id()), None, None),
        };
        Ok(wire::Change {
            idempotency_key: String::new(),
            action,
            kind: word_of(R::KIND),
            id: id.map(|id| id.as_str().to_owned()),
            mark,
            object: object.map(|value| value.to_wire(&resolve)).transpose()?,
            token: None,
        })
    }
}

fn note<R: Resource>(remotes: &[Remote<R>], taken: &mut BTreeSet<(Kind, ExternalId)>) {
    taken.extend(remotes.iter().map(|remote| (R::KIND, remote.id.clone())));
}

fn word_of(kind: Kind) -> &'static str {
    match kind {
        Kind::License => "License",
        Kind::PhoneField => "PhoneField",
        Kind::Department => "Department",
        Kind::Agent => "Agent",
        Kind::Membership => "Membership",
        Kind::Webhook => "Webhook",
        Kind::EventRoute => "EventRoute",
        Kind::RoutingRule => "RoutingRule",
        Kind::OpeningHours => "OpeningHours",
    }
}
