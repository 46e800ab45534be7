//! The verb `plan` as a process, and what it printed.
//!
//! Must not: link the operator.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::World;

/// What a run of the binary left.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit code.
    pub(crate) code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Ran {
    /// The answer for programs.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The plan of the one store.
    pub(crate) fn plan(&self) -> Value {
        let answer = self.json();
        assert!(answer["stores"][0]["plan"].is_object() && answer["stores"][1].is_null(), "{self:?}");
        answer["stores"][0]["plan"].clone()
    }

    /// The changes it printed, such as `update Agent/ana`, in order, with the fields in brackets.
    pub(crate) fn steps(&self) -> Vec<String> {
        lines(&self.plan()["steps"])
    }

    /// The changes that wait.
    pub(crate) fn held(&self) -> Vec<String> {
        lines(&self.plan()["held"])
    }

    /// How many changes of each action and kind it printed.
    pub(crate) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for step in self.plan()["steps"].as_array().unwrap() {
            let key = format!("{} {}", word(&step["action"]), word(&step["kind"]));
            *counts.entry(key).or_insert(0) += 1;
        }
        counts
    }
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn lines(steps: &Value) -> Vec<String> {
    let line = |step: &Value| {
        let fields: Vec<&str> = step["fields"].as_array().unwrap().iter().map(word).collect();
        let line = format!("{} {}/{}", word(&step["action"]), word(&step["kind"]), word(&step["name"]));
        if fields.is_empty() { line } else { format!("{line} [{}]", fields.join(", ")) }
    };
    steps.as_array().unwrap().iter().map(line).collect()
}

impl World {
    /// Runs the binary as a person of this cluster would.
    pub(crate) async fn humansupport(&self, arguments: &[&str]) -> Ran {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_humansupport"));
        for variable in ["KUBECONFIG", "KUBERNETES_SERVICE_HOST", "RUST_BACKTRACE"] {
            command.env_remove(variable);
        }
        command.env("HOME", "/nonexistent").stdin(std::process::Stdio::null()).kill_on_drop(true);
        let output = command.args(arguments).output().await.unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// `plan` against the cluster, with the operator's own identity.
    pub(crate) async fn plan(&self, arguments: &[&str]) -> Ran {
        self.verb("plan", arguments).await
    }

    /// A verb that reads cluster and helpdesk, with the operator's own identity. An API server that is still taking new
    /// definitions in is asked again.
    pub(crate) async fn verb(&self, verb: &str, arguments: &[&str]) -> Ran {
        for _ in 0..20 {
            let ran = self.verb_once(verb, arguments).await;
            if !ran.err.contains("storage is (re)initializing") {
                return ran;
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
        self.verb_once(verb, arguments).await
    }

    async fn verb_once(&self, verb: &str, arguments: &[&str]) -> Ran {
        let kubeconfig = self.cluster.admin_kubeconfig.display().to_string();
        let endpoint = format!("zendesk.com={}", self.desk.zendesk.address());
        let flags = [
            verb,
            "--kubeconfig",
            &kubeconfig,
            "--namespace",
            &self.namespace,
            "--operator-namespace",
            &self.namespace,
            "--watch-namespace",
            &self.namespace,
            "--installation",
            &self.flags.installation,
            "--cluster-id",
            &self.flags.cluster_id,
            "--loopback-endpoint",
            &endpoint,
        ];
        self.humansupport(&[&flags[..], arguments].concat()).await
    }

    /// Writes a file of this test.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}
