//! What an account says about itself: settings, custom roles, and two endpoints that no document describes.
//!
//! Must never tell the number of seats bought, unless the assumption about the subscription says so.

use serde_json::{Value, json};

use super::assumptions::Subscription;
use super::context::{Context, Outcome};
use super::errors::ApiError;
use crate::simulator::Answer;

/// `/account…` and `/custom_roles`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", ["account", "settings"]) => Ok(Answer::json(200, &settings(cx))),
        ("PUT", ["account", "settings"]) => update(cx),
        ("GET", ["account"]) => {
            let account = json!({"subdomain": cx.account.subdomain, "name": cx.account.subdomain, "sandbox": false,
                "owner_id": cx.account.owner});
            Ok(Answer::json(200, &json!({"account": account})))
        }
        ("GET", ["account", "subscription"]) => subscription(cx),
        ("GET", ["custom_roles"]) if cx.account.plan.has_custom_roles() => {
            let roles: Vec<Value> = cx
                .account
                .custom_roles
                .iter()
                .map(|role| json!({"id": role.id, "name": role.name, "role_type": role.role_type, "description": ""}))
                .collect();
            let count = roles.len();
            let reply =
                json!({"custom_roles": roles, "next_page": null, "previous_page": null, "count": count});
            Ok(Answer::json(200, &reply))
        }
        _ => Err(ApiError::not_found()),
    }
}

/// The vendor shows the size of an account as a range.
fn size_range(agents: usize) -> &'static str {
    match agents {
        0..10 => "1-9",
        10..50 => "10-49",
        50..100 => "50-99",
        100..400 => "100-399",
        400..1000 => "400-999",
        _ => "1000+",
    }
}

fn settings(cx: &Context<'_>) -> Value {
    let account = &cx.account;
    json!({"settings": {
        "active_features": {"light_agents": account.plan.has_custom_roles(), "user_tagging": account.features.user_tagging,
            "business_hours": account.plan.schedules() > 0},
        "billing": {"backend": "zuora"},
        "groups": {"check_group_name_uniqueness": account.features.unique_group_names},
        "limits": {"attachment_size": 52_428_800},
        "metrics": {"account_size": size_range(account.seats_used())},
        "user": {"tagging": account.features.user_tagging},
    }})
}

fn update(cx: &mut Context<'_>) -> Outcome {
    let body = cx.body()?;
    let changes = &body["settings"];
    if let Some(unique) = changes["groups"]["check_group_name_uniqueness"].as_bool() {
        cx.account.features.unique_group_names = unique;
        cx.touch();
    }
    if let Some(tagging) = changes["user"]["tagging"].as_bool() {
        cx.account.features.user_tagging = tagging;
        cx.touch();
    }
    Ok(Answer::json(200, &settings(cx)))
}

fn subscription(cx: &Context<'_>) -> Outcome {
    let mut subscription = json!({"plan_name": cx.account.plan.title()});
    match cx.assumptions.subscription {
        Subscription::Absent => return Err(ApiError::not_found()),
        Subscription::PlanOnly => {}
        Subscription::WithSeats => subscription["max_agents"] = json!(cx.account.seats),
    }
    Ok(Answer::json(200, &json!({"subscription": subscription})))
}
