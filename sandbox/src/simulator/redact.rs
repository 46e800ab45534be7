//! Takes credentials out of what the ledger and the state keep, leaving a fingerprint that a test can compare.
//!
//! Must be applied before anything is stored: the ledger never holds a credential, not even for a moment.

use axum::body::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

const SECRET_KEYS: [&str; 13] = [
    "client_secret",
    "access_token",
    "refresh_token",
    "token",
    "api_token",
    "password",
    "secret",
    "signing_secret",
    "authenticity_token",
    "full_token",
    "clientSecret",
    "refreshToken",
    "accessToken",
];
const SECRET_HEADERS: [&str; 6] =
    ["authorization", "cookie", "proxy-authorization", "x-api-token", "x-api-key", "x-api-signature"];
/// Parts of the name of a header that a vendor is to send along (`headers` in a body) and whose value is a credential.
const SECRET_HEADER_PARTS: [&str; 7] =
    ["authorization", "cookie", "token", "secret", "key", "password", "signature"];

/// `sha256:` and the first 16 hexadecimal digits: enough to tell two credentials apart, useless to log in with.
pub fn fingerprint(secret: &str) -> String {
    let digest = Sha256::digest(secret.as_bytes());
    let mut text = String::from("sha256:");
    for byte in digest.iter().take(8) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Replaces every credential in a JSON value by its fingerprint.
pub fn redact(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(members) => {
            let keyed = members.contains_key("data") && members.contains_key("type");
            for (key, member) in members.iter_mut() {
                let secret = SECRET_KEYS.contains(&key.as_str());
                if secret || (keyed && key == "data") {
                    redact_leaves(member, key);
                } else if matches!(key.as_str(), "headers" | "queryParams") && member.is_object() {
                    redact_sent_along(member);
                } else {
                    redact(member);
                }
            }
        }
        _ => {}
    }
}

/// Headers (or parameters) that the vendor sends to a webhook: those whose names speak of a credential.
fn redact_sent_along(value: &mut Value) {
    for (name, member) in value.as_object_mut().into_iter().flatten() {
        let lower = name.to_lowercase();
        if SECRET_HEADER_PARTS.iter().any(|part| lower.contains(part)) {
            redact_leaves(member, "");
        }
    }
}

/// Below an `authentication.data` the names are harmless and every other text is a credential.
fn redact_leaves(value: &mut Value, key: &str) {
    match value {
        Value::String(text) if !matches!(key, "username" | "name" | "algorithm") => *text = fingerprint(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact_leaves(item, key)),
        Value::Object(members) => members.iter_mut().for_each(|(name, member)| redact_leaves(member, name)),
        _ => {}
    }
}

/// A body as the ledger keeps it: JSON without credentials; anything else as it is, form bodies as a fingerprint.
pub fn redact_body(body: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(body);
    let suspicious = SECRET_KEYS.iter().any(|key| text.contains(key))
        || text.contains("\"data\"")
        || text.contains("\"headers\"")
        || text.contains("\"queryParams\"");
    if !suspicious {
        return body.clone();
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            redact(&mut value);
            value.to_string().into()
        }
        Err(_) => format!("[not JSON, {}]", fingerprint(&text)).into(),
    }
}

/// Headers as the ledger keeps them: credentials are left out.
pub fn redact_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let harmless = |name: &str| !SECRET_HEADERS.contains(&name);
    headers.iter().filter(|(name, _)| harmless(name)).cloned().collect()
}

/// Query parameters as the ledger keeps them: credentials become fingerprints.
pub fn redact_query(query: &[(String, String)]) -> Vec<(String, String)> {
    let shown = |(name, value): &(String, String)| {
        let secret = SECRET_KEYS.contains(&name.as_str()) || name == "api-key";
        (name.clone(), if secret { fingerprint(value) } else { value.clone() })
    };
    query.iter().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn webhook_credentials_become_fingerprints_and_names_stay() {
        let mut value = json!({"webhook": {"name": "a", "authentication": {"type": "api_key", "data":
            {"name": "X-Key", "value": "canary-1"}, "add_position": "header"}}, "token": "canary-2"});
        redact(&mut value);
        let text = value.to_string();
        assert!(!text.contains("canary"), "{text}");
        assert_eq!(value["webhook"]["authentication"]["data"]["name"], "X-Key");
        assert_eq!(value["token"], fingerprint("canary-2"));
    }

    #[test]
    fn a_form_body_with_a_secret_is_not_kept() {
        let body = Bytes::from_static(b"grant_type=client_credentials&client_secret=canary");
        assert!(!String::from_utf8_lossy(&redact_body(&body)).contains("canary"));
    }

    #[test]
    fn credentials_in_a_query_and_in_headers_to_send_along_become_fingerprints() {
        let query = redact_query(&[("token".to_owned(), "canary".to_owned()), ("page".into(), "2".into())]);
        assert_eq!(query[0].1, fingerprint("canary"));
        assert_eq!(query[1].1, "2");
        let body = r#"{"webhook":{"headers":{"Authorization":"canary","X-Mark":"seen"},"auth":{"oauth":{"clientSecret":"canary"}}}}"#;
        let kept = redact_body(&Bytes::from_static(body.as_bytes()));
        let kept = String::from_utf8_lossy(&kept);
        assert!(!kept.contains("canary") && kept.contains("seen"), "{kept}");
    }
}
