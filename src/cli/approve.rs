//! `humansupport approve`: lets the one plan pass that a store is waiting with.
//!
//! Why a digest: what a person has read is what is done. When the plan changes in between, its digest does, and the old
//! approval approves nothing.
//! Must not: ask; a pipeline cannot answer. Approve a plan that is not shown.

use std::time::Duration;

use super::connect::{ClusterArgs, Connection};
use super::failure::Failure;
use super::program::{Ending, Output};
use super::reconcile::say;
use super::state::{self, StoreState};
use super::status::headline;
use super::stores::{Selection, StoreName, Stores};
use super::terminal::{self, Surroundings, Tone};
use super::waiting::{self, parse_timeout};
use crate::api::{HumanSupportConfig, annotations};

const LATE: &str = "the approval is written and lasts: check that the operator runs and watches this namespace, or wait longer with --timeout";

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The store.
    #[arg(value_name = "NAME")]
    name: String,
    /// The digest that was read; another plan is then refused. Without it the present plan is approved.
    #[arg(value_name = "DIGEST")]
    digest: Option<String>,
    #[command(flatten)]
    cluster: ClusterArgs,
    /// How long to wait at most, such as `90s` or `5m`.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_timeout)]
    timeout: Duration,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// Shows what is approved, approves it and waits until the operator goes on.
///
/// # Errors
/// When nothing waits, the digest is another one, the cluster refuses, or the operator does not react in time.
pub async fn run(arguments: Args, surroundings: Surroundings) -> Result<Ending, Failure> {
    let connection = Connection::open(&arguments.cluster, surroundings.program).await?;
    let stores = Stores::new(&connection);
    let name = stores.name(&arguments.name);
    let store = stores.get(&name).await?;
    let digest = present_digest(&store, surroundings)?;
    if let Some(read) = &arguments.digest
        && *read != digest
    {
        return Err(Failure::NotNow(format!(
            "the plan has changed: `{read}` is not its digest any more, the present one is `{digest}`; read it with `{} status {} -n {}`",
            surroundings.program, name.name, name.namespace
        )));
    }
    show(&store, &digest, &arguments, surroundings)?;
    stores.annotate(&name, (annotations::APPROVE_PLAN, &digest)).await?;
    let goes_on = |store: &HumanSupportConfig| {
        let state = StoreState::new(store);
        !state.waits_for_approval() || state.plan_digest() != Some(digest.as_str())
    };
    let waited = waiting::until(stores, &Selection::One(name.clone()), arguments.timeout, goes_on).await?;
    if waited.undone.is_empty() {
        return say(&waited.stores, arguments.output);
    }
    Err(Failure::Late {
        what: "the approval",
        state: headline(&waited.stores, &name),
        store: name,
        seconds: arguments.timeout.as_secs(),
        advice: LATE,
    })
}

/// The digest of a plan that waits for an approval.
fn present_digest(store: &HumanSupportConfig, surroundings: Surroundings) -> Result<String, Failure> {
    let (state, StoreName { namespace, name }) = (StoreState::new(store), StoreName::of(store));
    let program = surroundings.program;
    if store.spec.suspend {
        return Err(Failure::NotNow(format!(
            "`{namespace}/{name}` is suspended, so nothing would be done; run `{program} resume {name} -n {namespace}` first"
        )));
    }
    if !state.is_current() {
        return Err(Failure::NotNow(format!(
            "the operator has not planned the latest change of `{namespace}/{name}` yet; run `{program} reconcile {name} -n {namespace}`, read the plan, then approve it"
        )));
    }
    match state.plan_digest() {
        Some(digest) if state.waits_for_approval() => Ok(digest.to_owned()),
        _ => Err(Failure::NotNow(format!(
            "nothing of `{namespace}/{name}` waits for an approval; `{program} status {name} -n {namespace}` shows where it stands"
        ))),
    }
}

/// The held lines, on standard error when the answer is for programs.
fn show(
    store: &HumanSupportConfig,
    digest: &str,
    arguments: &Args,
    surroundings: Surroundings,
) -> Result<(), Failure> {
    let Some(plan) = store.status.as_ref().and_then(|status| status.plan.as_ref()) else { return Ok(()) };
    let held = plan.lines.iter().filter(|line| state::is_line_for_approval(line));
    let lines: Vec<String> = held.map(|line| format!("  {}\n", terminal::harmless(line))).collect();
    let title = format!("Held in {}, {digest}:", StoreName::of(store));
    let mut text = format!("{}\n{}", surroundings.paint.tone(Tone::Heading, title), lines.concat());
    let listed = plan.lines.iter().filter(|line| line.starts_with("held (")).count();
    let all = usize::try_from(plan.held).unwrap_or_default();
    if all > listed {
        let more = all - listed;
        text.push_str(&format!(
            "  and {more} more held changes: the status lists the first 20 lines of a plan\n"
        ));
    }
    match arguments.output {
        Output::Text => terminal::print(&text)?,
        Output::Json => terminal::note(text.trim_end()),
    }
    Ok(())
}
