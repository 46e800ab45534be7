//! Triggers: routes, lists, reads, order.
//!
//! Must echo conditions and actions the way the vendor normalizes them: see `rules`.

mod bulk;
mod definitions;
mod rules;
mod write;

use serde_json::{Value, json};

use super::account::Account;
use super::context::{Context, Outcome, path_id, seconds};
use super::errors::ApiError;
use super::paging::{Key, Style};
use super::records::Trigger;
use crate::simulator::Answer;

pub(crate) fn render(trigger: &Trigger, base: &str) -> Value {
    json!({"url": format!("{base}/api/v2/triggers/{}.json", trigger.id), "id": trigger.id, "title": trigger.title,
        "active": trigger.active, "updated_at": seconds(trigger.updated_at),
        "created_at": seconds(trigger.created_at), "default": trigger.default, "actions": trigger.actions,
        "conditions": {"all": trigger.all, "any": trigger.any}, "description": trigger.description,
        "position": trigger.position, "raw_title": trigger.title,
        "category_id": trigger.category_id.to_string()})
}

/// `/triggers…`.
pub(crate) fn route(cx: &mut Context<'_>, segments: &[&str]) -> Outcome {
    match (cx.call.method.as_str(), segments) {
        ("GET", []) => {
            let active = cx.call.param("active").map(|text| text == "true");
            let category = cx.call.param("category_id");
            let found = listed(cx, |trigger| {
                active.is_none_or(|active| trigger.active == active)
                    && category.is_none_or(|id| trigger.category_id.to_string() == id)
            });
            page_of(cx, &found, Style::Both)
        }
        ("GET", ["active"]) => page_of(cx, &listed(cx, |trigger| trigger.active), Style::Both),
        ("GET", ["search"]) => {
            let query = cx.call.param("query").unwrap_or_default().to_lowercase();
            let found = listed(cx, |trigger| trigger.title.to_lowercase().contains(&query));
            page_of(cx, &found, Style::Offset)
        }
        ("GET", ["definitions"]) => Ok(Answer::json(200, &definitions::definitions(cx.account))),
        ("POST", []) => write::create(cx),
        ("PUT", ["update_many"]) => bulk::update_many(cx),
        ("PUT", ["reorder"]) => bulk::reorder(cx),
        ("DELETE", ["destroy_many"]) => bulk::destroy_many(cx),
        ("GET", [id]) => {
            let id = existing(cx.account, id)?.id;
            answer(cx, id, 200)
        }
        ("PUT", [id]) => write::update(cx, id),
        ("DELETE", [id]) => {
            let id = existing(cx.account, id)?.id;
            cx.account.triggers.remove(&id);
            cx.touch();
            Ok(Answer::empty(204))
        }
        _ => Err(ApiError::no_route()),
    }
}

fn existing<'a>(account: &'a Account, id: &str) -> Result<&'a Trigger, ApiError> {
    account.triggers.get(&path_id(id)?).ok_or_else(ApiError::not_found)
}

fn answer(cx: &Context<'_>, id: u64, status: u16) -> Outcome {
    let trigger = cx.account.triggers.get(&id).ok_or_else(ApiError::not_found)?;
    let reply = Answer::json(status, &json!({"trigger": render(trigger, &cx.call.base)}));
    Ok(reply.with_header("location", cx.url(&format!("triggers/{id}.json"))))
}

fn listed<'a>(cx: &'a Context<'_>, wanted: impl Fn(&Trigger) -> bool) -> Vec<&'a Trigger> {
    cx.account.triggers.values().filter(|trigger| wanted(trigger) && cx.listed(trigger.id)).collect()
}

/// Pages by id, the way cursors need; the order of execution is in `position`.
fn page_of(cx: &Context<'_>, triggers: &[&Trigger], style: Style) -> Outcome {
    let keys: Vec<Key> = triggers.iter().map(|trigger| Key::Number(trigger.id)).collect();
    cx.list("triggers", (&keys, style), |at| render(triggers[at], &cx.call.base))
}
