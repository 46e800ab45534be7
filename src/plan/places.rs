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
    /// Agents with the department that is their account's default at this moment.
    pub(super) defaults: BTreeSet<(String, String)>,
}

/// Agents with the department that is their account's default at this moment.
pub(super) fn defaults(links: &Links, context: &Context<'_>) -> BTreeSet<(String, String)> {
    let ours = context.observed.agents.iter().filter_map(|remote| Some((mark(remote)?.0, remote)));
    ours.filter_map(|(marked, remote)| match &links.see(&remote.value).default_department {
        Ref::Ours(department) => {
            Some((links.current(Kind::Agent, marked).to_owned(), department.to_string()))
        }
        Ref::Foreign(_) | Ref::Nothing => None,
    })
    .collect()
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

/// The other places of an agent that loses its default place and gets no other.
#[derive(Default)]
struct OtherPlaces {
    others: Vec<ObjectKey>,
    /// One of them becomes ours in this plan, and can go in the next one only.
    has_new: bool,
}

type Homeless = BTreeMap<AgentKey, OtherPlaces>;

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
        // Both sides are sorted by key: one walk finds every pair.
        let mut proposals = Vec::new();
        let mut removed: Vec<&Seen<'_>> = Vec::new();
        let mut next = seen.iter().peekable();
        for (key, value) in &self.desired.memberships {
            while let Some(before) = next.next_if(|seen| seen.value.key < *key) {
                removed.push(before);
            }
            let found = next.next_if(|seen| seen.value.key == *key);
            proposals.extend(self.declared(value, found));
        }
        removed.extend(next);
        let homeless = self.homeless(&removed);
        proposals.extend(removed.iter().filter_map(|seen| self.removed(seen, &homeless)));
        proposals
    }

    fn declared(&self, value: &Membership, found: Option<&Seen<'_>>) -> Option<Proposal<Membership>> {
        if found.is_some_and(|seen| value.differences(&seen.value).is_empty()) {
            return None;
        }
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
    fn homeless(&self, removed: &[&Seen<'_>]) -> Homeless {
        let mut others: Homeless = removed
            .iter()
            .filter(|seen| seen.value.standing == Standing::Default)
            .filter(|seen| !self.is_given_up(&seen.value.key))
            .map(|seen| seen.value.key.agent.clone())
            .filter(|agent| self.next_default(agent).is_none())
            .map(|agent| (agent, OtherPlaces::default()))
            .collect();
        if others.is_empty() {
            return others;
        }
        for agent in self.in_duplicates() {
            others.entry(agent).and_modify(|places| places.has_new = true);
        }
        for seen in removed.iter().filter(|seen| seen.value.standing == Standing::Additional) {
            if let Some(places) = others.get_mut(&seen.value.key.agent) {
                places.others.push(ObjectKey::new(Kind::Membership, &seen.value.key));
                places.has_new |= mark(seen.remote).is_none();
            }
        }
        others
    }

    /// Agents with a place in a department that has no key yet, because an older one carries its mark.
    fn in_duplicates(&self) -> Vec<AgentKey> {
        let departments = self.context.observed.departments.iter().filter(|remote| mark(remote).is_some());
        let ends: BTreeSet<String> =
            departments.map(|remote| MembershipKey::foreign_end(&remote.id)).collect();
        let places = self.context.observed.memberships.iter().map(|remote| self.links.see(&remote.value));
        places
            .filter(|place| ends.contains(place.key.department.as_str()))
            .map(|place| place.key.agent.clone())
            .collect()
    }

    fn next_default<'s>(&'s self, agent: &'s AgentKey) -> Option<&'s Membership> {
        memberships_of(self.desired, agent).find(|other| other.standing == Standing::Default)
    }

    /// Whether this is where the account's conversations go by default at this moment.
    fn is_declared_default(&self, key: &MembershipKey) -> bool {
        let declared = self.desired.agents.get(&key.agent);
        if declared.is_none_or(|agent| agent.default_department == Ref::Nothing) {
            return false;
        }
        self.defaults.contains(&(key.agent.to_string(), key.department.to_string()))
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

    fn removed(&self, seen: &Seen<'_>, homeless: &Homeless) -> Option<Proposal<Membership>> {
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
        proposal.known_as = Some(ObjectKey::new(Kind::Membership, &seen.value.key));
        if self.is_declared_default(&seen.value.key) {
            proposal.after.push(ObjectKey::new(Kind::Agent, agent));
        }
        if seen.value.standing == Standing::Default {
            let next = self.next_default(agent);
            proposal.after.extend(next.map(|next| ObjectKey::new(Kind::Membership, &next.key)));
            if let Some(places) = homeless.get(agent) {
                proposal.after.extend(places.others.iter().cloned());
                let message = "another department of this agent becomes ours by this plan and goes first";
                proposal.hold = places.has_new.then(|| Hold::new(Reason::Pending, message));
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
            members.insert(links.current(Kind::Agent, key).to_owned());
        }
    }
    members
}
