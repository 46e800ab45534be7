//! The closed words that labels may have.
//!
//! A label with an open value (a name, an address, an error text) makes the number of series unbounded and may carry
//! what must not leave the operator. Must not take a `String` anywhere; the two exceptions are the namespace and name of
//! a resource and the key of an account.

use std::fmt::{self, Write};

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every word of the list.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// The word, as it stands in the label.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)*
                }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
                encoder.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How a round ended.
    ReconcileResult {
        /// Everything that may be done is done.
        Success = "success",
        /// It is tried again by itself.
        Retry = "retry",
        /// It waits for a person.
        Stalled = "stalled",
    }
}

words! {
    /// Who slowed us down.
    ThrottleSource {
        /// Our own budget, before a request was sent.
        Budget = "budget",
        /// The vendor, with a 429.
        Vendor = "vendor",
    }
}

words! {
    /// What is counted of an account's seats.
    SeatState {
        /// Seats that the account is declared to have.
        Declared = "declared",
        /// Seats that somebody has.
        Used = "used",
    }
}

words! {
    /// The status of a condition.
    ConditionStatus {
        /// True.
        True = "True",
        /// False.
        False = "False",
        /// Not known.
        Unknown = "Unknown",
    }
}

/// Whether this process leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaderState {
    /// It leads.
    Leading,
    /// Another replica leads.
    Standby,
}

/// Whether a resource is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuspendState {
    /// Its rounds are made.
    Active,
    /// Its rounds are not made.
    Suspended,
}

/// How a request to a helpdesk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponseCode {
    /// The HTTP status; anything outside 100 to 599 is counted as `invalid`.
    Status(u16),
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Network,
    /// An answer that is no answer of this interface.
    Malformed,
}

impl EncodeLabelValue for ResponseCode {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::Status(status @ 100..=599) => write!(encoder, "{status}"),
            Self::Status(_) => encoder.write_str("invalid"),
            Self::Timeout => encoder.write_str("timeout"),
            Self::Network => encoder.write_str("network"),
            Self::Malformed => encoder.write_str("malformed"),
        }
    }
}

/// Labels of `_build_info`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Build {
    pub(super) version: &'static str,
}

/// Labels of `_reconciles_total`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Round {
    pub(super) result: ReconcileResult,
    pub(super) reason: &'static str,
}

/// Labels of `_provider_requests_total`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Request {
    pub(super) provider: &'static str,
    pub(super) operation: &'static str,
    pub(super) code: ResponseCode,
}

/// Labels of `_provider_request_duration_seconds`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Operation {
    pub(super) provider: &'static str,
    pub(super) operation: &'static str,
}

/// Labels of `_provider_throttled_total`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Throttle {
    pub(super) source: ThrottleSource,
}

/// Labels of `_license_seats`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Seats {
    pub(super) account: String,
    pub(super) state: SeatState,
}

/// Labels of `_provider_ratelimit_remaining`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Account {
    pub(super) account: String,
}
