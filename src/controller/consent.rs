//! What a store's resource allows during one round, and what was recorded in it on the way: policy, approval, claims.
//!
//! Exists so that the work on a side asks one value before it writes. It must not write to a helpdesk.

use std::sync::{Mutex, MutexGuard, PoisonError};

use kube::Api;

use super::approval::Approval;
use super::policy::{self, Affairs};
use super::round::{Blocked, Stance};
use super::side::Prepared;
use super::store::StoreResource;
use super::work::{Approved, Consent, Known, StillCurrent, WriteConsent};
use super::{context::Context, publish};
use crate::api::config_status::HumanSupportConfigStatus;
use crate::api::{self, HumanSupportConfig};
use crate::model::{Absence, Claims, History, Policy};
use crate::plan::Plan;

/// What the store's resource allows during one round.
pub struct StoreConsent<'a> {
    /// The resource.
    pub store: StoreResource<'a>,
    /// What every round shares.
    pub context: &'a Context,
    /// What is known before the helpdesk is asked.
    pub prepared: &'a Prepared,
    /// Whether a round with the account was recorded before.
    pub history: History,
    /// What was written down during the round.
    pub ledger: Mutex<Ledger>,
}

/// What was written down during one round.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// What a person approved and the status records.
    approved: Option<Approval>,
    /// What a person approved in this round and the status does not record yet: it counts only for this round.
    given: Option<Approval>,
    /// The status that was recorded last, or at least sent.
    recorded: Option<HumanSupportConfigStatus>,
}

impl Ledger {
    /// The ledger at the start of a round: the approval that is remembered, else the one that the status records, where
    /// it still stands.
    pub fn open(store: StoreResource<'_>, remembered: Option<&Approval>) -> Self {
        let recorded = || store.status().approval.as_ref().map(Approval::read);
        let standing = |approval: &Approval| approval.stands_at(store.generation());
        let approved = remembered.cloned().filter(standing).or_else(|| recorded().filter(standing));
        Self { approved, ..Self::default() }
    }
}

/// What a round left behind in the status before it ended, whatever it came to.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// The status that was recorded on the way; `None`: none was.
    pub recorded: Option<HumanSupportConfigStatus>,
    /// The status that the report goes on from, with all that was learned on the way; `None`: as it was.
    pub learned: Option<HumanSupportConfigStatus>,
}

impl StoreConsent<'_> {
    /// Ends the round: what it leaves in the status, and the approval that goes on. `rest` is the plan that is left.
    pub fn close(self, known: &Known, rest: Option<&Plan>) -> (Trail, Option<Approval>) {
        let ledger = self.ledger.into_inner().unwrap_or_else(PoisonError::into_inner);
        let approved = ledger.approved.filter(|approval| !rest.is_some_and(|plan| approval.is_over(plan)));
        let account = &self.prepared.resolved.side.account;
        let mut learned = ledger.recorded.clone().unwrap_or_else(|| self.store.status());
        learned.claims = self.store.list_claims(account, &known.claims);
        learned.approval = approved.as_ref().map(Approval::listed);
        for binding in learned.bindings.iter_mut().filter(|binding| binding.account == *account) {
            binding.applied_licenses = known.applied_licenses.map(i64::from);
        }
        let learned = (self.store.status() != learned).then_some(learned);
        (Trail { recorded: ledger.recorded, learned }, approved)
    }

    /// The status that has to be recorded before the next call; `None` where it would say nothing new.
    fn to_record(&self, claims: Option<&Claims>) -> Option<HumanSupportConfigStatus> {
        let mut ledger = self.ledger();
        if claims.is_none() && ledger.given.is_none() {
            return None;
        }
        let mut status = ledger.recorded.clone().unwrap_or_else(|| self.store.status());
        if let Some(claims) = claims {
            status.claims = self.store.list_claims(&self.prepared.resolved.side.account, claims);
        }
        if let Some(given) = &ledger.given {
            status.approval = Some(given.listed());
        }
        // Kept also where the write fails: it may have had its effect.
        ledger.recorded = Some(status.clone());
        Some(status)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Consent for StoreConsent<'_> {
    fn policy(&self, absence: Absence) -> Policy {
        let affairs = Affairs {
            lifecycle: self.prepared.lifecycle,
            history: self.history,
            was_in_sync: self.store.was_in_sync(),
            absence,
            capabilities: self.prepared.resolved.helpdesk.provider.capabilities(),
            blocked: self.prepared.blocked.clone(),
            expired: self.prepared.declaration.expired.clone(),
            approved: None,
        };
        policy::policy_of(&self.store.config.spec, &self.prepared.resolved.account, affairs)
    }

    fn approves(&self, plan: &Plan) -> Approved {
        let mut ledger = self.ledger();
        if ledger.given.iter().chain(&ledger.approved).any(|approval| approval.covers(plan)) {
            return Approved::Yes;
        }
        if self.store.annotation(api::annotations::APPROVE_PLAN) == Some(plan.digest().as_str()) {
            ledger.given = Some(Approval::of(self.store.generation(), plan));
            return Approved::Yes;
        }
        Approved::No
    }

    fn may_write(&self) -> WriteConsent {
        match self.prepared.stance {
            Stance::Watching => WriteConsent::Withheld,
            Stance::Enforcing | Stance::Retiring => WriteConsent::Granted,
        }
    }

    async fn record(&self, claims: Option<&Claims>) -> Result<(), Blocked> {
        let Some(status) = self.to_record(claims) else { return Ok(()) };
        publish::record(self.context, self.store, &status).await?;
        let mut ledger = self.ledger();
        ledger.approved = ledger.given.take().or_else(|| ledger.approved.take());
        Ok(())
    }

    async fn still_current(&self) -> StillCurrent {
        let live = read_again(self.context, self.store).await;
        let same = live.is_some_and(|live| StoreResource::new(&live).generation() == self.store.generation());
        if same { StillCurrent::Yes } else { StillCurrent::No }
    }
}

/// The resource as the API server has it now; `None` when it is gone, was made again, or its deletion has begun since.
pub(super) async fn read_again(context: &Context, store: StoreResource<'_>) -> Option<HumanSupportConfig> {
    let configs: Api<HumanSupportConfig> = Api::namespaced(context.client.clone(), store.namespace());
    let live = configs.get_opt(store.name()).await.ok().flatten()?;
    let again = StoreResource::new(&live);
    let same = again.uid() == store.uid() && again.is_deleting() == store.is_deleting();
    same.then_some(live)
}
