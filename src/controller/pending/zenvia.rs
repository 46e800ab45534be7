//! Zenvia's steps for people: what Zenvia Chat offers in its own administration only, and what its partner must obtain.
//!
//! Pure. What to click is in the texts of the catalogue, in the words of that administration (`zenvia.md` 1 and 4).

use super::Situation;
use super::catalogue::{entry_step, step};
use crate::api::config_status::Platform;
use crate::controller::store::StoreResource;
use crate::model::{Kind, Origin, Owner, PendingStep, Reason, StepName, Support};
use crate::plan::{Change, Step};

/// The most bytes of a step's value that the status takes.
const MOST_BYTES: usize = 128;

/// The steps of a store on Zenvia; none on another platform.
pub(super) fn steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    if situation.platform != Platform::Zenvia {
        return Vec::new();
    }
    let mut steps = license_steps(situation);
    steps.extend(department_steps(situation));
    steps.extend(password_steps(situation));
    steps.extend(address_step(situation));
    steps
}

/// The step that a round waits for before anything can be read; `why` is what was found.
pub fn awaited(store: StoreResource<'_>, (name, why): (StepName, &str)) -> PendingStep {
    let place = format!("{}/{}", store.namespace(), store.config.spec.store);
    PendingStep { why: why.to_owned(), ..step(name, place) }
}

/// Only the partner interface writes a license quantity.
fn license_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let Some(licenses) = &situation.spec.licenses else { return Vec::new() };
    if situation.capabilities.of(Kind::License) == Support::WriteOnly {
        return Vec::new();
    }
    vec![step(StepName::SetLicenses, licenses.quantity.to_string())]
}

/// The one address in the account's own settings: it must be that of one of the store's webhooks.
///
/// Where the interface shows the setting, only the setting closes the step.
fn address_step(situation: &Situation<'_>) -> Option<PendingStep> {
    let wanted = &situation.spec.webhooks.first()?.url;
    let set = situation.observed.account.webhook_address.as_ref();
    if set.is_some_and(|set| situation.spec.webhooks.iter().any(|webhook| webhook.url == *set)) {
        return None;
    }
    // A long address does not fit into a step's value: its webhook names it.
    let value = if wanted.len() <= MOST_BYTES { wanted } else { &situation.spec.webhooks.first()?.name };
    Some(step(StepName::SetWebhookAddress, value))
}

/// Whether the operator sees by itself that a step is done: then nobody's word closes it.
pub(super) fn is_observed(step: &PendingStep, situation: &Situation<'_>) -> bool {
    match step.name {
        StepName::CreateDepartment => true,
        StepName::SetWebhookAddress => situation.observed.account.webhook_address.is_some(),
        _ => false,
    }
}

/// Whether a step of this title may be one that only a reading of the helpdesk closes.
pub fn may_be_seen(title: &str) -> bool {
    let name = title.split('/').next().unwrap_or_default();
    [StepName::CreateDepartment, StepName::SetWebhookAddress].iter().any(|seen| seen.to_string() == name)
}

/// Departments that this interface only shows.
fn department_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let held = situation.plan.held.iter().filter(|held| held.reason == Reason::ManualActionRequired);
    let missing = held.filter_map(|held| match &held.step {
        Step::Department(Change::Create { key, value }) => Some((key, value)),
        _ => None,
    });
    missing
        .map(|(key, department)| {
            let name = shortened(department.name.as_str());
            entry_step(StepName::CreateDepartment, key.as_str(), name)
        })
        .collect()
}

/// As much of a name as a step's value takes, in whole characters.
fn shortened(name: &str) -> &str {
    let most = name.char_indices().map(|(at, character)| at + character.len_utf8());
    name.get(..most.take_while(|end| *end <= MOST_BYTES).last().unwrap_or_default()).unwrap_or_default()
}

/// Everybody whose account the operator made: the password was random and is nowhere.
fn password_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let made = situation.observed.agents.iter().filter_map(|agent| match &agent.owner {
        Owner::Us { key, origin: Origin::Created, .. } => Some((key, &agent.id)),
        _ => None,
    });
    made.filter(|(key, _)| situation.spec.agents.iter().any(|agent| agent.name == **key))
        .map(|(key, id)| entry_step(StepName::ResetPassword, key, id.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_whole_in_a_steps_value_up_to_what_the_status_takes_and_cut_between_characters_beyond() {
        let fits = "a".repeat(MOST_BYTES);
        assert_eq!(shortened(&fits), fits);
        assert_eq!(shortened(&format!("{fits}b")), fits);
        let wide = "é".repeat(MOST_BYTES);
        assert_eq!(shortened(&format!("a{wide}")).len(), MOST_BYTES - 1);
        assert_eq!(shortened("Vendas"), "Vendas");
    }
}
