//! What a simulator starts with: its accounts, their plans, seats and credentials.
//!
//! The credentials are of the sandbox only and say so; must not be used for anything real.

use super::assumptions::Assumptions;
use super::plan::Plan;

/// OAuth client id that every account starts with.
pub const CLIENT_ID: &str = "sandbox-operator";
/// OAuth client secret that every account starts with. Valid in the sandbox only.
pub const CLIENT_SECRET: &str = "sandbox-only-client-secret";
/// API token that every account starts with. Valid in the sandbox only.
pub const API_TOKEN: &str = "sandbox-only-api-token";

/// One account.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// First label of its host.
    pub subdomain: String,
    /// Its plan: decides the rate limit, schedules and custom roles.
    pub plan: Plan,
    /// Requests a minute; `None`: the plan's.
    pub requests_per_minute: Option<u32>,
    /// Seats bought; `None`: without end.
    pub seats: Option<usize>,
    /// OAuth client id and secret; the client acts as the integration user.
    pub oauth_client: (String, String),
    /// API token, for `{email}/token:{token}`.
    pub api_token: String,
}

impl AccountConfig {
    /// An account with the sandbox's credentials on the default plan.
    pub fn new(subdomain: &str) -> Self {
        Self {
            subdomain: subdomain.to_owned(),
            plan: Plan::default(),
            requests_per_minute: None,
            seats: None,
            oauth_client: (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()),
            api_token: API_TOKEN.to_owned(),
        }
    }

    /// E-mail address of the account's owner.
    pub fn owner_email(&self) -> String {
        format!("owner@{}.example", self.subdomain)
    }

    /// E-mail address of the administrator that the OAuth client acts as.
    pub fn integration_email(&self) -> String {
        format!("integration@{}.example", self.subdomain)
    }
}

/// A simulator's start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The accounts; the first is the one that requests to an IP address or `localhost` reach.
    pub accounts: Vec<AccountConfig>,
    /// Positions on what is not known.
    pub assumptions: Assumptions,
    /// Where the state is kept; `None`: in memory only.
    pub state: Option<std::path::PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            accounts: vec![AccountConfig::new("lojacentro")],
            assumptions: Assumptions::default(),
            state: None,
        }
    }
}
