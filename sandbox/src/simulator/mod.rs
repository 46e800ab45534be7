//! What every helpdesk simulator shares: exchanges, ledger, faults, clock, the `/_sandbox` control plane and the server.
//!
//! It exists so that a second simulator (another vendor) gets the same evidence and the same faults for free. It must
//! not know a vendor's words: whatever is particular to one goes through the trait [`Vendor`].

pub mod clock;
pub mod control;
pub mod exchange;
mod fault_body;
pub mod faults;
pub mod ledger;
mod pipeline;
pub mod positions;
pub mod redact;
pub mod server;
pub mod state_file;

use std::sync::Arc;

pub use clock::{Clock, ClockChange};
pub use exchange::{Answer, Call};
pub use faults::{Action, Effect, Faults, Rule};
pub use ledger::{Entry, Ledger, Stage};

/// Where a request belongs, as the vendor reads it from its host and path.
#[derive(Debug, Clone)]
pub struct Location {
    /// Name of the account the request is for.
    pub account: String,
    /// The path inside that account, such as `/api/v2/users`.
    pub path: String,
    /// What an absolute link of the reply starts with, such as `http://127.0.0.1:4000/accounts/lojacentro`.
    pub base: String,
}

/// How far a request is to be carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Apply the effect and answer.
    Full,
    /// Answer as if the effect were applied, and leave the state as it was.
    Pretend,
}

/// The part of a simulator that knows one vendor. Every method is synchronous: an effect is never half applied.
pub trait Vendor: Send + Sync + 'static {
    /// Finds the account and the path inside it; `Err` is what an unknown host answers.
    fn locate(&self, host: &str, path: &str) -> Result<Location, Answer>;
    /// The account of a request that only its credentials or body name; `None` leaves what `locate` said. Ledger and
    /// faults go by it.
    fn account_of(&self, _call: &Call) -> Option<String> {
        None
    }
    /// Checks credentials and limits, applies the effect and answers.
    fn perform(&self, call: &Call, depth: Depth) -> Answer;
    /// Whether the request counts as a write of the ledger (token requests do not).
    fn is_write(&self, call: &Call) -> bool;
    /// The short name of the operation, ids replaced, such as `PUT /users/{id}`.
    fn operation(&self, call: &Call) -> String;
    /// Turns a request for a later page into one for the first page (the fault "same page again").
    fn rewind(&self, call: &Call) -> Call;
    /// The request for the page after the one answered (the fault "a page is skipped").
    fn next_page(&self, call: &Call, answer: &Answer) -> Option<Call>;
    /// Carries out a fault that only the vendor understands, after the effect of the request. `Err` says why it cannot.
    fn disturb(&self, call: &Call, disturbance: &serde_json::Value) -> Result<(), String>;
    /// The vendor's own routes below `/_sandbox/`; `None` when there is no such route.
    fn control(&self, request: &Call) -> Option<Answer>;
}

/// A running simulator's shared parts.
pub struct Core {
    /// The vendor's behavior.
    pub vendor: Arc<dyn Vendor>,
    /// Every request so far.
    pub ledger: Ledger,
    /// What goes wrong next.
    pub faults: Faults,
    /// The simulator's time.
    pub clock: Arc<Clock>,
}

impl Core {
    /// Puts the parts together; nothing listens yet (see [`server::start`]).
    pub fn new(vendor: Arc<dyn Vendor>, clock: Arc<Clock>) -> Arc<Self> {
        Arc::new(Self { vendor, ledger: Ledger::default(), faults: Faults::default(), clock })
    }
}
