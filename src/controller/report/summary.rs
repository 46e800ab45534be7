//! The numbers that `kubectl get` shows as columns.

use std::collections::BTreeSet;

use crate::api::HumanSupportConfigSpec;
use crate::api::config_status::Summary;
use crate::controller::round::{Bearing, Planned};
use crate::model::{Access, Kind, ObjectKey, Owner};

/// How many entries are as declared, of how many.
pub(super) fn summarize(spec: &HumanSupportConfigSpec, planned: &Planned) -> Summary {
    let open = open_objects(planned);
    let settled = |kind: Kind, keys: Vec<String>| {
        let done = keys.iter().filter(|key| !open.contains(&ObjectKey::new(kind, key))).count();
        format!("{done}/{}", keys.len())
    };
    let names =
        |keys: Vec<&dyn std::fmt::Display>| keys.into_iter().map(ToString::to_string).collect::<Vec<_>>();
    let active = planned
        .observed
        .agents
        .iter()
        .filter(|agent| matches!(agent.owner, Owner::Us { .. }) && agent.value.access != Access::Dismissed)
        .count();
    let agreed =
        spec.licenses.as_ref().map_or_else(|| "?".to_owned(), |licenses| licenses.quantity.to_string());
    Summary {
        agents: settled(Kind::Agent, names(spec.agents.iter().map(|agent| &agent.name as _).collect())),
        licenses: format!("{active}/{agreed}"),
        departments: settled(
            Kind::Department,
            names(spec.departments.iter().map(|entry| &entry.name as _).collect()),
        ),
        webhooks: settled(Kind::Webhook, names(spec.webhooks.iter().map(|entry| &entry.name as _).collect())),
        pending: i32::try_from(planned.pending.len()).unwrap_or(i32::MAX),
    }
}

/// Objects with something left to do, held, or wrong; an agent counts as open while one of its memberships is, a
/// webhook while one of its routes is.
fn open_objects(planned: &Planned) -> BTreeSet<ObjectKey> {
    let steps = planned.plan.steps.iter().map(|step| step.object());
    let held = planned.plan.held.iter().map(|held| held.step.object());
    let blocking = planned.problems.iter().filter(|problem| problem.bearing == Bearing::Blocks);
    let problems = blocking.map(|problem| problem.object.clone());
    let mut open = BTreeSet::new();
    for object in steps.chain(held).chain(problems) {
        let owner = object.name.split('/').next().unwrap_or_default().to_owned();
        match object.kind {
            Kind::Membership => open.insert(ObjectKey::new(Kind::Agent, owner)),
            Kind::EventRoute => open.insert(ObjectKey::new(Kind::Webhook, owner)),
            _ => open.insert(object),
        };
    }
    open
}
