//! How we decide: desired and observed state in, a plan out.
//!
//! Pure, total and deterministic. It must not read a clock, the environment, the network or a log, and knows no
//! vendor. One generic diff serves every kind; what may not be done yet is in the plan, held, with its reason.

mod step;

pub use step::{Action, Change, Step};

use crate::model::{ObjectKey, Reason};

/// A change that may not be made, with its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The change.
    pub step: Step,
    /// Why it is held.
    pub reason: Reason,
    /// One sentence that says what is allowed and what to do; byte-stable, no e-mail, no secret.
    pub message: String,
}

/// What shall be done, in order, and what may not be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What shall be done, in order.
    pub steps: Vec<Step>,
    /// What may not be done, in the order in which it would be.
    pub held: Vec<Held>,
}

impl Plan {
    /// Whether nothing is to be done and nothing is held.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.held.is_empty()
    }

    /// The held change of `object`, if there is one.
    pub fn held_for(&self, object: &ObjectKey) -> Option<&Held> {
        self.held.iter().find(|held| held.step.object() == *object)
    }
}
