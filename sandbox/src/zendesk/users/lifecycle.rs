//! The end of a user: downgrade, soft deletion, deletion for good, and what happens to memberships and tickets.
//!
//! Must leave no membership of a user that is no agent any more (unless assumed otherwise) and no unsolved ticket with one.

use serde_json::json;

use super::super::assumptions::{Happens, TicketsOfRemoved};
use super::super::context::{Context, Outcome, path_id};
use super::super::errors::ApiError;
use super::render;
use crate::simulator::Answer;

/// The account owner cannot be edited or deleted by the API.
pub(crate) fn check_owner(cx: &Context<'_>, id: u64) -> Result<(), ApiError> {
    if id != cx.account.owner || cx.call.person.is_some() {
        return Ok(());
    }
    Err(ApiError::Support {
        status: cx.assumptions.immutable_status,
        error: "Forbidden",
        description: "The account owner cannot be changed through the API".to_owned(),
    })
}

/// `DELETE /users/{id}`: soft; answers 200 with the user.
pub(super) fn delete(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = path_id(id)?;
    delete_user(cx, id)?;
    let user = cx.account.users.get(&id).ok_or_else(ApiError::not_found)?;
    Ok(Answer::json(200, &json!({"user": render(cx.account, user, &cx.call.base)})))
}

/// Deletes a user softly, or says why not.
pub(super) fn delete_user(cx: &mut Context<'_>, id: u64) -> Result<(), ApiError> {
    cx.account.users.get(&id).filter(|user| user.active).ok_or_else(ApiError::not_found)?;
    check_owner(cx, id)?;
    reassign_tickets(cx, id);
    for membership in cx.account.membership_ids(id) {
        cx.account.remove_membership(membership);
    }
    if cx.assumptions.deletion_frees_identifiers == Happens::Yes {
        for identity in cx.account.identity_ids(id) {
            cx.account.remove_identity(identity);
        }
        cx.account.set_external_id(id, None);
    }
    let now = cx.now();
    if let Some(user) = cx.account.users.get_mut(&id) {
        user.active = false;
        user.updated_at = now;
        if cx.assumptions.deletion_frees_identifiers == Happens::Yes {
            user.email = None;
        }
    }
    cx.touch();
    Ok(())
}

/// `DELETE /deleted_users/{id}`: for good, only after the soft deletion.
pub(super) fn delete_for_good(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = path_id(id)?;
    let user = cx.account.users.get(&id).filter(|user| !user.active).ok_or_else(ApiError::not_found)?;
    let value = render(cx.account, user, &cx.call.base);
    for identity in cx.account.identity_ids(id) {
        cx.account.remove_identity(identity);
    }
    cx.account.set_external_id(id, None);
    cx.account.users.remove(&id);
    cx.touch();
    Ok(Answer::json(200, &json!({"deleted_user": value})))
}

/// A downgraded agent loses tickets and, as assumed, memberships.
pub(super) fn leave_staff(cx: &mut Context<'_>, id: u64) {
    reassign_tickets(cx, id);
    if cx.assumptions.downgrade_drops_memberships == Happens::Yes {
        for membership in cx.account.membership_ids(id) {
            cx.account.remove_membership(membership);
        }
    }
}

/// Unsolved tickets of somebody who leaves go to the acting user or to the group's longest-standing other agent.
fn reassign_tickets(cx: &mut Context<'_>, id: u64) {
    let tickets: Vec<u64> = cx
        .account
        .tickets
        .values()
        .filter(|ticket| ticket.assignee_id == Some(id) && ticket.is_unsolved())
        .map(|ticket| ticket.id)
        .collect();
    for ticket in tickets {
        let group = cx.account.tickets.get(&ticket).and_then(|ticket| ticket.group_id);
        let oldest = group.and_then(|group| {
            let members = cx.account.member_ids(group);
            members
                .iter()
                .filter_map(|one| cx.account.memberships.get(one))
                .map(|one| one.user_id)
                .find(|one| *one != id)
        });
        let heir = match cx.assumptions.tickets_of_removed {
            TicketsOfRemoved::ActingUser => cx.actor,
            TicketsOfRemoved::OldestOfGroup => oldest.unwrap_or(cx.actor),
        };
        let now = cx.now();
        if let Some(ticket) = cx.account.tickets.get_mut(&ticket) {
            ticket.assignee_id = Some(heir);
            ticket.updated_at = now;
        }
    }
}
