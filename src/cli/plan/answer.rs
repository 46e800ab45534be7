//! What was found out about each store, ready to be written in any form.
//!
//! Pure. Must not hold an e-mail address: agents are named by their key, and values of the field `email` are left out.

use crate::api::HumanSupportConfig;
use crate::api::policies::Mode;
use crate::cli::stores::StoreName;
use crate::controller::bindings;
use crate::controller::round::{Planned, Round};
use crate::model::PendingStep;
use crate::plan::{Action, Step};

/// The answer of the verb.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// One for each store that was asked for.
    pub(super) stores: Vec<StoreAnswer>,
    /// What the reader should know of how it was found out.
    pub(super) notes: Vec<String>,
}

/// What would happen to one store.
#[derive(Clone, Debug)]
pub(super) struct StoreAnswer {
    /// Which store.
    pub(super) name: StoreName,
    /// What would happen.
    pub(super) outcome: Outcome,
}

/// What would happen.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// It was planned.
    Planned(Box<StorePlan>),
    /// Nothing would be done, and why.
    Nothing(&'static str),
    /// It cannot be planned: reason and sentence.
    Blocked(String, String),
}

/// The plan of one store.
#[derive(Clone, Debug)]
pub(super) struct StorePlan {
    /// The account, such as `HelpdeskAccount/zendesk`.
    pub(super) account: String,
    /// Its host.
    pub(super) host: String,
    /// What a person approves.
    pub(super) digest: String,
    /// What would be done, in order.
    pub(super) steps: Vec<Line>,
    /// What would not be done yet.
    pub(super) held: Vec<HeldLine>,
    /// What is wrong with single entries.
    pub(super) problems: Vec<String>,
    /// What people have to do.
    pub(super) pending: Vec<PendingStep>,
    /// What else the reader should know.
    pub(super) remarks: Vec<String>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// What is done.
    pub(super) action: Action,
    /// The kind of the object.
    pub(super) kind: String,
    /// Its key.
    pub(super) name: String,
    /// The names of the fields that change.
    pub(super) fields: Vec<String>,
    /// The line for people, in the operator's own words.
    pub(super) text: String,
}

/// One change that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeldLine {
    /// The change.
    pub(super) line: Line,
    /// Why it waits.
    pub(super) reason: String,
    /// What is allowed, and what to do.
    pub(super) message: String,
}

impl Line {
    fn of(step: &Step) -> Self {
        let object = step.object();
        Self {
            action: step.action(),
            kind: object.kind.to_string(),
            name: object.name,
            fields: step.fields().iter().map(|change| change.field.clone()).collect(),
            text: step.to_string(),
        }
    }
}

impl StoreAnswer {
    /// Of a round up to its plan.
    pub(super) fn of(store: &HumanSupportConfig, round: Round) -> Self {
        let outcome = match round {
            Round::Suspended => Outcome::Nothing("it is suspended: nothing is done until `suspend` is false"),
            Round::Blocked(blocked) => Outcome::Blocked(blocked.reason.to_string(), blocked.message),
            Round::Planned(planned) => Outcome::Planned(Box::new(plan_of(store, &planned))),
        };
        Self { name: StoreName::of(store), outcome }
    }

    /// Of a store that is being deleted: its end is not planned, it is under way.
    pub(super) fn deleting(store: &HumanSupportConfig) -> Self {
        let outcome =
            Outcome::Nothing("it is being deleted: the operator is carrying out its `deletionPolicy`");
        Self { name: StoreName::of(store), outcome }
    }

    /// Whether anything would change, now or once it is allowed.
    pub(super) fn has_changes(&self) -> bool {
        matches!(&self.outcome, Outcome::Planned(plan) if !plan.steps.is_empty() || !plan.held.is_empty())
    }

    /// Why it cannot be planned.
    pub(super) fn error(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Blocked(_, message) => Some(message),
            Outcome::Planned(_) | Outcome::Nothing(_) => None,
        }
    }
}

fn plan_of(store: &HumanSupportConfig, planned: &Planned) -> StorePlan {
    let held = planned.plan.held.iter().map(|held| HeldLine {
        line: Line::of(&held.step),
        reason: held.reason.to_string(),
        message: held.message.clone(),
    });
    let problems = planned.problems.iter();
    StorePlan {
        account: planned.side.account.clone(),
        host: planned.side.host.clone(),
        digest: planned.plan.digest(),
        steps: planned.plan.steps.iter().map(Line::of).collect(),
        held: held.collect(),
        problems: problems
            .map(|problem| format!("{}: {}: {}", problem.object, problem.reason, problem.message))
            .collect(),
        pending: planned.pending.clone(),
        remarks: remarks(store, planned),
    }
}

fn remarks(store: &HumanSupportConfig, planned: &Planned) -> Vec<String> {
    let mut remarks = Vec::new();
    if store.spec.mode == Mode::Observe {
        remarks.push("mode Observe: the operator shows these changes and makes none of them".to_owned());
    }
    for webhook in &planned.missing_tokens {
        remarks.push(format!(
            "the Secret with the token of the webhook `{webhook}` is not here: where the operator has it, what is held for it is done"
        ));
    }
    let recorded = store.status.as_ref().map(|status| status.bindings.clone()).unwrap_or_default();
    for former in bindings::leaving(&bindings::with_side(recorded, &planned.side)) {
        remarks.push(format!(
            "the store leaves `{}` ({}) by its `deletionPolicy` once everything here is done and the step SwitchBot is completed",
            former.account, former.host
        ));
    }
    remarks
}
