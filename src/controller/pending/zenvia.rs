//! Zenvia's steps for people: what Zenvia Chat offers in its own administration only, and what its partner must obtain.
//!
//! Pure. Each says what to click, in the words of that administration (`zenvia.md` 1 and 4).

use super::Situation;
use crate::api::config_status::Platform;
use crate::controller::store::StoreResource;
use crate::model::{Kind, Origin, Owner, PendingStep, Reason, StepName, Support};
use crate::plan::{Change, Step};

/// The most bytes of a step's value that the status takes.
const MOST_BYTES: usize = 128;
/// The most characters of a name in a value: each may take four bytes.
const MOST_CHARACTERS: usize = MOST_BYTES / 4;

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

/// The step that a round waits for before anything can be read.
pub fn awaited(store: StoreResource<'_>, (name, why): (StepName, &str)) -> PendingStep {
    let (namespace, declared) = (store.namespace(), &store.config.spec.store);
    PendingStep {
        name,
        entry: None,
        value: format!("{namespace}/{declared}"),
        blocks_live: true,
        why: why.to_owned(),
        how: format!(
            "ask whoever runs the account to obtain a Zenvia Chat account for the store, and to add it to \
             `zenvia.accounts` with the namespace `{namespace}` and the store `{declared}`; the step closes by itself"
        ),
    }
}

/// Only the partner interface writes a license quantity.
fn license_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let Some(licenses) = &situation.spec.licenses else { return Vec::new() };
    if situation.capabilities.of(Kind::License) == Support::WriteOnly {
        return Vec::new();
    }
    let quantity = licenses.quantity;
    vec![PendingStep {
        name: StepName::SetLicenses,
        entry: None,
        value: quantity.to_string(),
        blocks_live: false,
        why: "this interface of Zenvia has no licenses: only the partner can set their number".to_owned(),
        how: format!("have the partner set {quantity} licenses for the account, then complete this step"),
    }]
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
    Some(PendingStep {
        name: StepName::SetWebhookAddress,
        entry: None,
        value: value.clone(),
        blocks_live: true,
        why: "Zenvia Chat calls one address of the account for messages of agents, and no interface sets it"
            .to_owned(),
        how: format!(
            "in Zenvia Chat's administration open Settings > Integrations > Webhooks and set the address `{wanted}`{}",
            if set.is_some() { "; the step closes by itself" } else { ", then complete this step" }
        ),
    })
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
        .map(|(key, department)| PendingStep {
            name: StepName::CreateDepartment,
            entry: Some(key.to_string()),
            value: department.name.as_str().chars().take(MOST_CHARACTERS).collect(),
            blocks_live: true,
            why: format!("this interface of Zenvia cannot create the department `{key}`, and conversations land in departments"),
            how: format!(
                "in Zenvia Chat's administration open Service > Departments, create `{}` with the channel chat, and set it active; the step closes by itself",
                department.name
            ),
        })
        .collect()
}

/// Everybody whose account the operator made: the password was random and is nowhere.
fn password_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let made = situation.observed.agents.iter().filter_map(|agent| match &agent.owner {
        Owner::Us { key, origin: Origin::Created, .. } => Some((key, &agent.id)),
        _ => None,
    });
    made.filter(|(key, _)| situation.spec.agents.iter().any(|agent| agent.name == **key))
        .map(|(key, id)| PendingStep {
            name: StepName::ResetPassword,
            entry: Some(key.clone()),
            value: id.to_string(),
            blocks_live: false,
            why: format!("the account of `{key}` was made with a random password that was thrown away"),
            how: "have the agent open Zenvia Chat, choose \"Forgot your password\" with the declared address, and set a password; then complete this step"
                .to_owned(),
        })
        .collect()
}
