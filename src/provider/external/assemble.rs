//! From the account's reading to one store's `Observed`: its marked objects, what looks like them, and the facts.
//!
//! Whose an object is, is read from its mark here and nowhere else: the adapter only keeps the text. Pure.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::convert::Item;
use super::view::AccountView;
use crate::model::ScheduleRoom;
use crate::model::{
    Access, AccountFacts, Agent, ExternalId, Kind, MembershipKey, Observed, Origin, Owner, Profile, Remote,
    Resource, Table,
};
use crate::provider::Scope;

/// What of the account is this store's.
#[derive(Default)]
struct Ours {
    /// The key of the oldest object with each mark, by its id.
    keys: BTreeMap<(Kind, ExternalId), String>,
    /// Every object with a mark of the store, duplicates among them.
    all: BTreeSet<(Kind, ExternalId)>,
}

impl Ours {
    fn add<R: Resource>(&mut self, items: &[Item<R>], scope: &Scope<'_>) {
        let mut oldest: BTreeMap<String, &ExternalId> = BTreeMap::new();
        for item in items {
            let Owner::Us { key, .. } = owner(item, scope) else { continue };
            self.all.insert((R::KIND, item.id.clone()));
            let known = oldest.entry(key).or_insert(&item.id);
            if item.id.by_age(known) == Ordering::Less {
                *known = &item.id;
            }
        }
        self.keys.extend(oldest.into_iter().map(|(key, id)| ((R::KIND, id.clone()), key)));
    }

    fn key(&self, kind: Kind, id: &ExternalId) -> Option<String> {
        self.keys.get(&(kind, id.clone())).cloned()
    }

    fn holds(&self, kind: Kind, id: &ExternalId) -> bool {
        self.all.contains(&(kind, id.clone()))
    }
}

fn owner<R: Resource>(item: &Item<R>, scope: &Scope<'_>) -> Owner {
    if item.foreign_text {
        return Owner::Unknown;
    }
    scope.stamp.owner_of(item.mark.as_ref(), R::KIND)
}

/// What the account holds that concerns the store of `scope`.
pub(super) fn assemble(view: &AccountView, scope: &Scope<'_>) -> Observed {
    let mut ours = Ours::default();
    ours.add(&view.phone_fields, scope);
    ours.add(&view.departments, scope);
    ours.add(&view.agents, scope);
    ours.add(&view.webhooks, scope);
    let desired = scope.desired;
    let mut observed = Observed {
        licenses: select((&view.licenses, &desired.licenses), &ours, scope),
        phone_fields: select((&view.phone_fields, &desired.phone_fields), &ours, scope),
        departments: select((&view.departments, &desired.departments), &ours, scope),
        agents: select((&view.agents, &desired.agents), &ours, scope),
        webhooks: select((&view.webhooks, &desired.webhooks), &ours, scope),
        routes: select((&view.routes, &desired.routes), &ours, scope),
        routing: select((&view.routing, &desired.routing), &ours, scope),
        hours: select((&view.hours, &desired.hours), &ours, scope),
        account: AccountFacts {
            seats_used: view.seats_used(),
            administrators: view
                .agents
                .iter()
                .filter(|item| administers(&item.value))
                .map(|item| item.id.clone())
                .collect(),
            webhook_address: None,
            schedules: ScheduleRoom::Free,
        },
        ..Observed::default()
    };
    places(view, &ours, &mut observed);
    for remote in &observed.agents {
        if let Some(facts) = view.agent_facts.get(&remote.id) {
            observed.agent_facts.insert(remote.id.clone(), facts.clone());
        }
    }
    let departments = view.departments.iter().filter_map(|item| item.mark.as_ref());
    let marks = departments.chain(view.webhooks.iter().filter_map(|item| item.mark.as_ref()));
    observed.foreign_fence =
        marks.filter_map(|mark| scope.stamp.foreign_fence(mark)).next().map(str::to_owned);
    observed
}

fn administers(agent: &Agent) -> bool {
    agent.profile == Profile::Administrator && agent.access == Access::Active
}

/// What of one kind concerns the store: its own, what looks like what it declares, what it named, what points to it.
fn select<R: Resource>(
    (items, declared): (&[Item<R>], &Table<R::Key, R>),
    ours: &Ours,
    scope: &Scope<'_>,
) -> Vec<Remote<R>> {
    let looks: BTreeSet<String> = declared.values().filter_map(R::look_alike_key).collect();
    let named: BTreeSet<&ExternalId> =
        scope.named.iter().filter(|(object, _)| object.kind == R::KIND).map(|(_, id)| id).collect();
    let mut found = Vec::new();
    for item in items {
        let owner = owner(item, scope);
        let looks_alike = item.value.look_alike_key().is_some_and(|look| looks.contains(&look));
        let mut value = item.value.clone();
        value.relink(&|kind, id| ours.key(kind, id));
        // What points to an object of ours keeps it in use, whoever it belongs to.
        let mut probe = item.value.clone();
        probe.relink(&|kind, id| ours.holds(kind, id).then(String::new));
        let points_to_ours = R::KIND != Kind::Agent && !probe.leans_on().is_empty();
        if matches!(owner, Owner::Us { .. }) || looks_alike || named.contains(&item.id) || points_to_ours {
            found.push(Remote { id: item.id.clone(), owner, value });
        }
    }
    found
}

/// Memberships of the observed agents in the observed departments. A membership carries no mark: it is ours when both
/// ends are.
fn places(view: &AccountView, ours: &Ours, observed: &mut Observed) {
    let agents: BTreeSet<ExternalId> = observed.agents.iter().map(|remote| remote.id.clone()).collect();
    let departments: BTreeSet<ExternalId> =
        observed.departments.iter().map(|remote| remote.id.clone()).collect();
    for item in &view.memberships {
        let mut value = item.value.clone();
        let ends = (
            MembershipKey::foreign_id(value.key.agent.as_str()),
            MembershipKey::foreign_id(value.key.department.as_str()),
        );
        let (Some(agent), Some(department)) = ends else { continue };
        if ours.holds(Kind::Department, &department) && ours.key(Kind::Agent, &agent).is_none() {
            observed.shared_departments.insert(department.clone());
        }
        if !agents.contains(&agent) || !departments.contains(&department) {
            continue;
        }
        value.relink(&|kind, id| ours.key(kind, id));
        let ends = [value.key.agent.as_str(), value.key.department.as_str()];
        let is_ours = ends.iter().all(|end| MembershipKey::foreign_id(end).is_none());
        let owner = if is_ours {
            Owner::Us { key: value.key.to_string(), origin: Origin::Created, mark_is_current: true }
        } else {
            Owner::Nobody
        };
        observed.memberships.push(Remote { id: item.id.clone(), owner, value });
    }
    observed.memberships.sort_by(|left, right| left.id.by_age(&right.id));
}
