//! Zenvia's steps for people: what Zenvia Chat offers in its own administration only, and what its partner must obtain.
//!
//! Pure. Each says what to click, in the words of that administration (`zenvia.md` 1 and 4).

use super::Situation;
use crate::api::config_status::Platform;
use crate::controller::store::StoreResource;
use crate::model::{Kind, Origin, Owner, PendingStep, Reason, StepName, Support};
use crate::plan::{Change, Step};

/// The most characters of a step's value; the status takes 128 bytes.
const MOST_CHARACTERS: usize = 32;

/// The steps of a store on Zenvia; none on another platform.
pub(super) fn steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    if situation.platform != Platform::Zenvia {
        return Vec::new();
    }
    let mut steps = license_steps(situation);
    steps.extend(department_steps(situation));
    steps.extend(password_steps(situation));
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
