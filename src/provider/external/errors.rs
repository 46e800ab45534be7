//! What the adapter's refusals mean for the operator.
//!
//! Words of the adapter become words of ours or nothing: its texts never reach a status or a log.

use std::time::Duration;

use super::wire::Failure;
use crate::model::Reason;
use crate::provider::ProviderError;
use crate::provider::http::Reply;

/// The wait that a 429 without `Retry-After` asks for.
pub(super) const DEFAULT_WAIT: Duration = Duration::from_secs(30);
/// The longest wait that an adapter can ask for.
const LONGEST_WAIT: u64 = 900;
/// The longest name of a field that is told.
const MAX_FIELD: usize = 40;

/// The reasons that an adapter may give for a refusal.
const REASONS: [Reason; 9] = [
    Reason::EmailTaken,
    Reason::NameTaken,
    Reason::SeatsExhausted,
    Reason::InUse,
    Reason::ConversationsAssigned,
    Reason::LastAdministrator,
    Reason::WebhookLimitReached,
    Reason::LicensesExceeded,
    Reason::PermissionDenied,
];

/// The refusal of one change; `None` where it may have had an effect.
pub(super) fn of_change(failure: &Failure) -> Option<ProviderError> {
    let Failure { class, reason, field, retry_after_seconds } = failure;
    Some(match class.as_str() {
        "Throttled" => {
            let seconds = retry_after_seconds.unwrap_or(DEFAULT_WAIT.as_secs()).clamp(1, LONGEST_WAIT);
            ProviderError::Throttled { retry_after: Duration::from_secs(seconds) }
        }
        "Forbidden" => ProviderError::Forbidden,
        "Conflict" => ProviderError::Conflict,
        "Gone" => ProviderError::Gone,
        "Rejected" => ProviderError::Rejected {
            reason: reason.as_deref().and_then(reason_of).unwrap_or(Reason::Rejected),
            field: field.as_deref().filter(|field| is_field(field)).map(str::to_owned),
        },
        _ => return None,
    })
}

fn reason_of(word: &str) -> Option<Reason> {
    REASONS.into_iter().find(|reason| reason.as_str() == word)
}

fn is_field(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '[' | ']');
    !text.is_empty() && text.len() <= MAX_FIELD && text.chars().all(allowed)
}

/// The refusal of a whole request, by its status alone.
pub(super) fn of_reply(reply: &Reply) -> ProviderError {
    match reply.status {
        400 | 404 | 405 | 422 => ProviderError::Malformed,
        401 => ProviderError::Unauthorized,
        403 => ProviderError::Forbidden,
        406 | 415 => ProviderError::OtherVersion,
        409 => ProviderError::Conflict,
        429 => ProviderError::Throttled { retry_after: reply.retry_after().unwrap_or(DEFAULT_WAIT) },
        _ => ProviderError::Unavailable,
    }
}

/// Whether a request that was answered like this surely changed nothing.
pub(super) fn is_without_effect(reply: &Reply) -> bool {
    matches!(reply.status, 400 | 401 | 403 | 404 | 405 | 406 | 409 | 415 | 422 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(class: &str, reason: &str, field: &str) -> Failure {
        Failure {
            class: class.to_owned(),
            reason: Some(reason.to_owned()),
            field: Some(field.to_owned()),
            retry_after_seconds: Some(u64::MAX),
        }
    }

    #[test]
    fn words_of_an_adapter_are_words_of_ours_or_nothing() {
        let refused = |reason, field: Option<&str>| {
            Some(ProviderError::Rejected { reason, field: field.map(str::to_owned) })
        };
        assert_eq!(
            of_change(&failure("Rejected", "EmailTaken", "email")),
            refused(Reason::EmailTaken, Some("email"))
        );
        let hostile = failure("Rejected", "Reconciled", "<script>\nana@loja.example");
        assert_eq!(of_change(&hostile), refused(Reason::Rejected, None));
        assert_eq!(of_change(&failure("Whatever", "", "")), None, "it may have had an effect");
    }

    #[test]
    fn an_adapter_cannot_stop_us_for_longer_than_the_longest_wait() {
        let wait = of_change(&failure("Throttled", "", ""));
        assert_eq!(wait, Some(ProviderError::Throttled { retry_after: Duration::from_secs(LONGEST_WAIT) }));
    }
}
