//! The helpdesks behind the accounts: one for each account, shared by all its stores, so that they share its
//! connections, its reading and its budget.
//!
//! Credentials are read again at every round and never watched. Must not know a vendor beyond choosing its provider.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kube::Client;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard};
use zeroize::Zeroizing;

use super::account::{Account, AccountId, Desk};
use super::requests::Requests;
use super::round::{Blocked, Retry};
use super::secrets::{self, SecretContent, SecretError, SecretQuery};
use super::settings::Settings;
use crate::api::account::ZendeskPlan;
use crate::api::secrets as declared;
use crate::model::Reason;
use crate::provider::Provider;
use crate::provider::http::{LoopbackEndpoints, RequestObserver, SetupError, WriteFence};
use crate::provider::zendesk::{Config, Credentials, Plan, Zendesk};
use crate::telemetry::Metrics;

/// How helpdesks are reached from here.
#[derive(Clone)]
pub struct Reach {
    /// The process's name, for events.
    pub identity: String,
    /// Hosts that are simulated on loopback addresses.
    pub loopback: LoopbackEndpoints,
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
    known: Mutex<HashMap<AccountId, Known>>,
}

struct Known {
    /// Everything that makes a helpdesk another one.
    identity: String,
    helpdesk: Arc<Helpdesk>,
}

/// The helpdesk of one account.
pub struct Helpdesk {
    /// How it is read and changed.
    pub provider: Arc<dyn Provider>,
    zendesk: Arc<Zendesk>,
    seats: AsyncMutex<()>,
}

impl Helpdesk {
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
            known: Mutex::new(HashMap::new()),
        }
    }

    /// The host of an account's helpdesk.
    pub fn host_of(&self, account: &Account) -> String {
        match &account.desk {
            Desk::Zendesk(zendesk) => format!("{}.zendesk.com", zendesk.subdomain),
            Desk::Zenvia(_) => "zchat.zenvia.io".to_owned(),
            Desk::External(external) => super::policy::host_of(&external.url),
        }
    }

    /// The helpdesk of an account, with the credentials that its Secret holds now.
    ///
    /// # Errors
    /// When the Secret cannot be used, or the platform is not built yet.
    pub async fn reach(&self, client: &Client, account: &Account) -> Result<Arc<Helpdesk>, Blocked> {
        let Desk::Zendesk(desk) = &account.desk else { return Err(not_built(account)) };
        let query = SecretQuery {
            namespace: account.secret_namespace(&self.operator_namespace),
            name: &account.secret_name,
            type_: declared::CREDENTIALS_TYPE,
        };
        let host = self.host_of(account);
        let secret = secrets::read(client, query).await.map_err(SecretError::into_blocked)?;
        let credentials = zendesk_credentials(&secret, &host).map_err(SecretError::into_blocked)?;
        let config = Config {
            requests_per_minute: account.limits.requests_per_minute.and_then(|rate| u32::try_from(rate).ok()),
            settle: self.settle_window,
            loopback: self.reach.loopback.clone(),
            extra_ca: self.reach.extra_ca.clone(),
            fence: self.reach.fence.clone(),
            observer: self.observer_of(account),
            ..Config::new(&desk.subdomain, plan_of(desk.plan))
        };
        let helpdesk = self.find_or_build(account, config)?;
        helpdesk.zendesk.set_credentials(credentials);
        Ok(helpdesk)
    }

    fn observer_of(&self, account: &Account) -> Arc<dyn RequestObserver> {
        Arc::new(Requests { account: account.id.key(), metrics: self.metrics.clone() })
    }

    /// Forgets the helpdesk of an account that is gone, and what was measured of it.
    pub fn forget(&self, id: &AccountId) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        self.metrics.forget_account(&id.key());
    }

    fn find_or_build(&self, account: &Account, config: Config) -> Result<Arc<Helpdesk>, Blocked> {
        let identity =
            format!("{}/{}/{:?}/{:?}", account.uid, config.host(), config.plan, config.requests_per_minute);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&account.id).filter(|found| found.identity == identity) {
            return Ok(Arc::clone(&found.helpdesk));
        }
        let zendesk = Zendesk::new(config).map_err(|error| unusable(&error))?;
        let provider: Arc<dyn Provider> = zendesk.clone();
        let helpdesk = Arc::new(Helpdesk { provider, zendesk, seats: AsyncMutex::new(()) });
        known.insert(account.id.clone(), Known { identity, helpdesk: Arc::clone(&helpdesk) });
        Ok(helpdesk)
    }
}

fn unusable(error: &SetupError) -> Blocked {
    Blocked { reason: Reason::InvalidSpec, message: error.to_string(), retry: Retry::AtResync, side: None }
}

fn not_built(account: &Account) -> Blocked {
    let platform = account.desk.platform();
    let message = format!("the platform {platform:?} comes with a later version; this one reaches Zendesk");
    Blocked { reason: Reason::NotImplemented, message, retry: Retry::AtResync, side: None }
}

/// OAuth client credentials, or, while they last, an e-mail with an API token (`zendesk.md` 1.1).
fn zendesk_credentials(secret: &SecretContent, host: &str) -> Result<Credentials, SecretError> {
    use declared::zendesk as keys;
    secret.require_host(keys::HOST, host)?;
    if secret.get(keys::EMAIL).is_some() && secret.get(keys::CLIENT_ID).is_none() {
        let email = secret.require(keys::EMAIL)?.to_owned();
        let api_token = Zeroizing::new(secret.require(keys::API_TOKEN)?.to_owned());
        return Ok(Credentials::ApiToken { email, api_token });
    }
    let client_id = secret.require(keys::CLIENT_ID)?.to_owned();
    let client_secret = Zeroizing::new(secret.require(keys::CLIENT_SECRET)?.to_owned());
    Ok(Credentials::OAuth { client_id, client_secret })
}

fn plan_of(plan: ZendeskPlan) -> Plan {
    match plan {
        ZendeskPlan::Essential => Plan::Essential,
        ZendeskPlan::Team => Plan::Team,
        ZendeskPlan::Growth => Plan::Growth,
        ZendeskPlan::Professional => Plan::Professional,
        ZendeskPlan::Enterprise => Plan::Enterprise,
        ZendeskPlan::EnterprisePlus => Plan::EnterprisePlus,
    }
}
