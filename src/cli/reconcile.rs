//! `humansupport reconcile`: compare the helpdesk with a store now, or with all stores of an account.
//!
//! Why: after somebody repaired a thing in the helpdesk or a Secret, nobody wants to wait an hour.
//! Must not: touch a suspended store; nothing would be done, and waiting would say otherwise.

use std::time::Duration;

use kube::Api;
use serde_json::{Value, json};

use super::connect::{ClusterArgs, ClusterError, Connection, Request};
use super::failure::{Failure, IS_IT_RUNNING};
use super::program::{Ending, Output};
use super::state::StoreState;
use super::status::headline;
use super::stores::{Selection, StoreName, Stores};
use super::terminal::{self, Surroundings};
use super::waiting::{self, parse_timeout};
use crate::api::config::{AccountKind, AccountRef};
use crate::api::{HelpdeskAccount, HumanSupportConfig};

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
#[group(id = "target", required = true, multiple = false, args = ["name", "account"])]
pub struct Args {
    /// The store.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// All stores of an account instead: one of the namespace, else a cluster account. `KIND/NAME` says which.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// How long to wait at most, such as `90s` or `5m`.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_timeout)]
    timeout: Duration,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// Asks for a round of each store and waits for all of them.
///
/// # Errors
/// When the cluster refuses, there is no such store or account, or the operator does not react in time.
pub async fn run(arguments: Args, surroundings: Surroundings) -> Result<Ending, Failure> {
    let connection = Connection::open(&arguments.cluster, surroundings.program).await?;
    let stores = Stores::new(&connection);
    let (selection, chosen) = match (&arguments.name, &arguments.account) {
        (Some(name), _) => {
            let selection = Selection::One(stores.name(name));
            let read = stores.read(&selection).await?;
            (selection, read)
        }
        (None, account) => stores_of(&connection, account.as_deref().unwrap_or_default()).await?,
    };
    let (asleep, awake): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|store| store.spec.suspend);
    for store in &asleep {
        let StoreName { namespace, name } = StoreName::of(store);
        let command = format!("{} resume {name} -n {namespace}", surroundings.program);
        let message =
            format!("`{namespace}/{name}` is suspended, so nothing would be done; run `{command}` first");
        if awake.is_empty() {
            return Err(Failure::NotNow(message));
        }
        terminal::note(message);
    }
    let mut asked = Vec::new();
    for store in &awake {
        let name = StoreName::of(store);
        asked.push((stores.request_round(&name).await?, name));
    }
    let done = |store: &HumanSupportConfig| {
        let name = StoreName::of(store);
        let stamp = asked.iter().find(|(_, asked)| *asked == name);
        stamp.is_none_or(|(stamp, _)| StoreState::new(store).has_handled(stamp))
    };
    let mut waited = waiting::until(stores, &selection, arguments.timeout, done).await?;
    if let Some(late) = waited.undone.first() {
        let (store, state) = (late.clone(), headline(&waited.stores, late));
        let seconds = arguments.timeout.as_secs();
        return Err(Failure::Late { what: "the round", store, seconds, state, advice: IS_IT_RUNNING });
    }
    waited.stores.retain(|store| asked.iter().any(|(_, name)| *name == StoreName::of(store)));
    say(&waited.stores, arguments.output)
}

/// Says where stores stand after a verb.
///
/// # Errors
/// When standard output cannot be written.
pub(super) fn say(stores: &[HumanSupportConfig], output: Output) -> Result<Ending, Failure> {
    match output {
        Output::Text => {
            let lines = stores.iter().map(|store| {
                let line = format!("{}: {}", StoreName::of(store), StoreState::new(store).headline());
                terminal::harmless(&line).replace('\n', " ") + "\n"
            });
            terminal::print(&lines.collect::<String>())?;
        }
        Output::Json => {
            let stores: Vec<Value> = stores.iter().map(brief).collect();
            terminal::print_json(&json!({ "stores": stores }))?;
        }
    }
    Ok(Ending::Well)
}

fn brief(store: &HumanSupportConfig) -> Value {
    let (StoreName { namespace, name }, state) = (StoreName::of(store), StoreState::new(store));
    json!({
        "namespace": namespace,
        "name": name,
        "ready": state.is_ready(),
        "suspended": store.spec.suspend,
        "state": state.headline(),
    })
}

/// The stores of an account, and where they are read from.
async fn stores_of(
    connection: &Connection,
    account: &str,
) -> Result<(Selection, Vec<HumanSupportConfig>), Failure> {
    let reference = reference_to(connection, account).await?;
    let selection = match reference.kind {
        AccountKind::HelpdeskAccount => Selection::Namespace(connection.namespace.clone()),
        AccountKind::ClusterHelpdeskAccount => Selection::Cluster,
    };
    let mut stores = Stores::new(connection).read(&selection).await?;
    stores.retain(|store| store.spec.account_ref == reference);
    if stores.is_empty() {
        let AccountRef { kind, name } = reference;
        let place = match selection {
            Selection::Namespace(namespace) => format!(" in the namespace `{namespace}`"),
            Selection::One(_) | Selection::Cluster => String::new(),
        };
        return Err(Failure::NotNow(format!(
            "no store{place} uses the account `{kind:?}/{name}`; check the name, and give a namespace with -n"
        )));
    }
    Ok((selection, stores))
}

/// Which account is meant: the one of the namespace, where there is one, else the cluster's.
async fn reference_to(connection: &Connection, account: &str) -> Result<AccountRef, Failure> {
    let of = |kind, name: &str| AccountRef { kind, name: name.to_owned() };
    match account.split_once('/') {
        Some(("HelpdeskAccount", name)) => return Ok(of(AccountKind::HelpdeskAccount, name)),
        Some(("ClusterHelpdeskAccount", name)) => return Ok(of(AccountKind::ClusterHelpdeskAccount, name)),
        Some((kind, _)) => {
            let message = format!(
                "`{kind}` is not a kind of account; write HelpdeskAccount/NAME or ClusterHelpdeskAccount/NAME"
            );
            return Err(Failure::NotNow(message));
        }
        None => {}
    }
    let accounts: Api<HelpdeskAccount> = Api::namespaced(connection.client.clone(), &connection.namespace);
    let request =
        Request { verb: "get", resource: "helpdeskaccounts", namespace: Some(&connection.namespace) };
    match accounts.get(account).await.map_err(|error| connection.explain(request, error)) {
        Ok(_) => Ok(of(AccountKind::HelpdeskAccount, account)),
        Err(ClusterError::Missing(_)) => Ok(of(AccountKind::ClusterHelpdeskAccount, account)),
        Err(error) => Err(error.into()),
    }
}
