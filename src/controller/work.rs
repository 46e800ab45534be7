//! Work on one side of a store: observe, plan, apply, and look again until nothing is left that can be done.
//!
//! The passes after the first cost no reading: what we wrote is part of the shared reading. A pass that changes
//! nothing ends the round, so a helpdesk that refuses everything is asked once.

use std::collections::BTreeMap;
use std::time::Instant;

use super::claims;
use super::resolve::{Resolved, Tokens};
use super::round::{Blocked, Done, Retry};
use crate::model::{Absence, Claims, Desired, ExternalId, ObjectKey, Observed, Policy, Reason, Stamp};
use crate::plan::{self, Plan, Step};
use crate::provider::{Batch, Outcome, ProviderError, Scope};

/// The most passes of one round: a first one, one for what depends on its answers, and one to prove that it is done.
const MOST_PASSES: usize = 4;

/// What is to be done on one side of a store.
pub struct Assignment<'a> {
    /// The account and its helpdesk.
    pub resolved: &'a Resolved,
    /// How marks look.
    pub stamp: &'a Stamp,
    /// What is declared, as the helpdesk will hold it.
    pub desired: &'a Desired,
    /// Objects that a person named for adoption.
    pub named: &'a BTreeMap<ObjectKey, ExternalId>,
    /// The handlers' tokens.
    pub tokens: &'a Tokens,
    /// The reading must have started at this moment or later.
    pub not_before: Instant,
    /// Absence is proven by a reading that started at this moment or later; `None`: by any.
    pub absence_from: Option<Instant>,
}

/// What came of it.
pub struct Worked {
    /// What the helpdesk holds now.
    pub observed: Observed,
    /// What is left to do.
    pub plan: Plan,
    /// What was tried.
    pub done: Vec<Done>,
    /// When the reading started that all this is based on.
    pub reading: Instant,
    /// When an answer was lost, if one was.
    pub lost_answer: Option<Instant>,
}

/// What the work asks of its caller before it writes.
pub trait Consent: Sync {
    /// The policy of the round, without an approval.
    fn policy(&self, absence: Absence) -> Policy;

    /// Whether a person approved exactly this plan, or one that this is the rest of.
    fn approves(&self, plan: &Plan) -> Approved;

    /// Whether the operator may write at all this round.
    fn may_write(&self) -> WriteConsent;

    /// Records, before the first call of a plan, the claims where they are new, and what a person approved where that
    /// is new.
    fn record(&self, claims: Option<&Claims>) -> impl Future<Output = Result<(), Blocked>> + Send;

    /// Reads the resource anew before anything is taken away; false when it changed or is gone.
    fn still_current(&self) -> impl Future<Output = StillCurrent> + Send;
}

/// Whether the operator may write at all this round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteConsent {
    /// It may.
    Granted,
    /// It only looks (mode Observe, a read-only operator).
    Withheld,
}

/// Whether a person approved a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Approved {
    /// Exactly this one, or one that this is the rest of.
    Yes,
    /// Not this one.
    No,
}

/// What a fresh reading of the resource says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StillCurrent {
    /// The plan is still what its owner wants.
    Yes,
    /// It changed, or is gone: nothing is taken away on the old word.
    No,
}

/// Works on one side until nothing is left that can be done now. What only we know is kept in `known`, also where the
/// work ends with an error.
///
/// # Errors
/// When the helpdesk cannot be read; what was written before is kept in the marks and in `known`.
pub async fn work(
    assignment: &Assignment<'_>,
    known: &mut Known,
    consent: &impl Consent,
) -> Result<Worked, Blocked> {
    let mut done: Vec<Done> = Vec::new();
    let mut worked = observe_and_plan((assignment, known), consent).await?;
    for _ in 1..MOST_PASSES {
        let idle = worked.plan.steps.is_empty() || consent.may_write() == WriteConsent::Withheld;
        if idle || !may_take_away(&worked.plan, consent).await {
            break;
        }
        let capabilities = assignment.resolved.helpdesk.provider.capabilities();
        let claims = claims::before(&known.claims, &worked.plan, capabilities);
        consent.record(claims.as_ref()).await?;
        known.claims = claims.unwrap_or_else(|| std::mem::take(&mut known.claims));
        let results = apply(assignment, &worked).await;
        let outcomes = results.iter().map(|done| &done.outcome);
        claims::after(&mut known.claims, worked.plan.steps.iter().zip(outcomes));
        known.applied_licenses = applied_license(&worked.plan, &results).or(known.applied_licenses);
        let progress = results.iter().any(made_progress);
        let lost = results.iter().any(|step| step.outcome == Outcome::Unknown);
        done.extend(results);
        if lost {
            // Whether it was done is known only from a later reading: nothing more is tried in this round.
            worked.lost_answer = Some(crate::clock::monotonic());
        }
        if lost || !progress {
            break;
        }
        let tried = std::mem::take(&mut worked.plan);
        worked = observe_and_plan((assignment, known), consent).await?;
        if worked.plan == tried {
            // Steps that cost no call always succeed: they are no reason to ask again what was just refused.
            break;
        }
    }
    worked.done = done;
    Ok(worked)
}

/// What only we know of a side, because the helpdesk cannot show it.
#[derive(Clone, Debug)]
pub struct Known {
    /// Objects that can carry no mark and are this store's.
    pub claims: Claims,
    /// The license quantity that was last written, where nobody can read it back.
    pub applied_licenses: Option<u32>,
}

/// The license quantity that was written: it is the last one known, as nobody can read it back.
fn applied_license(plan: &Plan, results: &[Done]) -> Option<u32> {
    let is_written = |done: &Done| matches!(done.outcome, Outcome::Applied(_) | Outcome::AppliedUnverified);
    let mut last_first = plan.steps.iter().zip(results).rev();
    last_first.find_map(|(step, done)| match step {
        Step::License(change) if is_written(done) => change.target()?.quantity,
        _ => None,
    })
}

async fn observe_and_plan(
    (assignment, known): (&Assignment<'_>, &Known),
    consent: &impl Consent,
) -> Result<Worked, Blocked> {
    let provider = &assignment.resolved.helpdesk.provider;
    let scope = Scope {
        stamp: assignment.stamp,
        desired: assignment.desired,
        claims: &known.claims,
        applied_licenses: known.applied_licenses,
        named: assignment.named,
        not_before: assignment.not_before,
    };
    let observation = provider.observe(&scope).await.map_err(|error| blocked_by(&error))?;
    if let Some(fence) = &observation.observed.foreign_fence {
        return Err(owned_by_other_cluster(fence));
    }
    let absence = match assignment.absence_from {
        Some(from) if observation.started_at < from => Absence::Unproven,
        Some(_) | None => Absence::Proven,
    };
    let mut policy = consent.policy(absence);
    let mut plan = plan::plan(assignment.desired, &observation.observed, &policy);
    if plan.held.iter().any(waits_for_approval) && consent.approves(&plan) == Approved::Yes {
        policy.approved = Some(plan.digest());
        plan = plan::plan(assignment.desired, &observation.observed, &policy);
    }
    Ok(Worked {
        observed: observation.observed,
        plan,
        done: Vec::new(),
        reading: observation.started_at,
        lost_answer: None,
    })
}

/// Another cluster with this installation's name has the store.
fn owned_by_other_cluster(fence: &str) -> Blocked {
    let message = plan::fenced_sentence(fence);
    Blocked { reason: Reason::OwnedByOtherCluster, message, retry: Retry::AtResync, side: None }
}

/// Before the first step that takes something away, the resource is read anew (`reliability.md`, recommendation 7).
async fn may_take_away(plan: &Plan, consent: &impl Consent) -> bool {
    let takes_away = plan.steps.iter().any(Step::takes_away);
    !takes_away || consent.still_current().await == StillCurrent::Yes
}

async fn apply(assignment: &Assignment<'_>, worked: &Worked) -> Vec<Done> {
    let batch = Batch {
        stamp: assignment.stamp,
        steps: &worked.plan.steps,
        observed: &worked.observed,
        tokens: &assignment.tokens.usable,
    };
    let outcomes = assignment.resolved.helpdesk.provider.apply(&batch).await;
    let steps = worked.plan.steps.iter().zip(outcomes);
    steps
        .map(|(step, outcome)| Done {
            object: step.object(),
            action: step.action(),
            fields: step.fields().iter().map(|change| change.field.clone()).collect(),
            outcome,
        })
        .collect()
}

/// Whether a person's approval would let a held step pass.
pub fn waits_for_approval(held: &plan::Held) -> bool {
    matches!(held.reason, Reason::ApprovalRequired | Reason::RemovalGuardTripped)
}

fn made_progress(done: &Done) -> bool {
    match done.outcome {
        Outcome::Applied(_) | Outcome::AppliedUnverified => true,
        Outcome::NotApplied(_) | Outcome::Skipped(_) | Outcome::Unknown => false,
    }
}

/// The end of a round whose helpdesk could not be read.
pub fn blocked_by(error: &ProviderError) -> Blocked {
    let (reason, retry) = match error {
        ProviderError::Throttled { retry_after } => (Reason::WaitingForRateLimit, Retry::After(*retry_after)),
        ProviderError::Unsettled { retry_after } => {
            (Reason::AwaitingSettledReading, Retry::After(*retry_after))
        }
        ProviderError::Unauthorized => (Reason::CredentialsInvalid, Retry::ForSecret),
        ProviderError::Forbidden => (Reason::PermissionDenied, Retry::ForSecret),
        ProviderError::Rejected { reason, .. } => (*reason, Retry::AtResync),
        ProviderError::Malformed => (Reason::MalformedAnswer, Retry::BackOff),
        ProviderError::OtherVersion => (Reason::UnsupportedByProvider, Retry::BackOff),
        ProviderError::ForbiddenAddress => (Reason::AccountNotAllowed, Retry::BackOff),
        ProviderError::Untrusted => (Reason::CertificateNotTrusted, Retry::ForSecret),
        ProviderError::Gone => (Reason::AccountNotFound, Retry::AtResync),
        ProviderError::Unavailable | ProviderError::Conflict | ProviderError::NotLeading => {
            (Reason::ProviderUnavailable, Retry::BackOff)
        }
    };
    Blocked { reason, message: error.to_string(), retry, side: None }
}
