//! What a refusal of Zendesk means, from its status and the four shapes of its bodies (`zendesk.md` 2).
//!
//! The vendor's text is searched for a few known words and then dropped: it may quote what was sent.

use std::time::Duration;

use serde_json::Value;

use crate::model::Reason;
use crate::provider::ProviderError;
use crate::provider::http::Reply;

/// The wait after a 429 or a full job queue that names none.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);

/// What a status other than 2xx means.
pub(super) fn refusal(reply: &Reply) -> ProviderError {
    if reply.contains("MaxAgentExceeded") {
        // The status that comes with it is not documented: the word decides.
        return ProviderError::Rejected { reason: Reason::SeatsExhausted, field: None };
    }
    if reply.contains("TooManyJobs") {
        return ProviderError::Throttled { retry_after: reply.retry_after().unwrap_or(DEFAULT_WAIT) };
    }
    match reply.status {
        400 | 406 | 413..=415 | 422 => rejection(reply),
        401 => ProviderError::Unauthorized,
        403 if reply.contains("ProductLimitExceeded") => rejection(reply),
        403 => ProviderError::Forbidden,
        404 | 410 => ProviderError::Gone,
        409 => ProviderError::Conflict,
        429 => ProviderError::Throttled { retry_after: reply.retry_after().unwrap_or(DEFAULT_WAIT) },
        408 | 425 | 500..=599 => ProviderError::Unavailable,
        _ => ProviderError::Malformed,
    }
}

/// Whether a refused write may have been carried out all the same.
pub(super) fn may_have_had_effect(reply: &Reply) -> bool {
    matches!(reply.status, 408 | 500..=599)
}

fn rejection(reply: &Reply) -> ProviderError {
    let body: Value = reply.json().unwrap_or_default();
    let field = refused_field(&body);
    let duplicate = reply.contains("DuplicateValue");
    if duplicate && !matches!(field, Some("email" | "value" | "name")) {
        // It exists already (a membership): somebody else was faster, so look again and compare.
        return ProviderError::Conflict;
    }
    let reason = match field {
        Some("email" | "value") if duplicate => Reason::EmailTaken,
        Some("name") if duplicate => Reason::NameTaken,
        _ if reply.contains("ProductLimitExceeded") => Reason::WebhookLimitReached,
        _ => Reason::Rejected,
    };
    ProviderError::Rejected { reason, field: field.and_then(in_spec_words).map(str::to_owned) }
}

/// The first field of ours that the answer names: in `details` (shape B) or in `errors[].source.pointer` (shape C).
fn refused_field(body: &Value) -> Option<&'static str> {
    let details = body.get("details").and_then(Value::as_object);
    if let Some(details) = details {
        return details.keys().find_map(|key| known_field(key));
    }
    body.get("errors")?.as_array()?.iter().find_map(|error| {
        let source = error.get("source")?;
        let pointer = source.get("pointer").or_else(|| source.get("parameter"))?.as_str()?;
        known_field(pointer.rsplit(['/', '.']).next()?)
    })
}

/// The vendor's names of fields that we write.
const FIELDS: [(&str, &str); 17] = [
    ("email", "email"),
    ("value", "email"),
    ("name", "displayName"),
    ("title", "title"),
    ("role", "profile"),
    ("suspended", "active"),
    ("active", "active"),
    ("status", "active"),
    ("external_id", "mark"),
    ("description", "description"),
    ("agent_description", "mark"),
    ("endpoint", "url"),
    ("default", "standing"),
    ("time_zone", "businessHours.timeZone"),
    ("intervals", "businessHours.windows"),
    ("start_date", "businessHours.exceptions"),
    ("end_date", "businessHours.exceptions"),
];

fn known_field(name: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(vendor, _)| *vendor == name).map(|(vendor, _)| *vendor)
}

fn in_spec_words(name: &str) -> Option<&'static str> {
    FIELDS.iter().find(|(vendor, _)| *vendor == name).map(|(_, spec)| *spec)
}

/// The fields, in the spec's words, that the vendor says it dropped from a request it accepted.
///
/// `x-zendesk-api-warn: {:allowed_parameters=>{…, :unpermitted_keys=>["group.id"], :invalid_values=>[]}}`
pub(super) fn ignored_fields(reply: &Reply) -> Vec<&'static str> {
    let Some(warning) = reply.header("x-zendesk-api-warn") else { return Vec::new() };
    let mut ignored: Vec<&'static str> = warning
        .split('"')
        .skip(1)
        .step_by(2)
        .filter_map(|key| in_spec_words(key.rsplit('.').next().unwrap_or(key)))
        .collect();
    ignored.sort_unstable();
    ignored.dedup();
    ignored
}
