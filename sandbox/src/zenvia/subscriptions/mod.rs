//! Webhook subscriptions of api.zenvia.com: a bare list, at most two with the same criteria, a state that deliveries move.
//!
//! Must let a client change only `webhook` and `status`; DEGRADED is the vendor's own.

mod health;
mod sent;

use serde_json::{Value, json};

use super::assumptions::{
    Assumptions, DuplicateKey, Happens, Occurs, Revival, SameCriteria, ThirdOfSameCriteria, WebhookHeaders,
};
use super::context::{Context, Outcome, Reason, Refusal, moment};
use super::records::{Counters, Health, Subscription};
use super::staff;
use crate::simulator::Answer;

pub(crate) use health::{Delivery, note};

/// How many subscriptions may have the same criteria.
const SAME_CRITERIA: usize = 2;

/// Answers below `/v2` or `/v1`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    let account = account(cx)?;
    let method = cx.call.method.clone();
    match (method.as_str(), segments) {
        ("GET", ["subscriptions"]) => list(cx, account),
        ("POST", ["subscriptions"]) => create(cx, account),
        ("GET", ["subscriptions", id]) => show(cx, account, id),
        ("PATCH", ["subscriptions", id]) => update(cx, account, id),
        ("DELETE", ["subscriptions", id]) => delete(cx, account, id),
        _ => Err(Refusal::no_route()),
    }
}

fn account(cx: &mut Context<'_>) -> Result<u64, Refusal> {
    if cx.call.person.is_some() {
        let named = cx.call.param("account_id").and_then(|text| text.parse().ok());
        return Ok(named.unwrap_or(cx.world.default_account));
    }
    let token = cx.call.header("x-api-token").unwrap_or_default().to_owned();
    let found = cx.world.by_api_token(&token).filter(|_| !token.is_empty());
    let account =
        found.ok_or_else(|| Refusal::new(Reason::Token, "No authentication data found or it is wrong"))?;
    cx.admit(&token, cx.rules.subscription_requests_per_minute)?;
    Ok(account)
}

/// A subscription in its wire form, credentials of `auth` included, as the vendor does.
pub(crate) fn render(rules: &Assumptions, one: &Subscription) -> Value {
    let mut webhook = one.webhook.clone();
    match (rules.webhook_headers, webhook.as_object_mut()) {
        (WebhookHeaders::Hidden, Some(members)) => {
            members.shift_remove("headers");
        }
        (WebhookHeaders::LowerCased, Some(members)) => {
            let headers = members.get("headers").and_then(Value::as_object).cloned().unwrap_or_default();
            let lower = headers.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
            members.insert("headers".to_owned(), Value::Object(lower));
        }
        _ => {}
    }
    let mut value = json!({"id": one.id, "eventType": one.event_type, "webhook": webhook,
        "status": one.status, "version": one.version});
    if let Some(criteria) = &one.criteria {
        value["criteria"] = criteria.clone();
    }
    value["createdAt"] = json!(moment(one.created_at));
    value["updatedAt"] = json!(moment(one.updated_at));
    value
}

fn list(cx: &Context<'_>, account: u64) -> Outcome {
    let all = &cx.account(account)?.subscriptions;
    Ok(Answer::json(200, &all.iter().map(|one| render(&cx.rules, one)).collect()))
}

fn found(cx: &Context<'_>, account: u64, id: &str) -> Result<Subscription, Refusal> {
    let found = cx.account(account)?.subscriptions.iter().find(|one| one.id == id);
    found.cloned().ok_or_else(|| Refusal::not_found("Subscription"))
}

fn show(cx: &Context<'_>, account: u64, id: &str) -> Outcome {
    Ok(Answer::json(200, &render(&cx.rules, &found(cx, account, id)?)))
}

fn create(cx: &mut Context<'_>, account: u64) -> Outcome {
    let wanted = sent::new(&cx.body)?;
    let number = cx.world.mint();
    let digest = staff::sha256(&format!("subscription {number}"));
    let part = |from: usize, to: usize| digest.get(from..to).unwrap_or_default().to_owned();
    let id = format!("{}-{}-4{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32));
    let now = cx.now();
    let one = Subscription {
        id,
        event_type: wanted.event_type,
        webhook: wanted.webhook,
        status: wanted.status.unwrap_or(Health::Active),
        version: wanted.version,
        criteria: wanted.criteria,
        counters: Counters::default(),
        created_at: now,
        updated_at: now,
    };
    check_duplicate(cx, account, &one)?;
    check_limit(cx, account, &one)?;
    let reply = render(&cx.rules, &one);
    cx.account_mut(account)?.subscriptions.push(one);
    Ok(Answer::json(200, &reply))
}

fn check_duplicate(cx: &Context<'_>, account: u64, one: &Subscription) -> Result<(), Refusal> {
    let key = |one: &Subscription| match cx.rules.duplicate_key {
        DuplicateKey::CriteriaAndUrl => json!([one.event_type, one.criteria, one.webhook["url"]]),
        DuplicateKey::WholeRequest => json!([one.event_type, one.criteria, one.webhook, one.version]),
    };
    let wanted = key(one);
    let mut others = cx.account(account)?.subscriptions.iter().filter(|other| other.id != one.id);
    if others.any(|other| key(other) == wanted) {
        return Err(Refusal::new(Reason::Duplicated, "A subscription like this exists already"));
    }
    Ok(())
}

fn check_limit(cx: &Context<'_>, account: u64, one: &Subscription) -> Result<(), Refusal> {
    let key = |one: &Subscription| match (cx.rules.same_criteria, &one.criteria) {
        (_, None) => json!(one.event_type),
        (SameCriteria::FullCriteria, Some(criteria)) => json!([one.event_type, criteria]),
        (SameCriteria::EventTypeAndChannel, Some(criteria)) => json!([one.event_type, criteria["channel"]]),
    };
    let wanted = key(one);
    let same = cx.account(account)?.subscriptions.iter().filter(|other| key(other) == wanted).count();
    if same < SAME_CRITERIA {
        return Ok(());
    }
    let message = "There can be up to two subscriptions with the same criteria (Event Type and Channel)";
    Err(match cx.rules.third_of_same_criteria {
        ThirdOfSameCriteria::Conflict => Refusal::new(Reason::Duplicated, message),
        ThirdOfSameCriteria::Validation => Refusal::at("criteria", message),
    })
}

fn update(cx: &mut Context<'_>, account: u64, id: &str) -> Outcome {
    let mut one = found(cx, account, id)?;
    let patch = sent::patch(&cx.body, &one.webhook, cx.rules.patch_webhook)?;
    let is_empty = patch.webhook.is_none() && patch.status.is_none();
    if let Some(webhook) = patch.webhook {
        let moved = webhook["url"] != one.webhook["url"];
        one.webhook = webhook;
        if moved && one.status == Health::Degraded && cx.rules.url_change_heals_degraded == Happens::Yes {
            activate(&mut one);
        }
    }
    if let Some(status) = patch.status {
        change_status(&cx.rules, &mut one, status)?;
    }
    check_duplicate(cx, account, &one)?;
    if !is_empty {
        one.updated_at = cx.now();
        let changed = one.clone();
        let all = &mut cx.account_mut(account)?.subscriptions;
        if let Some(place) = all.iter_mut().find(|other| other.id == changed.id) {
            *place = changed;
        }
    }
    Ok(Answer::json(200, &render(&cx.rules, &one)))
}

fn activate(one: &mut Subscription) {
    one.status = Health::Active;
    one.counters = Counters::default();
}

fn change_status(rules: &Assumptions, one: &mut Subscription, status: Health) -> Result<(), Refusal> {
    match (one.status, status) {
        (_, Health::Inactive) => one.status = Health::Inactive,
        (Health::Degraded, _) if rules.patch_heals_degraded == Occurs::No => {}
        (Health::Inactive, _) if one.counters.given_up => match rules.patch_revives_inactive {
            Revival::Revives => activate(one),
            Revival::Ignored => {}
            Revival::Refused => {
                return Err(Refusal::at(
                    "status",
                    "This subscription was deactivated after too many failures",
                ));
            }
        },
        (Health::Degraded | Health::Inactive, _) => activate(one),
        (Health::Active, _) => {}
    }
    Ok(())
}

fn delete(cx: &mut Context<'_>, account: u64, id: &str) -> Outcome {
    found(cx, account, id)?;
    cx.account_mut(account)?.subscriptions.retain(|one| one.id != id);
    Ok(Answer::empty(204))
}
