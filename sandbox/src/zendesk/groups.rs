//! Groups. Deleted ones stay in the list with `deleted: true` unless they are excluded.
//!
//! Must keep what cannot be undone from being done: a private group never becomes public, the default group stays.

use serde_json::{Map, Value, json};

use super::assumptions::DeletedGroup;
use super::context::{Context, Outcome, Permitted, path_id, seconds, text};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::Group;
use crate::simulator::Answer;

const KEYS: [&str; 3] = ["name", "description", "is_public"];

pub(crate) fn render(group: &Group, base: &str) -> Value {
    json!({"url": format!("{base}/api/v2/groups/{}.json", group.id), "id": group.id, "is_public": group.is_public,
        "name": group.name, "description": group.description, "default": group.default, "deleted": group.deleted,
        "created_at": seconds(group.created_at), "updated_at": seconds(group.updated_at)})
}

pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => {
            let exclude = cx.call.param("exclude_deleted") == Some("true");
            let groups = listed(cx, |group| !(exclude && group.deleted));
            page_of(cx, &groups)
        }
        ("GET", ["assignable"]) => {
            let groups = listed(cx, |group| !group.deleted);
            page_of(cx, &groups)
        }
        ("GET", ["count"]) => cx.count(listed(cx, |group| !group.deleted).len()),
        ("POST", []) => create(cx),
        ("GET", [id]) => {
            let id = path_id(id)?;
            let hidden = cx.assumptions.deleted_group == DeletedGroup::Gone;
            let found = cx.account.groups.get(&id).filter(|group| !(group.deleted && hidden));
            found.map(|group| group.id).ok_or_else(ApiError::not_found)?;
            answer(cx, id, 200)
        }
        ("PUT", [id]) => update(cx, id),
        ("DELETE", [id]) => delete(cx, id),
        _ => Err(ApiError::no_route()),
    }
}

/// `/users/{id}/groups`.
pub(crate) fn of_user(cx: &mut Context<'_>, user: &str) -> Outcome {
    let user = path_id(user)?;
    if cx.call.method != "GET" || !cx.account.users.contains_key(&user) {
        return Err(ApiError::not_found());
    }
    let ids: Vec<u64> = cx.account.membership_ids(user);
    let of: Vec<u64> =
        ids.iter().filter_map(|id| cx.account.memberships.get(id)).map(|one| one.group_id).collect();
    let groups = listed(cx, |group| of.contains(&group.id));
    page_of(cx, &groups)
}

fn listed<'a>(cx: &'a Context<'_>, wanted: impl Fn(&Group) -> bool) -> Vec<&'a Group> {
    let mut groups: Vec<&Group> =
        cx.account.groups.values().filter(|group| wanted(group) && cx.listed(group.id)).collect();
    groups.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    groups
}

fn page_of(cx: &Context<'_>, groups: &[&Group]) -> Outcome {
    let keys: Vec<Key> = groups.iter().map(|group| Key::Name(group.name.clone(), group.id)).collect();
    cx.list("groups", (&keys, Style::Both), |at| render(groups[at], &cx.call.base))
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let group = cx.account.groups.get(&id).ok_or_else(ApiError::not_found)?;
    let reply = Answer::json(status, &json!({"group": render(group, &cx.call.base)}));
    Ok(reply.with_header("location", cx.url(&format!("groups/{id}.json"))))
}

fn check_name(cx: &Context<'_>, name: Option<&str>, own: Option<u64>) -> Result<(), ApiError> {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return Err(ApiError::field("name", "Name: cannot be blank", Some("BlankValue")));
    };
    let same =
        |group: &&Group| !group.deleted && Some(group.id) != own && group.name.eq_ignore_ascii_case(name);
    if cx.account.features.unique_group_names && cx.account.groups.values().any(|group| same(&group)) {
        return Err(ApiError::duplicate("name", format!("Name: {name} has already been taken")));
    }
    Ok(())
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let fields =
        cx.permitted(Permitted { root: "group", controller: "groups", action: "create", keys: &KEYS })?;
    check_name(cx, text(&fields, "name"), None)?;
    let living = cx.account.groups.values().filter(|group| !group.deleted).count();
    if cx.assumptions.max_groups.is_some_and(|most| living >= most) {
        return Err(ApiError::field("base", "Group limit reached", Some("ProductLimitExceeded")));
    }
    let now = cx.now();
    let id = cx.account.mint();
    let group = Group {
        id,
        is_public: fields.get("is_public").and_then(Value::as_bool).unwrap_or(true),
        name: text(&fields, "name").unwrap_or_default().to_owned(),
        description: text(&fields, "description").unwrap_or_default().to_owned(),
        default: false,
        deleted: false,
        created_at: now,
        updated_at: now,
    };
    cx.account.groups.insert(id, group);
    cx.created(id);
    answer(cx, id, 201)
}

/// The living group, unless it is the default one, which the API does not change.
fn changeable(cx: &Context<'_>, id: &str) -> Result<Group, ApiError> {
    let id = path_id(id)?;
    let group = cx.account.groups.get(&id).filter(|group| !group.deleted).ok_or_else(ApiError::not_found)?;
    if group.default && cx.call.person.is_none() {
        return Err(ApiError::Support {
            status: cx.assumptions.immutable_status,
            error: "Forbidden",
            description: "The default group cannot be changed through the API".to_owned(),
        });
    }
    Ok(group.clone())
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let group = changeable(cx, id)?;
    let fields: Map<String, Value> =
        cx.permitted(Permitted { root: "group", controller: "groups", action: "update", keys: &KEYS })?;
    if fields.contains_key("name") {
        check_name(cx, text(&fields, "name"), Some(group.id))?;
    }
    let is_public = fields.get("is_public").and_then(Value::as_bool).unwrap_or(group.is_public);
    if is_public && !group.is_public {
        return Err(ApiError::invalid("is_public", "Is public: a private group cannot be made public"));
    }
    let changed = Group {
        name: text(&fields, "name").unwrap_or(&group.name).to_owned(),
        description: match fields.get("description") {
            None => group.description.clone(),
            Some(value) => value.as_str().unwrap_or_default().to_owned(),
        },
        is_public,
        updated_at: cx.now(),
        ..group
    };
    let id = changed.id;
    cx.account.groups.insert(id, changed);
    cx.touch();
    answer(cx, id, 200)
}

fn delete(cx: &mut Context<'_>, id: &str) -> Outcome {
    let group = changeable(cx, id)?;
    let members = cx.account.member_ids(group.id);
    let is_default = members.iter().filter_map(|id| cx.account.memberships.get(id)).any(|one| one.default);
    if is_default {
        return Err(ApiError::invalid("base", "Group: is the default group of a user and cannot be removed"));
    }
    for member in members {
        cx.account.remove_membership(member);
    }
    let now = cx.now();
    for ticket in cx.account.tickets.values_mut().filter(|ticket| ticket.group_id == Some(group.id)) {
        ticket.group_id = None;
        ticket.updated_at = now;
    }
    cx.account.groups.insert(group.id, Group { deleted: true, updated_at: now, ..group });
    cx.touch();
    Ok(Answer::empty(204))
}
