//! What Zenvia will hold of a declaration, for each way an account is reached: what it has no place for is taken out.
//!
//! Pure. What is taken out is also told (`unsupported`), so that nobody believes it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::Api;
use crate::model::{Access, AgentKey, Desired, Kind, ObjectKey, Ref, RemoteName, Standing, Tag};
use crate::provider::{Loss, Unsupported};

const NO_PEOPLE: &str = "this account is reached for its webhooks only (`api: SubscriptionsOnly`): do it by hand in \
                         the helpdesk, or have the account reached as Partner or Account";

const NO_TOKEN: &str = "no token for subscriptions is known: add `apiHost` and `apiToken` to the account's Secret, or \
                        have whoever runs the account add `subscriptionsSecretRef` to the store's entry";
const NO_FIELD: &str = "Zenvia has no conversation field for the WhatsApp number: conversations belong to the account's \
                        own numbers";
const NO_ROUTING: &str = "Zenvia has no rule that puts conversations into a department: the bot names the department, so \
                          hand it the department's id";
const NO_HOURS: &str = "Zenvia's interfaces have no business hours: set them in the helpdesk";
const NO_BODY: &str = "Zenvia sends bodies of its own: `body` has no place; take it out";
const NO_PLACE: &str = "Zenvia puts an agent without a department into the account's first one, where nothing shows that \
                        the agent is the store's: list at least one of the store's departments in `departments`";
const NO_LICENSES: &str =
    "only a partner's interface can set the number of licenses: agree it with the partner";
const NO_DESCRIPTION: &str =
    "the account's interface does not show descriptions of departments: write it by hand";
const NO_ORDER: &str = "the order of an agent's departments has no place in Zenvia: all of them count alike";

/// What Zenvia cannot hold of a declaration, and why.
pub(super) fn unsupported(api: Api, desired: &Desired) -> Vec<Unsupported> {
    let mut told = Told::default();
    told.details(Kind::PhoneField, desired.phone_fields.keys(), NO_FIELD);
    told.details(Kind::RoutingRule, desired.routing.keys(), NO_ROUTING);
    told.details(Kind::OpeningHours, desired.hours.keys(), NO_HOURS);
    let with_body = desired.routes.iter().filter(|(_, route)| !route.body.is_empty());
    told.details(Kind::EventRoute, with_body.map(|(key, _)| key), NO_BODY);
    if api != Api::Partner {
        told.details(Kind::License, desired.licenses.keys(), NO_LICENSES);
    }
    match api {
        Api::Partner => {
            let placed: BTreeSet<&AgentKey> = desired.memberships.keys().map(|key| &key.agent).collect();
            let active = desired.agents.iter().filter(|(_, agent)| agent.access == Access::Active);
            let nowhere = active.map(|(key, _)| key).filter(|key| !placed.contains(key));
            told.add(Kind::Agent, nowhere, (Loss::Entry, NO_PLACE));
        }
        Api::Account => {
            let described = desired.departments.iter().filter(|(_, one)| !one.description.is_empty());
            told.details(Kind::Department, described.map(|(key, _)| key), NO_DESCRIPTION);
        }
        Api::SubscriptionsOnly => {
            told.details(Kind::Department, desired.departments.keys(), NO_PEOPLE);
            told.details(Kind::Agent, desired.agents.keys(), NO_PEOPLE);
            return told.all;
        }
    }
    let mut places: BTreeMap<&AgentKey, usize> = BTreeMap::new();
    for key in desired.memberships.keys() {
        *places.entry(&key.agent).or_default() += 1;
    }
    let ordered = desired.memberships.iter().filter(|(key, membership)| {
        let is_one_of_several = places.get(&key.agent).is_some_and(|count| *count > 1);
        membership.standing == Standing::Default && is_one_of_several
    });
    told.details(Kind::Membership, ordered.map(|(key, _)| key), NO_ORDER);
    told.all
}

/// What cannot be done without a token for the subscriptions.
pub(super) fn without_subscriptions(desired: &Desired) -> Vec<Unsupported> {
    let mut told = Told::default();
    told.add(Kind::Webhook, desired.webhooks.keys(), (Loss::Entry, NO_TOKEN));
    told.all
}

/// What was told so far.
#[derive(Default)]
struct Told {
    all: Vec<Unsupported>,
}

impl Told {
    fn details<K: Display>(&mut self, kind: Kind, keys: impl Iterator<Item = K>, message: &str) {
        self.add(kind, keys, (Loss::Detail, message));
    }

    fn add<K: Display>(&mut self, kind: Kind, keys: impl Iterator<Item = K>, (loss, message): (Loss, &str)) {
        let entry =
            |key| Unsupported { object: ObjectKey::new(kind, key), message: message.to_owned(), loss };
        self.all.extend(keys.map(entry));
    }
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
