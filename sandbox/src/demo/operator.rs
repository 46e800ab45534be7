//! The operator as a process: where its program comes from, its flags, its rights.
//!
//! Why it exists: the demo runs what people install, under the rights that people grant. Must not: link the
//! operator.

use super::Helpdesk;
use crate::control_plane::{ControlPlane, workspace};
use crate::process::{GuardedChild, Launch, OwnedFolder};
use anyhow::{Context, ensure};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The user that the operator is to the API server.
pub const OPERATOR_USER: &str = "system:serviceaccount:humansupport-system:humansupport";

/// The operator's namespace, which holds its lease.
pub(super) const OPERATOR_NAMESPACE: &str = "humansupport-system";

/// The operator's rights, as manifests.
pub(super) const RIGHTS: &str = include_str!("rights.yaml");

/// Every flag the demo gives to the operator.
fn arguments(kubeconfig: &Path, helpdesks: &[Box<dyn Helpdesk>]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> =
        ["run", "--health-address", "127.0.0.1:0", "--kubeconfig"].map(OsString::from).into();
    arguments.push(kubeconfig.into());
    for helpdesk in helpdesks {
        for suffix in helpdesk.host_suffixes() {
            arguments.push("--loopback-endpoint".into());
            arguments.push(format!("{suffix}={}", helpdesk.address()).into());
        }
    }
    arguments
}

/// The program that was named, or the one that cargo builds from this repository.
pub(super) async fn provide(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(program) = named {
        ensure!(
            program.is_file(),
            "no operator at {}: name a file, or leave --operator out",
            program.display()
        );
        return std::path::absolute(program).context("the operator's path cannot be completed");
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let folder = OwnedFolder::temporary("sandbox-build").context("no temporary folder")?;
    let messages = folder.path().join("messages");
    let build = Launch::new(&cargo, &messages)
        // With the features of the whole workspace, so that the tests find their dependencies built.
        .args(["build", "--workspace", "--bin", "humansupport"])
        .args(["--message-format=json-render-diagnostics", "--manifest-path"])
        .arg(workspace().join("Cargo.toml"))
        .visible_errors();
    let mut build = GuardedChild::spawn(&build).context("cargo cannot be started")?;
    let status = build.wait(Duration::MAX).await?;
    ensure!(
        status.is_some_and(|status| status.success()),
        "the operator does not build, see above; --operator FILE runs a built one"
    );
    built(&std::fs::read(messages)?).context("cargo built no humansupport; --operator FILE runs a built one")
}

/// The program in cargo's messages, one JSON object a line.
fn built(messages: &[u8]) -> Option<PathBuf> {
    String::from_utf8_lossy(messages)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| {
            message["reason"] == "compiler-artifact" && message["target"]["name"] == "humansupport"
        })
        .find_map(|message| Some(PathBuf::from(message["executable"].as_str()?)))
}

/// Starts it against the control plane; its output goes to `operator.log`.
pub(super) fn start(
    program: &Path,
    plane: &ControlPlane,
    helpdesks: &[Box<dyn Helpdesk>],
) -> anyhow::Result<GuardedChild> {
    let kubeconfig = plane.kubeconfig(OPERATOR_USER)?;
    let launch = Launch::new(program, plane.folder().join("operator.log"))
        .args(arguments(&kubeconfig, helpdesks))
        .env("POD_NAMESPACE", OPERATOR_NAMESPACE);
    GuardedChild::spawn(&launch).context("the operator cannot be started")
}

#[cfg(test)]
mod tests {
    use super::built;
    use std::path::PathBuf;

    #[test]
    fn program_is_read_from_cargos_messages() {
        let messages = br#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"humansupport"},"executable":"/t/debug/humansupport"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(built(messages), Some(PathBuf::from("/t/debug/humansupport")));
        assert_eq!(built(b"{\"reason\":\"build-finished\"}"), None);
    }
}
