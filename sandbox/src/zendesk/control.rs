//! Zendesk's own routes below `/_sandbox/`: state, secrets, assumptions, accounts, tickets, deliveries, credentials.
//!
//! Must stay the way to everything that people or the vendor do outside the API; edits that people make in the agent
//! interface go through the API with the header `X-Sandbox-Person`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::account::{Account, Features};
use super::config::AccountConfig;
use super::plan::Plan;
use super::records::{Invocation, Ticket};
use super::tickets;
use super::vendor::Helpdesk;
use crate::simulator::{Answer, Call};

type Reply = Result<Answer, String>;

/// Answers a route; `None` when there is none of that name.
pub(crate) fn answer(helpdesk: &Helpdesk, request: &Call) -> Option<Answer> {
    let segments: Vec<&str> = request.path.split('/').filter(|one| !one.is_empty()).collect();
    let reply = match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["state"]) => Ok(Answer::json(200, &helpdesk.state(request.now))),
        ("GET", ["secrets"]) => Ok(Answer::json(200, &helpdesk.secrets())),
        ("GET", ["assumptions"]) => Ok(Answer::json(200, &json!(helpdesk.lock().assumptions))),
        ("PUT", ["assumptions"]) => assumptions(helpdesk, request),
        ("POST", ["accounts"]) => add_account(helpdesk, request),
        ("PUT", ["accounts", name]) => change_account(helpdesk, request, name),
        ("POST", ["tickets"]) => add_ticket(helpdesk, request),
        ("POST", ["deliveries"]) => add_deliveries(helpdesk, request),
        ("POST", ["revoke"]) => revoke(helpdesk, request),
        ("PUT", ["credentials"]) => credentials(helpdesk, request),
        _ => return None,
    };
    Some(reply.unwrap_or_else(|message| Answer::json(400, &json!({ "error": message }))))
}

fn parse<T: serde::de::DeserializeOwned>(request: &Call) -> Result<T, String> {
    serde_json::from_slice(&request.body).map_err(|error| format!("cannot read the body: {error}"))
}

/// Changes one account and saves.
fn change<T>(
    helpdesk: &Helpdesk,
    name: &str,
    action: impl FnOnce(&mut Account) -> Result<T, String>,
) -> Result<T, String> {
    let mut world = helpdesk.lock();
    let account = world.accounts.get_mut(name).ok_or_else(|| format!("there is no account {name}"))?;
    let result = action(account)?;
    helpdesk.save(&world);
    Ok(result)
}

fn assumptions(helpdesk: &Helpdesk, request: &Call) -> Reply {
    let mut world = helpdesk.lock();
    world.assumptions = world.assumptions.merged(&parse(request)?)?;
    Ok(Answer::json(200, &json!(world.assumptions)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAccount {
    subdomain: String,
    #[serde(default)]
    plan: Plan,
    seats: Option<usize>,
    requests_per_minute: Option<u32>,
    client_id: Option<String>,
    client_secret: Option<String>,
}

fn add_account(helpdesk: &Helpdesk, request: &Call) -> Reply {
    let new: NewAccount = parse(request)?;
    let mut config = AccountConfig::new(&new.subdomain);
    config.plan = new.plan;
    config.seats = new.seats;
    config.requests_per_minute = new.requests_per_minute;
    config.oauth_client.0 = new.client_id.unwrap_or(config.oauth_client.0);
    config.oauth_client.1 = new.client_secret.unwrap_or(config.oauth_client.1);
    helpdesk.add_account(&config, request.now)?;
    Ok(Answer::json(201, &json!({"subdomain": config.subdomain})))
}

fn change_account(helpdesk: &Helpdesk, request: &Call, name: &str) -> Reply {
    let changes: Value = parse(request)?;
    let Some(changes) = changes.as_object().cloned() else { return Err("send a JSON object".to_owned()) };
    change(helpdesk, name, |account| {
        for (key, value) in changes {
            let wrong = |error: serde_json::Error| format!("{key}: {error}");
            match key.as_str() {
                "plan" => account.plan = serde_json::from_value(value).map_err(wrong)?,
                "seats" => account.seats = serde_json::from_value(value).map_err(wrong)?,
                "requestsPerMinute" => {
                    account.requests_per_minute = serde_json::from_value(value).map_err(wrong)?
                }
                "features" => {
                    let mut features = serde_json::to_value(&account.features).map_err(wrong)?;
                    for (name, one) in value.as_object().cloned().unwrap_or_default() {
                        features[name.as_str()] = one;
                    }
                    account.features = serde_json::from_value::<Features>(features).map_err(wrong)?;
                }
                _ => return Err("an account has plan, seats, requestsPerMinute and features".to_owned()),
            }
        }
        Ok(Answer::empty(204))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTicket {
    account: String,
    #[serde(default)]
    subject: String,
    status: Option<String>,
    assignee_id: Option<u64>,
    group_id: Option<u64>,
}

fn add_ticket(helpdesk: &Helpdesk, request: &Call) -> Reply {
    let new: NewTicket = parse(request)?;
    change(helpdesk, &new.account, |account| {
        let id = account.tickets.last_key_value().map_or(1, |(id, _)| id + 1);
        let ticket = Ticket {
            id,
            subject: new.subject,
            status: new.status.unwrap_or_else(|| "open".to_owned()),
            assignee_id: new.assignee_id,
            group_id: new.group_id,
            created_at: request.now,
            updated_at: request.now,
        };
        let reply = tickets::render(&ticket, &format!("https://{}.zendesk.com", account.subdomain));
        account.tickets.insert(id, ticket);
        Ok(Answer::json(201, &json!({"ticket": reply})))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewDeliveries {
    account: String,
    webhook_id: String,
    status_code: Option<u16>,
    /// The vendor's word; by default `terminated` when the code is one of success, else `failed`.
    status: Option<String>,
    count: Option<usize>,
}

fn add_deliveries(helpdesk: &Helpdesk, request: &Call) -> Reply {
    let new: NewDeliveries = parse(request)?;
    change(helpdesk, &new.account, |account| {
        let good = new.status_code.is_some_and(|code| (200..300).contains(&code));
        let status =
            new.status.clone().unwrap_or_else(|| if good { "terminated" } else { "failed" }.to_owned());
        for _ in 0..new.count.unwrap_or(1).min(10_000) {
            let id = account.mint_ulid(request.now);
            let webhook = account.webhooks.get_mut(&new.webhook_id).ok_or("there is no such webhook")?;
            webhook.invocations.push(Invocation {
                id,
                status: status.clone(),
                status_code: new.status_code,
                latest_completed_at: request.now,
            });
        }
        Ok(Answer::empty(204))
    })
}

#[derive(Deserialize)]
struct Named {
    account: String,
}

/// Revokes every access token of an account.
fn revoke(helpdesk: &Helpdesk, request: &Call) -> Reply {
    let named: Named = parse(request)?;
    change(helpdesk, &named.account, |account| {
        account.access_tokens.clear();
        Ok(Answer::empty(204))
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewCredentials {
    account: String,
    client_secret: Option<String>,
    api_tokens: Option<Vec<String>>,
}

/// Rotates the secret of the OAuth client or the API tokens of an account.
fn credentials(helpdesk: &Helpdesk, request: &Call) -> Reply {
    let new: NewCredentials = parse(request)?;
    change(helpdesk, &new.account, |account| {
        if let (Some(secret), Some(client)) = (new.client_secret, account.oauth_clients.first_mut()) {
            client.secret = secret;
        }
        if let Some(tokens) = new.api_tokens {
            account.api_tokens = tokens;
        }
        Ok(Answer::empty(204))
    })
}
