//! The command line of the sandbox: which part runs, and how its end is told.
//!
//! Why it exists: `cargo sandbox` is the demo, and each of its parts also runs alone. Must not: hold logic of
//! the parts.

pub mod adapter;
mod control_plane;
mod demo;
pub mod zendesk;
pub mod zenvia;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// See stores go live in a simulated helpdesk, through a real Kubernetes API server.
#[derive(Debug, Parser)]
#[command(name = "sandbox", bin_name = "cargo sandbox --", args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    part: Option<Part>,
    #[command(flatten)]
    demo: crate::demo::Arguments,
}

/// The parts that run alone.
#[derive(Debug, Subcommand)]
enum Part {
    /// Start etcd and kube-apiserver alone, until Ctrl-C
    ControlPlane(control_plane::Arguments),
    /// Run the Zendesk simulator alone, until Ctrl-C
    Zendesk(zendesk::Args),
    /// Run the Zenvia simulator alone, until Ctrl-C
    Zenvia(zenvia::Args),
    /// Run the reference adapter of another platform alone, until Ctrl-C
    Adapter(adapter::Args),
}

/// Parses the arguments, runs, and returns the exit code: 0 done, 1 not.
pub async fn main() -> ExitCode {
    let CommandLine { part, demo: arguments } = CommandLine::parse();
    let result = match part {
        Some(Part::ControlPlane(arguments)) => control_plane::run(arguments).await,
        Some(Part::Zenvia(arguments)) => zenvia::run(arguments).await.map(|()| ExitCode::SUCCESS),
        Some(Part::Adapter(arguments)) => adapter::run(arguments).await.map(|()| ExitCode::SUCCESS),
        Some(Part::Zendesk(arguments)) => zendesk::run(arguments).await.map(|()| ExitCode::SUCCESS),
        None => demo::run(arguments).await,
    };
    result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
