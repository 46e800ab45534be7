//! Lists of the chat APIs: search, column, direction, pages of 20 that tell no total.
//!
//! Must render only what a page shows, unless another column than the id decides about the order.

use std::cmp::Ordering;

use serde_json::Value;

use super::context::Context;

const DEFAULT_LIMIT: u64 = 20;

/// Whether an object's texts match the parameter `search` (no parameter: everything does).
pub(crate) fn is_found(cx: &Context<'_>, texts: &[&str]) -> bool {
    let Some(wanted) = cx.call.param("search").map(str::to_lowercase).filter(|text| !text.is_empty()) else {
        return true;
    };
    texts.iter().any(|text| text.to_lowercase().contains(&wanted))
}

/// The page that a request asks for.
pub(crate) fn page(cx: &Context<'_>, mut ids: Vec<u64>, render: impl Fn(u64) -> Value) -> Vec<Value> {
    let number = |name: &str| cx.call.param(name).and_then(|text| text.parse::<u64>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(DEFAULT_LIMIT);
    let limit = cx.rules.limit_cap.map_or(limit, |cap| limit.min(cap));
    let page = number("page").unwrap_or(1).max(1);
    match cx.call.param("column") {
        None | Some("id") => ids.sort_unstable(),
        Some(column) => {
            let mut keyed: Vec<(Value, u64)> =
                ids.iter().map(|id| (render(*id)[column].clone(), *id)).collect();
            keyed.sort_by(|left, right| compare(&left.0, &right.0).then(left.1.cmp(&right.1)));
            ids = keyed.into_iter().map(|(_, id)| id).collect();
        }
    }
    if !cx.call.param("direction").is_some_and(|direction| direction.eq_ignore_ascii_case("asc")) {
        ids.reverse();
    }
    let whole = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let skip = whole((page - 1).saturating_mul(limit));
    ids.into_iter().skip(skip).take(whole(limit)).map(render).collect()
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_u64().cmp(&right.as_u64()),
        (left, right) => left.to_string().cmp(&right.to_string()),
    }
}
