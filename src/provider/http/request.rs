//! Requests and replies as values: a vendor's client builds the one and reads the other without seeing reqwest.
//!
//! A request holds no address: path and query only. `Authorization` prints nothing and is wiped when dropped.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::super::ProviderError;

/// The deepest nesting that an answer may have; Zendesk's deepest documented object has 6 levels.
const MAX_JSON_DEPTH: usize = 64;

/// An http method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates.
    Post,
    /// Replaces or changes.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Whether it may change something.
    pub fn is_write(self) -> bool {
        self != Method::Get
    }
}

/// A header with credentials: `Authorization`, or a vendor's own.
#[derive(Clone)]
pub struct Authorization {
    header: &'static str,
    value: Zeroizing<String>,
}

impl Authorization {
    /// A bearer token.
    pub fn bearer(token: &str) -> Self {
        Self { header: "authorization", value: Zeroizing::new(format!("Bearer {token}")) }
    }

    /// User and password.
    pub fn basic(user: &str, password: &str) -> Self {
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let encoded = Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(pair.as_bytes()));
        let value = Zeroizing::new(format!("Basic {}", encoded.as_str()));
        Self { header: "authorization", value }
    }

    /// A token in a header of the vendor's own, by its lower-case name.
    pub fn header(header: &'static str, token: &str) -> Self {
        Self { header, value: Zeroizing::new(token.to_owned()) }
    }

    /// The header's lower-case name.
    pub(super) fn name(&self) -> &'static str {
        self.header
    }

    /// The header's text, for the one request that carries it.
    pub(super) fn expose(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization(…)")
    }
}

/// A request to the bound host.
#[derive(Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// Path and query, from the first slash on, already encoded (see [`encode`]). Never printed: it may hold an
    /// e-mail, and with some vendors a token.
    pub path: &'a str,
    /// The JSON body.
    pub body: Option<&'a serde_json::Value>,
    /// The credentials; absent for a request that obtains them.
    pub authorization: Option<&'a Authorization>,
    /// The name of the operation for metrics.
    pub operation: &'static str,
}

/// Headers by name.
pub type Headers = Vec<(&'static str, String)>;

/// What a request wears beyond its credentials: a media type, and headers that are made from the raw body.
pub struct Dress<'a> {
    /// The media type of the body and of the answer that is asked for.
    pub media_type: &'static str,
    /// Further headers, from the bytes that are sent.
    pub sign: &'a (dyn Fn(&[u8]) -> Headers + Sync),
}

impl Dress<'_> {
    /// Plain JSON.
    pub const JSON: Self = Self { media_type: "application/json", sign: &|_| Vec::new() };
}

/// A complete answer.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// A header as text, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Malformed` when it is not JSON, is nested too deeply, or has another shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ProviderError> {
        if depth_of(&self.body) > MAX_JSON_DEPTH {
            return Err(ProviderError::Malformed);
        }
        serde_json::from_slice(&self.body).map_err(|_| ProviderError::Malformed)
    }

    /// Whether the raw body contains `word`, whatever the body is.
    pub fn contains(&self, word: &str) -> bool {
        self.body.windows(word.len()).any(|window| window == word.as_bytes())
    }

    /// The vendor's own time, in seconds since 1970, where the answer carries a readable `Date`.
    pub fn date(&self) -> Option<i64> {
        jiff::fmt::rfc2822::parse(self.header("date")?).ok().map(|zoned| zoned.timestamp().as_second())
    }

    /// How long the vendor asks us to wait, bounded; `None` where it does not say.
    ///
    /// Seconds or a date (measured against the answer's own `Date`); 0, negative and unreadable values count as the
    /// least, huge ones as the most.
    pub fn retry_after(&self) -> Option<Duration> {
        const LEAST: i64 = 1;
        const MOST: i64 = 15 * 60;
        let text = self.header("retry-after")?.trim();
        let seconds = text.parse::<f64>().ok().map(|seconds| seconds.ceil() as i64).or_else(|| {
            let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second();
            Some(at - self.date()?)
        });
        Some(Duration::from_secs(seconds.unwrap_or(60).clamp(LEAST, MOST).unsigned_abs()))
    }
}

/// Percent-encodes a text for a query value or a path segment.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte))
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// The deepest nesting of a JSON text, without parsing it.
fn depth_of(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in body {
        match (in_string, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(headers: &[(&'static str, &str)], body: &[u8]) -> Reply {
        let mut map = reqwest::header::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Reply { status: 429, headers: map, body: body.to_vec() }
    }

    #[test]
    fn every_form_of_retry_after_is_bounded() {
        let seconds =
            |headers: &[(&'static str, &str)]| reply(headers, b"").retry_after().map(|d| d.as_secs());
        assert_eq!(seconds(&[]), None);
        assert_eq!(seconds(&[("retry-after", "17")]), Some(17));
        assert_eq!(seconds(&[("retry-after", "0")]), Some(1));
        assert_eq!(seconds(&[("retry-after", "-5")]), Some(1));
        assert_eq!(seconds(&[("retry-after", "99999999999999999999")]), Some(900));
        assert_eq!(seconds(&[("retry-after", "soon")]), Some(60));
        let date =
            [("date", "Tue, 24 Nov 2026 10:00:00 GMT"), ("retry-after", "Tue, 24 Nov 2026 10:00:42 GMT")];
        assert_eq!(seconds(&date), Some(42));
        assert_eq!(seconds(&date[1..]), Some(60), "without the vendor's clock a date says nothing");
    }

    #[test]
    fn deep_nesting_is_malformed() {
        let shallow = reply(&[], br#"{"a":"[[[[\"{{{"}"#);
        assert!(shallow.json::<serde_json::Value>().is_ok());
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let deep = reply(&[], deep.as_bytes()).json::<serde_json::Value>();
        assert_eq!(deep, Err(ProviderError::Malformed));
        assert_eq!(reply(&[], b"\xff\xfe").json::<serde_json::Value>(), Err(ProviderError::Malformed));
    }

    #[test]
    fn credentials_print_nothing() {
        let authorization = Authorization::basic("me@loja.example/token", "s3cret");
        assert_eq!(format!("{authorization:?}"), "Authorization(…)");
        assert_eq!(authorization.expose(), "Basic bWVAbG9qYS5leGFtcGxlL3Rva2VuOnMzY3JldA==");
    }
}
