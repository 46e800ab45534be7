//! A table of one kind of object, indexed by whose mark it has and by the words it is looked up with.
//!
//! Exists so that one store's part of an account is found without a scan of ten thousand stores. It must not decide
//! what an object means.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

use super::wire::{Group, GroupMembership, Id, Schedule, TicketField, Trigger, User, Webhook};
use crate::model::{Mark, Stamp, StoreId};

/// An object of a table.
pub(super) trait Row: Clone {
    /// The vendor's id.
    type Id: Ord + Clone + Hash;

    fn id(&self) -> Self::Id;
    /// The text that may hold our mark.
    fn carrier(&self) -> &str;
    /// What it is looked up with, folded to lower case.
    fn words(&self) -> Vec<String>;
    /// When it last changed, by the vendor's clock.
    fn updated_at(&self) -> &str;
}

/// Objects of one kind.
#[derive(Debug)]
pub(super) struct Table<R: Row> {
    rows: HashMap<R::Id, R>,
    by_store: HashMap<StoreId, BTreeSet<R::Id>>,
    by_word: HashMap<String, BTreeSet<R::Id>>,
}

impl<R: Row> Default for Table<R> {
    fn default() -> Self {
        Self { rows: HashMap::new(), by_store: HashMap::new(), by_word: HashMap::new() }
    }
}

impl<R: Row> FromIterator<R> for Table<R> {
    fn from_iter<I: IntoIterator<Item = R>>(rows: I) -> Self {
        let mut table = Self::default();
        for row in rows {
            table.put(row);
        }
        table
    }
}

impl<R: Row> Table<R> {
    /// Adds or replaces a row; answers the former one.
    pub(super) fn put(&mut self, row: R) -> Option<R> {
        let former = self.remove(&row.id());
        let id = row.id();
        if let Some(store) = Mark::store_of(row.carrier()) {
            self.by_store.entry(store).or_default().insert(id.clone());
        }
        for word in row.words() {
            self.by_word.entry(word).or_default().insert(id.clone());
        }
        self.rows.insert(id, row);
        former
    }

    /// Takes a row out.
    pub(super) fn remove(&mut self, id: &R::Id) -> Option<R> {
        let row = self.rows.remove(id)?;
        if let Some(store) = Mark::store_of(row.carrier()) {
            take_out(&mut self.by_store, &store, id);
        }
        for word in row.words() {
            take_out(&mut self.by_word, &word, id);
        }
        Some(row)
    }

    pub(super) fn get(&self, id: &R::Id) -> Option<&R> {
        self.rows.get(id)
    }

    /// All rows, by id.
    pub(super) fn all(&self) -> impl Iterator<Item = &R> {
        let sorted: BTreeMap<&R::Id, &R> = self.rows.iter().collect();
        sorted.into_values()
    }

    /// The rows with a mark of this store, whatever installation wrote it.
    pub(super) fn of_store<'a>(&'a self, store: &StoreId) -> impl Iterator<Item = &'a R> + use<'a, R> {
        self.by_store.get(store).into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    /// The rows that this word finds; `word` is folded to lower case.
    pub(super) fn with_word<'a>(&'a self, word: &str) -> impl Iterator<Item = &'a R> + use<'a, R> {
        self.by_word.get(&word.to_lowercase()).into_iter().flatten().filter_map(|id| self.rows.get(id))
    }

    /// Whether a newer version of the operator marked a row of this store.
    pub(super) fn is_outrun(&self, stamp: &Stamp) -> bool {
        self.of_store(&stamp.store).any(|row| stamp.is_outrun_by(row.carrier()))
    }

    /// The ids of all rows with a mark.
    pub(super) fn marked(&self) -> impl Iterator<Item = R::Id> {
        self.by_store.values().flatten().cloned()
    }

    /// All rows, by id.
    pub(super) fn rows(&self) -> Vec<&R> {
        let mut rows: Vec<&R> = self.rows.values().collect();
        rows.sort_by_key(|row| row.id());
        rows
    }

    /// The rows of a store, those that any of the words finds, and those of these ids; each once, by id.
    pub(super) fn concerning(&self, store: &StoreId, words: &BTreeSet<String>, ids: &[R::Id]) -> Vec<R> {
        let mut found: BTreeMap<R::Id, R> = BTreeMap::new();
        let by_word = words.iter().flat_map(|word| self.with_word(word));
        let by_id = ids.iter().filter_map(|id| self.rows.get(id));
        for row in self.of_store(store).chain(by_word).chain(by_id) {
            found.entry(row.id()).or_insert_with(|| row.clone());
        }
        found.into_values().collect()
    }
}

fn take_out<K: Hash + Eq, I: Ord>(index: &mut HashMap<K, BTreeSet<I>>, key: &K, id: &I) {
    if let Some(ids) = index.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

impl Row for User {
    type Id = Id;

    fn id(&self) -> Id {
        self.id
    }

    fn carrier(&self) -> &str {
        &self.external_id
    }

    fn words(&self) -> Vec<String> {
        if self.email.is_empty() { Vec::new() } else { vec![self.email.to_lowercase()] }
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}

impl Row for Group {
    type Id = Id;

    fn id(&self) -> Id {
        self.id
    }

    fn carrier(&self) -> &str {
        &self.description
    }

    fn words(&self) -> Vec<String> {
        vec![self.name.to_lowercase()]
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}

/// The word that finds the memberships of a user.
pub(super) fn of_user(id: Id) -> String {
    format!("user {id}")
}

/// The word that finds the memberships of a group.
pub(super) fn of_group(id: Id) -> String {
    format!("group {id}")
}

impl Row for GroupMembership {
    type Id = Id;

    fn id(&self) -> Id {
        self.id
    }

    fn carrier(&self) -> &str {
        ""
    }

    fn words(&self) -> Vec<String> {
        vec![of_user(self.user_id), of_group(self.group_id)]
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}

impl Row for Webhook {
    type Id = String;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn carrier(&self) -> &str {
        &self.description
    }

    fn words(&self) -> Vec<String> {
        vec![self.endpoint.to_lowercase()]
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}

impl Row for Trigger {
    type Id = Id;

    fn id(&self) -> Id {
        self.id
    }

    fn carrier(&self) -> &str {
        &self.description
    }

    fn words(&self) -> Vec<String> {
        super::convert::trigger::tags_of(&self.conditions).into_iter().map(|tag| tag.to_lowercase()).collect()
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}

impl Row for TicketField {
    type Id = Id;

    fn id(&self) -> Id {
        self.id
    }

    fn carrier(&self) -> &str {
        &self.agent_description
    }

    fn words(&self) -> Vec<String> {
        vec![self.title.to_lowercase()]
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}

impl Row for Schedule {
    type Id = Id;

    fn id(&self) -> Id {
        self.id
    }

    fn carrier(&self) -> &str {
        super::convert::schedule::carrier(&self.name)
    }

    fn words(&self) -> Vec<String> {
        vec![super::convert::schedule::plain_name(&self.name).to_lowercase()]
    }

    fn updated_at(&self) -> &str {
        &self.updated_at
    }
}
