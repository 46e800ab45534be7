//! Agents: what ends somebody's access and what gives it.
//!
//! Access ends in two steps where a suspended agent still holds conversations (`api.md`, Policies): a removed agent's
//! conversations would go to the acting user, and customers would wait for a robot.

use crate::model::{
    Access, AccessAfterRemoval, Agent, AgentKey, Capabilities, ExternalId, FieldChange, Owned, Owner,
    Profile, Reason, Remote,
};

use super::Change;
use super::diff::{Context, Found, Match, declared};
use super::draft::{Cause, Hold, Proposal, access_of};
use super::kinds::Links;

/// Seconds without a change after which a suspended agent is dismissed whatever is assigned (`api.md`, Policies).
const SECONDS_UNTIL_DISMISSAL: u64 = 86_400;

/// The next step towards the end of an agent's access.
enum Ending {
    /// It has ended.
    Reached,
    /// To this access, now.
    Now(Access),
    /// To `Dismissed`, not yet.
    Waits,
}

fn ending(agent: &Remote<Agent>, context: &Context<'_>) -> Ending {
    let capabilities: &Capabilities = &context.policy.capabilities;
    match (access_of(&agent.value), capabilities.access_after_removal) {
        (Access::Dismissed, _) => Ending::Reached,
        (Access::Active | Access::Suspended, AccessAfterRemoval::Dismiss) => Ending::Now(Access::Dismissed),
        (Access::Active, AccessAfterRemoval::SuspendThenDismiss) => Ending::Now(Access::Suspended),
        (Access::Suspended, AccessAfterRemoval::SuspendThenDismiss) => {
            let facts = context.observed.agent_facts.get(&agent.id);
            let is_idle = facts.is_some_and(|facts| facts.open_conversations == Some(0));
            let seconds = facts.and_then(|facts| facts.seconds_unchanged).unwrap_or(0);
            if is_idle || seconds >= SECONDS_UNTIL_DISMISSAL {
                Ending::Now(Access::Dismissed)
            } else {
                Ending::Waits
            }
        }
    }
}

/// The change that ends the access of `agent`, under the key it shall have; `None` where it has ended.
pub(super) fn end_access(
    agent: &Remote<Agent>,
    key: &AgentKey,
    cause: (Cause, &Context<'_>),
) -> Option<Proposal<Agent>> {
    let (cause, context) = cause;
    let (access, hold) = match ending(agent, context) {
        Ending::Reached => return None,
        Ending::Now(access) => (access, None),
        Ending::Waits => (
            Access::Dismissed,
            Some(Hold::new(
                Reason::ConversationsAssigned,
                "conversations are still assigned: give them to others; after a day without a change the account is \
                 dismissed anyway",
            )),
        ),
    };
    let mut to = agent.value.clone();
    to.access = access;
    let mut fields = Vec::new();
    FieldChange::compare(&mut fields, "active", (&agent.value.access, &access));
    let change = Change::Update { key: key.clone(), from: agent.owned()?, to, fields };
    Some(Proposal::new(change, cause).held(hold))
}

/// The change that makes a listed agent as declared.
pub(super) fn listed(
    entry: &Match<'_, Agent>,
    links: &Links,
    context: &Context<'_>,
) -> Option<Proposal<Agent>> {
    if entry.value.access == Access::Active {
        let mut proposal = declared(entry, links)?;
        if let Found::Ours(remote) = &entry.found {
            let hold = foreign_profile(remote, &proposal.change);
            proposal = proposal.held(hold);
        }
        return Some(proposal);
    }
    // Nobody gets an account, or is taken over, in order to have no access.
    let Found::Ours(remote) = &entry.found else { return None };
    let Owner::Us { key: marked, mark_is_current, .. } = &remote.owner else { return None };
    let needs_mark = *marked != entry.text || !mark_is_current;
    match end_access(remote, entry.key, (Cause::Ending, context)) {
        Some(proposal) if proposal.hold.is_none() || !needs_mark => Some(proposal),
        Some(_) | None if needs_mark => {
            let to = remote.value.clone();
            let change =
                Change::Update { key: entry.key.clone(), from: remote.owned()?, to, fields: Vec::new() };
            Some(Proposal::new(change, Cause::Declared))
        }
        other => other,
    }
}

/// Somebody gave the agent a profile that we do not write: it is not overwritten.
fn foreign_profile(remote: &Remote<Agent>, change: &Change<Agent>) -> Option<Hold> {
    let is_ours_to_write = match &remote.value.profile {
        Profile::Agent | Profile::Administrator => true,
        // A customer's account again: that is how a helpdesk shows somebody who was dismissed.
        Profile::EndUser => true,
        // Nobody can see what it is: writing the declared one is all that can be done.
        Profile::Unknown => true,
        Profile::LightAgent | Profile::Custom(_) => false,
    };
    let changes_profile = change.fields().iter().any(|field| field.field == "profile");
    (!is_ours_to_write && changes_profile).then(|| {
        Hold::new(
            Reason::RemoteChanged,
            "somebody gave this agent a profile that the operator does not write: give it the profile Agent or \
             Administrator in the helpdesk, or take the entry out",
        )
    })
}

/// Another entry declares the address of an account whose own entry is gone: nobody can tell who is meant.
pub(super) fn declared_elsewhere(entry: &str) -> Hold {
    Hold::new(
        Reason::InvalidSpec,
        format!(
            "the entry `{entry}` declares the address of this account and has another account: give each its own"
        ),
    )
}

/// The id of the account a change is about; `None` for a new one.
pub(super) fn account(change: &Change<Agent>) -> Option<&ExternalId> {
    match change {
        Change::Create { .. } => None,
        Change::Adopt { from, .. } => Some(&from.id),
        Change::Update { from, .. } | Change::Release { from } | Change::Delete { from } => {
            Some(Owned::id(from))
        }
    }
}
