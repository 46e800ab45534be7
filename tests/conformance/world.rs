//! A helpdesk with one store: rounds of observe, plan and apply until nothing is left to do, and the invariants that
//! hold whenever a case ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use human_support_operator::controller::claims;
use human_support_operator::model::*;
use human_support_operator::plan::{Action, Held, Plan, Step, plan};
use human_support_operator::provider::{Batch, Outcome, ProviderError, Scope, Token};

use crate::fixture::{Fixture, Thing};
use crate::policies::nothing_waits;
use crate::store;

/// More rounds than any case needs; a plan that is never empty ends the test.
const MOST_ROUNDS: usize = 20;

pub(crate) struct World {
    pub(crate) fixture: Box<dyn Fixture>,
    /// What a status says of objects that can carry no mark.
    claims: Mutex<Claims>,
    /// What a status says of the licenses that were applied last.
    licenses: Mutex<Option<u32>>,
    bystanders: Vec<Thing>,
}

pub(crate) fn stamp() -> Stamp {
    Stamp {
        installation: Installation::parse("0f3c5a1e-1111-2222-3333-444455556666").unwrap(),
        former_installations: BTreeSet::new(),
        store: StoreId::new("store-loja-centro", "loja-centro"),
        fence: Fence::parse("0123456789abcdef").unwrap(),
        take_over_from: BTreeSet::new(),
        bearer: Some(ObjectKey::new(Kind::Department, "sales")),
    }
}

impl World {
    /// An account in which people already made things of their own.
    pub(crate) async fn start(fixture: impl Fixture + 'static) -> Self {
        for foreign in store::bystanders() {
            fixture.plant(&foreign).await;
        }
        let mut bystanders = fixture.things();
        // The one license quantity of an account is nobody's until a store declares it.
        bystanders.retain(|thing| thing.kind != Kind::License);
        Self { fixture: Box::new(fixture), claims: Mutex::default(), licenses: Mutex::default(), bystanders }
    }

    pub(crate) fn capabilities(&self) -> &Capabilities {
        self.fixture.provider().capabilities()
    }

    /// Whether objects of this kind are made by us here.
    pub(crate) fn makes(&self, kind: Kind) -> bool {
        matches!(
            self.capabilities().of(kind),
            Support::Managed | Support::NoRemoval | Support::CreateAndUpdate | Support::WriteOnly
        )
    }

    /// Whether the helpdesk lets us end somebody's access.
    pub(crate) fn ends_access(&self) -> bool {
        matches!(self.capabilities().of(Kind::Agent), Support::Managed | Support::NoRemoval)
    }

    pub(crate) fn normalized(&self, desired: Desired) -> Desired {
        self.fixture.provider().normalize(desired)
    }

    /// A policy under which nothing waits for anybody.
    pub(crate) fn policy(&self) -> Policy {
        nothing_waits(self.capabilities())
    }

    pub(crate) async fn observe(&self, desired: &Desired) -> Result<Observed, ProviderError> {
        self.observe_under(desired, &self.policy()).await
    }

    /// A reading in which what a person named for adoption is part of the answer.
    async fn observe_under(&self, desired: &Desired, policy: &Policy) -> Result<Observed, ProviderError> {
        let (stamp, named) = (stamp(), policy.adopt.clone());
        let claims = self.claims.lock().unwrap().clone();
        let not_before = Instant::now();
        let applied_licenses = *self.licenses.lock().unwrap();
        let (stamp, claims, named) = (&stamp, &claims, &named);
        let scope = Scope { stamp, desired, claims, applied_licenses, named, not_before };
        Ok(self.fixture.provider().observe(&scope).await?.observed)
    }

    async fn apply(&self, plan: &Plan, observed: &Observed) -> Vec<Outcome> {
        let known = self.claims.lock().unwrap().clone();
        if let Some(next) = claims::before(&known, plan, self.capabilities()) {
            *self.claims.lock().unwrap() = next;
        }
        let asks_second = |step: &Step| match step {
            Step::Webhook(change) => {
                change.target().is_some_and(|to| to.secret == Some(SecretVersion::new("uid/2")))
            }
            _ => false,
        };
        let number = if plan.steps.iter().any(asks_second) { 2 } else { 1 };
        let token = Token::new(format!("token number {number}"), SecretVersion::new(format!("uid/{number}")));
        let tokens = BTreeMap::from([(WebhookKey::new("handler"), token)]);
        let batch = Batch { stamp: &stamp(), steps: &plan.steps, observed, tokens: &tokens };
        let outcomes = self.fixture.provider().apply(&batch).await;
        assert_eq!(outcomes.len(), plan.steps.len(), "one outcome for each step");
        for (step, outcome) in plan.steps.iter().zip(&outcomes) {
            if let (Step::License(change), Outcome::AppliedUnverified) = (step, outcome) {
                *self.licenses.lock().unwrap() = change.target().and_then(|license| license.quantity);
            }
        }
        claims::after(&mut self.claims.lock().unwrap(), plan.steps.iter().zip(&outcomes));
        outcomes
    }

    /// One round; its plan.
    pub(crate) async fn round(&self, desired: &Desired, policy: &Policy) -> Plan {
        let observed = self.observe_under(desired, policy).await.unwrap();
        let plan = plan(desired, &observed, policy);
        self.apply(&plan, &observed).await;
        plan
    }

    /// Rounds until one in which nothing could be done any more; what is held then.
    pub(crate) async fn exhaust(&self, desired: &Desired, policy: &Policy) -> Vec<Held> {
        let is_without_effect =
            |outcome: &Outcome| matches!(outcome, Outcome::NotApplied(_) | Outcome::Skipped(_));
        for _ in 0..MOST_ROUNDS {
            let observed = self.observe_under(desired, policy).await.unwrap();
            let plan = plan(desired, &observed, policy);
            let outcomes = self.apply(&plan, &observed).await;
            if outcomes.iter().all(is_without_effect) {
                self.assert_bystanders_untouched();
                return plan.held;
            }
            tokio::time::sleep(self.fixture.settle_window()).await;
        }
        panic!("{MOST_ROUNDS} rounds and not done: {:#?}", self.round(desired, policy).await);
    }

    /// A round in which the answer to the first create of this kind is lost; whether there was one.
    pub(crate) async fn round_with_lost_answer(&self, desired: &Desired, kind: Kind) -> bool {
        let observed = self.observe(desired).await.unwrap();
        let plan = plan(desired, &observed, &self.policy());
        let creates = |step: &&Step| step.kind() == kind && step.action() == Action::Create;
        if plan.steps.iter().find(creates).is_none() {
            return false;
        }
        self.fixture.lose_answer(kind, &plan.steps).await;
        let outcomes = self.apply(&plan, &observed).await;
        outcomes.contains(&Outcome::Unknown)
    }

    /// Rounds until nothing is left to do; then everything holds that must hold at rest. The objects of every plan.
    pub(crate) async fn settle(&self, desired: &Desired, policy: &Policy) -> Vec<(Action, ObjectKey)> {
        let mut done = Vec::new();
        let mut last = String::new();
        for _ in 0..MOST_ROUNDS {
            match self.observe_under(desired, policy).await {
                Ok(observed) => {
                    let plan = plan(desired, &observed, policy);
                    if self.is_done(&plan) {
                        self.assert_at_rest(desired, policy).await;
                        return done;
                    }
                    let outcomes = self.apply(&plan, &observed).await;
                    last = format!("{plan:#?}\n{outcomes:#?}");
                    done.extend(plan.steps.iter().map(|step| (step.action(), step.object())));
                }
                Err(ProviderError::Unsettled { retry_after }) => tokio::time::sleep(retry_after).await,
                Err(ProviderError::Unavailable) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(error) => panic!("no reading: {error:?}"),
            }
        }
        panic!("{MOST_ROUNDS} rounds and not done; the last: {last}");
    }

    /// Whether nothing is left but what only people can do in this helpdesk.
    fn is_done(&self, plan: &Plan) -> bool {
        let is_for_people = |held: &Held| {
            held.reason == Reason::ManualActionRequired && !self.may(held.step.kind(), held.step.action())
        };
        plan.steps.is_empty() && plan.held.iter().all(is_for_people)
    }

    /// Whether the helpdesk declares that it can do this.
    fn may(&self, kind: Kind, action: Action) -> bool {
        match self.capabilities().of(kind) {
            Support::Managed => true,
            Support::NoRemoval => action != Action::Delete,
            Support::CreateAndUpdate => matches!(action, Action::Create | Action::Adopt),
            Support::WriteOnly => matches!(action, Action::Create | Action::Update),
            Support::CompareOnly | Support::BudgetOnly | Support::None => false,
        }
    }

    /// Later than any list may lag, a plan is empty and nothing is written; strangers' things are as they were; nothing
    /// is there twice.
    async fn assert_at_rest(&self, desired: &Desired, policy: &Policy) {
        tokio::time::sleep(self.fixture.settle_window()).await;
        let writes = self.fixture.writes();
        let last = self.round(desired, policy).await;
        assert!(self.is_done(&last), "{last:#?}");
        assert_eq!(self.fixture.writes(), writes, "an empty plan writes nothing");
        self.assert_bystanders_untouched();
        self.assert_nothing_twice();
    }

    pub(crate) fn assert_bystanders_untouched(&self) {
        let now = self.fixture.things();
        for before in &self.bystanders {
            assert!(now.contains(before), "a stranger's {before:#?} became {:#?}", self.thing(&before.id));
        }
    }

    fn assert_nothing_twice(&self) {
        let mut marks: BTreeMap<String, usize> = BTreeMap::new();
        for thing in self.ours() {
            if thing.live {
                let line = thing.mark.lines().next_back().unwrap_or_default();
                // What is claimed carries no mark: there the helpdesk's own rule keeps addresses from being there twice.
                let name = line.split(' ').next().filter(|mark| !mark.is_empty());
                *marks.entry(name.unwrap_or(thing.id.as_str()).to_owned()).or_default() += 1;
            }
        }
        let twice: Vec<_> = marks.into_iter().filter(|(_, count)| *count > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    pub(crate) fn thing(&self, id: &ExternalId) -> Option<Thing> {
        self.fixture.things().into_iter().find(|thing| thing.id == *id)
    }

    /// What carries this store's mark, or is claimed by it.
    pub(crate) fn ours(&self) -> Vec<Thing> {
        let claims = self.claims.lock().unwrap();
        let is_ours = |thing: &Thing| {
            let mark = Mark::parse(&thing.mark);
            mark.is_some_and(|mark| mark.store == stamp().store && mark.kind == thing.kind)
                || claims
                    .iter()
                    .any(|(object, claim)| object.kind == thing.kind && claim.id.as_ref() == Some(&thing.id))
        };
        self.fixture.things().into_iter().filter(is_ours).collect()
    }

    /// What of ours has an effect, of one kind.
    pub(crate) fn live(&self, kind: Kind) -> Vec<Thing> {
        self.ours().into_iter().filter(|thing| thing.kind == kind && thing.live).collect()
    }

    /// The text of everything of one kind, to see that something changed.
    pub(crate) fn texts(&self, kind: Kind) -> Vec<String> {
        let things = self.fixture.things().into_iter().filter(|thing| thing.kind == kind);
        things.map(|thing| thing.text).collect()
    }
}
