//! Several memberships in a row: jobs of a hundred, with a result for each item.
//!
//! No source says whether a job honors `default`: the first job of an account that asks for it is checked by one read,
//! and what was found is remembered. Where jobs ignore it, default memberships are made one by one, which does.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::membership::Item;
use super::{Applier, Echo};
use crate::clock;
use crate::model::{ObjectKey, Reason};
use crate::plan::{Change, Step};
use crate::provider::budget::Class;
use crate::provider::http::{Method, encode};
use crate::provider::writing::{Done, Purpose, WriteError};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{GroupMembership, JobResult, JobStatus};
use crate::provider::{Outcome, ProviderError};

/// Items of one job (`zendesk.md` 5).
pub(super) const MAX_ITEMS: usize = 100;
/// Fewer than this are made one by one: a job costs a call and at least one look at it.
pub(super) const WORTH_A_JOB: usize = 3;
/// The first pause between two looks at a job; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// What is known of an account's jobs and `default`.
#[derive(Debug, Default)]
pub(in crate::provider::zendesk) struct JobDefaults(AtomicU8);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Nothing,
    Honored,
    Ignored,
}

impl JobDefaults {
    fn known(&self) -> Known {
        match self.0.load(Ordering::Relaxed) {
            1 => Known::Honored,
            2 => Known::Ignored,
            _ => Known::Nothing,
        }
    }

    fn learn(&self, known: Known) {
        let number = match known {
            Known::Nothing => 0,
            Known::Honored => 1,
            Known::Ignored => 2,
        };
        self.0.store(number, Ordering::Relaxed);
    }
}

/// A step of a run.
struct Planned {
    object: ObjectKey,
    state: State,
}

enum State {
    /// Decided before anything was sent.
    Known(Outcome),
    /// To be made.
    Wanted(Item),
    /// A job's item, with its result.
    Ran(Item, Done),
}

impl Applier<'_> {
    /// Makes a run of memberships; one outcome for each step.
    pub(super) async fn create_memberships(&mut self, steps: &[Step]) -> Vec<Outcome> {
        let mut run: Vec<Planned> = steps.iter().map(|step| self.plan_step(step)).collect();
        let by_job = self.choose(&run);
        for chunk in by_job.chunks(MAX_ITEMS) {
            self.run_job(&mut run, chunk).await;
        }
        if self.shared.job_defaults.known() == Known::Nothing {
            self.check_defaults(&mut run).await;
        }
        let mut outcomes = Vec::with_capacity(run.len());
        for Planned { object, state } in run {
            let outcome = match state {
                State::Known(outcome) => outcome,
                State::Ran(_, done) => self.conclude(&object, done),
                State::Wanted(item) => {
                    let purpose = Purpose { object: &object, class: Class::Creation };
                    let stopped = outcomes.last().and_then(super::stops_everything);
                    let done = match stopped {
                        Some(error) => Err(WriteError::Refused(error)),
                        None => self.create_membership(item, purpose).await,
                    };
                    self.conclude(&object, done)
                }
            };
            outcomes.push(outcome);
        }
        outcomes
    }

    fn plan_step(&mut self, step: &Step) -> Planned {
        let object = step.object();
        let state = match (self.progress.missing(step), step) {
            (Some(missing), _) => State::Known(Outcome::Skipped(missing)),
            (None, Step::Membership(Change::Create { value, .. })) => match self.prepare(value) {
                Ok((item, None)) => State::Wanted(item),
                Ok((_, Some(present))) => State::Known(Outcome::Applied(Some(external(present.id)))),
                Err(error) => State::Known(self.conclude(&object, Err(error))),
            },
            (None, _) => State::Known(Outcome::Skipped(object.clone())),
        };
        Planned { object, state }
    }

    /// The positions of the items that go by job.
    fn choose(&self, run: &[Planned]) -> Vec<usize> {
        let ignored = self.shared.job_defaults.known() == Known::Ignored;
        let goes = |planned: &Planned| match planned.state {
            State::Wanted(item) => !(item.default && ignored),
            State::Known(_) | State::Ran(..) => false,
        };
        let by_job: Vec<usize> = (0..run.len()).filter(|position| goes(&run[*position])).collect();
        if by_job.len() < WORTH_A_JOB { Vec::new() } else { by_job }
    }

    /// Sends one job, waits for it, and sets the results of its items.
    async fn run_job(&mut self, run: &mut [Planned], positions: &[usize]) {
        let items: Vec<Item> = positions
            .iter()
            .filter_map(|position| match run[*position].state {
                State::Wanted(item) => Some(item),
                State::Known(_) | State::Ran(..) => None,
            })
            .collect();
        let bodies: Vec<Value> = items.iter().map(|item| item.body()).collect();
        let path = "/api/v2/group_memberships/create_many";
        let call = Call::write(Method::Post, "memberships.create_many", path)
            .with(json!({ "group_memberships": bodies }));
        let object = run[positions[0]].object.clone();
        let purpose = Purpose { object: &object, class: Class::Creation };
        let job: Result<Echo<JobStatus>, WriteError> = self.send_for(call, purpose, "job_status").await;
        let results = match job {
            Ok(echo) => match self.wait_for_job(echo.object).await {
                Some(results) => self.read_results(&items, results),
                None => vec![Err(WriteError::Lost); items.len()],
            },
            Err(error) => vec![Err(error); items.len()],
        };
        for (position, (item, result)) in positions.iter().zip(items.into_iter().zip(results)) {
            run[*position].state = State::Ran(item, result);
        }
    }

    /// Finds out whether the job honored `default`, and makes good for it where it did not.
    async fn check_defaults(&mut self, run: &mut [Planned]) {
        #[derive(Deserialize)]
        struct Answer {
            group_memberships: Vec<GroupMembership>,
        }
        let made = run.iter().find_map(|planned| match &planned.state {
            State::Ran(item, Ok(Some(id))) if item.default => Some((item.user, id.clone())),
            _ => None,
        });
        let Some((user, id)) = made else { return };
        let path = format!("/api/v2/users/{user}/group_memberships");
        let Ok(reply) = self.shared.client.read(&Call::get("users.memberships", path)).await else { return };
        let Ok(Answer { group_memberships }) = reply.json() else { return };
        let Some(row) = group_memberships.iter().find(|row| external(row.id) == id) else { return };
        let known = if row.default { Known::Honored } else { Known::Ignored };
        self.shared.job_defaults.learn(known);
        if known == Known::Honored {
            return;
        }
        for planned in run {
            let State::Ran(item, Ok(Some(id))) = &planned.state else { continue };
            let (item, Some(id)) = (*item, convert::number(id)) else { continue };
            if item.default {
                let purpose = Purpose { object: &planned.object, class: Class::Creation };
                let done = self.make_default(id, item.user, purpose).await;
                planned.state = State::Ran(item, done);
            }
        }
    }

    /// The results of a finished job; `None` when it does not finish in time, disappears or fails as a whole.
    pub(super) async fn wait_for_job(&self, mut job: JobStatus) -> Option<Vec<JobResult>> {
        #[derive(Deserialize)]
        struct Answer {
            job_status: JobStatus,
        }
        let (deadline, mut pause) = (clock::monotonic() + self.shared.job_patience, FIRST_PAUSE);
        loop {
            match job.status.as_str() {
                "completed" => return job.results,
                _ if !job.is_running() => return None,
                _ if clock::monotonic() >= deadline => break,
                _ => {}
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            let path = format!("/api/v2/job_statuses/{}", encode(&job.id));
            let reply = match self.shared.client.read(&Call::get("job_statuses.show", path)).await {
                Ok(reply) => reply,
                Err(ProviderError::Gone) => return None,
                Err(_) => break,
            };
            let Ok(answer) = reply.json::<Answer>() else { break };
            job = answer.job_status;
        }
        self.shared.open_jobs.remember(&self.batch.stamp.store, &job.id);
        None
    }

    fn read_results(&self, items: &[Item], results: Vec<JobResult>) -> Vec<Done> {
        let mut by_item: Vec<Done> = vec![Err(WriteError::Lost); items.len()];
        for (position, result) in results.into_iter().enumerate() {
            let position = result.index.unwrap_or(position);
            let (Some(item), Some(slot)) = (items.get(position), by_item.get_mut(position)) else { continue };
            *slot = match result.id.filter(|_| result.is_success()) {
                Some(id) => {
                    let Item { user, group, default } = *item;
                    let (user_id, group_id, updated_at) = (user, group, String::new());
                    let row = GroupMembership { id, user_id, group_id, default, updated_at };
                    self.record(Written::Membership(row));
                    Ok(Some(external(id)))
                }
                None if result.is_success() => Err(WriteError::Lost),
                None => Err(WriteError::Refused(result.refusal())),
            };
        }
        by_item
    }
}

impl JobStatus {
    /// Whether its items may still be carried out.
    pub(super) fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "queued" | "working")
    }
}

impl JobResult {
    /// Whether the item was done.
    pub(super) fn is_success(&self) -> bool {
        self.success != Some(false) && self.error.is_empty()
    }

    /// Why an item failed. That it exists already means that somebody else was faster: look again.
    pub(super) fn refusal(&self) -> ProviderError {
        let text = format!("{} {}", self.error, self.details).to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if says(&["maxagentexceeded"]) {
            return ProviderError::Rejected { reason: Reason::SeatsExhausted, field: None };
        }
        if says(&["duplicate", "already", "taken"]) {
            return ProviderError::Conflict;
        }
        if says(&["recordnotfound"]) {
            return ProviderError::Gone;
        }
        ProviderError::Rejected { reason: Reason::Rejected, field: None }
    }
}
