//! `humansupport status`: where stores stand, and in its last line whether a customer can reach a person now.
//!
//! Why: `kubectl get` has room for a word; who is not answered at nine in the morning needs the sentence.
//! Must not: write anything, the request to look again (`--fresh`) aside.

mod detail;
mod json;
mod resync;
mod table;

use std::time::Duration;

use super::connect::{ClusterArgs, Connection};
use super::failure::{Failure, IS_IT_RUNNING};
use super::program::{Ending, Output};
use super::state::StoreState;
use super::stores::{Selection, StoreName, Stores};
use super::terminal::{self, Surroundings};
use super::waiting::{self, parse_timeout};
use crate::api::HumanSupportConfig;
use resync::Resync;

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A store; without it a table of all stores of the namespace.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// The stores of all namespaces.
    #[arg(short = 'A', long, conflicts_with_all = ["name", "namespace"])]
    all_namespaces: bool,
    /// Wait until the stores are ready.
    #[arg(long)]
    wait: bool,
    /// Ask the operator to compare the helpdesk now, and wait until it has.
    #[arg(long)]
    fresh: bool,
    /// How long to wait at most, such as `90s` or `5m`.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = parse_timeout)]
    timeout: Duration,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// Says where stores stand.
///
/// # Errors
/// When the cluster refuses, there is no store, or a fresh look does not come in time.
pub async fn run(arguments: Args, surroundings: Surroundings) -> Result<Ending, Failure> {
    let connection = Connection::open(&arguments.cluster, surroundings.program).await?;
    let stores = Stores::new(&connection);
    let selection = match (&arguments.name, arguments.all_namespaces) {
        (Some(name), _) => Selection::One(stores.name(name)),
        (None, true) => Selection::Cluster,
        (None, false) => Selection::Namespace(connection.namespace.clone()),
    };
    let mut read = stores.read(&selection).await?;
    if read.is_empty() {
        return Err(none_there(&selection));
    }
    let mut resync = Resync::Unknown;
    if arguments.fresh {
        read = look_again(stores, (&selection, &read), arguments.timeout).await?;
        resync = Resync::counted_from(crate::clock::wall());
    }
    if arguments.wait && !read.iter().all(is_ready) {
        refuse_endless_wait(&read, surroundings)?;
        read = waiting::until(stores, &selection, arguments.timeout, is_ready).await?.stores;
    }
    match arguments.output {
        Output::Json => terminal::print_json(&json::of(&read, resync))?,
        Output::Text if arguments.name.is_some() => {
            let answers = read.iter().map(|store| detail::of(store, resync, surroundings));
            terminal::print(&answers.collect::<String>())?;
        }
        Output::Text => terminal::print(&table::of(&read, surroundings.paint))?,
    }
    Ok(if read.iter().all(is_ready) { Ending::Well } else { Ending::NotReady })
}

fn is_ready(store: &HumanSupportConfig) -> bool {
    StoreState::new(store).is_ready()
}

fn none_there(selection: &Selection) -> Failure {
    Failure::NotNow(match selection {
        Selection::Cluster => {
            "there is no HumanSupportConfig in the cluster; apply one, examples are in `examples/`".to_owned()
        }
        Selection::Namespace(namespace) | Selection::One(StoreName { namespace, .. }) => format!(
            "there is no HumanSupportConfig in the namespace `{namespace}`; give another with -n, or -A for all"
        ),
    })
}

/// Asks for a round of every store and waits until each has had it.
async fn look_again(
    stores: Stores<'_>,
    (selection, read): (&Selection, &[HumanSupportConfig]),
    timeout: Duration,
) -> Result<Vec<HumanSupportConfig>, Failure> {
    let mut asked = Vec::new();
    for store in read {
        let name = StoreName::of(store);
        let stamp = stores.request_round(&name).await?;
        asked.push((name, stamp));
    }
    let has_handled = |store: &HumanSupportConfig| {
        let name = StoreName::of(store);
        // A store that came in the meantime was not asked.
        let stamp = asked.iter().find(|(asked, _)| *asked == name);
        stamp.is_none_or(|(_, stamp)| StoreState::new(store).has_handled(stamp))
    };
    let waited = waiting::until(stores, selection, timeout, has_handled).await?;
    match waited.undone.first() {
        None => Ok(waited.stores),
        Some(late) => Err(Failure::Late {
            what: "a fresh look",
            store: late.clone(),
            seconds: timeout.as_secs(),
            state: headline(&waited.stores, late),
            advice: IS_IT_RUNNING,
        }),
    }
}

/// Where a store stands, in one line.
pub(super) fn headline(stores: &[HumanSupportConfig], name: &StoreName) -> String {
    let store = stores.iter().find(|store| StoreName::of(store) == *name);
    store.map_or_else(|| "it is gone".to_owned(), |store| StoreState::new(store).headline())
}

/// A suspended store never becomes ready by waiting.
fn refuse_endless_wait(read: &[HumanSupportConfig], surroundings: Surroundings) -> Result<(), Failure> {
    match read.iter().find(|store| store.spec.suspend) {
        None => Ok(()),
        Some(store) => {
            let StoreName { namespace, name } = StoreName::of(store);
            let program = surroundings.program;
            Err(Failure::NotNow(format!(
                "`{namespace}/{name}` is suspended and does not become ready by waiting; run `{program} resume {name} -n {namespace}` first"
            )))
        }
    }
}
