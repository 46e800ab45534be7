//! Claims: what is recorded of objects of ours that can carry no mark, before the first call and after the last.
//!
//! A create has no id yet: its claim names the entry alone, and a reading that finds the object in a department with
//! the store's mark completes it. So whatever crashes in between, nobody of ours is forgotten, and nobody who was there
//! before is taken for ours. Pure; it must not write a status itself.

use super::bindings;
use crate::api::agents::Profile as DeclaredProfile;
use crate::api::config_status::{self, Binding, BindingPhase, ClaimOrigin};
use crate::model::{
    Agent, Capabilities, Claim, Claims, ExternalId, Kind, ObjectKey, Origin, Owner, Profile, Resource,
};
use crate::plan::{Change, Plan, Step};
use crate::provider::Outcome;

/// The claims as they must be recorded before the first call of a plan; `None` where nothing is new.
pub fn before(claims: &Claims, plan: &Plan, capabilities: &Capabilities) -> Option<Claims> {
    let mut next = claims.clone();
    for step in &plan.steps {
        match step {
            Step::Agent(change) if is_claimed(change, capabilities) => claim(&mut next, change),
            Step::EventRoute(change) if is_claimed(change, capabilities) => claim(&mut next, change),
            _ => {}
        }
    }
    (next != *claims).then_some(next)
}

/// Takes over what became of a plan's steps.
pub fn after<'a>(claims: &mut Claims, results: impl Iterator<Item = (&'a Step, &'a Outcome)>) {
    for (step, outcome) in results {
        match step {
            Step::Agent(change) => {
                settle(claims, change, outcome);
                if matches!(outcome, Outcome::Applied(_)) {
                    remember(claims, change);
                }
            }
            Step::EventRoute(change) => settle(claims, change, outcome),
            _ => {}
        }
    }
}

fn is_claimed<R: Resource>(change: &Change<R>, capabilities: &Capabilities) -> bool {
    let place_is_taken = matches!(change, Change::Adopt { from, .. } if from.owner == Owner::Unknown);
    place_is_taken || capabilities.claimed.contains(&R::KIND)
}

fn claim<R: Resource>(claims: &mut Claims, change: &Change<R>) {
    let object = change.object();
    match change {
        Change::Create { .. } => {
            // An id of an object that is gone says nothing about the one to be made.
            claims.insert(object, Claim::new(None, Origin::Created));
        }
        Change::Adopt { from, .. } => {
            claims.insert(object, Claim::new(Some(from.id.clone()), Origin::Adopted));
        }
        Change::Update { from, .. } => {
            let former = claims.remove(&ObjectKey::new(R::KIND, from.marked_key()));
            let mut claim = former.unwrap_or_else(|| Claim::new(None, from.origin()));
            claim.id = Some(from.id().clone());
            claims.insert(object, claim);
        }
        Change::Release { .. } | Change::Delete { .. } => {}
    }
}

fn settle<R: Resource>(claims: &mut Claims, change: &Change<R>, outcome: &Outcome) {
    let object = change.object();
    match (change, outcome) {
        // A subscription whose criteria change is replaced: its id is another one afterwards.
        (
            Change::Create { .. } | Change::Adopt { .. } | Change::Update { .. },
            Outcome::Applied(Some(id)),
        ) => {
            if let Some(claim) = claims.get_mut(&object) {
                claim.id = Some(id.clone());
            }
        }
        // Surely not made: whoever appears there is somebody else's.
        (Change::Create { .. }, Outcome::NotApplied(_) | Outcome::Skipped(_)) => {
            claims.retain(|known, claim| *known != object || claim.id.is_some());
        }
        (Change::Release { from }, Outcome::Applied(_)) => forget(claims, R::KIND, from.id()),
        (Change::Delete { from }, Outcome::Applied(_)) => forget(claims, R::KIND, from.id()),
        _ => {}
    }
}

fn forget(claims: &mut Claims, kind: Kind, id: &ExternalId) {
    claims.retain(|object, claim| object.kind != kind || claim.id.as_ref() != Some(id));
}

/// What was written of an agent and may not be shown again.
fn remember(claims: &mut Claims, change: &Change<Agent>) {
    if let (Some(to), Some(claim)) = (change.target(), claims.get_mut(&change.object())) {
        claim.profile = Some(to.profile.clone());
        claim.max_conversations = to.max_conversations;
    }
}

/// The most claims that a status lists; those of the present account come first.
const MOST_CLAIMS: usize = 5000;

/// What the claims of one side are listed under: those of the present account under nothing.
pub fn label_of(bindings: &[Binding], account: &str) -> String {
    let leaves = bindings::leaving(bindings).any(|binding| binding.account == account);
    if leaves { account.to_owned() } else { String::new() }
}

/// The claims as they stand once a store has another present account: each side keeps its own.
pub fn relabeled(
    mut listed: Vec<config_status::Claim>,
    (before, after): (&[Binding], &[Binding]),
) -> Vec<config_status::Claim> {
    let present = before.iter().find(|binding| binding.phase != BindingPhase::Leaving);
    let Some(present) = present.map(|binding| &binding.account) else { return listed };
    for claim in &mut listed {
        let account = if claim.account.is_empty() { present } else { &claim.account };
        // An account that was left has no binding any more, and its claims keep its name.
        let is_present =
            after.iter().any(|one| one.account == *account && one.phase != BindingPhase::Leaving);
        claim.account = if is_present { String::new() } else { account.clone() };
    }
    listed
}

/// The claims of one side as the status lists them, beside those of the others.
pub fn listed(
    others: &[config_status::Claim],
    (label, claims): (&str, &Claims),
) -> Vec<config_status::Claim> {
    let listed = claims.iter().map(|(object, claim)| config_status::Claim {
        account: label.to_owned(),
        kind: object.kind.to_string(),
        name: object.name.clone(),
        id: claim.id.as_ref().map(ExternalId::to_string),
        origin: (claim.origin == Origin::Created).then_some(ClaimOrigin::Created),
        profile: match claim.profile {
            Some(Profile::Agent) => Some(DeclaredProfile::Agent),
            Some(Profile::Administrator) => Some(DeclaredProfile::Administrator),
            _ => None,
        },
        max_conversations: claim.max_conversations.and_then(|limit| i32::try_from(limit).ok()),
    });
    // Those of an account that was left stay: a store that moves back finds its people by them.
    listed.chain(others.iter().filter(|claim| claim.account != label).cloned()).take(MOST_CLAIMS).collect()
}

/// The claims of one side that a status lists.
pub fn read(listed: &[config_status::Claim], label: &str) -> Claims {
    let claim = |claim: &config_status::Claim| {
        let kind = Kind::ALL.into_iter().find(|kind| kind.to_string() == claim.kind)?;
        let value = Claim {
            id: claim.id.as_ref().map(ExternalId::new),
            origin: match claim.origin {
                Some(ClaimOrigin::Created) => Origin::Created,
                Some(ClaimOrigin::Adopted) | None => Origin::Adopted,
            },
            profile: claim.profile.map(|profile| match profile {
                DeclaredProfile::Agent => Profile::Agent,
                DeclaredProfile::Administrator => Profile::Administrator,
            }),
            max_conversations: claim.max_conversations.and_then(|limit| u32::try_from(limit).ok()),
        };
        Some((ObjectKey::new(kind, &claim.name), value))
    };
    listed.iter().filter(|claim| claim.account == label).filter_map(claim).collect()
}
