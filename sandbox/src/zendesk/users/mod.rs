//! Users: lists, reads and the routes to everything that changes them.
//!
//! Agents and administrators are users with a role; deleted users stay readable by id and leave every list.

mod bulk;
pub(crate) mod lifecycle;
mod render;
mod search;
mod write;

use serde_json::{Value, json};

pub(crate) use bulk::perform_item;
pub(crate) use render::render;

use super::assumptions::Occurs;
use super::context::{Context, Outcome, path_id};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::{Role, User};
use crate::simulator::Answer;

pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => list(cx),
        ("POST", []) => write::create(cx),
        ("GET", ["me"]) => me(cx),
        ("GET", ["count"]) => cx.count(filtered(cx)?.len()),
        ("GET", ["show_many"]) => show_many(cx),
        ("GET", ["search"]) => search::search(cx),
        ("POST", ["create_or_update"]) => write::create_or_update(cx),
        ("POST", ["create_many"]) => bulk::many(cx, "create_many"),
        ("POST", ["create_or_update_many"]) => bulk::many(cx, "create_or_update_many"),
        ("PUT", ["update_many"]) => bulk::update_many(cx),
        ("DELETE", ["destroy_many"]) => bulk::destroy_many(cx),
        ("POST", ["request_create"]) => {
            cx.touch();
            let mail = super::records::Mail {
                to: cx
                    .account
                    .users
                    .get(&cx.account.owner)
                    .and_then(|user| user.email.clone())
                    .unwrap_or_default(),
                about: "seats requested".to_owned(),
                at: cx.now(),
            };
            cx.account.mails.push(mail);
            Ok(Answer::empty(200))
        }
        ("GET", [id]) => show(cx, id),
        ("PUT", [id]) => write::update(cx, id),
        ("DELETE", [id]) => lifecycle::delete(cx, id),
        _ => Err(ApiError::no_route()),
    }
}

/// `/deleted_users`: soft-deleted users, until they are deleted for good.
pub(crate) fn route_deleted(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => {
            let users: Vec<&User> = cx.account.users.values().filter(|user| !user.active).collect();
            page_of(cx, "deleted_users", &users)
        }
        ("GET", [id]) => {
            let user = cx.account.users.get(&path_id(id)?).filter(|user| !user.active);
            let user = user.ok_or_else(ApiError::not_found)?;
            Ok(Answer::json(200, &json!({"deleted_user": render(cx.account, user, &cx.call.base)})))
        }
        ("DELETE", [id]) => lifecycle::delete_for_good(cx, id),
        _ => Err(ApiError::no_route()),
    }
}

/// `/groups/{id}/users`.
pub(crate) fn of_group(cx: &mut Context<'_>, id: &str) -> Outcome {
    let group = path_id(id)?;
    if cx.call.method != "GET" || cx.account.groups.get(&group).is_none_or(|group| group.deleted) {
        return Err(ApiError::not_found());
    }
    let members = cx.account.member_ids(group);
    let ids: std::collections::BTreeSet<u64> =
        members.iter().filter_map(|id| cx.account.memberships.get(id)).map(|one| one.user_id).collect();
    let users: Vec<&User> = ids.iter().filter_map(|id| cx.account.users.get(id)).collect();
    page_of(cx, "users", &users)
}

fn page_of(cx: &Context<'_>, name: &str, users: &[&User]) -> Outcome {
    let keys: Vec<Key> = users.iter().map(|user| Key::Number(user.id)).collect();
    cx.list(name, (&keys, Style::Both), |at| render(cx.account, users[at], &cx.call.base))
}

fn list(cx: &Context<'_>) -> Outcome {
    let users = filtered(cx)?;
    page_of(cx, "users", &users)
}

/// The users that the filters of a list leave: role, custom role, external id.
fn filtered<'a>(cx: &'a Context<'_>) -> Result<Vec<&'a User>, ApiError> {
    let roles: Option<Vec<Role>> = cx.call.params("role").into_iter().map(Role::parse).collect();
    let Some(roles) = roles else {
        return Err(ApiError::bad_request("role must be end-user, agent or admin"));
    };
    if let Some(external_id) = cx.call.param("external_id") {
        let found = cx.account.user_by_external_id(external_id).and_then(|id| cx.account.users.get(&id));
        return Ok(found.into_iter().filter(|user| user.active && filter_knows(cx, user)).collect());
    }
    let custom_role = cx.call.param("permission_set");
    let wanted = |user: &&User| {
        user.active
            && (roles.is_empty() || roles.contains(&user.role))
            && custom_role.is_none_or(|id| user.custom_role_id.is_some_and(|own| own.to_string() == id))
            && cx.listed(user.id)
    };
    Ok(cx.account.users.values().filter(wanted).collect())
}

/// Whether a filter by external id knows the user by now.
fn filter_knows(cx: &Context<'_>, user: &User) -> bool {
    cx.listed(user.id) && (cx.assumptions.external_id_filter_lags == Occurs::No || search::knows(cx, user.id))
}

fn show(cx: &Context<'_>, id: &str) -> Outcome {
    let user = cx.account.users.get(&path_id(id)?).ok_or_else(ApiError::not_found)?;
    Ok(Answer::json(200, &json!({"user": render(cx.account, user, &cx.call.base)})))
}

fn me(cx: &Context<'_>) -> Outcome {
    let user = cx.account.users.get(&cx.actor).ok_or_else(ApiError::not_found)?;
    let mut value = render(cx.account, user, &cx.call.base);
    value["authenticity_token"] = json!("sandbox-authenticity-token");
    Ok(Answer::json(200, &json!({"user": value})))
}

fn show_many(cx: &Context<'_>) -> Outcome {
    let external = cx.ids("external_ids")?;
    let ids = cx.ids("ids")?;
    let by_id = ids.iter().filter_map(|id| id.parse().ok()).filter_map(|id: u64| cx.account.users.get(&id));
    let by_external = external
        .iter()
        .filter_map(|id| cx.account.user_by_external_id(id))
        .filter_map(|id| cx.account.users.get(&id))
        .filter(|user| filter_knows(cx, user));
    let users: Vec<Value> = by_id
        .chain(by_external)
        .filter(|user| user.active)
        .map(|user| render(cx.account, user, &cx.call.base))
        .collect();
    let count = users.len();
    Ok(Answer::json(200, &json!({"users": users, "next_page": null, "previous_page": null, "count": count})))
}
