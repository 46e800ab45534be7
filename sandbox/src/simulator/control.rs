//! The routes below `/_sandbox/`: the ledger, faults, the clock, waiting for a write; the vendor's own ones come last.
//!
//! Must never pass through faults, limits or the ledger: it is the laboratory, not the subject.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::exchange::{Answer, Call};
use super::ledger::Stage;
use super::{ClockChange, Core, Rule, pipeline};

type Shared = State<Arc<Core>>;

/// The control plane's routes.
pub(crate) fn routes() -> Router<Arc<Core>> {
    Router::new()
        .route("/ledger", get(ledger).delete(clear_ledger))
        .route("/faults", get(faults).put(set_faults).post(add_fault).delete(clear_faults))
        .route("/release", post(release))
        .route("/clock", get(clock).put(set_clock))
        .route("/writes", get(write_count))
        .route("/writes/{number}", get(wait_for_write))
        .fallback(vendor)
}

fn refusal(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": message}))).into_response()
}

/// Parses a body; the error names the field and the place.
fn parse<T: serde::de::DeserializeOwned>(body: &Bytes) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| format!("cannot read the body: {error}"))
}

#[derive(Deserialize)]
struct LedgerQuery {
    /// Only entries behind this sequence number.
    #[serde(default)]
    after: u64,
    /// `true`: only writes of clients.
    #[serde(default)]
    writes: bool,
}

async fn ledger(State(core): Shared, Query(query): Query<LedgerQuery>) -> Response {
    let mut lines = String::new();
    for entry in core.ledger.entries() {
        if entry.sequence > query.after && (!query.writes || entry.write.is_some()) {
            lines.push_str(&entry.to_json().to_string());
            lines.push('\n');
        }
    }
    ([("content-type", "application/x-ndjson")], lines).into_response()
}

async fn clear_ledger(State(core): Shared) -> StatusCode {
    core.ledger.clear();
    StatusCode::NO_CONTENT
}

async fn faults(State(core): Shared) -> Json<Value> {
    Json(json!({"rules": core.faults.to_json()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    rules: Vec<Rule>,
}

async fn set_faults(State(core): Shared, body: Bytes) -> Response {
    match parse::<Rules>(&body) {
        Ok(body) => core.faults.set(body.rules),
        Err(message) => return refusal(&message),
    }
    Json(json!({"rules": core.faults.to_json()})).into_response()
}

async fn add_fault(State(core): Shared, body: Bytes) -> Response {
    match parse::<Rule>(&body) {
        Ok(rule) => core.faults.add(rule),
        Err(message) => return refusal(&message),
    }
    Json(json!({"rules": core.faults.to_json()})).into_response()
}

async fn clear_faults(State(core): Shared) -> StatusCode {
    core.faults.set(Vec::new());
    core.faults.release();
    StatusCode::NO_CONTENT
}

async fn release(State(core): Shared) -> StatusCode {
    core.faults.release();
    StatusCode::NO_CONTENT
}

async fn clock(State(core): Shared) -> Response {
    Json(core.clock.reading()).into_response()
}

async fn set_clock(State(core): Shared, body: Bytes) -> Response {
    match parse::<ClockChange>(&body).and_then(|change| core.clock.change(change)) {
        Ok(reading) => Json(reading).into_response(),
        Err(message) => refusal(&message),
    }
}

async fn write_count(State(core): Shared) -> Json<Value> {
    Json(json!({"writes": core.ledger.write_count()}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WaitQuery {
    /// Stage to wait for: arrived (default), applied, held, answered.
    stage: Option<String>,
    /// Real seconds to wait at most, 30 by default.
    timeout_seconds: Option<u64>,
}

/// Waits until the n-th write has come to a stage; 408 when it has not in time.
async fn wait_for_write(
    State(core): Shared,
    Path(number): Path<u64>,
    Query(query): Query<WaitQuery>,
) -> Response {
    let wanted = match query.stage.as_deref() {
        None | Some("arrived") => Stage::Arrived,
        Some("applied") => Stage::Applied,
        Some("held") => Stage::Held,
        Some("answered") => Stage::Answered,
        Some(_) => return refusal("stage must be arrived, applied, held or answered"),
    };
    let mut changes = core.ledger.subscribe();
    let seconds = query.timeout_seconds.unwrap_or(30);
    let reached = async {
        loop {
            changes.mark_unchanged();
            if let Some(entry) = core.ledger.write(number).filter(|entry| entry.stage >= wanted) {
                return Some(entry);
            }
            changes.changed().await.ok()?;
        }
    };
    match tokio::time::timeout(Duration::from_secs(seconds), reached).await {
        Ok(Some(entry)) => Json(entry.to_json()).into_response(),
        _ => {
            let message = format!("write {number} has not come that far within {seconds} s");
            (
                StatusCode::REQUEST_TIMEOUT,
                Json(json!({"error": message, "writes": core.ledger.write_count()})),
            )
                .into_response()
        }
    }
}

/// The vendor's own routes (state, secrets, assumptions, accounts, …).
async fn vendor(State(core): Shared, headers: HeaderMap, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, 64 * 1024 * 1024).await else {
        return refusal("cannot read the body");
    };
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let call = Call {
        account: String::new(),
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: pipeline::query_pairs(parts.uri.query().unwrap_or_default()),
        headers: Arc::new(
            headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        ),
        body,
        person: None,
        base: String::new(),
        now: core.clock.now(),
    };
    let missing = || Answer::json(404, &json!({"error": "no such route below /_sandbox/; see --help"}));
    pipeline::respond(&core.vendor.control(&call).unwrap_or_else(missing))
}
