//! Tickets, as far as removing an agent needs them: which are assigned to whom. People and bots make them elsewhere,
//! so they are seeded through the control plane.
//!
//! Must not grow into a ticket API.

use serde_json::{Value, json};

use super::context::{Context, Outcome, Permitted, as_id, path_id, seconds, text};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::Ticket;
use crate::simulator::Answer;

pub(crate) fn render(ticket: &Ticket, base: &str) -> Value {
    json!({"url": format!("{base}/api/v2/tickets/{}.json", ticket.id), "id": ticket.id, "subject": ticket.subject,
        "status": ticket.status, "assignee_id": ticket.assignee_id, "group_id": ticket.group_id,
        "created_at": seconds(ticket.created_at), "updated_at": seconds(ticket.updated_at)})
}

/// `/users/{id}/tickets/assigned` and its count.
pub(crate) fn of_user(cx: &mut Context<'_>, user: &str, segments: &[&str]) -> Outcome {
    let user = path_id(user)?;
    cx.account.users.get(&user).ok_or_else(ApiError::not_found)?;
    let assigned: Vec<&Ticket> =
        cx.account.tickets.values().filter(|ticket| ticket.assignee_id == Some(user)).collect();
    match (cx.call.method.as_str(), segments) {
        ("GET", ["assigned"]) => {
            let keys: Vec<Key> = assigned.iter().map(|ticket| Key::Number(ticket.id)).collect();
            cx.list("tickets", (&keys, Style::Both), |at| render(assigned[at], &cx.call.base))
        }
        ("GET", ["assigned", "count"]) => cx.count(assigned.len()),
        _ => Err(ApiError::no_route()),
    }
}

/// `/tickets/{id}`: read, and change of status, assignee and group.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let [id] = segments else { return Err(ApiError::no_route()) };
    let mut ticket = cx.account.tickets.get(&path_id(id)?).cloned().ok_or_else(ApiError::not_found)?;
    match cx.call.method.as_str() {
        "GET" => {}
        "PUT" => {
            let keys = ["status", "assignee_id", "group_id", "subject"];
            let wanted = Permitted { root: "ticket", controller: "tickets", action: "update", keys: &keys };
            let fields = cx.permitted(wanted)?;
            ticket.status = text(&fields, "status").unwrap_or(&ticket.status).to_owned();
            if let Some(value) = fields.get("assignee_id") {
                ticket.assignee_id = as_id(value);
            }
            if let Some(value) = fields.get("group_id") {
                ticket.group_id = as_id(value);
            }
            ticket.updated_at = cx.now();
            cx.account.tickets.insert(ticket.id, ticket.clone());
            cx.touch();
        }
        _ => return Err(ApiError::no_route()),
    }
    Ok(Answer::json(200, &json!({"ticket": render(&ticket, &cx.call.base)})))
}
