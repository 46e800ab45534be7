//! Bulk requests on users. They become jobs; a job applies its items when it is due, not when it is asked for.
//!
//! Must answer 403 unless the account has bulk import enabled, as accounts have not by default; whether that goes for
//! updates too is an assumption.

use serde_json::{Map, Value, json};

use super::super::assumptions::{BulkUserUpdates, Happens};
use super::super::context::{Context, Outcome, as_id, text};
use super::super::errors::ApiError;
use super::super::jobs;
use super::{lifecycle, write};

fn check_enabled(cx: &Context<'_>) -> Result<(), ApiError> {
    if cx.account.features.bulk_users { Ok(()) } else { Err(ApiError::forbidden()) }
}

fn limited(items: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    if items.len() > 100 {
        return Err(ApiError::TooManyValues {
            description: "Maximum 100 users may be created per call".to_owned(),
        });
    }
    Ok(items)
}

/// `create_many` and `create_or_update_many`.
pub(super) fn many(cx: &mut Context<'_>, kind: &str) -> Outcome {
    check_enabled(cx)?;
    let body = cx.body()?;
    let Some(users) = body["users"].as_array() else {
        return Err(ApiError::bad_request("users must be a list"));
    };
    let items = limited(users.clone())?;
    jobs::enqueue(cx, kind, items)
}

/// `PUT /users/update_many`: `ids` and one `user`, or `users` with an id each.
pub(super) fn update_many(cx: &mut Context<'_>) -> Outcome {
    if cx.assumptions.bulk_user_updates == BulkUserUpdates::LikeImports {
        check_enabled(cx)?;
    }
    let body = cx.body()?;
    let items = update_many_items(&cx.ids("ids")?, &body, ("user", "users"));
    let items = limited(items.ok_or_else(|| ApiError::bad_request("send ids with user, or users"))?)?;
    jobs::enqueue(cx, "update_many", items)
}

/// The items of an `update_many` in either of its two forms; each carries its id.
pub(crate) fn update_many_items(
    ids: &[String],
    body: &Value,
    (one, many): (&str, &str),
) -> Option<Vec<Value>> {
    if let Some(items) = body[many].as_array() {
        return Some(items.clone());
    }
    let object = body[one].as_object()?;
    let with_id = |id: &String| {
        let mut item = object.clone();
        item.insert("id".to_owned(), json!(id));
        Value::Object(item)
    };
    Some(ids.iter().map(with_id).collect())
}

pub(super) fn destroy_many(cx: &mut Context<'_>) -> Outcome {
    check_enabled(cx)?;
    let items = cx.ids("ids")?.iter().map(|id| json!({"id": id})).collect();
    jobs::enqueue(cx, "destroy_many", items)
}

/// Carries out one item of a job; the words of the result are the vendor's.
pub(crate) fn perform_item(
    cx: &mut Context<'_>,
    kind: &str,
    item: &Value,
) -> Result<(u64, &'static str), ApiError> {
    let object = item.as_object().cloned().unwrap_or_default();
    let id = object.get("id").and_then(as_id);
    let fields = |cx: &mut Context<'_>, mut object: Map<String, Value>| {
        object.remove("id");
        write::bulk_fields(cx, object)
    };
    match kind {
        "create_many" => {
            let fields = fields(cx, object);
            Ok((write::create_user(cx, fields)?, "Created"))
        }
        "create_or_update_many" => {
            let fields = fields(cx, object);
            match write::matched(cx, &fields) {
                Some(id) => write::update_user(cx, id, fields).map(|()| (id, "Updated")),
                None => Ok((write::create_user(cx, fields)?, "Created")),
            }
        }
        "update_many" => {
            let by_external =
                text(&object, "external_id").and_then(|one| cx.account.user_by_external_id(one));
            let is_named_by_id = id.is_some();
            let id = id.or(by_external).ok_or_else(ApiError::not_found)?;
            let mut fields = fields(cx, object);
            if !is_named_by_id || cx.assumptions.user_jobs_write_external_id == Happens::No {
                fields.remove("external_id");
            }
            write::update_user(cx, id, fields).map(|()| (id, "Updated"))
        }
        _ => {
            let id = id.ok_or_else(ApiError::not_found)?;
            lifecycle::delete_user(cx, id).map(|()| (id, "Deleted"))
        }
    }
}
