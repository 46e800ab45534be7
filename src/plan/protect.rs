//! Accounts that only people change: the owner, the user we act as, the last active administrator.
//!
//! They are never downgraded, renamed or removed (`api.md`, Policies): a mistake there locks everybody out.

use std::collections::BTreeSet;

use crate::model::{Agent, ExternalId, Observed, Profile, Reason};

use super::Change;
use super::draft::Draft;
use super::kinds::protected;
use super::people::account;

/// Fields whose change renames or downgrades somebody.
const IDENTITY: [&str; 3] = ["name", "email", "profile"];

/// Holds what would downgrade, rename or remove a protected account. `drafts` are in order.
pub(super) fn protect(drafts: &mut [Draft], observed: &Observed) {
    let mut administrators: BTreeSet<&ExternalId> = observed.account.administrators.iter().collect();
    for draft in drafts.iter_mut().filter(|draft| !draft.is_held()) {
        let Some(id) = draft.agent().and_then(account).cloned() else { continue };
        let changes_identity = draft.ends_access()
            || draft.step.fields().iter().any(|field| IDENTITY.contains(&field.field.as_str()));
        if !changes_identity || draft.access_before().is_none() {
            continue;
        }
        let protection = observed.agent_facts.get(&id).and_then(|facts| facts.protection);
        if let Some(protection) = protection {
            let (reason, what) = protected(protection);
            draft.hold(
                reason,
                format!(
                    "this is {what}: its name, address, profile and access are changed by hand in the helpdesk only; \
                     declare what the helpdesk holds"
                ),
            );
            continue;
        }
        if ends_administration(draft) && administrators.contains(&id) {
            if administrators.len() == 1 {
                draft.hold(
                    Reason::LastAdministrator,
                    "this is the last active administrator of the helpdesk: let somebody else become one first",
                );
            } else {
                administrators.remove(&id);
            }
        }
    }
}

fn ends_administration(draft: &Draft) -> bool {
    let loses_profile = |change: &Change<Agent>| {
        change.target().is_some_and(|target| target.profile != Profile::Administrator)
    };
    draft.ends_access() || draft.agent().is_some_and(loses_profile)
}
