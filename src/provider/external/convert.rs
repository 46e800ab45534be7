//! From the contract's messages to the model and back. Nothing that an adapter says is taken unchecked: ids have a shape
//! and are unique, texts have a length, words are known, references name ids.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::wire;
use crate::model::{
    Access, AccessAfterRemoval, Agent, AgentFacts, AgentKey, Capabilities, Department, DepartmentKey, Email,
    Event, EventRoute, ExternalId, Interval, Kind, License, Mark, Membership, MembershipKey, OpeningHours,
    PhoneField, Profile, Protection, Ref, RemoteName, Resource, RoutingRule, SpecialDay, Standing, Support,
    Tag, Trigger, Url, Webhook,
};
use crate::provider::ProviderError;

/// The longest id.
const MAX_ID: usize = 128;
/// The longest text of a field, bodies of routes aside.
const MAX_TEXT: usize = 1024;
/// The longest body of a route.
const MAX_BODY: usize = 16 * 1024;

type Checked<T> = Result<T, ProviderError>;

/// An object of the account, checked.
#[derive(Clone, Debug)]
pub(super) struct Item<R> {
    pub(super) id: ExternalId,
    pub(super) mark: Option<Mark>,
    /// The text in the place of the mark.
    pub(super) text: String,
    pub(super) value: R,
}

/// Checks the rows of one kind; `value` converts what is inside.
pub(super) fn items<W, R: Resource>(
    rows: Vec<wire::Row<W>>,
    value: impl Fn(&W, Option<&Mark>) -> Checked<R>,
) -> Checked<Vec<Item<R>>> {
    let mut known = BTreeSet::new();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let id = id(&row.id)?;
        if !known.insert(id.clone()) {
            // Two objects with one id: whatever we would write could hit the other.
            return Err(ProviderError::Malformed);
        }
        let text = bounded(&row.mark, MAX_TEXT)?;
        let mark = Mark::parse(&text);
        let value = value(&row.object, mark.as_ref())?;
        items.push(Item { id, mark, text, value });
    }
    Ok(items)
}

/// An id of the adapter: 1 to 128 letters, digits and `._:@-`, so that it is safe in a path, a status and a log.
pub(super) fn id(text: &str) -> Checked<ExternalId> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '@' | '-');
    let is_id = !text.is_empty() && text.len() <= MAX_ID && text.chars().all(allowed);
    if is_id { Ok(ExternalId::new(text)) } else { Err(ProviderError::Malformed) }
}

fn bounded(text: &str, most: usize) -> Checked<String> {
    if text.len() <= most { Ok(text.to_owned()) } else { Err(ProviderError::Malformed) }
}

fn text(value: &str) -> Checked<String> {
    bounded(value, MAX_TEXT)
}

/// The word of a closed list.
fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Checked<T> {
    words.iter().find(|(known, _)| *known == text).map(|(_, value)| *value).ok_or(ProviderError::Malformed)
}

fn reference<K>(id_text: Option<&String>) -> Checked<Ref<K>> {
    id_text.map_or(Ok(Ref::Nothing), |text| id(text).map(Ref::Foreign))
}

const ACCESS: [(&str, Access); 3] =
    [("Active", Access::Active), ("Suspended", Access::Suspended), ("Dismissed", Access::Dismissed)];
const STANDING: [(&str, Standing); 2] =
    [("Default", Standing::Default), ("Additional", Standing::Additional)];
const PROTECTION: [(&str, Protection); 2] =
    [("AccountOwner", Protection::AccountOwner), ("ActingUser", Protection::ActingUser)];

/// The word for a value of a closed list.
fn word_of<T: PartialEq>(value: &T, words: &[(&'static str, T)]) -> &'static str {
    words.iter().find(|(_, known)| known == value).map_or("", |(word, _)| word)
}

pub(super) fn event(text: &str) -> Checked<Event> {
    Event::ALL.into_iter().find(|event| event.to_string() == text).ok_or(ProviderError::Malformed)
}

/// The capabilities of an adapter, and the events it can deliver.
pub(super) fn capabilities(offer: &wire::Offer) -> Checked<(Capabilities, BTreeSet<Event>)> {
    let mut capabilities = Capabilities {
        access_after_removal: word(
            &offer.access_after_removal,
            &[
                ("SuspendThenDismiss", AccessAfterRemoval::SuspendThenDismiss),
                ("Dismiss", AccessAfterRemoval::Dismiss),
            ],
        )?,
        ..Capabilities::default()
    };
    for kind in Kind::ALL {
        let support = offer.kinds.get(&kind.to_string()).map_or("None", String::as_str);
        let managed = [("Managed", Support::Managed), ("None", Support::None)];
        let support = match kind {
            Kind::License => word(support, &[managed[0], managed[1], ("BudgetOnly", Support::BudgetOnly)])?,
            _ => {
                let partial = [("NoRemoval", Support::NoRemoval), ("CompareOnly", Support::CompareOnly)];
                word(support, &[managed[0], managed[1], partial[0], partial[1]])?
            }
        };
        capabilities.kinds.insert(kind, support);
    }
    let events = offer.events.iter().map(|text| event(text)).collect::<Checked<_>>()?;
    Ok((capabilities, events))
}

pub(super) fn license(wire: &wire::License) -> Checked<License> {
    Ok(License { quantity: Some(wire.quantity) })
}

pub(super) fn phone_field(wire: &wire::PhoneField) -> Checked<PhoneField> {
    Ok(PhoneField { title: RemoteName::new(text(&wire.title)?), active: wire.active })
}

pub(super) fn department(wire: &wire::Department) -> Checked<Department> {
    let wire::Department { name, description, active } = wire;
    Ok(Department { name: RemoteName::new(text(name)?), description: text(description)?, active: *active })
}

pub(super) fn agent(wire: &wire::Agent) -> Checked<Agent> {
    let profile = match text(&wire.profile)?.as_str() {
        "Agent" => Profile::Agent,
        "Administrator" => Profile::Administrator,
        "LightAgent" => Profile::LightAgent,
        "EndUser" => Profile::EndUser,
        other => Profile::Custom(other.chars().filter(|c| !c.is_control()).take(63).collect()),
    };
    Ok(Agent {
        name: text(&wire.name)?,
        email: Email::new(text(&wire.email)?),
        profile,
        access: word(&wire.access, &ACCESS)?,
        max_conversations: wire.max_conversations,
        // Kept with the membership, see `normalize`.
        default_department: Ref::Nothing,
    })
}

pub(super) fn agent_facts(wire: &wire::Agent) -> Checked<AgentFacts> {
    let protection = wire.protection.as_deref().map(|text| word(text, &PROTECTION)).transpose()?;
    let is_suspended = wire.access == "Suspended";
    Ok(AgentFacts {
        protection,
        open_conversations: wire.open_conversations.filter(|_| is_suspended),
        seconds_unchanged: wire.seconds_unchanged.filter(|_| is_suspended),
    })
}

pub(super) fn membership(wire: &wire::Membership) -> Checked<Membership> {
    let wire::Membership { agent, department, standing } = wire;
    let key = MembershipKey {
        agent: AgentKey::new(MembershipKey::foreign_end(&id(agent)?)),
        department: DepartmentKey::new(MembershipKey::foreign_end(&id(department)?)),
    };
    Ok(Membership { key, standing: word(standing, &STANDING)? })
}

/// The version of the Secret whose token was written last stands in the mark's line.
pub(super) fn webhook(wire: &wire::Webhook, mark: Option<&Mark>) -> Checked<Webhook> {
    let wire::Webhook { name, url, active } = wire;
    let (name, url) = (RemoteName::new(text(name)?), Url::new(text(url)?));
    Ok(Webhook { name, url, active: *active, secret: mark.and_then(|mark| mark.secret.clone()) })
}

pub(super) fn route(wire: &wire::Route) -> Checked<EventRoute> {
    let wire::Route { title, active, event: on, tag, webhook, phone_field, body } = wire;
    Ok(EventRoute {
        title: RemoteName::new(text(title)?),
        active: *active,
        on: match on {
            Some(on) => Trigger::On(event(on)?),
            None => Trigger::Other(String::new()),
        },
        tag: Tag::new(text(tag)?),
        webhook: reference(webhook.as_ref())?,
        phone_field: reference(phone_field.as_ref())?,
        body: bounded(body, MAX_BODY)?,
    })
}

pub(super) fn routing(wire: &wire::Routing) -> Checked<RoutingRule> {
    let wire::Routing { title, active, tag, department } = wire;
    Ok(RoutingRule {
        title: RemoteName::new(text(title)?),
        active: *active,
        tag: Tag::new(text(tag)?),
        department: reference(department.as_ref())?,
    })
}

pub(super) fn hours(wire: &wire::Hours) -> Checked<OpeningHours> {
    let wire::Hours { name, time_zone, windows, closed } = wire;
    let mut intervals: Vec<Interval> =
        windows.iter().map(|window| Interval { start: window.start, end: window.end }).collect();
    intervals.sort();
    let day = |day: &wire::ClosedDays| {
        Ok(SpecialDay { name: text(&day.name)?, from: text(&day.from)?, to: text(&day.to)? })
    };
    let mut closed = closed.iter().map(day).collect::<Checked<Vec<_>>>()?;
    closed.sort_by(|left, right| {
        (&left.from, &left.to, &left.name).cmp(&(&right.from, &right.to, &right.name))
    });
    let (name, time_zone) = (RemoteName::new(text(name)?), text(time_zone)?);
    Ok(OpeningHours { name, time_zone, intervals, closed, closed_in_part: Vec::new() })
}

/// The id that a reference of ours stands for, or why there is none yet.
pub(super) type Resolve<'a> = dyn Fn(Kind, &str) -> Checked<String> + 'a;

fn resolved<K: std::fmt::Display>(
    reference: &Ref<K>,
    kind: Kind,
    resolve: &Resolve<'_>,
) -> Checked<Option<String>> {
    match reference {
        Ref::Ours(key) => resolve(kind, &key.to_string()).map(Some),
        Ref::Foreign(id) => Ok(Some(id.as_str().to_owned())),
        Ref::Nothing => Ok(None),
    }
}

fn json(wire: &impl Serialize) -> Checked<Value> {
    serde_json::to_value(wire).map_err(|_| ProviderError::Malformed)
}

/// A value of the model as the contract writes it.
pub(super) trait ToWire: Resource {
    /// The object of a change.
    fn to_wire(&self, resolve: &Resolve<'_>) -> Checked<Value>;
}

impl ToWire for License {
    fn to_wire(&self, _: &Resolve<'_>) -> Checked<Value> {
        json(&wire::License { quantity: self.quantity.unwrap_or_default() })
    }
}

impl ToWire for PhoneField {
    fn to_wire(&self, _: &Resolve<'_>) -> Checked<Value> {
        let Self { title, active } = self;
        json(&wire::PhoneField { title: title.to_string(), active: *active })
    }
}

impl ToWire for Department {
    fn to_wire(&self, _: &Resolve<'_>) -> Checked<Value> {
        let Self { name, description, active } = self;
        json(&wire::Department { name: name.to_string(), description: description.clone(), active: *active })
    }
}

impl ToWire for Agent {
    fn to_wire(&self, _: &Resolve<'_>) -> Checked<Value> {
        let Self { name, email, profile, access, max_conversations, default_department: _ } = self;
        let profile = match profile {
            Profile::Agent => "Agent",
            Profile::Administrator => "Administrator",
            Profile::LightAgent => "LightAgent",
            Profile::EndUser => "EndUser",
            Profile::Custom(name) => name,
            // Never declared, and never observed here: every reading names a profile.
            Profile::Unknown => "Unknown",
        };
        json(&wire::Agent {
            name: name.clone(),
            email: email.to_string(),
            profile: profile.to_owned(),
            access: word_of(access, &ACCESS).to_owned(),
            max_conversations: *max_conversations,
            protection: None,
            open_conversations: None,
            seconds_unchanged: None,
        })
    }
}

impl ToWire for Membership {
    fn to_wire(&self, resolve: &Resolve<'_>) -> Checked<Value> {
        let Self { key, standing } = self;
        let end = |kind, end: &str| match MembershipKey::foreign_id(end) {
            Some(id) => Ok(id.as_str().to_owned()),
            None => resolve(kind, end),
        };
        json(&wire::Membership {
            agent: end(Kind::Agent, key.agent.as_str())?,
            department: end(Kind::Department, key.department.as_str())?,
            standing: word_of(standing, &STANDING).to_owned(),
        })
    }
}

impl ToWire for Webhook {
    fn to_wire(&self, _: &Resolve<'_>) -> Checked<Value> {
        let Self { name, url, active, secret: _ } = self;
        json(&wire::Webhook { name: name.to_string(), url: url.to_string(), active: *active })
    }
}

impl ToWire for EventRoute {
    fn to_wire(&self, resolve: &Resolve<'_>) -> Checked<Value> {
        let Self { title, active, on, tag, webhook, phone_field, body } = self;
        json(&wire::Route {
            title: title.to_string(),
            active: *active,
            event: match on {
                Trigger::On(event) => Some(event.to_string()),
                Trigger::Other(_) => None,
            },
            tag: tag.to_string(),
            webhook: resolved(webhook, Kind::Webhook, resolve)?,
            phone_field: resolved(phone_field, Kind::PhoneField, resolve)?,
            body: body.clone(),
        })
    }
}

impl ToWire for RoutingRule {
    fn to_wire(&self, resolve: &Resolve<'_>) -> Checked<Value> {
        let Self { title, active, tag, department } = self;
        json(&wire::Routing {
            title: title.to_string(),
            active: *active,
            tag: tag.to_string(),
            department: resolved(department, Kind::Department, resolve)?,
        })
    }
}

impl ToWire for OpeningHours {
    fn to_wire(&self, _: &Resolve<'_>) -> Checked<Value> {
        // `normalize` has said that hours of a day have no place here.
        let Self { name, time_zone, intervals, closed, closed_in_part: _ } = self;
        let day = |day: &SpecialDay| wire::ClosedDays {
            name: day.name.clone(),
            from: day.from.clone(),
            to: day.to.clone(),
        };
        json(&wire::Hours {
            name: name.to_string(),
            time_zone: time_zone.clone(),
            windows: intervals
                .iter()
                .map(|interval| wire::Window { start: interval.start, end: interval.end })
                .collect(),
            closed: closed.iter().map(day).collect(),
        })
    }
}
