//! Creating and changing users. Everything is checked before anything changes.
//!
//! Must keep the traps of the real thing: a changed e-mail becomes one more identity, unknown keys are dropped with a
//! warning, an agent takes a seat and joins the default group, the owner cannot be edited.

use serde_json::{Map, Value, json};

use super::super::assumptions::{Happens, SeatError};
use super::super::context::{Context, Outcome, Permitted, as_id, path_id, text};
use super::super::errors::ApiError;
use super::super::records::{Identity, Mail, Membership, Role, User};
use super::{lifecycle, render};
use crate::simulator::Answer;

/// Keys that are kept as they are sent.
const PLAIN: [&str; 17] = [
    "alias",
    "details",
    "notes",
    "phone",
    "shared_phone_number",
    "signature",
    "time_zone",
    "locale",
    "locale_id",
    "organization_id",
    "tags",
    "user_fields",
    "ticket_restriction",
    "only_private_comments",
    "moderator",
    "agent_brand_ids",
    "remote_photo_url",
];
/// Keys with a meaning of their own.
const KEYS: [&str; 10] = [
    "name",
    "email",
    "role",
    "custom_role_id",
    "external_id",
    "suspended",
    "verified",
    "default_group_id",
    "skip_verify_email",
    "restricted_agent",
];
const RESTRICTIONS: [&str; 4] = ["organization", "groups", "assigned", "requested"];

fn permitted_keys() -> Vec<&'static str> {
    KEYS.iter().chain(PLAIN.iter()).copied().collect()
}

fn body(cx: &mut Context<'_>, action: &str) -> Result<Map<String, Value>, ApiError> {
    cx.permitted(Permitted { root: "user", controller: "users", action, keys: &permitted_keys() })
}

/// The permitted keys of one user of a bulk request.
pub(super) fn bulk_fields(cx: &mut Context<'_>, object: Map<String, Value>) -> Map<String, Value> {
    cx.filter(object, Permitted { root: "user", controller: "users", action: "job", keys: &permitted_keys() })
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let user = cx.account.users.get(&id).ok_or_else(ApiError::not_found)?;
    let reply = Answer::json(status, &json!({"user": render(cx.account, user, &cx.call.base)}));
    Ok(reply.with_header("location", cx.url(&format!("users/{id}.json"))))
}

pub(super) fn create(cx: &mut Context<'_>) -> Outcome {
    let fields = body(cx, "create")?;
    let id = create_user(cx, fields)?;
    answer(cx, id, 201)
}

pub(super) fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let fields = body(cx, "update")?;
    let id = path_id(id)?;
    update_user(cx, id, fields)?;
    answer(cx, id, 200)
}

pub(super) fn create_or_update(cx: &mut Context<'_>) -> Outcome {
    let fields = body(cx, "create_or_update")?;
    match matched(cx, &fields) {
        Some(id) => {
            update_user(cx, id, fields)?;
            answer(cx, id, 200)
        }
        None => {
            let id = create_user(cx, fields)?;
            answer(cx, id, 201)
        }
    }
}

/// The user that an e-mail or an external id names.
pub(super) fn matched(cx: &Context<'_>, fields: &Map<String, Value>) -> Option<u64> {
    let by_email = text(fields, "email").and_then(|email| cx.account.user_by_email(email));
    by_email.or_else(|| text(fields, "external_id").and_then(|id| cx.account.user_by_external_id(id)))
}

/// Creates a user, or says why not.
pub(super) fn create_user(cx: &mut Context<'_>, fields: Map<String, Value>) -> Result<u64, ApiError> {
    if text(&fields, "name").is_none_or(|name| name.trim().is_empty()) {
        return Err(ApiError::invalid("name", "Name: is too short (minimum is 1 characters)"));
    }
    check_email(cx, &fields, None)?;
    check_external_id(cx, &fields, None)?;
    check_restriction(&fields)?;
    let (role, custom_role_id) = resolve_role(cx, &fields, None)?;
    let now = cx.now();
    let id = cx.account.mint();
    let email = text(&fields, "email").map(str::to_owned);
    let user = User {
        id,
        name: text(&fields, "name").unwrap_or_default().to_owned(),
        email: email.clone(),
        role,
        custom_role_id,
        external_id: None,
        suspended: fields.get("suspended").and_then(Value::as_bool).unwrap_or(false),
        active: true,
        verified: fields.get("verified").and_then(Value::as_bool).unwrap_or(false),
        created_at: now,
        updated_at: now,
        extra: Map::new(),
    };
    check_seat(cx, &user)?;
    cx.account.users.insert(id, user);
    cx.account.set_external_id(id, text(&fields, "external_id").map(str::to_owned));
    set_plain(cx, id, &fields);
    if let Some(email) = email {
        add_email(cx, id, email);
    }
    if role.is_staff() {
        join_staff(cx, id, &fields);
    }
    cx.created(id);
    note_search(cx, id);
    Ok(id)
}

/// Changes a user, or says why not.
pub(super) fn update_user(cx: &mut Context<'_>, id: u64, fields: Map<String, Value>) -> Result<(), ApiError> {
    let user =
        cx.account.users.get(&id).filter(|user| user.active).cloned().ok_or_else(ApiError::not_found)?;
    lifecycle::check_owner(cx, id)?;
    if fields.get("name").is_some_and(|name| name.as_str().is_none_or(|name| name.trim().is_empty())) {
        return Err(ApiError::invalid("name", "Name: is too short (minimum is 1 characters)"));
    }
    check_email(cx, &fields, Some(id))?;
    check_external_id(cx, &fields, Some(id))?;
    check_restriction(&fields)?;
    let (role, custom_role_id) = resolve_role(cx, &fields, Some(&user))?;
    let mut changed = User { role, custom_role_id, updated_at: cx.now(), ..user.clone() };
    if !cx.account.takes_seat(&user) {
        check_seat(cx, &changed)?;
    }
    let default_group = check_default_group(cx, id, &fields)?;
    changed.name = text(&fields, "name").unwrap_or(&user.name).to_owned();
    changed.suspended = fields.get("suspended").and_then(Value::as_bool).unwrap_or(user.suspended);
    changed.verified = fields.get("verified").and_then(Value::as_bool).unwrap_or(user.verified);
    cx.account.users.insert(id, changed);
    if let Some(external_id) = fields.get("external_id") {
        cx.account.set_external_id(id, external_id.as_str().map(str::to_owned));
    }
    set_plain(cx, id, &fields);
    if let Some(email) = text(&fields, "email").filter(|email| cx.account.user_by_email(email).is_none()) {
        add_email(cx, id, email.to_owned());
    }
    if user.role.is_staff() && !role.is_staff() {
        lifecycle::leave_staff(cx, id);
    }
    if !user.role.is_staff() && role.is_staff() {
        join_staff(cx, id, &fields);
    }
    if let Some(group) = default_group {
        super::super::memberships::set_default(cx.account, id, group);
    }
    cx.touch();
    note_search(cx, id);
    Ok(())
}

fn check_email(cx: &Context<'_>, fields: &Map<String, Value>, own: Option<u64>) -> Result<(), ApiError> {
    let Some(value) = fields.get("email").filter(|value| !value.is_null()) else { return Ok(()) };
    let email = value.as_str().unwrap_or_default();
    let well_formed = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !email.contains(char::is_whitespace) && !host.contains('@')
    });
    if !well_formed {
        return Err(ApiError::invalid("email", format!("Email: {email} is not properly formatted")));
    }
    match cx.account.user_by_email(email) {
        Some(other) if Some(other) != own => {
            Err(ApiError::duplicate("email", format!("Email: {email} is already being used by another user")))
        }
        _ => Ok(()),
    }
}

fn check_external_id(
    cx: &Context<'_>,
    fields: &Map<String, Value>,
    own: Option<u64>,
) -> Result<(), ApiError> {
    let Some(external_id) = text(fields, "external_id") else { return Ok(()) };
    if external_id.len() > 255 {
        return Err(ApiError::invalid("external_id", "External: is too long (maximum is 255 characters)"));
    }
    match cx.account.user_by_external_id(external_id) {
        Some(other) if Some(other) != own => {
            Err(ApiError::duplicate("external_id", format!("External: {external_id} has already been taken")))
        }
        _ => Ok(()),
    }
}

fn check_restriction(fields: &Map<String, Value>) -> Result<(), ApiError> {
    match fields.get("ticket_restriction") {
        None | Some(Value::Null) => Ok(()),
        Some(value) if value.as_str().is_some_and(|word| RESTRICTIONS.contains(&word)) => Ok(()),
        Some(_) => Err(ApiError::invalid("ticket_restriction", "Ticket restriction: is invalid")),
    }
}

/// A default group must be one of the user's groups.
fn check_default_group(
    cx: &Context<'_>,
    id: u64,
    fields: &Map<String, Value>,
) -> Result<Option<u64>, ApiError> {
    let Some(value) = fields.get("default_group_id").filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let group = as_id(value);
    let member = cx.account.membership_ids(id).into_iter().filter_map(|id| cx.account.memberships.get(&id));
    match group.filter(|group| member.into_iter().any(|one| one.group_id == *group)) {
        Some(group) => Ok(Some(group)),
        None => Err(ApiError::invalid(
            "default_group_id",
            "Default group: the user is not a member of this group",
        )),
    }
}

/// Role and custom role after the request. An end user with a custom role is an agent.
fn resolve_role(
    cx: &Context<'_>,
    fields: &Map<String, Value>,
    current: Option<&User>,
) -> Result<(Role, Option<u64>), ApiError> {
    let old = current.map_or(Role::EndUser, |user| user.role);
    let asked = match fields.get("role") {
        None | Some(Value::Null) => old,
        Some(word) => word
            .as_str()
            .and_then(Role::parse)
            .ok_or_else(|| ApiError::invalid("role", "Role: must be end-user, agent or admin"))?,
    };
    let custom =
        fields.get("custom_role_id").filter(|value| !value.is_null() && cx.account.plan.has_custom_roles());
    if let Some(value) = custom {
        let known = as_id(value).and_then(|id| cx.account.custom_roles.iter().find(|role| role.id == id));
        let Some(known) = known else {
            return Err(ApiError::invalid("custom_role_id", "Custom role: is invalid"));
        };
        let role = if asked == Role::EndUser { Role::Agent } else { asked };
        return Ok((role, Some(known.id)));
    }
    let kept = current.filter(|user| user.role == asked).and_then(|user| user.custom_role_id);
    Ok((asked, kept.or_else(|| cx.account.standard_role(asked))))
}

/// Refuses one more seat than there are.
fn check_seat(cx: &Context<'_>, candidate: &User) -> Result<(), ApiError> {
    let full = cx.account.seats.is_some_and(|seats| cx.account.seats_used() >= seats);
    if !full || !cx.account.takes_seat(candidate) {
        return Ok(());
    }
    let status = cx.assumptions.seat_error_status;
    let description = "MaxAgentExceeded: you have reached the maximum number of agents of your subscription";
    let field = match cx.assumptions.seat_error {
        SeatError::Details => ApiError::field("role", description, Some("MaxAgentExceeded")),
        SeatError::Base => ApiError::field("base", description, None),
        SeatError::Text => return Err(ApiError::Text { status, body: description.to_owned() }),
    };
    match field {
        ApiError::Invalid { details, .. } => Err(ApiError::Invalid { status, details }),
        other => Err(other),
    }
}

fn set_plain(cx: &mut Context<'_>, id: u64, fields: &Map<String, Value>) {
    let governed =
        cx.account.plan.has_custom_roles() && cx.assumptions.custom_role_governs_restriction == Happens::Yes;
    let tagging = cx.account.features.user_tagging;
    let Some(user) = cx.account.users.get_mut(&id) else { return };
    for (key, value) in fields.iter().filter(|(key, _)| PLAIN.contains(&key.as_str())) {
        let ignored = (key == "ticket_restriction" && governed) || (key == "tags" && !tagging);
        if ignored {
            continue;
        }
        if value.is_null() {
            user.extra.remove(key);
        } else {
            user.extra.insert(key.clone(), value.clone());
        }
    }
}

/// One more e-mail identity; the first becomes the primary one.
fn add_email(cx: &mut Context<'_>, user_id: u64, value: String) {
    let now = cx.now();
    let id = cx.account.mint();
    let primary = cx.account.identity_ids(user_id).is_empty();
    let verified = cx.account.users.get(&user_id).is_some_and(|user| user.verified);
    cx.account.add_identity(Identity {
        id,
        user_id,
        kind: "email".to_owned(),
        value: value.clone(),
        verified,
        primary,
        created_at: now,
        updated_at: now,
    });
    if let Some(user) = cx.account.users.get_mut(&user_id).filter(|_| primary) {
        user.email = Some(value);
    }
}

/// What becoming an agent brings: the default group and a mail.
fn join_staff(cx: &mut Context<'_>, user_id: u64, fields: &Map<String, Value>) {
    let now = cx.now();
    let joins = cx.assumptions.agents_join_default_group == Happens::Yes;
    if joins && cx.account.membership_ids(user_id).is_empty() {
        let membership = Membership {
            id: cx.account.mint(),
            user_id,
            group_id: cx.account.default_group,
            default: true,
            created_at: now,
            updated_at: now,
        };
        cx.account.add_membership(membership);
    }
    let silent = fields.get("skip_verify_email").and_then(Value::as_bool).unwrap_or(false);
    let email = cx.account.users.get(&user_id).and_then(|user| user.email.clone());
    if let Some(to) = email.filter(|_| !silent && cx.assumptions.agents_are_emailed == Happens::Yes) {
        cx.account.mails.push(Mail { to, about: "verify your e-mail address".to_owned(), at: now });
    }
}

/// Search learns of a change later.
fn note_search(cx: &mut Context<'_>, id: u64) {
    let delay = i64::try_from(cx.assumptions.search_delay_milliseconds).unwrap_or(i64::MAX);
    if delay > 0 {
        let now = cx.now();
        let from = now + jiff::SignedDuration::from_millis(delay);
        if cx.account.unsearchable.len() > 512 {
            cx.account.unsearchable.retain(|_, from| *from > now);
        }
        cx.account.unsearchable.insert(id, from);
    }
}
