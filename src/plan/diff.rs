//! Which declared entry is which object: the one matching for all kinds.
//!
//! By mark first; then by what a person named in `adopt`; then an added and a removed entry that look alike are a
//! rename; then an object that nobody owns, by policy. It must not decide whether a change may be made now.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ExternalId, ObjectKey, Observed, Origin, Owner, Policy, Remote, Resource};

use super::adoption::Strangers;
use super::draft::{Cause, Hold, Proposal, fold, folded};
use super::kinds::{Links, Planned};
use super::{Change, Step};

/// What every part of the planner may look at.
pub(super) struct Context<'a> {
    pub(super) observed: &'a Observed,
    pub(super) policy: &'a Policy,
    /// `Policy::adopt` with folded names.
    pub(super) adopt: BTreeMap<ObjectKey, &'a ExternalId>,
}

impl<'a> Context<'a> {
    pub(super) fn new(observed: &'a Observed, policy: &'a Policy) -> Self {
        let adopt = policy.adopt.iter().map(|(object, id)| (folded(object), id)).collect();
        Self { observed, policy, adopt }
    }
}

/// What was found for a declared entry.
#[derive(Debug)]
pub(super) enum Found<'a, R> {
    /// Nothing.
    Absent,
    /// This object of ours, under this or an earlier key.
    Ours(&'a Remote<R>),
    /// This object, to be taken over.
    Adopt(&'a Remote<R>),
    /// Something that forbids to make it.
    Refused(Hold),
}

/// A declared entry and what was found for it.
#[derive(Debug)]
pub(super) struct Match<'a, R: Resource> {
    pub(super) key: &'a R::Key,
    /// The key's text in lower case.
    pub(super) text: String,
    pub(super) value: &'a R,
    pub(super) found: Found<'a, R>,
}

/// Who is who among the objects of one kind.
#[derive(Debug)]
pub(super) struct Matching<'a, R: Resource> {
    pub(super) listed: Vec<Match<'a, R>>,
    /// Ours, and not declared (any more).
    pub(super) unlisted: Vec<&'a Remote<R>>,
    /// Ours, with the mark of an older object of ours.
    pub(super) duplicates: Vec<&'a Remote<R>>,
}

/// The order of ids: the smallest is the oldest.
pub(super) fn id_order(left: &ExternalId, right: &ExternalId) -> Ordering {
    left.by_age(right)
}

/// Objects of ours by the key in their mark.
type ByKey<'a, R> = Vec<(&'a str, &'a Remote<R>)>;

/// Ours by key, each once, the oldest first; and the others with the same key.
fn ours<R: Resource>(remotes: &[Remote<R>]) -> (ByKey<'_, R>, Vec<&Remote<R>>) {
    let mut marked: Vec<(&str, &Remote<R>)> = remotes
        .iter()
        .filter_map(|remote| match &remote.owner {
            Owner::Us { key, .. } => Some((key.as_str(), remote)),
            Owner::Nobody
            | Owner::OtherStore(_)
            | Owner::OtherInstallation(_)
            | Owner::Unknown
            | Owner::NewerVersion => None,
        })
        .collect();
    marked.sort_by(|left, right| left.0.cmp(right.0).then_with(|| id_order(&left.1.id, &right.1.id)));
    let mut duplicates = Vec::new();
    let mut kept: Vec<(&str, &Remote<R>)> = Vec::with_capacity(marked.len());
    for (key, remote) in marked {
        match kept.last() {
            Some((last, _)) if *last == key => duplicates.push(remote),
            _ => kept.push((key, remote)),
        }
    }
    (kept, duplicates)
}

/// Finds the object of every declared entry.
pub(super) fn match_up<'a, R: Planned>(
    desired: &'a BTreeMap<R::Key, R>,
    remotes: &'a [Remote<R>],
    context: &Context<'a>,
) -> Matching<'a, R> {
    let (kept, duplicates) = ours(remotes);
    let mut is_used = vec![false; kept.len()];
    let mut listed: Vec<Match<'a, R>> = Vec::with_capacity(desired.len());
    let mut open: Vec<usize> = Vec::new();
    for (key, value) in desired {
        let text = fold(key.to_string());
        let found = match kept.binary_search_by(|(known, _)| (*known).cmp(text.as_str())) {
            Ok(index) => {
                is_used[index] = true;
                Found::Ours(kept[index].1)
            }
            Err(_) => {
                open.push(listed.len());
                Found::Absent
            }
        };
        listed.push(Match { key, text, value, found });
    }
    let mut unlisted: Vec<&'a Remote<R>> =
        kept.iter().zip(&is_used).filter(|(_, used)| !**used).map(|((_, remote), _)| *remote).collect();
    if !open.is_empty() {
        let mut strangers = Strangers::new(remotes, &unlisted, context);
        // What a person named comes first, whatever the names in the list: nobody else may take it.
        for index in &open {
            listed[*index].found = strangers.find_named(&listed[*index]);
        }
        for index in open {
            if matches!(listed[index].found, Found::Absent) {
                listed[index].found = strangers.find_alike(&listed[index]);
            }
        }
        let taken: BTreeSet<&ExternalId> = strangers.into_taken();
        unlisted.retain(|remote| !taken.contains(&remote.id));
    }
    Matching { listed, unlisted, duplicates }
}

impl<'a, R: Planned> Matching<'a, R> {
    /// Notes what references to this kind will mean after this plan.
    pub(super) fn link(&self, links: &mut Links) {
        for entry in &self.listed {
            match &entry.found {
                Found::Adopt(remote) => links.adopt(R::KIND, &remote.id, entry.key.to_string()),
                Found::Ours(remote) => {
                    if let Owner::Us { key, .. } = &remote.owner
                        && *key != entry.text
                    {
                        links.rename(R::KIND, key, entry.key.to_string());
                    }
                }
                Found::Absent | Found::Refused(_) => {}
            }
        }
    }
}

/// The change that makes an entry as declared; `None` where it is so already.
pub(super) fn declared<R: Planned>(entry: &Match<'_, R>, links: &Links) -> Option<Proposal<R>>
where
    Step: From<Change<R>>,
{
    let Match { key, text, value, found } = entry;
    let key = (*key).clone();
    match found {
        Found::Absent => {
            Some(Proposal::new(Change::Create { key, value: (*value).clone() }, Cause::Declared))
        }
        Found::Refused(hold) => {
            let change = Change::Create { key, value: (*value).clone() };
            Some(Proposal::new(change, Cause::Declared).held(Some(hold.clone())))
        }
        Found::Adopt(remote) => {
            let actual = links.see(&remote.value);
            let mut to = (*value).clone();
            to.keep_appearance_of(&actual);
            let fields = to.differences(&actual);
            let change = Change::Adopt { key, from: (*remote).clone(), to, fields };
            Some(Proposal::new(change, Cause::Declared))
        }
        Found::Ours(remote) => {
            let Owner::Us { key: marked, origin, mark_is_current } = &remote.owner else { return None };
            let actual = links.see(&remote.value);
            let mut to = None;
            if *origin == Origin::Adopted {
                let mut kept = (*value).clone();
                kept.keep_appearance_of(&actual);
                to = Some(kept);
            }
            let fields = to.as_ref().unwrap_or(value).differences(&actual);
            if fields.is_empty() && *mark_is_current && marked == text {
                return None;
            }
            let to = to.unwrap_or_else(|| (*value).clone());
            let change = Change::Update { key, from: remote.owned()?, to, fields };
            Some(Proposal::new(change, Cause::Declared))
        }
    }
}
