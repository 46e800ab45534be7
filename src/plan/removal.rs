//! What is taken away, and what is still in use by somebody.
//!
//! A department that somebody else answers in is not deleted, and a webhook that a trigger still calls is switched off
//! instead: removing what others use breaks them, and helpdesks refuse it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{
    Access, Agent, AgentKey, Department, DepartmentKey, Desired, EventRoute, Kind, Membership, MembershipKey,
    ObjectKey, Origin, Owner, Reason, Ref, Remote, RoutingKey, RoutingRule, Standing, Support, Webhook,
};

use super::diff::Context;
use super::draft::{Cause, Hold, Proposal, access_of, fold};
use super::kinds::{Links, Planned};
use super::lifecycle::{Disposal, disposal, duplicate};
use super::people::end_access;
use super::{Change, Step};

/// What becomes of an agent of ours that is not to be active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The account keeps its departments until its conversations are given away.
    Suspended,
    /// The account ends in this plan, and its memberships with it.
    Ends,
    /// The account had ended before.
    Gone,
    /// The account is no longer ours and stays where it is.
    Released,
}

/// Agents of ours that are not to be active, by key.
pub(super) type Fates = BTreeMap<String, Fate>;

/// The fate of an agent that is not to be active, by what is planned for it.
pub(super) fn fate(agent: &Remote<Agent>, proposal: Option<&Proposal<Agent>>) -> Fate {
    match proposal.map(|proposal| (&proposal.change, proposal.hold.is_some())) {
        Some((Change::Delete { .. }, _)) => Fate::Ends,
        Some((Change::Release { .. }, _)) => Fate::Released,
        Some((Change::Update { to, .. }, false)) if to.access == Access::Dismissed => {
            if access_of(&agent.value) == Access::Dismissed { Fate::Gone } else { Fate::Ends }
        }
        Some(_) => Fate::Suspended,
        None if access_of(&agent.value) == Access::Dismissed => Fate::Gone,
        None => Fate::Suspended,
    }
}

/// The key and origin in the mark of an object of ours.
pub(super) fn mark<R>(remote: &Remote<R>) -> Option<(&str, Origin)> {
    match &remote.owner {
        Owner::Us { key, origin, .. } => Some((key.as_str(), *origin)),
        Owner::Nobody
        | Owner::OtherStore(_)
        | Owner::OtherInstallation(_)
        | Owner::Unknown
        | Owner::NewerVersion => None,
    }
}

/// The change that does this with an object of ours; `None` where nothing is to be done.
pub(super) fn dispose<R: Planned>(
    remote: &Remote<R>,
    how: (Disposal, Cause),
    links: &Links,
) -> Option<Proposal<R>>
where
    Step: From<Change<R>>,
{
    let (disposal, cause) = how;
    let from = remote.owned()?;
    let change = match disposal {
        Disposal::Keep => return None,
        Disposal::Release => Change::Release { from },
        Disposal::Remove => Change::Delete { from },
        Disposal::SwitchOff => {
            let key = R::key_from_mark(from.marked_key())?;
            let actual = links.see(&remote.value);
            let to = actual.switched_off()?;
            let fields = to.differences(&actual);
            if fields.is_empty() {
                return None;
            }
            Change::Update { key, from, to, fields }
        }
    };
    Some(Proposal::new(change, cause))
}

/// What is done with everything of a kind that is not declared.
pub(super) fn unlisted<R: Planned>(
    remotes: (&[&Remote<R>], &[&Remote<R>]),
    links: &Links,
    context: &Context<'_>,
) -> Vec<Proposal<R>>
where
    Step: From<Change<R>>,
{
    let (unlisted, duplicates) = remotes;
    let listed_for = |remote: &Remote<R>, cause: Cause| {
        let (_, origin) = mark(remote)?;
        let how = match cause {
            Cause::Duplicate => duplicate(context.policy, R::KIND, origin),
            _ => disposal(context.policy, R::KIND, origin),
        };
        dispose(remote, (how, cause), links)
    };
    let removed = unlisted.iter().filter_map(|remote| listed_for(remote, Cause::Unlisted));
    removed.chain(duplicates.iter().filter_map(|remote| listed_for(remote, Cause::Duplicate))).collect()
}

/// What is done with an agent that is not declared.
pub(super) fn unlisted_agent(
    remote: &Remote<Agent>,
    cause: (Cause, &Context<'_>),
    links: &Links,
) -> Option<Proposal<Agent>> {
    let (why, context) = cause;
    let (key, origin) = mark(remote)?;
    match disposal(context.policy, Kind::Agent, origin) {
        Disposal::SwitchOff => end_access(remote, &AgentKey::new(key), (why, context)),
        other => dispose(remote, (other, why), links),
    }
}

/// Who and what points to departments.
pub(super) struct Users<'a> {
    pub(super) desired: &'a Desired,
    pub(super) fates: &'a Fates,
    pub(super) links: &'a Links,
    pub(super) context: &'a Context<'a>,
}

/// The removals of departments, held where somebody still uses them.
pub(super) fn departments(
    remotes: (&[&Remote<Department>], &[&Remote<Department>]),
    users: &Users<'_>,
) -> Vec<Proposal<Department>> {
    let mut proposals = unlisted(remotes, users.links, users.context);
    let is_taken_away = |proposal: &Proposal<Department>| {
        matches!(proposal.change, Change::Delete { .. } | Change::Update { .. })
    };
    if !proposals.iter().any(is_taken_away) {
        return proposals;
    }
    let uses = users.uses();
    for proposal in proposals.iter_mut().filter(|proposal| is_taken_away(proposal)) {
        let (Change::Delete { from } | Change::Update { from, .. }) = &proposal.change else { continue };
        // Once the older one with its mark is gone, this one is the object of the entry, and its agents can move.
        let is_next = proposal.cause == Cause::Duplicate
            && !users.desired.departments.contains_key(&DepartmentKey::new(from.marked_key()));
        let reason = if is_next { Reason::Pending } else { Reason::InUse };
        if users.context.observed.shared_departments.contains(from.id()) {
            let message = "somebody who is not one of the store's agents still answers there: move them to another \
                           department in the helpdesk, or declare them";
            proposal.hold.get_or_insert(Hold::new(reason, message));
        }
        // Another object than the oldest with its mark has no key: what points to it names its id.
        let name = match proposal.cause {
            Cause::Duplicate => MembershipKey::foreign_end(from.id()),
            Cause::Declared | Cause::Unlisted | Cause::Ending => from.marked_key().to_owned(),
        };
        for how in uses.get(&name).into_iter().flatten() {
            match how {
                Use::Until(object) => proposal.after.push(object.clone()),
                Use::Stays(message) => {
                    proposal.hold.get_or_insert(Hold::new(reason, message.clone()));
                }
            }
        }
    }
    proposals
}

/// How something uses a department that is to go.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Use {
    /// Until this object has changed.
    Until(ObjectKey),
    /// For as long as this sentence holds.
    Stays(String),
}

/// How uses name a department: by its key, or by the id of one that has none.
fn end(department: &Ref<DepartmentKey>) -> Option<String> {
    match department {
        Ref::Ours(key) => Some(fold(key.to_string())),
        Ref::Foreign(id) => Some(MembershipKey::foreign_end(id)),
        Ref::Nothing => None,
    }
}

impl Users<'_> {
    /// Every use of a department, by the department's key.
    fn uses(&self) -> BTreeMap<String, Vec<Use>> {
        let mut uses: BTreeMap<String, Vec<Use>> = BTreeMap::new();
        let observed = self.context.observed;
        for remote in &observed.memberships {
            let membership: &Membership = &self.links.see(&remote.value);
            let how = match mark(remote) {
                Some(_) => self.of_membership(membership),
                None => Some(self.of_place_without_key(membership)),
            };
            uses.entry(fold(membership.key.department.to_string())).or_default().extend(how);
        }
        for remote in &observed.agents {
            let agent = self.links.see(&remote.value);
            if let (Some((key, _)), Some(department)) = (mark(remote), end(&agent.default_department)) {
                let key = self.links.current(Kind::Agent, key);
                let how = self.of_agent(key, &agent.default_department);
                uses.entry(department).or_default().extend(how);
            }
        }
        for remote in &observed.routing {
            let rule = self.links.see(&remote.value);
            if let Some(department) = end(&rule.department) {
                let how = self.of_rule(remote, &rule);
                uses.entry(department).or_default().push(how);
            }
        }
        // Whatever the order of lists, the same sentence comes first.
        uses.values_mut().for_each(|uses| uses.sort());
        uses
    }

    fn of_leaver(&self, key: &str) -> Option<Use> {
        let object = ObjectKey::new(Kind::Agent, key);
        Some(match self.fates.get(key)? {
            Fate::Suspended => Use::Stays(format!(
                "the agent `{key}` keeps its place there until its conversations are given to others"
            )),
            Fate::Released => Use::Stays(format!(
                "the account of `{key}` stays in it without being ours: move it to another department in the helpdesk"
            )),
            Fate::Ends | Fate::Gone => Use::Until(object),
        })
    }

    fn of_membership(&self, membership: &Membership) -> Option<Use> {
        let agent = &membership.key.agent;
        if let Some(how) = self.of_leaver(agent.as_str()) {
            return Some(how);
        }
        if membership.standing == Standing::Additional {
            return None;
        }
        let next = memberships_of(self.desired, agent).find(|other| other.standing == Standing::Default);
        let support = self.context.policy.capabilities.of(Kind::Membership);
        let last = match (next, support) {
            (_, Support::None | Support::BudgetOnly) | (None, Support::NoRemoval) => {
                return Some(Use::Stays(format!(
                    "the agent `{agent}` gets no other default department: give it one in the helpdesk"
                )));
            }
            (Some(next), _) => &next.key,
            // Without another default its places go one by one, before the department.
            (None, _) => &membership.key,
        };
        Some(Use::Until(ObjectKey { kind: Kind::Membership, name: fold(last.to_string()) }))
    }

    /// A place in a department that has no key, because an older one carries its mark.
    fn of_place_without_key(&self, membership: &Membership) -> Use {
        let agent = membership.key.agent.as_str();
        match self.fates.get(agent) {
            Some(Fate::Ends | Fate::Gone) => Use::Until(ObjectKey::new(Kind::Agent, agent)),
            Some(Fate::Suspended | Fate::Released) | None => Use::Stays(
                "agents still answer there: move them to the older department of this name".to_owned(),
            ),
        }
    }

    fn of_agent(&self, key: &str, now: &Ref<DepartmentKey>) -> Option<Use> {
        if let Some(how) = self.of_leaver(key) {
            return Some(how);
        }
        let next = self.desired.agents.get(&AgentKey::new(key)).map(|agent| &agent.default_department);
        Some(match next {
            Some(next @ Ref::Ours(_)) if next != now => Use::Until(ObjectKey::new(Kind::Agent, key)),
            _ => Use::Stays(format!("the agent `{key}` has no other default department: declare one")),
        })
    }

    fn of_rule(&self, remote: &Remote<RoutingRule>, now: &RoutingRule) -> Use {
        let next = self.desired.routing.values().next();
        let moves = next.is_some_and(|next| next.department != now.department);
        let goes = next.is_none()
            && mark(remote).is_some_and(|(_, origin)| {
                disposal(self.context.policy, Kind::RoutingRule, origin) == Disposal::Remove
            });
        if mark(remote).is_some() && (moves || goes) {
            return Use::Until(ObjectKey::new(Kind::RoutingRule, RoutingKey));
        }
        let rule = super::adoption::describe(remote);
        Use::Stays(format!("{rule} still sends conversations there: change or remove it in the helpdesk"))
    }
}

/// The removals of webhooks: switched off instead where a route that stays still calls them.
pub(super) fn webhooks(
    remotes: (&[&Remote<Webhook>], &[&Remote<Webhook>]),
    routes: (&[Proposal<EventRoute>], &Links),
    context: &Context<'_>,
) -> Vec<Proposal<Webhook>> {
    let (routes, links) = routes;
    let proposals = unlisted(remotes, links, context);
    if !proposals.iter().any(|proposal| matches!(proposal.change, Change::Delete { .. })) {
        return proposals;
    }
    let mut leaving: BTreeMap<&str, ObjectKey> = BTreeMap::new();
    for proposal in routes {
        if let Change::Delete { from } | Change::Update { from, .. } = &proposal.change {
            let moved = proposal.change.target().is_none_or(|to| to.webhook != from.value().webhook);
            if moved {
                leaving.insert(from.id().as_str(), super::draft::folded(&proposal.change.object()));
            }
        }
    }
    let mut called: BTreeSet<String> = BTreeSet::new();
    let mut until: BTreeMap<String, Vec<ObjectKey>> = BTreeMap::new();
    for remote in &context.observed.routes {
        let route = links.see(&remote.value);
        let Ref::Ours(webhook) = &route.webhook else { continue };
        match leaving.get(remote.id.as_str()) {
            Some(object) => until.entry(fold(webhook.to_string())).or_default().push(object.clone()),
            None => {
                called.insert(fold(webhook.to_string()));
            }
        }
    }
    let instead = |mut proposal: Proposal<Webhook>| {
        let Change::Delete { from } = &proposal.change else { return Some(proposal) };
        if proposal.cause == Cause::Duplicate {
            return Some(proposal);
        }
        if !called.contains(from.marked_key()) {
            proposal.after.extend(until.get(from.marked_key()).into_iter().flatten().cloned());
            return Some(proposal);
        }
        let remote = context.observed.webhooks.iter().find(|remote| remote.id == *from.id())?;
        dispose(remote, (Disposal::SwitchOff, proposal.cause), links)
    };
    proposals.into_iter().filter_map(instead).collect()
}

/// The declared memberships of one agent.
pub(super) fn memberships_of<'a>(
    desired: &'a Desired,
    agent: &'a AgentKey,
) -> impl Iterator<Item = &'a Membership> {
    let first = MembershipKey { agent: agent.clone(), department: DepartmentKey::default() };
    let from_first = desired.memberships.range(first..);
    from_first.map(|(_, membership)| membership).take_while(move |membership| membership.key.agent == *agent)
}
