//! Why a helpdesk did not do what was asked, by what the caller must do about it.
//!
//! A closed list: a vendor's own text never leaves the provider, because it may quote what was sent.

use std::fmt;
use std::time::Duration;

use crate::model::Reason;

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderError {
    /// The rate limit or our own budget is used up: wait at least this long.
    Throttled {
        /// How long.
        retry_after: Duration,
    },
    /// No usable answer (network, 408, 425, 5xx): back off.
    Unavailable,
    /// 401 after one refresh: wait for other credentials.
    Unauthorized,
    /// 403, or the credentials of somebody who is not an administrator: wait for a person.
    Forbidden,
    /// 400 or 422: the same request will be refused again.
    Rejected {
        /// The closed reason.
        reason: Reason,
        /// The field, in the spec's words, where the answer named one.
        field: Option<String>,
    },
    /// 409: somebody else wrote at the same time; observe and plan again.
    Conflict,
    /// 404 of an object that was there: observe again.
    Gone,
    /// The answer is no answer of this interface (HTML, wrong types, a repeated page, too large): not usable.
    Malformed,
    /// The adapter speaks another version of the contract: wait for a person.
    OtherVersion,
    /// The reading cannot be late enough yet to prove absence: come back after this long.
    Unsettled {
        /// How long.
        retry_after: Duration,
    },
    /// The host's name stands for no public address, and for none that a flag opens: nothing was sent; wait for a person.
    ForbiddenAddress,
    /// The host's certificate is not trusted: nothing was sent; wait for a person.
    Untrusted,
    /// A job of the vendor that may do this already has not ended: come back after this long.
    JobRunning {
        /// How long.
        retry_after: Duration,
    },
    /// We are not (or no longer surely) the leader: nothing was sent.
    NotLeading,
}

impl ProviderError {
    /// Whether the request surely had no effect.
    pub fn is_without_effect(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::Unauthorized
            | Self::Forbidden
            | Self::Rejected { .. }
            | Self::Conflict
            | Self::Gone
            | Self::OtherVersion
            | Self::Unsettled { .. }
            | Self::ForbiddenAddress
            | Self::Untrusted
            | Self::JobRunning { .. }
            | Self::NotLeading => true,
            Self::Unavailable | Self::Malformed => false,
        }
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled { .. } => f.write_str("the rate limit is used up; the operator waits"),
            Self::Unavailable => f.write_str(
                "the helpdesk does not answer; the operator tries again. If it lasts, look at the vendor's status page, or \
                 whether the adapter runs and the network lets the operator through",
            ),
            Self::Unauthorized => {
                f.write_str("the helpdesk refuses the credentials; put valid ones into the Secret")
            }
            Self::Forbidden => {
                f.write_str("the credentials may not do this; give their user the profile Administrator")
            }
            Self::Rejected { reason, field: Some(field) } => {
                write!(f, "the helpdesk refuses `{field}`: {reason}{}", advice(*reason))
            }
            Self::Rejected { reason, field: None } => {
                write!(f, "the helpdesk refuses the change: {reason}{}", advice(*reason))
            }
            Self::Conflict => {
                f.write_str("somebody else changed it at the same time; the operator looks again")
            }
            Self::Gone => f.write_str("it no longer exists; the operator looks again"),
            Self::Malformed => {
                f.write_str("the answer of the helpdesk makes no sense; nothing is concluded from it")
            }
            Self::OtherVersion => f.write_str(
                "the adapter does not speak version 1 of the contract; deploy an adapter that answers with the media \
                 type `application/humansupport.adapter+json;version=1`",
            ),
            Self::Unsettled { .. } => {
                f.write_str("the reading is too early to prove absence; the operator looks again")
            }
            Self::ForbiddenAddress => f.write_str(
                "the name of the helpdesk stands for an address that is not public, and nothing was sent there: correct the \
                 name; an adapter in a private network needs a ClusterHelpdeskAccount, and the operator's flag \
                 `--adapter-cidr` for that network",
            ),
            Self::Untrusted => f.write_str(
                "the certificate of the helpdesk is not trusted, and nothing was sent: it must be valid now, name the host, \
                 and come from a public authority; another authority is given to the operator by its flag `--ca-file`, or for \
                 one adapter by `spec.external.caBundleSecretRef` of its account",
            ),
            Self::JobRunning { .. } => {
                f.write_str("a job of the helpdesk that makes it has not ended; the operator looks again")
            }
            Self::NotLeading => f.write_str("another replica leads; nothing was sent"),
        }
    }
}

/// What to do about a refusal, where its reason tells.
fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::WebhookLimitReached => {
            "; it takes two webhooks of one event and channel, and others have both places: remove one there, or name its id in `adopt`"
        }
        Reason::AccountMismatch => {
            "; the credentials do not reach the declared account: correct its id, or put its credentials into the Secret"
        }
        Reason::EmailTaken => "; the address belongs to somebody else's account: declare another one",
        Reason::LicensesExceeded => {
            "; raise `licenses.quantity` as agreed with the partner, or take somebody out"
        }
        _ => "",
    }
}

impl std::error::Error for ProviderError {}
