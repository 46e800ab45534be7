//! What the reasons of a whole store or account mean, and what to do.
//!
//! A reason without a paragraph fails a test. Must not: repeat a message; it explains the word.

use super::Paragraph;
use crate::model::Reason;

/// Reasons that are about a store or an account.
pub(super) const OF_STORES: &[Paragraph<Reason>] = &[
    Paragraph {
        word: Reason::Reconciled,
        meaning: "Everything that the operator may do is done and was read back: the helpdesk is as declared.",
        action: "Nothing. Steps that only a person can do may still be open; `Live` says whether customers wait for one of them.",
    },
    Paragraph {
        word: Reason::Observed,
        meaning: "The store is in mode Observe (or the operator runs read-only): the helpdesk was compared, and nothing is written.",
        action: "Read `status.plan` for what would change. Set `mode` to Enforce to have it done.",
    },
    Paragraph {
        word: Reason::IntegrationPending,
        meaning: "The WhatsApp number must be integrated before human support is set up; creates and webhooks wait for it, removals and credentials do not.",
        action: "Integrate the number, then add the step `IntegrateWhatsApp` with exactly this number to `completedSteps`.",
    },
    Paragraph {
        word: Reason::Retired,
        meaning: "The store is in mode Retire: what the operator created was removed, what it had adopted was released.",
        action: "Delete the resource. Set `mode` to Enforce to set the store up again.",
    },
    Paragraph {
        word: Reason::StepsPending,
        meaning: "The helpdesk is as declared, and steps that only a person can do still keep customers from reaching somebody.",
        action: "Do what `how` says in `status.pendingSteps`, then add each step with its value to `completedSteps`.",
    },
    Paragraph {
        word: Reason::DeliveriesFailing,
        meaning: "The helpdesk calls the conversation handler and the calls fail, so customers get no answers.",
        action: "Check that the handler is up, that the webhook's `url` is right and that the token in its Secret is the handler's.",
    },
    Paragraph {
        word: Reason::NoAgentAvailable,
        meaning: "Nobody who is active is in the department where conversations land.",
        action: "Add an active agent to `defaultDepartment`, or name another department there.",
    },
    Paragraph {
        word: Reason::HumanSupportDisabled,
        meaning: "The store has switched human support off; customers read `businessHours.unavailableMessage`. What is in the helpdesk stays, so that open conversations can be finished.",
        action: "Do the step `DisableHumanSupport`, without which the bot goes on handing over. Set `humanSupport` to Enabled to switch it on again.",
    },
    Paragraph {
        word: Reason::NotReady,
        meaning: "Customers reach nobody because the store is not ready.",
        action: "Look at the condition `Ready`: its reason is what to work on.",
    },
    Paragraph {
        word: Reason::Reachable,
        meaning: "A customer who asks for a person reaches one.",
        action: "Nothing.",
    },
    Paragraph {
        word: Reason::OutsideBusinessHours,
        meaning: "It is outside the declared business hours; customers read the unavailable message, where it is set in the store's administration.",
        action: "Nothing, or change `businessHours`. The message of `Live` says when the store opens.",
    },
    Paragraph {
        word: Reason::Progressing,
        meaning: "Changes are being made.",
        action: "Wait. `humansupport status NAME --wait` returns when they are made.",
    },
    Paragraph {
        word: Reason::ProgressingWithRetry,
        meaning: "Something failed that may well pass, and the operator tries again with growing pauses of at most five minutes.",
        action: "Wait. When it lasts, the message of the condition says what fails.",
    },
    Paragraph {
        word: Reason::WaitingForRateLimit,
        meaning: "The vendor's rate limit, or the account's share of it, is used up for now.",
        action: "Wait; the operator goes on by itself. When it happens often, look at who else uses the account's interface, and at `limits.requestsPerMinute`.",
    },
    Paragraph {
        word: Reason::WaitingForProviderJob,
        meaning: "The vendor works on a change that it accepted and has not finished.",
        action: "Wait; the operator looks again by itself.",
    },
    Paragraph {
        word: Reason::ProviderUnavailable,
        meaning: "The helpdesk does not answer, or only with errors of its own.",
        action: "Look at the vendor's status page and at the network between the cluster and the helpdesk. The operator tries again by itself and concludes nothing from silence.",
    },
    Paragraph {
        word: Reason::Deleting,
        meaning: "The resource is being deleted and its clean-up in the helpdesk is under way.",
        action: "Wait. When the clean-up cannot be made, the condition `DeletionBlocked` says why and how to give it up.",
    },
    Paragraph {
        word: Reason::InvalidSpec,
        meaning: "The declaration contradicts itself, so nothing is done at all.",
        action: "Correct the fields that the message names. `humansupport validate FILE` finds all of them without a cluster.",
    },
    Paragraph {
        word: Reason::AccountNotFound,
        meaning: "The account that `accountRef` names does not exist, or not in the store's namespace.",
        action: "Create the account, or correct `accountRef`: a HelpdeskAccount is looked for in the store's namespace only.",
    },
    Paragraph {
        word: Reason::AccountNotAllowed,
        meaning: "The account does not admit this store, or does not allow what the store asks of it, such as a webhook host; or the name of its helpdesk stands for an address that is not public.",
        action: "Ask whoever runs the account: `allowedNamespaces` admits namespaces, `limits` says what stores may ask, and `zenvia.accounts` names the store of each Zenvia account. An adapter in a private network needs a ClusterHelpdeskAccount and the operator's `--adapter-cidr`.",
    },
    Paragraph {
        word: Reason::CredentialsInvalid,
        meaning: "The helpdesk refuses the credentials.",
        action: "Put valid credentials into the Secret that the account names; the operator reads it again within half a minute.",
    },
    Paragraph {
        word: Reason::CertificateNotTrusted,
        meaning: "The helpdesk answers with a certificate that is not trusted: it is over, names another host, or comes from an authority that is not known here. Nothing was sent.",
        action: "Renew the certificate, or give the authority of an adapter by `spec.external.caBundleSecretRef` of its account (that of every helpdesk by the operator's `--ca-file`). For a vendor's own host, look for a proxy that opens TLS.",
    },
    Paragraph {
        word: Reason::PermissionDenied,
        meaning: "The credentials are valid and their user may not do this.",
        action: "Give the user of the credentials the profile Administrator, or the client the scopes `read` and `write`.",
    },
    Paragraph {
        word: Reason::AccountMismatch,
        meaning: "The credentials belong to another account or host than the one declared, or act for nobody who may act for the operator.",
        action: "Use credentials of the declared account. The `host` in the Secret must be the account's.",
    },
    Paragraph {
        word: Reason::SecretInvalid,
        meaning: "The Secret does not exist, has the wrong type, or lacks a key.",
        action: "Create it as the message says. Credentials have the type `humansupport.dev/credentials`, tokens of webhooks `humansupport.dev/webhook-token`.",
    },
    Paragraph {
        word: Reason::AccountSuspended,
        meaning: "The account has `suspend: true`, so nothing is done for any of its stores.",
        action: "Set `suspend` of the account to false.",
    },
    Paragraph {
        word: Reason::Suspended,
        meaning: "The resource has `suspend: true`, so nothing is done.",
        action: "Set it to false, or run `humansupport resume NAME`.",
    },
    Paragraph {
        word: Reason::OtherInstallation,
        meaning: "The object carries the mark of another installation of the operator, so it is left alone.",
        action: "If that cluster is gone, give this one its `installation` name, or list it in `formerInstallations`. Otherwise it belongs to somebody: choose another name.",
    },
    Paragraph {
        word: Reason::OwnedByOtherCluster,
        meaning: "Another cluster with this installation's name has the store; to keep the two from undoing each other's work, nothing is written.",
        action: "Give one of the two another `installation`. If the other cluster is gone, add the value in the message to the account's `takeOverFrom`.",
    },
    Paragraph {
        word: Reason::ApprovalRequired,
        meaning: "The plan waits for a person: the store has `approval: Manual`, or the change is one that always waits.",
        action: "Read the held lines and run `humansupport approve NAME`, or set the annotation `humansupport.dev/approve-plan` to the plan's digest.",
    },
    Paragraph {
        word: Reason::RemovalGuardTripped,
        meaning: "The plan takes more agents away than `removalGuard` lets pass, or empties the default department. A list that was cut by mistake looks like this.",
        action: "If it is meant, run `humansupport approve NAME`. If it is not, put the agents back into the list.",
    },
    Paragraph {
        word: Reason::UnsupportedByProvider,
        meaning: "The helpdesk, or its plan, cannot do what is declared.",
        action: "Take it out of the declaration, or do it by hand if the message says how.",
    },
    Paragraph {
        word: Reason::LicensesExceeded,
        meaning: "More agents would be active than licenses are agreed.",
        action: "Take agents out first, or agree more licenses with the partner and raise `licenses.quantity`.",
    },
    Paragraph {
        word: Reason::SeatsExhausted,
        meaning: "No seat is left in the helpdesk, or within the limits of the account.",
        action: "Free a seat, or buy more and raise `limits.seats` (or `limits.seatsPerStore`) of the account.",
    },
    Paragraph {
        word: Reason::WebhookLimitReached,
        meaning: "The helpdesk allows no more webhooks in this account.",
        action: "Remove webhooks that nobody uses, or ask the vendor for a higher limit.",
    },
    Paragraph {
        word: Reason::WebhookDegraded,
        meaning: "The vendor slowed the calls to the handler down because too many of them failed.",
        action: "Repair the handler. The vendor goes back to full speed by itself, or after the webhook is switched on again in its settings.",
    },
    Paragraph {
        word: Reason::MalformedAnswer,
        meaning: "The helpdesk's answer makes no sense; nothing is concluded from it and nothing is written.",
        action: "Wait; the operator asks again. When it lasts, a proxy between the cluster and the helpdesk may answer in its place.",
    },
    Paragraph {
        word: Reason::AwaitingSettledReading,
        meaning: "An object that was created a moment ago may not show in the helpdesk's lists yet, so its absence proves nothing.",
        action: "Wait some seconds.",
    },
    Paragraph {
        word: Reason::Accepted,
        meaning: "The helpdesk accepts the credentials.",
        action: "Nothing.",
    },
];
