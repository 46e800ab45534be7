//! How we decide: desired and observed state in, a plan out.
//!
//! Pure, total and deterministic. It must not read a clock, the environment, the network or a log, and knows no
//! vendor. One generic diff serves every kind; what may not be done yet is in the plan, held, with its reason.

mod adoption;
mod changes;
mod collisions;
mod diff;
mod digest;
mod display;
mod draft;
mod guard;
mod hold;
mod kinds;
mod lifecycle;
mod order;
mod people;
mod places;
mod protect;
mod removal;
mod seats;
mod step;

#[cfg(test)]
mod tests;

pub use hold::fenced_sentence;
pub use step::{Action, Change, Step};

use crate::model::{Desired, Lifecycle, ObjectKey, Observed, Policy, Reason};

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

    /// `sha256:<hex>` over kind, key and action of every change, held or not: what a person approves.
    ///
    /// It holds no id, so it can be written in the pull request that causes the plan, and it does not change when it is
    /// approved.
    pub fn digest(&self) -> String {
        digest::digest(self.steps.iter().chain(self.held.iter().map(|held| &held.step)))
    }
}

/// Decides what shall be done so that the helpdesk holds what is declared, within the policy.
///
/// Infallible: what cannot be done is in the plan, held. `desired` counts only while the store lives; a store that is
/// deleted or retired declares nothing. The same values give the same plan, whatever the order of lists.
pub fn plan(desired: &Desired, observed: &Observed, policy: &Policy) -> Plan {
    let nothing = Desired::none();
    let desired = if policy.lifecycle == Lifecycle::Living { desired } else { &nothing };
    let context = diff::Context::new(observed, policy);
    let (drafts, links) = changes::propose(desired, &context);
    let mut drafts = order::sort(drafts);
    hold::decide(&mut drafts, (desired, &links), &context);
    let mut plan = Plan::default();
    for draft in drafts {
        match draft.hold {
            None => plan.steps.push(draft.step),
            Some(draft::Hold { reason, message }) => {
                plan.held.push(Held { step: draft.step, reason, message });
            }
        }
    }
    plan
}
