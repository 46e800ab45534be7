//! Zenvia's objects as they travel: only the fields we use, read leniently (`zenvia.md`).
//!
//! Nothing outside this vendor's folder may see these types. Ids come as numbers or texts, flags as booleans or 0 and 1,
//! objects in `agent` or in `data`. Of a webhook's headers only our own mark is kept: others may hold tokens.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::provider::ProviderError;

/// An id, opaque to us.
pub(super) type Id = String;

/// The header that carries our mark.
pub(super) const MARK_HEADER: &str = "X-HumanSupport-Mark";

fn id<'de, D: Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
    match Value::deserialize(from)? {
        Value::String(text) if !text.is_empty() => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("not an id")),
    }
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        other => match other.as_u64().or_else(|| other.as_str()?.parse().ok()) {
            Some(0) => Ok(Some(false)),
            Some(1) => Ok(Some(true)),
            _ => Err(serde::de::Error::custom("neither yes nor no")),
        },
    }
}

/// Present and null are two things: a limit that is shown as null is known to be none.
fn shown<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<u32>>, D::Error> {
    let value = Value::deserialize(from)?;
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    Ok(Some(number.and_then(|number| u32::try_from(number).ok())))
}

/// A department as an agent names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Place {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
}

/// An agent of either chat API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Agent {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) email: String,
    #[serde(default)]
    pub(super) deleted_at: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) active: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) ativo: Option<bool>,
    /// Absent in the account-token API, which names one department or none.
    #[serde(default)]
    pub(super) departments: Vec<Place>,
    #[serde(default)]
    pub(super) profile: Option<String>,
    /// Shown by no documented example.
    #[serde(default, deserialize_with = "shown")]
    pub(super) text_limit: Option<Option<u32>>,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

impl Agent {
    pub(super) fn is_active(&self) -> bool {
        self.deleted_at.is_none() && self.active.or(self.ativo).unwrap_or(true)
    }
}

/// A department of either chat API.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Department {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    pub(super) name: String,
    #[serde(default, deserialize_with = "text")]
    pub(super) description: String,
    #[serde(default, deserialize_with = "flag")]
    pub(super) active: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) ativo: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pub(super) state: Option<bool>,
    #[serde(default)]
    pub(super) deleted_at: Option<String>,
    /// Who answers there; only the account-token API says who, the Partner API says how many.
    #[serde(default, deserialize_with = "members")]
    pub(super) agents: Vec<Id>,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

fn members<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Id>, D::Error> {
    let value = Value::deserialize(from)?;
    let Value::Array(items) = value else { return Ok(Vec::new()) };
    let places: Result<Vec<Place>, _> = items.into_iter().map(serde_json::from_value).collect();
    Ok(places.map_err(serde::de::Error::custom)?.into_iter().map(|place| place.id).collect())
}

impl Department {
    pub(super) fn is_active(&self) -> bool {
        self.active.or(self.ativo).or(self.state).unwrap_or(true)
    }
}

/// An account as its partner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Account {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    #[serde(default, deserialize_with = "text")]
    pub(super) webhook_url: String,
    /// The address that the account was opened with; empty where it is not shown.
    #[serde(default, deserialize_with = "text")]
    pub(super) email: String,
    /// Not used: an answer whose account has no name in words is no answer of this interface.
    #[serde(rename = "name")]
    _name: String,
}

/// A subscription (`zenvia.md` 2).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Subscription {
    #[serde(deserialize_with = "id")]
    pub(super) id: Id,
    pub(super) event_type: String,
    pub(super) webhook: Endpoint,
    #[serde(default)]
    pub(super) status: Status,
    #[serde(default)]
    pub(super) criteria: Option<Value>,
    #[serde(default, deserialize_with = "text")]
    pub(super) updated_at: String,
}

/// Where a subscription delivers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Endpoint {
    pub(super) url: String,
    #[serde(default, rename = "headers", deserialize_with = "carrier")]
    pub(super) carrier: Carrier,
}

/// What the headers of a subscription say about whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Carrier {
    /// The vendor does not show headers.
    #[default]
    Hidden,
    /// Headers are shown; the text of our mark, empty where there is none.
    Shown(String),
}

fn carrier<'de, D: Deserializer<'de>>(from: D) -> Result<Carrier, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(Carrier::Hidden),
        Value::Object(headers) => {
            let mut found = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(MARK_HEADER));
            let text = found.find_map(|(_, value)| value.as_str()).unwrap_or_default();
            Ok(Carrier::Shown(text.to_owned()))
        }
        _ => Err(serde::de::Error::custom("headers are no object")),
    }
}

/// The state of a subscription.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    #[default]
    Active,
    /// The vendor's own word: never written.
    Degraded,
    Inactive,
}

/// The object in an answer, by its name or in `data`, or the answer itself.
pub(super) fn object<T: DeserializeOwned>(mut body: Value, name: &str) -> Result<T, ProviderError> {
    for key in [name, "data"] {
        if let Some(inner) = body.get_mut(key).map(Value::take) {
            return serde_json::from_value(inner).map_err(|_| ProviderError::Malformed);
        }
    }
    serde_json::from_value(body).map_err(|_| ProviderError::Malformed)
}

/// The list in an answer, by its name, in `data`, or bare.
pub(super) fn list<T: DeserializeOwned>(mut body: Value, name: &str) -> Result<Vec<T>, ProviderError> {
    let items = match &mut body {
        Value::Array(_) => body,
        Value::Object(members) => {
            let found = members.shift_remove(name).or_else(|| members.shift_remove("data"));
            found.ok_or(ProviderError::Malformed)?
        }
        _ => return Err(ProviderError::Malformed),
    };
    serde_json::from_value(items).map_err(|_| ProviderError::Malformed)
}
