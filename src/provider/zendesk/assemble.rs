//! From the account's reading to one store's `Observed`: its marked objects, what looks like them, and the facts.
//!
//! Touches only what the indexes find for the store. Pure; it must not send anything.

use std::collections::{BTreeMap, BTreeSet};

use super::convert::{self, Links, external, trigger};
use super::evidence::Evidence;
use super::table::{Row, of_group, of_user};
use super::view::AccountView;
use super::wire::{Id, Role, Trigger, User};
use crate::model::{
    AccountFacts, AgentFacts, AgentKey, DepartmentKey, ExternalId, Kind, Mark, Membership, MembershipKey,
    Note, Observed, Origin, Owner, Protection, Ref, Remote, ScheduleRoom, Standing,
};
use crate::provider::Scope;

/// What the account holds that concerns the store of `scope`.
pub(super) fn assemble(
    view: &AccountView,
    scope: &Scope<'_>,
    (evidence, most_schedules): (&Evidence, usize),
) -> Observed {
    let mut observed = Observed {
        account: AccountFacts {
            seats_used: view.seats_used,
            administrators: administrators(view).map(external).collect(),
            webhook_address: None,
            schedules: schedule_room(view, most_schedules),
        },
        foreign_fence: foreign_fence(view, scope),
        is_outrun: is_outrun(view, scope),
        ..Observed::default()
    };
    let users = users(view, scope, evidence);
    agents(&mut observed, &users, (view, scope, evidence));
    departments(&mut observed, view, scope);
    memberships(&mut observed, view, scope);
    webhooks(&mut observed, view, scope);
    fields(&mut observed, view, scope);
    triggers(&mut observed, view, scope);
    schedules(&mut observed, view, scope);
    if view.category.is_none() {
        observed.notes.insert(Note::RouteCategoryMissing(super::ROUTE_CATEGORY.to_owned()));
    }
    observed
}

/// The administrators who can let people in again: nobody signs in with the account of our credentials.
fn administrators(view: &AccountView) -> impl Iterator<Item = &Id> {
    view.administrators.iter().filter(|id| **id != view.acting_user)
}

fn users(view: &AccountView, scope: &Scope<'_>, evidence: &Evidence) -> BTreeMap<Id, User> {
    let emails = scope.desired.agents.values().map(|agent| agent.email.as_str().to_owned()).collect();
    let mut ids = numbers(scope, Kind::Agent);
    let claims = scope.claims.iter().filter(|(object, _)| object.kind == Kind::Agent);
    ids.extend(claims.filter_map(|(_, claim)| convert::number(claim.id.as_ref()?)));
    let mut users: BTreeMap<Id, User> = view
        .users
        .concerning(&scope.stamp.store, &emails, &ids)
        .into_iter()
        .map(|user| (user.id, user))
        .collect();
    for user in &evidence.users {
        users.entry(user.id).or_insert_with(|| user.clone());
    }
    users
}

fn agents(
    observed: &mut Observed,
    users: &BTreeMap<Id, User>,
    sources: (&AccountView, &Scope<'_>, &Evidence),
) {
    let (view, scope, evidence) = sources;
    let links = Links { view, scope };
    for user in users.values() {
        let id = external(user.id);
        let owner = links.user_owner(user);
        let protection = if user.id == view.acting_user {
            Some(Protection::ActingUser)
        } else if view.presumed_owner == Some(user.id) {
            Some(Protection::AccountOwner)
        } else {
            None
        };
        let work = evidence.work.get(&user.id);
        let facts = AgentFacts {
            protection,
            open_conversations: work.and_then(|work| work.unsolved),
            seconds_unchanged: work.and_then(|work| work.seconds_unchanged),
        };
        if facts != AgentFacts::default() {
            observed.agent_facts.insert(id.clone(), facts);
        }
        observed.agents.push(Remote { id, owner, value: convert::agent(user) });
    }
}

fn departments(observed: &mut Observed, view: &AccountView, scope: &Scope<'_>) {
    let names = scope
        .desired
        .departments
        .values()
        .map(|department| department.name.as_str().to_lowercase())
        .collect();
    let ids = numbers(scope, Kind::Department);
    for group in view.groups.concerning(&scope.stamp.store, &names, &ids) {
        let owner = convert::owner(scope.stamp, &group.description, Kind::Department);
        if is_ours(&owner) && is_shared(view, scope, group.id) {
            observed.shared_departments.insert(external(group.id));
        }
        if group.default {
            observed.fixed_departments.insert(external(group.id));
        }
        let (id, value) = (external(group.id), convert::department(&group));
        observed.departments.push(Remote { id, owner, value });
    }
}

/// Whether somebody answers in a department of ours who is not ours.
fn is_shared(view: &AccountView, scope: &Scope<'_>, group: Id) -> bool {
    let links = Links { view, scope };
    view.memberships.with_word(&of_group(group)).any(|membership| {
        let user = view.users.get(&membership.user_id);
        user.is_some_and(|user| user.role != Role::EndUser && !is_ours(&links.user_owner(user)))
    })
}

/// Memberships of the observed agents in the observed departments. A membership carries no mark: it is ours when both
/// ends are.
fn memberships(observed: &mut Observed, view: &AccountView, scope: &Scope<'_>) {
    let links = Links { view, scope };
    let departments: BTreeMap<Id, DepartmentKey> = observed
        .departments
        .iter()
        .filter_map(|remote| {
            let key = match links.department(remote.id.as_str()) {
                Ref::Ours(key) => key,
                _ => DepartmentKey::new(MembershipKey::foreign_end(&remote.id)),
            };
            Some((convert::number(&remote.id)?, key))
        })
        .collect();
    let mut found = Vec::new();
    for agent in &observed.agents {
        let Some(user) = convert::number(&agent.id) else { continue };
        let key = match &agent.owner {
            Owner::Us { key, .. } => AgentKey::new(key),
            _ => AgentKey::new(MembershipKey::foreign_end(&agent.id)),
        };
        for row in view.memberships.with_word(&of_user(user)) {
            let Some(department) = departments.get(&row.group_id) else { continue };
            let standing = if row.default { Standing::Default } else { Standing::Additional };
            let key = MembershipKey { agent: key.clone(), department: department.clone() };
            found.push(Remote {
                id: external(row.id),
                owner: owner_of_both(&key),
                value: Membership { key, standing },
            });
        }
    }
    observed.memberships = found;
}

fn owner_of_both(key: &MembershipKey) -> Owner {
    let is_foreign = |end: &str| MembershipKey::foreign_id(end).is_some();
    if is_foreign(key.agent.as_str()) || is_foreign(key.department.as_str()) {
        return Owner::Nobody;
    }
    Owner::Us { key: key.to_string().to_lowercase(), origin: Origin::Created, mark_is_current: true }
}

fn webhooks(observed: &mut Observed, view: &AccountView, scope: &Scope<'_>) {
    let endpoints =
        scope.desired.webhooks.values().map(|webhook| webhook.url.as_str().to_lowercase()).collect();
    let ids: Vec<String> = named(scope, Kind::Webhook).map(|id| id.as_str().to_owned()).collect();
    for row in view.webhooks.concerning(&scope.stamp.store, &endpoints, &ids) {
        let owner = convert::owner(scope.stamp, &row.description, Kind::Webhook);
        let (id, value) = (external(&row.id), convert::webhook(&row));
        observed.webhooks.push(Remote { id, owner, value });
    }
}

fn fields(observed: &mut Observed, view: &AccountView, scope: &Scope<'_>) {
    let titles =
        scope.desired.phone_fields.values().map(|field| field.title.as_str().to_lowercase()).collect();
    let ids = numbers(scope, Kind::PhoneField);
    for row in view.fields.concerning(&scope.stamp.store, &titles, &ids) {
        let owner = convert::owner(scope.stamp, &row.agent_description, Kind::PhoneField);
        let (id, value) = (external(row.id), convert::phone_field(&row));
        observed.phone_fields.push(Remote { id, owner, value });
    }
}

fn schedule_room(view: &AccountView, most: usize) -> ScheduleRoom {
    match view.has_schedules {
        false => ScheduleRoom::Absent,
        true if view.schedules.rows().len() >= most => ScheduleRoom::Full,
        true => ScheduleRoom::Free,
    }
}

fn schedules(observed: &mut Observed, view: &AccountView, scope: &Scope<'_>) {
    let names = scope.desired.hours.values().map(|hours| hours.name.as_str().to_lowercase()).collect();
    let ids = numbers(scope, Kind::OpeningHours);
    let mut rows = view.schedules.concerning(&scope.stamp.store, &names, &ids);
    if observed.account.schedules == ScheduleRoom::Full {
        rows = view.schedules.rows().into_iter().cloned().collect();
    }
    for row in rows {
        let owner = convert::owner(scope.stamp, row.carrier(), Kind::OpeningHours);
        let (id, value) = (external(row.id), convert::schedule::opening_hours(&row));
        observed.hours.push(Remote { id, owner, value });
    }
}

fn triggers(observed: &mut Observed, view: &AccountView, scope: &Scope<'_>) {
    let routes = scope.desired.routes.values().map(|route| route.tag.as_str().to_lowercase());
    let rules = scope.desired.routing.values().map(|rule| rule.tag.as_str().to_lowercase());
    let tags: BTreeSet<String> = routes.chain(rules).filter(|tag| !tag.is_empty()).collect();
    let named_routes = numbers(scope, Kind::EventRoute);
    let named_rules = numbers(scope, Kind::RoutingRule);
    let ids: Vec<Id> = named_routes.iter().chain(&named_rules).copied().collect();
    let links = Links { view, scope };
    for row in view.triggers.concerning(&scope.stamp.store, &tags, &ids) {
        let kind = match kind_of(&row, &links) {
            _ if named_routes.contains(&row.id) => Kind::EventRoute,
            _ if named_rules.contains(&row.id) => Kind::RoutingRule,
            Some(kind) => kind,
            None => continue,
        };
        let owner = convert::owner(scope.stamp, &row.description, kind);
        let id = external(row.id);
        if kind == Kind::EventRoute {
            observed.routes.push(Remote { id, owner, value: trigger::route(&row, &links) });
        } else {
            observed.routing.push(Remote { id, owner, value: trigger::routing(&row, &links) });
        }
    }
}

/// What a trigger is: by its mark; without one by what it does. Triggers that do neither do not concern us.
fn kind_of(row: &Trigger, links: &Links<'_>) -> Option<Kind> {
    if let Some(mark) = Mark::parse(&row.description) {
        return Some(if mark.kind == Kind::RoutingRule { Kind::RoutingRule } else { Kind::EventRoute });
    }
    if trigger::exact_routing(row, links).is_some() {
        return Some(Kind::RoutingRule);
    }
    trigger::calls_webhook(row).then_some(Kind::EventRoute)
}

/// Another cluster's fence, on whichever objects of this store can bear one.
fn foreign_fence(view: &AccountView, scope: &Scope<'_>) -> Option<String> {
    let store = &scope.stamp.store;
    let groups = view.groups.of_store(store).map(|group| (external(group.id), &group.description));
    let webhooks = view.webhooks.of_store(store).map(|row| (external(&row.id), &row.description));
    let marks = groups.chain(webhooks).filter_map(|(id, text)| Some((id, Mark::parse(text)?)));
    scope.stamp.other_cluster(&marks.collect::<Vec<_>>())
}

/// Whether a newer version of the operator had this store.
fn is_outrun(view: &AccountView, scope: &Scope<'_>) -> bool {
    let stamp = scope.stamp;
    view.groups.is_outrun(stamp)
        || view.users.is_outrun(stamp)
        || view.webhooks.is_outrun(stamp)
        || view.triggers.is_outrun(stamp)
        || view.fields.is_outrun(stamp)
        || view.schedules.is_outrun(stamp)
}

fn is_ours(owner: &Owner) -> bool {
    matches!(owner, Owner::Us { .. })
}

fn named<'a>(scope: &Scope<'a>, kind: Kind) -> impl Iterator<Item = &'a ExternalId> + use<'a> {
    scope.named.iter().filter(move |(object, _)| object.kind == kind).map(|(_, id)| id)
}

fn numbers(scope: &Scope<'_>, kind: Kind) -> Vec<Id> {
    named(scope, kind).filter_map(convert::number).collect()
}
