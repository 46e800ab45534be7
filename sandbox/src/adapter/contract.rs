//! The contract of the reference adapter: who may ask, which version is spoken, and what each request does.
//!
//! Together with the desk it is all that a platform has to do. Must not keep a state of its own.

use ring::hmac;
use serde_json::{Value, json};

use super::desk::{Desk, KINDS};
use crate::simulator::{Answer, Call};

/// The bearer token that the adapter accepts; valid in this sandbox only.
pub const TOKEN: &str = "sandbox-only-adapter-token";
/// The key of the signatures; valid in this sandbox only.
pub const HMAC_KEY: &str = "sandbox-only-adapter-hmac-key-of-32-bytes";
/// The version of the contract, negotiated by the media type.
const MEDIA_TYPE: &str = "application/humansupport.adapter+json;version=1";
/// How far the time of a signature may be off, in seconds.
const SIGNATURE_WINDOW: i64 = 300;

fn reply(status: u16, body: &Value) -> Answer {
    Answer::typed(status, MEDIA_TYPE, body.to_string().into())
}

fn failure(status: u16, class: &str) -> Answer {
    reply(status, &json!({ "error": { "class": class } }))
}

/// Whether a request comes from the operator: its token, and a fresh signature over time, method, path and body.
fn is_authentic(call: &Call) -> bool {
    let bearer = format!("Bearer {TOKEN}");
    let stamp = call.header("x-humansupport-timestamp").unwrap_or_default();
    let is_fresh = stamp
        .parse::<i64>()
        .is_ok_and(|at| call.now.as_second().saturating_sub(at).abs() <= SIGNATURE_WINDOW);
    let given = call.header("x-humansupport-signature").and_then(|text| text.strip_prefix("v1="));
    let key = hmac::Key::new(hmac::HMAC_SHA256, HMAC_KEY.as_bytes());
    let mut signed = format!("{stamp}\n{}\n{}\n", call.method, call.path).into_bytes();
    signed.extend_from_slice(&call.body);
    let is_signed = given.and_then(bytes_of).is_some_and(|tag| hmac::verify(&key, &signed, &tag).is_ok());
    call.header("authorization") == Some(bearer.as_str()) && is_fresh && is_signed
}

fn bytes_of(hexadecimal: &str) -> Option<Vec<u8>> {
    let pair = |at: usize| u8::from_str_radix(hexadecimal.get(at..at + 2)?, 16).ok();
    (0..hexadecimal.len()).step_by(2).map(pair).collect()
}

fn offer() -> Value {
    let kinds = KINDS.iter().map(|(kind, _)| ((*kind).to_owned(), json!("Managed")));
    json!({
        "kinds": Value::Object(kinds.collect()),
        "accessAfterRemoval": "Dismiss",
        "events": ["AgentReplied", "ConversationResolved", "MessageReceived", "MessageDelivered"],
        "conversationLimits": true,
        "requestsPerMinute": 6000,
    })
}

/// Answers one request.
pub(super) fn answer(desk: &mut Desk, call: &Call) -> Answer {
    if call.person.is_none() && !is_authentic(call) {
        return failure(401, "Unauthorized");
    }
    if call.person.is_none() && call.header("accept") != Some(MEDIA_TYPE) {
        return failure(406, "OtherVersion");
    }
    let segments: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", []) => reply(200, &offer()),
        ("GET", ["objects"]) => reply(200, &desk.reading()),
        ("GET", ["webhooks", id, "deliveries"]) if desk.has_webhook(id) => {
            reply(200, &json!({ "deliveries": "NoneYet" }))
        }
        ("POST", ["changes"]) => {
            let body = call.json().unwrap_or_default();
            let Some(changes) = body["changes"].as_array() else { return failure(400, "Rejected") };
            let results: Vec<Value> = changes.iter().map(|change| desk.change(change)).collect();
            Answer { effect: true, ..reply(200, &json!({ "results": results })) }
        }
        _ => failure(404, "Gone"),
    }
}
