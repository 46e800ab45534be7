//! Reading the reference helpdesk: what concerns one store, complete.

use std::collections::BTreeSet;

use super::desk::{Desk, Entry, Shelf, Stocked, age};
use crate::model::{
    Access, AccountFacts, Agent, AgentFacts, Department, EventRoute, ExternalId, Kind, Mark, MembershipKey,
    Observed, OpeningHours, Origin, Owner, PhoneField, Remote, Resource, RoutingRule, ScheduleRoom, Stamp,
    Table, Webhook,
};
use crate::provider::Scope;

impl Desk {
    /// What concerns the store of `scope`: its objects, look-alikes of what it declares, and what it named.
    pub fn observe(&self, scope: &Scope<'_>) -> Observed {
        let desired = scope.desired;
        let mut observed = Observed {
            licenses: self.read(scope, &desired.licenses),
            phone_fields: self.read(scope, &desired.phone_fields),
            departments: self.read(scope, &desired.departments),
            agents: self.read(scope, &desired.agents),
            webhooks: self.read(scope, &desired.webhooks),
            routes: self.read(scope, &desired.routes),
            routing: self.read(scope, &desired.routing),
            hours: self.read(scope, &desired.hours),
            ..Observed::default()
        };
        self.places(scope.stamp, &mut observed);
        observed.account = AccountFacts {
            seats_used: self.seats_used(),
            administrators: self.administrators().cloned().collect(),
            webhook_address: None,
            schedules: ScheduleRoom::Free,
        };
        for remote in &observed.agents {
            let account = self.accounts.get(&remote.id).cloned().unwrap_or_default();
            let is_suspended = remote.value.access == Access::Suspended;
            let facts = AgentFacts {
                protection: account.protection,
                open_conversations: is_suspended.then_some(account.open_conversations),
                seconds_unchanged: is_suspended.then_some(account.seconds_unchanged),
            };
            observed.agent_facts.insert(remote.id.clone(), facts);
        }
        let departments = self.departments.iter().map(|(id, entry)| (id, &entry.mark));
        let bearers = departments.chain(self.webhooks.iter().map(|(id, entry)| (id, &entry.mark)));
        let marks = bearers.filter_map(|(id, text)| Some((id.clone(), Mark::parse(text)?)));
        observed.foreign_fence = scope.stamp.other_cluster(&marks.collect::<Vec<_>>());
        observed
    }

    fn read<R: Stocked>(&self, scope: &Scope<'_>, declared: &Table<R::Key, R>) -> Vec<Remote<R>> {
        let looks: BTreeSet<String> = declared.values().filter_map(R::look_alike_key).collect();
        let named: BTreeSet<&ExternalId> =
            scope.named.iter().filter(|(object, _)| object.kind == R::KIND).map(|(_, id)| id).collect();
        let mut found = Vec::new();
        for (id, entry) in R::shelf(self) {
            let owner = self.owner(scope.stamp, (R::KIND, id), &entry.mark);
            let looks_alike = entry.value.look_alike_key().is_some_and(|look| looks.contains(&look));
            let mut value = entry.value.clone();
            value.relink(&|kind, id| self.key(scope.stamp, kind, id));
            // What points to an object of ours keeps it in use, whoever it belongs to.
            let mut probe = entry.value.clone();
            probe.relink(&|kind, id| self.is_ours(scope.stamp, kind, id).then(String::new));
            let points_to_ours = R::KIND != Kind::Agent && !probe.leans_on().is_empty();
            if matches!(owner, Owner::Us { .. }) || looks_alike || named.contains(id) || points_to_ours {
                found.push(Remote { id: id.clone(), owner, value });
            }
        }
        found
    }

    /// Whether a webhook or a department is this store's, duplicates by mark among them.
    fn is_ours(&self, stamp: &Stamp, kind: Kind, id: &ExternalId) -> bool {
        let mark = match kind {
            Kind::Department => self.departments.get(id).map(|entry| &entry.mark),
            Kind::Webhook => self.webhooks.get(id).map(|entry| &entry.mark),
            _ => None,
        };
        mark.is_some_and(|mark| matches!(self.owner(stamp, (kind, id), mark), Owner::Us { .. }))
    }

    /// The key of an object of the store, whatever its kind.
    fn key(&self, stamp: &Stamp, kind: Kind, id: &ExternalId) -> Option<String> {
        match kind {
            Kind::PhoneField => self.key_of::<PhoneField>(stamp, id),
            Kind::Department => self.key_of::<Department>(stamp, id),
            Kind::Agent => self.key_of::<Agent>(stamp, id),
            Kind::Webhook => self.key_of::<Webhook>(stamp, id),
            Kind::EventRoute => self.key_of::<EventRoute>(stamp, id),
            Kind::License | Kind::Membership | Kind::RoutingRule | Kind::OpeningHours => None,
        }
    }

    fn places(&self, stamp: &Stamp, observed: &mut Observed) {
        let agents: BTreeSet<&ExternalId> = observed.agents.iter().map(|remote| &remote.id).collect();
        let departments: BTreeSet<&ExternalId> =
            observed.departments.iter().map(|remote| &remote.id).collect();
        let mut memberships = Vec::new();
        for (id, Entry { value, .. }) in &self.memberships {
            let ends = (
                MembershipKey::foreign_id(value.key.agent.as_str()),
                MembershipKey::foreign_id(value.key.department.as_str()),
            );
            let (Some(agent), Some(department)) = ends else { continue };
            let is_in_ours = self.is_ours(stamp, Kind::Department, &department);
            if is_in_ours && self.key_of::<Agent>(stamp, &agent).is_none() {
                observed.shared_departments.insert(department.clone());
            }
            if !agents.contains(&agent) || !departments.contains(&department) {
                continue;
            }
            let mut value = value.clone();
            value.relink(&|kind, id| self.key(stamp, kind, id));
            let ends = [value.key.agent.as_str(), value.key.department.as_str()];
            let is_ours = ends.iter().all(|end| MembershipKey::foreign_id(end).is_none());
            let owner = if is_ours {
                Owner::Us { key: value.key.to_string(), origin: Origin::Created, mark_is_current: true }
            } else {
                Owner::Nobody
            };
            memberships.push(Remote { id: id.clone(), owner, value });
        }
        memberships.sort_by_key(|remote| age(&remote.id));
        observed.memberships = memberships;
    }

    /// The objects of a kind that are not this store's, to see that they stay as they are.
    pub fn foreign(&self, stamp: &Stamp) -> Vec<String> {
        fn rest<R: Stocked>(desk: &Desk, stamp: &Stamp, lines: &mut Vec<String>) {
            let shelf: &Shelf<R> = R::shelf(desk);
            for (id, entry) in shelf {
                if !matches!(desk.owner(stamp, (R::KIND, id), &entry.mark), Owner::Us { .. }) {
                    lines.push(format!("{} {id} {entry:?}", R::KIND));
                }
            }
        }
        let mut lines = Vec::new();
        rest::<PhoneField>(self, stamp, &mut lines);
        rest::<Department>(self, stamp, &mut lines);
        rest::<Agent>(self, stamp, &mut lines);
        rest::<Webhook>(self, stamp, &mut lines);
        rest::<EventRoute>(self, stamp, &mut lines);
        rest::<RoutingRule>(self, stamp, &mut lines);
        rest::<OpeningHours>(self, stamp, &mut lines);
        lines
    }
}
