//! What every kind of object has in common, so that one diff serves all of them.
//!
//! A new kind is a struct, a key, a field comparison and a place in `Kind`. It must not contain a decision.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{ExternalId, Kind, ObjectKey};

/// A kind of object that is kept in a helpdesk.
pub trait Resource: Clone + fmt::Debug + PartialEq + Eq {
    /// The kind.
    const KIND: Kind;
    /// What names an object of this kind within one store.
    type Key: Clone + fmt::Debug + fmt::Display + Ord;

    /// The fields in which `actual` differs from this desired value, in declaration order. Empty means in sync.
    fn differences(&self, actual: &Self) -> Vec<FieldChange>;

    /// Whether `other`, which is not ours, would have the same effect for customers or takes the same name.
    ///
    /// A create is held while such an object exists (`api.md`, "Never two with one effect").
    fn collides_with(&self, other: &Self) -> bool;

    /// The key that `marked` (the lower-case text of a key inside a mark) stands for; `None` where it stands for none.
    fn key_from_mark(marked: &str) -> Option<Self::Key>;

    /// What two values must share before `collides_with` can be true, so that nobody compares all with all.
    /// `None`: nothing collides with this kind.
    fn look_alike_key(&self) -> Option<String> {
        None
    }

    /// What people call it in the helpdesk; empty where a name may not be told (people) or there is none.
    fn title(&self) -> &str {
        ""
    }

    /// This object switched off; `None` where the kind has no such switch.
    fn switched_off(&self) -> Option<Self> {
        None
    }

    /// The objects of the store that must exist before this one can be written.
    fn leans_on(&self) -> Vec<ObjectKey> {
        Vec::new()
    }

    /// Replaces references to foreign ids that `link` recognizes as objects of the store.
    ///
    /// Needed where an object is adopted in the same plan as what points to it.
    fn relink(&mut self, _link: &dyn Fn(Kind, &ExternalId) -> Option<String>) {}

    /// Replaces references to keys of the store that `rename` knows under a new name.
    ///
    /// Needed where an entry is renamed in the same plan as what points to it.
    fn rename_references(&mut self, _rename: &dyn Fn(Kind, &str) -> Option<String>) {}

    /// Keeps what people see of an object that was theirs before we adopted it (its name or title).
    fn keep_appearance_of(&mut self, _actual: &Self) {}
}

/// One field that differs. The texts are for people and never hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldChange {
    /// The field's name in the spec's words, for example `displayName`.
    pub field: String,
    /// What the helpdesk holds.
    pub from: String,
    /// What is declared.
    pub to: String,
}

impl FieldChange {
    /// Describes a difference of `field`.
    pub fn new(field: &str, from: impl fmt::Display, to: impl fmt::Display) -> Self {
        Self { field: field.to_owned(), from: from.to_string(), to: to.to_string() }
    }

    /// Adds a difference to `changes` when the two values differ.
    pub fn compare<T: PartialEq + fmt::Display>(changes: &mut Vec<Self>, field: &str, values: (&T, &T)) {
        let (actual, desired) = values;
        if actual != desired {
            changes.push(Self::new(field, actual, desired));
        }
    }
}

/// A reference from one object to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Ref<K> {
    /// An object of this store, by its key.
    Ours(K),
    /// An object that is not this store's, by the id the helpdesk gave it.
    Foreign(ExternalId),
    /// Nothing.
    #[default]
    Nothing,
}

impl<K> Ref<K> {
    /// The key, when the reference is to an object of this store.
    pub fn key(&self) -> Option<&K> {
        match self {
            Ref::Ours(key) => Some(key),
            Ref::Foreign(_) | Ref::Nothing => None,
        }
    }
}

impl<K: fmt::Display> fmt::Display for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ref::Ours(key) => write!(f, "{key}"),
            Ref::Foreign(id) => write!(f, "id {id}"),
            Ref::Nothing => f.write_str("none"),
        }
    }
}

impl<K: From<String>> Ref<K> {
    /// Turns a foreign id into a key of the store where `link` knows it.
    pub fn relink(&mut self, kind: Kind, link: &dyn Fn(Kind, &ExternalId) -> Option<String>) {
        if let Ref::Foreign(id) = self
            && let Some(key) = link(kind, id)
        {
            *self = Ref::Ours(K::from(key));
        }
    }
    /// Gives a key of the store its new name where `rename` knows one.
    pub fn rename(&mut self, kind: Kind, rename: &dyn Fn(Kind, &str) -> Option<String>)
    where
        K: fmt::Display,
    {
        if let Ref::Ours(key) = self
            && let Some(name) = rename(kind, &key.to_string())
        {
            *self = Ref::Ours(K::from(name));
        }
    }
}
