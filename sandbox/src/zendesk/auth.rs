//! Who asks, and whether they may: bearer tokens with scopes and expiry, API tokens, persons, the anonymous user.
//!
//! Must decide before any effect, and must not look at bodies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::account::Account;
use super::assumptions::{Assumptions, WrongCredentialsOnMe};
use super::errors::ApiError;
use super::records::{Role, User};
use crate::simulator::{Answer, Call};

/// Finds the acting user. `Err` is the refusal, or the anonymous answer of `/users/me`.
pub(crate) fn actor(
    account: &Account,
    call: &Call,
    segments: &[&str],
    rules: &Assumptions,
) -> Result<u64, ApiError> {
    if let Some(person) = &call.person {
        return Ok(account.user_by_email(person).unwrap_or(account.owner));
    }
    let me = call.method == "GET" && segments == ["users", "me"];
    let Some(header) = call.header("authorization") else {
        return Err(if me { anonymous() } else { ApiError::unauthorized() });
    };
    let found = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            bearer(account, call, (segments, token))?
        }
        Some((scheme, text)) if scheme.eq_ignore_ascii_case("basic") => basic(account, text),
        _ => None,
    };
    let usable = |user: &&User| user.active && !user.suspended && user.role.is_staff();
    match found.and_then(|id| account.users.get(&id)).filter(usable) {
        Some(user) => Ok(user.id),
        None if me && rules.wrong_credentials_on_me == WrongCredentialsOnMe::Anonymous => Err(anonymous()),
        None => Err(ApiError::unauthorized()),
    }
}

fn bearer(
    account: &Account,
    call: &Call,
    (segments, token): (&[&str], &str),
) -> Result<Option<u64>, ApiError> {
    let Some(token) = account.access_tokens.get(token.trim()).filter(|token| token.expires_at > call.now)
    else {
        return Ok(None);
    };
    let action = if matches!(call.method.as_str(), "GET" | "HEAD") { "read" } else { "write" };
    let resource = scope_of(segments);
    let grants = |scope: &String| {
        scope == action || resource.is_some_and(|name| scope == name || *scope == format!("{name}:{action}"))
    };
    if token.scopes.iter().any(grants) { Ok(Some(token.user_id)) } else { Err(ApiError::forbidden()) }
}

/// The name of the resource's own scope; groups, memberships, fields and schedules have none.
fn scope_of(segments: &[&str]) -> Option<&'static str> {
    match segments.first().copied()? {
        "users" if segments.contains(&"group_memberships") || segments.contains(&"groups") => None,
        "users" | "deleted_users" => Some("users"),
        "triggers" | "trigger_categories" => Some("triggers"),
        "webhooks" => Some("webhooks"),
        "tickets" => Some("tickets"),
        "organizations" => Some("organizations"),
        _ => None,
    }
}

/// `{email}/token:{api token}`.
fn basic(account: &Account, text: &str) -> Option<u64> {
    let decoded = String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()?;
    let (name, token) = decoded.split_once(':')?;
    let email = name.strip_suffix("/token")?;
    account.api_tokens.iter().any(|known| known == token).then(|| account.user_by_email(email)).flatten()
}

/// What an unauthenticated caller gets from `/users/me`: 200, with nobody in it.
fn anonymous() -> ApiError {
    let user = json!({"id": Value::Null, "url": "", "name": "Anonymous user", "email": "invalid@example.com",
        "role": "end-user", "active": false, "verified": false, "locale": "en-US", "locale_id": 1,
        "time_zone": "Pacific Time (US & Canada)", "external_id": Value::Null, "suspended": false});
    ApiError::Ready(Box::new(Answer::json(200, &json!({"user": user}))))
}

/// Agents read everything and change only end users; administrators change everything that can be changed.
pub(crate) fn may(account: &Account, actor: u64, call: &Call, segments: &[&str]) -> Result<(), ApiError> {
    let is_admin = account.users.get(&actor).is_some_and(|user| user.role == Role::Admin);
    if is_admin || matches!(call.method.as_str(), "GET" | "HEAD") {
        return Ok(());
    }
    let target = segments.get(1).and_then(|id| id.parse::<u64>().ok()).and_then(|id| account.users.get(&id));
    let end_user = segments.first() == Some(&"users") && target.is_some_and(|user| !user.role.is_staff());
    if end_user { Ok(()) } else { Err(ApiError::forbidden()) }
}
