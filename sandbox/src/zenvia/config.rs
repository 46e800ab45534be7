//! What a simulator starts with: the partner's token and its accounts with their ids, tokens and licenses.
//!
//! The credentials are of the sandbox only and say so; must not be used for anything real.

use serde::{Deserialize, Serialize};

use super::assumptions::Assumptions;

/// Partner token that the simulator starts with. Valid in the sandbox only.
pub const PARTNER_TOKEN: &str = "sandbox-only-partner-token";
/// Accounts that the simulator starts with; the first is the default one.
pub const ACCOUNT_IDS: [u64; 2] = [4211, 4212];
/// An account that exists, of another partner.
pub const FOREIGN_ACCOUNT_ID: u64 = 4999;

/// The Zenvia Chat token that an account starts with.
pub fn account_token(account: u64) -> String {
    format!("sandbox-only-account-token-{account}")
}

/// The token for `X-API-TOKEN` that an account starts with.
pub fn api_token(account: u64) -> String {
    format!("sandbox-only-api-token-{account}")
}

/// Whose customer an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Partner {
    /// The simulated partner's: the partner token reaches it.
    #[default]
    Ours,
    /// Another partner's.
    Another,
}

/// One account.
#[derive(Debug, Clone)]
pub struct AccountConfig {
    /// The vendor's id.
    pub id: u64,
    /// Name of the company.
    pub name: String,
    /// Whose customer it is.
    pub partner: Partner,
    /// Licenses bought; `None`: the vendor does not check.
    pub license_quantity: Option<u64>,
    /// The one webhook address typed into the account's settings.
    pub webhook_url: Option<String>,
    /// Token of the account-token API.
    pub account_token: String,
    /// Tokens for `X-API-TOKEN`; all of them see the same subscriptions.
    pub api_tokens: Vec<String>,
}

impl AccountConfig {
    /// An account of the partner with the sandbox's credentials and 5 licenses.
    pub fn new(id: u64) -> Self {
        Self {
            id,
            name: format!("Loja {id}"),
            partner: Partner::Ours,
            license_quantity: Some(5),
            webhook_url: None,
            account_token: account_token(id),
            api_tokens: vec![api_token(id)],
        }
    }
}

/// A simulator's start.
#[derive(Debug, Clone)]
pub struct Config {
    /// The one partner token.
    pub partner_token: String,
    /// The accounts; persons who name none act in the first.
    pub accounts: Vec<AccountConfig>,
    /// Positions on what is not known.
    pub assumptions: Assumptions,
    /// Where the state is kept; `None`: in memory only.
    pub state: Option<std::path::PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        let foreign = AccountConfig { partner: Partner::Another, ..AccountConfig::new(FOREIGN_ACCOUNT_ID) };
        Self {
            partner_token: PARTNER_TOKEN.to_owned(),
            accounts: ACCOUNT_IDS.map(AccountConfig::new).into_iter().chain([foreign]).collect(),
            assumptions: Assumptions::default(),
            state: None,
        }
    }
}
