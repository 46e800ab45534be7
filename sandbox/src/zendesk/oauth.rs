//! The token endpoint: client credentials in, a bearer token with scopes and an end out.
//!
//! Must issue a token also for a scope that grants nothing: the vendor does, and the calls fail later with 403.

use jiff::SignedDuration;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::account::Account;
use super::records::AccessToken;
use crate::simulator::Answer;
use crate::simulator::Call;

/// Seconds a token lives when the request does not say.
const DEFAULT_LIFE: i64 = 1800;

fn refusal(status: u16, error: &str, description: &str) -> Answer {
    Answer::json(status, &json!({"error": error, "error_description": description}))
}

/// `POST /oauth/tokens`.
pub(crate) fn issue(account: &mut Account, call: &Call) -> Answer {
    let body = parameters(call);
    let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
    if text("grant_type") != "client_credentials" {
        return refusal(400, "unsupported_grant_type", "The authorization grant type is not supported.");
    }
    let known = account
        .oauth_clients
        .iter()
        .find(|client| client.identifier == text("client_id") && client.secret == text("client_secret"));
    let Some(user_id) = known.map(|client| client.user_id) else {
        return refusal(401, "invalid_client", "Client authentication failed due to unknown client.");
    };
    let life = match &body["expires_in"] {
        Value::Null => Some(DEFAULT_LIFE),
        Value::String(text) => text.parse().ok(),
        value => value.as_i64(),
    };
    let Some(life) = life.filter(|life| (301..172_800).contains(life)) else {
        return refusal(
            400,
            "invalid_request",
            "expires_in must be more than 300 and less than 172800 seconds.",
        );
    };
    let scope = body["scope"].as_str().unwrap_or("read write").to_owned();
    let token = account.mint_hex(64);
    let scopes = scope.split_whitespace().map(str::to_owned).collect();
    let expires_at = call.now + SignedDuration::from_secs(life);
    account.access_tokens.retain(|_, token| token.expires_at > call.now);
    account
        .access_tokens
        .insert(token.clone(), AccessToken { token: token.clone(), user_id, scopes, expires_at });
    let reply = json!({"access_token": token, "token_type": "bearer", "scope": scope, "expires_in": life});
    let mut answer = Answer::json(201, &reply);
    answer.effect = true;
    answer
}

/// The body as an object, from JSON or a form.
fn parameters(call: &Call) -> Value {
    if call.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        let pairs = form_urlencoded::parse(&call.body);
        return Value::Object(pairs.map(|(key, value)| (key.into_owned(), json!(value))).collect());
    }
    call.json().unwrap_or(Value::Null)
}
