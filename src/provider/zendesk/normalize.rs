//! What Zendesk will hold of a declaration: documented bodies filled in, what it has no place for taken out.
//!
//! Pure. What is taken out is also told (`unsupported`), so that nobody believes it is done.

use super::convert::{body, zones};
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
    for (key, hours) in &desired.hours {
        let message = if zones::known(&hours.time_zone).is_none() {
            no_zone(&hours.time_zone)
        } else if hours.closed_in_part.is_empty() {
            continue;
        } else {
            in_part(&hours.closed_in_part)
        };
        let object = ObjectKey::new(Kind::OpeningHours, key);
        // What people then do by hand is a step of theirs: it keeps no store from being ready.
        unsupported.push(Unsupported { object, message, loss: Loss::Detail });
    }
    unsupported
}

fn no_zone(zone: &str) -> String {
    format!(
        "Zendesk has no time zone `{zone}`: declare one that it has and whose clock is the same, such as `America/Sao_Paulo`, or set the hours by hand and complete the step `SetBusinessHours`"
    )
}

fn in_part(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    format!(
        "Zendesk's holidays are whole days, and some exceptions close only part of one: {}. The schedule counts these hours as open; declare `date`, or leave them out",
        names.join(", ")
    )
}

/// The declaration as Zendesk will hold it.
pub(super) fn normalize(mut desired: Desired) -> Desired {
    desired.hours.retain(|_, hours| zones::known(&hours.time_zone).is_some());
    for hours in desired.hours.values_mut() {
        if let Some(zone) = zones::known(&hours.time_zone) {
            hours.time_zone = zone.to_owned();
        }
        hours.closed_in_part.clear();
    }
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
