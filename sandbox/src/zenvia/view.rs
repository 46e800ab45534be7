//! The state as tests and people read it: objects in their wire form, with what the APIs hide.
//!
//! Must show no credential: those are readable only below `/_sandbox/secrets`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::partner;
use super::records::{Account, World};
use super::subscriptions;
use crate::simulator::redact::{fingerprint, redact};

/// All accounts by id.
pub(crate) fn state(world: &World, now: Timestamp) -> Value {
    let accounts: Map<String, Value> =
        world.accounts.iter().map(|(id, account)| (id.to_string(), account_state(world, account))).collect();
    json!({"accounts": accounts, "assumptions": world.assumptions, "time": now})
}

fn account_state(world: &World, account: &Account) -> Value {
    let rules = &world.assumptions;
    let agents: Vec<Value> = account
        .agents
        .values()
        .map(|agent| {
            let mut value = partner::render_agent(rules, account, agent);
            value["text_limit"] = json!(agent.text_limit);
            value["password_writes"] = json!(agent.password_writes);
            value
        })
        .collect();
    let departments: Vec<Value> = account
        .departments
        .values()
        .map(|one| {
            let mut value = partner::render_department(rules, account, one);
            value["agent_ids"] = account.members(one.id).map(|agent| agent.id).collect();
            value
        })
        .collect();
    let mut subscriptions: Vec<Value> = account
        .subscriptions
        .iter()
        .map(|one| {
            let mut value = subscriptions::render(rules, one);
            value["webhook"] = one.webhook.clone();
            value["counters"] = json!(one.counters);
            value
        })
        .collect();
    subscriptions.iter_mut().for_each(redact);
    let mut value = partner::render_account(rules, account);
    value["partner"] = json!(account.partner);
    value["license_quantity"] = json!(account.license_quantity);
    value["license_code"] = json!(account.license_code);
    value["active_agents"] = json!(account.active_agents());
    value["agents"] = json!(agents);
    value["departments"] = json!(departments);
    value["subscriptions"] = json!(subscriptions);
    value["interactions"] = json!(account.interactions);
    value["credentials"] = json!({"accountToken": fingerprint(&account.account_token),
        "apiTokens": account.api_tokens.iter().map(|token| fingerprint(token)).collect::<Vec<_>>()});
    value
}

/// The credentials, for assertions.
pub(crate) fn secrets(world: &World) -> Value {
    let mut accounts = Map::new();
    for (id, account) in &world.accounts {
        let agents: Map<String, Value> = account
            .agents
            .values()
            .map(|agent| {
                (agent.id.to_string(), json!({"email": agent.email, "passwordSha256": agent.password}))
            })
            .collect();
        let webhooks: Map<String, Value> =
            account.subscriptions.iter().map(|one| (one.id.clone(), one.webhook.clone())).collect();
        let value = json!({"accountToken": account.account_token, "apiTokens": account.api_tokens,
            "agents": agents, "webhooks": webhooks});
        accounts.insert(id.to_string(), value);
    }
    json!({"partnerToken": world.partner_token, "accounts": accounts})
}
