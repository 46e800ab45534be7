//! Reasons: the closed list of words that conditions, problems and metrics give (`conventions.md`, Reasons).
//!
//! A reason is a word a person can look up. Events have a closed list of their own.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => stringify!($variant),)*
                }
            }

            /// The word with this spelling.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// Why a condition is as it is, why a change is held, and the label of a metric.
    Reason {
        /// Everything that may be done is done and verified.
        Reconciled,
        /// Mode Observe: looked at, nothing written.
        Observed,
        /// The WhatsApp integration comes first.
        IntegrationPending,
        /// Off-boarded.
        Retired,
        /// Open steps block the store.
        StepsPending,
        /// The helpdesk's calls to the handler fail.
        DeliveriesFailing,
        /// Nobody is active in the default department.
        NoAgentAvailable,
        /// Human support is switched off.
        HumanSupportDisabled,
        /// Not Ready, so not Live.
        NotReady,
        /// A customer can reach a person.
        Reachable,
        /// Outside business hours.
        OutsideBusinessHours,
        /// Changes are being made.
        Progressing,
        /// A retry is scheduled.
        ProgressingWithRetry,
        /// The vendor's rate limit is used up for now.
        WaitingForRateLimit,
        /// A job of the vendor is running.
        WaitingForProviderJob,
        /// The vendor does not answer.
        ProviderUnavailable,
        /// The resource is being deleted.
        Deleting,
        /// The declaration contradicts itself.
        InvalidSpec,
        /// The account does not exist.
        AccountNotFound,
        /// The account does not admit this store.
        AccountNotAllowed,
        /// The credentials are refused.
        CredentialsInvalid,
        /// The helpdesk's certificate is not trusted.
        CertificateNotTrusted,
        /// The credentials may not do this.
        PermissionDenied,
        /// The credentials belong to another account.
        AccountMismatch,
        /// Another store has it.
        Conflict,
        /// It exists and is not ours.
        AdoptionRequired,
        /// A person must approve the plan.
        ApprovalRequired,
        /// More removals than the guard allows.
        RemovalGuardTripped,
        /// No seat is left.
        SeatsExhausted,
        /// The helpdesk cannot do this.
        UnsupportedByProvider,
        /// The Secret cannot be used.
        SecretInvalid,
        /// Another installation has it.
        OtherInstallation,
        /// Another cluster has the store.
        OwnedByOtherCluster,
        /// More active agents than licenses.
        LicensesExceeded,
        /// The vendor's limit of webhooks is reached.
        WebhookLimitReached,
        /// The account is suspended.
        AccountSuspended,
        /// As declared.
        InSync,
        /// Written, and cannot be read back.
        AppliedUnverified,
        /// Not yet done.
        Pending,
        /// Some of it is done.
        PartiallyApplied,
        /// A change failed.
        ApplyFailed,
        /// Not declared.
        NotDeclared,
        /// A person must do it.
        ManualActionRequired,
        /// The vendor slowed a webhook down.
        WebhookDegraded,
        /// Comes with a later version.
        NotImplemented,
        /// The e-mail belongs to somebody else's account.
        EmailTaken,
        /// The name belongs to something else.
        NameTaken,
        /// The account's owner is not ours to change.
        ProtectedAccountOwner,
        /// The user the credentials act as is not ours to change.
        ProtectedActingUser,
        /// Without this administrator nobody could administer.
        LastAdministrator,
        /// The profile is above what the account allows.
        ProfileNotAllowed,
        /// Conversations are still assigned.
        ConversationsAssigned,
        /// It leans on a change that is held.
        DependencyHeld,
        /// Somebody who is not ours still uses it.
        InUse,
        /// The reading of the account is too early to prove absence.
        AwaitingSettledReading,
        /// The helpdesk drops this field.
        FieldIgnored,
        /// A person's change differs from the declaration.
        RemoteChanged,
        /// A person deleted it.
        RemoteDeleted,
        /// No difference.
        NoDrift,
        /// Not looked at.
        NotChecked,
        /// The credentials needed for the clean-up are gone.
        CredentialsGone,
        /// Suspended by the resource.
        Suspended,
        /// The credentials are accepted.
        Accepted,
        /// The answer of the vendor makes no sense.
        MalformedAnswer,
        /// The vendor refused what was written.
        Rejected,
    }
}

words! {
    /// Why an event is emitted (`conventions.md`, Events).
    EventReason {
        /// Everything is as declared.
        Reconciled,
        /// In order again after a failure.
        Recovered,
        /// An agent was created.
        AgentCreated,
        /// An agent was changed.
        AgentUpdated,
        /// An agent's access ended.
        AgentDeactivated,
        /// A department was created.
        DepartmentCreated,
        /// A webhook was bound.
        WebhookBound,
        /// A webhook has a new token.
        WebhookSecretRotated,
        /// An object was taken over.
        ObjectAdopted,
        /// A person's change was undone.
        DriftCorrected,
        /// A person approved the plan.
        PlanApproved,
        /// New credentials are in use.
        CredentialsRotated,
        /// Objects stay in the helpdesk.
        ExternalObjectsKept,
        /// A person's change differs from the declaration.
        DriftDetected,
        /// The vendor's rate limit was hit.
        RateLimited,
        /// The vendor does not answer.
        ProviderUnavailable,
        /// The clean-up waits.
        DeletionBlocked,
        /// Few seats are left.
        SeatsNearlyExhausted,
        /// The vendor dropped a field.
        UnknownFieldIgnoredByProvider,
        /// The resource cannot go on; the message says why.
        Stalled,
        /// A training session is within a day, or starts.
        TrainingDue,
    }
}
