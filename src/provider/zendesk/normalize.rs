//! What Zendesk will hold of a declaration: documented bodies filled in, what it has no place for taken out.
//!
//! Pure. What is taken out is also told (`unsupported`), so that nobody believes it is done.

use super::convert::body;
use crate::model::{Desired, Event, Kind, ObjectKey, PhoneFieldKey, Ref, Standing};
use crate::provider::{Loss, Unsupported};

/// What Zendesk cannot hold of a declaration, and why.
pub(super) fn unsupported(desired: &Desired) -> Vec<Unsupported> {
    let mut unsupported = Vec::new();
    let limited = desired.agents.iter().filter(|(_, agent)| agent.max_conversations.is_some());
    for (key, _) in limited {
        unsupported.push(Unsupported {
            object: ObjectKey::new(Kind::Agent, key),
            message: "`maxConversations` has no place in Zendesk's interface; set it in Zendesk's own routing settings"
                .to_owned(),
            loss: Loss::Detail,
        });
    }
    for key in desired.routes.keys().filter(|key| body::documented(key.event).is_none()) {
        unsupported.push(Unsupported {
            object: ObjectKey::new(Kind::EventRoute, key),
            message:
                "Zendesk's triggers cannot deliver this event; declare AgentReplied or ConversationResolved"
                    .to_owned(),
            loss: Loss::Entry,
        });
    }
    unsupported
}

/// The declaration as Zendesk will hold it.
pub(super) fn normalize(mut desired: Desired) -> Desired {
    desired.hours.clear();
    // Seats are bought by people: the number is a budget, nothing to write.
    desired.licenses.clear();
    desired.routes.retain(|key, _| body::documented(key.event).is_some());
    for department in desired.departments.values_mut() {
        department.active = true;
    }
    for (key, route) in &mut desired.routes {
        if route.body.is_empty() {
            route.body = documented_text(key.event);
        }
        let ids = body::field_ids(&route.body);
        if route.body.contains(body::PHONE_FIELD_PLACEHOLDER) {
            route.phone_field = Ref::Ours(PhoneFieldKey);
        } else if let Some(id) = ids.first() {
            route.phone_field = Ref::Foreign(super::convert::external(id));
            route.body = body::take_out(&route.body, *id);
        } else {
            route.phone_field = Ref::Nothing;
        }
    }
    default_departments(&mut desired);
    desired
}

fn documented_text(event: Event) -> String {
    body::documented(event).unwrap_or_default().to_owned()
}

/// Zendesk keeps an agent's default department with the membership: so that a difference shows once, the agent's own
/// field is emptied.
fn default_departments(desired: &mut Desired) {
    for (key, agent) in &mut desired.agents {
        let Ref::Ours(department) = std::mem::take(&mut agent.default_department) else { continue };
        for (membership, value) in &mut desired.memberships {
            if membership.agent == *key {
                let default = membership.department == department;
                value.standing = if default { Standing::Default } else { Standing::Additional };
            }
        }
    }
    for agent in desired.agents.values_mut() {
        agent.max_conversations = None;
    }
}
