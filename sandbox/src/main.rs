//! The command `cargo sandbox`.

use clap::{Parser, Subcommand};
use sandbox::cli;

/// Everything needed to see the operator work without a helpdesk or a cluster.
#[derive(Debug, Parser)]
#[command(name = "sandbox")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the Zendesk simulator alone.
    Zendesk(cli::zendesk::Args),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Zendesk(args) => cli::zendesk::run(args).await,
    }
}
