//! One request on its way through a resource's code: the account, the acting user, and what the answer will need.
//!
//! Must know no resource: it reads parameters, filters unknown keys and builds answers.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account::Account;
use super::assumptions::Assumptions;
use super::errors::ApiError;
use super::paging::{self, Key, Style};
use crate::simulator::{Answer, Call};

/// What every resource function returns.
pub(crate) type Outcome = Result<Answer, ApiError>;

pub(crate) struct Context<'a> {
    pub(crate) account: &'a mut Account,
    pub(crate) call: &'a Call,
    pub(crate) assumptions: &'a Assumptions,
    /// The user in whose name the request is made.
    pub(crate) actor: u64,
    /// Set when the state changed.
    pub(crate) effect: bool,
    /// Value of `x-zendesk-api-warn`.
    pub(crate) warning: Option<String>,
}

/// What a resource accepts in a body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permitted<'a> {
    /// Key of the object in the body.
    pub(crate) root: &'a str,
    /// The vendor's name of the controller and action, for the warning.
    pub(crate) controller: &'a str,
    pub(crate) action: &'a str,
    /// Keys that are taken; the others are dropped.
    pub(crate) keys: &'a [&'a str],
}

impl Context<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.call.now
    }

    /// An absolute URL of the API, such as `…/api/v2/users/1.json`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}/api/v2/{path}", self.call.base)
    }

    /// The JSON body; 400 when it is none.
    pub(crate) fn body(&self) -> Result<Value, ApiError> {
        self.call
            .json()
            .map_err(|error| ApiError::bad_request(format!("The body is not valid JSON: {error}")))
    }

    /// The object below the root key with only the permitted keys; the dropped ones go to the warning header.
    pub(crate) fn permitted(&mut self, wanted: Permitted<'_>) -> Result<Map<String, Value>, ApiError> {
        let body = self.body()?;
        match body.get(wanted.root) {
            Some(Value::Object(object)) => Ok(self.filter(object.clone(), wanted)),
            _ => Err(ApiError::Legacy {
                status: 400,
                title: "Invalid attribute",
                message: format!(
                    "You passed an invalid value for the {0} attribute. Invalid parameter: {0} must be an object",
                    wanted.root
                ),
            }),
        }
    }

    /// An object without the keys that are not permitted.
    pub(crate) fn filter(
        &mut self,
        mut object: Map<String, Value>,
        wanted: Permitted<'_>,
    ) -> Map<String, Value> {
        let mut dropped = Vec::new();
        object.retain(|key, _| {
            let keep = wanted.keys.contains(&key.as_str());
            if !keep {
                dropped.push(format!("\"{}.{key}\"", wanted.root));
            }
            keep
        });
        if !dropped.is_empty() {
            let mut text = String::new();
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "{{:allowed_parameters=>{{:controller=>\"{}\", :action=>\"{}\", :unpermitted_keys=>[{}], :invalid_values=>[]}}}}",
                wanted.controller,
                wanted.action,
                dropped.join(", ")
            );
            self.warning = Some(text);
        }
        object
    }

    /// Ids given as `ids=1,2,3` (or another parameter), at most 100.
    pub(crate) fn ids(&self, parameter: &str) -> Result<Vec<String>, ApiError> {
        let texts = self.call.params(parameter);
        let ids: Vec<String> = texts
            .iter()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect();
        if ids.len() > 100 { Err(ApiError::too_many_values()) } else { Ok(ids) }
    }

    /// A page of a list as the reply to it. `render` makes the item at a position.
    pub(crate) fn list(
        &self,
        name: &str,
        (keys, style): (&[Key], Style),
        render: impl Fn(usize) -> Value,
    ) -> Outcome {
        let page = paging::page(self.call, keys, style)?;
        let mut members = Map::new();
        members.insert(name.to_owned(), page.range.map(render).collect());
        members.extend(page.members);
        Ok(Answer::json(200, &Value::Object(members)))
    }

    /// A count, as the `…/count` endpoints answer it.
    pub(crate) fn count(&self, value: usize) -> Outcome {
        let count = json!({"value": value, "refreshed_at": seconds(self.now())});
        Ok(Answer::json(200, &json!({"count": count})))
    }

    /// Notes that the state changed.
    pub(crate) fn touch(&mut self) {
        self.effect = true;
    }

    /// An object that was just created does not show in lists for a while.
    pub(crate) fn created(&mut self, key: impl ToString) {
        self.touch();
        let delay = i64::try_from(self.assumptions.list_delay_milliseconds).unwrap_or(i64::MAX);
        if delay > 0 {
            let now = self.now();
            let from = now + jiff::SignedDuration::from_millis(delay);
            if self.account.unlisted.len() > 512 {
                self.account.unlisted.retain(|_, from| *from > now);
            }
            self.account.unlisted.insert(key.to_string(), from);
        }
    }

    /// Whether an object shows in lists by now.
    pub(crate) fn listed(&self, key: impl ToString) -> bool {
        let unlisted = &self.account.unlisted;
        unlisted.is_empty() || unlisted.get(&key.to_string()).is_none_or(|from| *from <= self.now())
    }
}

/// An id as JSON clients send it: a number or a text of digits.
pub(crate) fn as_id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// A path segment as an id; anything else is a record that does not exist.
pub(crate) fn path_id(segment: &str) -> Result<u64, ApiError> {
    segment.parse().map_err(|_| ApiError::not_found())
}

/// A text, with `null` and an absent key as `None`.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

/// A moment as the vendor writes it: whole seconds, UTC.
pub(crate) fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
