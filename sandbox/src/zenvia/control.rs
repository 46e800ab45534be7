//! Zenvia's own routes below `/_sandbox/`: state, secrets, assumptions, accounts, agents, deliveries, credentials.
//!
//! Must stay the way to everything that people or the vendor do outside the APIs; what people do in the admin module
//! can also go through the APIs with the header `X-Sandbox-Person`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::config::{AccountConfig, Partner};
use super::records::{Account, Agent};
use super::subscriptions::{self, Delivery};
use super::vendor::Platform;
use crate::simulator::{Answer, Call};

type Reply = Result<Answer, String>;

/// Answers a route; `None` when there is none of that name.
pub(crate) fn answer(platform: &Platform, request: &Call) -> Option<Answer> {
    let segments: Vec<&str> = request.path.split('/').filter(|one| !one.is_empty()).collect();
    let reply = match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["state"]) => Ok(Answer::json(200, &platform.state(request.now))),
        ("GET", ["secrets"]) => Ok(Answer::json(200, &platform.secrets())),
        ("GET", ["assumptions"]) => Ok(Answer::json(200, &json!(platform.lock().assumptions))),
        ("PUT", ["assumptions"]) => assumptions(platform, request),
        ("POST", ["accounts"]) => add_account(platform, request),
        ("PUT", ["accounts", id]) => change_account(platform, request, id),
        ("PUT", ["agents", id]) => change_agent(platform, request, id),
        ("POST", ["deliveries"]) => deliver(platform, request),
        ("PUT", ["credentials"]) => credentials(platform, request),
        _ => return None,
    };
    Some(reply.unwrap_or_else(|message| Answer::json(400, &json!({ "error": message }))))
}

fn parse<T: serde::de::DeserializeOwned>(request: &Call) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| format!("cannot read the body: {error}"))
}

/// Changes one account and saves.
fn change<T>(
    platform: &Platform,
    id: u64,
    action: impl FnOnce(&mut Account) -> Result<T, String>,
) -> Result<T, String> {
    let mut world = platform.lock();
    let account = world.accounts.get_mut(&id).ok_or_else(|| format!("there is no account {id}"))?;
    let result = action(account)?;
    platform.save(&world);
    Ok(result)
}

fn assumptions(platform: &Platform, request: &Call) -> Reply {
    let changes: Value = parse(request)?;
    let mut world = platform.lock();
    world.assumptions = world.assumptions.merged(&changes)?;
    Ok(Answer::json(200, &json!(world.assumptions)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAccount {
    id: u64,
    name: Option<String>,
    #[serde(default)]
    partner: Partner,
    license_quantity: Option<u64>,
    webhook_url: Option<String>,
}

fn add_account(platform: &Platform, request: &Call) -> Reply {
    let new: NewAccount = parse(request)?;
    let mut config = AccountConfig::new(new.id);
    config.name = new.name.unwrap_or(config.name);
    config.partner = new.partner;
    config.license_quantity = new.license_quantity.or(config.license_quantity);
    config.webhook_url = new.webhook_url;
    let mut world = platform.lock();
    if world.accounts.contains_key(&new.id) {
        return Err(format!("the account {} exists already", new.id));
    }
    world.add_account(&config, request.now);
    platform.save(&world);
    let tokens = json!({"id": new.id, "accountToken": config.account_token, "apiTokens": config.api_tokens});
    Ok(Answer::json(201, &tokens))
}

/// Reads an id of a path.
fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text} is not an id; ids are numbers"))
}

fn change_account(platform: &Platform, request: &Call, id: &str) -> Reply {
    let changes: Value = parse(request)?;
    let Some(changes) = changes.as_object().cloned() else { return Err("send a JSON object".to_owned()) };
    change(platform, number(id)?, |account| {
        for (key, value) in changes {
            let wrong = |error: serde_json::Error| format!("{key}: {error}");
            match key.as_str() {
                "name" => account.name = serde_json::from_value(value).map_err(wrong)?,
                "webhookUrl" => account.webhook_url = serde_json::from_value(value).map_err(wrong)?,
                "licenseQuantity" => {
                    account.license_quantity = serde_json::from_value(value).map_err(wrong)?
                }
                "active" => account.active = serde_json::from_value(value).map_err(wrong)?,
                "partner" => account.partner = serde_json::from_value(value).map_err(wrong)?,
                _ => {
                    let members = "name, webhookUrl, licenseQuantity, active and partner";
                    return Err(format!("{key}: an account has {members}"));
                }
            }
        }
        account.updated_at = request.now;
        Ok(Answer::empty(204))
    })
}

/// What a person or the vendor does to an agent, without the rules of the APIs.
fn change_agent(platform: &Platform, request: &Call, id: &str) -> Reply {
    let changes: Value = parse(request)?;
    let Some(changes) = changes.as_object().cloned() else { return Err("send a JSON object".to_owned()) };
    let id = number(id)?;
    let account = platform.lock().holder_of(id).ok_or_else(|| format!("there is no agent {id}"))?;
    change(platform, account, |account| {
        let agent: &mut Agent =
            account.agents.get_mut(&id).ok_or_else(|| format!("there is no agent {id}"))?;
        for (key, value) in changes {
            let wrong = |error: serde_json::Error| format!("{key}: {error}");
            match key.as_str() {
                "name" => agent.name = serde_json::from_value(value).map_err(wrong)?,
                "profile" => agent.profile = serde_json::from_value(value).map_err(wrong)?,
                "active" => agent.active = serde_json::from_value(value).map_err(wrong)?,
                "status" => agent.status = serde_json::from_value(value).map_err(wrong)?,
                "departmentIds" => agent.department_ids = serde_json::from_value(value).map_err(wrong)?,
                "textLimit" => agent.text_limit = serde_json::from_value(value).map_err(wrong)?,
                _ => {
                    let members = "name, profile, active, status, departmentIds and textLimit";
                    return Err(format!("{key}: an agent has {members}"));
                }
            }
        }
        agent.updated_at = request.now;
        Ok(Answer::empty(204))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deliveries {
    account: u64,
    subscription_id: String,
    count: Option<usize>,
    #[serde(flatten)]
    delivery: serde_json::Map<String, Value>,
}

/// Attempts to deliver that the vendor made, each with the same end.
fn deliver(platform: &Platform, request: &Call) -> Reply {
    let sent: Deliveries = parse(request)?;
    let delivery: Delivery = serde_json::from_value(Value::Object(sent.delivery))
        .map_err(|error| format!("statusCode and milliseconds describe a delivery: {error}"))?;
    change(platform, sent.account, |account| {
        let mut all = account.subscriptions.iter_mut();
        let one = all.find(|one| one.id == sent.subscription_id).ok_or("there is no such subscription")?;
        for _ in 0..sent.count.unwrap_or(1).min(10_000) {
            subscriptions::note(one, delivery, request.now);
        }
        Ok(Answer::json(200, &json!({"status": one.status, "counters": one.counters})))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewCredentials {
    partner_token: Option<String>,
    account: Option<u64>,
    account_token: Option<String>,
    api_tokens: Option<Vec<String>>,
}

/// Rotates tokens: what "generate a new token" in the vendor's settings does. The old ones stop at once.
fn credentials(platform: &Platform, request: &Call) -> Reply {
    let new: NewCredentials = parse(request)?;
    if let Some(id) = new.account {
        change(platform, id, |account| {
            account.account_token = new.account_token.unwrap_or(account.account_token.clone());
            account.api_tokens = new.api_tokens.unwrap_or(account.api_tokens.clone());
            Ok(())
        })?;
    } else if new.account_token.is_some() || new.api_tokens.is_some() {
        return Err("accountToken and apiTokens need the account they are for".to_owned());
    }
    if let Some(token) = new.partner_token {
        let mut world = platform.lock();
        world.partner_token = token;
        platform.save(&world);
    }
    Ok(Answer::empty(204))
}
