//! What the status of a store says, as the verbs need it.
//!
//! Pure. A status counts only for the generation it was written for: after an edit, the old `Ready` is yesterday's.

use crate::api::HumanSupportConfig;
use crate::api::conditions::{self, Condition, ConditionStatus, ConditionType};
use crate::model::Reason;

/// A store and its status.
#[derive(Clone, Copy, Debug)]
pub struct StoreState<'a> {
    /// The resource.
    pub store: &'a HumanSupportConfig,
}

/// Whether a customer can reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachable {
    /// Yes.
    Yes,
    /// No.
    No,
    /// Nobody has looked, or not since the last edit.
    Unknown,
}

impl<'a> StoreState<'a> {
    /// Of a resource.
    pub fn new(store: &'a HumanSupportConfig) -> Self {
        Self { store }
    }

    /// The generation of the spec.
    pub fn generation(self) -> i64 {
        self.store.metadata.generation.unwrap_or_default()
    }

    /// The generation that the operator has seen; -1 before it has seen any.
    pub fn observed_generation(self) -> i64 {
        self.store.status.as_ref().and_then(|status| status.observed_generation).unwrap_or(-1)
    }

    /// Whether the status is about the present spec.
    pub fn is_current(self) -> bool {
        self.observed_generation() == self.generation()
    }

    /// Whether the resource is being deleted.
    pub fn is_deleting(self) -> bool {
        self.store.metadata.deletion_timestamp.is_some()
    }

    /// A condition.
    pub fn condition(self, type_: ConditionType) -> Option<&'a Condition> {
        conditions::get(&self.store.status.as_ref()?.conditions, type_)
    }

    /// All conditions.
    pub fn conditions(self) -> &'a [Condition] {
        self.store.status.as_ref().map_or(&[], |status| &status.conditions)
    }

    /// Whether everything the operator may do is done and verified, for the present spec.
    pub fn is_ready(self) -> bool {
        let ready = self.condition(ConditionType::Ready).is_some_and(|ready| {
            ready.status == ConditionStatus::True && ready.observed_generation == Some(self.generation())
        });
        ready && self.is_current() && !self.is_deleting() && !self.store.spec.suspend
    }

    /// Whether a customer can reach a person, and the sentence that answers it.
    pub fn reachable(self) -> (Reachable, String) {
        let Some(live) = self.condition(ConditionType::Live) else {
            let why = "the operator has not looked at this store yet; check that it is running";
            return (Reachable::Unknown, format!("unknown: {why}"));
        };
        let message = live.message.trim_start_matches("yes: ").trim_start_matches("no: ");
        let (reachable, word) = match live.status {
            ConditionStatus::True => (Reachable::Yes, "yes"),
            ConditionStatus::False => (Reachable::No, "no"),
            ConditionStatus::Unknown => (Reachable::Unknown, "unknown"),
        };
        if live.observed_generation == Some(self.generation()) {
            return (reachable, format!("{word}: {message}"));
        }
        let why = "the operator has not looked at the latest change yet; before it the answer was";
        (Reachable::Unknown, format!("unknown: {why} {word}: {message}"))
    }

    /// One line: where the store stands.
    pub fn headline(self) -> String {
        if self.is_deleting() {
            let message = match self.condition(ConditionType::DeletionBlocked) {
                Some(blocked) => format!(": {}", blocked.message),
                None => String::new(),
            };
            return format!("being deleted{message}");
        }
        if self.store.spec.suspend {
            return "suspended: nothing is done until `suspend` is false".to_owned();
        }
        if self.observed_generation() < 0 {
            return "not looked at yet".to_owned();
        }
        if !self.is_current() {
            return "the latest change is not looked at yet".to_owned();
        }
        match self.condition(ConditionType::Ready) {
            Some(ready) => {
                let word = match ready.status {
                    ConditionStatus::True => "ready",
                    ConditionStatus::False | ConditionStatus::Unknown => "not ready",
                };
                format!("{word} ({}): {}", ready.reason, ready.message)
            }
            None => "not looked at yet".to_owned(),
        }
    }

    /// Whether the operator has acted upon a request to look now.
    pub fn has_handled(self, stamp: &str) -> bool {
        let handled =
            self.store.status.as_ref().and_then(|status| status.last_handled_reconcile_at.as_deref());
        handled == Some(stamp)
    }

    /// Whether the operator says that it is suspended, for the present spec.
    pub fn says_suspended(self) -> bool {
        let suspended = self.condition(ConditionType::Suspended);
        suspended.is_some_and(|condition| condition.observed_generation == Some(self.generation()))
    }

    /// The digest of the plan, and whether it waits for somebody's approval.
    pub fn plan_digest(self) -> Option<&'a str> {
        self.store.status.as_ref()?.plan.as_ref()?.digest.as_deref()
    }

    /// Whether held changes wait for an approval. The status lists the first lines only, so conditions and problems
    /// are asked too.
    pub fn waits_for_approval(self) -> bool {
        let Some(status) = &self.store.status else { return false };
        let lines = status.plan.iter().flat_map(|plan| &plan.lines);
        let mut reasons = status.conditions.iter().map(|condition| condition.reason.as_str());
        let mut problems = status.problems.iter().map(|problem| problem.reason.as_str());
        lines.into_iter().any(|line| is_line_for_approval(line))
            || reasons.any(is_for_approval)
            || problems.any(is_for_approval)
    }
}

/// Whether a line of a plan is a change that waits for an approval.
pub fn is_line_for_approval(line: &str) -> bool {
    let reason = line.strip_prefix("held (").and_then(|rest| rest.split(')').next());
    reason.is_some_and(is_for_approval)
}

fn is_for_approval(reason: &str) -> bool {
    [Reason::ApprovalRequired, Reason::RemovalGuardTripped].iter().any(|known| known.as_str() == reason)
}
