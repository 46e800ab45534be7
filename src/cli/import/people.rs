//! Who becomes an entry of `agents`, and who stays out.
//!
//! Pure. The owner, the user that the credentials act as and light agents stay out always: the operator may not change the
//! first two, and the others answer nobody.

use std::collections::BTreeMap;

use super::choose::{Chosen, ChosenAgent, Filter, Places, foreign_owner};
use super::slug::Keys;
use crate::api::agents::{MAX_AGENTS, MAX_DEPARTMENTS_PER_AGENT};
use crate::api::formats;
use crate::model::{
    Access, Agent, AgentKey, DepartmentKey, Desired, Kind, Membership, MembershipKey, Observed, Profile,
    Protection, Remote, Standing,
};
use crate::provider::{Loss, Provider};

/// The people whom the filter by address lets through and who can be taken over; the others are named in `left`.
pub(super) fn candidates<'a>(
    observed: &'a Observed,
    filter: &Filter,
    left: &mut Vec<String>,
) -> Vec<&'a Remote<Agent>> {
    let mut candidates = Vec::new();
    for remote in &observed.agents {
        if remote.value.profile == Profile::EndUser || !is_of_domains(&remote.value, &filter.email_domains) {
            continue;
        }
        let protection = observed.agent_facts.get(&remote.id).and_then(|facts| facts.protection);
        match why_not(remote, protection) {
            Some(why) => left.push(format!("{} (id {}): {why}", remote.value.name, remote.id)),
            None => candidates.push(remote),
        }
    }
    candidates
}

fn is_of_domains(agent: &Agent, domains: &[String]) -> bool {
    let domain = agent.email.as_str().rsplit('@').next().unwrap_or_default();
    domains.is_empty()
        || domains.iter().any(|wanted| domain.eq_ignore_ascii_case(wanted.trim_start_matches('@')))
}

fn why_not(remote: &Remote<Agent>, protection: Option<Protection>) -> Option<String> {
    let Agent { name, email, profile, access, max_conversations: _, default_department: _ } = &remote.value;
    match protection {
        Some(Protection::AccountOwner) => {
            return Some("the owner of the account, by all that can be seen".to_owned());
        }
        Some(Protection::ActingUser) => return Some("the user that the credentials act as".to_owned()),
        None => {}
    }
    if *access != Access::Active {
        return Some("has no access at present".to_owned());
    }
    match profile {
        Profile::LightAgent => return Some("a light agent, who does not answer customers".to_owned()),
        Profile::Custom(role) => {
            return Some(format!("has the role `{role}`, which is not written by the operator"));
        }
        // A profile that was guessed would be written, and might take an administrator's rights away.
        Profile::Unknown => {
            return Some(format!(
                "has a profile that this interface does not show: write the entry by hand with the right profile, and name the id {} in `adopt`",
                remote.id
            ));
        }
        Profile::Agent | Profile::Administrator | Profile::EndUser => {}
    }
    if let Some(owner) = foreign_owner(&remote.owner) {
        return Some(owner);
    }
    if !(formats::DISPLAY_NAME.accepts)(name) || name.chars().count() > 100 {
        return Some("has a name that is no single line of at most 100 characters".to_owned());
    }
    if !(formats::EMAIL.accepts)(email.as_str()) || email.as_str().len() > 254 {
        return Some("has no e-mail address that a resource can hold".to_owned());
    }
    None
}

/// Takes the people in who are in the chosen departments.
pub(super) fn take(candidates: &[&Remote<Agent>], (places, filter): (&Places, &Filter), chosen: &mut Chosen) {
    let mut keys = Keys::default();
    let nowhere = Default::default();
    // Some helpdesks know no default department: then the first one listed becomes nothing.
    let knows_default = places.values().flat_map(BTreeMap::values).any(|place| *place == Standing::Default);
    for remote in candidates {
        let all = places.get(&remote.id).unwrap_or(&nowhere);
        let mut own: Vec<(Standing, String)> = all
            .iter()
            .filter_map(|(id, standing)| Some((*standing, chosen.departments.get(id)?.0.clone())))
            .collect();
        if own.is_empty() && !filter.departments.is_empty() {
            continue;
        }
        own.sort_by(|left, right| {
            (left.0 != Standing::Default, &left.1).cmp(&(right.0 != Standing::Default, &right.1))
        });
        let has_default = own.first().is_some_and(|(standing, _)| *standing == Standing::Default);
        if knows_default && !own.is_empty() && !has_default {
            chosen.left.push(format!(
                "{} (id {}): the default department is none of those that are taken over, and the first one listed would become it",
                remote.value.name, remote.id
            ));
            continue;
        }
        if own.len() > MAX_DEPARTMENTS_PER_AGENT {
            chosen.left.push(format!(
                "{} (id {}): is in {} departments, and an entry lists at most {MAX_DEPARTMENTS_PER_AGENT}",
                remote.value.name,
                remote.id,
                own.len()
            ));
            continue;
        }
        let key = keys.key(&remote.value.name, ("agent", 63));
        chosen.agents.push(ChosenAgent {
            id: remote.id.clone(),
            key,
            agent: remote.value.clone(),
            departments: own.into_iter().map(|(_, key)| key).collect(),
        });
    }
}

/// Leaves out whom the helpdesk cannot hold as an entry says, such as an agent without a department where each needs one.
pub(super) fn leave_out_whom_it_cannot_hold(provider: &dyn Provider, chosen: &mut Chosen) {
    let mut desired = Desired::none();
    for one in &chosen.agents {
        let key = AgentKey::new(&one.key);
        for department in &one.departments {
            let key = MembershipKey { agent: key.clone(), department: DepartmentKey::new(department) };
            desired.memberships.insert(key.clone(), Membership { key, standing: Standing::Additional });
        }
        desired.agents.insert(key, one.agent.clone());
    }
    let lost = provider.unsupported(&desired).into_iter().filter(|told| told.loss == Loss::Entry);
    let why: BTreeMap<String, String> = lost
        .filter(|told| told.object.kind == Kind::Agent)
        .map(|told| (told.object.name, told.message))
        .collect();
    let Chosen { agents, left, .. } = chosen;
    agents.retain(|one| {
        if let Some(why) = why.get(&one.key) {
            left.push(format!("{} (id {}): {why}", one.agent.name, one.id));
        }
        !why.contains_key(&one.key)
    });
}

/// More people than one store holds are a mistake of the filter.
///
/// # Errors
/// When there are too many.
pub(super) fn not_too_many(chosen: &Chosen) -> Result<(), String> {
    if chosen.agents.len() <= MAX_AGENTS {
        return Ok(());
    }
    Err(format!(
        "{} people are left, and one store holds {MAX_AGENTS}; choose some with --department or --email-domain",
        chosen.agents.len()
    ))
}
