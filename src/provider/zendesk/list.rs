//! Complete lists: every page by cursor, or no list at all.
//!
//! A page that fails, has another shape, or repeats a cursor or an object makes the whole list unusable: never an
//! absence. Links of the vendor are not followed; the cursor is taken out and the address is built anew.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::client::{Call, Client};
use super::wire::{Listed, PageMeta};
use crate::provider::ProviderError;
use crate::provider::budget::Lane;
use crate::provider::http::encode;

/// Objects a page.
const PAGE_SIZE: usize = 100;
/// More pages than any account has: 1,000,000 objects.
const MAX_PAGES: usize = 10_000;

/// A list of the account.
#[derive(Debug)]
pub(super) struct List {
    /// Path without query.
    pub(super) path: String,
    /// The first part of the query, encoded; may be empty.
    pub(super) query: &'static str,
    /// Under which name the page holds the objects.
    pub(super) name: &'static str,
    /// For metrics.
    pub(super) operation: &'static str,
    /// The lane it counts against.
    pub(super) lane: Lane,
    /// What a page without paging information means.
    pub(super) unpaged: Unpaged,
}

/// What a page without any paging information means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unpaged {
    /// It is no answer of this list.
    IsRefused,
    /// It is the whole list (`zendesk.md` 7a: not every plan pages ticket fields).
    IsComplete,
}

impl List {
    /// A list under `/api/v2/` that pages by cursor.
    pub(super) fn of(name: &'static str, operation: &'static str) -> Self {
        Self {
            path: format!("/api/v2/{name}"),
            query: "",
            name,
            operation,
            lane: Lane::Account,
            unpaged: Unpaged::IsRefused,
        }
    }

    fn address(&self, paging: &str) -> String {
        let joint = if self.query.is_empty() { "" } else { "&" };
        format!("{}?{}{joint}{paging}", self.path, self.query)
    }
}

/// Where a list goes on.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Cursor(String),
    Page(usize),
    End,
}

/// Reads a whole list.
///
/// # Errors
/// When any page fails or contradicts another; never a partial list.
pub(super) async fn list<T: Listed>(client: &Client, list: &List) -> Result<Vec<T>, ProviderError> {
    let mut all = Vec::new();
    let mut keys = BTreeSet::new();
    let mut cursors = BTreeSet::new();
    let mut paging = format!("page%5Bsize%5D={PAGE_SIZE}");
    for page in 1..=MAX_PAGES {
        let call = Call::get(list.operation, list.address(&paging)).on(list.lane.clone());
        let body: Map<String, Value> = client.read(&call).await?.json()?;
        let (objects, next) = take_page::<T>(body, list, page)?;
        for object in &objects {
            if !keys.insert(object.key()) {
                return Err(ProviderError::Malformed);
            }
        }
        let empty = objects.is_empty();
        all.extend(objects);
        paging = match next {
            Next::End => return Ok(all),
            // An empty page that promises more would let a broken list run on for ever.
            Next::Cursor(_) | Next::Page(_) if empty => return Err(ProviderError::Malformed),
            Next::Cursor(cursor) => {
                let paging = format!("page%5Bsize%5D={PAGE_SIZE}&page%5Bafter%5D={}", encode(&cursor));
                if !cursors.insert(cursor) {
                    return Err(ProviderError::Malformed);
                }
                paging
            }
            Next::Page(number) => format!("page={number}&per_page={PAGE_SIZE}"),
        };
    }
    Err(ProviderError::Malformed)
}

fn take_page<T: Listed>(
    mut body: Map<String, Value>,
    list: &List,
    page: usize,
) -> Result<(Vec<T>, Next), ProviderError> {
    let objects = body.remove(list.name).ok_or(ProviderError::Malformed)?;
    let objects: Vec<T> = serde_json::from_value(objects).map_err(|_| ProviderError::Malformed)?;
    let next = if let Some(meta) = body.remove("meta") {
        let meta: PageMeta = serde_json::from_value(meta).map_err(|_| ProviderError::Malformed)?;
        // The last page still names a cursor: only `has_more` counts (`zendesk.md` 8).
        match (meta.has_more, meta.after_cursor) {
            (false, _) => Next::End,
            (true, Some(cursor)) if !cursor.is_empty() => Next::Cursor(cursor),
            (true, _) => return Err(ProviderError::Malformed),
        }
    } else {
        match body.get("next_page") {
            Some(Value::Null) => Next::End,
            Some(Value::String(_)) => Next::Page(page + 1),
            Some(_) => return Err(ProviderError::Malformed),
            None if list.unpaged == Unpaged::IsComplete => Next::End,
            None => return Err(ProviderError::Malformed),
        }
    };
    Ok((objects, next))
}
