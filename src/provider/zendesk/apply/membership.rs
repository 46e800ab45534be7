//! Memberships: alone by one call, several in a row by jobs of a hundred.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Applier, Done, Echo, class_of};
use crate::clock;
use crate::model::{Kind, Membership, ObjectKey, Reason, Standing};
use crate::plan::{Change, Step};
use crate::provider::budget::Class;
use crate::provider::http::Method;
use crate::provider::zendesk::client::{Call, Purpose, WriteError};
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::table::of_user;
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{GroupMembership, Id, JobResult, JobStatus};
use crate::provider::{Outcome, ProviderError};

/// Items of one job (`zendesk.md` 5).
const MAX_ITEMS: usize = 100;
/// How long a job is waited for; its outcome is unknown afterwards.
const JOB_PATIENCE: Duration = Duration::from_secs(90);
/// The first pause between two looks at a job; doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whether a step makes a membership.
pub(super) fn is_create(step: &&Step) -> bool {
    matches!(step, Step::Membership(Change::Create { .. }))
}

/// A membership to be made.
#[derive(Clone, Copy)]
struct Item {
    user: Id,
    group: Id,
    default: bool,
}

impl Item {
    fn body(self) -> Value {
        let Self { user, group, default } = self;
        if default {
            json!({ "user_id": user, "group_id": group, "default": true })
        } else {
            json!({ "user_id": user, "group_id": group })
        }
    }
}

/// What a step of a run is before its job is sent.
enum Prepared {
    Known(Outcome),
    Wanted(Item),
}

impl Applier<'_> {
    pub(super) async fn membership(&mut self, change: &Change<Membership>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => match self.prepare(value)? {
                (item, None) => self.create_membership(item, purpose).await,
                (_, Some(present)) => Ok(Some(external(present.id))),
            },
            Change::Adopt { from, to, .. } => {
                let id = convert::number(&from.id).ok_or_else(gone)?;
                self.take_standing(id, to, purpose).await
            }
            Change::Update { from, to, .. } => {
                let id = convert::number(from.id()).ok_or_else(gone)?;
                self.take_standing(id, to, purpose).await
            }
            // It carries no mark: giving it up changes nothing.
            Change::Release { from } => Ok(Some(from.id().clone())),
            Change::Delete { from } => {
                let path = format!("/api/v2/group_memberships/{}", from.id());
                self.remove(Call::write(Method::Delete, "memberships.delete", path), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::MembershipGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    /// The ids of both ends, and the membership where it is there already: a new agent is put into a group by the
    /// vendor itself.
    fn prepare(&self, value: &Membership) -> Result<(Item, Option<GroupMembership>), WriteError> {
        let Membership { key, standing } = value;
        let user = self.number_of(&ObjectKey::new(Kind::Agent, &key.agent))?;
        let group = self.number_of(&ObjectKey::new(Kind::Department, &key.department))?;
        let item = Item { user, group, default: *standing == Standing::Default };
        let present = self.look(|view| {
            let mut rows = view.memberships.with_word(&of_user(user));
            rows.find(|row| row.group_id == group && (row.default || !item.default)).cloned()
        });
        Ok((item, present))
    }

    async fn create_membership(&mut self, item: Item, purpose: Purpose<'_>) -> Done {
        let call = Call::write(Method::Post, "memberships.create", "/api/v2/group_memberships");
        let call = call.with(json!({ "group_membership": item.body() }));
        let echo: Echo<GroupMembership> = self.send_for(call, purpose, "group_membership").await?;
        self.record(Written::Membership(echo.object.clone()));
        Ok(Some(external(echo.object.id)))
    }

    async fn take_standing(&mut self, id: Id, to: &Membership, purpose: Purpose<'_>) -> Done {
        #[derive(Deserialize)]
        struct Answer {
            group_memberships: Vec<GroupMembership>,
        }
        if to.standing != Standing::Default {
            return Ok(Some(external(id)));
        }
        let user = self.number_of(&ObjectKey::new(Kind::Agent, &to.key.agent))?;
        let path = format!("/api/v2/users/{user}/group_memberships/{id}/make_default");
        let call = Call::write(Method::Put, "memberships.make_default", path).with(json!({}));
        let reply = self.send(call, purpose).await?;
        let Answer { group_memberships } = reply.json().map_err(|_| WriteError::Lost)?;
        let held = group_memberships.iter().any(|row| row.id == id && row.default);
        for row in group_memberships {
            self.record(Written::Membership(row));
        }
        if !held {
            return Err(WriteError::Refused(ProviderError::Rejected {
                reason: Reason::FieldIgnored,
                field: Some("standing".to_owned()),
            }));
        }
        Ok(Some(external(id)))
    }

    /// Makes a run of memberships; one outcome for each step.
    pub(super) async fn create_memberships(&mut self, steps: &[Step]) -> Vec<Outcome> {
        let prepared: Vec<Prepared> = steps.iter().map(|step| self.prepare_step(step)).collect();
        let items: Vec<Item> = prepared
            .iter()
            .filter_map(|prepared| match prepared {
                Prepared::Wanted(item) => Some(*item),
                Prepared::Known(_) => None,
            })
            .collect();
        let mut results = Vec::with_capacity(items.len());
        for chunk in items.chunks(MAX_ITEMS) {
            results.extend(self.run_job(chunk, &steps[0].object()).await);
        }
        let mut results = results.into_iter();
        let mut outcomes = Vec::with_capacity(steps.len());
        for (step, prepared) in steps.iter().zip(prepared) {
            let outcome = match prepared {
                Prepared::Known(outcome) => outcome,
                Prepared::Wanted(_) => {
                    self.conclude(&step.object(), results.next().unwrap_or(Err(WriteError::Lost)))
                }
            };
            outcomes.push(outcome);
        }
        outcomes
    }

    fn prepare_step(&mut self, step: &Step) -> Prepared {
        let object = step.object();
        if let Some(missing) = self.missing_dependency(step) {
            return Prepared::Known(Outcome::Skipped(missing));
        }
        let Step::Membership(Change::Create { value, .. }) = step else {
            return Prepared::Known(Outcome::Skipped(object));
        };
        match self.prepare(value) {
            Ok((item, None)) => Prepared::Wanted(item),
            Ok((_, Some(present))) => Prepared::Known(Outcome::Applied(Some(external(present.id)))),
            Err(error) => Prepared::Known(self.conclude(&object, Err(error))),
        }
    }

    /// Sends one job and waits for it; one result for each item.
    async fn run_job(&mut self, items: &[Item], object: &ObjectKey) -> Vec<Done> {
        let bodies: Vec<Value> = items.iter().map(|item| item.body()).collect();
        let call =
            Call::write(Method::Post, "memberships.create_many", "/api/v2/group_memberships/create_many")
                .with(json!({ "group_memberships": bodies }));
        let purpose = Purpose { object, class: Class::Creation };
        let job: Result<Echo<JobStatus>, WriteError> = self.send_for(call, purpose, "job_status").await;
        let job = match job {
            Ok(echo) => echo.object,
            Err(error) => return vec![Err(error); items.len()],
        };
        match self.wait_for_job(job).await {
            Some(results) => self.read_results(items, results),
            None => vec![Err(WriteError::Lost); items.len()],
        }
    }

    /// The results of a finished job; `None` when it does not finish in time, disappears or fails as a whole.
    async fn wait_for_job(&self, mut job: JobStatus) -> Option<Vec<JobResult>> {
        #[derive(Deserialize)]
        struct Answer {
            job_status: JobStatus,
        }
        let (deadline, mut pause) = (clock::monotonic() + JOB_PATIENCE, FIRST_PAUSE);
        loop {
            match job.status.as_str() {
                "completed" => return job.results,
                "queued" | "working" if clock::monotonic() < deadline => {}
                _ => return None,
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
            let path = format!("/api/v2/job_statuses/{}", crate::provider::http::encode(&job.id));
            let reply = self.shared.client.read(&Call::get("job_statuses.show", path)).await.ok()?;
            job = reply.json::<Answer>().ok()?.job_status;
        }
    }

    fn read_results(&self, items: &[Item], results: Vec<JobResult>) -> Vec<Done> {
        let mut by_item: Vec<Done> = vec![Err(WriteError::Lost); items.len()];
        for (position, result) in results.into_iter().enumerate() {
            let position = result.index.unwrap_or(position);
            let (Some(item), Some(slot)) = (items.get(position), by_item.get_mut(position)) else { continue };
            *slot = match result.id.filter(|_| result.is_success()) {
                Some(id) => {
                    let Item { user, group, default } = *item;
                    self.record(Written::Membership(GroupMembership {
                        id,
                        user_id: user,
                        group_id: group,
                        default,
                        updated_at: String::new(),
                    }));
                    Ok(Some(external(id)))
                }
                None if result.is_success() => Err(WriteError::Lost),
                None => Err(WriteError::Refused(result.refusal())),
            };
        }
        by_item
    }
}

fn gone() -> WriteError {
    WriteError::Refused(ProviderError::Gone)
}

impl JobResult {
    fn is_success(&self) -> bool {
        self.success != Some(false) && self.error.is_empty()
    }

    /// Why an item failed. That it exists already means that somebody else was faster: look again.
    fn refusal(&self) -> ProviderError {
        let text = format!("{} {}", self.error, self.details).to_lowercase();
        if ["duplicate", "already", "taken"].iter().any(|word| text.contains(word)) {
            return ProviderError::Conflict;
        }
        ProviderError::Rejected { reason: Reason::Rejected, field: None }
    }
}
