//! One complete reading of an account: everything its interfaces show, at once, or nothing.
//!
//! A list that skips a page looks complete. So objects that an earlier reading showed and this one does not are asked
//! for one by one: whoever is still there makes the reading unusable.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::Value;

use super::client::{Call, Client, Line};
use super::list::{self, List};
use super::view::{AccountView, Written};
use super::wire::{self, Account, Agent, Department, Id, Subscription};
use super::{Api, EXTERNAL_BASE, Place, SUBSCRIPTIONS, Shared, Zenvia};
use crate::model::{Reason, StoreId};
use crate::provider::ProviderError;
use crate::provider::http::encode;

/// What an earlier reading showed, without what we wrote lately: a list may not show that yet.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    agents: BTreeSet<Id>,
    departments: BTreeSet<Id>,
    subscriptions: BTreeSet<Id>,
}

/// How many objects of a kind are asked for: a skipped page misses many, so a few of them tell.
const SAMPLES: usize = 10;

impl Known {
    pub(super) fn of(view: &AccountView) -> Self {
        Self {
            agents: view.agents.keys().cloned().collect(),
            departments: view.departments.keys().cloned().collect(),
            subscriptions: view.subscriptions.keys().cloned().collect(),
        }
    }

    pub(super) fn without(mut self, written: &Written) -> Self {
        let (ids, id) = match written {
            Written::Agent(Agent { id, .. }) | Written::AgentGone(id) => (&mut self.agents, id),
            Written::Department(department) => (&mut self.departments, &department.id),
            Written::Subscription(Subscription { id, .. }) | Written::SubscriptionGone(id) => {
                (&mut self.subscriptions, id)
            }
        };
        ids.remove(id);
        self
    }
}

impl Zenvia {
    /// Makes sure that there is a reading which started at `not_before` or later.
    pub(super) async fn refresh(&self, store: &StoreId, not_before: Instant) -> Result<(), ProviderError> {
        let Shared { client, place, snapshot, .. } = &self.shared;
        let read = async || {
            let known = snapshot.look(|_, view| Known::of(view)).unwrap_or_default();
            let known = snapshot.look_at_writes(|written| written.fold(known, Known::without));
            read_account(client, place, &known).await
        };
        snapshot.refresh(store, not_before, read).await
    }
}

/// Reads the account.
///
/// # Errors
/// When any list is not complete, or contradicts what we know.
pub(super) async fn read_account(
    client: &Client,
    place: &Place,
    known: &Known,
) -> Result<AccountView, ProviderError> {
    let mut view = AccountView::default();
    let (agents, departments) =
        (place.list("agents", "agents.list"), place.list("departments", "departments.list"));
    match place.api {
        Api::Partner => {
            let (account, agents, departments) = tokio::try_join!(
                account(client, place),
                list::list::<Agent>(client, &agents),
                list::list::<Department>(client, &departments),
            )?;
            view.account = Some(account);
            fill(&mut view, agents, departments);
        }
        Api::Account => {
            let (agents, departments) = tokio::try_join!(
                list::list::<Agent>(client, &agents),
                list::list::<Department>(client, &departments),
            )?;
            fill(&mut view, agents, departments);
        }
        Api::SubscriptionsOnly => {}
    }
    if client.tokens.has(Line::Subscriptions) {
        view.subscriptions =
            subscriptions(client).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
    } else if place.api == Api::SubscriptionsOnly {
        return Err(ProviderError::Unauthorized);
    }
    confirm_vanished(client, place, (known, &view)).await?;
    Ok(view)
}

fn fill(view: &mut AccountView, agents: Vec<Agent>, departments: Vec<Department>) {
    view.agents = agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
    let living = departments.into_iter().filter(|department| department.deleted_at.is_none());
    view.departments = living.map(|department| (department.id.clone(), department)).collect();
}

/// The account itself, among those of the partner.
///
/// # Errors
/// `AccountMismatch` when the partner's token does not reach it.
pub(super) async fn account(client: &Client, place: &Place) -> Result<Account, ProviderError> {
    let list = List {
        path: place.path("accounts"),
        query: String::new(),
        name: "accounts",
        operation: "accounts.list",
    };
    let found = list::find::<Account>(client, &list, |account| account.id == place.account_id).await?;
    found.ok_or(ProviderError::Rejected {
        reason: Reason::AccountMismatch,
        field: Some("accountId".to_owned()),
    })
}

/// Whether the partner's token is accepted: one account of its list.
pub(super) async fn check_partner_token(client: &Client, place: &Place) -> Result<(), ProviderError> {
    let mut call = Call::get(Line::Chat, "accounts.list", place.path("accounts"));
    "page=1&limit=1".clone_into(&mut call.query);
    let body: Value = client.read(&call).await?.json()?;
    wire::list::<Account>(body, "accounts").map(drop)
}

/// Whether the account's own token is accepted: one page of its departments (`zenvia.md` 4 has no better question).
pub(super) async fn check_account_token(client: &Client, place: &Place) -> Result<(), ProviderError> {
    let call = Call::get(Line::Chat, "departments.list", place.path("departments"));
    let body: Value = client.read(&call).await?.json()?;
    wire::list::<Department>(body, "departments").map(drop)
}

/// All subscriptions: a bare list without pages (`zenvia.md` 2).
pub(super) async fn subscriptions(client: &Client) -> Result<Vec<Subscription>, ProviderError> {
    let call = Call::get(Line::Subscriptions, "subscriptions.list", SUBSCRIPTIONS.to_owned());
    let body: Value = client.read(&call).await?.json()?;
    let all: Vec<Subscription> = serde_json::from_value(body).map_err(|_| ProviderError::Malformed)?;
    let ids: BTreeSet<&Id> = all.iter().map(|one| &one.id).collect();
    if ids.len() != all.len() {
        return Err(ProviderError::Malformed);
    }
    Ok(all)
}

/// Asks for objects that vanished from the lists.
///
/// # Errors
/// `Malformed` when one of them is still there: then the lists were not complete.
async fn confirm_vanished(
    client: &Client,
    place: &Place,
    (known, view): (&Known, &AccountView),
) -> Result<(), ProviderError> {
    let missing = |known: &BTreeSet<Id>, is_listed: &dyn Fn(&Id) -> bool| -> Vec<Id> {
        known.iter().filter(|id| !is_listed(id)).take(SAMPLES).cloned().collect()
    };
    for id in missing(&known.agents, &|id| view.agents.contains_key(id)) {
        let path = place.path(&format!("agents/{}", encode(&id)));
        let mut call = Call::get(Line::Chat, "agents.show", path);
        call.query = place.scope();
        match client.read(&call).await {
            Err(ProviderError::Gone) => {}
            Ok(reply) if wire::object::<Agent>(reply.json()?, "agent")?.deleted_at.is_some() => {}
            Ok(_) => return Err(ProviderError::Malformed),
            Err(error) => return Err(error),
        }
    }
    for id in missing(&known.departments, &|id| view.departments.contains_key(id)) {
        // Only the Partner API answers for one department; elsewhere the list is all there is.
        if place.api != Api::Partner {
            continue;
        }
        let path = place.path(&format!("departments/{}/agents", encode(&id)));
        let mut call = Call::get(Line::Chat, "departments.agents", path);
        call.query = place.scope();
        match client.read(&call).await {
            Err(ProviderError::Gone) => {}
            Ok(_) => return Err(ProviderError::Malformed),
            Err(error) => return Err(error),
        }
    }
    for id in missing(&known.subscriptions, &|id| view.subscriptions.contains_key(id)) {
        let path = format!("{SUBSCRIPTIONS}/{}", encode(&id));
        match client.read(&Call::get(Line::Subscriptions, "subscriptions.show", path)).await {
            Err(ProviderError::Gone) => {}
            Ok(_) => return Err(ProviderError::Malformed),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Place {
    /// A list that concerns the account.
    fn list(&self, name: &'static str, operation: &'static str) -> List {
        List { path: self.path(name), query: self.scope(), name, operation }
    }

    /// The query that limits a read to the account.
    pub(super) fn scope(&self) -> String {
        match self.api {
            Api::Partner => format!("account_id={}", encode(&self.account_id)),
            Api::Account | Api::SubscriptionsOnly => String::new(),
        }
    }

    /// A path of the chat API in use.
    pub(super) fn path(&self, rest: &str) -> String {
        match self.api {
            Api::Partner => format!("{}/{rest}", self.partner_base),
            Api::Account | Api::SubscriptionsOnly => format!("{EXTERNAL_BASE}/{rest}"),
        }
    }
}
