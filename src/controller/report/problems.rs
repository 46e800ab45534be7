//! Problems: what is wrong with single entries, so that nobody has to guess which of 2,000 agents is meant.

use std::collections::BTreeMap;

use crate::api::config_status::Problem;
use crate::controller::round::Planned;
use crate::model::{ObjectKey, Reason};

/// The most bytes of a message: the schema's limit.
const MOST_BYTES: usize = 1000;

/// Every entry that is not as declared and is not merely waiting its turn, one problem each: causes first, then what
/// waits for them, each in the order of kinds and names.
pub(super) fn problems_of(planned: &Planned) -> Vec<Problem> {
    let mut problems: BTreeMap<ObjectKey, (Reason, String)> = BTreeMap::new();
    for done in &planned.done {
        let left = planned.plan.steps.iter().any(|step| step.object() == done.object);
        if let (true, Some(error)) = (left, done.error()) {
            let reason = crate::controller::work::blocked_by(error).reason;
            problems.insert(done.object.clone(), (reason, error.to_string()));
        }
    }
    for held in &planned.plan.held {
        problems.insert(held.step.object(), (held.reason, held.message.clone()));
    }
    for problem in &planned.problems {
        problems.insert(problem.object.clone(), (problem.reason, problem.message.clone()));
    }
    let mut problems: Vec<_> = problems.into_iter().collect();
    // The status lists the first ones: what only waits for a held change must not crowd out the cause.
    problems.sort_by_key(|(_, (reason, _))| *reason == Reason::DependencyHeld);
    problems
        .into_iter()
        .map(|(object, (reason, message))| Problem {
            kind: object.kind.to_string(),
            name: object.name,
            reason: reason.to_string(),
            message: super::clipped(message, MOST_BYTES),
        })
        .collect()
}
