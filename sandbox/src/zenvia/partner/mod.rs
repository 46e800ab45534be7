//! The Partner API of Zenvia Chat: one token, many accounts; licenses, agents, departments.
//!
//! Must check the token before anything else, and must let no account of another partner show.

mod accounts;
mod agents;
mod departments;

use serde_json::Value;

use super::assumptions::MissingAccountId;
use super::context::{Context, Outcome, Reason, Refusal, as_number};
use super::records::World;
use crate::simulator::Call;

pub(crate) use accounts::render as render_account;
pub(crate) use agents::render as render_agent;
pub(crate) use departments::{channels, render as render_department};

/// Answers one request.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let token = cx.token().unwrap_or_default().to_owned();
    if cx.call.person.is_none() {
        if token.is_empty() || token != cx.world.partner_token {
            return Err(Refusal::new(Reason::Token, "Invalid token"));
        }
        cx.admit(&token, cx.rules.chat_requests_per_minute)?;
    }
    let method = cx.call.method.clone();
    match segments {
        ["accounts", rest @ ..] => accounts::route(cx, &method, rest),
        ["agents", rest @ ..] => agents::route(cx, &method, rest),
        ["departments", rest @ ..] => departments::route(cx, &method, rest),
        _ => Err(Refusal::no_route()),
    }
}

/// The `account_id` of a request: in the query of reads, inside `agent` or `department` (or beside it) in writes.
pub(crate) fn named_account(call: &Call, body: &Value) -> Option<u64> {
    let in_query = call.param("account_id").and_then(|text| text.parse().ok());
    let places = [&body["agent"]["account_id"], &body["department"]["account_id"], &body["account_id"]];
    in_query.or_else(|| places.into_iter().find_map(as_number))
}

/// The account that a request is for, as far as ids in it tell (for the ledger).
pub(crate) fn account_of(world: &World, call: &Call, segments: &[&str]) -> Option<u64> {
    let id = |text: &str| text.parse::<u64>().ok();
    match segments {
        ["accounts", account, ..] => id(account),
        [_, rest @ ..] => {
            let body = call.json().unwrap_or_default();
            let holder = || rest.first().copied().and_then(id).and_then(|id| world.holder_of(id));
            named_account(call, &body).or_else(holder)
        }
        [] => None,
    }
}

fn reaches(cx: &Context<'_>, account: u64) -> bool {
    cx.world.is_ours(account) || (cx.call.person.is_some() && cx.world.accounts.contains_key(&account))
}

/// The account of a list or a creation. `None`: all accounts, where the assumptions allow that.
fn scope(cx: &Context<'_>) -> Result<Option<u64>, Refusal> {
    match named_account(cx.call, &cx.body) {
        Some(account) if reaches(cx, account) => Ok(Some(account)),
        Some(_) => Err(Refusal::not_found("Account")),
        None if cx.call.person.is_some() => Ok(Some(cx.world.default_account)),
        None if cx.is_read() && cx.rules.missing_account_id == MissingAccountId::AllAccounts => Ok(None),
        None => Err(Refusal::invalid("account_id can't be blank")),
    }
}

/// The accounts that a list shows.
fn listed_accounts(cx: &Context<'_>) -> Result<Vec<u64>, Refusal> {
    Ok(match scope(cx)? {
        Some(account) => vec![account],
        None => cx.world.accounts.keys().copied().filter(|id| cx.world.is_ours(*id)).collect(),
    })
}

/// The account and id of an agent or a department that a path names; `account_id` must fit where it is given.
fn holder(cx: &Context<'_>, segment: &str, what: &str) -> Result<(u64, u64), Refusal> {
    let id: u64 = segment.parse().map_err(|_| Refusal::not_found(what))?;
    let account = cx.world.holder_of(id).ok_or_else(|| Refusal::not_found(what))?;
    let fits = named_account(cx.call, &cx.body).is_none_or(|named| named == account);
    if fits && reaches(cx, account) { Ok((account, id)) } else { Err(Refusal::not_found(what)) }
}
