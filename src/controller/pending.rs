//! Steps for people: which are open, from what is declared, observed and completed.
//!
//! Pure. What a step says and who does it stands in `catalogue` and `controller/texts`; here are the rules that open
//! one. A step is proven done by what the operator sees, or by `spec.completedSteps` with the value it shows; when that
//! value changes, it is open again by itself. The operator never pretends to have done one of these.

pub mod catalogue;
#[cfg(test)]
#[path = "pending/tests.rs"]
mod tests;

pub mod zenvia;

use std::collections::BTreeSet;

use super::hours;
use super::training::Standing;
use crate::api::HumanSupportConfigSpec;
use crate::api::config_status::{Platform, StepProof};
use crate::model::{
    Access, Capabilities, Desired, Gate, Kind, ObjectKey, Observed, Owner, PendingStep, Reason, StepName,
    WebhookKey, title_of_step,
};
use crate::plan::Plan;
use catalogue::{entry_step, step};

/// What the step `AgreeLicenses` shows where no number is declared: completed with it, none is agreed.
pub const NO_LICENSES: &str = "none";

/// What the steps follow from.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// What is declared and completed.
    pub spec: &'a HumanSupportConfigSpec,
    /// What is declared, as the helpdesk will hold it.
    pub desired: &'a Desired,
    /// What the helpdesk holds.
    pub observed: &'a Observed,
    /// What is left to do.
    pub plan: &'a Plan,
    /// Webhooks whose Secret does not exist yet.
    pub missing_tokens: &'a BTreeSet<WebhookKey>,
    /// The side the bot must be pointed at, while the store is moving.
    pub moving_to: Option<&'a str>,
    /// Whose administration a person works in.
    pub platform: Platform,
    /// What the helpdesk can do.
    pub capabilities: &'a Capabilities,
    /// Whether everybody has a training session.
    pub training: &'a Standing,
}

/// Whether a step is completed for exactly this value.
pub fn is_completed(spec: &HumanSupportConfigSpec, name: StepName, value: &str) -> bool {
    is_confirmed(spec, &title_of_step(name, None), value)
}

/// Whether the step of this title is completed for exactly this value.
fn is_confirmed(spec: &HumanSupportConfigSpec, title: &str, value: &str) -> bool {
    spec.completed_steps
        .iter()
        .any(|step| step.name == title && step.value.as_deref().unwrap_or_default() == value)
}

/// Whether creates and webhooks may be written: WhatsApp comes first, for this very number.
pub fn gate(spec: &HumanSupportConfigSpec) -> Gate {
    if is_completed(spec, StepName::IntegrateWhatsApp, &spec.whatsapp.phone_number) {
        Gate::Open
    } else {
        Gate::Closed(Reason::IntegrationPending)
    }
}

/// The steps that are open: first those that customers wait for, then by name and entry. Each has its own title, so
/// none hides another.
pub fn open_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let mut steps = agreed_steps(situation.spec);
    steps.extend(handover_steps(situation));
    steps.extend(token_steps(situation));
    steps.extend(seat_steps(situation));
    steps.extend(reassign_steps(situation.observed, situation.plan));
    steps.extend(zenvia::steps(situation));
    steps.extend(training_step(situation.training));
    steps.extend(hours::open_steps(situation.spec, hours::keeper(situation.desired, situation.plan)));
    steps.extend(situation.moving_to.map(|side| step(StepName::SwitchBot, side)));
    steps.retain(|step| {
        zenvia::is_observed(step, situation)
            || catalogue::of(step.name).proof == StepProof::Observed
            || !is_confirmed(situation.spec, &step.title(), &step.value)
    });
    steps.sort_by(|a, b| b.blocks_live.cmp(&a.blocks_live).then_with(|| a.cmp(b)));
    steps.dedup_by(|later, earlier| later.title() == earlier.title());
    steps
}

/// The value of the step `AgreeLicenses`.
pub fn agreed_licenses(spec: &HumanSupportConfigSpec) -> String {
    spec.licenses.as_ref().map_or_else(|| NO_LICENSES.to_owned(), |licenses| licenses.quantity.to_string())
}

fn agreed_steps(spec: &HumanSupportConfigSpec) -> Vec<PendingStep> {
    vec![
        step(StepName::IntegrateWhatsApp, &spec.whatsapp.phone_number),
        step(StepName::AgreeLicenses, agreed_licenses(spec)),
    ]
}

fn handover_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let field = situation.observed.phone_fields.iter().find(|field| matches!(field.owner, Owner::Us { .. }));
    let Some(field) = field else { return Vec::new() };
    vec![
        step(StepName::SendTicketFieldId, field.id.to_string()),
        step(StepName::SendConversationTag, &situation.spec.conversation_tag),
    ]
}

fn token_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let webhooks = situation.spec.webhooks.iter();
    let missing =
        webhooks.filter(|webhook| situation.missing_tokens.contains(&WebhookKey::new(&webhook.name)));
    missing
        .map(|webhook| {
            entry_step(StepName::ReceiveHandlerToken, &webhook.name, &webhook.token_secret_ref.name)
        })
        .collect()
}

fn seat_steps(situation: &Situation<'_>) -> Option<PendingStep> {
    let waiting = situation
        .plan
        .held
        .iter()
        .filter(|held| held.reason == Reason::SeatsExhausted && held.step.kind() == Kind::Agent);
    let count = waiting.count();
    (count > 0).then(|| step(StepName::BuySeats, count.to_string()))
}

fn training_step(training: &Standing) -> Option<PendingStep> {
    match training {
        Standing::Missing(missing) => Some(step(StepName::BookTraining, &missing.value)),
        Standing::NobodyToTrain | Standing::Scheduled | Standing::Requested(_) => None,
    }
}

/// A step for every suspended agent whose conversations somebody else must take over first.
pub fn reassign_steps(observed: &Observed, plan: &Plan) -> Vec<PendingStep> {
    let mut steps = Vec::new();
    for agent in &observed.agents {
        let Owner::Us { key, .. } = &agent.owner else { continue };
        let open = observed.agent_facts.get(&agent.id).and_then(|facts| facts.open_conversations);
        let waits = plan
            .held_for(&ObjectKey::new(Kind::Agent, key))
            .is_some_and(|held| held.reason == Reason::ConversationsAssigned);
        if agent.value.access == Access::Suspended && waits && open != Some(0) {
            steps.push(entry_step(StepName::ReassignConversations, key, agent.id.to_string()));
        }
    }
    steps
}
