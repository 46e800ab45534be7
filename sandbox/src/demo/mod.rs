//! The demo: stores declared in YAML go live in a simulated helpdesk, through a real API server.
//!
//! Why it exists: one command from a fresh clone shows what the operator does, and `--exit-when-ready` makes
//! the same run a test. The body of [`run`] is the list of its phases. Must not: import the operator; it is
//! started as the program that people install.

mod helpdesk;
mod helpdesks;
mod hints;
mod operator;
mod person;
mod stage;
mod stores;
mod summary;
mod table;
mod watch;

pub use helpdesk::{Helpdesk, Hint};
pub use helpdesks::start as start_helpdesks;
pub use operator::OPERATOR_USER;

use crate::control_plane::{ControlPlane, Options, User, workspace};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How the demo runs.
#[derive(Debug, Clone, Args)]
pub struct Arguments {
    /// End with a summary when every store is ready and live: exit code 0, or 1 at the timeout
    #[arg(long)]
    pub exit_when_ready: bool,
    /// Switch the helpdesk's rate limits and delays off
    #[arg(long)]
    pub fast: bool,
    /// Seconds until --exit-when-ready gives up
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub timeout: u64,
    /// Keep state, logs and kubeconfigs in this folder; a temporary one without it
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// The manifests to apply [default: examples/sandbox of the repository]
    #[arg(long, value_name = "DIR")]
    pub examples: Option<PathBuf>,
    /// The operator to run; built from this repository without it
    #[arg(long, value_name = "FILE")]
    pub operator: Option<PathBuf>,
    /// The resource definitions to install [default: crds of the repository]
    #[arg(long, value_name = "DIR", hide = true)]
    pub crds: Option<PathBuf>,
}

/// Whether the helpdesk answers as a real one does, or as fast as it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// With the plan's rate limit, the sub-limits and delayed visibility.
    RealTime,
    /// Without them.
    Fast,
}

impl Arguments {
    /// The pace that the flags ask for.
    pub fn pace(&self) -> Pace {
        if self.fast { Pace::Fast } else { Pace::RealTime }
    }
}

/// Runs the demo until Ctrl-C, or until every store is ready and live.
///
/// # Errors
/// When a part cannot be started, a manifest is refused, or the operator ends; the text says what to do.
pub async fn run(arguments: Arguments, helpdesks: Vec<Box<dyn Helpdesk>>) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    let program = operator::provide(arguments.operator.as_deref()).await?;
    let mut options = Options::new().user(User { name: OPERATOR_USER.to_owned(), groups: Vec::new() });
    options.keep = arguments.keep.clone();
    let plane = ControlPlane::start(options).await?;
    let client = plane.client().await?;
    // A kept folder holds the log of earlier runs.
    let beginning = plane.audit().position()?;
    let stage = stage::Stage {
        crds: arguments.crds.clone().unwrap_or_else(|| workspace().join("crds")),
        examples: arguments.examples.clone().unwrap_or_else(|| workspace().join("examples/sandbox")),
    };
    let stores = stage.set(&client, &helpdesks).await?;
    let operator = operator::start(&program, &plane, &helpdesks)?;
    let pace = arguments.pace();
    let mut watch = watch::Watch { client, operator, helpdesks: &helpdesks, expected: stores, pace, started };
    if arguments.exit_when_ready {
        let outcome = watch.until_ready(Duration::from_secs(arguments.timeout)).await?;
        let summary =
            summary::Summary { outcome: &outcome, helpdesks: &helpdesks, audit: plane.audit(), beginning };
        summary.print()?;
        watch.end().await?;
        return Ok(if outcome.everything_ready() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    hints::print(&plane, &helpdesks, &watch.expected).await?;
    tokio::select! {
        ended = watch.forever() => ended?,
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    watch.end().await?;
    Ok(ExitCode::SUCCESS)
}
