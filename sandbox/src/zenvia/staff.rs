//! The rules of agents that both chat APIs share: what a write needs, who may have which address, licenses, departments.
//!
//! Must change nothing before everything is checked. Must not know how either API spells a request.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::assumptions::{
    EmailScope, EmptyDepartmentIds, Occurs, PartialAgentUpdate, UnknownDepartmentIds, Verdict,
};
use super::context::{Context, Refusal};
use super::records::{Account, Agent};

/// What a write says about an agent.
#[derive(Debug, Clone)]
pub(crate) struct AgentWrite {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// SHA-256 in hexadecimal.
    pub(crate) password: Option<String>,
    pub(crate) text_limit: Option<u64>,
    pub(crate) active: Option<bool>,
    /// As sent; null is AGENT.
    pub(crate) profile: Value,
    pub(crate) departments: Departments,
}

/// Which departments a write gives to an agent.
#[derive(Debug, Clone)]
pub(crate) enum Departments {
    /// Those it has.
    Keep,
    /// The account's first one.
    First,
    /// These.
    These(Vec<u64>),
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The profile that is saved: null becomes AGENT. Only a person gives a profile of another name.
pub(crate) fn profile(cx: &Context<'_>, sent: &Value) -> Result<String, Refusal> {
    match sent {
        Value::Null => Ok("AGENT".to_owned()),
        Value::String(name) if name == "ADMIN" || name == "AGENT" => Ok(name.clone()),
        Value::String(name) if cx.call.person.is_some() => Ok(name.clone()),
        _ => Err(Refusal::invalid("profile must be ADMIN or AGENT")),
    }
}

/// Makes an agent; returns its id.
pub(crate) fn create(cx: &mut Context<'_>, account: u64, write: AgentWrite) -> Result<u64, Refusal> {
    let name = write.name.ok_or_else(|| Refusal::invalid("name can't be blank"))?;
    let email = write.email.ok_or_else(|| Refusal::invalid("email can't be blank"))?;
    let password = write.password.ok_or_else(|| Refusal::invalid("password can't be blank"))?;
    let profile = profile(cx, &write.profile)?;
    check_email(cx, account, (&email, None))?;
    let department_ids = departments(cx, account, write.departments)?.unwrap_or_default();
    check_license(cx, account)?;
    let (id, now) = (cx.world.mint(), cx.now());
    let agent = Agent {
        id,
        name,
        email,
        profile,
        department_ids,
        text_limit: write.text_limit,
        active: true,
        status: "OFFLINE".to_owned(),
        password,
        password_writes: 1,
        deleted_at: None,
        created_at: now,
        updated_at: now,
    };
    cx.account_mut(account)?.agents.insert(id, agent);
    Ok(id)
}

/// Changes an agent. Members that the write leaves out go by the assumption.
pub(crate) fn update(
    cx: &mut Context<'_>,
    account: u64,
    (id, write): (u64, AgentWrite),
) -> Result<(), Refusal> {
    let mut agent = living(cx, account, id)?;
    if write.password.is_none() && cx.rules.update_requires_password == Occurs::Yes {
        return Err(Refusal::invalid("password can't be blank"));
    }
    agent.profile = profile(cx, &write.profile)?;
    if let Some(email) = write.email {
        check_email(cx, account, (&email, Some(id)))?;
        agent.email = email;
    }
    if let Some(ids) = departments(cx, account, write.departments)? {
        agent.department_ids = ids;
    }
    let resets = cx.rules.partial_agent_update == PartialAgentUpdate::Resets;
    let active = write.active.unwrap_or(resets || agent.active);
    if active && !agent.active {
        check_license(cx, account)?;
    }
    agent.active = active;
    agent.name = write.name.unwrap_or(agent.name);
    agent.text_limit = write.text_limit.or(agent.text_limit.filter(|_| !resets));
    if let Some(password) = write.password {
        agent.password = password;
        agent.password_writes += 1;
    }
    agent.updated_at = cx.now();
    cx.account_mut(account)?.agents.insert(id, agent);
    Ok(())
}

/// An agent that is not deleted.
pub(crate) fn living(cx: &Context<'_>, account: u64, id: u64) -> Result<Agent, Refusal> {
    let agent = cx.account(account)?.agents.get(&id).filter(|agent| agent.deleted_at.is_none());
    agent.cloned().ok_or_else(|| Refusal::not_found("Agent"))
}

fn check_email(cx: &Context<'_>, account: u64, (email, own): (&str, Option<u64>)) -> Result<(), Refusal> {
    let plausible = email.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    if !plausible || email.contains(char::is_whitespace) {
        return Err(Refusal::invalid("email is invalid"));
    }
    let freed = cx.rules.deletion_frees_email == Occurs::Yes;
    let takes = |agent: &Agent| {
        Some(agent.id) != own
            && agent.email.eq_ignore_ascii_case(email)
            && !(freed && agent.deleted_at.is_some())
    };
    let within = |one: &&Account| match cx.rules.email_scope {
        EmailScope::Account => one.id == account,
        EmailScope::Everywhere => true,
        EmailScope::Nowhere => false,
    };
    if cx.world.accounts.values().filter(within).any(|one| one.agents.values().any(takes)) {
        return Err(Refusal::invalid(cx.rules.duplicate_email_error.clone()));
    }
    Ok(())
}

/// Whether one more agent may be active.
fn check_license(cx: &Context<'_>, account: u64) -> Result<(), Refusal> {
    let account = cx.account(account)?;
    let full = account.license_quantity.is_some_and(|most| account.active_agents() >= most);
    if full && cx.rules.license_exceeded == Verdict::Refused {
        return Err(Refusal::invalid(cx.rules.license_exceeded_error.clone()));
    }
    Ok(())
}

/// The departments that are saved; `None`: those that were.
fn departments(
    cx: &Context<'_>,
    account: u64,
    wanted: Departments,
) -> Result<Option<BTreeSet<u64>>, Refusal> {
    let account = cx.account(account)?;
    let first = || Ok(Some(account.first_department().into_iter().collect()));
    match wanted {
        Departments::Keep => Ok(None),
        Departments::First => first(),
        Departments::These(ids) if ids.is_empty() => match cx.rules.empty_department_ids {
            EmptyDepartmentIds::NoDepartment => Ok(Some(BTreeSet::new())),
            EmptyDepartmentIds::FirstDepartment => first(),
        },
        Departments::These(ids) => {
            let (known, unknown): (Vec<u64>, Vec<u64>) =
                ids.into_iter().partition(|id| account.departments.contains_key(id));
            if !unknown.is_empty() && cx.rules.unknown_department_ids == UnknownDepartmentIds::Refused {
                return Err(Refusal::invalid("department_ids: Department not found"));
            }
            Ok(Some(known.into_iter().collect()))
        }
    }
}
