//! Zendesk's objects as they travel: only the fields we use, read leniently (`zendesk.md`).
//!
//! Nothing outside this vendor's folder may see these types. Missing and null texts are read as empty.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A numeric id; some answers write it as text.
pub(super) type Id = u64;

fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
    let value = Value::deserialize(from)?;
    value
        .as_u64()
        .or_else(|| value.as_str()?.parse().ok())
        .ok_or_else(|| serde::de::Error::custom("not an id"))
}

fn optional_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Id>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_u64().or_else(|| value.as_str()?.parse().ok()))
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn yes() -> bool {
    true
}

/// A user (`zendesk.md` 3).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct User {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) email: String,
    pub(super) role: Role,
    #[serde(default)]
    pub(super) role_type: Option<u8>,
    #[serde(default = "yes")]
    pub(super) active: bool,
    #[serde(default)]
    pub(super) suspended: bool,
    #[serde(default, deserialize_with = "text")]
    pub(super) external_id: String,
    #[serde(default, deserialize_with = "optional_id")]
    pub(super) default_group_id: Option<Id>,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// What a user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    EndUser,
    Agent,
    Admin,
}

/// The answer of `users/me`: anonymous callers get one whose id is null.
#[derive(Debug, Deserialize)]
pub(super) struct Me {
    #[serde(default, deserialize_with = "optional_id")]
    pub(super) id: Option<Id>,
    #[serde(default)]
    pub(super) role: Option<String>,
}

/// A group, our department (`zendesk.md` 5).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Group {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    pub(super) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) description: String,
    #[serde(default)]
    pub(super) deleted: bool,
    /// The account's default group, which the interface neither changes nor deletes (`zendesk.md` 5).
    #[serde(default)]
    pub(super) default: bool,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// A user's place in a group.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct GroupMembership {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(deserialize_with = "id")]
    pub(super) user_id: Id,
    #[serde(deserialize_with = "id")]
    pub(super) group_id: Id,
    #[serde(default)]
    pub(super) default: bool,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// A webhook (`zendesk.md` 6). Its token never comes back.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) description: String,
    pub(super) endpoint: String,
    pub(super) status: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// A trigger (`zendesk.md` 7).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Trigger {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    pub(super) title: String,
    pub(super) active: bool,
    #[serde(default, deserialize_with = "text")]
    pub(super) description: String,
    pub(super) conditions: Conditions,
    pub(super) actions: Vec<Action>,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// When a trigger fires.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(super) struct Conditions {
    #[serde(default)]
    pub(super) all: Vec<Condition>,
    #[serde(default)]
    pub(super) any: Vec<Condition>,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Condition {
    pub(super) field: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) operator: String,
    #[serde(default)]
    pub(super) value: Value,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) struct Action {
    pub(super) field: String,
    #[serde(default)]
    pub(super) value: Value,
}

/// A trigger category; its id is text.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct TriggerCategory {
    pub(super) id: String,
    pub(super) name: String,
}

/// A ticket field (`zendesk.md` 7a).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct TicketField {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(default, deserialize_with = "text")]
    pub(super) title: String,
    #[serde(default = "yes")]
    pub(super) active: bool,
    #[serde(default = "yes")]
    pub(super) removable: bool,
    #[serde(default, deserialize_with = "text")]
    pub(super) agent_description: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// A schedule (`zendesk.md` 7a). Its holidays are a list of their own: the reading puts them here.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Schedule {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) time_zone: String,
    #[serde(default)]
    pub(super) intervals: Vec<Span>,
    #[serde(skip)]
    pub(super) holidays: Vec<Holiday>,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// The answer to a write of a schedule's week.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Week {
    pub(super) intervals: Vec<Span>,
}

/// A span of the week, in minutes since Sunday 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Span {
    pub(super) start_time: u16,
    pub(super) end_time: u16,
}

/// A day or days on which a schedule is closed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Holiday {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(default, deserialize_with = "text")]
    pub(super) name: String,
    pub(super) start_date: String,
    pub(super) end_date: String,
}

/// An address of a user.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Identity {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) value: String,
    #[serde(default)]
    pub(super) primary: bool,
}

/// A ticket, as far as it counts as open work.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct Ticket {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    pub(super) status: String,
}

/// A job that the vendor works on.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct JobStatus {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) results: Option<Vec<JobResult>>,
}

/// What became of one item of a job, in the order of the items.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct JobResult {
    #[serde(default, deserialize_with = "optional_id")]
    pub(super) id: Option<Id>,
    #[serde(default)]
    pub(super) index: Option<usize>,
    #[serde(default)]
    pub(super) success: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub(super) error: String,
    #[serde(default)]
    pub(super) details: Value,
}

/// The answer of the token endpoint.
#[derive(Deserialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    #[serde(default)]
    pub(super) expires_in: Option<u64>,
    #[serde(default)]
    pub(super) scope: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PageMeta {
    #[serde(default)]
    pub(super) has_more: bool,
    #[serde(default)]
    pub(super) after_cursor: Option<String>,
}

/// An object that lists and single answers hold, with the names they give it.
pub(super) trait Listed: serde::de::DeserializeOwned {
    /// What tells two entries of a list apart.
    type Key: Ord;

    fn key(&self) -> Self::Key;
}

macro_rules! listed {
    ($($name:ident: $key:ty,)*) => {
        $(impl Listed for $name {
            type Key = $key;

            fn key(&self) -> $key {
                self.id.clone()
            }
        })*
    };
}

listed! {
    User: Id,
    Group: Id,
    GroupMembership: Id,
    Webhook: String,
    Trigger: Id,
    TriggerCategory: String,
    TicketField: Id,
    Schedule: Id,
    Holiday: Id,
    Identity: Id,
    Ticket: Id,
}
