//! What a round needs to know of the resource itself, read off its metadata and status once.
//!
//! Pure accessors; they must not decide.

use super::claims;
use super::freshness::EarlierProcess;
use crate::api::HumanSupportConfig;
use crate::api::annotations;
use crate::api::conditions::{self, ConditionStatus, ConditionType};
use crate::api::config_status::{BindingPhase, Claim, HumanSupportConfigStatus};
use crate::model::{Claims, History, StoreId, WasInSync};

/// One store's resource.
#[derive(Clone, Copy, Debug)]
pub struct StoreResource<'a> {
    /// The resource.
    pub config: &'a HumanSupportConfig,
}

impl<'a> StoreResource<'a> {
    /// Looks at a resource.
    pub fn new(config: &'a HumanSupportConfig) -> Self {
        Self { config }
    }

    /// Its namespace.
    pub fn namespace(&self) -> &'a str {
        self.config.metadata.namespace.as_deref().unwrap_or_default()
    }

    /// Its name.
    pub fn name(&self) -> &'a str {
        self.config.metadata.name.as_deref().unwrap_or_default()
    }

    /// Its uid.
    pub fn uid(&self) -> &'a str {
        self.config.metadata.uid.as_deref().unwrap_or_default()
    }

    /// The generation of its spec.
    pub fn generation(&self) -> i64 {
        self.config.metadata.generation.unwrap_or_default()
    }

    /// Its identity towards helpdesks.
    pub fn id(&self) -> StoreId {
        StoreId::new(self.namespace(), self.name())
    }

    /// Seconds of its creation.
    pub fn created_at(&self) -> i64 {
        self.config.metadata.creation_timestamp.as_ref().map_or(i64::MAX, |time| time.0.as_second())
    }

    /// Whether it is being deleted.
    pub fn is_deleting(&self) -> bool {
        self.config.metadata.deletion_timestamp.is_some()
    }

    /// Whether our finalizer is on it.
    pub fn has_finalizer(&self) -> bool {
        self.config.metadata.finalizers.iter().flatten().any(|finalizer| finalizer == crate::api::FINALIZER)
    }

    /// Its status; the default where it has none yet.
    pub fn status(&self) -> HumanSupportConfigStatus {
        self.config.status.clone().unwrap_or_default()
    }

    /// The resource with another status.
    pub fn with_status(&self, status: HumanSupportConfigStatus) -> HumanSupportConfig {
        HumanSupportConfig { status: Some(status), ..self.config.clone() }
    }

    /// Whether the operator has written a status before.
    pub fn was_visited(&self) -> bool {
        self.config
            .status
            .as_ref()
            .and_then(|status| status.observed_generation)
            .is_some_and(|generation| generation >= 0)
    }

    /// The value of an annotation.
    pub fn annotation(&self, name: &str) -> Option<&'a str> {
        self.config.metadata.annotations.as_ref()?.get(name).map(String::as_str)
    }

    /// The request to run now, ours before Flux's.
    pub fn requested_at(&self) -> Option<&'a str> {
        self.annotation(annotations::RECONCILE_REQUESTED_AT)
            .or_else(|| self.annotation(annotations::FLUX_RECONCILE_REQUESTED_AT))
    }

    /// Whether there is a request to run now that was not acted upon.
    pub fn is_requested(&self) -> bool {
        let handled =
            self.config.status.as_ref().and_then(|status| status.last_handled_reconcile_at.as_deref());
        self.requested_at().is_some_and(|requested| Some(requested) != handled)
    }

    /// Whether a round with this account was recorded before.
    pub fn history(&self, account: &str) -> History {
        let recorded = self
            .config
            .status
            .iter()
            .flat_map(|status| &status.bindings)
            .any(|binding| binding.account == account && binding.phase != BindingPhase::Joining);
        if recorded { History::Recorded } else { History::Unrecorded }
    }

    /// The license quantity that was last written to an account, where nobody can read it back.
    pub fn applied_licenses(&self, account: &str) -> Option<u32> {
        let mut bindings = self.config.status.iter().flat_map(|status| &status.bindings);
        let binding = bindings.find(|binding| binding.account == account)?;
        u32::try_from(binding.applied_licenses?).ok()
    }

    /// Whether an earlier round began with this account, complete or not.
    pub fn earlier_process(&self, account: &str) -> EarlierProcess {
        let mut bindings = self.config.status.iter().flat_map(|status| &status.bindings);
        if bindings.any(|binding| binding.account == account) {
            EarlierProcess::Began
        } else {
            EarlierProcess::Never
        }
    }

    /// Whether this generation was in sync before: only then are differences other people's.
    pub fn was_in_sync(&self) -> WasInSync {
        let Some(status) = &self.config.status else { return WasInSync::NotYet };
        let ready = conditions::get(&status.conditions, ConditionType::Ready);
        let reached = ready.is_some_and(|condition| {
            condition.status == ConditionStatus::True
                && condition.observed_generation == Some(self.generation())
                && status.observed_generation == Some(self.generation())
        });
        if reached { WasInSync::Before } else { WasInSync::NotYet }
    }

    /// Objects in an account that can carry no mark and were claimed.
    pub fn claims(&self, account: &str) -> Claims {
        let Some(status) = &self.config.status else { return Claims::new() };
        claims::read(&status.claims, &claims::label_of(&status.bindings, account))
    }

    /// The claims of one account, listed beside those of the others.
    pub fn list_claims(&self, account: &str, claims: &Claims) -> Vec<Claim> {
        let status = self.status();
        claims::listed(&status.claims, (&claims::label_of(&status.bindings, account), claims))
    }
}
