//! Resolve: from the names in a resource to the account, its credentials and the webhooks' tokens.
//!
//! The only phase that reads other Kubernetes objects. Each refusal says what is allowed and what to do. It must not
//! call a helpdesk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, Client};

use super::account::{Account, AccountId};
use super::context::Context;
use super::helpdesks::Helpdesk;
use super::policy::host_of;
use super::round::{Blocked, EntryProblem, Retry, Side};
use super::secrets::{self, SecretError, SecretQuery};
use super::store::StoreResource;
use crate::api::config::AccountKind;
use crate::api::{HumanSupportConfigSpec, secrets as declared};
use crate::model::{Kind, ObjectKey, Reason, WebhookKey};
use crate::provider::Token;

/// A store's account, ready to be used.
pub struct Resolved {
    /// The account.
    pub account: Account,
    /// The account as a side of the store.
    pub side: Side,
    /// The helpdesk behind it.
    pub helpdesk: Arc<Helpdesk>,
}

/// The handlers' tokens of a store, and what is wrong with those that are not there.
#[derive(Default)]
pub struct Tokens {
    /// Tokens that can be used.
    pub usable: BTreeMap<WebhookKey, Token>,
    /// Webhooks whose Secret does not exist yet: a step for a person.
    pub missing: BTreeSet<WebhookKey>,
    /// Webhooks whose Secret cannot be used.
    pub problems: Vec<EntryProblem>,
}

/// Finds a store's account and its helpdesk.
///
/// # Errors
/// When the account or its Secret cannot be used; nothing was written.
pub async fn resolve(
    context: &Context,
    id: &AccountId,
    store: StoreResource<'_>,
) -> Result<Resolved, Blocked> {
    let account = find_account(context, id).await?;
    let mut side = Side {
        account: account.id.binding_name(),
        host: context.helpdesks.host_of(&account),
        platform: account.desk.platform(),
    };
    let with_side = |mut blocked: Blocked| {
        blocked.side = Some(side.clone());
        blocked
    };
    if account.suspend {
        let message = format!("the account `{id}` is suspended; set its `suspend` to false to go on");
        return Err(with_side(terminal(Reason::AccountSuspended, message)));
    }
    admit(&context.client, &account, store.namespace()).await.map_err(with_side)?;
    let helpdesk =
        context.helpdesks.reach(&context.client, &account, store.into()).await.map_err(with_side)?;
    side.host.clone_from(&helpdesk.host);
    Ok(Resolved { account, side, helpdesk })
}

async fn find_account(context: &Context, id: &AccountId) -> Result<Account, Blocked> {
    // A cache that has not been filled yet knows of no account: that is not an absence.
    context.accounts.wait_until_synced().await;
    if id.kind == AccountKind::ClusterHelpdeskAccount && context.settings.namespace.is_some() {
        let message = "this operator watches one namespace, where cluster accounts are not available; name a `HelpdeskAccount` of this namespace".to_owned();
        return Err(terminal(Reason::AccountNotAllowed, message));
    }
    context.accounts.find(id).ok_or_else(|| {
        let place = match id.kind {
            AccountKind::HelpdeskAccount => {
                format!("create a HelpdeskAccount `{}` in this namespace", id.name)
            }
            AccountKind::ClusterHelpdeskAccount => format!("create a ClusterHelpdeskAccount `{}`", id.name),
        };
        let message = format!("the account `{id}` does not exist; {place}, or change `accountRef`");
        terminal(Reason::AccountNotFound, message)
    })
}

/// A cluster account admits namespaces by label, evaluated at every use.
async fn admit(client: &Client, account: &Account, namespace: &str) -> Result<(), Blocked> {
    if account.id.kind == AccountKind::HelpdeskAccount {
        return Ok(());
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let found = namespaces.get(namespace).await.map_err(|_| Blocked {
        reason: Reason::ProgressingWithRetry,
        message: "the labels of the namespace cannot be read now; the operator tries again".to_owned(),
        retry: Retry::BackOff,
        side: None,
    })?;
    let labels = found.metadata.labels.unwrap_or_default();
    match &account.allowed_namespaces {
        Some(selector) if selector.matches(&labels) => Ok(()),
        Some(_) | None => {
            let message = format!(
                "the account `{}` does not admit this namespace; ask whoever runs the account to label the namespace as its `allowedNamespaces` asks",
                account.id
            );
            Err(terminal(Reason::AccountNotAllowed, message))
        }
    }
}

/// Reads the handlers' tokens. A Secret that cannot be used holds its webhook, and nothing else of the store.
///
/// # Errors
/// When the API server does not answer: then nothing is known, and nothing is concluded.
pub async fn read_tokens(
    context: &Context,
    spec: &HumanSupportConfigSpec,
    namespace: &str,
) -> Result<Tokens, Blocked> {
    let mut tokens = Tokens::default();
    for webhook in &spec.webhooks {
        let key = WebhookKey::new(&webhook.name);
        let query = SecretQuery {
            namespace,
            name: &webhook.token_secret_ref.name,
            type_: declared::WEBHOOK_TOKEN_TYPE,
        };
        match read_token(&context.client, query, &host_of(&webhook.url)).await {
            Ok(token) => {
                tokens.usable.insert(key, token);
            }
            Err(SecretError::Missing(_)) => {
                tokens.missing.insert(key);
            }
            Err(SecretError::Unusable(message)) => {
                let object = ObjectKey::new(Kind::Webhook, &key);
                tokens.problems.push(EntryProblem::blocking(object, (Reason::SecretInvalid, message)));
            }
            Err(unreadable @ SecretError::Unreadable(_)) => return Err(unreadable.into_blocked()),
        }
    }
    Ok(tokens)
}

async fn read_token(client: &Client, query: SecretQuery<'_>, host: &str) -> Result<Token, SecretError> {
    let secret = secrets::read(client, query).await?;
    secret.require_host(declared::webhook_token::HOST, host)?;
    let text = secret.require(declared::webhook_token::TOKEN)?.to_owned();
    Ok(Token::new(text, secret.version().clone()))
}

fn terminal(reason: Reason, message: String) -> Blocked {
    Blocked { reason, message, retry: Retry::AtResync, side: None }
}
