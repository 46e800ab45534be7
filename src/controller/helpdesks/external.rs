//! Another platform: what the adapter's Secrets hold, whether its address may be private, and what it offers.
//!
//! Must not send anything but the question what the adapter offers. Private addresses are for cluster accounts, and only
//! where the operator's flag opens their network: whoever may write into a namespace must not reach the cluster's services.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kube::Client;
use zeroize::Zeroizing;

use super::registry::{self, Identity};
use super::{DeskId, Helpdesk, Helpdesks, Registry};
use crate::api::account::External as Declared;
use crate::api::config::AccountKind;
use crate::api::secrets::external as keys;
use crate::controller::account::{Account, AccountId};
use crate::controller::round::{Blocked, Retry};
use crate::controller::secrets::SecretError;
use crate::controller::work::blocked_by;
use crate::model::Reason;
use crate::provider::external::{Config, Credentials, External, Link};
use crate::provider::http::PrivateNetworks;

/// How long an adapter's offer counts before it is asked again.
const OFFER_AGE: Duration = Duration::from_secs(60);
/// Ends of names that only a private network answers.
const PRIVATE_NAMES: [&str; 4] = [".svc", ".local", ".internal", ".lan"];

/// The adapters in use.
#[derive(Default)]
pub(super) struct Adapters {
    /// Connections outlive an offer that changes.
    links: Mutex<HashMap<DeskId, (String, Arc<Link>)>>,
    registry: Registry<External>,
}

impl Adapters {
    /// Forgets the adapters of an account that is gone.
    pub(super) fn forget(&self, account: &AccountId) {
        self.links.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| id.account != *account);
        self.registry.forget(account);
    }
}

impl Helpdesks {
    /// The platform behind an adapter, with the credentials that its Secret holds now and what it offers.
    pub(super) async fn reach_external(
        &self,
        client: &Client,
        account: &Account,
        desk: &Declared,
    ) -> Result<Arc<Helpdesk>, Blocked> {
        let config = Config::new(&desk.url).map_err(|error| registry::unusable(&error))?;
        let host = config.host.clone();
        let private = self.networks_of(account, &host)?;
        let secret = self.read_secret(client, account, &account.secret_name);
        let secret = secret.await.map_err(SecretError::into_blocked)?;
        secret.require_host(keys::HOST, &host).map_err(SecretError::into_blocked)?;
        let value = |key| secret.require(key).map(|text| Zeroizing::new(text.to_owned()));
        let credentials = Credentials {
            token: value(keys::TOKEN).map_err(SecretError::into_blocked)?,
            hmac_key: value(keys::HMAC_KEY).map_err(SecretError::into_blocked)?,
        };
        let authority = match &desk.ca_bundle_secret_ref {
            None => None,
            Some(reference) => Some(
                self.authority(client, account, &reference.name).await.map_err(SecretError::into_blocked)?,
            ),
        };
        let config = Config {
            private,
            names: self.reach.names.clone(),
            requests_per_minute: account.requests_per_minute(),
            settle: self.settle_window,
            loopback: self.reach.loopback.clone(),
            extra_ca: authority.or_else(|| self.reach.extra_ca.clone()),
            fence: self.reach.fence.clone(),
            observer: self.observer_of(account),
            ..config
        };
        let id = DeskId { account: account.id.clone(), member: None };
        let (text, link) = self.adapters.link(&id, &account.uid, config)?;
        link.set_credentials(&credentials);
        let external = link.negotiate(OFFER_AGE).await.map_err(|error| blocked_by(&error))?;
        let text = format!("{text}/{}", external.offer());
        let identity = Identity { id, text, host };
        let (_, helpdesk) = self.adapters.registry.find_or_build(identity, || Ok(Arc::new(external)))?;
        Ok(helpdesk)
    }

    /// The certificate authority of an adapter.
    async fn authority(&self, client: &Client, account: &Account, name: &str) -> Result<String, SecretError> {
        let secret = self.read_secret(client, account, name).await?;
        Ok(secret.require(keys::CA)?.to_owned())
    }

    /// The private networks that an account's adapter may be in.
    fn networks_of(&self, account: &Account, host: &str) -> Result<PrivateNetworks, Blocked> {
        let networks = match account.id.kind {
            AccountKind::ClusterHelpdeskAccount => self.reach.adapter_networks.clone(),
            AccountKind::HelpdeskAccount => PrivateNetworks::default(),
        };
        let is_private_name = PRIVATE_NAMES.iter().any(|end| host.ends_with(end));
        let is_simulated = self.reach.loopback.address_of(host).is_some();
        if is_private_name && networks.is_empty() && !is_simulated {
            let message = format!(
                "`{host}` is a name of a private network: an adapter there is reached by a ClusterHelpdeskAccount only, and only when the operator runs with `--adapter-cidr` for its network; give the adapter a public name otherwise"
            );
            let (reason, retry) = (Reason::AccountNotAllowed, Retry::AtResync);
            return Err(Blocked { reason, message, retry, side: None });
        }
        Ok(networks)
    }
}

impl Adapters {
    /// The connection to an adapter; it is made where it is not in use yet. Also the text that makes it the one it is.
    fn link(&self, id: &DeskId, uid: &str, config: Config) -> Result<(String, Arc<Link>), Blocked> {
        let Config { host, port, base, private, requests_per_minute, extra_ca, .. } = &config;
        let text = format!("{uid}/{host}/{port:?}/{base}/{private:?}/{requests_per_minute:?}/{extra_ca:?}");
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, link)) = links.get(id)
            && *known == text
        {
            return Ok((text, Arc::clone(link)));
        }
        let link = Link::new(config).map_err(|error| registry::unusable(&error))?;
        links.insert(id.clone(), (text.clone(), Arc::clone(&link)));
        Ok((text, link))
    }
}
