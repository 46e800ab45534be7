//! What is not ours: whom a declared entry may take over, and what stands in its way.
//!
//! Two objects with one effect mean that customers get every reply twice, so a look-alike holds a create. A hold names
//! the object's title and id and never another store's namespace, and never a person's name or address.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{AdoptionPolicy, ExternalId, Kind, ObjectKey, Owner, Policy, Reason, Remote, Resource};

use super::diff::{Context, Found, Match, id_order};
use super::draft::Hold;
use super::kinds::{Choice, Planned};

/// The most characters of a remote title that a sentence quotes.
const MAX_TITLE_CHARS: usize = 80;

/// Objects by what makes them look alike, sorted.
type ByLook<'a, R> = Vec<(String, &'a Remote<R>)>;

/// Everything a declared entry without an object of ours might meet.
pub(super) struct Strangers<'a, 'c, R> {
    /// Only where `adopt` names anything.
    by_id: BTreeMap<&'a ExternalId, &'a Remote<R>>,
    foreign: ByLook<'a, R>,
    unlisted: ByLook<'a, R>,
    unlisted_ids: BTreeSet<&'a ExternalId>,
    taken: BTreeSet<&'a ExternalId>,
    context: &'c Context<'a>,
}

/// `remotes` by what makes them look alike, the oldest first.
pub(super) fn by_look<'a, R: Resource + 'a>(remotes: impl Iterator<Item = &'a Remote<R>>) -> ByLook<'a, R> {
    let mut sorted: ByLook<'a, R> =
        remotes.filter_map(|remote| Some((remote.value.look_alike_key()?, remote))).collect();
    sorted.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| id_order(&left.1.id, &right.1.id)));
    sorted
}

/// The objects in `sorted` that look like `value`.
pub(super) fn alike<'s, 'a, R: Resource>(
    sorted: &'s [(String, &'a Remote<R>)],
    value: &R,
) -> impl Iterator<Item = &'a Remote<R>> + use<'s, 'a, R> {
    let look = value.look_alike_key();
    let bounds = look.map_or(0..0, |look| {
        sorted.partition_point(|(known, _)| *known < look)
            ..sorted.partition_point(|(known, _)| *known <= look)
    });
    sorted[bounds].iter().map(|(_, remote)| *remote)
}

impl<'a, 'c, R: Planned> Strangers<'a, 'c, R> {
    pub(super) fn new(
        remotes: &'a [Remote<R>],
        unlisted: &[&'a Remote<R>],
        context: &'c Context<'a>,
    ) -> Self {
        let foreign = by_look(remotes.iter().filter(|remote| !matches!(remote.owner, Owner::Us { .. })));
        let by_id = match context.adopt.is_empty() {
            true => BTreeMap::new(),
            false => remotes.iter().map(|remote| (&remote.id, remote)).collect(),
        };
        let unlisted_ids = unlisted.iter().map(|remote| &remote.id).collect();
        let unlisted = by_look(unlisted.iter().copied());
        Self { by_id, foreign, unlisted, unlisted_ids, taken: BTreeSet::new(), context }
    }

    /// The objects that entries took.
    pub(super) fn into_taken(self) -> BTreeSet<&'a ExternalId> {
        self.taken
    }

    /// What a person named for the entry in `adopt`; `Absent` where nobody named anything.
    pub(super) fn find_named(&mut self, entry: &Match<'a, R>) -> Found<'a, R> {
        let object = ObjectKey::new(R::KIND, &entry.text);
        let Some(id) = self.context.adopt.get(&object) else { return Found::Absent };
        let word = R::WORD;
        let refuse = |message: String| Found::Refused(Hold::new(Reason::AdoptionRequired, message));
        if self.context.policy.adoption == AdoptionPolicy::Forbidden {
            return refuse(format!(
                "`adopt` names the {word} with id {id}, but the account forbids adoption: take the entry out, or let \
                 the account's `limits.adoption` allow it"
            ));
        }
        let Some(remote) = self.by_id.get(id).copied() else {
            return refuse(format!(
                "`adopt` names the {word} with id {id}, which is not in the helpdesk: correct the id, or take the \
                 entry out to have it made"
            ));
        };
        if self.taken.contains(&remote.id) {
            return Found::Refused(Hold::new(
                Reason::Conflict,
                format!("`adopt` names the {word} with id {id} twice: each object becomes one entry"),
            ));
        }
        let is_free = match &remote.owner {
            Owner::Nobody => true,
            Owner::Unknown => R::ADOPTS_UNKNOWN,
            Owner::Us { .. } => {
                let is_same_person =
                    R::KIND != Kind::Agent || remote.value.look_alike_key() == entry.value.look_alike_key();
                if is_same_person && self.unlisted_ids.contains(&remote.id) {
                    self.taken.insert(&remote.id);
                    return Found::Ours(remote);
                }
                return Found::Refused(Hold::new(
                    Reason::Conflict,
                    format!(
                        "`adopt` names the {word} with id {id}, which is this store's already under another entry"
                    ),
                ));
            }
            Owner::OtherStore(_) | Owner::OtherInstallation(_) | Owner::NewerVersion => false,
        };
        if !is_free {
            return Found::Refused(stands_in_the_way(remote, self.context.policy));
        }
        if let Some(hold) = entry.value.refuse_adoption(remote, (Choice::Named, self.context.observed)) {
            return Found::Refused(hold);
        }
        self.taken.insert(&remote.id);
        Found::Adopt(remote)
    }

    /// What looks like the entry: an entry of ours that was renamed, or something foreign.
    pub(super) fn find_alike(&mut self, entry: &Match<'a, R>) -> Found<'a, R> {
        let renamed = alike(&self.unlisted, entry.value)
            .find(|remote| !self.taken.contains(&remote.id) && entry.value.collides_with(&remote.value));
        if let Some(remote) = renamed {
            self.taken.insert(&remote.id);
            return Found::Ours(remote);
        }
        let mut in_the_way = alike(&self.foreign, entry.value)
            .filter(|remote| !self.taken.contains(&remote.id) && entry.value.is_stood_against_by(remote));
        let Some(remote) = in_the_way.next() else { return Found::Absent };
        let is_alone = in_the_way.next().is_none();
        let may_adopt = self.context.policy.adoption == AdoptionPolicy::IfUnowned && remote.is_unowned();
        if !may_adopt {
            return Found::Refused(stands_in_the_way(remote, self.context.policy));
        }
        if !is_alone {
            let message = format!(
                "several objects in the helpdesk look like it, among them {}: remove all but one there, or name the \
                 one to take over in `adopt`",
                describe(remote)
            );
            return Found::Refused(Hold::new(Reason::AdoptionRequired, message));
        }
        if let Some(hold) = entry.value.refuse_adoption(remote, (Choice::Matched, self.context.observed)) {
            return Found::Refused(hold);
        }
        self.taken.insert(&remote.id);
        Found::Adopt(remote)
    }
}

/// Names an object for people: its title where it may be told, and its id.
pub(super) fn describe<R: Planned>(remote: &Remote<R>) -> String {
    let (word, id) = (R::WORD, &remote.id);
    let title: String =
        remote.value.title().chars().filter(|c| !c.is_control()).take(MAX_TITLE_CHARS).collect();
    if title.is_empty() || title.contains('@') {
        format!("the {word} with id {id}")
    } else {
        format!("the {word} `{title}` (id {id})")
    }
}

/// The hold of an entry whose place a foreign object takes.
pub(super) fn stands_in_the_way<R: Planned>(remote: &Remote<R>, policy: &Policy) -> Hold {
    let what = describe(remote);
    let is_person = R::KIND == Kind::Agent;
    let has_place = if is_person { "has this address" } else { "has its name or effect" };
    let adopt = match policy.adoption {
        _ if remote.owner == Owner::Unknown && !R::ADOPTS_UNKNOWN => {
            "another tool has marked it, so it must be removed or renamed there".to_owned()
        }
        AdoptionPolicy::Forbidden => {
            "the account forbids adoption, so it must be removed or renamed there".to_owned()
        }
        AdoptionPolicy::Never | AdoptionPolicy::IfUnowned => {
            format!("to take it over, name its id {} in `adopt`; else remove or rename it there", remote.id)
        }
    };
    let (reason, message) = match &remote.owner {
        Owner::OtherStore(_) => (
            Reason::Conflict,
            format!(
                "{what} {has_place} and belongs to another store: the oldest store keeps it; choose another"
            ),
        ),
        Owner::OtherInstallation(name) => (
            Reason::OtherInstallation,
            format!(
                "{what} {has_place} and belongs to the installation `{name}`: if that cluster is gone, start the \
                 operator with `--installation {name}`, or with `--former-installation {name}`"
            ),
        ),
        Owner::NewerVersion => (
            Reason::OwnedByNewerVersion,
            format!(
                "{what} {has_place} and was marked by a newer version of the operator, which this one cannot read: run \
                 that version again"
            ),
        ),
        Owner::Unknown | Owner::Nobody | Owner::Us { .. } => {
            let reason = if is_person { Reason::EmailTaken } else { Reason::AdoptionRequired };
            (reason, format!("{what} {has_place} and is not ours: {adopt}"))
        }
    };
    Hold::new(reason, message)
}
