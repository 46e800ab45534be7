//! English: what the status says, and the sheet of a store with `language: en`.

use super::{Label, StepText};
use crate::api::config_status::StepOwner;
use crate::model::StepName;

/// What a step says.
pub(super) fn step(name: StepName) -> StepText {
    let (title, why, how) = match name {
        StepName::IntegrateWhatsApp => (
            "Integrate the WhatsApp number",
            "customers write to this number; human support is set up only after it is integrated",
            "integrate the number with WhatsApp Business (a Meta Business Manager account, a number that was not used there before), then complete this step with the number",
        ),
        StepName::AgreeLicenses => (
            "Agree the number of licenses",
            "how many people may answer at once is agreed with the partner, and no interface knows the number",
            "agree the number of licenses with the partner and declare it in `licenses.quantity`; then complete this step with the value `{value}` (without a declared number: that none is agreed)",
        ),
        StepName::BuySeats => (
            "Buy seats",
            "the account has no seat left for {value} of the declared agents",
            "buy seats in the helpdesk or free some, and raise the seats in the `limits` of the account where it has any; the step closes by itself",
        ),
        StepName::SetLicenses => (
            "Have the licenses set",
            "this interface of the helpdesk has no licenses: only the partner can set their number",
            "have the partner set {value} licenses for the account, then complete this step",
        ),
        StepName::BookTraining => (
            "Book the training",
            "these have no training session, and the partner holds it only when it is booked: `{value}`",
            "book a date with the partner and declare it in `training.sessions` with an audience; or complete this step with this value where they need none",
        ),
        StepName::SendTicketFieldId => (
            "Send the id of the ticket field",
            "the bot writes the store's number into this field of every conversation; without its id no answer reaches the customer",
            "send this id to whoever runs the bot, then complete this step with it",
        ),
        StepName::SendConversationTag => (
            "Send the conversation tag",
            "the bot marks the store's conversations with this tag; routes fire for nothing else",
            "send this tag to whoever runs the bot, then complete this step with it",
        ),
        StepName::ReceiveHandlerToken => (
            "Receive the handler's token",
            "the webhook `{entry}` needs the token of its handler, and only the handler's operator knows it",
            "ask for the token and create the Secret `{value}` of type `humansupport.dev/webhook-token` with the keys `host` and `token`; the step closes by itself",
        ),
        StepName::SetWebhookAddress => (
            "Set the webhook's address",
            "the helpdesk takes the address of its webhook in its own settings only",
            "in the helpdesk's administration open Settings > Integrations > API and set the webhook's address to `{value}`",
        ),
        StepName::CreateDepartment => (
            "Create a department by hand",
            "this interface of the helpdesk cannot create the department `{entry}`, and conversations land in departments",
            "create the department `{value}` in the helpdesk's administration and set it active; the step closes by itself",
        ),
        StepName::SwitchBot => (
            "Switch the bot over",
            "the store has moved to another account; until the bot is switched, customers still arrive at the old one",
            "ask whoever runs the bot to send conversations to `{value}`, then complete this step",
        ),
        StepName::ObtainPartnerAccount => (
            "Obtain a partner account",
            "the partner serves this store only with an account of its own",
            "ask whoever runs the account to obtain one for `{value}` and to add it to `zenvia.accounts`; the step closes by itself",
        ),
        StepName::ReassignConversations => (
            "Give open conversations to others",
            "`{entry}` no longer has access, and open conversations are still assigned to that account",
            "assign them to somebody else in the helpdesk; the seat is given back when none is left, or after a day",
        ),
        StepName::ResetPassword => (
            "Set a password",
            "the account of `{entry}` was made with a random password that was thrown away",
            "have the agent choose \"Forgot your password\" with the declared address and set a password; then complete this step",
        ),
        StepName::EnableHumanSupport => (
            "Set human support in the store's administration",
            "the store's administration has its own switch, and no interface reads or writes it",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and set human support to `{value}`, then complete this step with that word",
        ),
        StepName::SetBusinessHours => (
            "Set the business hours in the store's administration",
            "the bot asks the store's administration whether people answer now, and no interface writes its hours",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and enter the time zone, windows and exceptions of `businessHours`, then complete this step with `{value}`; it changes with the hours",
        ),
        StepName::SetUnavailableMessage => (
            "Set the message for closed hours",
            "customers read it when nobody answers, and no interface of the helpdesk sends it",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and enter `businessHours.unavailableMessage`, then complete this step with `{value}`; it changes with the message",
        ),
    };
    StepText { title, why, how }
}

/// Who does a step.
pub(super) fn who(who: StepOwner) -> &'static str {
    match who {
        StepOwner::Store => "the store",
        StepOwner::Partner => "the partner",
        StepOwner::PlatformTeam => "the platform team",
        StepOwner::BotOperator => "whoever runs the bot",
    }
}

/// A heading or a phrase.
pub(super) fn label(label: Label) -> &'static str {
    match label {
        Label::Title => "Handover of {store}",
        Label::Generated => {
            "Kept by the human-support operator; changes made here are overwritten. The source is the resource `{resource}`."
        }
        Label::Store => "Store",
        Label::Account => "Account",
        Label::Host => "Helpdesk",
        Label::Platform => "Platform",
        Label::WhatsAppNumber => "WhatsApp number",
        Label::Licenses => "Licenses agreed",
        Label::LicensesUnknown => "none declared",
        Label::HumanSupport => "Human support",
        Label::Enabled => "on",
        Label::Disabled => "off: customers read the message for closed hours",
        Label::Installation => "Installation",
        Label::InstallationNote => {
            "A cluster that is rebuilt must be given this name as `installation`, or it does not find its objects."
        }
        Label::HandOver => "For whoever runs the bot",
        Label::ConversationTag => "conversation tag",
        Label::TicketField => "id of the ticket field for the WhatsApp number",
        Label::DefaultDepartment => "department where conversations land",
        Label::Webhook => "webhook `{entry}`",
        Label::Item => "What",
        Label::Value => "Value",
        Label::OpenSteps => "Open steps",
        Label::NoOpenStep => "None: everything that people must do is done.",
        Label::Customers => "customers wait for it",
        Label::Why => "Why",
        Label::How => "How",
        Label::Who => "Who",
        Label::CompletedBy => "When done, add to `completedSteps`",
        Label::StepsMore => "And {value} more; `status.summary.pending` counts all.",
        Label::Departments => "Departments",
        Label::Name => "Name",
        Label::Description => "Description",
        Label::Id => "Id in the helpdesk",
        Label::People => "People",
        Label::NobodyInProfile => "Nobody.",
        Label::PeopleMore => "And {value} more; `spec.agents` lists all.",
        Label::NotActive => "not active",
        Label::Until => "until {value}",
        Label::Profiles => "What each profile can do",
        Label::ProfileAgent => "Agent",
        Label::ProfileAdministrator => "Administrator",
        Label::AgentDoes => {
            "Answers customers: salespeople, sales representatives, support teams, the call centre. Sees the queue of conversations of their departments and the chat."
        }
        Label::AdministratorDoes => {
            "Manages and follows up in the Administration module: sees the attendance panel, extracts reports, manages the agents, and does what an agent does."
        }
        Label::Conditions => "What is not as it should be",
        Label::Training => "Training",
        Label::NoTraining => "No session is declared.",
        Label::Session => "Session",
        Label::When => "When",
        Label::Minutes => "{value} minutes",
        Label::Location => "Where",
        Label::Audience => "For",
        Label::Requested => "requested, no date yet",
        Label::Held => "held",
        Label::Cancelled => "cancelled",
        Label::Over => "over; was it held?",
        Label::Planned => "planned",
        Label::Repeats => "every {weeks} weeks, {times} times",
        Label::TrainingSummary => "Training {entry}: {store}",
        Label::Attendees => "Expected: {value}",
        Label::AttendeesMore => "and {value} more",
        Label::Reminder => "Training starts soon",
        Label::Hours => "Business hours",
        Label::UnavailableMessage => "Message for closed hours",
    }
}
