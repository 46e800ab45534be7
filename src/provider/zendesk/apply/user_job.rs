//! Several users changed in a row: jobs of a hundred instead of one update a second, where the account allows them.
//!
//! A job answers no user, so what it changed is read back: that shows fields that it dropped, and what our reading lacks.
//! Jobs are an offer, never a need (`zendesk.md` 3: off by default): what a job is refused, or did not do, goes one by one.
//! It must not change an address: `email` in an update adds a second one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::job::{MAX_ITEMS, WORTH_A_JOB};
use super::user_edit::UserEdit;
use super::{Applier, Echo, stops_everything};
use crate::clock;
use crate::model::{Agent, ObjectKey};
use crate::plan::{Change, Step};
use crate::provider::http::Method;
use crate::provider::writing::{Done, Purpose, WriteError};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::external;
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{Id, JobResult, JobStatus, User};
use crate::provider::{Outcome, ProviderError};

/// How long users go one by one after a job that did not end, or that left something out: an account whose jobs never
/// end would otherwise never be done.
const REST: Duration = Duration::from_secs(600);

/// Whether users go by job.
#[derive(Debug, Default)]
pub(in crate::provider::zendesk) struct UserJobs(Mutex<Trust>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trust {
    /// They may.
    #[default]
    Trusted,
    /// Not before this moment.
    NotBefore(Instant),
    /// The account refuses them, and is not asked again while the process lives.
    Refused,
}

impl UserJobs {
    fn may_go(&self) -> bool {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Trust::Trusted => true,
            Trust::NotBefore(then) => clock::monotonic() >= then,
            Trust::Refused => false,
        }
    }

    fn set(&self, trust: Trust) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trust;
    }

    fn rest(&self) {
        self.set(Trust::NotBefore(clock::monotonic() + REST));
    }
}

/// Whether a step changes a user that is there, or takes the mark away.
pub(super) fn is_edit(step: &&Step) -> bool {
    let Step::Agent(change) = step else { return false };
    match change {
        Change::Adopt { .. } | Change::Update { .. } | Change::Release { .. } => true,
        Change::Create { .. } | Change::Delete { .. } => false,
    }
}

/// A step of a run.
struct Planned<'s> {
    step: &'s Step,
    state: State,
}

enum State {
    /// Decided before anything was sent.
    Known(Outcome),
    /// Goes by job if one takes it, else alone.
    Offered(Box<UserEdit>),
    /// Goes alone.
    Alone,
    /// What a job came to.
    Ran(Done),
}

impl Applier<'_> {
    /// Changes a run of users; one outcome for each step.
    pub(super) async fn edit_users(&mut self, steps: &[Step]) -> Vec<Outcome> {
        let mut run: Vec<Planned<'_>> = steps.iter().map(|step| self.plan_edit(step)).collect();
        let offered: Vec<usize> =
            (0..run.len()).filter(|place| matches!(run[*place].state, State::Offered(_))).collect();
        let mut stopped = None;
        if offered.len() >= WORTH_A_JOB {
            for places in offered.chunks(MAX_ITEMS) {
                if !self.shared.user_jobs.may_go() || stopped.is_some() {
                    break;
                }
                stopped = self.run_user_job(&mut run, places).await;
            }
        }
        let mut outcomes = Vec::with_capacity(run.len());
        for Planned { step, state } in run {
            let outcome = match (state, &stopped) {
                (State::Known(outcome), _) => outcome,
                (State::Ran(done), _) => self.conclude(&step.object(), done),
                (State::Offered(_) | State::Alone, Some(error)) => Outcome::NotApplied(error.clone()),
                (State::Offered(_) | State::Alone, None) => self.apply(step).await,
            };
            stopped = stopped.or_else(|| stops_everything(&outcome));
            outcomes.push(outcome);
        }
        outcomes
    }

    fn plan_edit<'s>(&mut self, step: &'s Step) -> Planned<'s> {
        let object = step.object();
        if let Some(missing) = self.progress.missing(step) {
            self.progress.fail(&object);
            return Planned { step, state: State::Known(Outcome::Skipped(missing)) };
        }
        let state = match step {
            Step::Agent(change) => self.offer(change),
            _ => State::Alone,
        };
        Planned { step, state }
    }

    /// What a job can do of a change; anything else, and whatever cannot be said, is left to the single call.
    fn offer(&self, change: &Change<Agent>) -> State {
        match self.user_edit(change) {
            Ok(Some(edit)) if edit.fits_a_job() => State::Offered(Box::new(edit)),
            Ok(_) | Err(_) => State::Alone,
        }
    }

    /// Sends one job, waits for it and sets the results of its items; the error that every further call would meet too.
    async fn run_user_job(&mut self, run: &mut [Planned<'_>], places: &[usize]) -> Option<ProviderError> {
        let edits: Vec<(usize, &UserEdit)> = places
            .iter()
            .filter_map(|place| match &run[*place].state {
                State::Offered(edit) => Some((*place, edit.as_ref())),
                State::Known(_) | State::Alone | State::Ran(_) => None,
            })
            .collect();
        // A job with somebody whose access ends is as urgent as that.
        let class = edits.iter().map(|(_, edit)| edit.class).min()?;
        let object: ObjectKey = run[*places.first()?].step.object();
        let users: Vec<Value> = edits.iter().map(|(_, edit)| edit.item()).collect();
        let call = Call::write(Method::Put, "users.update_many", "/api/v2/users/update_many")
            .with(json!({ "users": users }));
        let sent: Result<Echo<JobStatus>, WriteError> =
            self.send_for(call, Purpose { object: &object, class }, "job_status").await;
        let all = |error: WriteError| -> Vec<(usize, Done)> {
            edits.iter().map(|(place, _)| (*place, Err(error.clone()))).collect()
        };
        let done = match sent {
            Ok(echo) => match self.wait_for_job(echo.object).await {
                Some(results) => self.results_of(&edits, results).await,
                None => {
                    self.shared.user_jobs.rest();
                    all(WriteError::Lost)
                }
            },
            Err(WriteError::Refused(ProviderError::Forbidden | ProviderError::Gone)) => {
                self.shared.user_jobs.set(Trust::Refused);
                return None;
            }
            // Refused as a whole for the sake of one item, perhaps: alone, each gets an answer of its own.
            Err(WriteError::Refused(ProviderError::Rejected { .. } | ProviderError::Conflict)) => {
                return None;
            }
            Err(error) => all(error),
        };
        let mut stopped = None;
        for (place, done) in done {
            if let Err(WriteError::Refused(error)) = &done {
                stopped = stopped.or_else(|| stops_everything(&Outcome::NotApplied(error.clone())));
            }
            run[place].state = State::Ran(done);
        }
        stopped
    }

    /// The results of a finished job, by item. What a job says that it did and did not do is left to the single call.
    async fn results_of(&self, edits: &[(usize, &UserEdit)], results: Vec<JobResult>) -> Vec<(usize, Done)> {
        let results = by_id(edits, results);
        let changed: Vec<Id> =
            results.iter().filter(|(_, result)| result.is_success()).map(|(id, _)| *id).collect();
        let users = self.read_back(&changed).await;
        let mut done = Vec::with_capacity(edits.len());
        for (place, edit) in edits {
            let id = edit.id;
            match (results.get(&id), users.get(&id)) {
                (Some(result), _) if !result.is_success() => {
                    done.push((*place, Err(WriteError::Refused(result.refusal()))));
                }
                (Some(_), Some(user)) => {
                    self.record(Written::User(user.clone()));
                    if edit.holds(user).iter().all(|(_, holds)| *holds) {
                        done.push((*place, Ok(Some(external(id)))));
                    } else {
                        self.shared.user_jobs.rest();
                    }
                }
                (None, _) | (Some(_), None) => done.push((*place, Err(WriteError::Lost))),
            }
        }
        done
    }

    /// The users as they are now; whoever cannot be read is not in it.
    async fn read_back(&self, ids: &[Id]) -> BTreeMap<Id, User> {
        #[derive(Deserialize)]
        struct Answer {
            users: Vec<User>,
        }
        if ids.is_empty() {
            return BTreeMap::new();
        }
        let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
        let path = format!("/api/v2/users/show_many?ids={}", ids.join(","));
        let Ok(reply) = self.shared.client.read(&Call::get("users.show_many", path)).await else {
            return BTreeMap::new();
        };
        let users = reply.json::<Answer>().map(|answer| answer.users).unwrap_or_default();
        users.into_iter().map(|user| (user.id, user)).collect()
    }
}

/// Results by the user they are about: by its id where they name one, as the recordings do, else by their place.
fn by_id(edits: &[(usize, &UserEdit)], results: Vec<JobResult>) -> BTreeMap<Id, JobResult> {
    let mut by_id = BTreeMap::new();
    for (position, result) in results.into_iter().enumerate() {
        let item = edits.get(result.index.unwrap_or(position)).map(|(_, edit)| edit.id);
        if let Some(id) = result.id.or(item) {
            by_id.insert(id, result);
        }
    }
    by_id
}
