//! Departments of the Partner API: created and updated, retired with `ativo: 0`, never deleted.
//!
//! Must show only the number of its agents: who they are is read from the agents.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::assumptions::{Assumptions, DepartmentAgentIds, Occurs};
use super::super::context::{Context, Outcome, Refusal, as_flag, as_ids, as_text, moment, written_id};
use super::super::paging;
use super::super::records::{Account, Department};
use super::{holder, listed_accounts, scope};

const CHANNELS: [&str; 3] = ["CHAT", "VIDEO", "VOICE"];

/// Answers below `/departments`. There is neither a read of one department nor a deletion.
pub(crate) fn route(cx: &mut Context<'_>, method: &str, rest: &[&str]) -> Outcome {
    match (method, rest) {
        ("GET", []) => list(cx),
        ("POST", []) => create(cx),
        ("PUT", [id]) => update(cx, id),
        ("GET", [id, "channels"]) => channels_of(cx, id),
        ("GET", [id, "agents"]) => agents_of(cx, id),
        ("POST", [id, "add_agents"]) => change_agents(cx, id, Membership::Join),
        ("POST", [id, "remove_agents"]) => change_agents(cx, id, Membership::Leave),
        ("POST", [id, "add_channels"]) => change_channels(cx, id, Membership::Join),
        ("POST", [id, "remove_channels"]) => change_channels(cx, id, Membership::Leave),
        _ => Err(Refusal::no_route()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Membership {
    Join,
    Leave,
}

/// A department in its wire form.
pub(crate) fn render(rules: &Assumptions, account: &Account, department: &Department) -> Value {
    json!({"id": written_id(rules, department.id), "name": department.name,
        "description": department.description, "active": department.active, "queue": 10,
        "queued_max_time": 300, "ringing_max_time": 60, "queue_position_time": 30,
        "deleted_at": Value::Null, "agents": account.members(department.id).count(),
        "channels": channels(rules, department), "created_at": moment(department.created_at),
        "updated_at": moment(department.updated_at)})
}

/// The channels of a department in their wire form.
pub(crate) fn channels(rules: &Assumptions, department: &Department) -> Vec<Value> {
    let position = |name: &String| CHANNELS.iter().position(|known| known == name);
    let id = |name| u64::try_from(position(name).unwrap_or_default()).unwrap_or_default() + 1;
    let one = |name| json!({"id": written_id(rules, id(name)), "name": name, "state": 1});
    department.channels.iter().map(one).collect()
}

fn rendered(cx: &Context<'_>, id: u64) -> Value {
    let account = cx.world.holder_of(id).and_then(|account| cx.world.accounts.get(&account));
    let one = account.and_then(|account| Some((account, account.departments.get(&id)?)));
    one.map_or(Value::Null, |(account, department)| render(&cx.rules, account, department))
}

fn list(cx: &Context<'_>) -> Outcome {
    let mut ids = Vec::new();
    for account in listed_accounts(cx)? {
        let departments = cx.account(account)?.departments.values();
        ids.extend(departments.filter(|one| paging::is_found(cx, &[&one.name])).map(|one| one.id));
    }
    cx.list("departments", paging::page(cx, ids, |id| rendered(cx, id)))
}

/// What a write says; `None` where it says nothing.
struct Write {
    name: Option<String>,
    description: Option<String>,
    active: Option<bool>,
    channels: Option<BTreeSet<String>>,
    agents: Option<Vec<u64>>,
}

fn write(cx: &Context<'_>, account: u64, own: Option<u64>) -> Result<Write, Refusal> {
    let fields = &cx.body["department"];
    if !fields.is_object() {
        return Err(Refusal::invalid("department must be an object"));
    }
    let name = as_text(&fields["name"]);
    let mut others = cx.account(account)?.departments.values().filter(|one| Some(one.id) != own);
    let taken = others.any(|one| name.as_ref() == Some(&one.name));
    if taken && cx.rules.department_names_unique == Occurs::Yes {
        return Err(Refusal::invalid("name has already been taken"));
    }
    Ok(Write {
        name,
        description: fields["description"].as_str().map(str::to_owned),
        active: as_flag(&fields["ativo"]),
        channels: sent_channels(cx)?,
        agents: sent_agents(cx, account)?,
    })
}

fn sent_channels(cx: &Context<'_>) -> Result<Option<BTreeSet<String>>, Refusal> {
    let wrong = || Refusal::invalid("channels must be a list of chat, video and voice");
    let Some(items) = cx.body["channels"].as_array() else {
        return if cx.body["channels"].is_null() { Ok(None) } else { Err(wrong()) };
    };
    let known = |item: &Value| {
        let name = item.as_str().map(str::to_uppercase)?;
        let name = if name == "AUDIO" { "VOICE".to_owned() } else { name };
        CHANNELS.contains(&name.as_str()).then_some(name)
    };
    items.iter().map(|item| known(item).ok_or_else(wrong)).collect::<Result<_, _>>().map(Some)
}

fn sent_agents(cx: &Context<'_>, account: u64) -> Result<Option<Vec<u64>>, Refusal> {
    let sent = &cx.body["agent_ids"];
    if sent.is_null() {
        return Ok(None);
    }
    let ids = as_ids(sent, "agent_ids")?;
    let agents = &cx.account(account)?.agents;
    let living = |id: &u64| agents.get(id).is_some_and(|agent| agent.deleted_at.is_none());
    if ids.iter().all(living) { Ok(Some(ids)) } else { Err(Refusal::invalid("agent_ids: Agent not found")) }
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let account = scope(cx)?.ok_or_else(|| Refusal::invalid("account_id can't be blank"))?;
    let write = write(cx, account, None)?;
    let name = write.name.ok_or_else(|| Refusal::invalid("name can't be blank"))?;
    let (id, now) = (cx.world.mint(), cx.now());
    let department = Department {
        id,
        name,
        description: write.description,
        active: write.active.unwrap_or(true),
        channels: write.channels.unwrap_or_else(|| ["CHAT".to_owned()].into()),
        created_at: now,
        updated_at: now,
    };
    let account = cx.account_mut(account)?;
    account.departments.insert(id, department);
    for agent in write.agents.unwrap_or_default() {
        set_membership(account, (agent, id), Membership::Join);
    }
    cx.one("department", rendered(cx, id))
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let (account, id) = holder(cx, id, "Department")?;
    if !cx.account(account)?.departments.contains_key(&id) {
        return Err(Refusal::not_found("Department"));
    }
    let write = write(cx, account, Some(id))?;
    let replace = cx.rules.department_agent_ids == DepartmentAgentIds::Replace;
    let now = cx.now();
    let account = cx.account_mut(account)?;
    if let Some(department) = account.departments.get_mut(&id) {
        department.name = write.name.unwrap_or(department.name.clone());
        department.description = write.description.or(department.description.take());
        department.active = write.active.unwrap_or(department.active);
        department.channels = write.channels.unwrap_or(department.channels.clone());
        department.updated_at = now;
    }
    if let Some(agents) = write.agents {
        let leaving: Vec<u64> = account.members(id).map(|agent| agent.id).collect();
        for agent in leaving.into_iter().filter(|agent| replace && !agents.contains(agent)) {
            set_membership(account, (agent, id), Membership::Leave);
        }
        for agent in agents {
            set_membership(account, (agent, id), Membership::Join);
        }
    }
    cx.one("department", rendered(cx, id))
}

fn set_membership(account: &mut Account, (agent, department): (u64, u64), membership: Membership) {
    if let Some(agent) = account.agents.get_mut(&agent) {
        match membership {
            Membership::Join => agent.department_ids.insert(department),
            Membership::Leave => agent.department_ids.remove(&department),
        };
    }
}

fn found<'a>(cx: &'a Context<'_>, segment: &str) -> Result<(&'a Account, &'a Department), Refusal> {
    let (account, id) = holder(cx, segment, "Department")?;
    let account = cx.account(account)?;
    let department = account.departments.get(&id).ok_or_else(|| Refusal::not_found("Department"))?;
    Ok((account, department))
}

fn channels_of(cx: &Context<'_>, id: &str) -> Outcome {
    let (_, department) = found(cx, id)?;
    cx.list("channels", channels(&cx.rules, department))
}

fn agents_of(cx: &Context<'_>, id: &str) -> Outcome {
    let (account, department) = found(cx, id)?;
    let agents = account.members(department.id);
    cx.list("agents", agents.map(|agent| super::render_agent(&cx.rules, account, agent)).collect())
}

fn change_agents(cx: &mut Context<'_>, id: &str, membership: Membership) -> Outcome {
    let (account, department) = found(cx, id).map(|(account, one)| (account.id, one.id))?;
    let missing = || Refusal::invalid("agent_ids can't be blank");
    let agents = sent_agents(cx, account)?.ok_or_else(missing)?;
    let account = cx.account_mut(account)?;
    for agent in agents {
        set_membership(account, (agent, department), membership);
    }
    cx.one("department", rendered(cx, department))
}

fn change_channels(cx: &mut Context<'_>, id: &str, membership: Membership) -> Outcome {
    let (account, id) = found(cx, id).map(|(account, one)| (account.id, one.id))?;
    let channels = sent_channels(cx)?.ok_or_else(|| Refusal::invalid("channels can't be blank"))?;
    if let Some(department) = cx.account_mut(account)?.departments.get_mut(&id) {
        match membership {
            Membership::Join => department.channels.extend(channels),
            Membership::Leave => department.channels.retain(|one| !channels.contains(one)),
        }
    }
    cx.one("department", rendered(cx, id))
}
