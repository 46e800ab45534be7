//! User identities: the e-mail addresses and phone numbers of a user, one of them primary.
//!
//! Must keep the user's `email` equal to the primary e-mail identity.

use serde_json::{Value, json};

use super::account::Account;
use super::context::{Context, Outcome, Permitted, path_id, seconds, text};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::Identity;
use super::users::lifecycle;
use crate::simulator::Answer;

pub(crate) fn render(identity: &Identity, base: &str) -> Value {
    json!({"url": format!("{base}/api/v2/users/{}/identities/{}.json", identity.user_id, identity.id),
        "id": identity.id, "user_id": identity.user_id, "type": identity.kind, "value": identity.value,
        "verified": identity.verified, "verification_method": "none", "primary": identity.primary,
        "undeliverable_count": 0,
        "deliverable_state": if identity.kind == "email" { "deliverable" } else { "not_applicable" },
        "created_at": seconds(identity.created_at), "updated_at": seconds(identity.updated_at)})
}

/// `/users/{id}/identities…`.
pub(crate) fn route(cx: &mut Context<'_>, user: &str, segments: &[&str]) -> Outcome {
    let user = path_id(user)?;
    cx.account.users.get(&user).ok_or_else(ApiError::not_found)?;
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => list(cx, user),
        ("POST", []) => create(cx, user),
        ("GET", [id]) => {
            let id = own(cx.account, user, id)?;
            answer(cx, id, 200)
        }
        ("PUT", [id]) => update(cx, user, id),
        ("PUT", [id, "make_primary"]) => {
            let id = own(cx.account, user, id)?;
            lifecycle::check_owner(cx, user)?;
            make_primary(cx, user, id);
            list(cx, user)
        }
        ("PUT", [id, "verify"]) => {
            let id = own(cx.account, user, id)?;
            lifecycle::check_owner(cx, user)?;
            if let Some(identity) = cx.account.identities.get_mut(&id) {
                identity.verified = true;
            }
            cx.touch();
            answer(cx, id, 200)
        }
        ("DELETE", [id]) => delete(cx, user, id),
        _ => Err(ApiError::no_route()),
    }
}

/// The identity of that user, else 404.
fn own(account: &Account, user: u64, id: &str) -> Result<u64, ApiError> {
    let id = path_id(id)?;
    let found = account.identities.get(&id).filter(|identity| identity.user_id == user);
    found.map(|identity| identity.id).ok_or_else(ApiError::not_found)
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let identity = cx.account.identities.get(&id).ok_or_else(ApiError::not_found)?;
    let reply = Answer::json(status, &json!({"identity": render(identity, &cx.call.base)}));
    Ok(reply.with_header("location", cx.url(&format!("users/{}/identities/{id}.json", identity.user_id))))
}

fn list(cx: &Context<'_>, user: u64) -> Outcome {
    let ids = cx.account.identity_ids(user);
    let identities: Vec<&Identity> = ids.iter().filter_map(|id| cx.account.identities.get(id)).collect();
    let keys: Vec<Key> = identities.iter().map(|identity| Key::Number(identity.id)).collect();
    cx.list("identities", (&keys, Style::Both), |at| render(identities[at], &cx.call.base))
}

fn create(cx: &mut Context<'_>, user: u64) -> Outcome {
    let keys = ["type", "value", "verified", "primary", "skip_verify_email"];
    let wanted = Permitted { root: "identity", controller: "identities", action: "create", keys: &keys };
    let fields = cx.permitted(wanted)?;
    lifecycle::check_owner(cx, user)?;
    let kind = text(&fields, "type").unwrap_or("email").to_owned();
    let value = text(&fields, "value").unwrap_or_default().to_owned();
    check_value(cx, &kind, &value)?;
    let flag = |key: &str| fields.get(key).and_then(Value::as_bool).unwrap_or(false);
    let now = cx.now();
    let id = cx.account.mint();
    let first_email = kind == "email" && cx.account.users.get(&user).is_some_and(|user| user.email.is_none());
    cx.account.add_identity(Identity {
        id,
        user_id: user,
        kind,
        value,
        verified: flag("verified"),
        primary: false,
        created_at: now,
        updated_at: now,
    });
    if flag("primary") || first_email {
        make_primary(cx, user, id);
    }
    cx.created(id);
    answer(cx, id, 201)
}

fn check_value(cx: &Context<'_>, kind: &str, value: &str) -> Result<(), ApiError> {
    const KINDS: [&str; 8] =
        ["email", "phone_number", "twitter", "facebook", "google", "agent_forwarding", "any_channel", "sdk"];
    if !KINDS.contains(&kind) {
        return Err(ApiError::invalid("type", "Type: is invalid"));
    }
    if value.is_empty() || (kind == "email" && !value.contains('@')) {
        return Err(ApiError::invalid("value", format!("Value: {value} is not properly formatted")));
    }
    if kind == "email" && cx.account.user_by_email(value).is_some() {
        return Err(ApiError::duplicate(
            "value",
            format!("Value: {value} is already being used by another user"),
        ));
    }
    Ok(())
}

fn update(cx: &mut Context<'_>, user: u64, id: &str) -> Outcome {
    let id = own(cx.account, user, id)?;
    let wanted = Permitted {
        root: "identity",
        controller: "identities",
        action: "update",
        keys: &["value", "verified"],
    };
    let fields = cx.permitted(wanted)?;
    lifecycle::check_owner(cx, user)?;
    let current = cx.account.identities.get(&id).cloned().ok_or_else(ApiError::not_found)?;
    let value = text(&fields, "value").unwrap_or(&current.value).to_owned();
    if !value.eq_ignore_ascii_case(&current.value) {
        check_value(cx, &current.kind, &value)?;
    }
    let verified = fields.get("verified").and_then(Value::as_bool).unwrap_or(current.verified);
    let updated_at = cx.now();
    cx.account.remove_identity(id);
    cx.account.add_identity(Identity { value, verified, updated_at, ..current });
    show_primary(cx.account, user);
    cx.touch();
    answer(cx, id, 200)
}

fn make_primary(cx: &mut Context<'_>, user: u64, id: u64) {
    let now = cx.now();
    let kind = cx.account.identities.get(&id).map(|identity| identity.kind.clone());
    for other in cx.account.identity_ids(user) {
        if let Some(identity) =
            cx.account.identities.get_mut(&other).filter(|one| Some(&one.kind) == kind.as_ref())
        {
            identity.primary = other == id;
            identity.updated_at = now;
        }
    }
    show_primary(cx.account, user);
    cx.touch();
}

fn delete(cx: &mut Context<'_>, user: u64, id: &str) -> Outcome {
    let id = own(cx.account, user, id)?;
    lifecycle::check_owner(cx, user)?;
    let removed = cx.account.remove_identity(id).ok_or_else(ApiError::not_found)?;
    if removed.primary {
        let next = cx.account.identity_ids(user).into_iter().find(|other| {
            cx.account.identities.get(other).is_some_and(|identity| identity.kind == removed.kind)
        });
        if let Some(next) = next {
            make_primary(cx, user, next);
        }
    }
    show_primary(cx.account, user);
    cx.touch();
    Ok(Answer::empty(204))
}

/// The user's e-mail is the primary e-mail identity.
fn show_primary(account: &mut Account, user: u64) {
    let primary = account.identity_ids(user).into_iter().find_map(|id| {
        let identity = account.identities.get(&id)?;
        (identity.primary && identity.kind == "email").then(|| identity.value.clone())
    });
    if let Some(user) = account.users.get_mut(&user) {
        user.email = primary;
    }
}
