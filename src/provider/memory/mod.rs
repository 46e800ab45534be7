//! The reference helpdesk: a strict helpdesk in memory, against which planning is tested.
//!
//! Exists to say what every helpdesk must be expected to refuse: unknown references, a second account with one address,
//! a step on somebody else's object, a department in use, more people than seats. It must not be kinder than a real one.
//! It can lose answers and stop in the middle of a batch.

mod accounts;
mod apply;
mod desk;
mod objects;
mod observe;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

pub use desk::{Account, Desk, Entry, Fault, Shelf};

use super::{
    AccountCheck, Batch, Deliveries, Observation, Outcome, Provider, ProviderError, Scope, Unsupported,
};
use crate::model::{Capabilities, Desired, ExternalId};

/// The reference helpdesk behind the interface that every vendor implements.
#[derive(Debug)]
pub struct MemoryHelpdesk {
    capabilities: Capabilities,
    desk: Mutex<Desk>,
}

impl MemoryHelpdesk {
    /// Serves a desk.
    pub fn new(desk: Desk) -> Self {
        Self { capabilities: desk.capabilities.clone(), desk: Mutex::new(desk) }
    }

    /// The desk itself, to look into or to change behind the operator's back.
    pub fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for MemoryHelpdesk {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn normalize(&self, desired: Desired) -> Desired {
        desired
    }

    fn unsupported(&self, _desired: &Desired) -> Vec<Unsupported> {
        // The reference helpdesk has a place for everything.
        Vec::new()
    }

    async fn check(&self) -> Result<AccountCheck, ProviderError> {
        Ok(AccountCheck::default())
    }

    async fn observe(&self, scope: &Scope<'_>) -> Result<Observation, ProviderError> {
        let observed = self.desk().observe(scope);
        Ok(Observation { observed, started_at: crate::clock::monotonic() })
    }

    async fn deliveries(&self, _webhook: &ExternalId) -> Result<Deliveries, ProviderError> {
        // Nothing is ever delivered from a desk in memory.
        Ok(Deliveries::NoneYet)
    }

    async fn apply(&self, batch: &Batch<'_>) -> Vec<Outcome> {
        self.desk().apply(batch)
    }
}
