//! What a refusal of Zenvia means: by its status, and with the chat APIs by a body inside a 200 (`zenvia.md` 3, 4).
//!
//! The vendor's text is searched for a few known words and then dropped: it may quote what was sent, tokens included.

use std::time::Duration;

use serde_json::Value;

use super::client::Line;
use crate::model::Reason;
use crate::provider::ProviderError;
use crate::provider::http::Reply;

/// The wait after a 429 that names none.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// The refusal in an answer; `None` where it is a success.
pub(super) fn refusal(line: Line, reply: &Reply) -> Option<ProviderError> {
    match line {
        Line::Chat => of_chat(reply),
        Line::Subscriptions if reply.is_success() => None,
        Line::Subscriptions => Some(match reply.status {
            400 | 422 => rejected(Reason::Rejected, None),
            status => by_status(status, reply),
        }),
    }
}

/// Whether a refused write may have been carried out all the same.
pub(super) fn may_have_had_effect(reply: &Reply) -> bool {
    matches!(reply.status, 408 | 500..=599)
}

fn by_status(status: u16, reply: &Reply) -> ProviderError {
    match status {
        401 => ProviderError::Unauthorized,
        403 => ProviderError::Forbidden,
        404 | 410 => ProviderError::Gone,
        409 => ProviderError::Conflict,
        429 => ProviderError::Throttled { retry_after: reply.retry_after().unwrap_or(DEFAULT_WAIT) },
        408 | 425 | 500..=599 => ProviderError::Unavailable,
        _ => ProviderError::Malformed,
    }
}

/// The chat APIs refuse with `success: false`, or with `{status, message}`, whatever the HTTP status says. A list
/// without `success` is a success.
fn of_chat(reply: &Reply) -> Option<ProviderError> {
    let body: Value = match reply.json() {
        Ok(body) => body,
        Err(_) if reply.is_success() => return None,
        Err(_) => Value::Null,
    };
    let said = body["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let told = said.filter(|status| *status >= 400);
    let failed = body["success"] == false || (body.get("success").is_none() && told.is_some());
    match (reply.is_success(), failed) {
        (true, false) => None,
        (true, true) => Some(by_words(&body, told.unwrap_or(200), reply)),
        (false, _) => Some(by_words(&body, reply.status, reply)),
    }
}

/// The words by which a refusal is understood; anything else is a plain `Rejected`.
fn by_words(body: &Value, status: u16, reply: &Reply) -> ProviderError {
    match status {
        401 | 403 | 408 | 409 | 425 | 429 | 500..=599 => return by_status(status, reply),
        _ => {}
    }
    let text = [&body["errors"], &body["message"]].map(ToString::to_string).concat().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let is_taken = says(&["taken", "already", "exist", "duplic", "em uso", "já "]);
    let is_missing = says(&["not found", "não encontrad"]);
    if says(&["token"]) {
        return ProviderError::Unauthorized;
    }
    if says(&["email", "e-mail"]) && is_taken {
        return rejected(Reason::EmailTaken, Some("email"));
    }
    if says(&["licen"]) {
        return rejected(Reason::LicensesExceeded, None);
    }
    if says(&["account"]) && is_missing {
        return rejected(Reason::AccountMismatch, Some("accountId"));
    }
    if is_missing && !says(&["_ids"]) {
        return ProviderError::Gone;
    }
    if says(&["name"]) && is_taken {
        return rejected(Reason::NameTaken, Some("displayName"));
    }
    let fields = [("password", "password"), ("profile", "profile"), ("department", "departments")];
    let field = fields.iter().find(|(word, _)| text.contains(word)).map(|(_, field)| *field);
    match status {
        404 | 410 => ProviderError::Gone,
        200..=299 | 400 | 422 => rejected(Reason::Rejected, field),
        _ => ProviderError::Malformed,
    }
}

pub(super) fn rejected(reason: Reason, field: Option<&'static str>) -> ProviderError {
    ProviderError::Rejected { reason, field: field.map(str::to_owned) }
}
