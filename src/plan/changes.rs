//! Every change that would make the helpdesk as declared, kind by kind, before anything is held by state.
//!
//! The set does not depend on approvals, gates or seats. A kind that the helpdesk does not have yields nothing.

use std::collections::BTreeMap;

use crate::model::{Access, Agent, Department, Desired, EventRoute, Kind, Remote, Support, Webhook};

use super::diff::{Context, Found, Matching, declared, match_up};
use super::draft::{Cause, Draft, Proposal};
use super::kinds::{Links, Planned};
use super::places::{Places, leaving};
use super::removal::{self, Fate, Fates, Users, mark};
use super::{Change, Step, collisions, people, places};

/// Who is who, for the kinds that others point to.
struct Ends<'a> {
    departments: Matching<'a, Department>,
    agents: Matching<'a, Agent>,
    webhooks: Matching<'a, Webhook>,
}

/// Whether the helpdesk has anything to write or compare of a kind.
fn is_planned(context: &Context<'_>, kind: Kind) -> bool {
    !matches!(context.policy.capabilities.of(kind), Support::None | Support::BudgetOnly)
}

/// The matching of a kind, empty where the helpdesk does not have the kind.
fn matched<'a, R: Planned>(
    desired: &'a BTreeMap<R::Key, R>,
    remotes: &'a [Remote<R>],
    context: &Context<'a>,
) -> Matching<'a, R> {
    if is_planned(context, R::KIND) {
        match_up(desired, remotes, context)
    } else {
        Matching { listed: Vec::new(), unlisted: Vec::new(), duplicates: Vec::new() }
    }
}

/// Every change, and what references mean afterwards.
pub(super) fn propose<'a>(desired: &'a Desired, context: &Context<'a>) -> (Vec<Draft>, Links) {
    let observed = context.observed;
    let fields = matched(&desired.phone_fields, &observed.phone_fields, context);
    let ends = Ends {
        departments: matched(&desired.departments, &observed.departments, context),
        agents: matched(&desired.agents, &observed.agents, context),
        webhooks: matched(&desired.webhooks, &observed.webhooks, context),
    };
    let mut links = Links::default();
    fields.link(&mut links);
    ends.departments.link(&mut links);
    ends.agents.link(&mut links);
    ends.webhooks.link(&mut links);
    let mut drafts = Vec::new();
    let licenses = matched(&desired.licenses, &observed.licenses, context);
    add(&mut drafts, plain(&licenses, (&observed.licenses, &links), context));
    add(&mut drafts, plain(&fields, (&observed.phone_fields, &links), context));
    let hours = matched(&desired.hours, &observed.hours, context);
    add(&mut drafts, plain(&hours, (&observed.hours, &links), context));
    let routing = matched(&desired.routing, &observed.routing, context);
    add(&mut drafts, plain(&routing, (&observed.routing, &links), context));
    let routes = matched(&desired.routes, &observed.routes, context);
    let routes = plain(&routes, (&observed.routes, &links), context);
    add(&mut drafts, webhooks(&ends.webhooks, (&routes, &links), context));
    add(&mut drafts, routes);
    people_and_places(&mut drafts, (desired, &ends, &links), context);
    (drafts, links)
}

fn add<R: Planned>(drafts: &mut Vec<Draft>, proposals: Vec<Proposal<R>>)
where
    Step: From<Change<R>>,
{
    drafts.extend(proposals.into_iter().map(Proposal::into_draft));
}

/// The changes of a kind that needs no rule of its own.
fn plain<R: Planned>(
    matching: &Matching<'_, R>,
    seen: (&[Remote<R>], &Links),
    context: &Context<'_>,
) -> Vec<Proposal<R>>
where
    Step: From<Change<R>>,
{
    let (remotes, links) = seen;
    let mut proposals: Vec<Proposal<R>> =
        matching.listed.iter().filter_map(|entry| declared(entry, links)).collect();
    proposals.extend(removal::unlisted((&matching.unlisted, &matching.duplicates), links, context));
    collisions::settle(&mut proposals, remotes, context);
    proposals
}

fn webhooks(
    matching: &Matching<'_, Webhook>,
    routes: (&[Proposal<EventRoute>], &Links),
    context: &Context<'_>,
) -> Vec<Proposal<Webhook>> {
    let (_, links) = routes;
    let mut proposals: Vec<Proposal<Webhook>> =
        matching.listed.iter().filter_map(|entry| declared(entry, links)).collect();
    proposals.extend(removal::webhooks((&matching.unlisted, &matching.duplicates), routes, context));
    collisions::settle(&mut proposals, &context.observed.webhooks, context);
    proposals
}

/// Agents, departments and memberships: each depends on what becomes of the others.
fn people_and_places(
    drafts: &mut Vec<Draft>,
    declared_ends: (&Desired, &Ends<'_>, &Links),
    context: &Context<'_>,
) {
    let (desired, ends, links) = declared_ends;
    let (agents, fates) = agents(&ends.agents, links, context);
    let mut departments: Vec<Proposal<Department>> =
        ends.departments.listed.iter().filter_map(|entry| declared(entry, links)).collect();
    let users = Users { desired, fates: &fates, links, context };
    let unlisted = (ends.departments.unlisted.as_slice(), ends.departments.duplicates.as_slice());
    departments.extend(removal::departments(unlisted, &users));
    collisions::settle(&mut departments, &context.observed.departments, context);
    if is_planned(context, Kind::Membership) {
        let leaving = leaving(&ends.departments.unlisted, &departments);
        let defaults = places::defaults(links, context);
        add(drafts, Places { desired, fates: &fates, links, context, leaving, defaults }.proposals());
    }
    add(drafts, departments);
    add(drafts, agents);
}

fn agents(
    matching: &Matching<'_, Agent>,
    links: &Links,
    context: &Context<'_>,
) -> (Vec<Proposal<Agent>>, Fates) {
    let mut fates = Fates::new();
    let mut proposals = Vec::new();
    for entry in &matching.listed {
        let proposal = people::listed(entry, links, context);
        if let (Found::Ours(remote), false) = (&entry.found, entry.value.access == Access::Active) {
            fates.insert(entry.text.clone(), removal::fate(remote, proposal.as_ref()));
        }
        proposals.extend(proposal);
    }
    let mut declared_addresses = BTreeMap::new();
    if !matching.unlisted.is_empty() {
        let active = matching.listed.iter().filter(|entry| entry.value.access == Access::Active);
        declared_addresses = active.map(|entry| (&entry.value.email, &entry.text)).collect();
    }
    for remote in &matching.unlisted {
        let Some((key, _)) = mark(remote) else { continue };
        let mut proposal = removal::unlisted_agent(remote, (Cause::Unlisted, context), links);
        if let Some(entry) = declared_addresses.get(&remote.value.email) {
            proposal = proposal.map(|proposal| proposal.held(Some(people::declared_elsewhere(entry))));
        }
        let fate: Fate = removal::fate(remote, proposal.as_ref());
        fates.insert(key.to_owned(), fate);
        proposals.extend(proposal);
    }
    for remote in &matching.duplicates {
        proposals.extend(removal::unlisted_agent(remote, (Cause::Duplicate, context), links));
    }
    collisions::settle(&mut proposals, &context.observed.agents, context);
    (proposals, fates)
}
