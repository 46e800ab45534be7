//! Rate limits: the account's per minute, and the endpoint limits that bite (user updates, webhooks, permanent deletion).
//!
//! Counts by the simulator's clock in fixed windows that start with the first request. Must count only requests that
//! were authenticated and not refused by a limit; persons in the browser are not counted at all.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::account::Account;
use super::assumptions::{Assumptions, PerUserLimitBody};
use super::errors::ApiError;
use super::records::User;
use crate::simulator::{Answer, Call};

/// Milliseconds between two user updates of an account: one a second, with a little grace for the network's jitter.
const USER_UPDATE_SPACING: i64 = 950;
const USER_UPDATES_PER_MINUTE: u32 = 5;
const WEBHOOK_CALLS_PER_MINUTE: u32 = 100;
const WEBHOOK_TESTS_PER_MINUTE: u32 = 20;
const PERMANENT_DELETIONS_PER_TEN_MINUTES: u32 = 700;

/// A fixed window with its count.
#[derive(Debug, Clone, Copy)]
struct Window {
    start: Timestamp,
    used: u32,
}

/// How much of a window is allowed, left, and when it ends.
#[derive(Debug, Clone, Copy)]
struct Reading {
    total: u32,
    remaining: u32,
    resets: i64,
}

/// The counters of an account. Not saved: a restart forgives.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meters {
    account: Option<Window>,
    webhooks: Option<Window>,
    webhook_tests: Option<Window>,
    permanent_deletions: Option<Window>,
    last_user_update: Option<Timestamp>,
    user_updates: HashMap<u64, Window>,
    replies: u64,
}

impl Meters {
    /// An id for the next reply.
    pub(crate) fn reply_id(&mut self, subdomain: &str) -> String {
        self.replies += 1;
        let digest = Sha256::digest(format!("{subdomain}/reply/{}", self.replies).as_bytes());
        digest.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

/// Which limits a request falls under besides the account's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// None.
    Plain,
    /// `PUT /users/{id}` and `create_or_update`, with the user it changes.
    UserUpdate(Option<u64>),
    /// The webhook API.
    Webhooks,
    /// The test call of the webhook API.
    WebhookTest,
    /// `DELETE /deleted_users/{id}`.
    PermanentDeletion,
}

/// Counts one request in a window; `Err` when the window is full.
fn take(window: &mut Option<Window>, now: Timestamp, limit: (u32, i64)) -> Result<Reading, Reading> {
    let (total, length) = limit;
    let age = |start: Timestamp| now.duration_since(start).as_secs();
    let mut current =
        window.filter(|one| (0..length).contains(&age(one.start))).unwrap_or(Window { start: now, used: 0 });
    let resets = (length - age(current.start)).max(1);
    if current.used >= total {
        *window = Some(current);
        return Err(Reading { total, remaining: 0, resets });
    }
    current.used += 1;
    *window = Some(current);
    Ok(Reading { total, remaining: total - current.used, resets })
}

/// Counts a request. `Ok` are the headers of its reply, `Err` is the 429.
pub(crate) fn admit(
    account: &mut Account,
    call: &Call,
    endpoint: Endpoint,
    assumptions: &Assumptions,
) -> Result<Vec<(String, String)>, ApiError> {
    if !account.features.rate_limits || call.person.is_some() {
        return Ok(Vec::new());
    }
    let limit = (account.rate(), 60);
    let reading = take(&mut account.meters.account, call.now, limit).map_err(|full| {
        let description = format!("Number of allowed API requests per minute exceeded ({})", full.total);
        refused(json!({"error": "APIRateLimitExceeded", "description": description}), full)
    })?;
    let mut headers = account_headers(reading);
    let named = |name: &str, one: Reading| {
        let text = format!("total={}; remaining={}; resets={}", one.total, one.remaining, one.resets);
        (format!("zendesk-ratelimit-{name}"), text)
    };
    let endpoint_refusal = |full: Reading| {
        refused(json!({"error": "TooManyRequests", "description": "Endpoint rate limit exceeded"}), full)
    };
    let meters = &mut account.meters;
    match endpoint {
        Endpoint::Plain => {}
        Endpoint::Webhooks | Endpoint::WebhookTest => {
            let limit = (WEBHOOK_CALLS_PER_MINUTE, 60);
            let one = take(&mut meters.webhooks, call.now, limit).map_err(endpoint_refusal)?;
            headers = account_headers(one);
            if endpoint == Endpoint::WebhookTest {
                let limit = (WEBHOOK_TESTS_PER_MINUTE, 60);
                let one = take(&mut meters.webhook_tests, call.now, limit).map_err(endpoint_refusal)?;
                headers.push(named("webhook-tests", one));
            }
        }
        Endpoint::PermanentDeletion => {
            let limit = (PERMANENT_DELETIONS_PER_TEN_MINUTES, 600);
            let one = take(&mut meters.permanent_deletions, call.now, limit).map_err(endpoint_refusal)?;
            headers.push(named("permanent-deletions", one));
        }
        Endpoint::UserUpdate(target) => {
            headers.push(named("user-updates", user_update(account, call, (target, assumptions))?));
        }
    }
    Ok(headers)
}

fn user_update(
    account: &mut Account,
    call: &Call,
    (target, assumptions): (Option<u64>, &Assumptions),
) -> Result<Reading, ApiError> {
    let meters = &mut account.meters;
    let last = meters.last_user_update;
    let early = last
        .is_some_and(|last| call.now.duration_since(last) < SignedDuration::from_millis(USER_UPDATE_SPACING));
    if early {
        let full = Reading { total: 1, remaining: 0, resets: 1 };
        let description = "Number of allowed user updates per second exceeded (1)";
        return Err(refused(json!({"error": "TooManyRequests", "description": description}), full));
    }
    let mut reading =
        Reading { total: USER_UPDATES_PER_MINUTE, remaining: USER_UPDATES_PER_MINUTE, resets: 60 };
    if let Some(id) = target {
        let mut window = meters.user_updates.get(&id).copied();
        let taken = take(&mut window, call.now, (USER_UPDATES_PER_MINUTE, 60));
        if meters.user_updates.len() > 5_000 {
            meters.user_updates.retain(|_, one| call.now.duration_since(one.start).as_secs() < 60);
        }
        meters.user_updates.extend(window.map(|window| (id, window)));
        reading = taken.map_err(|full| per_user_refusal(account.users.get(&id), full, assumptions))?;
    }
    account.meters.last_user_update = Some(call.now);
    Ok(reading)
}

fn per_user_refusal(user: Option<&User>, full: Reading, assumptions: &Assumptions) -> ApiError {
    let email = user.and_then(|user| user.email.as_deref()).unwrap_or_default();
    let external_id = user.and_then(|user| user.external_id.as_deref()).unwrap_or_default();
    let id = user.map(|user| user.id.to_string()).unwrap_or_default();
    let text = format!(
        "You have exceeded the rate limit for updating a single unique user. user email: {email} id: {id} external_id: {external_id}"
    );
    match assumptions.per_user_limit_body {
        PerUserLimitBody::Json => refused(json!({"error": "TooManyRequests", "description": text}), full),
        PerUserLimitBody::Text => {
            let answer = Answer::text(429, &text).with_header("retry-after", full.resets.to_string());
            ApiError::Ready(Box::new(answer))
        }
    }
}

fn refused(body: serde_json::Value, full: Reading) -> ApiError {
    let mut answer = Answer::json(429, &body).with_header("retry-after", full.resets.to_string());
    answer.headers.extend(account_headers(full));
    ApiError::Ready(Box::new(answer))
}

fn account_headers(reading: Reading) -> Vec<(String, String)> {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    vec![
        pair("x-rate-limit", reading.total.to_string()),
        pair("x-rate-limit-remaining", reading.remaining.to_string()),
        pair("ratelimit-limit", reading.total.to_string()),
        pair("ratelimit-remaining", reading.remaining.to_string()),
        pair("ratelimit-reset", reading.resets.to_string()),
    ]
}
