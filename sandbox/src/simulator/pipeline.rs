//! The way of a request: read, locate, ledger, fault, vendor, answer. The one place where a fault is carried out.
//!
//! Must apply an effect in one synchronous step, so that a client that goes away leaves either all of it or nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::DATE;
use axum::response::Response;
use url::form_urlencoded;

use super::exchange::{Answer, Call};
use super::fault_body;
use super::faults::{Action, Effect, Nonsense};
use super::ledger::{Arrival, Kind, Stage};
use super::{Core, Depth, Location};

/// Largest request body that is read, in bytes.
const MAX_REQUEST: usize = 64 * 1024 * 1024;

/// Marks a response that must not be sent: the connection is reset in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Abort;

/// Notes a request as lost when its future is dropped before an answer was handed over.
struct Flight {
    core: Arc<Core>,
    sequence: u64,
    end: Stage,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.core.ledger.note_stage(self.sequence, self.end);
    }
}

/// Serves one request of the vendor's API.
pub(crate) async fn handle(core: Arc<Core>, request: Request) -> Response {
    let peer = request.extensions().get::<SocketAddr>().map_or_else(String::new, ToString::to_string);
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_REQUEST).await else {
        return respond(&Answer::text(413, "The request body is larger than this simulator reads"));
    };
    let headers = header_pairs(&parts.headers);
    let host = headers.iter().find(|(name, _)| name == "host").map_or("", |(_, value)| value.as_str());
    let located = core.vendor.locate(host, parts.uri.path());
    let (location, refusal) = match located {
        Ok(location) => (location, None),
        Err(answer) => (unknown(parts.uri.path()), Some(answer)),
    };
    let mut call = Call {
        account: location.account,
        method: parts.method.as_str().to_owned(),
        path: location.path,
        query: query_pairs(parts.uri.query().unwrap_or_default()),
        person: headers.iter().find(|(name, _)| name == "x-sandbox-person").map(|(_, value)| value.clone()),
        headers: Arc::new(headers),
        body,
        base: location.base,
        now: core.clock.now(),
    };
    if refusal.is_none()
        && let Some(account) = core.vendor.account_of(&call)
    {
        call.account = account;
    }
    let counts = refusal.is_none() && call.person.is_none() && core.vendor.is_write(&call);
    let write = if counts { Kind::Write } else { Kind::Other };
    let arrival = Arrival { operation: core.vendor.operation(&call), write, peer };
    let (sequence, number) = core.ledger.open(&call, arrival);
    let mut flight = Flight { core: core.clone(), sequence, end: Stage::Lost };
    let exchange = Exchange { core: &core, call, sequence };
    let mut response = match (refusal, core.faults.take(&exchange.call, number)) {
        (Some(answer), _) => exchange.noted(answer),
        (None, None) => respond(&exchange.perform(Depth::Full)),
        (None, Some((name, action))) => {
            core.ledger.note_fault(sequence, &name);
            exchange.injured(action).await
        }
    };
    if response.extensions().get::<Abort>().is_none() {
        flight.end = Stage::Answered;
        date(&mut response, core.clock.now());
    }
    response
}

/// Dates an answer by the simulated clock: a vendor's `Date` and its records' times are of one clock.
fn date(response: &mut Response, now: jiff::Timestamp) {
    let text = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(value) = text.ok().and_then(|text| HeaderValue::try_from(text).ok()) {
        response.headers_mut().entry(DATE).or_insert(value);
    }
}

fn unknown(path: &str) -> Location {
    Location { account: String::new(), path: path.to_owned(), base: String::new() }
}

fn header_pairs(headers: &axum::http::HeaderMap) -> Vec<(String, String)> {
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// Decodes a query string.
pub(crate) fn query_pairs(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

/// An answer as an HTTP response.
pub(crate) fn respond(answer: &Answer) -> Response {
    build(answer, Body::from(answer.body.clone()))
}

fn build(answer: &Answer, body: Body) -> Response {
    let mut builder = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(body).unwrap_or_else(|_| Response::new(Body::empty()))
}

fn abort() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Abort);
    response
}

struct Exchange<'a> {
    core: &'a Arc<Core>,
    call: Call,
    sequence: u64,
}

impl Exchange<'_> {
    fn perform(&self, depth: Depth) -> Answer {
        self.perform_as(&self.call, depth)
    }

    fn perform_as(&self, call: &Call, depth: Depth) -> Answer {
        let answer = self.core.vendor.perform(call, depth);
        self.core.ledger.note_answer(self.sequence, &answer);
        answer
    }

    fn noted(&self, answer: Answer) -> Response {
        self.core.ledger.note_answer(self.sequence, &answer);
        respond(&answer)
    }

    fn apply_if(&self, effect: Effect) {
        if effect == Effect::Applied {
            self.perform(Depth::Full);
        }
    }

    /// Faults that end in something other than the vendor's own answer.
    async fn injured(self, action: Action) -> Response {
        match action {
            Action::Status { status, body, retry_after, effect } => {
                self.apply_if(effect);
                self.noted(fault_body::status(status, body.as_ref(), retry_after))
            }
            Action::Reset { effect } => {
                self.apply_if(effect);
                abort()
            }
            Action::Hold { effect } => self.held(effect).await,
            Action::Late { milliseconds, status } => self.late(milliseconds, status),
            Action::Replace { with, size, effect } => {
                self.apply_if(effect);
                if let Some(body) = fault_body::endless(with, size) {
                    let answer = fault_body::nonsense(with, size, None);
                    self.core.ledger.note_answer(self.sequence, &answer);
                    return build(&answer, body);
                }
                let real = (with == Nonsense::WrongTypes).then(|| self.perform(Depth::Full));
                self.noted(fault_body::nonsense(with, size, real.as_ref()))
            }
            other => self.bent(other).await,
        }
    }

    /// Faults that bend the vendor's own answer.
    async fn bent(mut self, action: Action) -> Response {
        match action {
            Action::Delay { milliseconds } => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                respond(&self.perform(Depth::Full))
            }
            Action::SlowBody { bytes_per_second } => {
                let answer = self.perform(Depth::Full);
                build(&answer, fault_body::slow(answer.body.clone(), bytes_per_second))
            }
            Action::Truncate { bytes } => {
                let answer = self.perform(Depth::Full);
                let length = answer.body.len().to_string();
                let body = fault_body::truncated(answer.body.clone(), bytes);
                build(&answer.with_header("content-length", length), body)
            }
            Action::RepeatPage => {
                respond(&self.perform_as(&self.core.vendor.rewind(&self.call), Depth::Full))
            }
            Action::SkipPage => {
                let answer = self.perform(Depth::Full);
                let next = self.core.vendor.next_page(&self.call, &answer);
                respond(&next.map_or(answer, |next| self.perform_as(&next, Depth::Full)))
            }
            Action::Omit { ids } => {
                let answer = self.perform(Depth::Full);
                self.noted(fault_body::omit(answer, &ids))
            }
            Action::DropFields { fields } => {
                self.call.body = fault_body::without_fields(&self.call.body, &fields);
                respond(&self.perform(Depth::Full))
            }
            Action::Pretend => respond(&self.perform(Depth::Pretend)),
            Action::Vendor { disturbance } => {
                let answer = self.perform(Depth::Full);
                match self.core.vendor.disturb(&self.call, &disturbance) {
                    Ok(()) => respond(&answer),
                    Err(reason) => self.noted(Answer::text(500, &reason)),
                }
            }
            _ => respond(&self.perform(Depth::Full)),
        }
    }

    async fn held(self, effect: Effect) -> Response {
        let mut released = self.core.faults.released();
        let applied = (effect == Effect::Applied).then(|| self.perform(Depth::Full));
        self.core.ledger.note_stage(self.sequence, Stage::Held);
        if released.changed().await.is_err() {
            return abort();
        }
        respond(&applied.unwrap_or_else(|| self.perform(Depth::Full)))
    }

    fn late(self, milliseconds: u64, status: u16) -> Response {
        let response = self.noted(fault_body::status(status, None, None));
        let (core, mut call, sequence) = (self.core.clone(), self.call, self.sequence);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
            call.now = core.clock.now();
            let answer = core.vendor.perform(&call, Depth::Full);
            core.ledger.note_late_effect(sequence, &answer);
        });
        response
    }
}
