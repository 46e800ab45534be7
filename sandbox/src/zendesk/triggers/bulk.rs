//! Triggers in bulk: change of position, activity and category, order of all, deletion of many.
//!
//! Must be all or nothing: a request that names an unknown trigger changes none.

use serde_json::{Value, json};

use super::super::context::{Context, Outcome, as_id};
use super::super::errors::ApiError;
use super::{render, write};
use crate::simulator::Answer;

pub(super) fn update_many(cx: &mut Context<'_>) -> Outcome {
    let body = cx.body()?;
    let Some(items) = body["triggers"].as_array() else {
        return Err(ApiError::bad_request("triggers must be a list"));
    };
    if items.len() > 100 {
        return Err(ApiError::too_many_values());
    }
    let mut changed = Vec::with_capacity(items.len());
    for item in items {
        let trigger = as_id(&item["id"]).and_then(|id| cx.account.triggers.get(&id));
        let mut trigger = trigger.cloned().ok_or_else(ApiError::not_found)?;
        trigger.position = item["position"].as_u64().unwrap_or(trigger.position);
        trigger.active = item["active"].as_bool().unwrap_or(trigger.active);
        trigger.category_id =
            write::check_category(cx, item.get("category_id"))?.unwrap_or(trigger.category_id);
        trigger.updated_at = cx.now();
        changed.push(trigger);
    }
    let reply: Vec<Value> = changed.iter().map(|trigger| render(trigger, &cx.call.base)).collect();
    let count = reply.len();
    for trigger in changed {
        cx.account.triggers.insert(trigger.id, trigger);
    }
    cx.touch();
    Ok(Answer::json(
        200,
        &json!({"triggers": reply, "next_page": null, "previous_page": null, "count": count}),
    ))
}

/// All active triggers of one category in their new order.
pub(super) fn reorder(cx: &mut Context<'_>) -> Outcome {
    let body = cx.body()?;
    let ids: Vec<u64> = body["trigger_ids"].as_array().into_iter().flatten().filter_map(as_id).collect();
    let found: Vec<_> = ids.iter().filter_map(|id| cx.account.triggers.get(id)).collect();
    let categories: std::collections::BTreeSet<u64> =
        found.iter().map(|trigger| trigger.category_id).collect();
    if categories.len() > 1 {
        return Err(ApiError::Support {
            status: 400,
            error: "LimitOneCategory",
            description: "The triggers must belong to one category".to_owned(),
        });
    }
    let wanted = |category: u64| {
        let active = cx.account.triggers.values().filter(|one| one.active && one.category_id == category);
        active.into_iter().all(|trigger| ids.contains(&trigger.id))
    };
    let complete = found.len() == ids.len() && categories.first().is_some_and(|category| wanted(*category));
    if !complete {
        return Err(ApiError::not_found());
    }
    for (position, id) in (1..).zip(&ids) {
        if let Some(trigger) = cx.account.triggers.get_mut(id) {
            trigger.position = position;
        }
    }
    cx.touch();
    Ok(Answer::empty(200))
}

pub(super) fn destroy_many(cx: &mut Context<'_>) -> Outcome {
    let ids: Vec<u64> = cx.ids("ids")?.iter().filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() || ids.iter().any(|id| !cx.account.triggers.contains_key(id)) {
        return Err(ApiError::not_found());
    }
    for id in ids {
        cx.account.triggers.remove(&id);
    }
    cx.touch();
    Ok(Answer::empty(204))
}
