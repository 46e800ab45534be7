//! The demo around a stand-in for the operator: the test itself writes the status, under the operator's rights.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use kube::api::{Api, DynamicObject, Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use kube::{Client, Config};
use sandbox::demo::OPERATOR_USER;
use sandbox::process::OwnedFolder;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const STORE: &str = "
apiVersion: humansupport.dev/v1alpha1
kind: HumanSupportConfig
metadata: {name: loja-centro, namespace: store-loja-centro}
spec:
  accountRef: {kind: HelpdeskAccount, name: zendesk}
  store: lojacentro
  whatsapp: {phoneNumber: \"+551140028922\"}
  departments: [{name: support, displayName: Suporte}]
  defaultDepartment: support
  agents:
  - {name: ana, displayName: Ana Souza, email: ana@loja.example, profile: Agent, departments: [support]}
  conversationTag: vtex-chatbot
";

struct Stage {
    folder: OwnedFolder,
}

impl Stage {
    /// A store, and an operator that is a shell script.
    fn new(operator: &str) -> Self {
        let stage = Self { folder: OwnedFolder::temporary("demo").unwrap() };
        fs::create_dir(stage.path("examples")).unwrap();
        fs::write(stage.path("examples/store.yaml"), STORE).unwrap();
        fs::create_dir(stage.path("bin")).unwrap();
        fs::write(stage.path("bin/kubectl"), "").unwrap();
        fs::write(stage.path("operator"), format!("#!/bin/sh\n{operator}\n")).unwrap();
        fs::set_permissions(stage.path("operator"), fs::Permissions::from_mode(0o755)).unwrap();
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, timeout: &str) -> Child {
        self.run_with(&["--exit-when-ready", "--timeout", timeout])
    }

    fn run_with(&self, flags: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_sandbox"))
            .args(flags)
            .args(["--fast", "--operator"])
            .arg(self.path("operator"))
            .arg("--examples")
            .arg(self.path("examples"))
            .arg("--keep")
            .arg(self.path("kept"))
            // A kubectl of its own name, so that none is built and none of the machine is named.
            .env("PATH", format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// The stores, reached as the operator once the demo has started it.
    async fn stores(&self) -> Api<DynamicObject> {
        wait_for("the operator's start", || self.path("kept/operator.log").exists()).await;
        let file = OPERATOR_USER.replace(':', "-");
        let kubeconfig = Kubeconfig::read_from(self.path(&format!("kept/kubeconfig-{file}.yaml"))).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let kind = GroupVersionKind::gvk("humansupport.dev", "v1alpha1", "HumanSupportConfig");
        let resource = ApiResource::from_gvk_with_plural(&kind, "humansupportconfigs");
        Api::namespaced_with(Client::try_from(config).unwrap(), "store-loja-centro", &resource)
    }
}

async fn wait_for(what: &str, met: impl Fn() -> bool) {
    let started = Instant::now();
    while !met() {
        assert!(started.elapsed() < Duration::from_secs(120), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn write_status(stores: &Api<DynamicObject>, status: Value) {
    let patch = Patch::Merge(json!({"status": status}));
    stores.patch_status("loja-centro", &PatchParams::default(), &patch).await.unwrap();
}

fn status(generation: i64, live: &str, pending: Value) -> Value {
    let condition = |name: &str, value: &str, reason: &str| {
        json!({
            "type": name, "status": value, "reason": reason, "message": format!("{name} says {reason}"),
            "observedGeneration": generation, "lastTransitionTime": "2026-11-24T00:00:00Z",
        })
    };
    let live = condition("Live", live, if live == "True" { "Reconciled" } else { "StepsPending" });
    json!({
        "observedGeneration": generation, "pendingSteps": pending,
        "conditions": [condition("Ready", "True", "Reconciled"), live],
    })
}

async fn finished(child: Child) -> (i32, String) {
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let text = [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (status.code().unwrap(), text)
}

fn named(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn demo_ends_well_once_the_person_has_done_the_steps_and_the_store_is_live() {
    let stage = Stage::new("trap 'exit 0' TERM; echo \"$@\"; while :; do sleep 0.1; done");
    let child = stage.run("60");
    let stores = stage.stores().await;
    let step = json!({"name": "SetWebhookAddress", "value": "a", "blocksLive": true, "why": "w", "how": "h"});
    write_status(&stores, status(1, "False", json!([step]))).await;

    let started = Instant::now();
    let generation = loop {
        let store = stores.get("loja-centro").await.unwrap();
        if store.data["spec"]["completedSteps"] == json!([{"name": "SetWebhookAddress", "value": "a"}]) {
            let managers = store.metadata.managed_fields.unwrap();
            assert!(managers.iter().any(|entry| entry.manager.as_deref() == Some("sandbox-person")));
            break store.metadata.generation.unwrap();
        }
        assert!(started.elapsed() < Duration::from_secs(30), "the person did nothing");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let arguments = fs::read_to_string(stage.path("kept/operator.log")).unwrap();
    let helpdesk = arguments.split(" zendesk.com=").nth(1).unwrap().split_whitespace().next().unwrap();
    // Only the first call can install it, the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let person = reqwest::Client::builder().no_proxy().build().unwrap();
    for path in ["groups", "groups", "users"] {
        let url = format!("http://{helpdesk}/accounts/lojacentro/api/v2/{path}");
        let request = person.get(url).header("x-sandbox-person", "Marta");
        request.send().await.unwrap().error_for_status().unwrap();
    }
    write_status(&stores, status(generation, "True", json!([]))).await;

    let (code, text) = finished(child).await;
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("1 of 1 stores ready and live after"), "{text}");
    assert!(text.contains("Kubernetes writes of the operator: 2"), "{text}");
    assert!(text.contains("2  patch humansupportconfigs/status"), "{text}");
    let calls = "provider calls to Zendesk: 3\n       2  GET /groups\n       1  GET /users\n\
        provider calls to Zenvia: 0\nprovider calls to External: 0\n";
    assert!(text.contains(calls), "{text}");
    assert!(arguments.starts_with("run --health-address 127.0.0.1:0 --kubeconfig "), "{arguments}");
    assert!(arguments.contains(" --loopback-endpoint zendesk.com=127.0.0.1:"), "{arguments}");
}

#[tokio::test]
async fn demo_that_goes_on_says_where_things_are_and_what_to_try() {
    let stage = Stage::new("trap 'exit 0' TERM; while :; do sleep 0.1; done");
    let mut child = stage.run_with(&[]);
    let output = child.stdout.take().unwrap();
    // The hints end with an empty line, behind the last hint of the last helpdesk.
    let text = tokio::task::spawn_blocking(move || {
        let mut text = String::new();
        let mut lines = BufReader::new(output);
        while !text.ends_with("\n\n") || !text.contains("delete a route there") {
            assert!(lines.read_line(&mut text).unwrap() > 0, "it ended:\n{text}");
        }
        text
    })
    .await
    .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();

    let kubeconfig = named(&stage.path("kept/kubeconfig-admin.yaml"));
    let kubectl = named(&stage.path("bin/kubectl"));
    for line in [
        format!("kubeconfig  {kubeconfig}"),
        format!("kubectl     {kubectl}"),
        format!("logs        {}", named(&stage.path("kept"))),
        format!("  export KUBECONFIG={kubeconfig}"),
        format!("  {kubectl} -n store-loja-centro get hsc loja-centro -o wide"),
        format!("  {kubectl} -n store-loja-centro explain hsc.spec"),
        "  # suspend it: nothing is written any more".to_owned(),
        "  # delete one behind the operator's back (take an id from the list)".to_owned(),
    ] {
        assert!(text.lines().any(|said| said == line), "no {line:?} in\n{text}");
    }
    let said = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    for helpdesk in ["Zendesk", "Zenvia", "External"] {
        let address = said(helpdesk);
        assert!(address.starts_with("http://127.0.0.1:"), "{helpdesk}: {address}");
        let used = text.lines().any(|line| line.starts_with("  curl -s ") && line.contains(&address));
        assert!(used, "no command for {helpdesk} at {address} in\n{text}");
    }
    assert!(Path::new(&kubeconfig).exists());
}

#[tokio::test]
async fn demo_says_what_is_not_ready_at_the_timeout() {
    let stage = Stage::new("exec sleep 100");
    let child = stage.run("3");
    let stores = stage.stores().await;
    write_status(&stores, status(1, "False", json!([]))).await;
    let (code, text) = finished(child).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("0 of 1 stores ready and live after"), "{text}");
    let line = "not ready: store-loja-centro/loja-centro: StepsPending. Live says StepsPending";
    assert!(text.contains(line), "{text}");
}

#[tokio::test]
async fn operator_that_ends_is_told_with_its_last_words() {
    let stage = Stage::new("echo 'no such flag' >&2; exit 2");
    let (code, text) = finished(stage.run("60")).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the operator ended with exit status: 2; it says:\nno such flag"), "{text}");
}

#[tokio::test]
async fn nothing_is_left_after_the_demo_is_killed() {
    let stage = Stage::new("while :; do sleep 0.1; done");
    let mut child = stage.run("60");
    stage.stores().await;
    let kept = named(&stage.path("kept"));
    let running = processes_of(&kept);
    for program in ["/etcd ", "/kube-apiserver ", "/operator run "] {
        assert!(running.iter().any(|process| process.contains(program)), "no {program} in {running:?}");
    }
    child.kill().unwrap(); // SIGKILL: no destructor runs
    child.wait().unwrap();
    wait_for("the end of every process", || processes_of(&kept).is_empty()).await;
    assert!(stage.path("kept/kubeconfig-admin.yaml").exists());
}

#[tokio::test]
async fn missing_operator_and_unfilled_placeholder_are_named() {
    let stage = Stage::new("exec sleep 100");
    fs::write(stage.path("examples/store.yaml"), STORE.replace("lojacentro\n", "\"${STORE}\"\n")).unwrap();
    let (code, text) = finished(stage.run("60")).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("store.yaml: nothing fills ${STORE}"), "{text}");

    fs::remove_file(stage.path("operator")).unwrap();
    let (code, text) = finished(stage.run("60")).await;
    assert_eq!(code, 1, "{text}");
    assert!(text.contains(&format!("no operator at {}", named(&stage.path("operator")))), "{text}");
}

/// The command lines that name the folder, of processes that have not ended.
fn processes_of(folder: &str) -> Vec<String> {
    let listed = Command::new("ps").args(["-ww", "-e", "-o", "stat=,args="]).output().unwrap();
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|line| line.contains(folder) && !line.starts_with('Z'))
        .map(str::to_owned)
        .collect()
}
