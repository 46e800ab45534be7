//! What the reference helpdesk holds: objects by id, with the text in the place of their mark.
//!
//! References are kept as ids, as a helpdesk keeps them; names of ours exist only in marks.

use std::collections::BTreeMap;

use crate::model::{
    Access, Agent, Capabilities, Department, EventRoute, ExternalId, Kind, License, Membership,
    MembershipKey, ObjectKey, OpeningHours, Owner, PhoneField, Profile, Protection, Resource, RoutingRule,
    Stamp, Webhook,
};

/// An object with the text in the place of its mark (empty: none).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<R> {
    /// The text where marks are written.
    pub mark: String,
    /// The object, its references as ids.
    pub value: R,
}

/// The objects of one kind, by id.
pub type Shelf<R> = BTreeMap<ExternalId, Entry<R>>;

/// What the helpdesk knows of an account beyond the agent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Whether nobody but a person may change it.
    pub protection: Option<Protection>,
    /// Unsolved conversations assigned to it.
    pub open_conversations: u32,
    /// Seconds since it last changed.
    pub seconds_unchanged: u64,
}

/// What goes wrong with the next batch; steps are counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Only this many steps are done; the caller is gone and sees no answer.
    StopAfter(usize),
    /// This step is done and its answer is lost.
    LoseAnswer(usize),
}

/// The state of a helpdesk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desk {
    /// What it can do.
    pub capabilities: Capabilities,
    /// Seats that were bought; `None`: as many as are needed.
    pub seats: Option<u32>,
    /// The license quantity.
    pub licenses: Shelf<License>,
    /// Fields.
    pub phone_fields: Shelf<PhoneField>,
    /// Departments.
    pub departments: Shelf<Department>,
    /// Accounts of agents and customers.
    pub agents: Shelf<Agent>,
    /// What else is known of accounts.
    pub accounts: BTreeMap<ExternalId, Account>,
    /// Who answers where.
    pub memberships: Shelf<Membership>,
    /// Endpoints.
    pub webhooks: Shelf<Webhook>,
    /// What calls them.
    pub routes: Shelf<EventRoute>,
    /// Where conversations land.
    pub routing: Shelf<RoutingRule>,
    /// Business hours.
    pub hours: Shelf<OpeningHours>,
    /// Accounts that can carry no mark and were adopted, by what they became.
    pub claims: BTreeMap<ObjectKey, ExternalId>,
    /// What goes wrong with the next batch.
    pub fault: Fault,
    last_id: u64,
}

/// A kind that lies on a shelf of the desk.
pub(super) trait Stocked: Resource {
    fn shelf(desk: &Desk) -> &Shelf<Self>;
    fn shelf_mut(desk: &mut Desk) -> &mut Shelf<Self>;
}

macro_rules! stocked {
    ($($kind:ident: $shelf:ident;)*) => {
        $(impl Stocked for $kind {
            fn shelf(desk: &Desk) -> &Shelf<Self> {
                &desk.$shelf
            }
            fn shelf_mut(desk: &mut Desk) -> &mut Shelf<Self> {
                &mut desk.$shelf
            }
        })*
    };
}

stocked! {
    License: licenses;
    PhoneField: phone_fields;
    Department: departments;
    Agent: agents;
    Membership: memberships;
    Webhook: webhooks;
    EventRoute: routes;
    RoutingRule: routing;
    OpeningHours: hours;
}

impl Desk {
    /// An empty helpdesk.
    pub fn new(capabilities: Capabilities) -> Self {
        Self { capabilities, last_id: 100, ..Self::default() }
    }

    /// The next id; ids grow.
    pub fn new_id(&mut self) -> ExternalId {
        self.last_id = self.last_id.saturating_add(1);
        ExternalId::new(self.last_id.to_string())
    }

    /// Whose an object is for the store of `stamp`.
    pub(super) fn owner(&self, stamp: &Stamp, object: (Kind, &ExternalId), mark: &str) -> Owner {
        let (kind, id) = object;
        let claim = self.claims.iter().find(|(known, claimed)| known.kind == kind && *claimed == id);
        if let Some((object, _)) = claim {
            let origin = crate::model::Origin::Adopted;
            return Owner::Us { key: object.name.to_lowercase(), origin, mark_is_current: true };
        }
        match stamp.owner_by(mark, kind) {
            Owner::Nobody if !mark.is_empty() => Owner::Unknown,
            owner => owner,
        }
    }

    /// The oldest object of the store with this key.
    pub(super) fn find<R: Stocked>(&self, stamp: &Stamp, key: &str) -> Option<ExternalId> {
        let is_it = |id: &ExternalId, entry: &Entry<R>| match self.owner(stamp, (R::KIND, id), &entry.mark) {
            Owner::Us { key: known, .. } => known.eq_ignore_ascii_case(key),
            Owner::Nobody
            | Owner::OtherStore(_)
            | Owner::OtherInstallation(_)
            | Owner::Unknown
            | Owner::NewerVersion => false,
        };
        let ids = R::shelf(self).iter().filter(|(id, entry)| is_it(id, entry)).map(|(id, _)| id.clone());
        ids.min_by_key(age)
    }

    /// The key of an object of the store, for the oldest with its mark only.
    pub(super) fn key_of<R: Stocked>(&self, stamp: &Stamp, id: &ExternalId) -> Option<String> {
        let entry = R::shelf(self).get(id)?;
        match self.owner(stamp, (R::KIND, id), &entry.mark) {
            Owner::Us { key, .. } => (self.find::<R>(stamp, &key).as_ref() == Some(id)).then_some(key),
            Owner::Nobody
            | Owner::OtherStore(_)
            | Owner::OtherInstallation(_)
            | Owner::Unknown
            | Owner::NewerVersion => None,
        }
    }

    /// Seats in use by anybody.
    pub fn seats_used(&self) -> u32 {
        let used = self.agents.values().filter(|entry| holds_seat(&entry.value)).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    /// Everybody who may administer.
    pub fn administrators(&self) -> impl Iterator<Item = &ExternalId> {
        let may = |agent: &Agent| agent.profile == Profile::Administrator && agent.access == Access::Active;
        self.agents.iter().filter(move |(_, entry)| may(&entry.value)).map(|(id, _)| id)
    }

    /// The memberships of an account.
    pub(super) fn places_of(&self, agent: &ExternalId) -> Vec<ExternalId> {
        let end = MembershipKey::foreign_end(agent);
        let is_it = |entry: &Entry<Membership>| entry.value.key.agent.as_str() == end;
        self.memberships.iter().filter(|(_, entry)| is_it(entry)).map(|(id, _)| id.clone()).collect()
    }

    /// The memberships in a department.
    pub(super) fn places_in(&self, department: &ExternalId) -> Vec<ExternalId> {
        let end = MembershipKey::foreign_end(department);
        let is_it = |entry: &Entry<Membership>| entry.value.key.department.as_str() == end;
        self.memberships.iter().filter(|(_, entry)| is_it(entry)).map(|(id, _)| id.clone()).collect()
    }
}

/// Whether an account takes a seat.
pub(super) fn holds_seat(agent: &Agent) -> bool {
    let is_agent = !matches!(agent.profile, Profile::EndUser | Profile::LightAgent);
    is_agent && agent.access != Access::Dismissed
}

/// Ids by age: smaller numbers are older.
pub(super) fn age(id: &ExternalId) -> (usize, String) {
    (id.as_str().len(), id.as_str().to_owned())
}
