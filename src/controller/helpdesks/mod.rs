//! The helpdesks behind the accounts: one for each account of a vendor, shared by all its stores, so that they share its
//! connections, its reading and its budget.
//!
//! Each vendor has a file: how its Secret is read, and how its provider is configured. Credentials are read again at
//! every round and never watched. Must not know a vendor beyond choosing its provider.

mod external;
mod registry;
mod rotation;
mod zendesk;
mod zenvia;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kube::Client;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use super::account::{Account, AccountId, Desk};
use super::report::Credentials;
use super::requests::Requests;
use super::round::Blocked;
use super::secrets::{self, SecretContent, SecretError, SecretQuery};
use super::settings::Settings;
use super::store::StoreResource;
use crate::api::secrets as declared;
use crate::provider::Provider;
use crate::provider::budget::Budget;
use crate::provider::http::{KnownNames, LoopbackEndpoints, PrivateNetworks, RequestObserver, WriteFence};
use crate::provider::zendesk::Zendesk;
use crate::provider::zenvia::Zenvia;
use crate::telemetry::Metrics;
use registry::Registry;
use rotation::Rotation;

/// How helpdesks are reached from here.
#[derive(Clone)]
pub struct Reach {
    /// The process's name, for events.
    pub identity: String,
    /// Hosts that are simulated on loopback addresses.
    pub loopback: LoopbackEndpoints,
    /// Private networks that adapters of cluster accounts may be in.
    pub adapter_networks: PrivateNetworks,
    /// What the names of adapters stand for where DNS is not asked.
    pub names: KnownNames,
    /// Further certificate authorities, as PEM.
    pub extra_ca: Option<String>,
    /// Whether this process leads.
    pub fence: WriteFence,
}

/// The helpdesks behind the accounts.
pub struct Helpdesks {
    reach: Reach,
    operator_namespace: String,
    settle_window: Duration,
    metrics: Metrics,
    zendesk: Registry<Zendesk>,
    zenvia: Registry<Zenvia>,
    adapters: external::Adapters,
    /// Budgets of partners' tokens.
    partner_budgets: Mutex<HashMap<AccountId, PartnerBudget>>,
    rotation: Rotation,
}

/// The budget of a partner's token.
struct PartnerBudget {
    /// The rate it was made for.
    requests_per_minute: Option<u32>,
    budget: Arc<Budget>,
}

/// The helpdesk of one account of a vendor.
pub struct Helpdesk {
    /// How it is read and changed.
    pub provider: Arc<dyn Provider>,
    /// The host that it is reached at.
    pub host: String,
    seats: AsyncMutex<()>,
}

/// Who asks for a helpdesk: an account of a partner gives each store another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asker<'a> {
    /// The account's own round, which checks its credentials.
    Account,
    /// A store.
    Store {
        /// The namespace of its resource.
        namespace: &'a str,
        /// Its `spec.store`.
        store: &'a str,
    },
}

impl<'a> From<StoreResource<'a>> for Asker<'a> {
    fn from(store: StoreResource<'a>) -> Self {
        Asker::Store { namespace: store.namespace(), store: &store.config.spec.store }
    }
}

/// Names one helpdesk: the account resource, and which of its accounts where it has several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct DeskId {
    account: AccountId,
    member: Option<String>,
}

impl Helpdesk {
    fn new(provider: Arc<dyn Provider>, host: String) -> Self {
        Self { provider, host, seats: AsyncMutex::new(()) }
    }

    /// Keeps two stores from counting on the same free seat; only where the account has a ceiling.
    pub async fn reserve_seats(&self, account: &Account) -> Option<MutexGuard<'_, ()>> {
        match account.limits.seats {
            Some(_) => Some(self.seats.lock().await),
            None => None,
        }
    }
}

impl Helpdesks {
    /// No helpdesk is known yet.
    pub fn new(settings: &Settings, reach: Reach, metrics: Metrics) -> Self {
        Self {
            reach,
            operator_namespace: settings.operator_namespace.clone(),
            settle_window: settings.settle_window,
            metrics,
            zendesk: Registry::default(),
            zenvia: Registry::default(),
            adapters: external::Adapters::default(),
            partner_budgets: Mutex::default(),
            rotation: Rotation::default(),
        }
    }

    /// The host of an account's helpdesk, as far as it is known without its Secret.
    pub fn host_of(&self, account: &Account) -> String {
        match &account.desk {
            Desk::Zendesk(zendesk) => format!("{}.zendesk.com", zendesk.subdomain),
            Desk::Zenvia(_) => zenvia::CHAT_HOST.to_owned(),
            Desk::External(external) => super::policy::host_of(&external.url),
        }
    }

    /// What two stores on one helpdesk have in common, whichever account resources they name; none where the account
    /// gives the store no helpdesk.
    pub fn place_of(&self, account: &Account, asker: Asker<'_>) -> Option<String> {
        match &account.desk {
            Desk::Zenvia(zenvia) => {
                let id = zenvia::member_of(zenvia, asker)?.id;
                // Without an id, the account resource is all that is known of it.
                Some(format!("{}/{}", zenvia::CHAT_HOST, id.unwrap_or(&account.uid)))
            }
            Desk::Zendesk(_) => Some(self.host_of(account)),
            // One host may serve several desks below different paths.
            Desk::External(external) => Some(external.url.trim_end_matches('/').to_owned()),
        }
    }

    /// The helpdesk that an account gives to whoever asks, with the credentials that its Secret holds now.
    ///
    /// # Errors
    /// When the account gives none, the Secret cannot be used, or an adapter cannot be asked what it offers.
    pub async fn reach(
        &self,
        client: &Client,
        account: &Account,
        asker: Asker<'_>,
    ) -> Result<Arc<Helpdesk>, Blocked> {
        match &account.desk {
            Desk::Zendesk(desk) => self.reach_zendesk(client, account, desk).await,
            Desk::Zenvia(desk) => self.reach_zenvia((client, account), desk, asker).await,
            Desk::External(desk) => self.reach_external(client, account, desk).await,
        }
    }

    /// The credentials that were read last for an account, to be accepted when a check went through with them.
    pub fn read_last(&self, account: &Account) -> Option<u64> {
        self.rotation.read_last(&account.id)
    }

    /// Notes that the helpdesk accepts the credentials that were `read`; tells whether others were accepted before.
    pub fn accept(&self, account: &Account, read: Option<u64>) -> Credentials {
        self.rotation.accept(&account.id, read)
    }

    fn observer_of(&self, account: &Account) -> Arc<dyn RequestObserver> {
        Arc::new(Requests { account: account.id.key(), metrics: self.metrics.clone() })
    }

    /// Forgets the helpdesks of an account that is gone, and what was measured of it.
    pub fn forget(&self, id: &AccountId) {
        self.zendesk.forget(id);
        self.zenvia.forget(id);
        self.adapters.forget(id);
        self.partner_budgets.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.rotation.forget(id);
        self.metrics.forget_account(&id.key());
    }

    /// Reads a Secret with credentials, where the account may name one.
    async fn read_secret(
        &self,
        client: &Client,
        account: &Account,
        name: &str,
    ) -> Result<SecretContent, SecretError> {
        let namespace = account.secret_namespace(&self.operator_namespace);
        let query = SecretQuery { namespace, name, type_: declared::CREDENTIALS_TYPE };
        let secret = secrets::read(client, query).await?;
        if name == account.secret_name {
            self.rotation.note(&account.id, &secret);
        }
        Ok(secret)
    }
}
