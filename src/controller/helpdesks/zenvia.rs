//! Zenvia: which of a partner's accounts a store gets, what the Secrets hold, and how the provider is configured.
//!
//! Must not send anything: it hands credentials to the provider and nothing else. A token goes only to the host beside
//! it, and that host must be the vendor's.

use std::sync::{Arc, PoisonError};

use kube::Client;
use zeroize::Zeroizing;

use super::registry::Identity;
use super::{Asker, DeskId, Helpdesk, Helpdesks, PartnerBudget};
use crate::api::account::{self as declared, Zenvia as Declared, ZenviaApi, ZenviaPlan};
use crate::api::secrets::zenvia as keys;
use crate::controller::account::Account;
use crate::controller::round::{Blocked, Retry};
use crate::controller::secrets::{SecretContent, SecretError};
use crate::model::{Reason, StepName};
use crate::provider::budget::Budget;
use crate::provider::zenvia::{AgentDeletion, Api, Config, Credentials, Plan, Zenvia, token_budget};

/// The host of Zenvia Chat that its documents name.
pub(super) const CHAT_HOST: &str = "zchat.zenvia.io";
/// The host of the subscriptions, the only one in the vendor's contract.
const API_HOST: &str = "api.zenvia.com";
/// The vendor's domains: a host outside of them gets no token.
const DOMAINS: [&str; 3] = ["zenvia.io", "zenvia.com", "omnize.com"];

/// The Zenvia Chat account that whoever asks is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member<'a> {
    /// Its id, where it is declared.
    pub(super) id: Option<&'a str>,
    /// The Secret with the token of its subscriptions, where it is another than the account's.
    subscriptions: Option<Subscriptions<'a>>,
}

/// Where the token of the subscriptions is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subscriptions<'a> {
    /// In this Secret.
    In(&'a str),
    /// Nowhere: the account's own token would serve another store's conversations too.
    Nowhere,
}

/// Everything that a round reads of the Secrets.
struct Keys {
    chat_host: Option<String>,
    api_host: Option<String>,
    credentials: Credentials,
}

impl Helpdesks {
    /// The Zenvia Chat account that is given to whoever asks, with the credentials that its Secrets hold now.
    pub(super) async fn reach_zenvia(
        &self,
        (client, account): (&Client, &Account),
        desk: &Declared,
        asker: Asker<'_>,
    ) -> Result<Arc<Helpdesk>, Blocked> {
        let member = member_of(desk, asker).ok_or_else(|| no_account(account))?;
        let keys =
            self.read_keys((client, account), desk, member).await.map_err(SecretError::into_blocked)?;
        let Keys { chat_host, api_host, credentials } = keys;
        let host = chat_host.as_deref().or(api_host.as_deref()).unwrap_or(CHAT_HOST).to_owned();
        let config = Config {
            account_id: member.id.map(str::to_owned),
            chat_host,
            requests_per_minute: account.requests_per_minute(),
            chat_budget: desk.accounts.is_some().then(|| self.partner_budget(account)),
            settle: self.settle_window,
            loopback: self.reach.loopback.clone(),
            extra_ca: self.reach.extra_ca.clone(),
            fence: self.reach.fence.clone(),
            observer: self.observer_of(account),
            plan: plan_of(desk),
            agent_deletion: deletion_of(account),
            ..Config::new(api_of(desk.api), api_host.unwrap_or_else(|| API_HOST.to_owned()))
        };
        let identity = Identity {
            id: DeskId { account: account.id.clone(), member: member.id.map(str::to_owned) },
            text: format!(
                "{}/{host}/{}/{:?}/{:?}/{:?}/{:?}",
                account.uid,
                config.api_host,
                config.api,
                config.plan,
                config.agent_deletion,
                config.requests_per_minute
            ),
            host: match member.id {
                Some(id) => format!("{host}/{id}"),
                None => host,
            },
        };
        let (zenvia, helpdesk) = self.zenvia.find_or_build(identity, || Zenvia::new(config))?;
        zenvia.set_credentials(credentials);
        Ok(helpdesk)
    }

    /// One partner token means one budget, whichever of its accounts is worked on.
    fn partner_budget(&self, account: &Account) -> Arc<Budget> {
        let requests_per_minute = account.requests_per_minute();
        let mut budgets = self.partner_budgets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = budgets.get(&account.id)
            && known.requests_per_minute == requests_per_minute
        {
            return Arc::clone(&known.budget);
        }
        let budget = token_budget(requests_per_minute);
        let known = PartnerBudget { requests_per_minute, budget: Arc::clone(&budget) };
        budgets.insert(account.id.clone(), known);
        budget
    }

    async fn read_keys(
        &self,
        (client, account): (&Client, &Account),
        desk: &Declared,
        member: Member<'_>,
    ) -> Result<Keys, SecretError> {
        let secret = self.read_secret(client, account, &account.secret_name).await?;
        let (chat_host, chat) = chat_key(&secret, desk.api)?;
        let (api_host, api) = match member.subscriptions {
            None => api_key(&secret, desk.api)?,
            Some(Subscriptions::Nowhere) => (None, None),
            Some(Subscriptions::In(name)) => {
                let secret = self.read_secret(client, account, name).await?;
                api_key(&secret, ZenviaApi::SubscriptionsOnly)?
            }
        };
        Ok(Keys { chat_host, api_host, credentials: Credentials { chat, api } })
    }
}

/// Which account is given to whoever asks; none where the platform wrote no entry for the store.
///
/// The account's own round checks the partner's token and no single account.
pub(super) fn member_of<'a>(desk: &'a Declared, asker: Asker<'_>) -> Option<Member<'a>> {
    let Some(entries) = &desk.accounts else {
        return Some(Member { id: desk.account_id.as_deref(), subscriptions: None });
    };
    let Asker::Store { namespace, store } = asker else {
        return Some(Member { id: None, subscriptions: Some(Subscriptions::Nowhere) });
    };
    let entry = entries.iter().find(|entry| entry.namespace == namespace && entry.store == store)?;
    let subscriptions = match &entry.subscriptions_secret_ref {
        Some(reference) => Subscriptions::In(&reference.name),
        None => Subscriptions::Nowhere,
    };
    Some(Member { id: Some(&entry.account_id), subscriptions: Some(subscriptions) })
}

fn no_account(account: &Account) -> Blocked {
    let message = format!(
        "the account `{}` has no entry for this store in `zenvia.accounts`; ask whoever runs the account to add one",
        account.id
    );
    let retry = Retry::ForPerson(StepName::ObtainPartnerAccount);
    Blocked { reason: Reason::AccountNotAllowed, message, retry, side: None }
}

/// The token of Zenvia Chat and its host; none where the interface has no use for one.
fn chat_key(
    secret: &SecretContent,
    api: ZenviaApi,
) -> Result<(Option<String>, Option<Zeroizing<String>>), SecretError> {
    let key = match api {
        ZenviaApi::Partner => keys::PARTNER_TOKEN,
        ZenviaApi::Account => keys::ACCOUNT_TOKEN,
        ZenviaApi::SubscriptionsOnly => return Ok((None, None)),
    };
    let host = vendor_host(secret, (keys::CHAT_HOST, CHAT_HOST))?;
    Ok((Some(host), Some(Zeroizing::new(secret.require(key)?.to_owned()))))
}

/// The token of the subscriptions and its host. Without both keys there is none, which only stores with webhooks miss.
fn api_key(
    secret: &SecretContent,
    api: ZenviaApi,
) -> Result<(Option<String>, Option<Zeroizing<String>>), SecretError> {
    let is_absent = secret.get(keys::API_TOKEN).is_none() && secret.get(keys::API_HOST).is_none();
    if is_absent && api != ZenviaApi::SubscriptionsOnly {
        return Ok((None, None));
    }
    let host = vendor_host(secret, (keys::API_HOST, API_HOST))?;
    Ok((Some(host), Some(Zeroizing::new(secret.require(keys::API_TOKEN)?.to_owned()))))
}

/// The host beside a token: a name alone, and one of the vendor's.
fn vendor_host(secret: &SecretContent, (key, example): (&str, &str)) -> Result<String, SecretError> {
    let host = secret.require(key)?.to_lowercase();
    let is_name = host.chars().all(|one| one.is_ascii_alphanumeric() || one == '-' || one == '.');
    let is_vendors = DOMAINS
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    if is_name && is_vendors {
        return Ok(host);
    }
    Err(secret.refuse(&format!(
        "its key `{key}` must be the name of a host of Zenvia, such as `{example}`, without scheme, port and path; otherwise its token is not sent"
    )))
}

fn deletion_of(account: &Account) -> AgentDeletion {
    match account.limits.agent_deletion {
        Some(declared::AgentDeletion::Allowed) => AgentDeletion::Allowed,
        Some(declared::AgentDeletion::Never) | None => AgentDeletion::Deactivates,
    }
}

fn api_of(api: ZenviaApi) -> Api {
    match api {
        ZenviaApi::Partner => Api::Partner,
        ZenviaApi::Account => Api::Account,
        ZenviaApi::SubscriptionsOnly => Api::SubscriptionsOnly,
    }
}

fn plan_of(desk: &Declared) -> Plan {
    match desk.plan {
        ZenviaPlan::Advanced => Plan::Advanced,
        ZenviaPlan::Other => {
            let most = desk.max_agents.and_then(|most| u32::try_from(most).ok());
            Plan::Other { max_agents: most.unwrap_or_default() }
        }
    }
}
