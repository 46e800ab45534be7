//! Both ways of paging: cursors (`page[size]`) and offsets (`page`, `per_page`).
//!
//! Must work on keys only, so that a page of a long list costs the rendering of that page.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::errors::ApiError;
use crate::simulator::Call;

/// Largest page.
const MAX_PAGE: usize = 100;
/// Rows that offsets can reach.
const MAX_OFFSET: usize = 10_000;

/// Place of an item in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Key {
    Number(u64),
    Name(String, u64),
    Text(String),
}

/// How a list may be paged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Cursor when `page[size]` is given, offsets otherwise.
    Both,
    /// Offsets only.
    Offset,
    /// Cursors only; `links` is absent on a single page and links carry the port 443 (webhooks).
    Webhooks,
}

/// The items of a page (positions in the list of keys) and the members of the reply that describe it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) range: std::ops::Range<usize>,
    pub(crate) members: Map<String, Value>,
}

/// Cuts the page that a request asks for out of a list sorted by key.
pub(crate) fn page(call: &Call, keys: &[Key], style: Style) -> Result<Page, ApiError> {
    let cursor = ["page[size]", "page[after]", "page[before]"].iter().any(|name| call.param(name).is_some());
    if style == Style::Webhooks || (cursor && style == Style::Both) {
        by_cursor(call, keys, style)
    } else {
        by_offset(call, keys)
    }
}

fn size(text: Option<&str>) -> Result<usize, ApiError> {
    let Some(text) = text else { return Ok(MAX_PAGE) };
    match text.parse::<usize>() {
        Ok(size) if size >= 1 => Ok(size.min(MAX_PAGE)),
        _ => Err(ApiError::Support {
            status: 400,
            error: "InvalidPaginationParameter",
            description: "The page size must be a number from 1 to 100".to_owned(),
        }),
    }
}

fn encode(key: &Key) -> String {
    STANDARD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn decode(text: &str) -> Result<Key, ApiError> {
    let bytes = STANDARD.decode(text).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| ApiError::Support {
        status: 400,
        error: "InvalidPaginationParameter",
        description: "page[after] and page[before] must be cursors of an earlier reply".to_owned(),
    })
}

fn by_cursor(call: &Call, keys: &[Key], style: Style) -> Result<Page, ApiError> {
    let size = size(call.param("page[size]"))?;
    let filled = |name: &str| call.param(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let (start, end, has_more) = if let Some(cursor) = filled("page[before]") {
        let cursor = decode(&cursor)?;
        let end = keys.partition_point(|key| *key < cursor);
        let start = end.saturating_sub(size);
        (start, end, start > 0)
    } else {
        let start = match filled("page[after]") {
            Some(cursor) => {
                let cursor = decode(&cursor)?;
                keys.partition_point(|key| *key <= cursor)
            }
            None => 0,
        };
        let end = (start + size).min(keys.len());
        (start, end, end < keys.len())
    };
    let edge = |position: Option<&Key>| position.map(encode);
    let slice = &keys[start..end];
    let (before, after) = (edge(slice.first()), edge(slice.last()));
    let link = |name: &str, cursor: &Option<String>| match cursor {
        Some(cursor) => json!(link(call, &[(name, cursor)], style)),
        None => Value::Null,
    };
    let mut members = Map::new();
    if style == Style::Webhooks && !has_more && start == 0 {
        members.insert("meta".to_owned(), json!({"has_more": false}));
    } else {
        let links = json!({"prev": link("page[before]", &before), "next": link("page[after]", &after)});
        members.insert(
            "meta".to_owned(),
            json!({"has_more": has_more, "after_cursor": after, "before_cursor": before}),
        );
        members.insert("links".to_owned(), links);
    }
    Ok(Page { range: start..end, members })
}

fn by_offset(call: &Call, keys: &[Key]) -> Result<Page, ApiError> {
    let size = size(call.param("per_page"))?;
    let number = call.param("page").and_then(|text| text.parse::<usize>().ok()).unwrap_or(1).max(1);
    if number > MAX_PAGE || number.saturating_mul(size) > MAX_OFFSET {
        return Err(ApiError::Support {
            status: 400,
            error: "InvalidPaginationDepth",
            description: "Offset pagination reaches 100 pages and 10000 rows; use cursor pagination"
                .to_owned(),
        });
    }
    let start = ((number - 1) * size).min(keys.len());
    let end = (start + size).min(keys.len());
    let to = |number: usize| json!(link(call, &[("page", &number.to_string())], Style::Offset));
    let mut members = Map::new();
    members.insert("next_page".to_owned(), if end < keys.len() { to(number + 1) } else { Value::Null });
    members.insert("previous_page".to_owned(), if number > 1 { to(number - 1) } else { Value::Null });
    members.insert("count".to_owned(), json!(keys.len()));
    Ok(Page { range: start..end, members })
}

/// The request's own URL with some parameters replaced.
fn link(call: &Call, replaced: &[(&str, &str)], style: Style) -> String {
    let gone = |name: &str| {
        replaced.iter().any(|(key, _)| *key == name) || matches!(name, "page[after]" | "page[before]")
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.query.iter().filter(|(name, _)| !gone(name)));
    query.extend_pairs(replaced);
    let base = if style == Style::Webhooks && call.base.starts_with("https://") {
        format!("{}:443", call.base)
    } else {
        call.base.clone()
    };
    format!("{base}{}?{}", call.path, query.finish())
}
