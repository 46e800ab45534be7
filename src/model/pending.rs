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

impl fmt::Display for StepName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// A step a person must do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PendingStep {
    /// Which step.
    pub name: StepName,
    /// What it confirms; when this changes, the step is open again.
    pub value: String,
    /// Whether the store cannot receive conversations without it.
    pub blocks_live: bool,
    /// Why it is needed.
    pub why: String,
    /// What to do.
    pub how: String,
}
