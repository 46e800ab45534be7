//! Calls to one Zenvia account on two hosts: Zenvia Chat, and subscriptions. Budget, fence, tokens, and one retry of
//! what may be retried.
//!
//! The chat APIs take their token in the query of reads and in the body of writes; it is put in right before a request
//! is sent and wiped after it. Reads are repeated a few times within the budget's share; a write is sent once. It must
//! not know what the calls mean.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use zeroize::{Zeroize, Zeroizing};

use super::credentials::Tokens;
use super::errors::{self, DEFAULT_WAIT};
use crate::clock;
use crate::provider::ProviderError;
use crate::provider::budget::{Answered, Ask, Attempt, Budget, Class, Lane, Signal};
use crate::provider::http::{
    Authorization, Ending, Method, Reply, Request, RequestReport, SendError, Transport, WriteFence, encode,
};
use crate::provider::writing::{Purpose, WriteError, log_write};

/// How often a read is tried.
const READ_ATTEMPTS: u32 = 3;
/// The pause before a read is repeated; grows fourfold, with jitter.
const READ_PAUSE: Duration = Duration::from_millis(250);

/// Which of the vendor's hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Zenvia Chat.
    Chat,
    /// api.zenvia.com.
    Subscriptions,
}

/// One call, without its token.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) line: Line,
    pub(super) method: Method,
    /// The path, without a query.
    pub(super) path: String,
    /// The query, encoded, without the token; may be empty.
    pub(super) query: String,
    pub(super) body: Option<Value>,
    pub(super) operation: &'static str,
}

impl Call {
    pub(super) fn get(line: Line, operation: &'static str, path: String) -> Self {
        Self { line, method: Method::Get, path, query: String::new(), body: None, operation }
    }

    pub(super) fn write(
        (line, method): (Line, Method),
        operation: &'static str,
        path: String,
        body: Option<Value>,
    ) -> Self {
        Self { line, method, path, query: String::new(), body, operation }
    }
}

/// A host with its pace.
pub(super) struct Wire {
    pub(super) transport: Transport,
    pub(super) budget: Arc<Budget>,
}

/// The calls to one account.
pub(super) struct Client {
    /// `None` where the account is reached for its subscriptions only.
    pub(super) chat: Option<Wire>,
    pub(super) subscriptions: Wire,
    pub(super) fence: WriteFence,
    pub(super) tokens: Tokens,
}

impl Client {
    fn wire(&self, line: Line) -> Result<&Wire, ProviderError> {
        match line {
            Line::Chat => self.chat.as_ref().ok_or(ProviderError::Forbidden),
            Line::Subscriptions => Ok(&self.subscriptions),
        }
    }

    /// Reads, with a few repetitions.
    pub(super) async fn read(&self, call: &Call) -> Result<Reply, ProviderError> {
        let mut attempt = 0;
        loop {
            let ask = Ask {
                class: Class::Reading,
                lane: Lane::Account,
                attempt: if attempt == 0 { Attempt::First } else { Attempt::Again },
            };
            match self.read_once(call, &ask).await {
                Err(error) if attempt + 1 < READ_ATTEMPTS && is_worth_repeating(&error) => {
                    let pause = READ_PAUSE * 4_u32.pow(attempt);
                    attempt += 1;
                    tokio::time::sleep(pause.mul_f64(0.5 + rand::random::<f64>())).await;
                }
                result => return result,
            }
        }
    }

    async fn read_once(&self, call: &Call, ask: &Ask) -> Result<Reply, ProviderError> {
        let wire = self.wire(call.line)?;
        let token = self.tokens.token(call.line)?;
        acquire(wire, ask, call.operation).await?;
        let reply = exchange(wire, call, &token).await.map_err(SendError::into_provider_error)?;
        match errors::refusal(call.line, &reply) {
            None => Ok(reply),
            Some(error) => Err(self.refused(call.line, &token, error)),
        }
    }

    /// Writes, once.
    pub(super) async fn write(&self, mut call: Call, purpose: Purpose<'_>) -> Result<Reply, WriteError> {
        let result = self.write_once(&call, purpose).await;
        if let Some(body) = &mut call.body {
            wipe(body);
        }
        log_write(("zenvia", call.operation), purpose.object, &result);
        result
    }

    async fn write_once(&self, call: &Call, purpose: Purpose<'_>) -> Result<Reply, WriteError> {
        let wire = self.wire(call.line).map_err(WriteError::Refused)?;
        self.check_fence(wire, call).map_err(WriteError::Refused)?;
        let token = self.tokens.token(call.line).map_err(WriteError::Refused)?;
        let ask = Ask { class: purpose.class, lane: Lane::Account, attempt: Attempt::First };
        acquire(wire, &ask, call.operation).await.map_err(WriteError::Refused)?;
        // Asked again directly before sending: the wait may have outlived the lease.
        self.check_fence(wire, call).map_err(WriteError::Refused)?;
        match exchange(wire, call, &token).await {
            Ok(reply) if errors::may_have_had_effect(&reply) => Err(WriteError::Lost),
            Ok(reply) => match errors::refusal(call.line, &reply) {
                None => Ok(reply),
                // It came back as no answer of this interface: nobody knows whether it was carried out.
                Some(ProviderError::Malformed | ProviderError::Unavailable) => Err(WriteError::Lost),
                Some(error) => Err(WriteError::Refused(self.refused(call.line, &token, error))),
            },
            Err(error) => Err(error.into()),
        }
    }

    fn refused(&self, line: Line, token: &Zeroizing<String>, error: ProviderError) -> ProviderError {
        if error == ProviderError::Unauthorized {
            self.tokens.refuse(line, token);
        }
        error
    }

    fn check_fence(&self, wire: &Wire, call: &Call) -> Result<(), ProviderError> {
        self.fence.check(clock::monotonic() + wire.transport.time_limit(call.method))
    }
}

async fn acquire(wire: &Wire, ask: &Ask, operation: &'static str) -> Result<(), ProviderError> {
    let result = wire.budget.acquire(ask).await;
    if let Err(ProviderError::Throttled { .. }) = result {
        let (provider, ending, duration) = ("zenvia", Ending::OverBudget, Duration::ZERO);
        wire.transport.observer().observe(&RequestReport { provider, operation, ending, duration });
    }
    result
}

/// Sends one call with its token where the interface takes it.
async fn exchange(wire: &Wire, call: &Call, token: &Zeroizing<String>) -> Result<Reply, SendError> {
    let Call { line, method, path, query, body, operation } = call;
    let mark = if query.is_empty() { "" } else { "?" };
    let mut address = Zeroizing::new(format!("{path}{mark}{query}"));
    let mut sent = body.clone();
    let mut authorization = None;
    match line {
        Line::Subscriptions => authorization = Some(Authorization::header("x-api-token", token)),
        Line::Chat if method.is_write() => {
            let body = sent.get_or_insert_with(|| json!({}));
            body["token"] = json!(token.as_str());
        }
        Line::Chat => {
            let joint = if query.is_empty() { "?" } else { "&" };
            let encoded = Zeroizing::new(encode(token));
            address.push_str(joint);
            address.push_str("token=");
            address.push_str(&encoded);
        }
    }
    let request = Request {
        method: *method,
        path: &address,
        body: sent.as_ref(),
        authorization: authorization.as_ref(),
        operation,
    };
    let result = wire.transport.send(&request).await;
    if let Some(body) = &mut sent {
        wipe(body);
    }
    learn(wire, &result);
    result
}

/// Tells the budget what an answer says. No rate headers are documented.
fn learn(wire: &Wire, result: &Result<Reply, SendError>) {
    let result = match result {
        Err(error) => (*error).into(),
        Ok(reply) => match reply.status {
            429 => Answered::Throttled(reply.retry_after().unwrap_or(DEFAULT_WAIT)),
            503 if reply.retry_after().is_some() => {
                Answered::Throttled(reply.retry_after().unwrap_or(DEFAULT_WAIT))
            }
            408 | 500..=599 => Answered::Failing,
            _ => Answered::Alive,
        },
    };
    wire.budget.record(&Signal { result, ..Signal::default() });
}

fn is_worth_repeating(error: &ProviderError) -> bool {
    matches!(error, ProviderError::Unavailable | ProviderError::Throttled { .. })
}

/// Overwrites every text of a body that was sent: it held a token or a password.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
