//! Names and addresses that only one object can have: who takes one that somebody else holds at this moment.
//!
//! Exists because a helpdesk refuses the second holder. An entry that takes over what another entry of ours gives up is
//! ordered behind it; everything else is held with a sentence. Foreign look-alikes hold an update as they hold a create.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ExternalId, Kind, ObjectKey, Owner, Reason, Remote};

use super::Change;
use super::adoption::{alike, by_look, stands_in_the_way};
use super::diff::Context;
use super::draft::{Cause, Hold, Proposal};
use super::kinds::Planned;

/// What becomes of a name or address that an object of ours holds.
enum GivenUp {
    /// By an update of this object.
    Update(ObjectKey),
    /// By a removal that runs before everything else.
    RemovedFirst(ObjectKey),
    /// By a removal that runs after everything else.
    RemovedLast(ObjectKey),
    /// Not at all.
    Kept(String),
}

/// Holds or orders what takes a name, an address or an effect that something else has.
pub(super) fn settle<R: Planned>(
    proposals: &mut [Proposal<R>],
    remotes: &[Remote<R>],
    context: &Context<'_>,
) {
    let takers: Vec<usize> = (0..proposals.len()).filter(|index| takes(&proposals[*index])).collect();
    if takers.is_empty() {
        return;
    }
    let adopted: BTreeMap<ExternalId, ObjectKey> = proposals.iter().filter_map(adopted).collect();
    let foreign = by_look(
        remotes
            .iter()
            .filter(|remote| !matches!(remote.owner, Owner::Us { .. }) && !adopted.contains_key(&remote.id)),
    );
    let becoming_ours = by_look(remotes.iter().filter(|remote| adopted.contains_key(&remote.id)));
    let holders = by_look(remotes.iter().filter(|remote| matches!(remote.owner, Owner::Us { .. })));
    let changes = changes_by_id(proposals);
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    for index in takers {
        let Some(target) = proposals[index].change.target().cloned() else { continue };
        let own = subject(&proposals[index].change).cloned();
        if let Some(remote) =
            alike(&foreign, &target).find(|remote| newly_collides(&proposals[index], &target, remote))
        {
            let hold = stands_in_the_way(remote, context.policy);
            proposals[index].hold.get_or_insert(hold);
        }
        // What is foreign now and becomes another entry must have become it.
        let becoming = alike(&becoming_ours, &target)
            .filter(|remote| Some(&remote.id) != own.as_ref() && target.collides_with(&remote.value));
        proposals[index].after.extend(becoming.filter_map(|remote| adopted.get(&remote.id).cloned()));
        let Some(look) = target.look_alike_key().filter(|_| R::UNIQUE) else { continue };
        if !wanted.insert(look) {
            let hold = Hold::new(Reason::InvalidSpec, twice(R::KIND));
            proposals[index].hold.get_or_insert(hold);
        }
        let holder = alike(&holders, &target).find(|remote| Some(&remote.id) != own.as_ref());
        if let Some(holder) = holder {
            let given_up = gives_up(proposals, (&changes, holder));
            apply(&mut proposals[index], given_up);
        }
    }
}

/// The sentence for two entries that want one name or address.
fn twice(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent => "another entry declares the same `email`: each agent needs an address of its own",
        _ => "another entry declares the same `displayName`: each needs a name of its own",
    }
}

/// Whether a proposal makes something look like it did not look before.
fn takes<R: Planned>(proposal: &Proposal<R>) -> bool {
    match &proposal.change {
        Change::Create { .. } => proposal.hold.is_none(),
        Change::Adopt { fields, .. } | Change::Update { fields, .. } => {
            proposal.cause == Cause::Declared && !fields.is_empty()
        }
        Change::Release { .. } | Change::Delete { .. } => false,
    }
}

/// Whether a foreign object stands in the way of the target, and did not stand beside what is there now.
fn newly_collides<R: Planned>(proposal: &Proposal<R>, target: &R, remote: &Remote<R>) -> bool {
    let did = match &proposal.change {
        Change::Adopt { from, .. } => from.value.collides_with(&remote.value),
        Change::Update { from, .. } => {
            // What is switched off has no effect yet.
            let was_off = from.value().switched_off().as_ref() == Some(from.value());
            !was_off && from.value().collides_with(&remote.value)
        }
        Change::Create { .. } | Change::Release { .. } | Change::Delete { .. } => false,
    };
    !did && target.is_stood_against_by(remote)
}

/// What is taken over in this plan, and the entry it becomes.
fn adopted<R: Planned>(proposal: &Proposal<R>) -> Option<(ExternalId, ObjectKey)> {
    match &proposal.change {
        Change::Adopt { from, .. } => {
            Some((from.id.clone(), super::draft::folded(&proposal.change.object())))
        }
        _ => None,
    }
}

/// The id of what a change changes.
fn subject<R: Planned>(change: &Change<R>) -> Option<&ExternalId> {
    match change {
        Change::Create { .. } => None,
        Change::Adopt { from, .. } => Some(&from.id),
        Change::Update { from, .. } | Change::Release { from } | Change::Delete { from } => Some(from.id()),
    }
}

fn changes_by_id<R: Planned>(proposals: &[Proposal<R>]) -> BTreeMap<ExternalId, usize> {
    let ids = proposals.iter().enumerate();
    ids.filter_map(|(index, proposal)| Some((subject(&proposal.change)?.clone(), index))).collect()
}

fn gives_up<R: Planned>(
    proposals: &[Proposal<R>],
    holder: (&BTreeMap<ExternalId, usize>, &Remote<R>),
) -> GivenUp {
    let (changes, remote) = holder;
    let marked = match &remote.owner {
        Owner::Us { key, .. } => key.clone(),
        _ => String::new(),
    };
    let Some(proposal) = changes.get(&remote.id).map(|index| &proposals[*index]) else {
        return GivenUp::Kept(marked);
    };
    let object = super::draft::folded(&proposal.change.object());
    match &proposal.change {
        Change::Delete { .. } if R::KIND == Kind::Agent => GivenUp::RemovedFirst(object),
        Change::Delete { .. } => GivenUp::RemovedLast(object),
        Change::Update { to, .. } if to.look_alike_key() != remote.value.look_alike_key() => {
            GivenUp::Update(object)
        }
        _ => GivenUp::Kept(marked),
    }
}

fn apply<R: Planned>(proposal: &mut Proposal<R>, given_up: GivenUp) {
    let is_person = R::KIND == Kind::Agent;
    let taken = if is_person { Reason::EmailTaken } else { Reason::NameTaken };
    match given_up {
        GivenUp::Update(object) | GivenUp::RemovedFirst(object) => proposal.after.push(object),
        GivenUp::RemovedLast(object) => {
            let hold =
                Hold::new(Reason::Pending, format!("waits until {object}, which has this name, is gone"));
            proposal.hold.get_or_insert(hold);
        }
        GivenUp::Kept(marked) => {
            let what = if is_person { "address" } else { "name" };
            let word = R::WORD;
            let hold = Hold::new(
                taken,
                format!(
                    "the {word} that the store made for `{marked}` has this {what}: choose another, or change that \
                     one first"
                ),
            );
            proposal.hold.get_or_insert(hold);
        }
    }
}
