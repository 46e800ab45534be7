//! `GET /users/search`: index-backed, offsets only, minutes behind where the switch says so.
//!
//! Must not be consulted by anything else: lists read the records.

use super::super::context::{Context, Outcome};
use super::super::paging::{Key, Style};
use super::super::records::User;
use super::render;

/// Whether the index knows the user as it is now.
pub(super) fn knows(cx: &Context<'_>, id: u64) -> bool {
    cx.account.unsearchable.get(&id).is_none_or(|from| *from <= cx.now())
}

pub(super) fn search(cx: &Context<'_>) -> Outcome {
    let query = cx.call.param("query").unwrap_or_default();
    let external_id = cx.call.param("external_id");
    let users: Vec<&User> = cx
        .account
        .users
        .values()
        .filter(|user| user.active && knows(cx, user.id))
        .filter(|user| external_id.is_none_or(|id| same(user.external_id.as_deref(), id)))
        .filter(|user| query.split_whitespace().all(|term| matches(user, term)))
        .collect();
    let keys: Vec<Key> = users.iter().map(|user| Key::Number(user.id)).collect();
    cx.list("users", (&keys, Style::Offset), |at| render(cx.account, users[at], &cx.call.base))
}

fn same(value: Option<&str>, wanted: &str) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case(wanted.trim_matches('"')))
}

fn matches(user: &User, term: &str) -> bool {
    match term.split_once(':') {
        Some(("email", email)) => same(user.email.as_deref(), email),
        Some(("external_id", id)) => same(user.external_id.as_deref(), id),
        Some(("role", role)) => user.role.word() == role.trim_matches('"'),
        Some(("type", _)) => true,
        _ => {
            let term = term.trim_matches('"').to_lowercase();
            let email = user.email.as_deref().unwrap_or_default().to_lowercase();
            user.name.to_lowercase().contains(&term) || email.contains(&term)
        }
    }
}
