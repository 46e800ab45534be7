//! What an adapter will hold of a declaration: what it offers no place for is taken out, and told.
//!
//! Pure. It must not drop anything that it does not tell, kinds that the capabilities already name aside.

use std::collections::BTreeSet;

use crate::model::{Capabilities, Desired, Event, Kind, ObjectKey, Ref, Standing, Support};
use crate::provider::{Loss, Unsupported};

/// What one adapter offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offered {
    pub(super) capabilities: Capabilities,
    pub(super) events: BTreeSet<Event>,
    pub(super) conversation_limits: ConversationLimits,
}

/// Whether an adapter can set a number of conversations at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConversationLimits {
    /// It can.
    Kept,
    /// It cannot.
    Dropped,
}

/// What the adapter cannot hold of a declaration, and why.
pub(super) fn unsupported(offered: &Offered, desired: &Desired) -> Vec<Unsupported> {
    let mut unsupported = Vec::new();
    if offered.conversation_limits == ConversationLimits::Dropped {
        let limited = desired.agents.iter().filter(|(_, agent)| agent.max_conversations.is_some());
        unsupported.extend(limited.map(|(key, _)| Unsupported {
            object: ObjectKey::new(Kind::Agent, key),
            message: "`maxConversations` has no place on this platform; set it there by hand".to_owned(),
            loss: Loss::Detail,
        }));
    }
    let in_part = desired.hours.iter().filter(|(_, hours)| !hours.closed_in_part.is_empty());
    unsupported.extend(in_part.map(|(key, hours)| Unsupported {
        object: ObjectKey::new(Kind::OpeningHours, key),
        message: format!(
            "the contract with adapters has closed days and no closed hours: set `{}` there by hand",
            hours.closed_in_part.join("`, `")
        ),
        loss: Loss::Detail,
    }));
    let dropped = desired.routes.keys().filter(|key| !offered.events.contains(&key.event));
    unsupported.extend(dropped.map(|key| Unsupported {
        object: ObjectKey::new(Kind::EventRoute, key),
        message: format!(
            "the adapter cannot deliver this event; declare one of: {}",
            offered.events.iter().map(Event::to_string).collect::<Vec<_>>().join(", ")
        ),
        loss: Loss::Entry,
    }));
    unsupported
}

/// The declaration as the adapter will hold it.
pub(super) fn normalize(offered: &Offered, mut desired: Desired) -> Desired {
    // A budget is a number to stay within, nothing to write.
    if offered.capabilities.of(Kind::License) != Support::Managed {
        desired.licenses.clear();
    }
    if offered.capabilities.of(Kind::OpeningHours) == Support::None {
        desired.hours.clear();
    }
    desired.hours.values_mut().for_each(|hours| hours.closed_in_part.clear());
    let keeps_fields = offered.capabilities.of(Kind::PhoneField) != Support::None;
    if !keeps_fields {
        desired.phone_fields.clear();
    }
    desired.routes.retain(|key, _| offered.events.contains(&key.event));
    for route in desired.routes.values_mut().filter(|_| !keeps_fields) {
        route.phone_field = Ref::Nothing;
    }
    default_departments(&mut desired);
    if offered.conversation_limits == ConversationLimits::Dropped {
        desired.agents.values_mut().for_each(|agent| agent.max_conversations = None);
    }
    desired
}

/// The contract keeps an agent's default department with the membership: so that a difference shows once, the agent's
/// own field is emptied.
fn default_departments(desired: &mut Desired) {
    for (key, agent) in &mut desired.agents {
        let Ref::Ours(department) = std::mem::take(&mut agent.default_department) else { continue };
        let of_agent = desired.memberships.iter_mut().filter(|(membership, _)| membership.agent == *key);
        for (membership, value) in of_agent {
            let is_default = membership.department == department;
            value.standing = if is_default { Standing::Default } else { Standing::Additional };
        }
    }
}
