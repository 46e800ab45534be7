//! Trigger categories: ids are texts of digits, creation answers 200, errors have shape C.
//!
//! Must refuse to delete a category with active triggers, and take inactive ones along.

use serde_json::{Map, Value, json};

use super::context::{Context, Outcome, Permitted, as_id, seconds, text};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::Category;
use crate::simulator::Answer;

const MOST: usize = 500;

pub(crate) fn render(category: &Category) -> Value {
    json!({"id": category.id.to_string(), "name": category.name, "position": category.position,
        "created_at": seconds(category.created_at), "updated_at": seconds(category.updated_at)})
}

/// `/trigger_categories…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    if !cx.account.features.trigger_categories {
        let title = "Trigger categories are not enabled for this account";
        return Err(ApiError::json_api(403, "TriggerCategoriesNotEnabled", title));
    }
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => list(cx),
        ("POST", []) => create(cx),
        ("POST", ["jobs"]) => job(cx),
        ("GET", [id]) => {
            let category = existing(cx, id)?;
            Ok(Answer::json(200, &json!({"trigger_category": render(&category)})))
        }
        ("PATCH" | "PUT", [id]) => update(cx, id),
        ("DELETE", [id]) => delete(cx, id),
        _ => Err(ApiError::no_route()),
    }
}

fn existing(cx: &Context<'_>, id: &str) -> Result<Category, ApiError> {
    let found = id.parse().ok().and_then(|id: u64| cx.account.categories.get(&id));
    found
        .cloned()
        .ok_or_else(|| ApiError::json_api(404, "TriggerCategoryNotFound", "Trigger category was not found"))
}

fn list(cx: &Context<'_>) -> Outcome {
    if cx
        .call
        .param("page[size]")
        .is_some_and(|size| !size.parse().is_ok_and(|size: u32| (1..=100).contains(&size)))
    {
        let title = "The page size must be a number from 1 to 100";
        return Err(ApiError::json_api(400, "InvalidPaginationParameter", title));
    }
    let all: Vec<&Category> =
        cx.account.categories.values().filter(|category| cx.listed(category.id)).collect();
    let keys: Vec<Key> = all.iter().map(|category| Key::Number(category.id)).collect();
    cx.list("trigger_categories", (&keys, Style::Both), |at| render(all[at]))
}

fn fields(cx: &mut Context<'_>, action: &str) -> Result<Map<String, Value>, ApiError> {
    let keys = ["name", "position"];
    let wanted =
        Permitted { root: "trigger_category", controller: "trigger_categories", action, keys: &keys };
    let fields = cx.permitted(wanted)?;
    let blank = text(&fields, "name").is_none_or(|name| name.trim().is_empty());
    if blank && (action == "create" || fields.contains_key("name")) {
        return Err(ApiError::json_api(400, "InvalidTriggerCategory", "Name cannot be blank"));
    }
    Ok(fields)
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let fields = fields(cx, "create")?;
    if cx.account.categories.len() >= MOST {
        return Err(ApiError::json_api(
            403,
            "ProductLimitExceeded",
            "An account has at most 500 trigger categories",
        ));
    }
    let now = cx.now();
    let id = cx.account.mint();
    let last = cx.account.categories.values().map(|category| category.position).max().unwrap_or(0);
    let category = Category {
        id,
        name: text(&fields, "name").unwrap_or_default().to_owned(),
        position: fields.get("position").and_then(Value::as_u64).unwrap_or(last + 1),
        created_at: now,
        updated_at: now,
    };
    let reply = json!({"trigger_category": render(&category)});
    cx.account.categories.insert(id, category);
    cx.created(id);
    Ok(Answer::json(200, &reply))
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let mut category = existing(cx, id)?;
    let fields = fields(cx, "update")?;
    category.name = text(&fields, "name").unwrap_or(&category.name).to_owned();
    category.position = fields.get("position").and_then(Value::as_u64).unwrap_or(category.position);
    category.updated_at = cx.now();
    let reply = json!({"trigger_category": render(&category)});
    cx.account.categories.insert(category.id, category);
    cx.touch();
    Ok(Answer::json(200, &reply))
}

fn delete(cx: &mut Context<'_>, id: &str) -> Outcome {
    let category = existing(cx, id)?;
    let mut inside = cx.account.triggers.values().filter(|trigger| trigger.category_id == category.id);
    if inside.any(|trigger| trigger.active) {
        let title = "The category has active triggers";
        return Err(ApiError::json_api(400, "TriggerCategoryNotEmpty", title));
    }
    cx.account.triggers.retain(|_, trigger| trigger.category_id != category.id);
    cx.account.categories.remove(&category.id);
    cx.touch();
    Ok(Answer::empty(204))
}

/// `POST /trigger_categories/jobs`: moves categories and triggers, all or nothing, at once.
fn job(cx: &mut Context<'_>) -> Outcome {
    let body = cx.body()?;
    let items = &body["job"]["items"];
    if body["job"]["action"] != "patch" {
        return Err(ApiError::json_api(400, "InvalidJob", "action must be patch"));
    }
    let known = |id: &Value| as_id(id).filter(|id| cx.account.categories.contains_key(id));
    let mut triggers = Vec::new();
    let mut errors = Vec::new();
    for item in items["triggers"].as_array().into_iter().flatten() {
        let trigger = as_id(&item["id"]).and_then(|id| cx.account.triggers.get(&id)).cloned();
        let category =
            if item["category_id"].is_null() { Some(None) } else { known(&item["category_id"]).map(Some) };
        match (trigger, category) {
            (Some(mut trigger), Some(category)) => {
                trigger.category_id = category.unwrap_or(trigger.category_id);
                trigger.position = item["position"].as_u64().unwrap_or(trigger.position);
                trigger.active = item["active"].as_bool().unwrap_or(trigger.active);
                triggers.push(trigger);
            }
            _ => errors.push(
                json!({"code": "InvalidTrigger", "title": "Trigger is invalid", "trigger_id": item["id"]}),
            ),
        }
    }
    let mut categories = Vec::new();
    for item in items["trigger_categories"].as_array().into_iter().flatten() {
        match known(&item["id"]).and_then(|id| cx.account.categories.get(&id)).cloned() {
            Some(mut category) => {
                category.position = item["position"].as_u64().unwrap_or(category.position);
                categories.push(category);
            }
            None => errors
                .push(json!({"code": "TriggerCategoryNotFound", "title": "Not found", "id": item["id"]})),
        }
    }
    if !errors.is_empty() {
        return Ok(Answer::json(200, &json!({"status": "failed", "errors": errors})));
    }
    let shown: Vec<Value> =
        triggers.iter().map(|trigger| super::triggers::render(trigger, &cx.call.base)).collect();
    let results =
        json!({"trigger_categories": categories.iter().map(render).collect::<Vec<_>>(), "triggers": shown});
    cx.account.triggers.extend(triggers.into_iter().map(|trigger| (trigger.id, trigger)));
    cx.account.categories.extend(categories.into_iter().map(|category| (category.id, category)));
    cx.touch();
    Ok(Answer::json(200, &json!({"status": "complete", "results": results})))
}
