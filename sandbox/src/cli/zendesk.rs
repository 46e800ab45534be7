//! `sandbox zendesk`: the Zendesk simulator alone, until Ctrl-C.
//!
//! Must only translate switches into a configuration; what they mean is the simulator's business.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::zendesk::{AccountConfig, Assumptions, Config, Plan, Zendesk};

const AFTER_HELP: &str = "\
Starts with the account `lojacentro` (or those of --account), each with:
  owner            owner@ACCOUNT.example (cannot be edited through the API)
  administrator    integration@ACCOUNT.example (the OAuth client acts as this user)
  OAuth client     id sandbox-operator, secret sandbox-only-client-secret
  API token        integration@ACCOUNT.example/token:sandbox-only-api-token
  group            Support (the default group)
  category         Notifications, with one of the vendor's triggers
These credentials are valid in this sandbox only.

An account is reached by its host name in the Host header (lojacentro.zendesk.com), or by the prefix
/accounts/lojacentro before /api/v2/… and /oauth/tokens; a request without either reaches the first account.
A request with the header `X-Sandbox-Person: NAME` is a person at work: no credentials, no limits, no faults.

Control plane, below /_sandbox/:
  GET, DELETE ledger          every request as a JSON line (?after=N, ?writes=true)
  GET, PUT, POST, DELETE faults   PUT {\"rules\":[…]}, POST one rule; POST release lets held requests go on
  GET, PUT clock              {\"freeze\":true} {\"advanceSeconds\":60} {\"speed\":10} {\"set\":\"2026-12-01T00:00:00Z\"}
  GET writes, writes/N        wait until write N is arrived, applied, held or answered (?stage=, ?timeoutSeconds=)
  GET state, secrets          the whole state; webhook tokens and other credentials only in secrets
  GET, PUT assumptions        what no source settles; PUT the members to change
  POST accounts               {\"subdomain\":…, \"plan\":…, \"seats\":…}
  PUT accounts/NAME           {\"plan\":…, \"seats\":…, \"requestsPerMinute\":…, \"features\":{\"bulkUsers\":true}}
  POST tickets, deliveries    {\"account\":…, \"assignee_id\":…}; {\"account\":…, \"webhookId\":…, \"statusCode\":500, \"count\":10}
  POST revoke, PUT credentials    revoke all access tokens; rotate the client secret or the API tokens";

/// Run the Zendesk simulator.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Address to listen on (loopback).
    #[arg(long, default_value = "127.0.0.1:4010")]
    pub listen: SocketAddr,
    /// File that keeps the state: loaded when present, saved after each effect.
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// Account to start with; repeat for several. The first is the default one.
    #[arg(long = "account", default_value = "lojacentro")]
    pub accounts: Vec<String>,
    /// Plan of the accounts: decides rate limit, schedules, custom roles.
    #[arg(long, value_enum, default_value_t = Plan::Enterprise)]
    pub plan: Plan,
    /// Requests a minute for each account, in place of the plan's.
    #[arg(long)]
    pub requests_per_minute: Option<u32>,
    /// Seats of each account; without it they never run out.
    #[arg(long)]
    pub seats: Option<usize>,
    /// Position on something no source settles, such as webhookInUse=deleted; repeat for several. All of them with
    /// their positions: GET /_sandbox/assumptions.
    #[arg(long = "assume", value_name = "KEY=VALUE")]
    pub assumptions: Vec<String>,
}

impl Args {
    /// The configuration that these switches describe. Errors name the switch that is wrong.
    pub fn config(&self) -> anyhow::Result<Config> {
        let mut assumptions = Assumptions::default();
        for text in &self.assumptions {
            assumptions = assumptions.with(text).map_err(anyhow::Error::msg).context("--assume")?;
        }
        let account = |name: &String| AccountConfig {
            plan: self.plan,
            requests_per_minute: self.requests_per_minute,
            seats: self.seats,
            ..AccountConfig::new(name)
        };
        let accounts = self.accounts.iter().map(account).collect();
        Ok(Config { accounts, assumptions, state: self.state.clone() })
    }
}

/// Serves until Ctrl-C. Errors when the address is not loopback or taken, or the state file is not readable.
pub async fn run(args: Args) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.listen.ip().is_loopback(),
        "--listen must be a loopback address such as 127.0.0.1:4010"
    );
    let config = args.config()?;
    let names = args.accounts.join(", ");
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let mut zendesk = Zendesk::start_on(listener, config)?;
    tracing::info!(address = %zendesk.address(), accounts = %names, "the Zendesk simulator is ready");
    tokio::select! {
        () = zendesk.wait() => anyhow::bail!("the server stopped by itself"),
        result = tokio::signal::ctrl_c() => Ok(result?),
    }
}
