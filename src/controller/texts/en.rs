//! English: what the status says, and the sheet of a store with `language: en`.

use super::{Label, StepText};
use crate::api::config_status::StepOwner;
use crate::model::StepName;

table! {
    /// What a step says.
    fn step(StepName) -> StepText {
        IntegrateWhatsApp => StepText::new(
            "Integrate the WhatsApp number",
            "customers write to this number; human support is set up only after it is integrated",
            "integrate the number with WhatsApp Business (a Meta Business Manager account, a number that was not used there before), then complete this step with the number",
        ),
        AgreeLicenses => StepText::new(
            "Agree the number of licenses",
            "how many people may answer at once is agreed with the partner, and no interface knows the number",
            "agree the number of licenses with the partner and declare it in `licenses.quantity`; then complete this step with the value `{value}` (without a declared number: that none is agreed)",
        ),
        BuySeats => StepText::new(
            "Buy seats",
            "the account has no seat left for {value} of the declared agents",
            "buy seats in the helpdesk or free some, and raise the seats in the `limits` of the account where it has any; the step closes by itself",
        ),
        SetLicenses => StepText::new(
            "Have the licenses set",
            "this interface of the helpdesk has no licenses: only the partner can set their number",
            "have the partner set {value} licenses for the account, then complete this step",
        ),
        BookTraining => StepText::new(
            "Book the training",
            "these have no training session, and the partner holds it only when it is booked: `{value}`",
            "book a date with the partner and declare it in `training.sessions` with an audience; or complete this step with this value where they need none",
        ),
        SendTicketFieldId => StepText::new(
            "Send the id of the ticket field",
            "the bot writes the store's number into this field of every conversation; without its id no answer reaches the customer",
            "send this id to whoever runs the bot, then complete this step with it",
        ),
        SendConversationTag => StepText::new(
            "Send the conversation tag",
            "the bot marks the store's conversations with this tag; routes fire for nothing else",
            "send this tag to whoever runs the bot, then complete this step with it",
        ),
        ReceiveHandlerToken => StepText::new(
            "Receive the handler's token",
            "the webhook `{entry}` needs the token of its handler, and only the handler's operator knows it",
            "ask for the token and create the Secret `{value}` of type `humansupport.dev/webhook-token` with the keys `host` and `token`; the step closes by itself",
        ),
        SetWebhookAddress => StepText::new(
            "Set the webhook's address",
            "the helpdesk takes the address of its webhook in its own settings only",
            "in Zenvia Chat's administration open Settings > Integrations > Webhooks and set the address of the store's webhook (`{value}`), then complete this step; where the interface shows the setting, the step closes by itself",
        ),
        CreateDepartment => StepText::new(
            "Create a department by hand",
            "this interface of the helpdesk cannot create the department `{entry}`, and conversations land in departments",
            "in Zenvia Chat's administration open Service > Departments, create `{value}` with the channel chat, and set it active; the step closes by itself",
        ),
        SwitchBot => StepText::new(
            "Switch the bot over",
            "the store has moved to another account; until the bot is switched, customers still arrive at the old one",
            "ask whoever runs the bot to send conversations to `{value}`, then complete this step",
        ),
        ObtainPartnerAccount => StepText::new(
            "Obtain a partner account",
            "the partner serves this store only with an account of its own",
            "ask whoever runs the account to obtain one for `{value}` and to add it to `zenvia.accounts`; the step closes by itself",
        ),
        ReassignConversations => StepText::new(
            "Give open conversations to others",
            "`{entry}` no longer has access, and open conversations are still assigned to that account",
            "assign them to somebody else in the helpdesk; the seat is given back when none is left, or after a day",
        ),
        ResetPassword => StepText::new(
            "Set a password",
            "the account of `{entry}` was made with a random password that was thrown away",
            "have the agent choose \"Forgot your password\" with the declared address and set a password; then complete this step",
        ),
        EnableHumanSupport => StepText::new(
            "Switch human support on in the store's administration",
            "the store's administration has its own switch, and no interface reads or writes it",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and switch human support on, then complete this step",
        ),
        DisableHumanSupport => StepText::new(
            "Switch human support off in the store's administration",
            "`humanSupport` is Disabled, and no interface keeps the bot from handing conversations over",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and switch human support off, then complete this step; open conversations can still be finished in the helpdesk",
        ),
        SetBusinessHours => StepText::new(
            "Set the business hours in the store's administration",
            "the bot asks the store's administration whether people answer now, and no interface writes its hours",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and enter the time zone, windows and exceptions of `businessHours`, then complete this step with the value `{value}`",
        ),
        SetUnavailableMessage => StepText::new(
            "Set the message for closed hours",
            "customers read it when nobody answers, and no interface of the helpdesk sends it",
            "in the store's administration open Apps > Conversational Commerce > Settings > Live Support and enter `businessHours.unavailableMessage`, then complete this step with the value `{value}`",
        ),
    }
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

table! {
    /// A heading or a phrase.
    fn label(Label) -> &'static str {
        Title => "Handover of {store}",
        Generated => "Kept by the human-support operator; changes made here are overwritten. The source is the resource `{resource}`.",
        Store => "Store",
        Account => "Account",
        Host => "Helpdesk",
        Platform => "Platform",
        WhatsAppNumber => "WhatsApp number",
        Licenses => "Licenses agreed",
        LicensesUnknown => "none declared",
        HumanSupport => "Human support",
        Enabled => "on",
        Disabled => "off: customers read the message for closed hours",
        Installation => "Installation",
        InstallationNote => "A cluster that is rebuilt must be given this name as `installation`, or it does not find its objects.",
        HandOver => "For whoever runs the bot",
        ConversationTag => "conversation tag",
        TicketField => "id of the ticket field for the WhatsApp number",
        DefaultDepartment => "department where conversations land",
        Webhook => "webhook `{entry}`",
        Item => "What",
        Value => "Value",
        OpenSteps => "Open steps",
        NoOpenStep => "None: everything that people must do is done.",
        Customers => "customers wait for it",
        Why => "Why",
        How => "How",
        Who => "Who",
        CompletedBy => "When done, add to `completedSteps`",
        StepsMore => "And {value} more; `status.summary.pending` counts all.",
        Departments => "Departments",
        Name => "Name",
        Description => "Description",
        Id => "Id in the helpdesk",
        People => "People",
        NobodyInProfile => "Nobody.",
        PeopleMore => "And {value} more; `spec.agents` lists all.",
        NotActive => "not active",
        Until => "until {value}",
        Profiles => "What each profile can do",
        ProfileAgent => "Agent",
        ProfileAdministrator => "Administrator",
        AgentDoes => "Answers customers: salespeople, sales representatives, support teams, the call centre. Sees the queue of conversations of their departments and the chat.",
        AdministratorDoes => "Manages and follows up in the Administration module: sees the attendance panel, extracts reports, manages the agents, and does what an agent does.",
        Conditions => "What is not as it should be",
        Training => "Training",
        NoTraining => "No session is declared.",
        Session => "Session",
        When => "When",
        Minutes => "{value} minutes",
        Location => "Where",
        Audience => "For",
        Requested => "requested, no date yet",
        Held => "held",
        Cancelled => "cancelled",
        Over => "over; was it held?",
        Planned => "planned",
        Repeats => "every {weeks} weeks, {times} times",
        TrainingSummary => "Training {entry}: {store}",
        Attendees => "Expected: {value}",
        AttendeesMore => "and {value} more",
        Reminder => "Training starts soon",
        Hours => "Business hours",
        UnavailableMessage => "Message for closed hours",
    }
}
