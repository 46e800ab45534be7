//! Complete lists of the chat APIs: every page, or no list at all.
//!
//! They tell no total, and may give fewer objects than asked for. So a list ends with an empty page, or with one that is
//! shorter than a page before it; an object that comes twice makes the list unusable, never an absence.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::client::{Call, Client, Line};
use super::wire::{self, Account, Agent, Department, Id};
use crate::provider::ProviderError;

/// Objects a page that are asked for; 20 is the vendor's default (`zenvia.md` 3).
const PAGE_SIZE: usize = 100;
/// More pages than any account has.
const MAX_PAGES: usize = 10_000;

/// A list of a chat API.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The path, without a query.
    pub(super) path: String,
    /// The first part of the query, encoded; may be empty.
    pub(super) query: String,
    /// Under which name the answer holds the objects.
    pub(super) name: &'static str,
    /// For metrics.
    pub(super) operation: &'static str,
}

/// An object of a list.
pub(super) trait Listed: DeserializeOwned {
    fn id(&self) -> &Id;
}

impl Listed for Agent {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Listed for Department {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl Listed for Account {
    fn id(&self) -> &Id {
        &self.id
    }
}

impl List {
    fn page(&self, number: usize) -> Call {
        let joint = if self.query.is_empty() { "" } else { "&" };
        let query = format!("{}{joint}page={number}&limit={PAGE_SIZE}&column=id&direction=asc", self.query);
        Call { query, ..Call::get(Line::Chat, self.operation, self.path.clone()) }
    }
}

/// Reads a whole list.
///
/// # Errors
/// When any page fails or contradicts another; never a partial list.
pub(super) async fn list<T: Listed>(client: &Client, list: &List) -> Result<Vec<T>, ProviderError> {
    walk(client, list, |_| false).await
}

/// Reads a list up to the first object that `found` accepts, and answers that one.
///
/// # Errors
/// As [`list`].
pub(super) async fn find<T: Listed>(
    client: &Client,
    list: &List,
    found: impl Fn(&T) -> bool,
) -> Result<Option<T>, ProviderError> {
    let all: Vec<T> = walk(client, list, &found).await?;
    Ok(all.into_iter().find(|object| found(object)))
}

async fn walk<T: Listed>(
    client: &Client,
    list: &List,
    is_enough: impl Fn(&T) -> bool,
) -> Result<Vec<T>, ProviderError> {
    let mut all: Vec<T> = Vec::new();
    let mut ids: BTreeSet<Id> = BTreeSet::new();
    let mut longest = 0;
    for number in 1..=MAX_PAGES {
        let body: Value = client.read(&list.page(number)).await?.json()?;
        let objects: Vec<T> = wire::list(body, list.name)?;
        // An interface that does not page gives the same objects again: everything was on the first page.
        let is_same = number == 2
            && !objects.is_empty()
            && objects.len() == all.len()
            && objects.iter().all(|object| ids.contains(object.id()));
        if is_same && list.is_maybe_unpaged() {
            return Ok(all);
        }
        for object in &objects {
            if !ids.insert(object.id().clone()) {
                return Err(ProviderError::Malformed);
            }
        }
        let count = objects.len();
        let enough = objects.iter().any(&is_enough);
        all.extend(objects);
        if enough || count < longest || count == 0 {
            return Ok(all);
        }
        longest = longest.max(count);
    }
    Err(ProviderError::Malformed)
}

impl List {
    /// No source says whether the account-token API pages its lists; the Partner API does.
    fn is_maybe_unpaged(&self) -> bool {
        self.path.starts_with(super::EXTERNAL_BASE)
    }
}
