//! The objects as the simulator keeps them: accounts with agents, departments and subscriptions.
//!
//! Must hold facts only; how they look on the wire is the business of each API.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::assumptions::Assumptions;
use super::config::{AccountConfig, Partner};

/// Everything there is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) partner_token: String,
    pub(crate) accounts: BTreeMap<u64, Account>,
    pub(crate) assumptions: Assumptions,
    /// Where persons act who name no account.
    pub(crate) default_account: u64,
    pub(crate) minted: u64,
    /// Times of the last requests of each token, for the limits.
    #[serde(skip)]
    pub(crate) meters: HashMap<String, VecDeque<Timestamp>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) main_contact: String,
    pub(crate) url: String,
    pub(crate) phone: String,
    pub(crate) webhook_url: Option<String>,
    pub(crate) active: bool,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) partner: Partner,
    /// In no response of the API.
    pub(crate) license_quantity: Option<u64>,
    pub(crate) license_code: Option<String>,
    pub(crate) account_token: String,
    pub(crate) api_tokens: Vec<String>,
    pub(crate) agents: BTreeMap<u64, Agent>,
    pub(crate) departments: BTreeMap<u64, Department>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) interactions: Vec<Value>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Agent {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) email: String,
    /// `ADMIN`, `AGENT`, or the name of a profile that a person made.
    pub(crate) profile: String,
    pub(crate) department_ids: BTreeSet<u64>,
    pub(crate) text_limit: Option<u64>,
    pub(crate) active: bool,
    /// `ONLINE` or `OFFLINE`.
    pub(crate) status: String,
    /// SHA-256 in hexadecimal, as the Partner API takes it (the account-token API takes the plain text).
    pub(crate) password: String,
    /// How often a write carried a password.
    pub(crate) password_writes: u64,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Department {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) active: bool,
    /// `CHAT`, `VIDEO`, `VOICE`.
    pub(crate) channels: BTreeSet<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// State of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Health {
    Active,
    Degraded,
    Inactive,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) event_type: String,
    /// `url`, `headers`, `auth` as they were sent.
    pub(crate) webhook: Value,
    pub(crate) status: Health,
    pub(crate) version: String,
    pub(crate) criteria: Option<Value>,
    pub(crate) counters: Counters,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// What decides about a subscription's state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counters {
    /// Failures in a row.
    pub(crate) failures: u64,
    /// Successes in a row.
    pub(crate) successes: u64,
    /// First increment since the last reset.
    pub(crate) since: Option<Timestamp>,
    /// Failures made it INACTIVE (a client did not).
    pub(crate) given_up: bool,
}

impl Account {
    /// An account as the vendor hands it over: the first department exists, agents do not.
    pub(crate) fn new(config: &AccountConfig, now: Timestamp) -> Self {
        let id = config.id;
        Self {
            id,
            name: config.name.clone(),
            email: format!("contato@loja{id}.example"),
            main_contact: "Contato".to_owned(),
            url: format!("https://loja{id}.example"),
            phone: "+55 11 5555-0100".to_owned(),
            webhook_url: config.webhook_url.clone(),
            active: true,
            deleted_at: None,
            partner: config.partner,
            license_quantity: config.license_quantity,
            license_code: None,
            account_token: config.account_token.clone(),
            api_tokens: config.api_tokens.clone(),
            agents: BTreeMap::new(),
            departments: BTreeMap::new(),
            subscriptions: Vec::new(),
            interactions: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Active agents: what licenses are for.
    pub(crate) fn active_agents(&self) -> u64 {
        let active = self.agents.values().filter(|agent| agent.active && agent.deleted_at.is_none());
        u64::try_from(active.count()).unwrap_or(u64::MAX)
    }

    /// The department that null means.
    pub(crate) fn first_department(&self) -> Option<u64> {
        self.departments.keys().next().copied()
    }

    /// Agents of a department that are not deleted.
    pub(crate) fn members(&self, department: u64) -> impl Iterator<Item = &Agent> {
        let inside =
            move |agent: &&Agent| agent.deleted_at.is_none() && agent.department_ids.contains(&department);
        self.agents.values().filter(inside)
    }
}

impl World {
    /// Adds an account with its first department.
    pub(crate) fn add_account(&mut self, config: &AccountConfig, now: Timestamp) {
        let mut account = Account::new(config, now);
        let id = self.mint();
        let department = Department {
            id,
            name: "Atendimento".to_owned(),
            description: None,
            active: true,
            channels: ["CHAT".to_owned()].into(),
            created_at: now,
            updated_at: now,
        };
        account.departments.insert(id, department);
        self.accounts.insert(config.id, account);
    }

    /// An id that no object had yet.
    pub(crate) fn mint(&mut self) -> u64 {
        self.minted += 1;
        10_000 + self.minted
    }

    /// The account of a Zenvia Chat token.
    pub(crate) fn by_account_token(&self, token: &str) -> Option<u64> {
        let same = |account: &&Account| account.deleted_at.is_none() && account.account_token == token;
        self.accounts.values().find(same).map(|account| account.id)
    }

    /// The account of an API token.
    pub(crate) fn by_api_token(&self, token: &str) -> Option<u64> {
        let same = |account: &&Account| account.api_tokens.iter().any(|known| known == token);
        self.accounts.values().find(same).map(|account| account.id)
    }

    /// Whether the partner token reaches an account.
    pub(crate) fn is_ours(&self, id: u64) -> bool {
        let ours = |account: &Account| account.partner == Partner::Ours && account.deleted_at.is_none();
        self.accounts.get(&id).is_some_and(ours)
    }

    /// The account that has an agent or a department of this id.
    pub(crate) fn holder_of(&self, id: u64) -> Option<u64> {
        let holds = |one: &&Account| one.agents.contains_key(&id) || one.departments.contains_key(&id);
        self.accounts.values().find(holds).map(|account| account.id)
    }
}
