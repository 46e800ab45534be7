//! `humansupport suspend` and `humansupport resume`: the field `spec.suspend`, and the wait until the operator heeds it.
//!
//! Why: during an incident nobody wants to edit a repository first. Must not: hide that a repository will undo it.

use std::time::Duration;

use serde_json::json;

use super::connect::{ClusterArgs, Connection};
use super::failure::{Failure, IS_IT_RUNNING};
use super::program::{Ending, Output};
use super::reconcile::say;
use super::state::StoreState;
use super::status::headline;
use super::stores::{Selection, Stores};
use super::terminal::{self, Surroundings};
use super::waiting::{self, parse_timeout};
use crate::api::{FIELD_MANAGER, HumanSupportConfig};

/// What the verbs take.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The store.
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// How long to wait at most, such as `90s` or `5m`.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_timeout)]
    timeout: Duration,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// What shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing is done on the store.
    Stopped,
    /// The store is kept as declared.
    Going,
}

impl Work {
    fn is_reached(self, store: &HumanSupportConfig) -> bool {
        let state = StoreState::new(store);
        match self {
            Self::Stopped => state.says_suspended(),
            // A store that is blocked again at once has been looked at, which is what was asked for.
            Self::Going => state.is_current() && !state.says_suspended(),
        }
    }
}

/// Sets the field and waits until the status says so.
///
/// # Errors
/// When the cluster refuses, there is no such store, or the operator does not react in time.
pub async fn run(arguments: Args, work: Work, surroundings: Surroundings) -> Result<Ending, Failure> {
    let connection = Connection::open(&arguments.cluster, surroundings.program).await?;
    let stores = Stores::new(&connection);
    let name = stores.name(&arguments.name);
    let before = stores.get(&name).await?;
    let suspend = work == Work::Stopped;
    if before.spec.suspend != suspend {
        stores.patch(&name, json!({"spec": {"suspend": suspend}})).await?;
    }
    if let Some(manager) = declares_suspend(&before) {
        terminal::note(format!(
            "`spec.suspend` is declared by `{manager}`, which will set it again; change it where that reads it from, too"
        ));
    }
    let selection = Selection::One(name.clone());
    let waited =
        waiting::until(stores, &selection, arguments.timeout, |store| work.is_reached(store)).await?;
    if waited.undone.is_empty() {
        return say(&waited.stores, arguments.output);
    }
    Err(Failure::Late {
        what: if suspend { "the suspension" } else { "the next round" },
        state: headline(&waited.stores, &name),
        store: name,
        seconds: arguments.timeout.as_secs(),
        advice: IS_IT_RUNNING,
    })
}

/// Somebody else who declares the field again and again, such as Flux or Argo CD: what is set here does not last.
///
/// Who created or edited the resource once is no such manager. Argo CD writes like an editor unless it is told to
/// apply on the server.
fn declares_suspend(store: &HumanSupportConfig) -> Option<String> {
    let entries = store.metadata.managed_fields.iter().flatten();
    let declares = entries.filter(|entry| {
        let manager = entry.manager.as_deref().unwrap_or_default();
        let comes_again = entry.operation.as_deref() == Some("Apply") || manager.starts_with("argocd");
        let fields = entry.fields_v1.as_ref();
        let names_it = fields.is_some_and(|fields| !fields.0["f:spec"]["f:suspend"].is_null());
        names_it && comes_again && manager != FIELD_MANAGER
    });
    declares.filter_map(|entry| entry.manager.clone()).next()
}
