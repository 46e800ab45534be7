//! The command line: the only place that reads arguments and environment variables, prints, and ends the process.
//!
//! A verb is a file. Errors go to standard error in one sentence that says what to try next.

pub mod crd;
pub mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps the human support of stores in their helpdesks as declared in Kubernetes.
#[derive(Debug, Parser)]
#[command(name = "humansupport", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the operator.
    Run(Box<run::Args>),
    /// Print the custom resource definitions, or write them into a directory.
    Crd(crd::Args),
}

/// Runs the verb that the arguments name. Exit code 0 is success, 1 an error, 2 arguments that cannot be read.
pub fn main() -> ExitCode {
    let outcome = match Cli::parse().verb {
        Verb::Run(arguments) => run::run(*arguments).map_err(|error| error.to_string()),
        Verb::Crd(arguments) => crd::run(&arguments).map_err(|error| error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("humansupport: {message}");
            ExitCode::FAILURE
        }
    }
}
