//! Claims: what the status records of objects of ours that can carry no mark.
//!
//! They are recorded before the first call that makes or takes over such an object, so that nobody's account is taken
//! for ours and nobody of ours is forgotten, whatever crashes in between.

use std::collections::BTreeMap;

use super::{ExternalId, ObjectKey, Origin, Profile};

/// What is recorded of an object of ours that can carry no mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The helpdesk's id; `None` while the object is being created.
    pub id: Option<ExternalId>,
    /// How it became ours.
    pub origin: Origin,
    /// An agent's profile as we wrote it last, for helpdesks that do not show it.
    pub profile: Option<Profile>,
    /// An agent's `maxConversations` as we wrote it last, for helpdesks that do not show it.
    pub max_conversations: Option<u32>,
}

/// The claims of one store, by object.
pub type Claims = BTreeMap<ObjectKey, Claim>;

impl Claim {
    /// The claim of an object with this id (`None`: it is being created).
    pub fn new(id: Option<ExternalId>, origin: Origin) -> Self {
        Self { id, origin, profile: None, max_conversations: None }
    }
}
