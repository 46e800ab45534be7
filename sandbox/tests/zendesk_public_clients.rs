//! Two public client libraries against the simulator, unmodified but for the URL: zenpy (PyPI) and node-zendesk (npm).
//!
//! The pinned versions of `sandbox/clients/` are installed once under the target folder. Where python3 or node is
//! missing the tests fail and say what to install: nothing is skipped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "it is test code throughout")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use sandbox::zendesk::API_TOKEN;
use serde_json::{Value, json};
use support::Desk;

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Runs a command to its end; the sentence says what to do when it cannot run or fails.
fn run(command: &mut Command, sentence: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{sentence} ({error})"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{sentence}\n{out}{err}");
    out.into_owned()
}

/// A folder below the target folder with what a lock file names; made anew when the lock file changes.
fn installed(name: &str, lock: &Path, install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("zendesk-clients").join(name);
    let wanted = std::fs::read(lock).unwrap();
    let marker = folder.join("installed");
    if std::fs::read(&marker).is_ok_and(|found| found == wanted) {
        return folder;
    }
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    install(&folder);
    std::fs::write(marker, wanted).unwrap();
    folder
}

fn python() -> PathBuf {
    let requirements = clients().join("requirements.txt");
    let folder = installed("python", &requirements, |folder| {
        let sentence = "This test needs python3 with the module venv (Debian: apt-get install python3-venv).";
        run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")), sentence);
        let pip = folder.join("venv/bin/pip");
        let sentence =
            "pip could not install the pinned client; this test needs a Python package index once.";
        run(Command::new(pip).args(["install", "--quiet", "--no-deps", "-r"]).arg(&requirements), sentence);
    });
    folder.join("venv/bin/python")
}

fn node_modules() -> PathBuf {
    let lock = clients().join("package-lock.json");
    let folder = installed("node", &lock, |folder| {
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(clients().join(file), folder.join(file)).unwrap();
        }
        let sentence = "This test needs node 18 or newer with npm, and an npm registry once (Debian: apt-get install npm).";
        run(Command::new("npm").args(["ci", "--silent", "--ignore-scripts"]).current_dir(folder), sentence);
    });
    folder.join("node_modules")
}

/// What both scripts print: the ids of what they made, checked against the simulator's own state.
fn check(desk: &Desk, printed: &str, token: &str) {
    let made: Value =
        serde_json::from_str(printed.trim()).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let id = |key: &str| made[key].as_str().map_or_else(|| made[key].to_string(), str::to_owned);
    let agent = desk.stored("users", &id("agent"));
    assert_eq!(agent["role"], "agent");
    let membership = desk.stored("group_memberships", &id("membership"));
    assert_eq!((&membership["user_id"], &membership["group_id"]), (&made["agent"], &made["group"]));
    let webhook = desk.stored("webhooks", &id("webhook"));
    assert_eq!(webhook["status"], "active");
    assert_eq!(desk.zendesk.secrets()["accounts"]["lojacentro"]["webhooks"][id("webhook")]["token"], token);
    let trigger = desk.stored("triggers", &id("trigger"));
    assert_eq!(trigger["actions"][0]["value"][0], made["webhook"]);
    assert_eq!(desk.stored("ticket_fields", &id("field"))["title"], "WhatsApp");
    assert_eq!(desk.stored("users", &id("leaver"))["active"], false);
    let strange: Vec<_> = desk
        .zendesk
        .ledger()
        .entries()
        .into_iter()
        .filter(|one| one.status.is_some_and(|status| status >= 500))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

async fn scripted(command: Command, sentence: &'static str) -> String {
    let mut command = command;
    tokio::task::spawn_blocking(move || run(&mut command, sentence)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn zenpy_works_with_only_its_address_changed() {
    let desk = Desk::unlimited().await;
    let python = tokio::task::spawn_blocking(python).await.unwrap();
    let mut command = Command::new(python);
    command
        .arg(clients().join("zenpy_client.py"))
        .env("ZENPY_FORCE_SCHEME", "http")
        .env("ZENPY_FORCE_NETLOC", desk.zendesk.address().to_string())
        .env("CLIENT_EMAIL", "integration@lojacentro.example")
        .env("CLIENT_API_TOKEN", API_TOKEN)
        .env("NO_PROXY", "*");
    let printed = scripted(command, "the zenpy script failed").await;
    check(&desk, &printed, "zenpy-token");
    let state = desk.account_state();
    let webhook = &state["webhooks"][0];
    assert_eq!(webhook["description"], "kept by zenpy");
    let group =
        state["groups"].as_array().unwrap().iter().find(|one| one["name"] == "Vendas").unwrap().clone();
    assert_eq!(group["description"], json!("Vendas e orçamentos"));
}

#[tokio::test(flavor = "multi_thread")]
async fn node_zendesk_works_with_only_its_address_changed() {
    let desk = Desk::unlimited().await;
    let modules = tokio::task::spawn_blocking(node_modules).await.unwrap();
    let mut command = Command::new("node");
    command
        .arg(clients().join("node_zendesk_client.js"))
        .env("NODE_PATH", modules)
        .env("CLIENT_URL", format!("{}/api/v2", desk.zendesk.account_url("lojacentro")))
        .env("CLIENT_EMAIL", "integration@lojacentro.example")
        .env("CLIENT_ACCESS_TOKEN", &desk.token);
    let printed = scripted(command, "the node script failed; it needs node 18 or newer").await;
    check(&desk, &printed, "node-token");
    assert_eq!(desk.account_state()["webhooks"][0]["description"], "kept by node");
}
