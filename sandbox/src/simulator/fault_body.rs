//! The bodies that faults send: pages that are no JSON, endless ones, slow ones, cut ones.
//!
//! Must hold no state and must not know which request it is for.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::stream;
use serde_json::Value;

use super::exchange::Answer;
use super::faults::Nonsense;

const LOGIN_PAGE: &str =
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>…</form></body></html>";
const ERROR_PAGE: &str = "<html><body><h1>The service is unavailable</h1></body></html>";

/// A status that the vendor did not answer itself.
pub(crate) fn status(status: u16, body: Option<&Value>, retry_after: Option<String>) -> Answer {
    let answer = match body {
        None => Answer::typed(status, "text/html; charset=utf-8", Bytes::from_static(ERROR_PAGE.as_bytes())),
        Some(Value::String(text)) => Answer::text(status, text),
        Some(value) => Answer::json(status, value),
    };
    match retry_after {
        Some(text) => answer.with_header("retry-after", text),
        None => answer,
    }
}

/// The bodies that are made while they are sent.
pub(crate) fn endless(with: Nonsense, size: usize) -> Option<Body> {
    match with {
        Nonsense::Huge => Some(huge(size)),
        Nonsense::Bomb => Some(bomb(size)),
        _ => None,
    }
}

/// Status 200 with a body that is none. `Huge` and `Bomb` are streamed by [`endless`]; `WrongTypes` needs the real answer.
pub(crate) fn nonsense(with: Nonsense, size: usize, real: Option<&Answer>) -> Answer {
    let json = |body: Bytes| Answer::typed(200, "application/json; charset=utf-8", body);
    match with {
        Nonsense::Html => Answer::typed(200, "text/html; charset=utf-8", LOGIN_PAGE.as_bytes().into()),
        Nonsense::Empty | Nonsense::Huge => json(Bytes::new()),
        Nonsense::Bomb => json(Bytes::new()).with_header("content-encoding", "gzip"),
        Nonsense::EmptyObject => json(Bytes::from_static(b"{}")),
        Nonsense::Nested => json(format!("{{\"users\":{}{}}}", "[".repeat(size), "]".repeat(size)).into()),
        Nonsense::InvalidUtf8 => json(Bytes::from_static(b"{\"users\":[{\"name\":\"\xff\xfe\xc3\x28\"}]}")),
        Nonsense::WrongTypes => {
            let mut value = real.map_or(Value::Null, Answer::value);
            swap_types(&mut value);
            let status = real.map_or(200, |answer| answer.status);
            Answer { status, ..json(value.to_string().into()) }
        }
    }
}

fn swap_types(value: &mut Value) {
    match value {
        Value::Number(number) => *value = Value::String(number.to_string()),
        Value::String(_) => *value = Value::from(7),
        Value::Bool(flag) => *value = Value::String(flag.to_string()),
        Value::Array(items) => items.iter_mut().for_each(swap_types),
        Value::Object(members) => members.values_mut().for_each(swap_types),
        Value::Null => {}
    }
}

/// A gzip stream of `size` zero bytes: one literal and then nothing but "258 times the byte before", which takes 13
/// bits in the fixed code of DEFLATE (RFC 1951, 3.2.6). Eight of those are 13 whole bytes, so the stream repeats. Its end
/// is missing: whoever gets there has unpacked too much already.
fn bomb(size: usize) -> Body {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    const CYCLES: usize = 256;
    let mut bits: Vec<u8> = vec![1, 1, 0];
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    let start = bits.len();
    while bits.len() < start + 8 * 13 * 2 {
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0]);
    }
    let bytes: Vec<u8> =
        bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| (byte << 1) | bit)).collect();
    // The first two bytes hold the start; the 13 behind them are the cycle.
    let piece = Bytes::from(bytes[2..15].repeat(CYCLES));
    let first = Bytes::from([&HEADER[..], &bytes[..2]].concat());
    let pieces = size / (258 * 8 * CYCLES) + 1;
    Body::from_stream(stream::iter(
        std::iter::once(first).chain(std::iter::repeat_n(piece, pieces)).map(Ok::<_, Infallible>),
    ))
}

/// A stream of valid JSON of at least `size` bytes, made piece by piece.
fn huge(size: usize) -> Body {
    const PIECE: usize = 64 * 1024;
    let pieces = size / PIECE + 1;
    Body::from_stream(stream::unfold(0, move |at| async move {
        let bytes = match at {
            0 => Bytes::from_static(b"{\"filler\":\""),
            _ if at <= pieces => Bytes::from(vec![b'a'; PIECE]),
            _ if at == pieces + 1 => Bytes::from_static(b"\"}"),
            _ => return None,
        };
        Some((Ok::<_, Infallible>(bytes), at + 1))
    }))
}

/// The body at so many bytes a second.
pub(crate) fn slow(body: Bytes, bytes_per_second: u64) -> Body {
    let rate = bytes_per_second.max(1);
    let (step, pause) = if rate >= 10 { (rate / 10, 100) } else { (1, 1000 / rate) };
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    Body::from_stream(stream::unfold(body, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let piece = rest.split_to(step.min(rest.len()));
        Some((Ok::<_, Infallible>(piece), rest))
    }))
}

/// The first bytes of a body, then a broken connection.
pub(crate) fn truncated(body: Bytes, bytes: usize) -> Body {
    let start = body.slice(..bytes.min(body.len()));
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "cut by a fault");
    Body::from_stream(stream::iter([Ok(start), Err(broken)]))
}

/// The answer without the listed items in its first list.
pub(crate) fn omit(mut answer: Answer, ids: &[String]) -> Answer {
    let mut value = answer.value();
    let listed = |item: &Value| match &item["id"] {
        Value::String(id) => ids.contains(id),
        id => ids.contains(&id.to_string()),
    };
    let items = match &mut value {
        Value::Array(items) => Some(items),
        Value::Object(members) => members.values_mut().find_map(Value::as_array_mut),
        _ => None,
    };
    if let Some(items) = items {
        items.retain(|item| !listed(item));
    }
    answer.body = value.to_string().into();
    answer
}

/// The body without some keys, at any depth.
pub(crate) fn without_fields(body: &Bytes, fields: &[String]) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.clone() };
    strip(&mut value, fields);
    value.to_string().into()
}

fn strip(value: &mut Value, fields: &[String]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, fields)),
        Value::Object(members) => {
            members.retain(|key, _| !fields.contains(key));
            members.values_mut().for_each(|member| strip(member, fields));
        }
        _ => {}
    }
}
