//! What a store's resource allows during one round: its policy, its approval, its claims, its latest word.
//!
//! Exists so that the work on a side asks one value before it writes. It must not write to a helpdesk.

use std::sync::Mutex;

use kube::Api;

use super::memory::Approval;
use super::policy::{self, Affairs};
use super::round::{Blocked, Stance};
use super::side::Prepared;
use super::store::StoreResource;
use super::work::{self, Approved, Consent, StillCurrent, WriteConsent};
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
    /// What a person approved; what is approved during the round is added.
    pub approved: Mutex<Option<Approval>>,
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
        let Ok(mut approved) = self.approved.lock() else { return Approved::No };
        let steps = work::approved_steps(plan);
        let rest = approved.as_ref().is_some_and(|approval| {
            approval.generation == self.store.generation() && steps.is_subset(&approval.steps)
        });
        if rest {
            return Approved::Yes;
        }
        if self.store.annotation(api::annotations::APPROVE_PLAN) == Some(plan.digest().as_str()) {
            *approved = Some(Approval { generation: self.store.generation(), steps });
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

    async fn record_claims(&self, claims: &Claims) -> Result<(), Blocked> {
        let claims = self.store.list_claims(&self.prepared.resolved.side.account, claims);
        let status = HumanSupportConfigStatus { claims, ..self.store.status() };
        publish::record(self.context, self.store, &status).await
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
