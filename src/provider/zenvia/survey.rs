//! The whole account as `import` reads it: the assembly of one store's part, with every object named.
//!
//! Subscriptions are shown so that they can be told: whose conversations they deliver is told by nothing but their
//! channel, so there are no webhooks to take over. No interface names the owner; whoever has the account's own address is
//! taken for it, which keeps that person out of an import and out of nothing else.

use std::collections::BTreeMap;
use std::time::Instant;

use super::assemble::{self, Sources};
use super::view::AccountView;
use super::{Api, Memory};
use crate::model::{
    AgentFacts, Claims, Desired, Email, ExternalId, Kind, ObjectKey, Observed, Protection, Stamp,
};
use crate::provider::Scope;

/// Everything that a reading shows which started at `started_at`.
pub(super) fn survey(
    view: &AccountView,
    (stamp, started_at): (&Stamp, Instant),
    (memory, api): (&Memory, Api),
) -> Observed {
    let (desired, claims) = (Desired::none(), Claims::default());
    let named = |kind: Kind, id: &String| (ObjectKey::new(kind, id), ExternalId::new(id));
    let agents = view.agents.keys().map(|id| named(Kind::Agent, id));
    let departments = view.departments.keys().map(|id| named(Kind::Department, id));
    let subscriptions = view.subscriptions.keys().map(|id| named(Kind::EventRoute, id));
    let named: BTreeMap<ObjectKey, ExternalId> = agents.chain(departments).chain(subscriptions).collect();
    let scope = Scope {
        stamp,
        desired: &desired,
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before: started_at,
    };
    let mut observed = assemble::assemble(&Sources { view, scope: &scope, memory, api });
    observed.webhooks.clear();
    let own =
        view.account.as_ref().map(|account| &account.email).filter(|own| !own.is_empty()).map(Email::new);
    if let Some(owner) = own.and_then(|own| observed.agents.iter().find(|agent| agent.value.email == own)) {
        let facts = AgentFacts { protection: Some(Protection::AccountOwner), ..AgentFacts::default() };
        observed.agent_facts.insert(owner.id.clone(), facts);
    }
    observed
}
