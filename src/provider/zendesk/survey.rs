//! The whole account as `import` reads it: the assembly of one store's part, with every object named.
//!
//! Pure. Users of the helpdesk that only ask for help are in no list, so they are not here either. Triggers that neither
//! call a webhook nor put conversations into a group do not concern us.

use std::collections::BTreeMap;
use std::time::Instant;

use super::assemble::assemble;
use super::convert::{Links, external, trigger};
use super::evidence::Evidence;
use super::view::AccountView;
use crate::model::{Claims, Desired, ExternalId, Kind, ObjectKey, Observed, Stamp};
use crate::provider::Scope;

/// Everything that a reading shows which started at `started_at`.
pub(super) fn survey(view: &AccountView, stamp: &Stamp, started_at: Instant) -> Observed {
    let (desired, claims, nothing) = (Desired::none(), Claims::default(), BTreeMap::new());
    let scope = Scope {
        stamp,
        desired: &desired,
        claims: &claims,
        applied_licenses: None,
        named: &nothing,
        not_before: started_at,
    };
    let named = everything(view, &scope);
    assemble(view, &Scope { named: &named, ..scope }, (&Evidence::default(), usize::MAX))
}

fn everything(view: &AccountView, scope: &Scope<'_>) -> BTreeMap<ObjectKey, ExternalId> {
    let mut named = BTreeMap::new();
    let mut name = |kind, id: ExternalId| {
        named.insert(ObjectKey::new(kind, &id), id);
    };
    view.users.all().for_each(|user| name(Kind::Agent, external(user.id)));
    view.groups.all().for_each(|group| name(Kind::Department, external(group.id)));
    view.webhooks.all().for_each(|webhook| name(Kind::Webhook, external(&webhook.id)));
    view.fields.all().for_each(|field| name(Kind::PhoneField, external(field.id)));
    let links = Links { view, scope };
    for row in view.triggers.all() {
        if trigger::exact_routing(row, &links).is_some() {
            name(Kind::RoutingRule, external(row.id));
        } else if trigger::calls_webhook(row) {
            name(Kind::EventRoute, external(row.id));
        }
    }
    named
}
