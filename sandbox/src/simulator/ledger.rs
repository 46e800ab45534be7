//! The ledger: every request in order of arrival, with what became of it. Tests read their evidence from here.
//!
//! Must never hold a credential (see `redact`) and never lose an entry. Reply bodies of reads share the memory of the
//! reply that was sent, and the oldest of them are let go beyond a budget so that long runs stay small.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::exchange::{Answer, Call};
use super::redact::{redact_body, redact_headers, redact_query};

/// Bytes of read replies kept in memory; the oldest go first. Replies to writes are always kept.
const READ_REPLIES_BUDGET: usize = 64 * 1024 * 1024;

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Received; its effect is not applied yet.
    Arrived,
    /// Its effect is applied (or refused), no answer is out.
    Applied,
    /// A fault keeps its answer back.
    Held,
    /// The answer was handed to the connection.
    Answered,
    /// The connection ended without an answer.
    Lost,
}

/// One request and its fate.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Position in the ledger, from 1.
    pub sequence: u64,
    /// Position among the writes of clients, from 1; `None` for reads, token requests and persons.
    pub write: Option<u64>,
    /// Simulated time of arrival.
    pub time: Timestamp,
    /// Machine time of arrival and of the end, in milliseconds since the epoch.
    pub arrived: i64,
    /// See `arrived`; `None` while in flight.
    pub ended: Option<i64>,
    /// Address the request came from.
    pub peer: String,
    /// Account it was for.
    pub account: String,
    /// The person acting, when it was not a client of the API.
    pub person: Option<String>,
    /// Upper-case method.
    pub method: String,
    /// Path inside the account.
    pub path: String,
    /// Query as decoded pairs.
    pub query: Vec<(String, String)>,
    /// The operation with ids replaced.
    pub operation: String,
    /// Headers without credentials.
    pub headers: Vec<(String, String)>,
    /// Body without credentials.
    pub body: Bytes,
    /// Status, once decided.
    pub status: Option<u16>,
    /// Reply without credentials; `None` when let go or not decided.
    pub reply: Option<Bytes>,
    /// Length of the reply in bytes.
    pub reply_bytes: usize,
    /// The header `Retry-After` of the reply.
    pub retry_after: Option<String>,
    /// Whether the state changed.
    pub effect: bool,
    /// Name of the fault that was injected.
    pub fault: Option<String>,
    /// How far it has come.
    pub stage: Stage,
}

impl Entry {
    /// The body as JSON, or as text where it is none.
    pub fn body_value(&self) -> Value {
        as_value(&self.body)
    }

    /// The reply as JSON, or as text where it is none.
    pub fn reply_value(&self) -> Value {
        self.reply.as_ref().map_or(Value::Null, as_value)
    }

    /// The entry as one JSON object, as `GET /_sandbox/ledger` shows it.
    pub fn to_json(&self) -> Value {
        let pairs = |pairs: &[(String, String)]| -> Value {
            let mut map = serde_json::Map::new();
            for (key, value) in pairs {
                map.insert(key.clone(), json!(value));
            }
            Value::Object(map)
        };
        json!({"sequence": self.sequence, "write": self.write, "time": self.time, "arrived": self.arrived,
            "ended": self.ended, "peer": self.peer, "account": self.account, "person": self.person,
            "method": self.method, "path": self.path, "query": pairs(&self.query), "operation": self.operation,
            "headers": pairs(&self.headers), "body": self.body_value(), "status": self.status,
            "reply": self.reply_value(), "replyBytes": self.reply_bytes, "retryAfter": self.retry_after, "effect": self.effect,
            "fault": self.fault, "stage": self.stage})
    }
}

fn as_value(bytes: &Bytes) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(bytes)))
}

#[derive(Debug, Default)]
struct Pages {
    entries: VecDeque<Entry>,
    next: u64,
    writes: u64,
    kept: VecDeque<(u64, usize)>,
    kept_bytes: usize,
}

/// All requests so far.
#[derive(Debug)]
pub struct Ledger {
    pages: Mutex<Pages>,
    changed: watch::Sender<u64>,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { pages: Mutex::default(), changed: watch::channel(0).0 }
    }
}

/// What `open` needs besides the call.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The operation with ids replaced.
    pub operation: String,
    /// Whether it counts as a write.
    pub write: Kind,
    /// Address it came from.
    pub peer: String,
}

/// Whether a request counts as a write of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A read, a token request or a person's act.
    Other,
    /// A write of a client.
    Write,
}

impl Ledger {
    /// Opens an entry for a request; returns its sequence number and its number among the writes.
    pub fn open(&self, call: &Call, arrival: Arrival) -> (u64, Option<u64>) {
        let mut pages = self.lock();
        pages.next += 1;
        let sequence = pages.next;
        let write = (arrival.write == Kind::Write).then(|| {
            pages.writes += 1;
            pages.writes
        });
        pages.entries.push_back(Entry {
            sequence,
            write,
            time: call.now,
            arrived: Timestamp::now().as_millisecond(),
            ended: None,
            peer: arrival.peer,
            account: call.account.clone(),
            person: call.person.clone(),
            method: call.method.clone(),
            path: call.path.clone(),
            query: redact_query(&call.query),
            operation: arrival.operation,
            headers: redact_headers(&call.headers),
            body: redact_body(&call.body),
            status: None,
            reply: None,
            reply_bytes: 0,
            retry_after: None,
            effect: false,
            fault: None,
            stage: Stage::Arrived,
        });
        drop(pages);
        self.announce();
        (sequence, write)
    }

    /// Notes the fault that is injected into a request.
    pub fn note_fault(&self, sequence: u64, name: &str) {
        self.update(sequence, |entry| entry.fault = Some(name.to_owned()));
    }

    /// Notes the vendor's answer (the effect is applied or refused).
    pub fn note_answer(&self, sequence: u64, answer: &Answer) {
        let reply = redact_body(&answer.body);
        let length = reply.len();
        let mut is_read = false;
        self.update(sequence, |entry| {
            entry.status = Some(answer.status);
            entry.effect |= answer.effect;
            entry.reply_bytes = answer.body.len();
            let named = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("retry-after"));
            entry.retry_after = named.map(|(_, value)| value.clone());
            entry.reply = Some(reply);
            entry.stage = entry.stage.max(Stage::Applied);
            is_read = entry.method == "GET";
        });
        if is_read {
            self.keep_within_budget(sequence, length);
        }
    }

    /// Notes that an effect came after its answer (the fault `late`); status and reply stay as they were sent.
    pub fn note_late_effect(&self, sequence: u64, answer: &Answer) {
        self.update(sequence, |entry| entry.effect |= answer.effect);
    }

    /// Notes that a request has come to a stage.
    pub fn note_stage(&self, sequence: u64, stage: Stage) {
        self.update(sequence, |entry| {
            entry.stage = stage;
            if matches!(stage, Stage::Answered | Stage::Lost) {
                entry.ended = Some(Timestamp::now().as_millisecond());
            }
        });
    }

    /// All entries in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.lock().entries.iter().cloned().collect()
    }

    /// The writes of clients in order.
    pub fn writes(&self) -> Vec<Entry> {
        self.lock().entries.iter().filter(|entry| entry.write.is_some()).cloned().collect()
    }

    /// The n-th write since the start (clearing the ledger does not restart the count).
    pub fn write(&self, number: u64) -> Option<Entry> {
        self.lock().entries.iter().find(|entry| entry.write == Some(number)).cloned()
    }

    /// Number of writes since the start.
    pub fn write_count(&self) -> u64 {
        self.lock().writes
    }

    /// Forgets all entries; the numbers go on.
    pub fn clear(&self) {
        let mut pages = self.lock();
        pages.entries.clear();
        pages.kept.clear();
        pages.kept_bytes = 0;
    }

    /// Announces every change of the ledger, for long polls.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn update(&self, sequence: u64, change: impl FnOnce(&mut Entry)) {
        let mut pages = self.lock();
        let first = pages.entries.front().map_or(0, |entry| entry.sequence);
        let position = sequence.checked_sub(first).and_then(|offset| usize::try_from(offset).ok());
        if let Some(entry) = position.and_then(|position| pages.entries.get_mut(position)) {
            change(entry);
        }
        drop(pages);
        self.announce();
    }

    fn keep_within_budget(&self, sequence: u64, length: usize) {
        let mut pages = self.lock();
        pages.kept.push_back((sequence, length));
        pages.kept_bytes += length;
        while pages.kept_bytes > READ_REPLIES_BUDGET {
            let Some((oldest, bytes)) = pages.kept.pop_front() else { break };
            pages.kept_bytes -= bytes;
            let first = pages.entries.front().map_or(0, |entry| entry.sequence);
            let position = oldest.checked_sub(first).and_then(|offset| usize::try_from(offset).ok());
            if let Some(entry) = position.and_then(|position| pages.entries.get_mut(position)) {
                entry.reply = None;
            }
        }
    }

    fn announce(&self) {
        self.changed.send_modify(|version| *version += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
