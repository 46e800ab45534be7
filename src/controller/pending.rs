//! Steps for people: which are open, from what is declared, observed and completed.
//!
//! Pure. A step is completed by `spec.completedSteps` with the value it shows; when that value changes, it is open
//! again by itself. The operator never pretends to have done one of these.

use std::collections::BTreeSet;

use super::hours;
use crate::api::HumanSupportConfigSpec;
use crate::model::{
    Access, Desired, Gate, Kind, ObjectKey, Observed, Owner, PendingStep, Reason, StepName, WebhookKey,
};
use crate::plan::Plan;

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
}

/// Whether a step is completed for exactly this value.
pub fn is_completed(spec: &HumanSupportConfigSpec, name: StepName, value: &str) -> bool {
    spec.completed_steps
        .iter()
        .any(|step| step.name == name.to_string() && step.value.as_deref().unwrap_or_default() == value)
}

/// Whether creates and webhooks may be written: WhatsApp comes first, for this very number.
pub fn gate(spec: &HumanSupportConfigSpec) -> Gate {
    if is_completed(spec, StepName::IntegrateWhatsApp, &spec.whatsapp.phone_number) {
        Gate::Open
    } else {
        Gate::Closed(Reason::IntegrationPending)
    }
}

/// The steps that are open, sorted by name.
pub fn open_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let mut steps = always_needed(situation.spec);
    steps.extend(handover_steps(situation));
    steps.extend(token_steps(situation));
    steps.extend(reassign_steps(situation));
    steps.extend(hours::open_steps(situation.spec, hours::keeper(situation.desired, situation.plan)));
    if let Some(side) = situation.moving_to {
        steps.push(PendingStep {
            name: StepName::SwitchBot,
            value: side.to_owned(),
            blocks_live: false,
            why: "the store has moved to another account; until the bot is switched, customers still arrive at the old one"
                .to_owned(),
            how: format!("ask whoever runs the bot to send conversations to `{side}`, then complete this step"),
        });
    }
    steps.retain(|step| !is_completed(situation.spec, step.name, &step.value));
    steps.sort();
    // Names are the key of the list: of several steps with one name the first is shown, the others follow.
    steps.dedup_by(|later, earlier| later.name == earlier.name);
    steps
}

fn always_needed(spec: &HumanSupportConfigSpec) -> Vec<PendingStep> {
    let mut steps = vec![PendingStep {
        name: StepName::IntegrateWhatsApp,
        value: spec.whatsapp.phone_number.clone(),
        blocks_live: true,
        why: "customers write to this number; human support is set up only after it is integrated".to_owned(),
        how: "integrate the number with WhatsApp Business (a Meta Business Manager account, a number that was not used there before), then complete this step with the number"
            .to_owned(),
    }];
    if spec.licenses.is_none() {
        steps.push(PendingStep {
            name: StepName::AgreeLicenses,
            value: spec.store.clone(),
            blocks_live: false,
            why: "how many people may answer at once is agreed with the partner, and no interface knows the number".to_owned(),
            how: "agree the number of licenses with the partner and declare it in `licenses.quantity`".to_owned(),
        });
    }
    steps
}

fn handover_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let field = situation.observed.phone_fields.iter().find(|field| matches!(field.owner, Owner::Us { .. }));
    let Some(field) = field else { return Vec::new() };
    vec![
        PendingStep {
            name: StepName::SendTicketFieldId,
            value: field.id.to_string(),
            blocks_live: true,
            why: "the bot writes the store's number into this field of every conversation; without its id no answer reaches the customer".to_owned(),
            how: "send this id to whoever runs the bot, then complete this step with it".to_owned(),
        },
        PendingStep {
            name: StepName::SendConversationTag,
            value: situation.spec.conversation_tag.clone(),
            blocks_live: true,
            why: "the bot marks the store's conversations with this tag; routes fire for nothing else".to_owned(),
            how: "send this tag to whoever runs the bot, then complete this step with it".to_owned(),
        },
    ]
}

fn token_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let mut steps = Vec::new();
    for webhook in &situation.spec.webhooks {
        if situation.missing_tokens.contains(&WebhookKey::new(&webhook.name)) {
            let secret = &webhook.token_secret_ref.name;
            steps.push(PendingStep {
                name: StepName::ReceiveHandlerToken,
                value: secret.clone(),
                blocks_live: true,
                why: format!("the webhook `{}` needs the token of its handler, and only the handler's operator knows it", webhook.name),
                how: format!(
                    "ask for the token and create the Secret `{secret}` of type `humansupport.dev/webhook-token` with the keys `host` and `token`; the step closes by itself"
                ),
            });
        }
    }
    steps
}

fn reassign_steps(situation: &Situation<'_>) -> Vec<PendingStep> {
    let mut steps = Vec::new();
    for agent in &situation.observed.agents {
        let Owner::Us { key, .. } = &agent.owner else { continue };
        let open = situation.observed.agent_facts.get(&agent.id).and_then(|facts| facts.open_conversations);
        let waits = situation
            .plan
            .held_for(&ObjectKey::new(Kind::Agent, key))
            .is_some_and(|held| held.reason == Reason::ConversationsAssigned);
        if agent.value.access == Access::Suspended && waits && open != Some(0) {
            steps.push(PendingStep {
                name: StepName::ReassignConversations,
                value: key.clone(),
                blocks_live: false,
                why: format!("`{key}` no longer has access, and open conversations are still assigned to that account"),
                how: "assign them to somebody else in the helpdesk; the seat is given back when none is left, or after a day".to_owned(),
            });
        }
    }
    steps
}
