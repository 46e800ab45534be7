//! What a client may send to `/subscriptions`, checked against the vendor's schema by the discriminator `eventType`.
//!
//! Must keep only documented members; must not know what exists already.

use serde_json::{Map, Value, json};
use url::Url;

use super::super::assumptions::PatchWebhook;
use super::super::context::Refusal;
use super::super::records::Health;

const EVENT_TYPES: [&str; 6] = [
    "MESSAGE",
    "MESSAGE_STATUS",
    "CONVERSATION_MESSAGE",
    "CONVERSATION_STATUS",
    "SUPPORT_EXPERT_AGENT",
    "CONTACT",
];

/// A new subscription.
pub(super) struct New {
    pub(super) event_type: String,
    pub(super) webhook: Value,
    pub(super) status: Option<Health>,
    pub(super) version: String,
    pub(super) criteria: Option<Value>,
}

/// A change of one.
pub(super) struct Patch {
    pub(super) webhook: Option<Value>,
    pub(super) status: Option<Health>,
}

/// Reads the body of a `POST`.
pub(super) fn new(body: &Value) -> Result<New, Refusal> {
    let event_type = one_of(&body["eventType"], "eventType", &EVENT_TYPES)?;
    let version = match &body["version"] {
        Value::Null => "v2".to_owned(),
        sent => one_of(sent, "version", &["v1", "v2"])?,
    };
    let criteria = criteria(&event_type, &body["criteria"])?;
    Ok(New {
        webhook: webhook(&body["webhook"])?,
        status: status(&body["status"])?,
        version,
        criteria,
        event_type,
    })
}

/// Reads the body of a `PATCH`; the assumption says what becomes of members of the webhook that are left out.
pub(super) fn patch(body: &Value, old: &Value, rule: PatchWebhook) -> Result<Patch, Refusal> {
    let members = body.as_object().ok_or_else(|| Refusal::at("", "The body must be an object"))?;
    if let Some(other) = members.keys().find(|key| !matches!(key.as_str(), "webhook" | "status")) {
        return Err(Refusal::at(other, format!("{other} cannot be changed; only webhook and status can")));
    }
    let sent = match (members.get("webhook"), old) {
        (Some(Value::Object(sent)), Value::Object(old)) if rule == PatchWebhook::Merges => {
            let mut all = old.clone();
            all.extend(sent.clone());
            Some(Value::Object(all))
        }
        (sent, _) => sent.cloned(),
    };
    Ok(Patch { webhook: sent.as_ref().map(webhook).transpose()?, status: status(&body["status"])? })
}

fn one_of(sent: &Value, path: &str, allowed: &[&str]) -> Result<String, Refusal> {
    let found = sent.as_str().filter(|text| allowed.contains(text));
    found
        .map(str::to_owned)
        .ok_or_else(|| Refusal::at(path, format!("{path} must be one of {}", allowed.join(", "))))
}

fn status(sent: &Value) -> Result<Option<Health>, Refusal> {
    match sent.as_str() {
        _ if sent.is_null() => Ok(None),
        Some("ACTIVE") => Ok(Some(Health::Active)),
        Some("INACTIVE") => Ok(Some(Health::Inactive)),
        _ => Err(Refusal::at("status", "status must be ACTIVE or INACTIVE")),
    }
}

/// The criteria of an event type with its documented members only; events that have none lose them.
fn criteria(event_type: &str, sent: &Value) -> Result<Option<Value>, Refusal> {
    let channel = || {
        let text = sent["channel"].as_str().filter(|text| !text.is_empty());
        text.ok_or_else(|| Refusal::at("criteria.channel", "criteria.channel is required"))
    };
    let direction = |allowed: &[&str]| one_of(&sent["direction"], "criteria.direction", allowed);
    Ok(match event_type {
        "MESSAGE" if sent["direction"].is_null() => Some(json!({"channel": channel()?})),
        "MESSAGE" => Some(json!({"channel": channel()?, "direction": direction(&["IN", "OUT", "ALL"])?})),
        "MESSAGE_STATUS" => Some(json!({"channel": channel()?})),
        "CONVERSATION_MESSAGE" => {
            Some(json!({"channel": channel()?, "direction": direction(&["IN", "OUT", "INTERNAL"])?}))
        }
        "CONTACT" => {
            let items = sent["action"].as_array().filter(|items| !items.is_empty());
            let items = items.ok_or_else(|| Refusal::at("criteria.action", "criteria.action is required"))?;
            let allowed = ["CREATED", "UPDATED", "DELETED"];
            let actions: Result<Vec<String>, Refusal> =
                items.iter().map(|item| one_of(item, "criteria.action", &allowed)).collect();
            Some(json!({"action": actions?}))
        }
        _ => None,
    })
}

fn webhook(sent: &Value) -> Result<Value, Refusal> {
    let url = sent["url"].as_str().filter(|text| is_url(text, &["http", "https"]));
    let url = url.ok_or_else(|| Refusal::at("webhook.url", "webhook.url must be a URL"))?;
    let headers = match &sent["headers"] {
        Value::Null => Map::new(),
        Value::Object(headers) if headers.values().all(Value::is_string) => headers.clone(),
        _ => return Err(Refusal::at("webhook.headers", "webhook.headers must be an object of texts")),
    };
    let mut webhook = json!({"url": url, "headers": headers});
    if !sent["auth"].is_null() {
        check_auth(&sent["auth"])?;
        webhook["auth"] = sent["auth"].clone();
    }
    Ok(webhook)
}

fn is_url(text: &str, schemes: &[&str]) -> bool {
    Url::parse(text).is_ok_and(|url| schemes.contains(&url.scheme()) && url.host().is_some())
}

fn check_auth(sent: &Value) -> Result<(), Refusal> {
    one_of(&sent["type"], "webhook.auth.type", &["OAUTH"])?;
    if !sent["url"].as_str().is_some_and(|text| is_url(text, &["https"])) {
        return Err(Refusal::at("webhook.auth.url", "webhook.auth.url must be an https URL"));
    }
    let oauth = &sent["oauth"];
    one_of(&oauth["grantType"], "webhook.auth.oauth.grantType", &["client_credentials"])?;
    for name in ["clientId", "clientSecret"] {
        if !oauth[name].is_string() {
            let path = format!("webhook.auth.oauth.{name}");
            return Err(Refusal::at(&path, format!("{path} is required")));
        }
    }
    Ok(())
}
