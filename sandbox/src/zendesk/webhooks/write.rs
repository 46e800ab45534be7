//! Creating and changing webhooks: `PUT` replaces everything, `PATCH` merges, both answer 204.
//!
//! Must keep the connection kind (trigger use or event subscriptions) as it was created.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::super::account::Account;
use super::super::context::{Context, Outcome, Permitted, text};
use super::super::errors::ApiError;
use super::super::records::Webhook;
use super::{existing, render};
use crate::simulator::Answer;

const KEYS: [&str; 9] = [
    "name",
    "description",
    "status",
    "endpoint",
    "http_method",
    "request_format",
    "subscriptions",
    "authentication",
    "custom_headers",
];
/// The subscription of a webhook that triggers notify.
const FOR_TRIGGERS: &str = "conditional_ticket_events";

fn invalid(title: impl Into<String>) -> ApiError {
    ApiError::webhook(400, "InvalidWebhook", title)
}

pub(super) fn new_signing_secret(account: &mut Account) -> String {
    let digest = Sha256::digest(account.mint_hex(64).as_bytes());
    STANDARD.encode(digest)
}

fn body(cx: &mut Context<'_>, action: &str) -> Result<Map<String, Value>, ApiError> {
    cx.permitted(Permitted { root: "webhook", controller: "webhooks", action, keys: &KEYS })
}

/// Nanoseconds, as only the reply to a creation has them.
fn nanoseconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ").to_string()
}

pub(super) fn create(cx: &mut Context<'_>) -> Outcome {
    let fields = body(cx, "create")?;
    let subscriptions = subscriptions(fields.get("subscriptions"))?;
    check_room(cx)?;
    let now = cx.now();
    let blank = Webhook {
        id: cx.account.mint_ulid(now),
        name: String::new(),
        description: None,
        status: String::new(),
        endpoint: String::new(),
        http_method: String::new(),
        request_format: String::new(),
        subscriptions,
        authentication: None,
        custom_headers: Map::new(),
        signing_secret: new_signing_secret(cx.account),
        created_at: now,
        created_by: cx.actor,
        updated: None,
        invocations: Vec::new(),
    };
    let webhook = filled(blank, &fields)?;
    insert(cx, webhook)
}

fn check_room(cx: &Context<'_>) -> Result<(), ApiError> {
    if cx.assumptions.max_webhooks.is_some_and(|most| cx.account.webhooks.len() >= most) {
        return Err(ApiError::webhook(
            403,
            "WebhookLimitReached",
            "The account has as many webhooks as it may have",
        ));
    }
    Ok(())
}

fn insert(cx: &mut Context<'_>, webhook: Webhook) -> Outcome {
    let mut value = render(&webhook);
    value["created_at"] = json!(nanoseconds(webhook.created_at));
    let location = cx.url(&format!("webhooks/{}", webhook.id));
    cx.created(&webhook.id);
    cx.account.webhooks.insert(webhook.id.clone(), webhook);
    Ok(Answer::json(201, &json!({"webhook": value})).with_header("location", location))
}

/// `POST /webhooks?clone_webhook_id=`.
pub(super) fn clone(cx: &mut Context<'_>) -> Outcome {
    let original = existing(cx.account, cx.call.param("clone_webhook_id").unwrap_or_default())?.clone();
    check_room(cx)?;
    let now = cx.now();
    let copy = Webhook {
        id: cx.account.mint_ulid(now),
        name: format!("{} (copy)", original.name),
        signing_secret: new_signing_secret(cx.account),
        created_at: now,
        created_by: cx.actor,
        updated: None,
        invocations: Vec::new(),
        ..original
    };
    insert(cx, copy)
}

/// `PUT`: what is left out is gone, the subscriptions excepted.
pub(super) fn replace(cx: &mut Context<'_>, id: &str) -> Outcome {
    let current = existing(cx.account, id)?.clone();
    let fields = body(cx, "update")?;
    check_kind(&current, &fields)?;
    let blank = Webhook { description: None, authentication: None, custom_headers: Map::new(), ..current };
    let webhook = filled(blank, &fields)?;
    save(cx, webhook)
}

/// `PATCH`: what is left out stays; `null` removes.
pub(super) fn merge(cx: &mut Context<'_>, id: &str) -> Outcome {
    let current = existing(cx.account, id)?.clone();
    let mut fields = body(cx, "update")?;
    check_kind(&current, &fields)?;
    let mut headers = current.custom_headers.clone();
    if let Some(Value::Object(changes)) = fields.get("custom_headers") {
        for (key, value) in changes {
            if value.is_null() {
                headers.remove(key);
            } else {
                headers.insert(key.clone(), value.clone());
            }
        }
        fields.insert("custom_headers".to_owned(), Value::Object(headers));
    }
    for key in ["name", "status", "endpoint", "http_method", "request_format"] {
        let value = match key {
            "name" => &current.name,
            "status" => &current.status,
            "endpoint" => &current.endpoint,
            "http_method" => &current.http_method,
            _ => &current.request_format,
        };
        fields.entry(key).or_insert_with(|| json!(value));
    }
    let webhook = filled(current, &fields)?;
    save(cx, webhook)
}

fn save(cx: &mut Context<'_>, webhook: Webhook) -> Outcome {
    let updated = Some((cx.now(), cx.actor));
    cx.account.webhooks.insert(webhook.id.clone(), Webhook { updated, ..webhook });
    cx.touch();
    Ok(Answer::empty(204))
}

fn subscriptions(value: Option<&Value>) -> Result<Vec<String>, ApiError> {
    let Some(Value::Array(items)) = value else {
        return Ok(vec![FOR_TRIGGERS.to_owned()]);
    };
    let texts: Option<Vec<String>> = items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    let known = |text: &String| text == FOR_TRIGGERS || text.starts_with("zen:event-type:");
    match texts.filter(|texts| texts.iter().all(known)) {
        Some(texts) if texts.len() > 1 && texts.iter().any(|text| text == FOR_TRIGGERS) => {
            Err(invalid("conditional_ticket_events cannot be combined with event subscriptions"))
        }
        Some(texts) => Ok(texts),
        None => Err(invalid("subscriptions must be conditional_ticket_events or event types")),
    }
}

fn check_kind(current: &Webhook, fields: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(value) = fields.get("subscriptions") else { return Ok(()) };
    let for_triggers = |list: &[String]| list.iter().any(|text| text == FOR_TRIGGERS);
    if for_triggers(&subscriptions(Some(value))?) != for_triggers(&current.subscriptions) {
        return Err(invalid("the connection of a webhook cannot be changed; delete it and create another"));
    }
    Ok(())
}

/// The webhook with the given fields set, once all are checked.
fn filled(mut webhook: Webhook, fields: &Map<String, Value>) -> Result<Webhook, ApiError> {
    let required = |key: &str| {
        let value = text(fields, key).filter(|value| !value.is_empty());
        value.map(str::to_owned).ok_or_else(|| invalid(format!("{key} is required")))
    };
    let word = |key: &str, allowed: &[&str]| {
        required(key).and_then(|value| {
            let known = allowed.contains(&value.as_str());
            if known {
                Ok(value)
            } else {
                Err(invalid(format!("{key} must be one of {}", allowed.join(", "))))
            }
        })
    };
    webhook.name = required("name")?;
    webhook.status = word("status", &["active", "inactive"])?;
    webhook.endpoint = required("endpoint")?;
    webhook.http_method = word("http_method", &["GET", "POST", "PUT", "PATCH", "DELETE"])?;
    webhook.request_format = word("request_format", &["json", "xml", "form_encoded"])?;
    let host = url::Url::parse(&webhook.endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    if host.is_none_or(|url| url.host_str().is_none()) {
        return Err(invalid("endpoint must be an http or https URL"));
    }
    let events = !webhook.subscriptions.iter().any(|text| text == FOR_TRIGGERS);
    if events && (webhook.http_method != "POST" || webhook.request_format != "json") {
        return Err(invalid("event subscriptions need the method POST and the format json"));
    }
    match fields.get("description") {
        None => {}
        Some(value) => webhook.description = value.as_str().map(str::to_owned),
    }
    match fields.get("authentication") {
        None => {}
        Some(Value::Null) => webhook.authentication = None,
        Some(value) => webhook.authentication = Some(authentication(value)?),
    }
    if let Some(value) = fields.get("custom_headers") {
        webhook.custom_headers = value.as_object().cloned().unwrap_or_default();
    }
    Ok(webhook)
}

fn authentication(value: &Value) -> Result<Value, ApiError> {
    let needed: &[&str] = match value["type"].as_str() {
        Some("basic_auth") => &["username", "password"],
        Some("bearer_token") => &["token"],
        Some("api_key") => &["name", "value"],
        _ => return Err(invalid("authentication type must be basic_auth, bearer_token or api_key")),
    };
    if value["add_position"] != "header" {
        return Err(invalid("authentication add_position must be header"));
    }
    match needed.iter().find(|key| value["data"][**key].as_str().is_none_or(str::is_empty)) {
        Some(key) => Err(invalid(format!("authentication data needs {key}"))),
        None => Ok(value.clone()),
    }
}
