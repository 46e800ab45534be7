//! What must be true of a desk when nothing is left to do.

use std::collections::BTreeMap;

use human_support_operator::model::*;
use human_support_operator::plan::Plan;
use human_support_operator::provider::memory::Desk;

use crate::oracle::{Verdict, is_held_id, ours};
use crate::run::observe;
use crate::worlds::World;

/// At rest at most one live object carries a mark.
pub(crate) fn one_per_mark(world: &World, plan: &Plan, after: &Desk) -> Verdict {
    let now = observe(world, after);
    let mut live: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, _) in ours(&now.departments).filter(|(_, remote)| remote.value.active) {
        *live.entry(key).or_default() += 1;
    }
    let is_kept = world.policy.lifecycle != Lifecycle::Living;
    let twice = live.into_iter().find(|(_, count)| *count > 1);
    match twice {
        Some((key, _)) if !is_kept && !is_held(plan, Kind::Department, key) => {
            Err(format!("two departments carry the mark of {key}"))
        }
        _ => Ok(()),
    }
}

fn is_held(plan: &Plan, kind: Kind, key: &str) -> bool {
    plan.held.iter().any(|held| {
        let object = held.step.object();
        object.kind == kind && object.name.eq_ignore_ascii_case(key)
    })
}

/// At rest everything is as declared, or held with its reason.
pub(crate) fn complete(world: &World, plan: &Plan, now: &Observed) -> Verdict {
    if world.policy.lifecycle != Lifecycle::Living {
        return gone(world, plan, now);
    }
    for (key, declared) in &world.desired.agents {
        let found =
            ours(&now.agents).find(|(known, _)| *known == key.as_str()).map(|(_, remote)| &remote.value);
        let is_so = match declared.access {
            Access::Active => found.is_some_and(|agent| declared.differences(agent).is_empty()),
            _ => found.is_none_or(|agent| agent.access != Access::Active),
        };
        if !is_so && !is_held(plan, Kind::Agent, key.as_str()) {
            return Err(format!("agent {key} is {found:?}"));
        }
    }
    let has_places = world.policy.capabilities.of(Kind::Membership) != Support::None;
    for (key, place) in world.desired.memberships.iter().filter(|_| has_places) {
        let name = key.to_string();
        let is_active = world.desired.agents[&key.agent].access == Access::Active;
        let is_there = ours(&now.memberships).any(|(known, remote)| {
            known == name
                && (place.standing == Standing::Additional || remote.value.standing == place.standing)
        });
        let waits_for_an_end = is_held(plan, Kind::Agent, key.agent.as_str())
            || is_held(plan, Kind::Department, key.department.as_str());
        if is_active && !is_there && !waits_for_an_end && !is_held(plan, Kind::Membership, &name) {
            return Err(format!("place {name} is missing"));
        }
    }
    for (key, declared) in &world.desired.departments {
        let is_so = ours(&now.departments)
            .any(|(known, remote)| known == key.as_str() && declared.differences(&remote.value).is_empty());
        if !is_so && !is_held(plan, Kind::Department, key.as_str()) {
            return Err(format!("department {key} is not as declared"));
        }
    }
    for (key, declared) in &world.desired.routes {
        let name = key.to_string();
        let is_so = ours(&now.routes).any(|(known, remote)| {
            known.eq_ignore_ascii_case(&name)
                && remote.value.active
                && remote.value.webhook == declared.webhook
                && remote.value.phone_field == declared.phone_field
        });
        let waits_for_an_end = is_held(plan, Kind::Webhook, key.webhook.as_str())
            || is_held(plan, Kind::PhoneField, &PhoneFieldKey.to_string());
        if !is_so && !waits_for_an_end && !is_held(plan, Kind::EventRoute, &name) {
            return Err(format!("route {name} is not as declared"));
        }
    }
    leftovers(world, plan, now)
}

/// What is not declared has lost access, is switched off or is gone, or is held.
fn leftovers(world: &World, plan: &Plan, now: &Observed) -> Verdict {
    for (key, remote) in ours(&now.agents) {
        let is_declared = world.desired.agents.contains_key(&AgentKey::new(key));
        if !is_declared && remote.value.access == Access::Active && !is_held_id(plan, &remote.id) {
            return Err(format!("the leaver {key} still gets in"));
        }
    }
    for (key, remote) in ours(&now.departments) {
        let is_declared = world.desired.departments.contains_key(&DepartmentKey::new(key));
        if !is_declared && remote.value.active && !is_held_id(plan, &remote.id) {
            return Err(format!("the department {key} is left"));
        }
    }
    for (key, remote) in ours(&now.routes) {
        let is_declared =
            world.desired.routes.keys().any(|known| known.to_string().eq_ignore_ascii_case(key));
        if !is_declared && remote.value.active && !is_held_id(plan, &remote.id) {
            return Err(format!("the route {key} still fires"));
        }
    }
    Ok(())
}

/// A store that is deleted or retired leaves what its policy says.
fn gone(world: &World, plan: &Plan, now: &Observed) -> Verdict {
    let is_adopted = |owner: &Owner| matches!(owner, Owner::Us { origin: Origin::Adopted, .. });
    if let Some(remote) = now.agents.iter().find(|remote| is_adopted(&remote.owner))
        && plan.held.is_empty()
    {
        return Err(format!("the adopted account {} keeps our mark", remote.id));
    }
    if world.policy.lifecycle == Lifecycle::Deleting(DeletionPolicy::Orphan) {
        return Ok(());
    }
    for (key, remote) in ours(&now.agents) {
        if remote.value.access == Access::Active && !is_held_id(plan, &remote.id) {
            return Err(format!("{key} of the deleted store still gets in"));
        }
    }
    for (key, remote) in ours(&now.routes) {
        if remote.value.active && !is_held_id(plan, &remote.id) {
            return Err(format!("the route {key} of the deleted store still fires"));
        }
    }
    Ok(())
}
