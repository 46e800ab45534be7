//! Webhooks: routes, lists, secrets that never come back, invocations, the test call.
//!
//! Must never call an endpoint: deliveries are injected through the control plane.

mod write;

use serde_json::{Map, Value, json};

use super::account::Account;
use super::assumptions::InUse;
use super::context::{Context, Outcome, seconds};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::Webhook;
use crate::simulator::Answer;

/// A webhook as reads show it: without any credential. A reply to a creation has nanoseconds.
pub(crate) fn render(webhook: &Webhook) -> Value {
    let mut value = Map::new();
    let mut put = |key: &str, member: Value| {
        value.insert(key.to_owned(), member);
    };
    put("id", json!(webhook.id));
    put("name", json!(webhook.name));
    if let Some(description) = &webhook.description {
        put("description", json!(description));
    }
    put("status", json!(webhook.status));
    put("subscriptions", json!(webhook.subscriptions));
    put("created_at", json!(seconds(webhook.created_at)));
    put("created_by", json!(webhook.created_by.to_string()));
    if let Some((at, by)) = webhook.updated {
        put("updated_at", json!(seconds(at)));
        put("updated_by", json!(by.to_string()));
    }
    put("endpoint", json!(webhook.endpoint));
    put("http_method", json!(webhook.http_method));
    put("request_format", json!(webhook.request_format));
    if let Some(authentication) = &webhook.authentication {
        put("authentication", without_credential(authentication));
    }
    if !webhook.custom_headers.is_empty() {
        put("custom_headers", Value::Object(webhook.custom_headers.clone()));
    }
    Value::Object(value)
}

/// Basic authentication shows the user name, an API key its header; a bearer token shows nothing.
fn without_credential(authentication: &Value) -> Value {
    let mut shown = json!({"type": authentication["type"], "add_position": "header"});
    match authentication["type"].as_str() {
        Some("basic_auth") => shown["data"] = json!({"username": authentication["data"]["username"]}),
        Some("api_key") => shown["data"] = json!({"name": authentication["data"]["name"]}),
        _ => {}
    }
    shown
}

/// `/webhooks…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => list(cx),
        ("POST", []) if cx.call.param("clone_webhook_id").is_some() => write::clone(cx),
        ("POST", []) => write::create(cx),
        ("POST", ["test"]) => test(cx),
        ("GET", [id]) => {
            let webhook = existing(cx.account, id)?;
            Ok(Answer::json(200, &json!({"webhook": render(webhook)})))
        }
        ("PUT", [id]) => write::replace(cx, id),
        ("PATCH", [id]) => write::merge(cx, id),
        ("DELETE", [id]) => delete(cx, id),
        ("GET", [id, "signing_secret"]) => {
            let reply = signing_secret(existing(cx.account, id)?);
            Ok(Answer::json(200, &reply))
        }
        ("POST", [id, "signing_secret"]) => {
            existing(cx.account, id)?;
            let secret = write::new_signing_secret(cx.account);
            if let Some(webhook) = cx.account.webhooks.get_mut(*id) {
                webhook.signing_secret = secret;
            }
            cx.touch();
            let reply = signing_secret(existing(cx.account, id)?);
            Ok(Answer::json(201, &reply))
        }
        ("GET", [id, "invocations"]) => invocations(cx, id),
        ("GET", [id, "invocations", invocation, "attempts"]) => attempts(cx, id, invocation),
        _ => Err(ApiError::webhook(404, "EndpointNotFound", "There is no such endpoint")),
    }
}

fn existing<'a>(account: &'a Account, id: &str) -> Result<&'a Webhook, ApiError> {
    account
        .webhooks
        .get(id)
        .ok_or_else(|| ApiError::webhook(404, "WebhookNotFound", "The webhook does not exist"))
}

fn signing_secret(webhook: &Webhook) -> Value {
    json!({"signing_secret": {"secret": webhook.signing_secret, "algorithm": "SHA256"}})
}

/// Sorts newest first: an id begins with its time.
fn newest_first(id: &str) -> String {
    id.chars().map(|symbol| char::from_u32(0x7f - u32::from(symbol)).unwrap_or(symbol)).collect()
}

fn list(cx: &Context<'_>) -> Outcome {
    let name = cx.call.param("filter[name_contains]").map(str::to_lowercase);
    let status = cx.call.param("filter[status]");
    let wanted = |webhook: &&Webhook| {
        name.as_deref().is_none_or(|part| webhook.name.to_lowercase().contains(part))
            && status.is_none_or(|status| webhook.status == status)
            && cx.listed(&webhook.id)
    };
    let sort = cx.call.param("sort").unwrap_or_default();
    let key = |webhook: &Webhook| {
        let first = match sort.trim_start_matches('-') {
            "name" => webhook.name.as_str(),
            "status" => webhook.status.as_str(),
            _ => "",
        };
        Key::Text(format!("{first}\u{0}{}", newest_first(&webhook.id)))
    };
    let mut found: Vec<(Key, &Webhook)> =
        cx.account.webhooks.values().filter(wanted).map(|webhook| (key(webhook), webhook)).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let keys: Vec<Key> = found.iter().map(|(key, _)| key.clone()).collect();
    let mut answer = cx.list("webhooks", (&keys, Style::Webhooks), |at| render(found[at].1))?;
    let next = answer.value()["links"]["next"].as_str().map(|next| format!("<{next}>; rel=\"next\""));
    answer.headers.extend(next.map(|link| ("link".to_owned(), link)));
    Ok(answer)
}

/// The webhook that a trigger action names.
pub(crate) fn named_by(action: &Value) -> Option<&str> {
    (action["field"] == "notification_webhook").then(|| action["value"][0].as_str()).flatten()
}

fn delete(cx: &mut Context<'_>, id: &str) -> Outcome {
    existing(cx.account, id)?;
    let used = cx.account.triggers.values().filter(|trigger| trigger.active);
    let used =
        used.into_iter().any(|trigger| trigger.actions.iter().any(|action| named_by(action) == Some(id)));
    if used && cx.assumptions.webhook_in_use == InUse::Refused {
        return Err(ApiError::webhook(400, "WebhookInUse", "The webhook is used by an active trigger"));
    }
    cx.account.webhooks.remove(id);
    cx.touch();
    Ok(Answer::empty(204))
}

/// The test call: 200 whatever the target would say; nothing is sent anywhere.
fn test(cx: &mut Context<'_>) -> Outcome {
    let body = cx.body()?;
    let stored = match cx.call.param("webhook_id") {
        Some(id) => Some(existing(cx.account, id)?.endpoint.clone()),
        None => None,
    };
    let endpoint = body["request"]["endpoint"].as_str().map(str::to_owned).or(stored);
    let Some(endpoint) = endpoint else {
        return Err(ApiError::webhook(400, "InvalidWebhook", "endpoint is required"));
    };
    let payload = format!("sandbox: nothing was sent to {endpoint}");
    let response = json!({"headers": [{"key": "Content-Type", "value": "text/plain"}], "status_code": 200,
        "payload": payload});
    Ok(Answer::json(200, &json!({"response": response})))
}

fn invocations(cx: &Context<'_>, id: &str) -> Outcome {
    let webhook = existing(cx.account, id)?;
    let all = &webhook.invocations;
    let keys: Vec<Key> =
        (0..all.len()).map(|at| Key::Number(u64::try_from(at).unwrap_or_default())).collect();
    cx.list("invocations", (&keys, Style::Webhooks), |at| {
        // The latest comes first.
        let one = &all[all.len() - 1 - at];
        let mut value = json!({"id": one.id, "status": one.status,
            "latest_completed_at": seconds(one.latest_completed_at)});
        if let Some(code) = one.status_code {
            value["status_code"] = json!(code);
        }
        value
    })
}

fn attempts(cx: &Context<'_>, id: &str, invocation: &str) -> Outcome {
    let webhook = existing(cx.account, id)?;
    let found = webhook.invocations.iter().find(|one| one.id == invocation);
    let one =
        found.ok_or_else(|| ApiError::webhook(404, "InvocationNotFound", "The invocation does not exist"))?;
    let attempt = json!({"id": one.id, "invocation_id": one.id, "status_code": one.status_code, "status": one.status,
        "completed_at": seconds(one.latest_completed_at), "request": {"headers": [], "payload": "{}"}});
    Ok(Answer::json(200, &json!({"attempts": [attempt]})))
}
