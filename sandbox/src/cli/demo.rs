//! `cargo sandbox` without a subcommand: the demo with the helpdesks it has.
//!
//! Must not: do anything else.

use crate::demo::{self, Arguments};
use std::process::ExitCode;

/// Starts the helpdesks and runs the demo.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let helpdesks = demo::start_helpdesks(arguments.pace()).await?;
    demo::run(arguments, helpdesks).await
}
