//! Ticket fields: the system's own, which cannot be removed, and the account's.
//!
//! Must keep the type of a field as it was created.

use serde_json::{Map, Value, json};

use super::assumptions::TicketFieldPaging;
use super::context::{Context, Outcome, Permitted, path_id, seconds, text};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::TicketField;
use crate::simulator::Answer;

const KINDS: [&str; 13] = [
    "text",
    "textarea",
    "checkbox",
    "date",
    "integer",
    "decimal",
    "regexp",
    "partialcreditcard",
    "multiselect",
    "tagger",
    "lookup",
    "subject",
    "description",
];
/// Writable keys kept as they are sent, with their defaults.
fn plain(key: &str) -> Option<Value> {
    Some(match key {
        "description" | "agent_description" => json!(""),
        "title_in_portal" | "tag" | "regexp_for_validation" | "sub_type_id" => Value::Null,
        "visible_in_portal"
        | "editable_in_portal"
        | "required"
        | "required_in_portal"
        | "collapsed_for_agents" => {
            json!(false)
        }
        "custom_field_options" | "system_field_options" => json!([]),
        _ => return None,
    })
}

const PLAIN: [&str; 11] = [
    "description",
    "agent_description",
    "title_in_portal",
    "visible_in_portal",
    "editable_in_portal",
    "required",
    "required_in_portal",
    "collapsed_for_agents",
    "tag",
    "regexp_for_validation",
    "custom_field_options",
];

pub(crate) fn render(field: &TicketField, base: &str) -> Value {
    let plain = |key: &str| field.extra.get(key).cloned().or_else(|| plain(key)).unwrap_or(Value::Null);
    let title_in_portal = field.extra.get("title_in_portal").cloned().unwrap_or_else(|| json!(field.title));
    json!({"url": format!("{base}/api/v2/ticket_fields/{}.json", field.id), "id": field.id, "type": field.kind,
        "title": field.title, "raw_title": field.title, "description": plain("description"),
        "raw_description": plain("description"), "position": field.position, "active": field.active,
        "required": plain("required"), "collapsed_for_agents": plain("collapsed_for_agents"),
        "regexp_for_validation": plain("regexp_for_validation"), "title_in_portal": title_in_portal,
        "raw_title_in_portal": title_in_portal, "visible_in_portal": plain("visible_in_portal"),
        "editable_in_portal": plain("editable_in_portal"), "required_in_portal": plain("required_in_portal"),
        "agent_can_edit": true, "tag": plain("tag"), "created_at": seconds(field.created_at),
        "updated_at": seconds(field.updated_at), "removable": field.removable, "key": null,
        "agent_description": plain("agent_description"), "creator_user_id": field.creator_user_id})
}

/// `/ticket_fields…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => list(cx),
        ("GET", ["count"]) => cx.count(cx.account.ticket_fields.len()),
        ("POST", []) => create(cx),
        ("GET", [id]) => answer(cx, path_id(id)?, 200),
        ("PUT", [id]) => update(cx, id),
        ("DELETE", [id]) => {
            let id = path_id(id)?;
            let field = cx.account.ticket_fields.get(&id).ok_or_else(ApiError::not_found)?;
            if !field.removable {
                return Err(ApiError::invalid("base", "Ticket field: a system field cannot be removed"));
            }
            cx.account.ticket_fields.remove(&id);
            cx.touch();
            Ok(Answer::empty(204))
        }
        _ => Err(ApiError::no_route()),
    }
}

fn list(cx: &Context<'_>) -> Outcome {
    let all: Vec<&TicketField> =
        cx.account.ticket_fields.values().filter(|field| cx.listed(field.id)).collect();
    if cx.assumptions.ticket_field_paging == TicketFieldPaging::Ignored {
        let fields: Vec<Value> = all.iter().map(|field| render(field, &cx.call.base)).collect();
        let count = fields.len();
        let reply =
            json!({"ticket_fields": fields, "next_page": null, "previous_page": null, "count": count});
        return Ok(Answer::json(200, &reply));
    }
    let keys: Vec<Key> = all.iter().map(|field| Key::Number(field.id)).collect();
    cx.list("ticket_fields", (&keys, Style::Both), |at| render(all[at], &cx.call.base))
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let field = cx.account.ticket_fields.get(&id).ok_or_else(ApiError::not_found)?;
    let reply = Answer::json(status, &json!({"ticket_field": render(field, &cx.call.base)}));
    Ok(reply.with_header("location", cx.url(&format!("ticket_fields/{id}.json"))))
}

fn body(cx: &mut Context<'_>, action: &str) -> Result<Map<String, Value>, ApiError> {
    let mut keys = vec!["title", "active", "position"];
    keys.extend(PLAIN);
    if action == "create" {
        keys.push("type");
    }
    let fields =
        cx.permitted(Permitted { root: "ticket_field", controller: "ticket_fields", action, keys: &keys })?;
    let blank = text(&fields, "title").is_none_or(|title| title.trim().is_empty());
    if blank && (action == "create" || fields.contains_key("title")) {
        return Err(ApiError::field("title", "Title: cannot be blank", Some("BlankValue")));
    }
    Ok(fields)
}

fn create(cx: &mut Context<'_>) -> Outcome {
    let fields = body(cx, "create")?;
    let kind = text(&fields, "type").unwrap_or("text").to_owned();
    if !KINDS.contains(&kind.as_str()) {
        return Err(ApiError::invalid("type", format!("Type: {kind} is not a field type")));
    }
    let now = cx.now();
    let id = cx.account.mint();
    let last = cx.account.ticket_fields.values().map(|field| field.position).max().unwrap_or(0);
    let mut field = TicketField {
        id,
        kind,
        title: String::new(),
        removable: true,
        active: true,
        position: last + 1,
        creator_user_id: Some(cx.actor),
        created_at: now,
        updated_at: now,
        extra: Map::new(),
    };
    fill(&mut field, &fields);
    cx.account.ticket_fields.insert(id, field);
    cx.created(id);
    answer(cx, id, 201)
}

fn update(cx: &mut Context<'_>, id: &str) -> Outcome {
    let id = path_id(id)?;
    cx.account.ticket_fields.get(&id).ok_or_else(ApiError::not_found)?;
    let fields = body(cx, "update")?;
    let now = cx.now();
    if let Some(field) = cx.account.ticket_fields.get_mut(&id) {
        fill(field, &fields);
        field.updated_at = now;
    }
    cx.touch();
    answer(cx, id, 200)
}

fn fill(field: &mut TicketField, fields: &Map<String, Value>) {
    if let Some(title) = text(fields, "title") {
        title.clone_into(&mut field.title);
    }
    field.active = fields.get("active").and_then(Value::as_bool).unwrap_or(field.active);
    field.position = fields.get("position").and_then(Value::as_u64).unwrap_or(field.position);
    for (key, value) in fields.iter().filter(|(key, _)| plain(key).is_some()) {
        field.extra.insert(key.clone(), value.clone());
    }
}
