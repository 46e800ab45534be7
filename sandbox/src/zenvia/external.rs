//! The account-token API of Zenvia Chat, and what bots use: one token, one account; agents written, departments read.
//!
//! Must never show a profile, and must offer no department on writes and no deletion: the vendor does not either.

use serde_json::{Value, json};

use super::assumptions::{Assumptions, DeletedAgents, ExternalPaging, ExternalWriteReply};
use super::context::{Context, Outcome, Reason, Refusal, as_number, as_text, moment, written_id};
use super::paging;
use super::partner;
use super::records::{Account, Agent, Department};
use super::staff::{self, AgentWrite, Departments};
use crate::simulator::Answer;

/// Answers below `/api/external`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let account = account(cx)?;
    let method = cx.call.method.clone();
    match (method.as_str(), segments) {
        ("GET", ["agents"]) => agents(cx, account),
        ("GET", ["agents", id]) => show(cx, account, id),
        ("POST", ["agents"]) => create(cx, account),
        ("PUT", ["agents", id]) => update(cx, account, id),
        ("GET", ["departments"]) => departments(cx, account),
        _ => Err(Refusal::no_route()),
    }
}

/// Answers below `/core/api/v1`.
pub(crate) fn route_core(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let account = account(cx)?;
    let method = cx.call.method.clone();
    match (method.as_str(), segments) {
        ("GET", ["agents", "online"]) => online(cx, account),
        ("POST", ["interactions"]) => interaction(cx, account),
        _ => Err(Refusal::no_route()),
    }
}

/// The account of the token, or the one where a person acts.
fn account(cx: &mut Context<'_>) -> Result<u64, Refusal> {
    if cx.call.person.is_some() {
        let named = cx.call.param("account_id").and_then(|text| text.parse().ok());
        return Ok(named.unwrap_or(cx.world.default_account));
    }
    let token = cx.token().unwrap_or_default().to_owned();
    let found = cx.world.by_account_token(&token).filter(|_| !token.is_empty());
    let account = found.ok_or_else(|| Refusal::new(Reason::Token, "Invalid token"))?;
    cx.admit(&token, cx.rules.chat_requests_per_minute)?;
    Ok(account)
}

fn render(rules: &Assumptions, account: &Account, agent: &Agent) -> Value {
    let department = agent.department_ids.iter().find_map(|id| account.departments.get(id));
    let department = department.map(|one| json!({"id": written_id(rules, one.id), "name": one.name}));
    json!({"id": written_id(rules, agent.id), "name": agent.name, "photo": Value::Null,
        "phone_extension": Value::Null, "signature": Value::Null, "email": agent.email,
        "deleted_at": agent.deleted_at.map(moment), "ativo": u8::from(agent.active), "active": agent.active,
        "new_status": agent.status, "department": department})
}

fn render_department(rules: &Assumptions, account: &Account, department: &Department) -> Value {
    let agents: Vec<Value> = account
        .members(department.id)
        .map(|agent| json!({"id": written_id(rules, agent.id), "name": agent.name, "photo": Value::Null}))
        .collect();
    json!({"id": written_id(rules, department.id), "name": department.name, "ringing_max_time": 60,
        "queued_max_time": 300, "queue": 10, "bot_id": Value::Null, "queue_position_time": 30,
        "date_creation": moment(department.created_at), "change_date": moment(department.updated_at),
        "state": u8::from(department.active), "agents": agents,
        "channels": partner::channels(rules, department)})
}

/// A bare list, everything at once unless pages are assumed.
fn bare(cx: &Context<'_>, mut ids: Vec<u64>, render: impl Fn(u64) -> Value) -> Outcome {
    let items = match cx.rules.external_paging {
        ExternalPaging::Pages => paging::page(cx, ids, render),
        ExternalPaging::All => {
            ids.sort_unstable_by(|left, right| right.cmp(left));
            ids.into_iter().map(render).collect()
        }
    };
    Ok(Answer::json(200, &Value::Array(items)))
}

fn is_shown(cx: &Context<'_>, agent: &Agent) -> bool {
    agent.deleted_at.is_none() || cx.rules.deleted_agents == DeletedAgents::Listed
}

fn agents(cx: &Context<'_>, account: u64) -> Outcome {
    let account = cx.account(account)?;
    let ids = account.agents.values().filter(|agent| is_shown(cx, agent)).map(|agent| agent.id).collect();
    let one = |id| account.agents.get(&id).map_or(Value::Null, |agent| render(&cx.rules, account, agent));
    bare(cx, ids, one)
}

fn departments(cx: &Context<'_>, account: u64) -> Outcome {
    let account = cx.account(account)?;
    let ids = account.departments.keys().copied().collect();
    let found = |id| account.departments.get(&id);
    bare(cx, ids, |id| found(id).map_or(Value::Null, |one| render_department(&cx.rules, account, one)))
}

fn rendered(cx: &Context<'_>, account: u64, id: u64) -> Result<Value, Refusal> {
    let account = cx.account(account)?;
    let agent = account.agents.get(&id).filter(|agent| is_shown(cx, agent));
    agent.map(|agent| render(&cx.rules, account, agent)).ok_or_else(|| Refusal::not_found("Agent"))
}

fn path_id(segment: &str) -> Result<u64, Refusal> {
    segment.parse().map_err(|_| Refusal::not_found("Agent"))
}

fn show(cx: &Context<'_>, account: u64, id: &str) -> Outcome {
    Ok(Answer::json(200, &rendered(cx, account, path_id(id)?)?))
}

/// The flat body of a write. `active` and departments are no part of it.
fn write(cx: &Context<'_>, departments: Departments) -> AgentWrite {
    AgentWrite {
        name: as_text(&cx.body["name"]),
        email: as_text(&cx.body["email"]),
        password: as_text(&cx.body["password"]).map(|plain| staff::sha256(&plain)),
        text_limit: as_number(&cx.body["text_limit"]),
        active: None,
        profile: cx.body["profile"].clone(),
        departments,
    }
}

fn written(cx: &Context<'_>, account: u64, id: u64) -> Outcome {
    let value = rendered(cx, account, id)?;
    match cx.rules.external_write_reply {
        ExternalWriteReply::Envelope => cx.one("agent", value),
        ExternalWriteReply::Bare => Ok(Answer::json(200, &value)),
    }
}

fn create(cx: &mut Context<'_>, account: u64) -> Outcome {
    let id = staff::create(cx, account, write(cx, Departments::First))?;
    written(cx, account, id)
}

fn update(cx: &mut Context<'_>, account: u64, id: &str) -> Outcome {
    let id = path_id(id)?;
    staff::update(cx, account, (id, write(cx, Departments::Keep)))?;
    written(cx, account, id)
}

/// The department that a bot names: it must exist and be active.
fn open_department(cx: &Context<'_>, account: u64, sent: Option<u64>) -> Result<u64, Refusal> {
    let id = sent.ok_or_else(|| Refusal::invalid("department_id is required"))?;
    let department = cx.account(account)?.departments.get(&id);
    match department {
        Some(one) if one.active => Ok(id),
        Some(_) => Err(Refusal::invalid("The department is not active")),
        None => Err(Refusal::invalid("Department not found")),
    }
}

/// At most three of the agents that are online. The vendor draws them; here they are the first ones.
fn online(cx: &Context<'_>, account: u64) -> Outcome {
    let sent = cx.call.param("department_id").and_then(|text| text.parse().ok());
    let department = open_department(cx, account, sent)?;
    let members = cx.account(account)?.members(department);
    let online: Vec<Value> = members
        .filter(|agent| agent.active && agent.status == "ONLINE")
        .map(|agent| json!({"id": cx.id(agent.id), "name": agent.name, "photo": Value::Null}))
        .collect();
    let shown: Vec<&Value> = online.iter().take(3).collect();
    Ok(Answer::json(
        200,
        &json!({"agents": shown, "averageService": 0, "count": online.len(), "status": 200}),
    ))
}

/// Starts a conversation: enough to see whether a department takes one.
fn interaction(cx: &mut Context<'_>, account: u64) -> Outcome {
    let department = open_department(cx, account, as_number(&cx.body["department_id"]))?;
    let id = cx.world.mint();
    let hash = staff::sha256(&format!("interaction {id}"));
    let record = json!({"interaction_hash": hash, "department_id": department,
        "media_type": cx.body["media_type"], "extra": cx.body["extra"]});
    cx.account_mut(account)?.interactions.push(record);
    Ok(Answer::json(200, &json!({"status": 200, "interaction_hash": hash})))
}
