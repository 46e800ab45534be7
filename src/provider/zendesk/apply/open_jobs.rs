//! Jobs that were handed in and had not ended when the wait for them was over.
//!
//! Why: a job that is still queued will carry out its items, however late, so a list without them is no proof that they
//! are absent; handing them in again would do everything twice. What is remembered ends with the process; a job that
//! it does not know any more meets the vendor's own refusal of a second membership. Must not: decide what is made.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;

use super::{Applier, membership};
use crate::model::StoreId;
use crate::provider::ProviderError;
use crate::provider::http::encode;
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::wire::JobStatus;

/// How long a store waits before it looks at a job again.
const PAUSE: Duration = Duration::from_secs(15);

/// The open jobs of every store of an account, by their ids.
#[derive(Debug, Default)]
pub(in crate::provider::zendesk) struct OpenJobs(Mutex<BTreeMap<StoreId, Vec<String>>>);

impl OpenJobs {
    /// A job of a store was not seen to end.
    pub(super) fn remember(&self, store: &StoreId, id: &str) {
        self.lock().entry(store.clone()).or_default().push(id.to_owned());
    }

    fn of(&self, store: &StoreId) -> Vec<String> {
        self.lock().get(store).cloned().unwrap_or_default()
    }

    fn forget(&self, store: &StoreId, id: &str) {
        if let Some(jobs) = self.lock().get_mut(store) {
            jobs.retain(|known| known != id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<StoreId, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Applier<'_> {
    /// Looks at the store's open jobs, where the batch makes memberships. As long as one was open, nothing that it may
    /// make is made beside it: neither while it runs, nor before a reading that started after its end.
    pub(super) async fn look_at_open_jobs(&mut self) {
        let store = &self.batch.stamp.store;
        let open = self.shared.open_jobs.of(store);
        if open.is_empty() || !self.batch.steps.iter().any(|step| membership::is_create(&step)) {
            return;
        }
        for id in open {
            if !self.is_running(&id).await {
                self.shared.open_jobs.forget(store, &id);
                self.shared.snapshot.record_unknown(store);
            }
        }
        self.waits_for_job = Some(ProviderError::JobRunning { retry_after: PAUSE });
    }

    /// Whether a job may still carry out its items; one that cannot be looked at may.
    async fn is_running(&self, id: &str) -> bool {
        #[derive(Deserialize)]
        struct Answer {
            job_status: JobStatus,
        }
        let path = format!("/api/v2/job_statuses/{}", encode(id));
        match self.shared.client.read(&Call::get("job_statuses.show", path)).await {
            Ok(reply) => reply.json::<Answer>().map_or(true, |answer| answer.job_status.is_running()),
            Err(error) => error != ProviderError::Gone,
        }
    }
}
