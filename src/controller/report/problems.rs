//! Problems: what is wrong with single entries, so that nobody has to guess which of 2,000 agents is meant.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::api::config_status::Problem;
use crate::controller::handover::publish;
use crate::controller::round::{Bearing, EntryProblem, Planned};
use crate::controller::store::StoreResource;
use crate::controller::training::Look;
use crate::model::{ObjectKey, Reason};

/// The most bytes of a message: the schema's limit.
const MOST_BYTES: usize = 1000;

/// Every entry that is not as declared and is not merely waiting its turn, one problem each: causes first, then what
/// waits for them, then what only informs, each in the order of kinds and names.
pub(super) fn problems_of(store: StoreResource<'_>, (planned, training): (&Planned, &Look)) -> Vec<Problem> {
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
    for problem in of_bearing(planned, Bearing::Blocks) {
        problems.insert(problem.object.clone(), (problem.reason, problem.message.clone()));
    }
    let informing = add_informing(&mut problems, planned);
    let mut problems: Vec<_> = problems.into_iter().collect();
    // The status lists the first ones: what only waits or informs must not crowd out the cause.
    problems
        .sort_by_key(|(object, (reason, _))| (informing.contains(object), *reason == Reason::DependencyHeld));
    let of_objects = problems.into_iter().map(|(object, (reason, message))| Problem {
        kind: object.kind.to_string(),
        name: object.name,
        reason: reason.to_string(),
        message: super::clipped(message, MOST_BYTES),
    });
    let sheet = planned.sheet_problem.as_ref().map(|(reason, message)| Problem {
        kind: "ConfigMap".to_owned(),
        name: publish::name_of(store),
        reason: reason.to_string(),
        message: message.clone(),
    });
    of_objects.chain(of_sessions(training)).chain(sheet).collect()
}

fn of_bearing(planned: &Planned, bearing: Bearing) -> impl Iterator<Item = &EntryProblem> {
    planned.problems.iter().filter(move |problem| problem.bearing == bearing)
}

/// Adds what only informs, behind what else is said of the same entry; answers the entries that have nothing else.
fn add_informing(
    problems: &mut BTreeMap<ObjectKey, (Reason, String)>,
    planned: &Planned,
) -> BTreeSet<ObjectKey> {
    let mut informing = BTreeSet::new();
    for problem in of_bearing(planned, Bearing::Informs) {
        match problems.entry(problem.object.clone()) {
            Entry::Vacant(place) => {
                place.insert((problem.reason, problem.message.clone()));
                informing.insert(problem.object.clone());
            }
            Entry::Occupied(mut said) => {
                let (_, message) = said.get_mut();
                *message = format!("{message}; {}", problem.message);
            }
        }
    }
    informing
}

/// What is odd about training sessions, one problem each: entries of the list are told apart by kind and name.
fn of_sessions(training: &Look) -> Vec<Problem> {
    let mut problems: Vec<Problem> = Vec::new();
    for problem in &training.problems {
        match problems.last_mut().filter(|last| last.name == problem.session) {
            Some(last) => {
                last.message = super::clipped(format!("{}; {}", last.message, problem.message), MOST_BYTES)
            }
            None => problems.push(Problem {
                kind: "TrainingSession".to_owned(),
                name: problem.session.clone(),
                reason: problem.reason.to_string(),
                message: problem.message.clone(),
            }),
        }
    }
    problems
}
