//! From the account's reading to one store's `Observed`: licenses, departments, agents and their places.
//!
//! Agents carry no mark. One is ours by its claim where the account or the declaration bears that out; without one, a
//! declared agent is ours when its creation was claimed and it is in a department with this store's mark, or when it is
//! in a department that we created (a restore). Whoever is neither declared nor claimed is reported and never touched.
//! Pure; it must not send anything.

use std::collections::{BTreeMap, BTreeSet};

use super::convert;
use super::subscriptions;
use super::view::AccountView;
use super::wire::{Agent, Id};
use super::{Api, Memory};
use crate::model::ScheduleRoom;
use crate::model::{
    AccountFacts, AgentKey, Claim, DepartmentKey, Email, ExternalId, Kind, License, LicenseKey, Mark,
    Membership, MembershipKey, Note, ObjectKey, Observed, Origin, Owner, Profile, Remote, Standing,
};
use crate::provider::Scope;

/// Everything that one store's part is made from.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) view: &'a AccountView,
    pub(super) scope: &'a Scope<'a>,
    pub(super) memory: &'a Memory,
    pub(super) api: Api,
}

/// What the account holds that concerns the store of the scope.
pub(super) fn assemble(sources: &Sources<'_>) -> Observed {
    let Sources { view, scope, api, .. } = sources;
    let active = |agent: &&Agent| agent.is_active();
    let administrators =
        view.agents.values().filter(active).filter(|one| one.profile.as_deref() == Some("ADMIN"));
    let mut observed = Observed {
        account: AccountFacts {
            seats_used: u32::try_from(view.agents.values().filter(active).count()).unwrap_or(u32::MAX),
            administrators: administrators.map(|agent| ExternalId::new(&agent.id)).collect(),
            webhook_address: view.account.as_ref().map(|account| account.webhook_url.clone()),
            schedules: ScheduleRoom::Absent,
        },
        ..Observed::default()
    };
    licenses(&mut observed, sources);
    departments(&mut observed, sources);
    agents(&mut observed, sources);
    memberships(&mut observed, sources);
    subscriptions::observe(&mut observed, sources);
    if *api == Api::Partner {
        report_unlisted(&mut observed, view);
    }
    for department in view.departments.values() {
        note_fence(&mut observed, scope, &department.description);
    }
    observed
}

/// The quantity is in no answer: what was applied last stands for it.
fn licenses(observed: &mut Observed, sources: &Sources<'_>) {
    let Sources { view, scope, api, .. } = sources;
    let (Api::Partner, Some(account), Some(quantity)) = (*api, &view.account, scope.applied_licenses) else {
        return;
    };
    let key = LicenseKey.to_string();
    observed.licenses.push(Remote {
        id: ExternalId::new(&account.id),
        owner: Owner::Us { key, origin: Origin::Created, mark_is_current: true },
        value: License { quantity: Some(quantity) },
    });
}

fn departments(observed: &mut Observed, sources: &Sources<'_>) {
    let Sources { view, scope, api, .. } = sources;
    let named = named(scope, Kind::Department);
    let declared: BTreeMap<String, &DepartmentKey> = scope
        .desired
        .departments
        .iter()
        .map(|(key, department)| (department.name.as_str().to_lowercase(), key))
        .collect();
    let mut compared = BTreeSet::new();
    let mut ids: Vec<&Id> = view.departments.keys().collect();
    ids.sort_by_key(|id| (id.len(), (*id).clone()));
    for id in ids {
        let Some(row) = view.departments.get(id) else { continue };
        let by_name = declared.get(&row.name.to_lowercase());
        let owner = match (api, by_name) {
            // Where departments can only be compared, the oldest of the declared name is the entry's.
            (Api::Account, Some(key)) if compared.insert(*key) => {
                let key = key.as_str().to_lowercase();
                Owner::Us { key, origin: Origin::Adopted, mark_is_current: true }
            }
            (Api::Account, _) => Owner::Nobody,
            _ => convert::department_owner(scope.stamp, row),
        };
        let id = ExternalId::new(id);
        if is_ours(&owner) || by_name.is_some() || named.contains(&id) || is_of_store(scope, &row.description)
        {
            observed.departments.push(Remote { id, owner, value: convert::department(row) });
        }
    }
}

/// Whether a carrier has a mark of this store, whatever version or installation wrote it.
pub(super) fn is_of_store(scope: &Scope<'_>, carrier: &str) -> bool {
    Mark::store_of(carrier).is_some_and(|store| store == scope.stamp.store)
}

/// Who is whose, for one reading.
struct Staff<'a> {
    sources: &'a Sources<'a>,
    by_claim: BTreeMap<&'a ExternalId, (&'a ObjectKey, &'a Claim)>,
    by_email: BTreeMap<&'a Email, &'a AgentKey>,
    /// Departments with this store's mark, and those of them that we created.
    ours: BTreeSet<&'a str>,
    created: BTreeSet<&'a str>,
}

impl<'a> Staff<'a> {
    fn new(observed: &'a Observed, sources: &'a Sources<'a>) -> Self {
        let Sources { scope, .. } = sources;
        let claims = scope.claims.iter().filter(|(object, _)| object.kind == Kind::Agent);
        let mut staff = Self {
            sources,
            by_claim: claims
                .filter_map(|(object, claim)| Some((claim.id.as_ref()?, (object, claim))))
                .collect(),
            by_email: scope.desired.agents.iter().map(|(key, agent)| (&agent.email, key)).collect(),
            ours: BTreeSet::new(),
            created: BTreeSet::new(),
        };
        for department in &observed.departments {
            if let Owner::Us { origin, .. } = &department.owner {
                staff.ours.insert(department.id.as_str());
                if *origin == Origin::Created {
                    staff.created.insert(department.id.as_str());
                }
            }
        }
        staff
    }

    fn owner(&self, row: &Agent, email: &Email) -> Owner {
        if let Some((object, claim)) = self.by_claim.get(&ExternalId::new(&row.id))
            && self.is_borne_out(row, (object, email))
        {
            let key = object.name.to_lowercase();
            return Owner::Us { key, origin: claim.origin, mark_is_current: true };
        }
        let Some(key) = self.by_email.get(email) else { return Owner::Nobody };
        let object = ObjectKey::new(Kind::Agent, key);
        let is_in = |departments: &BTreeSet<&str>| {
            row.departments.iter().any(|place| departments.contains(place.id.as_str()))
        };
        let origin = match self.sources.scope.claims.get(&object) {
            // Its creation was claimed and its id never recorded: the answer was lost, or we were.
            Some(Claim { id: None, origin, .. }) if self.is_ours_to_find(row, email, &self.ours) => {
                Some(*origin)
            }
            // Nothing recorded, or an account that is gone: a restore. Only what we made ourselves proves anything.
            _ if is_in(&self.created) => Some(Origin::Adopted),
            _ => None,
        };
        origin.map_or(Owner::Nobody, |origin| Owner::Us {
            key: key.as_str().to_lowercase(),
            origin,
            mark_is_current: false,
        })
    }

    /// Whether more than the status says that an account is the claimed one: whoever may write the status can name
    /// anybody in it. It is in a department with this store's mark; or its entry is declared with its address and no
    /// other store's department has it (a person moved it out of ours).
    fn is_borne_out(&self, row: &Agent, (object, email): (&ObjectKey, &Email)) -> bool {
        let Sources { view, scope, api, .. } = self.sources;
        if *api != Api::Partner {
            // No department there shows a mark: the claim is all there is.
            return true;
        }
        let places = row.departments.iter().map(|place| place.id.as_str());
        if places.clone().any(|id| self.ours.contains(id)) {
            return true;
        }
        let is_declared =
            self.by_email.get(email).is_some_and(|key| ObjectKey::new(Kind::Agent, *key) == *object);
        let mut departments = places.filter_map(|id| view.departments.get(id));
        is_declared && departments.all(|one| convert::department_owner(scope.stamp, one) == Owner::Nobody)
    }

    /// Whether an account is the one that a recorded creation made.
    fn is_ours_to_find(&self, row: &Agent, email: &Email, ours: &BTreeSet<&str>) -> bool {
        if self.sources.memory.was_taken(email) {
            return false;
        }
        match self.sources.api {
            Api::Partner => row.departments.iter().any(|place| ours.contains(place.id.as_str())),
            // Nothing there can carry a sign of ours: the claim and the address are all there is.
            Api::Account | Api::SubscriptionsOnly => true,
        }
    }
}

fn agents(observed: &mut Observed, sources: &Sources<'_>) {
    let Sources { view, scope, .. } = sources;
    let named = named(scope, Kind::Agent);
    let staff = Staff::new(observed, sources);
    let mut found = Vec::new();
    let mut facts = BTreeSet::new();
    for row in view.agents.values().filter(|row| row.deleted_at.is_none()) {
        let id = ExternalId::new(&row.id);
        let mut value = convert::agent(row);
        let owner = staff.owner(row, &value.email);
        let is_looked_for =
            is_ours(&owner) || staff.by_email.contains_key(&value.email) || named.contains(&id);
        if !is_looked_for {
            facts.extend(
                row.departments.iter().map(|place| place.id.as_str()).filter(|id| staff.ours.contains(id)),
            );
            continue;
        }
        if let Some((_, claim)) = staff.by_claim.get(&id).filter(|_| is_ours(&owner)) {
            if value.profile == Profile::Unknown {
                value.profile = claim.profile.clone().unwrap_or(Profile::Unknown);
            }
            if row.text_limit.is_none() {
                value.max_conversations = claim.max_conversations;
            }
        }
        if !is_ours(&owner) {
            facts.extend(
                row.departments.iter().map(|place| place.id.as_str()).filter(|id| staff.ours.contains(id)),
            );
        }
        found.push(Remote { id, owner, value });
    }
    let shared = facts.into_iter().map(ExternalId::new).collect();
    observed.agents = found;
    observed.shared_departments = shared;
}

/// The agents' places in the observed departments. They carry no mark: one is ours when both ends are.
fn memberships(observed: &mut Observed, sources: &Sources<'_>) {
    let Sources { view, scope, api, .. } = sources;
    let departments: BTreeMap<&str, (&Owner, DepartmentKey)> = observed
        .departments
        .iter()
        .map(|remote| {
            let key = match &remote.owner {
                Owner::Us { key, .. } => declared(scope.desired.departments.keys(), key),
                _ => DepartmentKey::new(MembershipKey::foreign_end(&remote.id)),
            };
            (remote.id.as_str(), (&remote.owner, key))
        })
        .collect();
    let mut found = Vec::new();
    for agent in &observed.agents {
        let key = match &agent.owner {
            Owner::Us { key, .. } => AgentKey::new(key),
            _ => AgentKey::new(MembershipKey::foreign_end(&agent.id)),
        };
        for id in places(view, *api, agent.id.as_str()) {
            let Some((owner, department)) = departments.get(id.as_str()) else { continue };
            let key = MembershipKey { agent: key.clone(), department: department.clone() };
            let owner = if is_ours(&agent.owner) && is_ours(owner) {
                let key = key.to_string().to_lowercase();
                Owner::Us { key, origin: Origin::Created, mark_is_current: true }
            } else {
                Owner::Nobody
            };
            let value = Membership { key, standing: Standing::Additional };
            found.push(Remote { id: ExternalId::new(format!("{}/{id}", agent.id)), owner, value });
        }
    }
    observed.memberships = found;
}

/// The departments an agent is in: the account-token API says it with the departments only.
fn places(view: &AccountView, api: Api, agent: &str) -> Vec<Id> {
    match api {
        Api::Partner => {
            let row = view.agents.get(agent);
            row.into_iter().flat_map(|row| &row.departments).map(|place| place.id.clone()).collect()
        }
        Api::Account | Api::SubscriptionsOnly => view
            .departments
            .values()
            .filter(|department| department.agents.iter().any(|member| member == agent))
            .map(|department| department.id.clone())
            .collect(),
    }
}

/// Whoever answers in a department of ours and is neither declared nor claimed is told, and never touched.
fn report_unlisted(observed: &mut Observed, view: &AccountView) {
    let known: BTreeSet<&str> = observed.agents.iter().map(|agent| agent.id.as_str()).collect();
    let ours: BTreeSet<&str> = observed
        .departments
        .iter()
        .filter(|remote| is_ours(&remote.owner))
        .map(|remote| remote.id.as_str())
        .collect();
    let unlisted = view.agents.values().filter(|row| row.is_active() && !known.contains(row.id.as_str()));
    let inside = unlisted.filter(|row| row.departments.iter().any(|place| ours.contains(place.id.as_str())));
    let notes: Vec<Note> = inside.map(|row| Note::AgentUnlisted(ExternalId::new(&row.id))).collect();
    observed.notes.extend(notes);
}

/// Notes what a carrier says of another cluster, or of a newer version of the operator, that has this store.
pub(super) fn note_fence(observed: &mut Observed, scope: &Scope<'_>, carrier: &str) {
    observed.is_outrun |= scope.stamp.is_outrun_by(carrier);
    if let Some(mark) = Mark::parse(carrier)
        && let Some(fence) = scope.stamp.foreign_fence(&mark)
    {
        observed.foreign_fence = Some(fence.to_owned());
    }
}

pub(super) fn is_ours(owner: &Owner) -> bool {
    matches!(owner, Owner::Us { .. })
}

/// A marked key (lower case) as it is declared, where it is.
pub(super) fn declared<'a, K>(keys: impl Iterator<Item = &'a K>, marked: &str) -> K
where
    K: Clone + std::fmt::Display + From<String> + 'a,
{
    let mut keys = keys;
    let found = keys.find(|key| key.to_string().eq_ignore_ascii_case(marked)).cloned();
    found.unwrap_or_else(|| K::from(marked.to_owned()))
}

pub(super) fn named(scope: &Scope<'_>, kind: Kind) -> BTreeSet<ExternalId> {
    scope.named.iter().filter(|(object, _)| object.kind == kind).map(|(_, id)| id.clone()).collect()
}
