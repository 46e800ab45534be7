//! One request on its way through an API: the world, the parsed body, the refusals in the shape of each API, envelopes.
//!
//! Must be the only place that writes an error body or an envelope. Must know no resource.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::assumptions::{Assumptions, Envelope, Ids, ListSuccess};
use super::records::{Account, World};
use super::surface::Surface;
use crate::simulator::{Answer, Call};

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Token,
    NotFound,
    NoRoute,
    Invalid,
    NotJson,
    Duplicated,
    TooMany,
}

/// A refusal; its shape is the API's.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) reason: Reason,
    pub(crate) message: String,
    /// Place in the body, where there is one.
    pub(crate) path: Option<String>,
}

/// What every resource function returns.
pub(crate) type Outcome = Result<Answer, Refusal>;

impl Refusal {
    pub(crate) fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), path: None }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Reason::Invalid, message)
    }

    pub(crate) fn at(path: &str, message: impl Into<String>) -> Self {
        Self { path: Some(path.to_owned()), ..Self::invalid(message) }
    }

    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Reason::NotFound, format!("{what} not found"))
    }

    pub(crate) fn no_route() -> Self {
        Self::new(Reason::NoRoute, "Not Found")
    }

    /// The answer in the shape of an API.
    pub(crate) fn answer(&self, surface: Surface, rules: &Assumptions) -> Answer {
        let answer = match surface {
            Surface::Partner => self.of_partner(rules),
            Surface::External => self.of_external(rules),
            Surface::Core => {
                let status = match self.reason {
                    Reason::NoRoute => 404,
                    Reason::TooMany => 429,
                    _ => 422,
                };
                Answer::json(status, &json!({"message": self.message, "status": status}))
            }
            Surface::Subscriptions => self.of_subscriptions(),
        };
        match rules.retry_after_seconds.filter(|_| self.reason == Reason::TooMany) {
            Some(seconds) => answer.with_header("retry-after", seconds.to_string()),
            None => answer,
        }
    }

    fn of_partner(&self, rules: &Assumptions) -> Answer {
        let status = match self.reason {
            Reason::Token => rules.partner_wrong_token_status,
            Reason::NoRoute => 404,
            Reason::NotJson => 400,
            Reason::TooMany => 429,
            _ => rules.partner_failure_status,
        };
        Answer::json(status, &json!({"status": status, "success": false, "errors": self.message}))
    }

    fn of_external(&self, rules: &Assumptions) -> Answer {
        let (status, said) = match self.reason {
            Reason::Token => (rules.external_wrong_token_status, 401),
            Reason::NotFound | Reason::NoRoute => (rules.external_not_found_status, 404),
            Reason::NotJson => (400, 400),
            Reason::TooMany => (429, 429),
            Reason::Invalid | Reason::Duplicated => {
                let body = json!({"status": 200, "success": false, "errors": [self.message]});
                return Answer::json(200, &body);
            }
        };
        Answer::json(status, &json!({"status": said, "message": self.message}))
    }

    fn of_subscriptions(&self) -> Answer {
        let (status, code) = match self.reason {
            Reason::Token => (401, "AUTHENTICATION_ERROR"),
            Reason::NotFound | Reason::NoRoute => (404, "NOT_FOUND"),
            Reason::Invalid | Reason::NotJson => (400, "VALIDATION_ERROR"),
            Reason::Duplicated => (409, "DUPLICATED"),
            Reason::TooMany => (429, "TOO_MANY_REQUESTS"),
        };
        let mut body = json!({"code": code, "message": self.message});
        if let Some(path) = &self.path {
            body["details"] = json!([{"code": code, "path": path, "message": self.message}]);
        }
        Answer::json(status, &body)
    }
}

pub(crate) struct Context<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) call: &'a Call,
    pub(crate) rules: Assumptions,
    /// The parsed body; null when there is none.
    pub(crate) body: Value,
    /// Set when the state changed.
    pub(crate) effect: bool,
}

impl Context<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.call.now
    }

    pub(crate) fn is_read(&self) -> bool {
        matches!(self.call.method.as_str(), "GET" | "HEAD")
    }

    /// The token where the chat APIs take it: in the query of reads, in the body of writes.
    pub(crate) fn token(&self) -> Option<&str> {
        if self.is_read() { self.call.param("token") } else { self.body["token"].as_str() }
    }

    /// An account that was found before.
    pub(crate) fn account(&self, id: u64) -> Result<&Account, Refusal> {
        self.world.accounts.get(&id).ok_or_else(|| Refusal::not_found("Account"))
    }

    /// The same, to be changed.
    pub(crate) fn account_mut(&mut self, id: u64) -> Result<&mut Account, Refusal> {
        self.effect = true;
        self.world.accounts.get_mut(&id).ok_or_else(|| Refusal::not_found("Account"))
    }

    /// Counts a request of a token against a limit of requests a minute.
    pub(crate) fn admit(&mut self, token: &str, limit: Option<u32>) -> Result<(), Refusal> {
        let Some(limit) = limit.filter(|_| self.call.person.is_none()) else { return Ok(()) };
        let now = self.now();
        let times = self.world.meters.entry(token.to_owned()).or_default();
        while times.front().is_some_and(|at| now.duration_since(*at) >= SignedDuration::from_secs(60)) {
            times.pop_front();
        }
        if times.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
            return Err(Refusal::new(Reason::TooMany, "Too many requests"));
        }
        times.push_back(now);
        Ok(())
    }

    /// An id as this vendor writes it.
    pub(crate) fn id(&self, id: u64) -> Value {
        written_id(&self.rules, id)
    }

    /// One object in its envelope.
    pub(crate) fn one(&self, name: &str, value: Value) -> Outcome {
        let key = if self.rules.envelope == Envelope::Named { name } else { "data" };
        Ok(Answer::json(200, &json!({"status": 200, "success": true, key: value})))
    }

    /// A list in its envelope.
    pub(crate) fn list(&self, name: &str, items: Vec<Value>) -> Outcome {
        let in_data = self.rules.envelope == Envelope::Data;
        let mut members = Map::new();
        members.insert("status".to_owned(), json!(200));
        if in_data || self.rules.list_success == ListSuccess::Present {
            members.insert("success".to_owned(), json!(true));
        }
        members.insert(if in_data { "data" } else { name }.to_owned(), Value::Array(items));
        Ok(Answer::json(200, &Value::Object(members)))
    }

    /// A success without an object.
    pub(crate) fn done(&self, message: Option<&str>) -> Outcome {
        let mut body = json!({"status": 200, "success": true});
        if let Some(message) = message {
            body["message"] = json!(message);
        }
        Ok(Answer::json(200, &body))
    }
}

/// An id as the assumptions say.
pub(crate) fn written_id(rules: &Assumptions, id: u64) -> Value {
    match rules.ids {
        Ids::Numbers => json!(id),
        Ids::Strings => json!(id.to_string()),
    }
}

/// A number as clients send it: a number or a text of digits.
pub(crate) fn as_number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

/// Yes or no as clients send it: `true`, `1`, `"1"`; `None` when it is neither.
pub(crate) fn as_flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        other => match as_number(other) {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
    }
}

/// A text that is not blank.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// A list of ids; `Err` when something else was sent.
pub(crate) fn as_ids(value: &Value, name: &str) -> Result<Vec<u64>, Refusal> {
    let wrong = || Refusal::invalid(format!("{name} must be a list of ids"));
    value.as_array().ok_or_else(wrong)?.iter().map(|one| as_number(one).ok_or_else(wrong)).collect()
}

/// A moment as the APIs write it: UTC with milliseconds.
pub(crate) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
