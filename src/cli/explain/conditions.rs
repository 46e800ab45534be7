//! What the types of conditions mean, and what to do when one is not as it should be.

use super::Paragraph;
use crate::api::conditions::ConditionType;

/// Types of conditions.
pub(super) const CONDITIONS: &[Paragraph<ConditionType>] = &[
    Paragraph {
        word: ConditionType::Ready,
        meaning: "The summary for tools: everything that the operator may do is done and verified for the present generation. What waits for a person does not make it false.",
        action: "When it is False, its reason says what is in the way: `Stalled` beside it means that somebody must act, `Reconciling` that the operator goes on by itself.",
    },
    Paragraph {
        word: ConditionType::Live,
        meaning: "The summary for people: a customer who asks for a person reaches one now.",
        action: "Its message begins with yes or no and ends with what to do.",
    },
    Paragraph {
        word: ConditionType::CredentialsValid,
        meaning: "On accounts: the helpdesk accepts the credentials.",
        action: "When it is False, put valid credentials into the Secret that the account names.",
    },
    Paragraph {
        word: ConditionType::WhatsAppReady,
        meaning: "The step `IntegrateWhatsApp` is completed for the declared number.",
        action: "Integrate the number, then complete the step with it.",
    },
    Paragraph {
        word: ConditionType::AccountReady,
        meaning: "The account exists, admits the store, and its credentials are accepted.",
        action: "Look at the account: `kubectl describe helpdeskaccount` or `clusterhelpdeskaccount`.",
    },
    Paragraph {
        word: ConditionType::LicensesReady,
        meaning: "Licenses are agreed and suffice for the declared agents.",
        action: "Agree the number with the partner and declare it in `licenses.quantity`.",
    },
    Paragraph {
        word: ConditionType::DepartmentsReady,
        meaning: "The departments in the helpdesk are as declared.",
        action: "The message names what is left; `status.problems` has all of it.",
    },
    Paragraph {
        word: ConditionType::AgentsReady,
        meaning: "The agents, their profiles and their departments are as declared.",
        action: "`humansupport status NAME` shows the problems of each agent.",
    },
    Paragraph {
        word: ConditionType::WebhooksReady,
        meaning: "The webhooks, what feeds them, and the field for the customer's number are as declared.",
        action: "The message names what is left; a missing token shows as the step `ReceiveHandlerToken`.",
    },
    Paragraph {
        word: ConditionType::TrainingScheduled,
        meaning: "Every active agent has a training session that is to come, or was in the audience of one that was held.",
        action: "Declare the missing session in `training.sessions`, give a requested one its date, or complete the step `BookTraining` where none is needed.",
    },
    Paragraph {
        word: ConditionType::BusinessHoursReady,
        meaning: "The business hours in the helpdesk are as declared, or a person has set them. Only there when they are declared.",
        action: "The message names what is left; where the helpdesk has no place for them, that is the step `SetBusinessHours`.",
    },
    Paragraph {
        word: ConditionType::HandedOver,
        meaning: "Whoever runs the bot was given the id of the field and the tag.",
        action: "Complete the steps `SendTicketFieldId` and `SendConversationTag` with the values that they show.",
    },
    Paragraph {
        word: ConditionType::Drifted,
        meaning: "The helpdesk differs from the declaration because of somebody else, and the difference stays.",
        action: "Read `status.plan`. Put the change into the declaration, or set `drift` to Correct.",
    },
    Paragraph {
        word: ConditionType::Reconciling,
        meaning: "Work is going on, or will go on by itself. Only there while true.",
        action: "Wait.",
    },
    Paragraph {
        word: ConditionType::Stalled,
        meaning: "Work cannot go on before somebody changes something. Only there while true.",
        action: "Its reason is the one to look up: `humansupport explain REASON`.",
    },
    Paragraph {
        word: ConditionType::Suspended,
        meaning: "Work was stopped by `suspend`. Only there while true.",
        action: "`humansupport resume NAME` lets it go on.",
    },
    Paragraph {
        word: ConditionType::DeletionBlocked,
        meaning: "The resource is being deleted, and its clean-up in the helpdesk cannot be made. Only there while true; the deletion ends after a bounded time all the same.",
        action: "Remove the cause that the message names, or set the annotation `humansupport.dev/force-finalize` to \"true\" to keep everything in the helpdesk.",
    },
];
