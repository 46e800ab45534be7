//! What the reasons of events mean, and what to do.

use super::Paragraph;
use crate::model::EventReason;

/// Reasons of events.
pub(super) const EVENTS: &[Paragraph<EventReason>] = &[
    Paragraph {
        word: EventReason::Reconciled,
        meaning: "The store is ready for the first time, or again without a failure before.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::Recovered,
        meaning: "The store is ready again after a failure.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::AgentCreated,
        meaning: "Agents were created; the note names them by their keys.",
        action: "Nothing. A step may tell how they get in.",
    },
    Paragraph {
        word: EventReason::AgentUpdated,
        meaning: "Agents were changed to what is declared.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::AgentDeactivated,
        meaning: "The access of agents ended.",
        action: "Nothing. Open conversations of theirs show as the step `ReassignConversations`.",
    },
    Paragraph {
        word: EventReason::DepartmentCreated,
        meaning: "Departments were created.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::WebhookBound,
        meaning: "Webhooks were created: the handler is called from now on.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::WebhookSecretRotated,
        meaning: "The token of a webhook changed in its Secret and was written to the helpdesk.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::ObjectAdopted,
        meaning: "Objects that existed before were taken over and carry the operator's mark now.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::DriftCorrected,
        meaning: "Somebody changed in the helpdesk what is declared, and it was set back.",
        action: "If the change was meant, make it in the declaration.",
    },
    Paragraph {
        word: EventReason::PlanApproved,
        meaning: "A person approved the plan that waited, and it is carried out; the note names its first changes.",
        action: "Nothing.",
    },
    Paragraph {
        word: EventReason::CredentialsRotated,
        meaning: "The account's Secret holds other values than before, and the helpdesk accepts the credentials. Told by an operator that used the old ones.",
        action: "Nothing. The old ones may be withdrawn.",
    },
    Paragraph {
        word: EventReason::ExternalObjectsKept,
        meaning: "Objects stay in the helpdesk without the operator's mark, as the policy says.",
        action: "Remove them by hand if nobody needs them.",
    },
    Paragraph {
        word: EventReason::DriftDetected,
        meaning: "Somebody changed in the helpdesk what is declared, and the change stays, as `drift` says.",
        action: "Put the change into the declaration, undo it, or set `drift` to Correct.",
    },
    Paragraph {
        word: EventReason::RateLimited,
        meaning: "The vendor's rate limit, or the part of it that the account gives to the operator, is used up, and the store waits.",
        action: "Nothing, unless it happens often: look at who else uses the account's interface, and at `limits.requestsPerMinute`.",
    },
    Paragraph {
        word: EventReason::ProviderUnavailable,
        meaning: "The helpdesk does not answer.",
        action: "Look at the vendor's status page and at the network.",
    },
    Paragraph {
        word: EventReason::DeletionBlocked,
        meaning: "A deletion waits for a clean-up that cannot be made.",
        action: "The note says why and how to give it up.",
    },
    Paragraph {
        word: EventReason::SeatsNearlyExhausted,
        meaning: "Nine of ten seats that the account declares in `limits.seats` are in use.",
        action: "Buy seats before the next agents are declared, or free some.",
    },
    Paragraph {
        word: EventReason::UnknownFieldIgnoredByProvider,
        meaning: "The helpdesk dropped a field that was written.",
        action: "Check whether the vendor's plan includes it.",
    },
    Paragraph {
        word: EventReason::Stalled,
        meaning: "The store cannot go on before somebody changes something.",
        action: "The note begins with the reason: look that up.",
    },
    Paragraph {
        word: EventReason::TrainingDue,
        meaning: "A training session is within a day, or starts now; the note names it and says when, on the store's clock.",
        action: "See that the agents of its audience come. `training.ics` in the ConfigMap `<name>-handover` has all sessions.",
    },
];
