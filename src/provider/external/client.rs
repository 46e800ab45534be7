//! Calls to one adapter: budget, fence, signature, the version of the contract.
//!
//! A read is tried once more within the budget's share; a write is sent once. Every request carries the bearer token and
//! a signature over its time, method, path and body, so that an adapter behind a shared proxy can tell our requests from
//! others. It must not know what the calls mean.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ring::hmac;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use super::errors;
use super::wire::MEDIA_TYPE;
use crate::clock;
use crate::provider::ProviderError;
use crate::provider::budget::{Answered, Ask, Attempt, Budget, Class, Lane, Signal};
use crate::provider::http::{Authorization, Dress, Method, Reply, Request, SendError, Transport, WriteFence};
use crate::provider::writing::WriteError;

/// The header with the time of the signature, in seconds since 1970.
const TIMESTAMP: &str = "x-humansupport-timestamp";
/// The header with the signature.
const SIGNATURE: &str = "x-humansupport-signature";
/// The pause before a read is repeated, with jitter.
const READ_PAUSE: Duration = Duration::from_millis(250);

/// What the account's Secret holds.
pub struct Credentials {
    /// The bearer token.
    pub token: Zeroizing<String>,
    /// The key of the signature.
    pub hmac_key: Zeroizing<String>,
}

/// The credentials in use.
struct Keys {
    authorization: Authorization,
    signing: hmac::Key,
}

/// The calls to one adapter.
pub(super) struct Client {
    pub(super) transport: Transport,
    pub(super) budget: Budget,
    pub(super) fence: WriteFence,
    /// The path of the account's URL, without a slash at its end.
    pub(super) base: String,
    keys: Mutex<Option<Arc<Keys>>>,
}

impl Client {
    pub(super) fn new((transport, budget): (Transport, Budget), fence: WriteFence, base: String) -> Self {
        Self { transport, budget, fence, base, keys: Mutex::default() }
    }

    pub(super) fn set_credentials(&self, credentials: &Credentials) {
        let keys = Keys {
            authorization: Authorization::bearer(&credentials.token),
            signing: hmac::Key::new(hmac::HMAC_SHA256, credentials.hmac_key.as_bytes()),
        };
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(keys));
    }

    fn keys(&self) -> Result<Arc<Keys>, ProviderError> {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone();
        keys.ok_or(ProviderError::Unauthorized)
    }

    /// Reads; once more where the first answer is lost.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        path: &str,
    ) -> Result<T, ProviderError> {
        match self.read_once((operation, path), Attempt::First).await {
            Err(ProviderError::Unavailable) => {
                tokio::time::sleep(READ_PAUSE.mul_f64(0.5 + rand::random::<f64>())).await;
                self.read_once((operation, path), Attempt::Again).await
            }
            result => result,
        }
    }

    async fn read_once<T: DeserializeOwned>(
        &self,
        (operation, path): (&'static str, &str),
        attempt: Attempt,
    ) -> Result<T, ProviderError> {
        let path = format!("{}{path}", self.base);
        self.budget.acquire(&Ask { class: Class::Reading, lane: Lane::Account, attempt }).await?;
        let keys = self.keys()?;
        let request = Request {
            method: Method::Get,
            path: &path,
            body: None,
            authorization: Some(&keys.authorization),
            operation,
        };
        let reply = self.exchange(&request, &keys).await.map_err(SendError::into_provider_error)?;
        if !reply.is_success() {
            return Err(errors::of_reply(&reply));
        }
        check_version(&reply)?;
        reply.json()
    }

    /// Writes, once.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        (operation, path): (&'static str, &str),
        (body, class): (&Value, Class),
    ) -> Result<T, WriteError> {
        let path = format!("{}{path}", self.base);
        self.check_fence().map_err(WriteError::Refused)?;
        let ask = Ask { class, lane: Lane::Account, attempt: Attempt::First };
        self.budget.acquire(&ask).await.map_err(WriteError::Refused)?;
        // Asked again directly before sending: the wait may have outlived the lease.
        self.check_fence().map_err(WriteError::Refused)?;
        let keys = self.keys().map_err(WriteError::Refused)?;
        let authorization = Some(&keys.authorization);
        let request =
            Request { method: Method::Post, path: &path, body: Some(body), authorization, operation };
        match self.exchange(&request, &keys).await {
            Ok(reply) if reply.is_success() => {
                check_version(&reply).and_then(|()| reply.json()).map_err(|_| WriteError::Lost)
            }
            Ok(reply) if errors::is_without_effect(&reply) => {
                Err(WriteError::Refused(errors::of_reply(&reply)))
            }
            Ok(_) => Err(WriteError::Lost),
            Err(error) => Err(error.into()),
        }
    }

    fn check_fence(&self) -> Result<(), ProviderError> {
        self.fence.check(clock::monotonic() + self.transport.time_limit(Method::Post))
    }

    async fn exchange(&self, request: &Request<'_>, keys: &Keys) -> Result<Reply, SendError> {
        let sign = |body: &[u8]| {
            let timestamp = clock::wall().as_second().to_string();
            let method = if request.method.is_write() { "POST" } else { "GET" };
            let signature = signature(&keys.signing, (&timestamp, method, request.path), body);
            vec![(TIMESTAMP, timestamp), (SIGNATURE, signature)]
        };
        let result =
            self.transport.send_dressed(request, &Dress { media_type: MEDIA_TYPE, sign: &sign }).await;
        self.learn(&result);
        result
    }

    fn learn(&self, result: &Result<Reply, SendError>) {
        let result = match result {
            Ok(reply) => match reply.status {
                429 => Answered::Throttled(reply.retry_after().unwrap_or(errors::DEFAULT_WAIT)),
                503 if reply.retry_after().is_some() => {
                    Answered::Throttled(reply.retry_after().unwrap_or(errors::DEFAULT_WAIT))
                }
                408 | 500..=599 => Answered::Failing,
                _ => Answered::Alive,
            },
            Err(SendError::Unusable) => Answered::Alive,
            Err(error) => (*error).into(),
        };
        self.budget.record(&Signal { result, ..Signal::default() });
    }
}

/// An answer of another version, or of no contract at all, is not read.
fn check_version(reply: &Reply) -> Result<(), ProviderError> {
    let content_type = reply.header("content-type").unwrap_or_default();
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let is_contract = parts.next().as_deref() == Some("application/humansupport.adapter+json");
    match is_contract {
        false => Err(ProviderError::Malformed),
        true if parts.any(|part| part == "version=1") => Ok(()),
        true => Err(ProviderError::OtherVersion),
    }
}

/// `v1=` and the hexadecimal HMAC-SHA256 over time, method, path and raw body, with a line feed between them.
fn signature(key: &hmac::Key, (timestamp, method, path): (&str, &str, &str), body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(format!("{timestamp}\n{method}\n{path}\n").as_bytes());
    context.update(body);
    let mut text = "v1=".to_owned();
    for byte in context.sign().as_ref() {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signature_is_the_one_of_the_guide() {
        // The value that the guide shows; computed with `openssl dgst -sha256 -hmac`.
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"a key of at least 32 random bytes");
        let signed = signature(&key, ("1764000000", "POST", "/changes"), br#"{"changes":[]}"#);
        assert_eq!(signed, "v1=6ee0f088f8e9222580e9d0d08110b1f8d21692b52608cfcea6a6d3e9a94c73b2");
    }
}
