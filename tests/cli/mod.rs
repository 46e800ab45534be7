//! Runs the built binary, on files or against the control plane that the tests of a binary share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "each test file uses a part of it; it is test code throughout"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use human_support_operator::api::HumanSupportConfig;
use kube::api::{Api, Patch, PatchParams, PostParams};
use kube::{Client, ResourceExt};
use sandbox::control_plane::{self, ControlPlane};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::OnceCell;

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn last_line(&self) -> &str {
        self.out.trim_end().lines().last().unwrap_or_default()
    }

    /// The one sentence of a failure: exit code 1, nothing on standard output, no backtrace.
    pub(crate) fn failure(&self) -> &str {
        assert_eq!((self.code, self.out.as_str()), (1, ""), "{self:?}");
        let sentence = self.err.trim_end();
        assert!(sentence.starts_with("humansupport: ") && !sentence.contains('\n'), "{self:?}");
        assert!(!sentence.contains("panicked"), "{self:?}");
        sentence
    }
}

pub(crate) fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_humansupport"))
}

pub(crate) fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    for variable in ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "NO_COLOR", "RUST_BACKTRACE"] {
        command.env_remove(variable);
    }
    command.env("HOME", "/nonexistent").args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

pub(crate) async fn finish(mut command: Command) -> Ran {
    let output = command.output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

pub(crate) async fn run(arguments: &[&str]) -> Ran {
    finish(command(binary(), arguments)).await
}

pub(crate) async fn run_with_input(arguments: &[&str], input: &str) -> Ran {
    let mut command = command(binary(), arguments);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).await.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

static INSTALLED: OnceCell<()> = OnceCell::const_new();

/// A namespace of the shared control plane.
pub(crate) struct Stage {
    pub(crate) plane: &'static ControlPlane,
    pub(crate) client: Client,
    pub(crate) namespace: String,
    kubeconfig: PathBuf,
}

impl Stage {
    pub(crate) async fn new(namespace: &str) -> Self {
        Self::of_user(namespace, control_plane::ADMIN).await
    }

    pub(crate) async fn of_user(namespace: &str, user: &str) -> Self {
        let plane = control_plane::shared().await.unwrap();
        let client = plane.client().await.unwrap();
        let crds = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds");
        INSTALLED
            .get_or_init(|| async {
                control_plane::install_crds(&client, &crds).await.unwrap();
            })
            .await;
        let body = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        let body = serde_json::from_value(body).unwrap();
        control_plane::apply(&client, &body, "test").await.unwrap();
        Self { plane, client, namespace: namespace.to_owned(), kubeconfig: plane.kubeconfig(user).unwrap() }
    }

    pub(crate) fn stores(&self) -> Api<HumanSupportConfig> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(binary(), arguments);
        command.arg("--kubeconfig").arg(&self.kubeconfig);
        if !arguments.contains(&"-A") {
            command.args(["--namespace", &self.namespace]);
        }
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        finish(self.command(arguments)).await
    }

    /// Creates a store whose spec differs from the usual one by `changes`.
    pub(crate) async fn create(&self, name: &str, changes: Value) -> HumanSupportConfig {
        let mut spec = json!({
            "accountRef": {"kind": "HelpdeskAccount", "name": "zendesk"},
            "store": "lojacentro",
            "whatsapp": {"phoneNumber": "+551140028922"},
        });
        for (field, value) in changes.as_object().unwrap() {
            spec[field] = value.clone();
        }
        let store = json!({
            "apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
            "metadata": {"name": name, "namespace": self.namespace}, "spec": spec,
        });
        let parameters = PostParams { field_manager: Some("test".into()), ..PostParams::default() };
        self.stores().create(&parameters, &serde_json::from_value(store).unwrap()).await.unwrap()
    }

    /// Writes a status as the operator would: `changes` over a ready store of the present generation.
    pub(crate) async fn report(&self, name: &str, changes: Value) -> HumanSupportConfig {
        let generation = self.stores().get(name).await.unwrap().metadata.generation.unwrap();
        let mut status = json!({
            "observedGeneration": generation,
            "conditions": [
                condition("Ready", "True", ("Reconciled", "the helpdesk is as declared"), generation),
                condition("Live", "True", ("Reachable", "yes: a customer reaches one"), generation),
            ],
            "platform": "Zendesk",
            "summary": {"agents": "2/2", "licenses": "2/12", "departments": "1/1", "webhooks": "1/1", "pending": 0},
        });
        for (field, value) in changes.as_object().unwrap() {
            status[field] = value.clone();
        }
        let patch = json!({"status": status});
        let parameters = PatchParams { field_manager: Some("operator".into()), ..PatchParams::default() };
        self.stores().patch_status(name, &parameters, &Patch::Merge(&patch)).await.unwrap()
    }

    /// Waits until the store passes, as the operator's watch would.
    pub(crate) async fn until(
        &self,
        name: &str,
        passes: impl Fn(&HumanSupportConfig) -> bool,
    ) -> HumanSupportConfig {
        for _ in 0..300 {
            let store = self.stores().get(name).await.unwrap();
            if passes(&store) {
                return store;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{name} never became as it should");
    }
}

pub(crate) fn condition(
    type_: &str,
    status: &str,
    (reason, message): (&str, &str),
    generation: i64,
) -> Value {
    json!({
        "type": type_, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-11-24T06:00:00Z", "observedGeneration": generation,
    })
}

pub(crate) fn annotation<'a>(store: &'a HumanSupportConfig, name: &str) -> Option<&'a str> {
    store.annotations().get(name).map(String::as_str)
}
