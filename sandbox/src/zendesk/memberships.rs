//! Group memberships: which agent is in which group, and which of an agent's groups is the default.
//!
//! Must keep exactly one default per agent who has any membership.

use serde_json::{Value, json};

use super::account::Account;
use super::assumptions::{DefaultMembership, DuplicateMembership, Happens};
use super::context::{Context, Outcome, Permitted, as_id, path_id, seconds};
use super::errors::ApiError;
use super::jobs;
use super::paging::{Key, Style};
use super::records::Membership;
use crate::simulator::Answer;

pub(crate) fn render(one: &Membership, base: &str) -> Value {
    json!({"url": format!("{base}/api/v2/group_memberships/{}.json", one.id), "id": one.id, "user_id": one.user_id,
        "group_id": one.group_id, "default": one.default, "created_at": seconds(one.created_at),
        "updated_at": seconds(one.updated_at)})
}

/// `/group_memberships…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", [] | ["assignable"]) => {
            let all: Vec<u64> = cx.account.memberships.keys().copied().collect();
            page_of(cx, &all)
        }
        ("POST", []) => create(cx, None),
        ("POST", ["create_many"]) => create_many(cx),
        ("DELETE", ["destroy_many"]) => {
            let items = cx.ids("ids")?.iter().map(|id| json!({"id": id})).collect();
            jobs::enqueue(cx, "group_memberships/destroy_many", items)
        }
        ("GET", [id]) => {
            let id = existing(cx.account, id, None)?;
            answer(cx, id, 200)
        }
        ("DELETE", [id]) => delete(cx, id, None),
        _ => Err(ApiError::no_route()),
    }
}

/// `/users/{id}/group_memberships…`.
pub(crate) fn of_user(cx: &mut Context<'_>, user: &str, segments: &[&str]) -> Outcome {
    let user = path_id(user)?;
    cx.account.users.get(&user).ok_or_else(ApiError::not_found)?;
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => page_of(cx, &cx.account.membership_ids(user)),
        ("POST", []) => create(cx, Some(user)),
        ("GET", [id]) => {
            let id = existing(cx.account, id, Some(user))?;
            answer(cx, id, 200)
        }
        ("DELETE", [id]) => delete(cx, id, Some(user)),
        ("PUT", [id, "make_default"]) => {
            let id = existing(cx.account, id, Some(user))?;
            let group = cx.account.memberships.get(&id).map(|one| one.group_id).unwrap_or_default();
            set_default(cx.account, user, group);
            cx.touch();
            let ids = cx.account.membership_ids(user);
            let all = ids.iter().filter_map(|id| cx.account.memberships.get(id));
            let all: Vec<Value> = all.map(|one| render(one, &cx.call.base)).collect();
            Ok(Answer::json(200, &json!({"group_memberships": all})))
        }
        _ => Err(ApiError::no_route()),
    }
}

/// `/groups/{id}/memberships…`.
pub(crate) fn of_group(cx: &mut Context<'_>, group: &str, segments: &[&str]) -> Outcome {
    let group = path_id(group)?;
    cx.account.groups.get(&group).filter(|group| !group.deleted).ok_or_else(ApiError::not_found)?;
    match (cx.call.method.as_str(), segments) {
        ("GET", [] | ["assignable"]) => page_of(cx, &cx.account.member_ids(group)),
        _ => Err(ApiError::no_route()),
    }
}

fn page_of(cx: &Context<'_>, ids: &[u64]) -> Outcome {
    let all: Vec<&Membership> = ids
        .iter()
        .filter_map(|id| cx.account.memberships.get(id))
        .filter(|one| cx.listed(one.id) && cx.account.users.get(&one.user_id).is_some_and(|user| user.active))
        .collect();
    let keys: Vec<Key> = all.iter().map(|one| Key::Number(one.id)).collect();
    cx.list("group_memberships", (&keys, Style::Both), |at| render(all[at], &cx.call.base))
}

fn existing(account: &Account, id: &str, user: Option<u64>) -> Result<u64, ApiError> {
    let id = path_id(id)?;
    let found = account.memberships.get(&id).filter(|one| user.is_none_or(|user| one.user_id == user));
    found.map(|one| one.id).ok_or_else(ApiError::not_found)
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let one = cx.account.memberships.get(&id).ok_or_else(ApiError::not_found)?;
    let reply = Answer::json(status, &json!({"group_membership": render(one, &cx.call.base)}));
    Ok(reply.with_header("location", cx.url(&format!("group_memberships/{id}.json"))))
}

fn create(cx: &mut Context<'_>, user: Option<u64>) -> Outcome {
    let keys = ["user_id", "group_id", "default"];
    let wanted = Permitted {
        root: "group_membership",
        controller: "group_memberships",
        action: "create",
        keys: &keys,
    };
    let fields = cx.permitted(wanted)?;
    let user = user.or_else(|| fields.get("user_id").and_then(as_id));
    let group = fields.get("group_id").and_then(as_id);
    let id = join(cx, user, group)?;
    let default = fields.get("default").and_then(Value::as_bool) == Some(true);
    if let (true, Some(user), Some(group)) = (default, user, group) {
        set_default(cx.account, user, group);
    }
    answer(cx, id, 201)
}

/// Puts an agent into a group, or says why not.
pub(crate) fn join(cx: &mut Context<'_>, user: Option<u64>, group: Option<u64>) -> Result<u64, ApiError> {
    let agent =
        user.and_then(|id| cx.account.users.get(&id)).filter(|user| user.active && user.role.is_staff());
    let Some(user_id) = agent.map(|user| user.id) else {
        return Err(ApiError::invalid("user", "User: must be an agent"));
    };
    let living = group.and_then(|id| cx.account.groups.get(&id)).filter(|group| !group.deleted);
    let Some(group_id) = living.map(|group| group.id) else {
        return Err(ApiError::invalid("group", "Group: cannot be blank"));
    };
    let ids = cx.account.membership_ids(user_id);
    let same = ids
        .iter()
        .copied()
        .find(|id| cx.account.memberships.get(id).is_some_and(|one| one.group_id == group_id));
    if let Some(same) = same {
        return match cx.assumptions.duplicate_membership {
            DuplicateMembership::Existing => Ok(same),
            DuplicateMembership::Refused => {
                Err(ApiError::duplicate("user_id", "User: has already been taken for this group"))
            }
        };
    }
    let now = cx.now();
    let id = cx.account.mint();
    let default = ids.is_empty();
    let membership = Membership { id, user_id, group_id, default, created_at: now, updated_at: now };
    cx.account.add_membership(membership);
    cx.created(id);
    Ok(id)
}

fn create_many(cx: &mut Context<'_>) -> Outcome {
    let body = cx.body()?;
    let Some(items) = body["group_memberships"].as_array() else {
        return Err(ApiError::bad_request("group_memberships must be a list"));
    };
    if items.len() > 100 {
        return Err(ApiError::too_many_values());
    }
    jobs::enqueue(cx, "group_memberships/create_many", items.clone())
}

fn delete(cx: &mut Context<'_>, id: &str, user: Option<u64>) -> Outcome {
    let id = existing(cx.account, id, user)?;
    leave(cx, id)?;
    Ok(Answer::empty(204))
}

/// Takes an agent out of a group; the agent's working tickets there lose their assignee.
pub(crate) fn leave(cx: &mut Context<'_>, id: u64) -> Result<(), ApiError> {
    let one = cx.account.memberships.get(&id).cloned().ok_or_else(ApiError::not_found)?;
    let others: Vec<u64> =
        cx.account.membership_ids(one.user_id).into_iter().filter(|other| *other != id).collect();
    if one.default && cx.assumptions.default_membership == DefaultMembership::Refused {
        return Err(ApiError::invalid("base", "Group membership: the default membership cannot be removed"));
    }
    cx.account.remove_membership(id);
    let next = others.first().and_then(|other| cx.account.memberships.get(other)).map(|other| other.group_id);
    if let Some(group) = next.filter(|_| one.default) {
        set_default(cx.account, one.user_id, group);
    }
    let now = cx.now();
    let theirs = |ticket: &&mut super::records::Ticket| {
        ticket.assignee_id == Some(one.user_id)
            && ticket.group_id == Some(one.group_id)
            && ticket.is_unsolved()
    };
    for ticket in cx.account.tickets.values_mut().filter(theirs) {
        ticket.assignee_id = None;
        ticket.updated_at = now;
    }
    cx.touch();
    Ok(())
}

/// Makes a group the user's default one.
pub(crate) fn set_default(account: &mut Account, user: u64, group: u64) {
    for id in account.membership_ids(user) {
        if let Some(one) = account.memberships.get_mut(&id) {
            one.default = one.group_id == group;
        }
    }
}

/// Carries out one item of a membership job.
pub(crate) fn perform_item(
    cx: &mut Context<'_>,
    kind: &str,
    item: &Value,
) -> Result<(u64, &'static str), ApiError> {
    if kind.ends_with("create_many") {
        let (user, group) = (as_id(&item["user_id"]), as_id(&item["group_id"]));
        let id = join(cx, user, group)?;
        let honored = cx.assumptions.jobs_honor_default == Happens::Yes && item["default"] == json!(true);
        if let (true, Some(user), Some(group)) = (honored, user, group) {
            set_default(cx.account, user, group);
        }
        return Ok((id, "Created"));
    }
    let id = as_id(&item["id"]).ok_or_else(ApiError::not_found)?;
    leave(cx, id).map(|()| (id, "Deleted"))
}
