//! The reference adapter as a process of its own: the built `sandbox adapter`, to be killed, frozen and started again.
//!
//! Its ledger begins anew with every start; its desk is in a file, which outlives it. Must not: link the adapter.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use reqwest::Method;
use sandbox::process::{GuardedChild, Launch, OwnedFolder, Signal};
use sandbox::simulator::Rule;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use super::LIMIT;

static PROGRAM: OnceCell<PathBuf> = OnceCell::const_new();

/// Below the ports that the system gives out by itself, so that nobody takes the port of a killed adapter.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// A reference adapter; it ends with this value.
pub(crate) struct AdapterProcess {
    /// Where it listens, also after it was started again.
    pub(crate) address: SocketAddr,
    child: Option<GuardedChild>,
    folder: OwnedFolder,
    client: reqwest::Client,
}

impl AdapterProcess {
    /// Starts one with an empty desk.
    pub(crate) async fn start() -> Self {
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let folder = OwnedFolder::temporary("adapter").unwrap();
        let mut adapter = Self { address: free_address(), child: None, folder, client };
        adapter.start_again().await;
        adapter
    }

    /// Starts it with the desk that its file holds, and waits until it answers.
    pub(crate) async fn start_again(&mut self) {
        let program = PROGRAM.get_or_init(build).await;
        let launch = Launch::new(program, self.folder.path().join("adapter.log"))
            .args(["adapter", "--listen", &self.address.to_string(), "--state"])
            .arg(self.state_file());
        let mut child = GuardedChild::spawn(&launch).unwrap();
        let started = Instant::now();
        while self.client.get(self.url("_sandbox/writes")).send().await.is_err() {
            let ended = child.exit_status().unwrap();
            assert!(ended.is_none() && started.elapsed() < LIMIT, "{}", child.last_output(20));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.child = Some(child);
    }

    /// Kills it with -9.
    pub(crate) fn kill(&mut self) {
        self.child.take().unwrap().kill().unwrap();
    }

    /// Freezes it: connections are still taken, and nothing is answered.
    pub(crate) fn freeze(&mut self) {
        self.child.as_mut().unwrap().signal(Signal::Stop).unwrap();
    }

    /// Lets it go on.
    pub(crate) fn thaw(&mut self) {
        self.child.as_mut().unwrap().signal(Signal::Continue).unwrap();
    }

    /// Loses its desk while it is down, as a platform that is set up anew.
    pub(crate) fn lose_the_desk(&self) {
        assert!(self.child.is_none(), "a running adapter would save its desk again");
        std::fs::remove_file(self.state_file()).unwrap();
    }

    /// Everything that its file holds of one kind, such as `Agent`, by id; also while it is down.
    pub(crate) fn shelf(&self, kind: &str) -> serde_json::Map<String, Value> {
        let Ok(text) = std::fs::read_to_string(self.state_file()) else { return serde_json::Map::new() };
        let desk: Value = serde_json::from_str(&text).unwrap();
        desk["shelves"][kind].as_object().cloned().unwrap_or_default()
    }

    /// Everything that it holds, as a reading shows it.
    pub(crate) async fn state(&self) -> Value {
        self.ask(Method::GET, "_sandbox/state", Value::Null).await
    }

    /// How many changing requests came since it was started.
    pub(crate) async fn writes(&self) -> u64 {
        self.ask(Method::GET, "_sandbox/writes", Value::Null).await["writes"].as_u64().unwrap()
    }

    /// What goes wrong next.
    pub(crate) async fn set_faults(&self, rules: &[Rule]) {
        self.ask(Method::PUT, "_sandbox/faults", json!({ "rules": rules })).await;
    }

    /// Whether a changing request of this number since the start is held before the time is over.
    pub(crate) async fn is_held_within(&self, number: u64, limit: Duration) -> bool {
        let path = format!("_sandbox/writes/{number}?stage=held&timeoutSeconds={}", limit.as_secs());
        self.client.get(self.url(&path)).send().await.unwrap().status().is_success()
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let mut request = self.client.request(method, self.url(path));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    fn state_file(&self) -> PathBuf {
        self.folder.path().join("desk.json")
    }
}

fn free_address() -> SocketAddr {
    loop {
        let port = rand::random_range(PORTS);
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().unwrap();
        }
    }
}

/// The program that `cargo sandbox` runs: cargo builds it for tests of its own package only.
async fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = tokio::process::Command::new(cargo)
        .args(["build", "--workspace", "--bin", "sandbox", "--message-format=json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = String::from_utf8(built.stdout).unwrap();
    let messages = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut programs = messages.filter(|message| message["target"]["name"] == "sandbox");
    programs.find_map(|message| message["executable"].as_str().map(PathBuf::from)).unwrap()
}
