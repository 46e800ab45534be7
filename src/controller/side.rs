//! The store's present side: everything between its declaration and what the helpdesk holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Instant;

use super::account::AccountId;
use super::consent::{Ledger, StoreConsent, Trail};
use super::context::Context;
use super::desired::{self, Circumstances, Declaration};
use super::freshness::{self, EarlierProcess};
use super::memory::StoreMemory;
use super::pending::{self, Situation};
use super::policy;
use super::resolve::{self, Resolved, Tokens};
use super::round::{Bearing, Blocked, EntryProblem, Ids, Planned, Retry, Round, Side, Stance};
use super::settings::Writes;
use super::store::StoreResource;
use super::work::{self, Assignment, Known, Worked};
use super::{bindings, deliveries, notes, outrun, rivals, training};
use crate::api;
use crate::api::policies::Mode;
use crate::model::{Desired, Lifecycle, ObjectKey, Owner, PhoneFieldKey, Reason, Stamp, WebhookKey};
use crate::provider::Provider;

/// What a round came to, with what must be remembered of it.
pub struct SideOutcome {
    /// What it came to.
    pub round: Round,
    /// When the reading started that it is based on.
    pub reading: Option<Instant>,
    /// When an answer was lost, if one was.
    pub lost_answer: Option<Instant>,
    /// What it left in the status on the way.
    pub trail: Trail,
}

/// Everything that is known before a helpdesk is asked.
pub struct Prepared {
    earlier: EarlierProcess,
    pub(super) resolved: Resolved,
    tokens: Tokens,
    pub(super) declaration: Declaration,
    problems: Vec<EntryProblem>,
    pub(super) blocked: BTreeMap<ObjectKey, Reason>,
    stamp: Stamp,
    pub(super) lifecycle: Lifecycle,
    pub(super) stance: Stance,
}

/// Finds out everything that can be known without a call to the helpdesk.
///
/// # Errors
/// When the declaration, the account or a Secret cannot be used.
pub async fn prepare(store: StoreResource<'_>, context: &Context) -> Result<Prepared, Blocked> {
    let spec = &store.config.spec;
    if let Some(refusal) = outrun::refusal(store) {
        return Err(refusal);
    }
    let violations = api::validate::validate(spec);
    if let Some(first) = violations.first() {
        let more = if violations.len() > 1 {
            format!(" (and {} more)", violations.len() - 1)
        } else {
            String::new()
        };
        let message = format!("`{}`: {}{more}", first.field, first.message);
        return Err(Blocked { reason: Reason::InvalidSpec, message, retry: Retry::AtResync, side: None });
    }
    let id = AccountId::of(&spec.account_ref, store.namespace());
    let resolved = resolve::resolve(context, &id, store).await?;
    if let Some(former) = bindings::led_elsewhere(&store.status().bindings, &resolved.side) {
        let (side, account) = (resolved.side.clone(), &id);
        let message = format!(
            "the store's objects are in `{former}`, and the account `{account}` now leads to `{}`: have the entry changed back, or name another account resource in `accountRef`, which is a move",
            side.host
        );
        return Err(Blocked {
            reason: Reason::AccountMismatch,
            message,
            retry: Retry::AtResync,
            side: Some(side),
        });
    }
    let tokens = resolve::read_tokens(context, spec, store.namespace()).await?;
    let (lifecycle, stance) = stance_of(spec.mode, context.settings.writes);
    let versions = |key: &WebhookKey| tokens.usable.get(key).map(|token| token.version().clone());
    let circumstances = Circumstances {
        department_name: resolved.account.department_name.as_deref(),
        secrets: &versions,
        today: freshness::today(spec),
    };
    let mut declaration = desired::declare(spec, &circumstances);
    let mut problems = policy::refused_by_limits(spec, &resolved.account);
    problems.extend(tokens.problems.iter().cloned());
    if lifecycle == Lifecycle::Living {
        context.claims_recorded.call_once(|| rivals::record_all(context));
        problems.extend(rivals::contend(store, context, (&resolved, &declaration.desired))?);
        let unsupported = resolved.helpdesk.provider.unsupported(&declaration.desired);
        problems.extend(unsupported.into_iter().map(EntryProblem::from));
        declaration.desired = resolved.helpdesk.provider.normalize(declaration.desired);
    } else {
        declaration = Declaration::default();
        problems.clear();
    }
    let blocked = blocked_objects(&problems, &tokens);
    let stamp = stamp_of(store, context, (&resolved, &declaration.desired));
    let earlier = store.earlier_process(&resolved.side.account);
    Ok(Prepared { earlier, resolved, tokens, declaration, problems, blocked, stamp, lifecycle, stance })
}

fn stance_of(mode: Mode, writes: Writes) -> (Lifecycle, Stance) {
    match (mode, writes) {
        (Mode::Retire, Writes::Allowed) => (Lifecycle::Retiring, Stance::Retiring),
        (Mode::Retire, Writes::ReadOnly) => (Lifecycle::Retiring, Stance::Watching),
        (Mode::Observe, _) | (Mode::Enforce, Writes::ReadOnly) => (Lifecycle::Living, Stance::Watching),
        (Mode::Enforce, Writes::Allowed) => (Lifecycle::Living, Stance::Enforcing),
    }
}

fn blocked_objects(problems: &[EntryProblem], tokens: &Tokens) -> BTreeMap<ObjectKey, Reason> {
    let blocking = problems.iter().filter(|problem| problem.bearing == Bearing::Blocks);
    let mut blocked: BTreeMap<ObjectKey, Reason> =
        blocking.map(|problem| (problem.object.clone(), problem.reason)).collect();
    for key in &tokens.missing {
        let object = ObjectKey::new(crate::model::Kind::Webhook, key);
        blocked.entry(object).or_insert(Reason::ManualActionRequired);
    }
    blocked
}

/// How the store's marks look on one side.
pub(super) fn stamp_of(
    store: StoreResource<'_>,
    context: &Context,
    (resolved, desired): (&Resolved, &Desired),
) -> Stamp {
    use crate::model::Kind;
    let first_department = desired.departments.keys().next().map(|key| ObjectKey::new(Kind::Department, key));
    let first_webhook = desired.webhooks.keys().next().map(|key| ObjectKey::new(Kind::Webhook, key));
    Stamp {
        installation: context.settings.installation.clone(),
        former_installations: context.settings.former_installations.clone(),
        store: store.id(),
        fence: context.settings.fence.clone(),
        take_over_from: resolved.account.take_over_from.iter().cloned().collect(),
        bearer: first_department.or(first_webhook),
    }
}

impl Prepared {
    /// The helpdesk of the side.
    pub fn provider(&self) -> &dyn Provider {
        self.resolved.helpdesk.provider.as_ref()
    }

    /// The side that must be recorded before the first write to it; none where nothing will be written.
    pub fn side_to_record(&self) -> Option<&Side> {
        (self.stance != Stance::Watching).then_some(&self.resolved.side)
    }
}

/// Observes, plans and applies. A helpdesk that cannot be read makes the round a blocked one.
pub async fn carry_out(
    store: StoreResource<'_>,
    context: &Context,
    (prepared, memory): (&Prepared, &mut StoreMemory),
) -> SideOutcome {
    let account = &prepared.resolved.side.account;
    let history = store.history(account);
    let now = crate::clock::monotonic();
    let process = (context.started, context.settings.settle_window);
    let absence_from = freshness::absence_from(memory, prepared.earlier, process);
    let named = policy::adoptable(&store.config.spec, &prepared.resolved.account);
    let assignment = Assignment {
        resolved: &prepared.resolved,
        stamp: &prepared.stamp,
        desired: &prepared.declaration.desired,
        named: &named,
        tokens: &prepared.tokens,
        not_before: freshness::not_before(store, memory, (now, context.started)),
        absence_from,
    };
    let ledger = Mutex::new(Ledger::open(store, memory.approved.as_ref()));
    let consent = StoreConsent { store, context, prepared, history, ledger };
    let claims = rivals::uncontested(store, context, &prepared.resolved);
    let mut known = Known { claims, applied_licenses: store.applied_licenses(account) };
    let worked = {
        let _seats = prepared.resolved.helpdesk.reserve_seats(&prepared.resolved.account).await;
        work::work(&assignment, &mut known, &consent).await
    };
    let (trail, approved) = consent.close(&known, worked.as_ref().ok().map(|worked| &worked.plan));
    memory.approved = approved;
    let worked = match worked {
        Ok(worked) => worked,
        Err(blocked) => {
            let round = Round::Blocked(Blocked { side: Some(prepared.resolved.side.clone()), ..blocked });
            return SideOutcome { round, reading: None, lost_answer: None, trail };
        }
    };
    let awaits = worked.plan.held.iter().any(|held| held.reason == Reason::AwaitingSettledReading);
    memory.awaits_reading_from = absence_from.filter(|_| awaits);
    let (lost_answer, reading) = (worked.lost_answer, Some(worked.reading));
    let mut planned = planned_of(store, prepared, (worked, known));
    planned.failing_webhooks = deliveries::failing(store, prepared, (&planned, memory)).await;
    SideOutcome { round: Round::Planned(Box::new(planned)), reading, lost_answer, trail }
}

fn planned_of(store: StoreResource<'_>, prepared: &Prepared, (worked, known): (Worked, Known)) -> Planned {
    let spec = &store.config.spec;
    let status_bindings = bindings::with_side(store.status().bindings, &prepared.resolved.side);
    let moving = bindings::leaving(&status_bindings).next().is_some();
    let binding = format!("{} {}", prepared.resolved.side.account, prepared.resolved.side.host);
    let training = training::look(spec, store.status().training.as_ref(), crate::clock::wall());
    let situation = Situation {
        spec,
        desired: &prepared.declaration.desired,
        observed: &worked.observed,
        plan: &worked.plan,
        missing_tokens: &prepared.tokens.missing,
        moving_to: moving.then_some(binding.as_str()),
        platform: prepared.resolved.side.platform,
        capabilities: prepared.provider().capabilities(),
        training: &training.standing,
    };
    let mut problems = prepared.problems.clone();
    let pending = match prepared.lifecycle {
        Lifecycle::Living => {
            problems.extend(notes::told(&prepared.declaration.desired, &worked.observed));
            pending::open_steps(&situation)
        }
        Lifecycle::Retiring | Lifecycle::Deleting(_) => Vec::new(),
    };
    Planned {
        side: prepared.resolved.side.clone(),
        desired: prepared.declaration.desired.clone(),
        ids: ids_of(store, &worked),
        observed: worked.observed,
        plan: worked.plan,
        done: worked.done,
        pending,
        problems,
        missing_tokens: prepared.tokens.missing.clone(),
        sheet_problem: None,
        left_sides: Vec::new(),
        failing_webhooks: BTreeSet::new(),
        claims: store.list_claims(&prepared.resolved.side.account, &known.claims),
        applied_licenses: known.applied_licenses,
        capabilities: prepared.provider().capabilities().clone(),
        stance: prepared.stance,
    }
}

fn ids_of(store: StoreResource<'_>, worked: &Worked) -> Ids {
    let ours = |owner: &Owner, key: &str| matches!(owner, Owner::Us { key: marked, .. } if marked == key);
    let observed = &worked.observed;
    let default = store.config.spec.default_department.as_deref();
    let field = observed.phone_fields.iter().find(|field| ours(&field.owner, &PhoneFieldKey.to_string()));
    let mut ids = Ids {
        phone_field: field.map(|field| field.id.clone()),
        default_department: observed
            .departments
            .iter()
            .find(|department| default.is_some_and(|key| ours(&department.owner, key)))
            .map(|department| department.id.clone()),
        ..Ids::default()
    };
    for webhook in &observed.webhooks {
        if let Owner::Us { key, .. } = &webhook.owner {
            ids.webhooks.insert(WebhookKey::new(key), (webhook.id.clone(), webhook.value.secret.clone()));
        }
    }
    ids
}
