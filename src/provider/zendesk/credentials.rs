//! How we act in a Zendesk account: an OAuth client's credentials, or (until 2027-04-30) an API token.
//!
//! They print nothing and are wiped when dropped. They must not be compared in a log or kept anywhere else.

use std::fmt;

use zeroize::Zeroizing;

/// The day on which API tokens stop working (`zendesk.md` 1.1).
pub const API_TOKENS_END: &str = "2027-04-30";

/// What the account's Secret holds.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// OAuth client credentials of a confidential client whose user is an administrator.
    OAuth {
        /// The client's identifier.
        client_id: String,
        /// The client's secret.
        client_secret: Zeroizing<String>,
    },
    /// The e-mail of an administrator and an API token.
    ApiToken {
        /// The administrator's address.
        email: String,
        /// The token.
        api_token: Zeroizing<String>,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OAuth { .. } => "Credentials::OAuth(…)",
            Self::ApiToken { .. } => "Credentials::ApiToken(…)",
        })
    }
}
