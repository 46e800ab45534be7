//! The order of a plan. It never depends on the order of a list.
//!
//! Agents who leave come first (that frees seats and licenses, and a leaver must be out); then everything is made in the order of
//! kinds, existing objects before new ones and then by name; then what goes, backwards; a lower license comes last.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ExternalId, Kind, ObjectKey, Reason, Resource, Standing};

use super::draft::{Cause, Draft};
use super::{Action, Change, Step};

/// The place of a draft in a plan.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    phase: Phase,
    kind: usize,
    newness: Newness,
    name: String,
    id: (usize, Option<ExternalId>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    AgentsLeave,
    Made,
    TakenAway,
    LicenseLowered,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Newness {
    Existing,
    New,
}

/// Whether a draft lowers the license quantity.
pub(super) fn lowers_license(draft: &Draft) -> bool {
    match &draft.step {
        Step::License(Change::Update { from, to, .. }) => match (from.value().quantity, to.quantity) {
            (Some(now), Some(then)) => then < now,
            _ => false,
        },
        _ => false,
    }
}

fn rank(draft: &Draft) -> Rank {
    let place = draft.kind() as usize;
    // Who leaves the store frees a license, also where the account stays as it is.
    let is_released = draft.kind() == Kind::Agent && draft.action() == Action::Release;
    let phase = if draft.ends_access() || is_released {
        Phase::AgentsLeave
    } else if lowers_license(draft) {
        Phase::LicenseLowered
    } else if draft.is_removal() {
        Phase::TakenAway
    } else {
        Phase::Made
    };
    let is_new = match (&draft.step, phase) {
        // The helpdesk keeps an agent's default department until the others are gone.
        (Step::Membership(Change::Delete { from }), _) => from.value().standing == Standing::Default,
        _ => draft.action() == Action::Create,
    };
    Rank {
        phase,
        kind: if phase == Phase::TakenAway { Kind::ALL.len() - place } else { place },
        newness: if is_new { Newness::New } else { Newness::Existing },
        name: draft.object.name.clone(),
        id: subject(&draft.step).map_or((0, None), |id| (id.as_str().len(), Some(id))),
    }
}

/// The id of what a step changes; `None` for something new.
pub(super) fn subject(step: &Step) -> Option<ExternalId> {
    fn id<R: Resource>(change: &Change<R>) -> Option<ExternalId> {
        match change {
            Change::Create { .. } => None,
            Change::Adopt { from, .. } => Some(from.id.clone()),
            Change::Update { from, .. } | Change::Release { from } | Change::Delete { from } => {
                Some(from.id().clone())
            }
        }
    }
    super::step::for_any_change!(step, change => id(change))
}

/// Drafts in the order in which they are applied.
pub(super) fn sort(mut drafts: Vec<Draft>) -> Vec<Draft> {
    drafts.sort_by_cached_key(rank);
    if drafts.iter().any(|draft| waits_for_own_kind(draft).is_some()) {
        return behind_what_they_wait_for(drafts);
    }
    drafts
}

/// The object of the same kind that must change before this one, where a name or an address passes on.
fn waits_for_own_kind(draft: &Draft) -> Option<&ObjectKey> {
    if draft.cause != Cause::Declared {
        return None;
    }
    draft.after.iter().find(|object| object.kind == draft.kind() && **object != draft.object)
}

/// Moves drafts behind the one that gives up the name they take. A circle is held: nobody can go first.
fn behind_what_they_wait_for(mut drafts: Vec<Draft>) -> Vec<Draft> {
    let places: BTreeMap<ObjectKey, usize> = drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| draft.cause != Cause::Duplicate)
        .map(|(place, draft)| (draft.object.clone(), place))
        .collect();
    let mut order: Vec<usize> = Vec::with_capacity(drafts.len());
    let mut is_placed = vec![false; drafts.len()];
    let mut circle: BTreeSet<usize> = BTreeSet::new();
    for start in 0..drafts.len() {
        let mut chain: Vec<usize> = Vec::new();
        let mut in_chain: BTreeSet<usize> = BTreeSet::new();
        let mut next = Some(start);
        while let Some(place) = next.filter(|place| !is_placed[*place]) {
            if !in_chain.insert(place) {
                let first = chain.iter().position(|known| *known == place).unwrap_or(0);
                circle.extend(&chain[first..]);
                break;
            }
            chain.push(place);
            next = waits_for_own_kind(&drafts[place]).and_then(|object| places.get(object)).copied();
        }
        for place in chain.into_iter().rev() {
            is_placed[place] = true;
            order.push(place);
        }
    }
    for place in circle {
        let message = "several entries exchange their names or addresses: give one of them another one first";
        let reason = if drafts[place].kind() == Kind::Agent { Reason::EmailTaken } else { Reason::NameTaken };
        drafts[place].hold(reason, message);
    }
    let mut slots: Vec<Option<Draft>> = drafts.into_iter().map(Some).collect();
    order.into_iter().filter_map(|place| slots[place].take()).collect()
}
