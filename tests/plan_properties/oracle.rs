//! What must be true of a desk after a plan, said without the planner's own words.

use std::collections::BTreeSet;

use human_support_operator::model::*;
use human_support_operator::plan::{Action, Change, Plan, Step};
use human_support_operator::provider::memory::Desk;

use crate::run::observe;
use crate::worlds::World;

/// A violation in words, or nothing.
pub(crate) type Verdict = Result<(), String>;

/// A world before and after a plan, each read once: reading is what costs.
pub(crate) struct Sight<'a> {
    pub(crate) world: &'a World,
    /// What the helpdesk showed before.
    pub(crate) before: Observed,
    /// The helpdesk afterwards.
    pub(crate) desk: &'a Desk,
    /// What it shows afterwards.
    pub(crate) now: Observed,
}

impl<'a> Sight<'a> {
    pub(crate) fn of(world: &'a World, desk: &'a Desk) -> Self {
        Self { world, before: observe(world, &world.desk), desk, now: observe(world, desk) }
    }
}

pub(crate) fn ours<R>(remotes: &[Remote<R>]) -> impl Iterator<Item = (&str, &Remote<R>)> {
    remotes.iter().filter_map(|remote| match &remote.owner {
        Owner::Us { key, .. } => Some((key.as_str(), remote)),
        _ => None,
    })
}

fn id_in<R: Resource>(change: &Change<R>) -> Option<ExternalId> {
    match change {
        Change::Create { .. } => None,
        Change::Adopt { from, .. } => Some(from.id.clone()),
        Change::Update { from, .. } | Change::Release { from } | Change::Delete { from } => {
            Some(from.id().clone())
        }
    }
}

/// The id of what a step changes.
fn subject(step: &Step) -> Option<ExternalId> {
    match step {
        Step::License(change) => id_in(change),
        Step::PhoneField(change) => id_in(change),
        Step::Department(change) => id_in(change),
        Step::Agent(change) => id_in(change),
        Step::Membership(change) => id_in(change),
        Step::Webhook(change) => id_in(change),
        Step::EventRoute(change) => id_in(change),
        Step::RoutingRule(change) => id_in(change),
        Step::OpeningHours(change) => id_in(change),
    }
}

fn is_adoption(step: &Step) -> Option<ExternalId> {
    subject(step).filter(|_| step.action() == Action::Adopt)
}

/// Whether a change of this very object is held, under whatever key.
pub(crate) fn is_held_id(plan: &Plan, id: &ExternalId) -> bool {
    plan.held.iter().any(|held| subject(&held.step).as_ref() == Some(id))
}

fn is_approved(world: &World, plan: &Plan) -> bool {
    world.policy.lifecycle != Lifecycle::Living || world.policy.approved.as_ref() == Some(&plan.digest())
}

/// Agents of ours who got in before and do not afterwards.
fn locked_out(sight: &Sight<'_>) -> Vec<(String, Remote<Agent>)> {
    ours(&sight.before.agents)
        .filter(|(_, remote)| remote.value.access == Access::Active)
        .filter(|(_, remote)| {
            sight.desk.agents.get(&remote.id).is_none_or(|entry| entry.value.access != Access::Active)
        })
        .map(|(key, remote)| (key.to_owned(), remote.clone()))
        .collect()
}

/// Objects that are not ours stay as they are, unless a step takes them over.
pub(crate) fn foreign_untouched(sight: &Sight<'_>, plan: &Plan) -> Verdict {
    let Sight { world, before, desk: after, now: _ } = sight;
    let adopted: BTreeSet<String> =
        plan.steps.iter().filter_map(is_adoption).map(|id| format!(" {id} ")).collect();
    let rest: BTreeSet<String> = after.foreign(&world.stamp).into_iter().collect();
    for line in world.desk.foreign(&world.stamp) {
        if !rest.contains(&line) && !adopted.iter().any(|id| line.contains(id.as_str())) {
            return Err(format!("changed or gone: {line}"));
        }
    }
    let known: BTreeSet<&ExternalId> = after.memberships.keys().collect();
    let names: BTreeSet<String> =
        ours(&before.agents).map(|(_, remote)| MembershipKey::foreign_end(&remote.id)).collect();
    for (id, entry) in &world.desk.memberships {
        let is_theirs = !names.contains(entry.value.key.agent.as_str())
            && !adopted.iter().any(|id| entry.value.key.agent.as_str() == format!("id:{}", id.trim()));
        if is_theirs && !known.contains(id) {
            return Err(format!("the place {id} of somebody else is gone"));
        }
    }
    Ok(())
}

/// What people made, and we only took over, is never deleted.
pub(crate) fn adopted_survives(sight: &Sight<'_>) -> Verdict {
    let Sight { world: _, before, desk: after, now: _ } = sight;
    let is_adopted = |owner: &Owner| matches!(owner, Owner::Us { origin: Origin::Adopted, .. });
    let mut kept: Vec<(&ExternalId, bool)> = Vec::new();
    kept.extend(
        before
            .agents
            .iter()
            .filter(|r| is_adopted(&r.owner))
            .map(|r| (&r.id, after.agents.contains_key(&r.id))),
    );
    kept.extend(
        before
            .departments
            .iter()
            .filter(|r| is_adopted(&r.owner))
            .map(|r| (&r.id, after.departments.contains_key(&r.id))),
    );
    kept.extend(
        before
            .webhooks
            .iter()
            .filter(|r| is_adopted(&r.owner))
            .map(|r| (&r.id, after.webhooks.contains_key(&r.id))),
    );
    kept.extend(
        before
            .routes
            .iter()
            .filter(|r| is_adopted(&r.owner))
            .map(|r| (&r.id, after.routes.contains_key(&r.id))),
    );
    kept.extend(
        before
            .hours
            .iter()
            .filter(|r| is_adopted(&r.owner))
            .map(|r| (&r.id, after.hours.contains_key(&r.id))),
    );
    match kept.into_iter().find(|(_, is_there)| !is_there) {
        Some((id, _)) => Err(format!("the adopted object {id} was deleted")),
        None => Ok(()),
    }
}

/// Nobody who is declared active loses access, and what is declared is not removed.
pub(crate) fn removals_justified(sight: &Sight<'_>) -> Verdict {
    let Sight { world, before, desk: _, now } = sight;
    if world.policy.lifecycle != Lifecycle::Living {
        return Ok(());
    }
    for (key, remote) in locked_out(sight) {
        let by_key = world.desired.agents.get(&AgentKey::new(&key));
        let by_address = || world.desired.agents.values().find(|agent| agent.email == remote.value.email);
        if by_key.or_else(by_address).is_some_and(|agent| agent.access == Access::Active) {
            return Err(format!("{key} is declared active and was locked out"));
        }
    }
    for (key, _) in ours(&before.departments) {
        let is_declared = world.desired.departments.contains_key(&DepartmentKey::new(key));
        if is_declared && !ours(&now.departments).any(|(known, _)| known == key) {
            return Err(format!("the declared department {key} is gone"));
        }
    }
    Ok(())
}

/// Access ends in two steps where conversations may still be assigned.
pub(crate) fn access_ends_in_steps(world: &World, plan: &Plan) -> Verdict {
    let is_slow = world.policy.capabilities.access_after_removal == AccessAfterRemoval::SuspendThenDismiss;
    for step in &plan.steps {
        if let Step::Agent(Change::Update { from, to, .. }) = step
            && (from.value().access, to.access) == (Access::Active, Access::Dismissed)
            && is_slow
        {
            return Err(format!("at once: {step}"));
        }
    }
    Ok(())
}

/// The brake on mass removal.
pub(crate) fn within_guard(sight: &Sight<'_>, plan: &Plan) -> Verdict {
    let Sight { world, before, desk: _, now } = sight;
    if is_approved(world, plan) {
        return Ok(());
    }
    let held = ours(&before.agents).filter(|(_, remote)| remote.value.access != Access::Dismissed).count();
    let gone: Vec<_> = locked_out(sight)
        .into_iter()
        .filter(|(_, remote)| !world.policy.expired_agents.contains(&remote.value.email))
        .collect();
    let RemovalGuard { min_count, max_percent, max_count } = world.policy.guard;
    let count = u32::try_from(gone.len()).unwrap();
    let share = count * 100 > u32::try_from(held).unwrap() * max_percent;
    if count > 0 && count >= min_count && (share || count > max_count) {
        return Err(format!("{count} of {held} were locked out"));
    }
    let Some(department) = &world.policy.default_department else { return Ok(()) };
    let answering = |observed: &Observed| -> BTreeSet<String> {
        let active: BTreeSet<&str> = ours(&observed.agents)
            .filter(|(_, remote)| remote.value.access == Access::Active)
            .map(|(key, _)| key)
            .collect();
        let places = ours(&observed.memberships).map(|(_, remote)| &remote.value.key);
        let by_place = places
            .filter(|key| key.department == *department && active.contains(key.agent.as_str()))
            .map(|key| key.agent.to_string());
        let by_default = ours(&observed.agents)
            .filter(|(key, remote)| {
                active.contains(key) && remote.value.default_department == Ref::Ours(department.clone())
            })
            .map(|(key, _)| key.to_owned());
        by_place.chain(by_default).collect()
    };
    let lost_somebody = gone.iter().any(|(key, _)| answering(before).contains(key));
    if lost_somebody && answering(now).is_empty() && now.shared_departments.is_empty() {
        return Err(format!("nobody answers in {department} any more"));
    }
    Ok(())
}

/// Seats and licenses.
pub(crate) fn seats_kept(sight: &Sight<'_>) -> Verdict {
    let Sight { world, before, desk: after, now } = sight;
    let with = |observed: &Observed, least: &[Access]| -> BTreeSet<ExternalId> {
        ours(&observed.agents)
            .filter(|(_, remote)| least.contains(&remote.value.access))
            .map(|(_, remote)| remote.id.clone())
            .collect()
    };
    let exceeds = |limit: Option<u32>, count: usize| limit.is_some_and(|limit| count > limit as usize);
    let active = (with(before, &[Access::Active]), with(now, &[Access::Active]));
    let gained = |sets: &(BTreeSet<ExternalId>, BTreeSet<ExternalId>)| !sets.1.is_subset(&sets.0);
    if gained(&active) && exceeds(world.policy.seats.licenses, active.1.len()) {
        return Err(format!("{} active agents", active.1.len()));
    }
    let seated = [Access::Active, Access::Suspended];
    let mut seats = (with(before, &seated), with(now, &seated));
    let is_light =
        |id: &ExternalId| after.agents.get(id).is_some_and(|e| e.value.profile == Profile::LightAgent);
    seats.1.retain(|id| !is_light(id));
    if gained(&seats) && exceeds(world.policy.seats.per_store, seats.1.len()) {
        return Err(format!("{} seats of the store", seats.1.len()));
    }
    let (used, used_before) = (after.seats_used() as usize, world.desk.seats_used() as usize);
    if used > used_before && exceeds(world.policy.seats.account, used) {
        return Err(format!("{used} seats of the account"));
    }
    Ok(())
}

/// Owner, acting user and the last administrator keep name, address, profile and access.
pub(crate) fn protected_kept(world: &World, after: &Desk) -> Verdict {
    for (id, account) in &world.desk.accounts {
        let (Some(before), true) = (world.desk.agents.get(id), account.protection.is_some()) else {
            continue;
        };
        let Some(now) = after.agents.get(id) else { return Err(format!("the protected {id} is gone")) };
        let (before, now) = (&before.value, &now.value);
        let same = before.name == now.name
            && before.email == now.email
            && before.profile == now.profile
            && (before.access == now.access || before.access != Access::Active);
        if !same {
            return Err(format!("the protected {id} changed: {now:?}"));
        }
    }
    let had = world.desk.administrators().next().is_some();
    if had && after.administrators().next().is_none() {
        return Err("nobody can administer any more".to_owned());
    }
    Ok(())
}

/// A closed gate, an unproven absence, an approval that is missing.
pub(crate) fn waits_kept(world: &World, plan: &Plan) -> Verdict {
    let policy = &world.policy;
    for step in &plan.steps {
        let is_made = matches!(step.action(), Action::Create | Action::Adopt);
        if matches!(policy.gate, Gate::Closed(_)) && is_made {
            return Err(format!("through a closed gate: {step}"));
        }
        if policy.absence == Absence::Unproven && step.action() == Action::Create {
            return Err(format!("on unproven absence: {step}"));
        }
        if is_approved(world, plan) {
            continue;
        }
        if policy.approval == Approval::Manual {
            return Err(format!("without approval: {step}"));
        }
        let goes = matches!(step.action(), Action::Delete | Action::Release);
        if policy.history == History::Unrecorded && goes {
            return Err(format!("without history: {step}"));
        }
        if policy.blocked.contains_key(&step.object()) {
            return Err(format!("although blocked: {step}"));
        }
    }
    Ok(())
}

/// No trigger or webhook of ours starts to act beside a foreign one with its effect.
pub(crate) fn one_effect(sight: &Sight<'_>) -> Verdict {
    let Sight { world, before: _, desk: _, now } = sight;
    let foreign: Vec<_> =
        now.routes.iter().filter(|remote| !matches!(remote.owner, Owner::Us { .. })).collect();
    for (key, remote) in ours(&now.routes).filter(|(_, remote)| remote.value.active) {
        let before = world.desk.routes.get(&remote.id).map(|entry| &entry.value);
        let twin = foreign.iter().find(|other| remote.value.collides_with(&other.value));
        let was_active = before.filter(|before| before.active);
        let Some(twin) = twin else { continue };
        if was_active.is_none_or(|before| !before.collides_with(&twin.value)) {
            return Err(format!("{key} acts beside the foreign trigger {}", twin.id));
        }
    }
    Ok(())
}
