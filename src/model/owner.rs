//! Whose a helpdesk object is, and the proof that lets us change it.
//!
//! `Owned` can be built only here, from a verified mark or claim; updates and deletes take nothing else. So the
//! compiler keeps us off other people's objects.

use serde::{Deserialize, Serialize};

use super::{ExternalId, Origin, Resource, StoreId};

/// Whose an object is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Owner {
    /// No mark: a person's, or another tool's that leaves none.
    Nobody,
    /// This store's, by a mark or a recorded claim.
    Us {
        /// The key in the mark, lower case.
        key: String,
        /// How it became ours.
        origin: Origin,
        /// False when the mark must be written again (a former installation, a fence that is missing).
        mark_is_current: bool,
    },
    /// Another store's of this installation.
    OtherStore(StoreId),
    /// Another installation's.
    OtherInstallation(String),
    /// The place of the mark is taken by something else.
    Unknown,
    /// A newer version of the operator marked it in a way that this one cannot read: it is left alone.
    NewerVersion,
}

/// An object as the helpdesk holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote<R> {
    /// The helpdesk's id.
    pub id: ExternalId,
    /// Whose it is.
    pub owner: Owner,
    /// What it is.
    pub value: R,
}

impl<R: Resource> Remote<R> {
    /// The proof of ownership, when the object is this store's.
    pub fn owned(&self) -> Option<Owned<R>> {
        match &self.owner {
            Owner::Us { key, origin, mark_is_current } => Some(Owned {
                remote: self.clone(),
                key: key.clone(),
                origin: *origin,
                mark_is_current: *mark_is_current,
            }),
            Owner::Nobody
            | Owner::OtherStore(_)
            | Owner::OtherInstallation(_)
            | Owner::Unknown
            | Owner::NewerVersion => None,
        }
    }

    /// Whether nobody's mark is on it.
    pub fn is_unowned(&self) -> bool {
        self.owner == Owner::Nobody
    }
}

/// An object that is provably this store's: the only thing that can be updated or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Owned<R> {
    remote: Remote<R>,
    key: String,
    origin: Origin,
    mark_is_current: bool,
}

impl<R: Resource> Owned<R> {
    /// The helpdesk's id.
    pub fn id(&self) -> &ExternalId {
        &self.remote.id
    }

    /// What the helpdesk holds.
    pub fn value(&self) -> &R {
        &self.remote.value
    }

    /// The key in its mark, lower case.
    pub fn marked_key(&self) -> &str {
        &self.key
    }

    /// How it became ours.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Whether its mark can stay as it is.
    pub fn mark_is_current(&self) -> bool {
        self.mark_is_current
    }
}
