//! Pending steps: what no vendor's interface offers and a person must do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The closed list of steps for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StepName {
    /// Integrate the store's WhatsApp number first.
    IntegrateWhatsApp,
    /// Agree the number of licenses with the partner.
    AgreeLicenses,
    /// Buy seats in the helpdesk.
    BuySeats,
    /// Have the agreed number of licenses set in the helpdesk.
    SetLicenses,
    /// Book the training of the agents.
    BookTraining,
    /// Send the id of the phone field to whoever runs the bot.
    SendTicketFieldId,
    /// Send the conversation tag to whoever runs the bot.
    SendConversationTag,
    /// Receive the handler's token and store it in the Secret.
    ReceiveHandlerToken,
    /// Set the webhook address in the helpdesk's own settings.
    SetWebhookAddress,
    /// Create a department that no interface can create.
    CreateDepartment,
    /// Point the bot at the new helpdesk after a move.
    SwitchBot,
    /// Obtain a partner account.
    ObtainPartnerAccount,
    /// Give the open conversations of somebody who left to others.
    ReassignConversations,
    /// Let a new agent set a password.
    ResetPassword,
    /// Switch human support on in the store's administration.
    EnableHumanSupport,
    /// Switch human support off in the store's administration.
    DisableHumanSupport,
    /// Set the business hours in the store's administration.
    SetBusinessHours,
    /// Set the message customers get outside hours.
    SetUnavailableMessage,
}

impl StepName {
    /// Every step there is.
    pub const ALL: [Self; 18] = [
        Self::IntegrateWhatsApp,
        Self::AgreeLicenses,
        Self::BuySeats,
        Self::SetLicenses,
        Self::BookTraining,
        Self::SendTicketFieldId,
        Self::SendConversationTag,
        Self::ReceiveHandlerToken,
        Self::SetWebhookAddress,
        Self::CreateDepartment,
        Self::SwitchBot,
        Self::ObtainPartnerAccount,
        Self::ReassignConversations,
        Self::ResetPassword,
        Self::EnableHumanSupport,
        Self::DisableHumanSupport,
        Self::SetBusinessHours,
        Self::SetUnavailableMessage,
    ];

    /// The step with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.to_string() == text)
    }

    /// Whether there is one such step for each entry it is about, or one for the store.
    pub fn scope(self) -> StepScope {
        match self {
            Self::ReceiveHandlerToken
            | Self::CreateDepartment
            | Self::ReassignConversations
            | Self::ResetPassword => StepScope::Entry,
            Self::IntegrateWhatsApp
            | Self::AgreeLicenses
            | Self::BuySeats
            | Self::SetLicenses
            | Self::BookTraining
            | Self::SendTicketFieldId
            | Self::SendConversationTag
            | Self::SetWebhookAddress
            | Self::SwitchBot
            | Self::ObtainPartnerAccount
            | Self::EnableHumanSupport
            | Self::DisableHumanSupport
            | Self::SetBusinessHours
            | Self::SetUnavailableMessage => StepScope::Store,
        }
    }
}

/// Whether there is one step of a name for the store, or one for each entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepScope {
    /// One for the store: `IntegrateWhatsApp`.
    Store,
    /// One for each entry it is about: `ResetPassword/ana`.
    Entry,
}

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl PendingStep {
    /// What the step is called in the status and in `completedSteps`: `IntegrateWhatsApp`, `ResetPassword/ana`.
    pub fn title(&self) -> String {
        title_of_step(self.name, self.entry.as_deref())
    }
}

/// What a step is called, for the store or for one of its entries.
pub fn title_of_step(name: StepName, entry: Option<&str>) -> String {
    match entry {
        Some(entry) => format!("{name}/{entry}"),
        None => name.to_string(),
    }
}

/// A step a person must do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PendingStep {
    /// Which step.
    pub name: StepName,
    /// The entry it is about, where there is one step for each; none where there is one for the store.
    pub entry: Option<String>,
    /// What it confirms; when this changes, the step is open again.
    pub value: String,
    /// Whether the store cannot receive conversations without it.
    pub blocks_live: bool,
    /// Why it is needed.
    pub why: String,
    /// What to do.
    pub how: String,
}
