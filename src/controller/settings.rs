//! Settings: what whoever installs the operator decides. Read once, at the border; never global.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::model::{Fence, Installation};

/// Whether this process may write to helpdesks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// It may.
    Allowed,
    /// It plans and reports, and writes nothing to a helpdesk (`--read-only`).
    ReadOnly,
}

/// What whoever installs the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The one namespace to watch; `None` watches all, and makes cluster accounts available.
    pub namespace: Option<String>,
    /// Where the operator runs: cluster accounts' Secrets are read here and nowhere else.
    pub operator_namespace: String,
    /// This installation's name towards helpdesks.
    pub installation: Installation,
    /// Names this installation had before: their marks count as ours, and are rewritten.
    pub former_installations: BTreeSet<Installation>,
    /// This cluster's fence.
    pub fence: Fence,
    /// How many stores are worked on at once.
    pub concurrency: u16,
    /// Whether helpdesks may be written.
    pub writes: Writes,
    /// How long an object we created may stay out of the helpdesk's lists.
    pub settle_window: Duration,
    /// How long a deletion waits for a clean-up that cannot be made; conversations of people are waited for up to a day.
    pub deletion_timeout: Duration,
    /// How often a webhook's Secret is read again; 5 minutes unless a test says otherwise.
    pub token_check: Duration,
}
