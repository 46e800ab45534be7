//! How we act in a Zenvia account: the token of Zenvia Chat (a partner's or the account's), and the token for
//! subscriptions.
//!
//! They print nothing and are wiped when dropped. They must not be compared in a log or kept anywhere else. They are
//! never regenerated: a new token disables every integration that uses the old one (`zenvia.md` 4).

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::client::Line;
use crate::clock;
use crate::provider::ProviderError;

/// How long a refusal of the same token is believed.
const REFUSAL_HOLDS: Duration = Duration::from_secs(300);

/// What the account's Secret holds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Credentials {
    /// The token of Zenvia Chat: the partner's for `Api::Partner`, the account's for `Api::Account`.
    pub chat: Option<Zeroizing<String>>,
    /// The token for `X-API-TOKEN`; without one, webhooks are neither read nor written.
    pub api: Option<Zeroizing<String>>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(…)")
    }
}

/// Holds the tokens, and remembers which were refused: wrong ones must not be tried at every call.
#[derive(Default)]
pub(super) struct Tokens {
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    credentials: Arc<Credentials>,
    refused: Vec<(Line, Instant)>,
}

impl Tokens {
    /// Sets what the Secret holds now; a change drops remembered refusals.
    pub(super) fn set(&self, credentials: Credentials) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if *held.credentials != credentials {
            *held = Held { credentials: Arc::new(credentials), refused: Vec::new() };
        }
    }

    /// Whether there is a token for this line.
    pub(super) fn has(&self, line: Line) -> bool {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        of(&held.credentials, line).is_some()
    }

    /// The token of a line.
    ///
    /// # Errors
    /// `Unauthorized` when there is none, or it was refused lately.
    pub(super) fn token(&self, line: Line) -> Result<Zeroizing<String>, ProviderError> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::monotonic();
        if held.refused.iter().any(|(known, at)| *known == line && now < *at + REFUSAL_HOLDS) {
            return Err(ProviderError::Unauthorized);
        }
        of(&held.credentials, line).cloned().ok_or(ProviderError::Unauthorized)
    }

    /// Remembers that the vendor refused this token.
    pub(super) fn refuse(&self, line: Line, token: &Zeroizing<String>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if of(&held.credentials, line) == Some(token) {
            held.refused.retain(|(known, _)| *known != line);
            held.refused.push((line, clock::monotonic()));
        }
    }
}

fn of(credentials: &Credentials, line: Line) -> Option<&Zeroizing<String>> {
    match line {
        Line::Chat => credentials.chat.as_ref(),
        Line::Subscriptions => credentials.api.as_ref(),
    }
}
