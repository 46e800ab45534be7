//! What Zenvia will hold of a declaration, for each way an account is reached: what it has no place for is taken out.
//!
//! Pure. What is taken out is also told (`unsupported`), so that nobody believes it is done.

use std::collections::BTreeMap;

use super::Api;
use crate::model::{AgentKey, Desired, Kind, ObjectKey, Ref, RemoteName, Standing, Tag};
use crate::provider::{Loss, Unsupported};

const NO_PEOPLE: &str = "this account is reached for its webhooks only (`api: SubscriptionsOnly`): do it by hand in \
                         the helpdesk, or have the account reached as Partner or Account";

/// What Zenvia cannot hold of a declaration, and why.
pub(super) fn unsupported(api: Api, desired: &Desired) -> Vec<Unsupported> {
    let mut told = Vec::new();
    let mut tell = |object: ObjectKey, loss: Loss, message: &str| {
        told.push(Unsupported { object, message: message.to_owned(), loss });
    };
    for key in desired.phone_fields.keys() {
        let message = "Zenvia has no conversation field for the WhatsApp number: conversations belong to the \
                       account's own numbers";
        tell(ObjectKey::new(Kind::PhoneField, key), Loss::Detail, message);
    }
    for key in desired.routing.keys() {
        let message = "Zenvia has no rule that puts conversations into a department: the bot names the department, so \
                       hand it the department's id";
        tell(ObjectKey::new(Kind::RoutingRule, key), Loss::Detail, message);
    }
    for key in desired.hours.keys() {
        let message = "Zenvia's interfaces have no business hours: set them in the helpdesk";
        tell(ObjectKey::new(Kind::OpeningHours, key), Loss::Detail, message);
    }
    for (key, _) in desired.routes.iter().filter(|(_, route)| !route.body.is_empty()) {
        let message = "Zenvia sends bodies of its own: `body` has no place; take it out";
        tell(ObjectKey::new(Kind::EventRoute, key), Loss::Detail, message);
    }
    if api != Api::Partner {
        for key in desired.licenses.keys() {
            let message =
                "only a partner's interface can set the number of licenses: agree it with the partner";
            tell(ObjectKey::new(Kind::License, key), Loss::Detail, message);
        }
    }
    match api {
        Api::Partner => {}
        Api::Account => {
            let described = desired.departments.iter().filter(|(_, one)| !one.description.is_empty());
            for (key, _) in described {
                let message =
                    "the account's interface does not show descriptions of departments: write it by hand";
                tell(ObjectKey::new(Kind::Department, key), Loss::Detail, message);
            }
        }
        Api::SubscriptionsOnly => {
            for key in desired.departments.keys() {
                tell(ObjectKey::new(Kind::Department, key), Loss::Detail, NO_PEOPLE);
            }
            for key in desired.agents.keys() {
                tell(ObjectKey::new(Kind::Agent, key), Loss::Detail, NO_PEOPLE);
            }
            return told;
        }
    }
    let mut places: BTreeMap<&AgentKey, usize> = BTreeMap::new();
    for key in desired.memberships.keys() {
        *places.entry(&key.agent).or_default() += 1;
    }
    for (key, membership) in &desired.memberships {
        let is_one_of_several = places.get(&key.agent).is_some_and(|count| *count > 1);
        if membership.standing == Standing::Default && is_one_of_several {
            let message =
                "the order of an agent's departments has no place in Zenvia: all of them count alike";
            tell(ObjectKey::new(Kind::Membership, key), Loss::Detail, message);
        }
    }
    told
}

/// What cannot be done without a token for the subscriptions.
pub(super) fn without_subscriptions(desired: &Desired) -> Vec<Unsupported> {
    let message = "no token for subscriptions is known: add `apiHost` and `apiToken` to the account's Secret, or have \
                   whoever runs the account add `subscriptionsSecretRef` to the store's entry";
    let tell = |key| Unsupported {
        object: ObjectKey::new(Kind::Webhook, key),
        message: message.to_owned(),
        loss: Loss::Entry,
    };
    desired.webhooks.keys().map(tell).collect()
}

/// The declaration as Zenvia will hold it.
pub(super) fn normalize(api: Api, mut desired: Desired) -> Desired {
    desired.phone_fields.clear();
    desired.routing.clear();
    desired.hours.clear();
    if api != Api::Partner {
        desired.licenses.clear();
    }
    if api == Api::SubscriptionsOnly {
        desired.departments.clear();
        desired.agents.clear();
        desired.memberships.clear();
    }
    for department in desired.departments.values_mut() {
        if api == Api::Account {
            department.description.clear();
        }
    }
    for agent in desired.agents.values_mut() {
        agent.default_department = Ref::Nothing;
    }
    for membership in desired.memberships.values_mut() {
        membership.standing = Standing::Additional;
    }
    for (key, webhook) in &mut desired.webhooks {
        // A binding has no name of its own there: its key is what people see in the status.
        webhook.name = RemoteName::new(key.as_str());
    }
    for (key, route) in &mut desired.routes {
        route.title = RemoteName::new(key.to_string());
        route.tag = Tag::default();
        route.phone_field = Ref::Nothing;
        route.body.clear();
    }
    desired
}
