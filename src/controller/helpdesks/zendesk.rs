//! Zendesk: what its Secret holds, and how its provider is configured.
//!
//! Must not send anything: it hands credentials to the provider and nothing else.

use std::sync::Arc;

use kube::Client;
use zeroize::Zeroizing;

use super::registry::Identity;
use super::{DeskId, Helpdesk, Helpdesks};
use crate::api::account::{Zendesk as Declared, ZendeskPlan};
use crate::api::secrets::zendesk as keys;
use crate::controller::account::Account;
use crate::controller::round::Blocked;
use crate::controller::secrets::{SecretContent, SecretError};
use crate::provider::zendesk::{Config, Credentials, Plan, Zendesk};

impl Helpdesks {
    /// The Zendesk account, with the credentials that its Secret holds now.
    pub(super) async fn reach_zendesk(
        &self,
        client: &Client,
        account: &Account,
        desk: &Declared,
    ) -> Result<Arc<Helpdesk>, Blocked> {
        let secret = self.read_secret(client, account, &account.secret_name);
        let secret = secret.await.map_err(SecretError::into_blocked)?;
        let config = Config {
            requests_per_minute: account.requests_per_minute(),
            settle: self.settle_window,
            loopback: self.reach.loopback.clone(),
            extra_ca: self.reach.extra_ca.clone(),
            fence: self.reach.fence.clone(),
            observer: Arc::clone(&self.observer),
            ..Config::new(&desk.subdomain, plan_of(desk.plan))
        };
        let host = config.host();
        let credentials = credentials_of(&secret, &host).map_err(SecretError::into_blocked)?;
        let identity = Identity {
            id: DeskId { account: account.id.clone(), member: None },
            text: format!("{}/{host}/{:?}/{:?}", account.uid, config.plan, config.requests_per_minute),
            host,
        };
        let (zendesk, helpdesk) = self.zendesk.find_or_build(identity, || Zendesk::new(config))?;
        zendesk.set_credentials(credentials);
        Ok(helpdesk)
    }
}

/// OAuth client credentials, or, while they last, an e-mail with an API token (`zendesk.md` 1.1).
fn credentials_of(secret: &SecretContent, host: &str) -> Result<Credentials, SecretError> {
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
