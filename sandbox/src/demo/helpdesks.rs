//! The one place that knows which helpdesks the demo starts.
//!
//! Must not: hold anything of the demo or of a simulator beyond the call that starts it and the questions it answers.

use super::{Helpdesk, Hint, Pace};
use crate::adapter::Adapter;
use crate::simulator::Ledger;
use crate::zendesk::{AccountConfig, Assumptions, Config, Plan, Zendesk};
use crate::zenvia::{self, Zenvia};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The Zendesk account that the examples name; the Zenvia account is the first one of its simulator.
const ACCOUNT: &str = "lojacentro";

/// Starts the simulated helpdesks on free ports of 127.0.0.1.
///
/// # Errors
/// When one cannot listen.
pub async fn start(pace: Pace) -> anyhow::Result<Vec<Box<dyn Helpdesk>>> {
    let simulator = Zendesk::start(zendesk_config(pace)).await?;
    let zenvia = Zenvia::start(zenvia::Config::default()).await?;
    let adapter = Adapter::start().await?;
    Ok(vec![
        Box::new(SimulatedZendesk { simulator }),
        Box::new(SimulatedZenvia { simulator: zenvia }),
        Box::new(ReferenceAdapter { adapter }),
    ])
}

/// In real time: the plan's rate limit, the sub-limits, and objects that are in lists two seconds after they were made.
fn zendesk_config(pace: Pace) -> Config {
    let account = AccountConfig { plan: Plan::Enterprise, ..AccountConfig::new(ACCOUNT) };
    let (account, assumptions) = match pace {
        Pace::RealTime => (
            account,
            Assumptions {
                list_delay_milliseconds: 2_000,
                search_delay_milliseconds: 60_000,
                ..Assumptions::default()
            },
        ),
        Pace::Fast => (
            AccountConfig { requests_per_minute: Some(1_000_000), ..account },
            Assumptions { job_queued_milliseconds: 0, job_working_milliseconds: 0, ..Assumptions::default() },
        ),
    };
    Config { accounts: vec![account], assumptions, ..Config::default() }
}

fn calls_in(ledger: &Ledger) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for entry in ledger.entries() {
        *calls.entry(entry.operation).or_default() += 1;
    }
    calls
}

struct SimulatedZendesk {
    simulator: Zendesk,
}

impl Helpdesk for SimulatedZendesk {
    fn name(&self) -> &str {
        "Zendesk"
    }

    fn address(&self) -> SocketAddr {
        self.simulator.address()
    }

    fn host_suffixes(&self) -> &'static [&'static str] {
        &["zendesk.com"]
    }

    fn calls(&self) -> BTreeMap<String, u64> {
        calls_in(self.simulator.ledger())
    }

    fn hints(&self) -> Vec<Hint> {
        let account = format!("http://{}/accounts/{ACCOUNT}/api/v2", self.address());
        let control = format!("http://{}/_sandbox", self.address());
        vec![
            Hint::new(
                "the departments, as the helpdesk has them",
                format!("curl -s -H 'X-Sandbox-Person: you' {account}/groups"),
            ),
            Hint::new(
                "delete one behind the operator's back (take an id from the list)",
                format!("curl -s -X DELETE -H 'X-Sandbox-Person: you' {account}/groups/ID"),
            ),
            Hint::new("what the operator wrote", format!("curl -s '{control}/ledger?writes=true'")),
        ]
    }
}

struct SimulatedZenvia {
    simulator: Zenvia,
}

impl Helpdesk for SimulatedZenvia {
    fn name(&self) -> &str {
        "Zenvia"
    }

    fn address(&self) -> SocketAddr {
        self.simulator.address()
    }

    fn host_suffixes(&self) -> &'static [&'static str] {
        &["zenvia.io", "zenvia.com"]
    }

    fn play(&self, step: &Value) {
        // The account's one webhook address is typed into Zenvia Chat's own settings; no interface writes it.
        if let (Some("SetWebhookAddress"), Some(address)) = (step["name"].as_str(), step["value"].as_str()) {
            self.simulator.set_webhook_address(zenvia::ACCOUNT_IDS[0], address);
        }
    }

    fn calls(&self) -> BTreeMap<String, u64> {
        calls_in(self.simulator.ledger())
    }

    fn hints(&self) -> Vec<Hint> {
        let account = zenvia::ACCOUNT_IDS[0];
        let partner = format!("http://{}/partner/api", self.address());
        vec![
            Hint::new(
                "the agents, as Zenvia has them",
                format!("curl -s -H 'X-Sandbox-Person: you' '{partner}/agents?account_id={account}'"),
            ),
            Hint::new(
                "demote an administrator behind the operator's back (take an id from the list)",
                format!(
                    "curl -s -X PUT -H 'X-Sandbox-Person: you' -d '{{\"profile\":\"AGENT\"}}' \
                     http://{}/_sandbox/agents/ID",
                    self.address()
                ),
            ),
        ]
    }
}

struct ReferenceAdapter {
    adapter: Adapter,
}

impl Helpdesk for ReferenceAdapter {
    fn name(&self) -> &str {
        "External"
    }

    fn address(&self) -> SocketAddr {
        self.adapter.address()
    }

    fn host_suffixes(&self) -> &'static [&'static str] {
        &["desk-adapter.loja-leste.example"]
    }

    fn calls(&self) -> BTreeMap<String, u64> {
        calls_in(self.adapter.ledger())
    }

    fn hints(&self) -> Vec<Hint> {
        let adapter = format!("http://{}", self.address());
        vec![
            Hint::new(
                "everything that the desk behind the adapter holds, with the operator's marks",
                format!("curl -s -H 'X-Sandbox-Person: you' {adapter}/objects"),
            ),
            Hint::new(
                "delete a route there behind the operator's back (take an id from the list)",
                format!(
                    "curl -s -H 'X-Sandbox-Person: you' {adapter}/changes -d '{{\"changes\":[{{\"idempotencyKey\":\
                     \"mine\",\"kind\":\"EventRoute\",\"action\":\"Delete\",\"id\":\"ID\"}}]}}'"
                ),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Arguments;
    use super::*;
    use clap::{Args as _, FromArgMatches as _};

    /// What the demo of this command line starts with.
    fn started_by(words: &[&str]) -> Config {
        let command = Arguments::augment_args(clap::Command::new("sandbox"));
        let matches = command.try_get_matches_from([&["sandbox"], words].concat()).unwrap();
        zendesk_config(Arguments::from_arg_matches(&matches).unwrap().pace())
    }

    #[tokio::test]
    async fn rate_limits_and_delayed_visibility_are_on_unless_fast() {
        let real = started_by(&["--exit-when-ready"]);
        assert!(real.assumptions.list_delay_milliseconds > 0);
        assert!(real.assumptions.search_delay_milliseconds > 0);
        assert!(real.assumptions.job_queued_milliseconds > 0);
        let state = Zendesk::start(real).await.unwrap().state()["accounts"][ACCOUNT].clone();
        assert_eq!(state["features"]["rateLimits"], true, "{state}");
        assert_eq!(state["requestsPerMinute"], Plan::Enterprise.requests_per_minute());

        let fast = started_by(&["--fast"]);
        assert_eq!(fast.assumptions.list_delay_milliseconds, 0);
        assert_eq!(fast.assumptions.search_delay_milliseconds, 0);
        let state = Zendesk::start(fast).await.unwrap().state()["accounts"][ACCOUNT].clone();
        assert!(state["requestsPerMinute"].as_u64() > Some(100_000), "{state}");
    }
}
