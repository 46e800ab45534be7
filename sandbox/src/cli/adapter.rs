//! `sandbox adapter`: the reference adapter alone, until Ctrl-C.
//!
//! Must only translate switches; what they mean is the adapter's business.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::adapter::Adapter;

const AFTER_HELP: &str = "\
Serves the contract of docs/reference/adapter-openapi.yaml over a desk in memory, empty unless --state names one:
  token      sandbox-only-adapter-token
  HMAC key   sandbox-only-adapter-hmac-key-of-32-bytes
These credentials are valid in this sandbox only. A request with the header `X-Sandbox-Person: NAME` needs neither.
Below /_sandbox/: ledger, faults, clock, writes (see `sandbox zendesk --help`) and state.";

/// Run the reference adapter.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Address to listen on (loopback).
    #[arg(long, default_value = "127.0.0.1:4030")]
    pub listen: SocketAddr,
    /// File that keeps the desk and its answers: loaded when present, saved before each change is answered.
    #[arg(long)]
    pub state: Option<PathBuf>,
}

/// Serves until Ctrl-C. Errors when the address is not loopback or taken, or the state file is not readable.
pub async fn run(args: Args) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.listen.ip().is_loopback(),
        "--listen must be a loopback address such as 127.0.0.1:4030"
    );
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let mut adapter = Adapter::start_on(listener, args.state)?;
    tracing::info!(address = %adapter.address(), "the reference adapter is ready");
    tokio::select! {
        () = adapter.wait() => anyhow::bail!("the server stopped by itself"),
        result = tokio::signal::ctrl_c() => Ok(result?),
    }
}
