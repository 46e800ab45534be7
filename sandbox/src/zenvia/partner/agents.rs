//! Agents of the Partner API: written whole with profile and departments; a null profile demotes.
//!
//! Must never show a password, nor whether one was changed.

use serde_json::{Value, json};

use super::super::assumptions::{Assumptions, DeletedAgents, Happens, Leniency, Occurs};
use super::super::context::{
    Context, Outcome, Refusal, as_flag, as_ids, as_number, as_text, moment, written_id,
};
use super::super::paging;
use super::super::records::{Account, Agent};
use super::super::staff::{self, AgentWrite, Departments};
use super::{holder, listed_accounts, scope};

/// Answers below `/agents`.
pub(crate) fn route(cx: &mut Context<'_>, method: &str, rest: &[&str]) -> Outcome {
    match (method, rest) {
        ("GET", []) => list(cx),
        ("GET", [id]) => show(cx, id),
        ("POST", []) => create(cx),
        ("PUT", [id]) => update(cx, id),
        ("PUT", [id, "profile"]) => change_profile(cx, id),
        ("DELETE", [id]) => delete(cx, id),
        _ => Err(Refusal::no_route()),
    }
}

/// An agent in its wire form.
pub(crate) fn render(rules: &Assumptions, account: &Account, agent: &Agent) -> Value {
    let departments: Vec<Value> = agent
        .department_ids
        .iter()
        .filter_map(|id| account.departments.get(id))
        .map(|one| json!({"id": written_id(rules, one.id), "name": one.name}))
        .collect();
    let mut value = json!({"id": written_id(rules, agent.id), "name": agent.name, "email": agent.email,
        "photo": Value::Null, "phone_extension": Value::Null, "signature": Value::Null,
        "deleted_at": agent.deleted_at.map(moment), "active": agent.active, "departments": departments,
        "status": agent.status, "profile": agent.profile, "created_at": moment(agent.created_at),
        "updated_at": moment(agent.updated_at)});
    if rules.text_limit_on_read == Occurs::Yes {
        value["text_limit"] = json!(agent.text_limit);
    }
    value
}

fn is_shown(cx: &Context<'_>, agent: &Agent) -> bool {
    agent.deleted_at.is_none() || cx.rules.deleted_agents == DeletedAgents::Listed
}

fn rendered(cx: &Context<'_>, id: u64) -> Value {
    let account = cx.world.holder_of(id).and_then(|account| cx.world.accounts.get(&account));
    let agent = account.and_then(|account| Some((account, account.agents.get(&id)?)));
    agent.map_or(Value::Null, |(account, agent)| render(&cx.rules, account, agent))
}

fn list(cx: &Context<'_>) -> Outcome {
    let mut ids = Vec::new();
    for account in listed_accounts(cx)? {
        let agents = cx.account(account)?.agents.values();
        let found =
            agents.filter(|agent| is_shown(cx, agent) && paging::is_found(cx, &[&agent.name, &agent.email]));
        ids.extend(found.map(|agent| agent.id));
    }
    cx.list("agents", paging::page(cx, ids, |id| rendered(cx, id)))
}

fn show(cx: &Context<'_>, id: &str) -> Outcome {
    let (account, id) = holder(cx, id, "Agent")?;
    let agent = cx.account(account)?.agents.get(&id).filter(|agent| is_shown(cx, agent));
    agent.ok_or_else(|| Refusal::not_found("Agent"))?;
    cx.one("agent", rendered(cx, id))
}

/// The body of a write.
fn write(cx: &Context<'_>) -> Result<AgentWrite, Refusal> {
    let fields = &cx.body["agent"];
    if !fields.is_object() {
        return Err(Refusal::invalid("agent must be an object"));
    }
    let password = as_text(&fields["password"]);
    let is_digest = |text: &String| text.len() == 64 && text.chars().all(|one| one.is_ascii_hexdigit());
    if cx.rules.password_format_checked == Happens::Yes
        && password.as_ref().is_some_and(|text| !is_digest(text))
    {
        return Err(Refusal::invalid("password must be a SHA-256 in hexadecimal"));
    }
    let text_limit = &fields["text_limit"];
    if !text_limit.is_null() && as_number(text_limit).is_none() {
        return Err(Refusal::invalid("text_limit must be a number"));
    }
    let departments = match &cx.body["department_ids"] {
        Value::Null => Departments::First,
        sent => Departments::These(as_ids(sent, "department_ids")?),
    };
    Ok(AgentWrite {
        name: as_text(&fields["name"]),
        email: as_text(&fields["email"]),
        password: password.map(|text| text.to_lowercase()),
        text_limit: as_number(text_limit),
        active: as_flag(&fields["active"]),
        profile: cx.body["profile"].clone(),
        departments,
    })
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let write = write(cx)?;
    let account = scope(cx)?.ok_or_else(|| Refusal::invalid("account_id can't be blank"))?;
    let id = staff::create(cx, account, write)?;
    cx.one("agent", rendered(cx, id))
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let (account, id) = holder(cx, id, "Agent")?;
    let write = write(cx)?;
    staff::update(cx, account, (id, write))?;
    cx.one("agent", rendered(cx, id))
}

/// The older call that writes the profile alone.
fn change_profile(cx: &mut Context<'_>, id: &str) -> Outcome {
    let (account, id) = holder(cx, id, "Agent")?;
    staff::living(cx, account, id)?;
    let profile = staff::profile(cx, &cx.body["profile"])?;
    let now = cx.now();
    if let Some(agent) = cx.account_mut(account)?.agents.get_mut(&id) {
        agent.profile = profile;
        agent.updated_at = now;
    }
    cx.one("agent", rendered(cx, id))
}

fn delete(cx: &mut Context<'_>, id: &str) -> Outcome {
    let (account, id) = holder(cx, id, "Agent")?;
    staff::living(cx, account, id)?;
    if cx.rules.delete_agent == Leniency::Refused {
        return Err(Refusal::invalid("It is not possible to delete an agent. Only inactivate it."));
    }
    let now = cx.now();
    if let Some(agent) = cx.account_mut(account)?.agents.get_mut(&id) {
        agent.deleted_at = Some(now);
        agent.active = false;
        agent.updated_at = now;
    }
    cx.done(Some("Agent deleted successfully"))
}
