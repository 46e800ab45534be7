//! Conditions and actions: which exist, what they point at, and how the vendor writes them back.
//!
//! Must refuse what would never fire (unknown fields, operators, objects) and normalize values to the vendor's form.

use serde_json::{Value, json};

use super::super::account::Account;
use super::super::errors::ApiError;

/// Operators of list fields.
const LIST: &[&str] = &["is", "is_not"];
const CHANGING: &[&str] =
    &["is", "is_not", "changed", "not_changed", "value", "value_previous", "not_value", "not_value_previous"];
const ORDERED: &[&str] = &[
    "is",
    "is_not",
    "less_than",
    "greater_than",
    "changed",
    "not_changed",
    "value",
    "value_previous",
    "not_value",
    "not_value_previous",
];
const TAGS: &[&str] = &["includes", "not_includes"];
const WORDS: &[&str] = &["includes", "not_includes", "is", "is_not", "present", "not_present"];
const CUSTOM: &[&str] = &[
    "is",
    "is_not",
    "present",
    "not_present",
    "includes",
    "not_includes",
    "changed",
    "not_changed",
    "value",
    "value_previous",
    "not_value",
    "not_value_previous",
    "less_than",
    "greater_than",
];

/// Condition fields with their operators.
pub(super) const CONDITIONS: &[(&str, &str, &[&str])] = &[
    ("status", "Status", ORDERED),
    ("priority", "Priority", ORDERED),
    ("type", "Type", CHANGING),
    ("update_type", "Ticket", LIST),
    ("group_id", "Group", CHANGING),
    ("assignee_id", "Assignee", CHANGING),
    ("requester_id", "Requester", LIST),
    ("organization_id", "Organization", LIST),
    ("brand_id", "Brand", CHANGING),
    ("current_tags", "Tags", TAGS),
    ("via_id", "Channel", LIST),
    ("current_via_id", "Update via", LIST),
    ("comment_is_public", "Comment", &["is"]),
    ("comment_includes_word", "Comment text", WORDS),
    ("subject_includes_word", "Subject text", WORDS),
    ("role", "Current user", LIST),
    ("requester_role", "Requester role", LIST),
    ("locale_id", "Requester language", LIST),
    ("satisfaction_score", "Satisfaction", CHANGING),
    ("in_business_hours", "Within (schedule)", LIST),
    ("schedule_id", "Schedule", LIST),
];

/// Action fields.
pub(super) const ACTIONS: &[(&str, &str)] = &[
    ("status", "Status"),
    ("priority", "Priority"),
    ("type", "Type"),
    ("group_id", "Group"),
    ("assignee_id", "Assignee"),
    ("brand_id", "Brand"),
    ("set_tags", "Set tags"),
    ("current_tags", "Add tags"),
    ("remove_tags", "Remove tags"),
    ("set_schedule", "Set schedule"),
    ("satisfaction_score", "Satisfaction"),
    ("cc", "Add CC"),
    ("follower", "Add follower"),
    ("notification_user", "Email user"),
    ("notification_group", "Email group"),
    ("notification_target", "Notify target"),
    ("notification_webhook", "Notify active webhook"),
];

fn refused(list: &str, description: impl Into<String>) -> ApiError {
    ApiError::invalid(list, description)
}

/// Checks conditions and writes them the vendor's way.
pub(super) fn conditions(account: &Account, items: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    items.into_iter().map(|item| condition(account, &item)).collect()
}

fn condition(account: &Account, item: &Value) -> Result<Value, ApiError> {
    let field = item["field"].as_str().unwrap_or_default();
    let operator = item["operator"].as_str().unwrap_or_default();
    let known = CONDITIONS.iter().find(|(name, _, _)| *name == field).map(|(_, _, operators)| *operators);
    let operators = match custom_field(account, field)? {
        Some(()) => CUSTOM,
        None => {
            known.ok_or_else(|| refused("conditions", format!("Conditions: {field} is not a valid field")))?
        }
    };
    if !operators.contains(&operator) {
        return Err(refused(
            "conditions",
            format!("Conditions: {operator} is not a valid operator of {field}"),
        ));
    }
    if matches!(operator, "changed" | "not_changed") {
        return Ok(json!({"field": field, "operator": operator, "value": null}));
    }
    let value = normalized(&item["value"]);
    if value.is_null() && !matches!(operator, "present" | "not_present") {
        return Err(refused("conditions", format!("Conditions: {field} needs a value")));
    }
    check_reference(account, (field, &value), "conditions")?;
    Ok(json!({"field": field, "operator": operator, "value": value}))
}

/// Checks actions and writes them the vendor's way.
pub(super) fn actions(account: &Account, items: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    items.into_iter().map(|item| action(account, &item)).collect()
}

fn action(account: &Account, item: &Value) -> Result<Value, ApiError> {
    let field = item["field"].as_str().unwrap_or_default();
    let known = ACTIONS.iter().any(|(name, _)| *name == field);
    if custom_field(account, field)?.is_none() && !known {
        return Err(refused("actions", format!("Actions: {field} is not a valid field")));
    }
    if field.starts_with("notification_") {
        let Some(parts) = item["value"].as_array().filter(|parts| !parts.is_empty()) else {
            return Err(refused(
                "actions",
                format!("Actions: the value of {field} must be a list (bad_format)"),
            ));
        };
        if field == "notification_webhook" {
            check_webhook(account, parts)?;
        }
        let parts: Vec<Value> = parts.iter().map(normalized).collect();
        return Ok(json!({"field": field, "value": parts}));
    }
    let value = normalized(&item["value"]);
    check_reference(account, (field, &value), "actions")?;
    Ok(json!({"field": field, "value": value}))
}

/// Only an active webhook can be notified, and the body of a JSON webhook is one text.
fn check_webhook(account: &Account, parts: &[Value]) -> Result<(), ApiError> {
    let id = parts[0].as_str().unwrap_or_default();
    let Some(webhook) = account.webhooks.get(id).filter(|webhook| webhook.status == "active") else {
        return Err(refused("actions", format!("Actions: {id} is not an active webhook")));
    };
    let has_json_body =
        webhook.request_format == "json" && matches!(webhook.http_method.as_str(), "POST" | "PUT" | "PATCH");
    let fits = match parts.get(1) {
        Some(Value::String(_)) => has_json_body,
        Some(Value::Array(_)) => !has_json_body,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(refused("actions", "Actions: the body of the webhook has the wrong form (bad_format)"))
    }
}

/// `custom_fields_<id>` must be a field that exists; `None` for other names.
fn custom_field(account: &Account, name: &str) -> Result<Option<()>, ApiError> {
    let Some(id) = name.strip_prefix("custom_fields_").or_else(|| name.strip_prefix("ticket_fields_")) else {
        return Ok(None);
    };
    match id.parse::<u64>().ok().filter(|id| account.ticket_fields.contains_key(id)) {
        Some(_) => Ok(Some(())),
        None => Err(refused("conditions", format!("Conditions: {name} is not a field of this account"))),
    }
}

/// Groups and assignees that a rule names must exist.
fn check_reference(account: &Account, (field, value): (&str, &Value), list: &str) -> Result<(), ApiError> {
    let Some(id) = value.as_str().and_then(|text| text.parse::<u64>().ok()) else { return Ok(()) };
    let exists = match field {
        "group_id" => account.groups.get(&id).is_some_and(|group| !group.deleted),
        "assignee_id" => account.users.get(&id).is_some_and(|user| user.active && user.role.is_staff()),
        "schedule_id" | "set_schedule" => account.schedules.contains_key(&id),
        _ => true,
    };
    if exists { Ok(()) } else { Err(refused(list, format!("{field}: {id} does not exist"))) }
}

/// Numbers come back as texts; everything else as it is.
fn normalized(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => Value::Array(items.iter().map(normalized).collect()),
        other => other.clone(),
    }
}
