//! `humansupport plan`: what the operator would do, before anything is merged or applied.
//!
//! Why: who merges a pull request wants to see every call it causes, and approve a removal in the same pull request by its
//! digest. It runs the operator's own round with the writes left out (`controller/rehearse`).
//! Must not: write to a cluster or a helpdesk, plan by rules of its own, or print an e-mail address.

mod answer;
mod markdown;
mod render;
mod scene;

use serde::Serialize;

use self::answer::{Answer, StoreAnswer};
use self::scene::Gathered;
use super::connect::ClusterArgs;
use super::failure::Failure;
use super::helpdesks::ReachArgs;
use super::program::Ending;
use super::terminal::{self, Surroundings};
use crate::api::HumanSupportConfig;
use crate::controller::rehearse::Rehearsal;
use crate::telemetry::{ObjectSeries, Telemetry};

const AFTER_HELP: &str = "\
Exit codes:
  0  nothing would change
  1  an error, a document that would be refused, or arguments that cannot be read
  2  there are changes, or changes that are held

Examples:
  humansupport plan stores/                      what applying these files would do
  humansupport plan loja-centro -n store-x       what the operator would do now
  humansupport plan --offline --cluster-id UID --credentials secret.yaml stores/ accounts/
                                                 in a pipeline that reaches no cluster";

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Files and directories with resources as for `validate`, or names of stores in the cluster.
    #[arg(required = true, value_name = "FILE|NAME")]
    targets: Vec<String>,
    #[command(flatten)]
    cluster: ClusterArgs,
    #[command(flatten)]
    reach: ReachArgs,
    /// Ask no cluster: accounts come from the files, Secrets from --credentials, and --cluster-id says whose marks are
    /// ours.
    #[arg(long)]
    offline: bool,
    /// With --offline: a file with the resources as the cluster holds them (`kubectl get hsc,hda,chda -A -o yaml`), so that
    /// what the operator remembers counts. May be repeated.
    #[arg(long, value_name = "FILE", requires = "offline")]
    live: Vec<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: PlanOutput,
}

/// How a plan is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
pub enum PlanOutput {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For a comment in a pull request.
    Markdown,
}

/// Plans stores of files, or of the cluster.
///
/// # Errors
/// When a file, the cluster or an argument cannot be used. What is wrong with one store is part of the answer.
pub async fn run(arguments: Args, surroundings: Surroundings) -> Result<Ending, Failure> {
    let gathered = scene::gather(&arguments, surroundings.program).await?;
    let answer = rehearse(gathered).await;
    match arguments.output {
        PlanOutput::Json => terminal::print_json(&render::json(&answer))?,
        PlanOutput::Markdown => terminal::print(&markdown::of(&answer))?,
        PlanOutput::Text => {
            terminal::print(&render::text(&answer, surroundings.paint))?;
            for note in &answer.notes {
                terminal::note(format!("{}: note: {note}", surroundings.program));
            }
        }
    }
    Ok(ending_of(&answer, surroundings))
}

async fn rehearse(gathered: Gathered) -> Answer {
    let Gathered { client, settings, reach, scene, targets, notes } = gathered;
    let telemetry = Telemetry::new(env!("CARGO_PKG_VERSION"), ObjectSeries::Off);
    let rehearsal = Rehearsal::new(client, (settings, reach), (scene, telemetry.metrics));
    let mut stores = Vec::new();
    for target in &targets {
        stores.push(plan_one(&rehearsal, target).await);
    }
    Answer { stores, notes }
}

async fn plan_one(rehearsal: &Rehearsal, store: &HumanSupportConfig) -> StoreAnswer {
    if store.metadata.deletion_timestamp.is_some() {
        return StoreAnswer::deleting(store);
    }
    StoreAnswer::of(store, rehearsal.round(store).await)
}

/// A store that cannot be planned is an error, whatever the others are; it is said on standard error too.
fn ending_of(answer: &Answer, surroundings: Surroundings) -> Ending {
    let mut ending = Ending::Well;
    for store in &answer.stores {
        if let Some(error) = store.error() {
            terminal::note(format!("{}: {} cannot be planned: {error}", surroundings.program, store.name));
            ending = Ending::Refused;
        } else if store.has_changes() && ending == Ending::Well {
            ending = Ending::Changes;
        }
    }
    ending
}
