//! `sandbox zenvia`: the Zenvia simulator alone, until Ctrl-C.
//!
//! Must only translate switches into a configuration; what they mean is the simulator's business.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::zenvia::{ACCOUNT_IDS, AccountConfig, Assumptions, Config, FOREIGN_ACCOUNT_ID, Partner, Zenvia};

const AFTER_HELP: &str = "\
Starts with the accounts 4211 and 4212 of the partner (or those of --account) and 4999 of another partner, each with:
  licenses         5 (--licenses), written by the partner, shown by no API
  department       Atendimento (the first one); no agents
  account token    sandbox-only-account-token-ID   (query or body of /api/external and /core/api/v1)
  API token        sandbox-only-api-token-ID       (header X-API-TOKEN of /v2/subscriptions)
The partner token is sandbox-only-partner-token (query of reads, JSON body of writes).
These credentials are valid in this sandbox only.

All APIs are on one address, chosen by the path; the host names zchat.zenvia.io, api.zenvia.com and
partner.omnize.com in the Host header serve their own paths only:
  /partner/api/{accounts,agents,departments}   also /partner/ap\u{ed}, /api/partner, /api/v1
  /api/external/{agents,departments}, /core/api/v1/{agents/online,interactions}
  /v2/subscriptions   also /v1/subscriptions
A request with the header `X-Sandbox-Person: NAME` is a person at work: no token, no limits, no faults, any profile;
?account_id=ID names the account (the first one without it).

Control plane, below /_sandbox/:
  GET, DELETE ledger          every request as a JSON line (?after=N, ?writes=true), tokens as fingerprints
  GET, PUT, POST, DELETE faults   PUT {\"rules\":[…]}, POST one rule; POST release lets held requests go on
  GET, PUT clock              {\"freeze\":true} {\"advanceSeconds\":60} {\"speed\":10} {\"set\":\"2026-12-01T00:00:00Z\"}
  GET writes, writes/N        wait until write N is arrived, applied, held or answered (?stage=, ?timeoutSeconds=)
  GET state, secrets          the whole state with licenses and chat limits; tokens and passwords only in secrets
  GET, PUT assumptions        what no source settles; PUT the members to change
  POST accounts               {\"id\":…, \"name\":…, \"partner\":\"ours\"|\"another\", \"licenseQuantity\":…, \"webhookUrl\":…}
  PUT accounts/ID             {\"webhookUrl\":…, \"licenseQuantity\":…, \"active\":…, \"name\":…, \"partner\":…}
  PUT agents/ID               {\"profile\":…, \"active\":…, \"status\":\"ONLINE\", \"departmentIds\":[…], \"textLimit\":…, \"name\":…}
  POST deliveries             {\"account\":…, \"subscriptionId\":…, \"statusCode\":500, \"milliseconds\":20, \"count\":10}
                              (no statusCode, or 5000 ms: a timeout; over 1000 ms: a failure)
  PUT credentials             {\"partnerToken\":…} or {\"account\":…, \"accountToken\":…, \"apiTokens\":[…]}
The fault kind `vendor` takes {\"revokeTokens\":true} and {\"subscriptions\":\"DEGRADED\"|\"INACTIVE\"}.";

/// Run the Zenvia simulator.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    /// Address to listen on (loopback).
    #[arg(long, default_value = "127.0.0.1:4020")]
    pub listen: SocketAddr,
    /// File that keeps the state: loaded when present, saved after each effect.
    #[arg(long)]
    pub state: Option<PathBuf>,
    /// Id of an account of the partner; repeat for several. The first is the one where persons act.
    #[arg(long = "account", default_values_t = ACCOUNT_IDS)]
    pub accounts: Vec<u64>,
    /// Id of an account of another partner; repeat for several.
    #[arg(long = "foreign-account", default_values_t = [FOREIGN_ACCOUNT_ID])]
    pub foreign_accounts: Vec<u64>,
    /// Licenses of each account at the start.
    #[arg(long, default_value_t = 5)]
    pub licenses: u64,
    /// Webhook address in the settings of each account at the start.
    #[arg(long)]
    pub webhook_url: Option<String>,
    /// Position on something no source settles, such as ids=strings; repeat for several. All of them with their
    /// positions: GET /_sandbox/assumptions.
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
        let of = |partner: Partner| {
            move |id: &u64| AccountConfig {
                partner,
                license_quantity: Some(self.licenses),
                webhook_url: self.webhook_url.clone(),
                ..AccountConfig::new(*id)
            }
        };
        let both = self.accounts.iter().find(|id| self.foreign_accounts.contains(id));
        if let Some(id) = both {
            anyhow::bail!("--foreign-account {id}: an account has one partner; it is in --account too");
        }
        let ours = self.accounts.iter().map(of(Partner::Ours));
        let accounts = ours.chain(self.foreign_accounts.iter().map(of(Partner::Another))).collect();
        Ok(Config { accounts, assumptions, state: self.state.clone(), ..Config::default() })
    }
}

/// Serves until Ctrl-C. Errors when the address is not loopback or taken, or the state file is not readable.
pub async fn run(args: Args) -> anyhow::Result<()> {
    anyhow::ensure!(
        args.listen.ip().is_loopback(),
        "--listen must be a loopback address such as 127.0.0.1:4020"
    );
    let config = args.config()?;
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("cannot listen on {}", args.listen))?;
    let mut zenvia = Zenvia::start_on(listener, config)?;
    tracing::info!(address = %zenvia.address(), accounts = ?args.accounts, "the Zenvia simulator is ready");
    tokio::select! {
        () = zenvia.wait() => anyhow::bail!("the server stopped by itself"),
        result = tokio::signal::ctrl_c() => Ok(result?),
    }
}
