//! Calls to one Zendesk account: budget, fence, session, one retry of what may be retried.
//!
//! Reads are repeated a few times within the budget's share; a write is sent once. What may have been carried out and
//! has no answer is `Lost`, never a second try. It must not know what the calls mean.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::errors::{self, DEFAULT_WAIT};
use super::session::{self, Session, SessionSender, Sessions};
use crate::clock;
use crate::provider::ProviderError;
use crate::provider::budget::{Answered, Ask, Attempt, Budget, Class, Lane, Signal};
use crate::provider::http::{
    Authorization, Ending, Method, Reply, Request, RequestReport, SendError, Transport, WriteFence,
};
use crate::provider::writing::{Purpose, WriteError, log_write};

/// How often a read is tried.
const READ_ATTEMPTS: u32 = 3;
/// The pause before a read is repeated; grows fourfold, with jitter.
const READ_PAUSE: Duration = Duration::from_millis(250);

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) operation: &'static str,
    pub(super) lane: Lane,
}

impl Call {
    /// A read.
    pub(super) fn get(operation: &'static str, path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), body: None, operation, lane: Lane::Account }
    }

    /// A write with a body.
    pub(super) fn write(method: Method, operation: &'static str, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, operation, lane: Lane::Account }
    }

    /// With this body.
    pub(super) fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// On this lane.
    pub(super) fn on(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }
}

/// The calls to one account.
pub(super) struct Client {
    pub(super) transport: Transport,
    pub(super) budget: Budget,
    pub(super) fence: WriteFence,
    pub(super) sessions: Sessions,
}

impl Client {
    /// The session of the present credentials.
    pub(super) async fn session(&self) -> Result<Arc<Session>, ProviderError> {
        self.sessions.open(self).await
    }

    /// Reads, with a few repetitions.
    pub(super) async fn read(&self, call: &Call) -> Result<Reply, ProviderError> {
        let mut attempt = 0;
        let mut refreshed = false;
        loop {
            let session = self.session().await?;
            match self.read_once(call, &session.authorization, attempt).await {
                Ok(reply) => return Ok(reply),
                Err(ProviderError::Unauthorized) if !refreshed => {
                    refreshed = true;
                    self.sessions.drop_refused(&session).await;
                }
                Err(error) if attempt + 1 < READ_ATTEMPTS && is_worth_repeating(&error) => {
                    let pause = READ_PAUSE * 4_u32.pow(attempt);
                    attempt += 1;
                    tokio::time::sleep(pause.mul_f64(0.5 + rand::random::<f64>())).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn read_once(
        &self,
        call: &Call,
        authorization: &Authorization,
        attempt: u32,
    ) -> Result<Reply, ProviderError> {
        let attempt = if attempt == 0 { Attempt::First } else { Attempt::Again };
        let ask = Ask { class: Class::Reading, lane: call.lane.clone(), attempt };
        self.acquire(&ask, call.operation).await?;
        let reply = self.exchange(call, authorization).await.map_err(SendError::into_provider_error)?;
        if reply.is_success() { Ok(reply) } else { Err(errors::refusal(&reply)) }
    }

    /// Writes, once. A 401 is no second try: it surely had no effect, and is answered by one fresh token.
    pub(super) async fn write(&self, call: &Call, purpose: Purpose<'_>) -> Result<Reply, WriteError> {
        let mut result = self.write_once(call, purpose).await;
        if let Err((WriteError::Refused(ProviderError::Unauthorized), Some(session))) = &result {
            self.sessions.drop_refused(session).await;
            result = self.write_once(call, purpose).await;
        }
        let result = result.map_err(|(error, _)| error);
        log_write(("zendesk", call.operation), purpose.object, &result);
        result
    }

    async fn write_once(
        &self,
        call: &Call,
        purpose: Purpose<'_>,
    ) -> Result<Reply, (WriteError, Option<Arc<Session>>)> {
        let refused = |error| (WriteError::Refused(error), None);
        self.check_fence(call).map_err(refused)?;
        let session = self.session().await.map_err(refused)?;
        let ask = Ask { class: purpose.class, lane: call.lane.clone(), attempt: Attempt::First };
        self.acquire(&ask, call.operation).await.map_err(refused)?;
        // Asked again directly before sending: the wait may have outlived the lease.
        self.check_fence(call).map_err(refused)?;
        match self.exchange(call, &session.authorization).await {
            Ok(reply) if reply.is_success() => Ok(reply),
            Ok(reply) if errors::may_have_had_effect(&reply) => Err((WriteError::Lost, None)),
            Ok(reply) => Err((WriteError::Refused(errors::refusal(&reply)), Some(session))),
            Err(error) => Err((error.into(), None)),
        }
    }

    fn check_fence(&self, call: &Call) -> Result<(), ProviderError> {
        self.fence.check(clock::monotonic() + self.transport.time_limit(call.method))
    }

    async fn acquire(&self, ask: &Ask, operation: &'static str) -> Result<(), ProviderError> {
        let result = self.budget.acquire(ask).await;
        if let Err(ProviderError::Throttled { .. }) = result {
            let (provider, ending, duration) = ("zendesk", Ending::OverBudget, Duration::ZERO);
            self.transport.observer().observe(&RequestReport { provider, operation, ending, duration });
        }
        result
    }

    async fn exchange(&self, call: &Call, authorization: &Authorization) -> Result<Reply, SendError> {
        let request = Request {
            method: call.method,
            path: &call.path,
            body: call.body.as_ref(),
            authorization: Some(authorization),
            operation: call.operation,
        };
        let result = self.transport.send(&request).await;
        self.learn(&result, &call.lane);
        result
    }

    /// Tells the budget what an answer says.
    fn learn(&self, result: &Result<Reply, SendError>, lane: &Lane) {
        let reply = match result {
            Ok(reply) => reply,
            Err(error) => {
                self.budget.record(&Signal { result: (*error).into(), ..Signal::default() });
                return;
            }
        };
        let answered = match reply.status {
            429 => Answered::Throttled(reply.retry_after().unwrap_or(DEFAULT_WAIT)),
            503 if reply.retry_after().is_some() => {
                Answered::Throttled(reply.retry_after().unwrap_or(DEFAULT_WAIT))
            }
            408 | 500..=599 => Answered::Failing,
            _ => Answered::Alive,
        };
        let mut signal = Signal { result: answered, ..Signal::default() };
        // The webhooks' own limit comes under the same header names (`zendesk.md` 6), and a 429 of any endpoint's limit
        // names that limit: neither says anything about the account.
        if *lane != Lane::Webhooks && reply.status != 429 {
            let number = |names: [&str; 3]| {
                names.iter().find_map(|name| reply.header(name)?.trim().parse::<u32>().ok())
            };
            signal.limit = number(["x-rate-limit", "ratelimit-limit", "rate-limit"]);
            signal.remaining =
                number(["x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining"]);
            signal.reset = number(["ratelimit-reset", "x-rate-limit-reset", "rate-limit-reset"])
                .map(|seconds| Duration::from_secs(u64::from(seconds)));
            if let Some(remaining) = signal.remaining {
                self.transport.observer().rate_limit_remaining("zendesk", remaining);
            }
        }
        self.budget.record(&signal);
    }
}

fn is_worth_repeating(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Unavailable | ProviderError::Conflict | ProviderError::Throttled { .. })
}

#[async_trait::async_trait]
impl SessionSender for Client {
    async fn send(&self, request: &Request<'_>) -> Result<Reply, ProviderError> {
        let ask = Ask { class: Class::Edit, lane: Lane::Account, attempt: Attempt::First };
        self.acquire(&ask, request.operation).await?;
        let result = self.transport.send(request).await;
        self.learn(&result, &Lane::Account);
        result.map_err(session::unsent)
    }
}
