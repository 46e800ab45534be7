//! Memberships: who answers where.
//!
//! They carry no mark, so they are matched by their two ends. Only memberships of our agents in departments of ours are
//! removed: a helpdesk puts new agents into departments of its own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Access, AgentKey, Department, Desired, Kind, Membership, MembershipKey, ObjectKey, Reason, Ref, Remote,
    Resource, Standing, Support,
};

use super::Change;
use super::diff::{Context, id_order};
use super::draft::{Cause, Hold, Proposal, fold};
use super::kinds::Links;
use super::removal::{Fate, Fates, mark, memberships_of};

/// What memberships depend on.
pub(super) struct Places<'a> {
    pub(super) desired: &'a Desired,
    pub(super) fates: &'a Fates,
    pub(super) links: &'a Links,
    pub(super) context: &'a Context<'a>,
    /// Departments of ours that are not declared, by key.
    pub(super) leaving: BTreeMap<String, Leaving>,
}

/// What becomes of a department that is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leaving {
    /// It stays ours for now: it is switched off, or somebody still uses it.
    Stays,
    /// It goes, and its memberships with it.
    Goes,
    /// It is given up as it is, with its memberships.
    Released,
}

/// What becomes of every department that is not declared, by key.
pub(super) fn leaving(
    unlisted: &[&Remote<Department>],
    proposals: &[Proposal<Department>],
) -> BTreeMap<String, Leaving> {
    let mut fates: BTreeMap<String, Leaving> =
        unlisted.iter().filter_map(|remote| Some((mark(remote)?.0.to_owned(), Leaving::Stays))).collect();
    for proposal in proposals.iter().filter(|proposal| proposal.cause == Cause::Unlisted) {
        let fate = match &proposal.change {
            Change::Release { .. } => Leaving::Released,
            Change::Delete { .. } if proposal.hold.is_none() => Leaving::Goes,
            _ => Leaving::Stays,
        };
        fates.insert(fold(proposal.change.object().name), fate);
    }
    fates
}

/// An observed membership with its ends as they will be after this plan.
struct Seen<'a> {
    remote: &'a Remote<Membership>,
    value: Cow<'a, Membership>,
}

fn is_between_ours(key: &MembershipKey) -> bool {
    MembershipKey::foreign_id(key.agent.as_str()).is_none()
        && MembershipKey::foreign_id(key.department.as_str()).is_none()
}

impl<'a> Places<'a> {
    /// The changes of memberships.
    pub(super) fn proposals(&self) -> Vec<Proposal<Membership>> {
        let mut seen: Vec<Seen<'a>> = self
            .context
            .observed
            .memberships
            .iter()
            .map(|remote| Seen { remote, value: self.links.see(&remote.value) })
            .filter(|seen| is_between_ours(&seen.value.key))
            .collect();
        seen.sort_by(|left, right| {
            left.value.key.cmp(&right.value.key).then_with(|| id_order(&left.remote.id, &right.remote.id))
        });
        seen.dedup_by(|later, kept| later.value.key == kept.value.key);
        let mut proposals = Vec::new();
        for (key, value) in &self.desired.memberships {
            let found = seen.binary_search_by(|seen| seen.value.key.cmp(key)).ok().map(|index| &seen[index]);
            proposals.extend(self.declared(value, found));
        }
        let removed: Vec<&Seen<'_>> =
            seen.iter().filter(|seen| !self.desired.memberships.contains_key(&seen.value.key)).collect();
        let homeless = self.homeless(&removed);
        proposals.extend(removed.iter().filter_map(|seen| self.removed(seen, &homeless)));
        proposals
    }

    fn declared(&self, value: &Membership, found: Option<&Seen<'_>>) -> Option<Proposal<Membership>> {
        let key = value.key.clone();
        let Some(agent) = self.desired.agents.get(&key.agent) else {
            return Some(undeclared(value, &ObjectKey::new(Kind::Agent, &key.agent)));
        };
        let departments = self.context.policy.capabilities.of(Kind::Department);
        if departments != Support::None && !self.desired.departments.contains_key(&key.department) {
            return Some(undeclared(value, &ObjectKey::new(Kind::Department, &key.department)));
        }
        if agent.access != Access::Active {
            return None;
        }
        let Some(seen) = found else {
            return Some(Proposal::new(Change::Create { key, value: value.clone() }, Cause::Declared));
        };
        let fields = value.differences(&seen.value);
        if fields.is_empty() {
            return None;
        }
        let to = value.clone();
        let change = match seen.remote.owned() {
            Some(from) => Change::Update { key, from, to, fields },
            // Its agent or its department becomes ours in this very plan.
            None => Change::Adopt { key, from: seen.remote.clone(), to, fields },
        };
        Some(Proposal::new(change, Cause::Declared))
    }

    /// Agents whose default place goes and who get no other, with their other places: a helpdesk lets the default go
    /// last, so all go one by one, also where the department goes anyway.
    fn homeless(&self, removed: &[&Seen<'_>]) -> BTreeMap<AgentKey, Vec<ObjectKey>> {
        let mut others: BTreeMap<AgentKey, Vec<ObjectKey>> = removed
            .iter()
            .filter(|seen| seen.value.standing == Standing::Default)
            .filter(|seen| !self.is_given_up(&seen.value.key))
            .map(|seen| seen.value.key.agent.clone())
            .filter(|agent| self.next_default(agent).is_none())
            .map(|agent| (agent, Vec::new()))
            .collect();
        for seen in removed.iter().filter(|seen| seen.value.standing == Standing::Additional) {
            if let Some(places) = others.get_mut(&seen.value.key.agent) {
                places.push(ObjectKey::new(Kind::Membership, &seen.value.key));
            }
        }
        others
    }

    fn next_default<'s>(&'s self, agent: &'s AgentKey) -> Option<&'s Membership> {
        memberships_of(self.desired, agent).find(|other| other.standing == Standing::Default)
    }

    fn is_given_up(&self, key: &MembershipKey) -> bool {
        self.leaving.get(key.department.as_str()) == Some(&Leaving::Released)
    }

    fn goes_with_department(&self, key: &MembershipKey) -> bool {
        match self.leaving.get(key.department.as_str()) {
            Some(leaving) => *leaving == Leaving::Goes,
            None => !self.desired.departments.contains_key(&key.department),
        }
    }

    fn removed(
        &self,
        seen: &Seen<'_>,
        homeless: &BTreeMap<AgentKey, Vec<ObjectKey>>,
    ) -> Option<Proposal<Membership>> {
        let from = seen.remote.owned()?;
        let agent = &seen.value.key.agent;
        let goes_anyway = match self.fates.get(agent.as_str()) {
            Some(Fate::Suspended | Fate::Ends | Fate::Released) => true,
            Some(Fate::Gone) => false,
            None => !self.desired.agents.contains_key(agent),
        };
        let department_goes = self.goes_with_department(&seen.value.key) && !homeless.contains_key(agent);
        let is_kept = self.context.policy.capabilities.of(Kind::Membership) == Support::NoRemoval;
        let is_given_up = self.is_given_up(&seen.value.key) && !homeless.contains_key(agent);
        if goes_anyway || department_goes || is_kept || is_given_up {
            return None;
        }
        let mut proposal = Proposal::new(Change::Delete { from }, Cause::Unlisted);
        if seen.value.standing == Standing::Default {
            let next = self.next_default(agent);
            proposal.after.extend(homeless.get(agent).into_iter().flatten().cloned());
            proposal.after.extend(next.map(|next| ObjectKey::new(Kind::Membership, &next.key)));
            let declared = self.desired.agents.get(agent);
            if declared.is_some_and(|agent| agent.default_department != Ref::Nothing) {
                proposal.after.push(ObjectKey::new(Kind::Agent, agent));
            }
        }
        Some(proposal)
    }
}

/// A membership with an end that is not declared.
fn undeclared(value: &Membership, end: &ObjectKey) -> Proposal<Membership> {
    let change = Change::Create { key: value.key.clone(), value: value.clone() };
    let hold = Hold::new(Reason::InvalidSpec, format!("refers to {end}, which is not declared"));
    Proposal::new(change, Cause::Declared).held(Some(hold))
}

/// The agents who answer in a department of ours at this moment, by key.
pub(super) fn members(links: &Links, context: &Context<'_>, department: &str) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for remote in context.observed.memberships.iter().filter(|remote| mark(remote).is_some()) {
        let membership = links.see(&remote.value);
        if membership.key.department.as_str() == department {
            members.insert(fold(membership.key.agent.to_string()));
        }
    }
    for remote in &context.observed.agents {
        if let (Some((key, _)), Ref::Ours(default)) =
            (mark(remote), &links.see(&remote.value).default_department)
            && default.as_str() == department
        {
            members.insert(key.to_owned());
        }
    }
    members
}
