//! The whole account as `import` reads it: the assembly of one store's part, with every department and everybody named.
//!
//! Subscriptions are left out: whose conversations they deliver is told by nothing but their channel.

use std::collections::BTreeMap;
use std::time::Instant;

use super::assemble::{self, Sources};
use super::view::AccountView;
use super::{Api, Memory};
use crate::model::{Claims, Desired, ExternalId, Kind, ObjectKey, Observed, Stamp};
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
    let named: BTreeMap<ObjectKey, ExternalId> = agents.chain(departments).collect();
    let scope = Scope {
        stamp,
        desired: &desired,
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before: started_at,
    };
    let observed = assemble::assemble(&Sources { view, scope: &scope, memory, api });
    Observed { webhooks: Vec::new(), routes: Vec::new(), ..observed }
}
