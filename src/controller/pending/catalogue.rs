//! The catalogue of steps: who does each, what proves it done, whether customers wait for it.
//!
//! Data, apart from the rules that open a step and from the texts (`controller/texts`). Must not: look at a store.

use crate::api::config_status::{StepOwner, StepProof};
use crate::api::policies::Language;
use crate::controller::texts;
use crate::model::{PendingStep, StepName};

/// What is the case with every step of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who does it.
    pub who: StepOwner,
    /// What proves it done.
    pub proof: StepProof,
    /// Whether the store cannot receive conversations without it (`api.md`, Conditions).
    pub blocks_live: bool,
}

/// What is the case with every step of a name.
pub fn of(name: StepName) -> Entry {
    let (who, proof, blocks_live) = match name {
        StepName::IntegrateWhatsApp => (StepOwner::Store, StepProof::CompletedStep, true),
        StepName::AgreeLicenses => (StepOwner::Store, StepProof::CompletedStep, false),
        StepName::BuySeats => (StepOwner::Store, StepProof::Observed, false),
        StepName::SetLicenses => (StepOwner::Partner, StepProof::CompletedStep, false),
        StepName::BookTraining => (StepOwner::Store, StepProof::CompletedStep, false),
        StepName::SendTicketFieldId | StepName::SendConversationTag => {
            (StepOwner::Store, StepProof::CompletedStep, true)
        }
        StepName::ReceiveHandlerToken => (StepOwner::PlatformTeam, StepProof::Observed, true),
        StepName::SetWebhookAddress => (StepOwner::Store, StepProof::CompletedStep, true),
        StepName::CreateDepartment => (StepOwner::Store, StepProof::Observed, true),
        StepName::SwitchBot => (StepOwner::BotOperator, StepProof::CompletedStep, false),
        StepName::ObtainPartnerAccount => (StepOwner::Partner, StepProof::Observed, true),
        StepName::ReassignConversations => (StepOwner::Store, StepProof::Observed, false),
        StepName::ResetPassword => (StepOwner::Store, StepProof::CompletedStep, false),
        StepName::EnableHumanSupport
        | StepName::DisableHumanSupport
        | StepName::SetBusinessHours
        | StepName::SetUnavailableMessage => (StepOwner::Store, StepProof::CompletedStep, false),
    };
    Entry { who, proof, blocks_live }
}

/// A step for the whole store, with the texts of the catalogue.
pub fn step(name: StepName, value: impl Into<String>) -> PendingStep {
    build(name, None, value.into())
}

/// A step for one entry.
pub fn entry_step(name: StepName, entry: &str, value: impl Into<String>) -> PendingStep {
    build(name, Some(entry.to_owned()), value.into())
}

fn build(name: StepName, entry: Option<String>, value: String) -> PendingStep {
    let text = texts::step(Language::En, name);
    let values = [("value", value.as_str()), ("entry", entry.as_deref().unwrap_or_default())];
    let (why, how) = (texts::fill(text.why, &values), texts::fill(text.how, &values));
    PendingStep { name, entry, value, blocks_live: of(name).blocks_live, why, how }
}
