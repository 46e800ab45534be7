//! A request and its answer as plain values, so that vendors are written and tested without a web framework.
//!
//! Must not decide anything: only parsing of what came in and building of what goes out.

use std::sync::Arc;

use axum::body::Bytes;
use jiff::Timestamp;
use serde_json::Value;

/// One request as the simulator received it.
#[derive(Debug, Clone)]
pub struct Call {
    /// Account it is for.
    pub account: String,
    /// Upper-case method.
    pub method: String,
    /// Path inside the account, as sent.
    pub path: String,
    /// Decoded query parameters in order.
    pub query: Vec<(String, String)>,
    /// Header names in lower case with their values.
    pub headers: Arc<Vec<(String, String)>>,
    /// Raw body.
    pub body: Bytes,
    /// Set when a person acts (header `X-Sandbox-Person`): no credentials, no limits.
    pub person: Option<String>,
    /// What absolute links start with.
    pub base: String,
    /// Simulated time of arrival.
    pub now: Timestamp,
}

impl Call {
    /// First value of a query parameter.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a query parameter given as `name` or `name[]`.
    pub fn params(&self, name: &str) -> Vec<&str> {
        let matches = |key: &str| key == name || key.strip_suffix("[]") == Some(name);
        self.query.iter().filter(|(key, _)| matches(key)).map(|(_, value)| value.as_str()).collect()
    }

    /// First value of a header; the name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON; an empty body is `null`.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        if self.body.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&self.body) }
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// Body as sent.
    pub body: Bytes,
    /// Whether the request changed the state.
    pub effect: bool,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::typed(status, "application/json; charset=utf-8", body.to_string().into())
    }

    /// A plain-text answer.
    pub fn text(status: u16, body: &str) -> Self {
        Self::typed(status, "text/plain; charset=utf-8", Bytes::copy_from_slice(body.as_bytes()))
    }

    /// An answer of any content type.
    pub fn typed(status: u16, content_type: &str, body: Bytes) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body, effect: false }
    }

    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), effect: false }
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The body as JSON, `null` where it is none.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}
