//! The operator as a process: the built binary with its flags, to be killed, frozen and started again.
//!
//! Must not: link the operator.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sandbox::process::{GuardedChild, Launch, Signal};
use serde_json::Value;

/// How long the process may take to serve its health address.
const START_LIMIT: Duration = Duration::from_secs(30);

/// The flags of one operator process.
#[derive(Clone, Debug)]
pub(crate) struct Flags {
    /// The kubeconfig file.
    pub(crate) kubeconfig: PathBuf,
    /// Its own namespace: it keeps its lease there, and reads the Secrets of cluster accounts there.
    pub(crate) namespace: String,
    /// Whether it watches that namespace alone.
    pub(crate) watches: Watches,
    /// Its name towards helpdesks.
    pub(crate) installation: String,
    /// The cluster's identity.
    pub(crate) cluster_id: String,
    /// Where `zendesk.com` is served.
    pub(crate) helpdesk: SocketAddr,
    /// The log filter.
    pub(crate) log: String,
    /// How many seconds a deletion waits for a helpdesk that cannot be reached.
    pub(crate) deletion_timeout: u32,
    /// Flags beside these; `--no-leader-election` unless a test takes it out.
    pub(crate) extra: Vec<String>,
}

/// What an operator watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watches {
    /// Its own namespace: other tests have theirs on the same API server.
    ItsNamespace,
    /// Everything: only on an API server that no other test uses.
    Everything,
}

impl Flags {
    /// Adds flags.
    #[must_use]
    pub(crate) fn with(mut self, flags: &[&str]) -> Self {
        self.extra.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    /// The built binary with these flags.
    pub(crate) fn launch(&self, log: &Path) -> Launch {
        Launch::new(env!("CARGO_BIN_EXE_humansupport"), log).args(self.arguments())
    }

    pub(crate) fn arguments(&self) -> Vec<String> {
        let endpoint = format!("zendesk.com={}", self.helpdesk);
        let mut arguments: Vec<String> = [
            "run",
            "--kubeconfig",
            &self.kubeconfig.display().to_string(),
            "--operator-namespace",
            &self.namespace,
            "--installation",
            &self.installation,
            "--cluster-id",
            &self.cluster_id,
            "--loopback-endpoint",
            &endpoint,
            "--health-address",
            "127.0.0.1:0",
            "--settle-seconds",
            "1",
            "--deletion-timeout",
            &self.deletion_timeout.to_string(),
            "--token-check-seconds",
            "2",
            "--log-format",
            "json",
            "--log",
            &self.log,
        ]
        .map(str::to_owned)
        .into();
        if self.watches == Watches::ItsNamespace {
            arguments.extend(["--namespace".to_owned(), self.namespace.clone()]);
        }
        arguments.extend(self.extra.iter().cloned());
        arguments
    }
}

/// A running operator; it ends with this value.
pub(crate) struct Operator {
    child: GuardedChild,
    log: PathBuf,
    /// Where `/livez`, `/readyz` and `/metrics` are served.
    pub(crate) health: SocketAddr,
}

impl Operator {
    /// Starts the built binary and waits until it serves its health address.
    pub(crate) async fn start(flags: &Flags, log: &Path) -> Self {
        Self::launch(&flags.launch(log)).await
    }

    /// Starts an operator and waits until it serves its health address; it has to log JSON.
    pub(crate) async fn launch(launch: &Launch) -> Self {
        let log = launch.log();
        let _ = std::fs::remove_file(log);
        let mut child = GuardedChild::spawn(launch).unwrap();
        let started = Instant::now();
        let health = loop {
            if let Some(address) = lines_of(log).iter().find_map(served_address) {
                break address;
            }
            if let Some(status) = child.exit_status().unwrap() {
                panic!("the operator ended with {status}:\n{}", child.last_output(20));
            }
            assert!(started.elapsed() < START_LIMIT, "no health address:\n{}", child.last_output(20));
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        Self { child, log: log.to_path_buf(), health }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it with -9.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// Freezes it.
    pub(crate) fn freeze(&mut self) {
        self.child.signal(Signal::Stop).unwrap();
    }

    /// Lets it go on.
    pub(crate) fn thaw(&mut self) {
        self.child.signal(Signal::Continue).unwrap();
    }

    /// Asks it to end, and gives the exit code.
    pub(crate) async fn stop(&mut self) -> Option<i32> {
        self.stop_within(Duration::from_secs(10)).await
    }

    /// Asks it to end within a time; without an exit code it had to be killed.
    pub(crate) async fn stop_within(&mut self, limit: Duration) -> Option<i32> {
        self.child.stop(limit).await.unwrap().code()
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.exit_status().unwrap().is_some()
    }

    /// Everything it logged.
    pub(crate) fn log_text(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// How many different stores have had a round.
    pub(crate) fn stores_with_a_finished_round(&self) -> usize {
        let lines = lines_of(&self.log);
        let finished = lines.iter().filter(|line| line["message"] == "round finished");
        finished.map(|line| line["store"].to_string()).collect::<BTreeSet<_>>().len()
    }

    /// How many external writes it logged: one line of JSON each.
    pub(crate) fn external_writes(&self) -> usize {
        lines_of(&self.log).iter().filter(|line| line["message"] == "external write").count()
    }

    /// When rounds of a store ended, by its name.
    pub(crate) fn rounds(&self, store: &str) -> Vec<jiff::Timestamp> {
        let ended = |line: &Value| {
            let of_store = line["store"].as_str().is_some_and(|name| name.ends_with(&format!("/{store}")));
            (line["message"] == "round finished" && of_store)
                .then(|| line["timestamp"].as_str().unwrap().parse().unwrap())
        };
        lines_of(&self.log).iter().filter_map(ended).collect()
    }

    /// How many rounds it has ended, by its own metrics.
    #[allow(dead_code, reason = "of the benchmark of memory")]
    pub(crate) async fn rounds_by_its_metrics(&self) -> usize {
        let answer = reqwest::get(format!("http://{}/metrics", self.health)).await.unwrap();
        let text = answer.text().await.unwrap();
        let counts = text.lines().filter(|line| line.starts_with("humansupport_reconciles_total{"));
        counts.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum()
    }

    /// The last lines of its log.
    pub(crate) fn log_tail(&self, lines: usize) -> String {
        self.child.last_output(lines)
    }
}

fn lines_of(log: &Path) -> Vec<Value> {
    let text = std::fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn served_address(line: &Value) -> Option<SocketAddr> {
    line["message"].as_str()?.starts_with("serving /livez").then_some(())?;
    line["address"].as_str()?.parse().ok()
}
