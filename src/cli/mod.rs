//! The command line: the only place that reads arguments and environment variables, prints, and ends the process.
//!
//! A verb is a file. Errors go to standard error in one sentence that says what to try next.

pub mod approve;
pub mod completion;
pub mod connect;
pub mod crd;
pub mod doctor;
pub mod explain;
pub mod failure;
pub mod helpdesks;
pub mod import;
pub mod plan;
pub mod program;
pub mod reconcile;
pub mod run;
pub mod state;
pub mod status;
pub mod stores;
pub mod suspend;
pub mod terminal;
pub mod validate;
pub mod version;
pub mod waiting;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use failure::Failure;
use program::{Ending, Program};
use suspend::Work;
use terminal::Surroundings;

const EXIT_CODES: &str = "\
Exit codes:
  0  done, and all is well
  1  an error, or documents that would be refused
  2  arguments that cannot be read; plan: there are changes (its arguments: 1)
  3  a store is not ready (status)";

/// Keeps the human support of stores in their helpdesks as declared in Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "humansupport", version, arg_required_else_help = true, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the operator.
    Run(Box<run::Args>),
    /// Check files without a cluster: everything that would be refused.
    Validate(validate::Args),
    /// Show what the operator would do, for files or for stores of the cluster. Nothing is written.
    Plan(Box<plan::Args>),
    /// Write resources for what a helpdesk account holds already. Nothing is changed there.
    Import(Box<import::Args>),
    /// Say where stores stand, and whether a customer can reach a person now.
    Status(status::Args),
    /// Compare the helpdesk with a store, or with all stores of an account, now.
    Reconcile(reconcile::Args),
    /// Stop all work on a store.
    Suspend(suspend::Args),
    /// Go on with a suspended store.
    Resume(suspend::Args),
    /// Approve the plan that a store waits with.
    Approve(approve::Args),
    /// Look for what is wrong: the cluster, rights, definitions, and each account. Nothing is written.
    Doctor(Box<doctor::Args>),
    /// Explain a reason, a condition or an event.
    Explain(explain::Args),
    /// Print the custom resource definitions, or write them into a directory.
    Crd(crd::Args),
    /// Print the completion script of a shell.
    Completion(completion::Args),
    /// Print the version.
    Version(version::Args),
}

/// Runs the verb that the arguments name. The exit codes are those of [`EXIT_CODES`].
pub fn main() -> ExitCode {
    let first = std::env::args_os().next().map(PathBuf::from);
    let program = Program::from_first_argument(first.as_deref());
    let command = command(program);
    let matches = match command.clone().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return refused_arguments(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match dispatch(cli.verb, command, Surroundings::of_process(program)) {
        Ok(ending) => ending.into(),
        Err(message) => {
            terminal::note(format!("{program}: {message}"));
            ExitCode::FAILURE
        }
    }
}

/// Arguments that cannot be read end with 2, as everywhere; under `plan` that means "there are changes", so there it is 1.
fn refused_arguments(error: &clap::Error) -> ExitCode {
    let is_plan = std::env::args_os().nth(1).is_some_and(|verb| verb == "plan");
    if !is_plan || !error.use_stderr() {
        error.exit();
    }
    // Where standard error is gone, nobody would read it.
    let _ = error.print();
    ExitCode::FAILURE
}

/// The command under the name that a person typed.
fn command(program: Program) -> clap::Command {
    let name = program.command();
    Cli::command().name(name).bin_name(name)
}

fn dispatch(verb: Verb, command: clap::Command, surroundings: Surroundings) -> Result<Ending, String> {
    let well = |()| Ending::Well;
    match verb {
        Verb::Run(arguments) => run::run(*arguments).map(well).map_err(|error| error.to_string()),
        Verb::Crd(arguments) => crd::run(&arguments).map(well).map_err(|error| error.to_string()),
        Verb::Validate(arguments) => {
            validate::run(&arguments, surroundings).map_err(|error| error.to_string())
        }
        Verb::Explain(arguments) => explain::run(&arguments, surroundings).map_err(|error| error.to_string()),
        Verb::Completion(arguments) => {
            completion::run(&arguments, command, surroundings.program).map_err(|error| error.to_string())
        }
        Verb::Version(arguments) => version::run(&arguments, surroundings).map_err(|error| error.to_string()),
        Verb::Plan(arguments) => block_on(plan::run(*arguments, surroundings)),
        Verb::Import(arguments) => block_on(import::run(*arguments, surroundings)),
        Verb::Doctor(arguments) => block_on(doctor::run(*arguments, surroundings)),
        Verb::Status(arguments) => block_on(status::run(arguments, surroundings)),
        Verb::Reconcile(arguments) => block_on(reconcile::run(arguments, surroundings)),
        Verb::Suspend(arguments) => block_on(suspend::run(arguments, Work::Stopped, surroundings)),
        Verb::Resume(arguments) => block_on(suspend::run(arguments, Work::Going, surroundings)),
        Verb::Approve(arguments) => block_on(approve::run(arguments, surroundings)),
    }
}

/// Runs a verb that speaks to a cluster.
fn block_on(verb: impl Future<Output = Result<Ending, Failure>>) -> Result<Ending, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended =
        runtime.map_err(|error| Failure::Start(error.to_string())).and_then(|runtime| runtime.block_on(verb));
    ended.map_err(|error| error.to_string())
}
