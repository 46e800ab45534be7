//! One complete reading of the account behind an adapter, checked.
//!
//! The contract demands that a reading shows every change that was answered before it began, so nothing of ours is laid
//! over a reading: after a write the account is read again.

use std::collections::BTreeMap;

use super::convert::{self, Item};
use super::wire;
use crate::model::{
    Access, Agent, AgentFacts, Department, EventRoute, ExternalId, License, Membership, OpeningHours,
    PhoneField, Profile, RoutingRule, Webhook,
};
use crate::provider::ProviderError;
use crate::provider::snapshot::{ReadOrder, View};

/// What the account holds.
#[derive(Debug)]
pub(super) struct AccountView {
    pub(super) licenses: Vec<Item<License>>,
    pub(super) phone_fields: Vec<Item<PhoneField>>,
    pub(super) departments: Vec<Item<Department>>,
    pub(super) agents: Vec<Item<Agent>>,
    pub(super) agent_facts: BTreeMap<ExternalId, AgentFacts>,
    pub(super) memberships: Vec<Item<Membership>>,
    pub(super) webhooks: Vec<Item<Webhook>>,
    pub(super) routes: Vec<Item<EventRoute>>,
    pub(super) routing: Vec<Item<RoutingRule>>,
    pub(super) hours: Vec<Item<OpeningHours>>,
}

impl AccountView {
    /// Checks a reading.
    ///
    /// # Errors
    /// `Malformed` when it is not complete, or anything in it is not as the contract says.
    pub(super) fn of(objects: wire::Objects) -> Result<Self, ProviderError> {
        let wire::Objects {
            complete,
            licenses,
            phone_fields,
            departments,
            agents,
            memberships,
            webhooks,
            routes,
            routing,
            hours,
        } = objects;
        if !complete {
            return Err(ProviderError::Malformed);
        }
        let mut agent_facts = BTreeMap::new();
        for row in &agents {
            let facts = convert::agent_facts(&row.object)?;
            if facts != AgentFacts::default() {
                agent_facts.insert(convert::id(&row.id)?, facts);
            }
        }
        Ok(Self {
            licenses: convert::items(licenses, |row, _| convert::license(row))?,
            phone_fields: convert::items(phone_fields, |row, _| convert::phone_field(row))?,
            departments: convert::items(departments, |row, _| convert::department(row))?,
            agents: convert::items(agents, |row, _| convert::agent(row))?,
            agent_facts,
            memberships: convert::items(memberships, |row, _| convert::membership(row))?,
            webhooks: convert::items(webhooks, convert::webhook)?,
            routes: convert::items(routes, |row, _| convert::route(row))?,
            routing: convert::items(routing, |row, _| convert::routing(row))?,
            hours: convert::items(hours, |row, _| convert::hours(row))?,
        })
    }

    /// Seats in use by anybody.
    pub(super) fn seats_used(&self) -> u32 {
        let holds_seat = |agent: &Agent| {
            let is_agent = !matches!(agent.profile, Profile::EndUser | Profile::LightAgent);
            is_agent && agent.access != Access::Dismissed
        };
        let used = self.agents.iter().filter(|item| holds_seat(&item.value)).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }
}

impl View for AccountView {
    type Written = ();

    fn lay_over(&mut self, _written: &(), _order: ReadOrder) {}
}
