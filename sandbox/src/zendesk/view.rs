//! The state as tests and people read it: objects in their wire form, with what the API hides where it matters.
//!
//! Must show no credential: a webhook's token is a fingerprint here and readable only below `/_sandbox/secrets`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account::Account;
use super::vendor::World;
use super::{
    categories, groups, identities, jobs, memberships, schedules, ticket_fields, tickets, triggers, users,
    webhooks,
};
use crate::simulator::redact::fingerprint;

/// All accounts.
pub(crate) fn state(world: &World, now: Timestamp) -> Value {
    let mut accounts = Map::new();
    for (name, account) in &world.accounts {
        accounts.insert(name.clone(), account_state(account, now));
    }
    json!({"accounts": accounts, "assumptions": world.assumptions, "time": now})
}

fn account_state(account: &Account, now: Timestamp) -> Value {
    let base = format!("https://{}.zendesk.com", account.subdomain);
    let base = base.as_str();
    let webhooks: Vec<Value> = account.webhooks.values().map(webhook).collect();
    let schedules: Vec<Value> = account
        .schedules
        .values()
        .map(|schedule| {
            let mut value = schedules::render(schedule);
            value["holidays"] = schedule.holidays.iter().map(schedules::render_holiday).collect();
            value
        })
        .collect();
    let list = |values: Vec<Value>| Value::Array(values);
    json!({
        "subdomain": account.subdomain, "plan": account.plan, "requestsPerMinute": account.rate(),
        "seats": {"bought": account.seats, "used": account.seats_used()}, "features": account.features,
        "owner_id": account.owner, "default_group_id": account.default_group,
        "default_category_id": account.default_category.to_string(),
        "users": list(account.users.values().map(|user| users::render(account, user, base)).collect()),
        "identities": list(account.identities.values().map(|one| identities::render(one, base)).collect()),
        "groups": list(account.groups.values().map(|group| groups::render(group, base)).collect()),
        "group_memberships": list(account.memberships.values().map(|one| memberships::render(one, base)).collect()),
        "webhooks": webhooks,
        "triggers": list(account.triggers.values().map(|trigger| triggers::render(trigger, base)).collect()),
        "trigger_categories": list(account.categories.values().map(categories::render).collect()),
        "ticket_fields": list(account.ticket_fields.values().map(|one| ticket_fields::render(one, base)).collect()),
        "schedules": schedules,
        "tickets": list(account.tickets.values().map(|ticket| tickets::render(ticket, base)).collect()),
        "job_statuses": list(account.jobs.values().map(|job| jobs::render(job, base, now)).collect()),
        "custom_roles": account.custom_roles, "mails": account.mails,
        "oauth_clients": list(account.oauth_clients.iter().map(|client| json!({"identifier": client.identifier,
            "user_id": client.user_id})).collect()),
        "access_tokens": list(account.access_tokens.values().map(|token| json!({"fingerprint": fingerprint(&token.token),
            "user_id": token.user_id, "scopes": token.scopes, "expires_at": token.expires_at})).collect()),
    })
}

/// A webhook with what its credential is, not which.
fn webhook(webhook: &super::records::Webhook) -> Value {
    let mut value = webhooks::render(webhook);
    let token = webhook.authentication.as_ref().and_then(|one| secret_of(one));
    value["token"] = json!({"present": token.is_some(), "fingerprint": token.map(fingerprint)});
    value["invocations"] = json!(webhook.invocations);
    value
}

fn secret_of(authentication: &Value) -> Option<&str> {
    let data = &authentication["data"];
    data["token"].as_str().or(data["password"].as_str()).or(data["value"].as_str())
}

/// The credentials, for assertions.
pub(crate) fn secrets(world: &World) -> Value {
    let mut accounts = Map::new();
    for (name, account) in &world.accounts {
        let webhooks: Map<String, Value> = account
            .webhooks
            .values()
            .map(|one| {
                let secret = one.authentication.as_ref().and_then(|one| secret_of(one));
                (
                    one.id.clone(),
                    json!({"name": one.name, "token": secret, "signing_secret": one.signing_secret}),
                )
            })
            .collect();
        let tokens: Vec<&String> = account.access_tokens.keys().collect();
        let value = json!({"webhooks": webhooks, "oauth_clients": account.oauth_clients,
            "api_tokens": account.api_tokens, "access_tokens": tokens});
        accounts.insert(name.clone(), value);
    }
    json!({ "accounts": accounts })
}
