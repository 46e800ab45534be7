//! The error answers of Zendesk in their four shapes.
//!
//! Must be the only place that writes an error body, so that a shape is right or wrong once.

use serde_json::{Map, Value, json};

use super::assumptions::{Assumptions, AuthErrorBody, WebhookErrors};
use crate::simulator::Answer;

/// A refusal. Its body is made by [`ApiError::answer`].
#[derive(Debug, Clone)]
pub(crate) enum ApiError {
    /// Shape A: `{"error","description"}`.
    Support { status: u16, error: &'static str, description: String },
    /// Shape A with `max_count`.
    TooManyValues { description: String },
    /// Shape B: `details` by field.
    Invalid { status: u16, details: Map<String, Value> },
    /// Shape C: `{"errors":[…]}`.
    JsonApi { status: u16, code: &'static str, title: String },
    /// Like C or A, as the assumption about webhook errors says.
    Webhook { status: u16, code: &'static str, title: String },
    /// Authentication and permission.
    Auth { status: u16, error: &'static str, description: &'static str },
    /// The legacy object shape: `{"error":{"title","message"}}`.
    Legacy { status: u16, title: &'static str, message: String },
    /// Shape D.
    Text { status: u16, body: String },
    /// An answer made elsewhere.
    Ready(Box<Answer>),
}

impl ApiError {
    pub(crate) fn not_found() -> Self {
        Self::Support { status: 404, error: "RecordNotFound", description: "Not found".to_owned() }
    }

    pub(crate) fn no_route() -> Self {
        Self::Support { status: 404, error: "InvalidEndpoint", description: "Not found".to_owned() }
    }

    pub(crate) fn bad_request(description: impl Into<String>) -> Self {
        Self::Support { status: 400, error: "BadRequest", description: description.into() }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::Auth { status: 401, error: "Couldn't authenticate you", description: "" }
    }

    pub(crate) fn forbidden() -> Self {
        let description = "You do not have access to this page. Please contact the account owner of this help desk for further help.";
        Self::Auth { status: 403, error: "Forbidden", description }
    }

    /// One field is wrong, without an error word.
    pub(crate) fn invalid(field: &str, description: impl Into<String>) -> Self {
        Self::field(field, description, None)
    }

    /// One field has a value that another object has.
    pub(crate) fn duplicate(field: &str, description: impl Into<String>) -> Self {
        Self::field(field, description, Some("DuplicateValue"))
    }

    pub(crate) fn field(field: &str, description: impl Into<String>, error: Option<&str>) -> Self {
        let mut detail = Map::new();
        detail.insert("description".to_owned(), Value::String(description.into()));
        if let Some(error) = error {
            detail.insert("error".to_owned(), json!(error));
        }
        let mut details = Map::new();
        details.insert(field.to_owned(), json!([detail]));
        Self::Invalid { status: 422, details }
    }

    pub(crate) fn too_many_values() -> Self {
        Self::TooManyValues { description: "Parameter  cannot specify more than 100 values".to_owned() }
    }

    pub(crate) fn webhook(status: u16, code: &'static str, title: impl Into<String>) -> Self {
        Self::Webhook { status, code, title: title.into() }
    }

    pub(crate) fn json_api(status: u16, code: &'static str, title: impl Into<String>) -> Self {
        Self::JsonApi { status, code, title: title.into() }
    }

    /// The words of the error, for the results of a job.
    pub(crate) fn words(&self) -> (String, String) {
        match self {
            Self::Support { error, description, .. } => ((*error).to_owned(), description.clone()),
            Self::Invalid { details, .. } => {
                let first = details.values().next().and_then(|list| list[0]["description"].as_str());
                let word = details.values().next().and_then(|list| list[0]["error"].as_str());
                let error =
                    if word == Some("MaxAgentExceeded") { "MaxAgentExceeded" } else { "RecordInvalid" };
                (error.to_owned(), first.unwrap_or("Record validation errors").to_owned())
            }
            other => ("RecordInvalid".to_owned(), format!("{other:?}")),
        }
    }

    /// The answer with this error's status and body.
    pub(crate) fn answer(self, assumptions: &Assumptions) -> Answer {
        match self {
            Self::Support { status, error, description } => {
                Answer::json(status, &json!({"error": error, "description": description}))
            }
            Self::TooManyValues { description } => Answer::json(
                400,
                &json!({"error": "TooManyValues", "description": description, "max_count": 100}),
            ),
            Self::Invalid { status, details } => Answer::json(
                status,
                &json!({"error": "RecordInvalid", "description": "Record validation errors", "details": details}),
            ),
            Self::JsonApi { status, code, title } => json_api(status, code, &title),
            Self::Webhook { status, code, title } => match assumptions.webhook_errors {
                WebhookErrors::JsonApi => json_api(status, code, &title),
                WebhookErrors::Support => Answer::json(status, &json!({"error": code, "description": title})),
            },
            Self::Auth { status, error, description } => match assumptions.auth_error_body {
                AuthErrorBody::Plain if description.is_empty() => {
                    Answer::json(status, &json!({"error": error}))
                }
                AuthErrorBody::Plain => {
                    Answer::json(status, &json!({"error": error, "description": description}))
                }
                AuthErrorBody::Object => {
                    Answer::json(status, &json!({"error": {"title": error, "message": description}}))
                }
            },
            Self::Legacy { status, title, message } => {
                Answer::json(status, &json!({"error": {"title": title, "message": message}}))
            }
            Self::Text { status, body } => Answer::text(status, &body),
            Self::Ready(answer) => *answer,
        }
    }
}

fn json_api(status: u16, code: &str, title: &str) -> Answer {
    let error = json!({"code": code, "title": title, "status": status.to_string()});
    Answer::json(status, &json!({"errors": [error]}))
}
