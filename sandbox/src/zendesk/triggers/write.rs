//! Creating and changing triggers.
//!
//! Must replace conditions and actions together, as the vendor does.

use serde_json::{Map, Value};

use super::super::assumptions::{Occurs, PartialTriggerUpdate};
use super::super::context::{Context, Outcome, Permitted, as_id, text};
use super::super::errors::ApiError;
use super::super::records::Trigger;
use super::{answer, existing, rules};

const KEYS: [&str; 9] =
    ["title", "description", "active", "conditions", "actions", "all", "any", "category_id", "position"];
/// Largest trigger, in bytes of JSON.
const MAX_BYTES: usize = 65_535;

/// `all`, `any` and the actions of a body; `None` where the body does not speak of them.
struct Parts {
    conditions: Option<(Vec<Value>, Vec<Value>)>,
    actions: Option<Vec<Value>>,
}

fn list(value: Option<&Value>, name: &str) -> Result<Vec<Value>, ApiError> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => Ok(items.clone()),
        Some(_) => Err(ApiError::invalid("base", format!("{name} must be a list"))),
    }
}

fn parts(cx: &Context<'_>, fields: &Map<String, Value>) -> Result<Parts, ApiError> {
    let size = serde_json::to_vec(fields).map_or(0, |bytes| bytes.len());
    if size > MAX_BYTES {
        return Err(ApiError::invalid("base", "Trigger: must be smaller than 65 kilobytes"));
    }
    let top = fields.contains_key("all") || fields.contains_key("any");
    let conditions = match fields.get("conditions") {
        Some(value) => Some((list(value.get("all"), "all")?, list(value.get("any"), "any")?)),
        None if top => Some((list(fields.get("all"), "all")?, list(fields.get("any"), "any")?)),
        None => None,
    };
    let conditions = match conditions {
        None => None,
        Some((all, any)) => Some((rules::conditions(cx.account, all)?, rules::conditions(cx.account, any)?)),
    };
    let actions = match fields.get("actions") {
        None => None,
        Some(_) => Some(rules::actions(cx.account, list(fields.get("actions"), "actions")?)?),
    };
    Ok(Parts { conditions, actions })
}

fn check_title(cx: &Context<'_>, title: Option<&str>, own: Option<u64>) -> Result<(), ApiError> {
    let Some(title) = title.filter(|title| !title.trim().is_empty()) else {
        return Err(ApiError::field("title", "Title: cannot be blank", Some("BlankValue")));
    };
    let same = |trigger: &Trigger| trigger.title == title && Some(trigger.id) != own;
    if cx.assumptions.trigger_titles_unique == Occurs::Yes && cx.account.triggers.values().any(same) {
        return Err(ApiError::duplicate("title", format!("Title: {title} has already been taken")));
    }
    Ok(())
}

pub(super) fn check_category(cx: &Context<'_>, value: Option<&Value>) -> Result<Option<u64>, ApiError> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    match as_id(value).filter(|id| cx.account.categories.contains_key(id)) {
        Some(id) => Ok(Some(id)),
        None => Err(ApiError::invalid("category_id", "Category: does not exist")),
    }
}

pub(super) fn create(cx: &mut Context<'_>) -> Outcome {
    let fields =
        cx.permitted(Permitted { root: "trigger", controller: "triggers", action: "create", keys: &KEYS })?;
    check_title(cx, text(&fields, "title"), None)?;
    let category = check_category(cx, fields.get("category_id"))?;
    let parts = parts(cx, &fields)?;
    let (all, any) = parts.conditions.unwrap_or_default();
    let actions = parts.actions.unwrap_or_default();
    if all.is_empty() && any.is_empty() {
        return Err(ApiError::invalid("conditions", "Conditions: a trigger needs at least one condition"));
    }
    if actions.is_empty() {
        return Err(ApiError::invalid("actions", "Actions: a trigger needs at least one action"));
    }
    if cx.assumptions.max_triggers.is_some_and(|most| cx.account.triggers.len() >= most) {
        return Err(ApiError::field("base", "Trigger limit reached", Some("ProductLimitExceeded")));
    }
    let now = cx.now();
    let id = cx.account.mint();
    let last = cx.account.triggers.values().map(|trigger| trigger.position).max().unwrap_or(0);
    let trigger = Trigger {
        id,
        title: text(&fields, "title").unwrap_or_default().to_owned(),
        description: text(&fields, "description").map(str::to_owned),
        active: fields.get("active").and_then(Value::as_bool).unwrap_or(true),
        default: false,
        position: fields.get("position").and_then(Value::as_u64).unwrap_or(last + 1),
        category_id: category.unwrap_or(cx.account.default_category),
        all,
        any,
        actions,
        created_at: now,
        updated_at: now,
    };
    cx.account.triggers.insert(id, trigger);
    cx.created(id);
    answer(cx, id, 201)
}

pub(super) fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let mut trigger = existing(cx.account, id)?.clone();
    let fields =
        cx.permitted(Permitted { root: "trigger", controller: "triggers", action: "update", keys: &KEYS })?;
    if fields.contains_key("title") {
        check_title(cx, text(&fields, "title"), Some(trigger.id))?;
    }
    if let Some(category) = check_category(cx, fields.get("category_id"))? {
        trigger.category_id = category;
    }
    let parts = parts(cx, &fields)?;
    if parts.conditions.is_some() || parts.actions.is_some() {
        if cx.assumptions.partial_trigger_update == PartialTriggerUpdate::Clears {
            (trigger.all, trigger.any, trigger.actions) = Default::default();
        }
        if let Some((all, any)) = parts.conditions {
            (trigger.all, trigger.any) = (all, any);
        }
        if let Some(actions) = parts.actions {
            trigger.actions = actions;
        }
    }
    trigger.title = text(&fields, "title").unwrap_or(&trigger.title).to_owned();
    if let Some(description) = fields.get("description") {
        trigger.description = description.as_str().map(str::to_owned);
    }
    trigger.active = fields.get("active").and_then(Value::as_bool).unwrap_or(trigger.active);
    trigger.position = fields.get("position").and_then(Value::as_u64).unwrap_or(trigger.position);
    trigger.updated_at = cx.now();
    let id = trigger.id;
    cx.account.triggers.insert(id, trigger);
    cx.touch();
    answer(cx, id, 200)
}
