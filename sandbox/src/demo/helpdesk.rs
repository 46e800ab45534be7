//! What the demo asks of a simulated helpdesk.
//!
//! Why it exists: the demo shows every vendor the same way. Must not: know a vendor's calls.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;

/// Something worth trying, as a person would type it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// What it shows.
    pub what: String,
    /// The command line.
    pub command: String,
}

impl Hint {
    /// A hint that says what its command shows.
    pub fn new(what: &str, command: String) -> Self {
        Self { what: what.to_owned(), command }
    }
}

/// A simulated helpdesk that runs in this process; it ends when it is dropped.
pub trait Helpdesk: Send + Sync {
    /// The vendor, for example `Zendesk`.
    fn name(&self) -> &str;

    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// The ends of the host names that the operator is told to find here.
    fn host_suffixes(&self) -> &'static [&'static str];

    /// Does what a person does in the helpdesk itself for a pending step (`name`, `value`); most steps need nothing here.
    fn play(&self, _step: &Value) {}

    /// How often each operation was called since the start, for example `POST /api/v2/groups` → 7.
    fn calls(&self) -> BTreeMap<String, u64>;

    /// What `${NAME}` in a manifest stands for; by default the address under `<VENDOR>_HOST`.
    fn placeholders(&self) -> Vec<(String, String)> {
        vec![(format!("{}_HOST", self.name().to_uppercase()), self.address().to_string())]
    }

    /// What to try behind the operator's back.
    fn hints(&self) -> Vec<Hint> {
        Vec::new()
    }
}
