//! The command `sandbox zenvia` as people start it: a process that serves what its switches say.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use sandbox::process::{GuardedChild, Launch, OwnedFolder};
use sandbox::zenvia::{PARTNER_TOKEN, account_token, api_token};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_sandbox");

fn ended(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).arg("zenvia").args(arguments).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn the_help_names_what_the_simulator_starts_with_and_wrong_switches_are_refused() {
    let help = String::from_utf8(ended(&["--help"]).stdout).unwrap();
    let words =
        ["4211", "4999", PARTNER_TOKEN, "/_sandbox/", "/partner/api/", "--state", "--foreign-account"];
    for word in words {
        assert!(help.contains(word), "--help does not name {word}");
    }
    for (arguments, sentence) in [
        (["--listen", "0.0.0.0:0"], "loopback"),
        (["--assume", "ids=perhaps"], "--assume"),
        (["--foreign-account", "4211"], "an account has one partner"),
    ] {
        let output = ended(&arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(sentence), "{arguments:?}: {said}");
    }
}

/// The answer to a GET, once the process listens.
async fn answer(url: &str) -> Value {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let started = Instant::now();
    loop {
        match client.get(url).send().await {
            Ok(response) => return response.json().await.unwrap(),
            Err(error) => assert!(started.elapsed() < Duration::from_secs(30), "{url}: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_command_serves_with_its_switches() {
    let folder = OwnedFolder::temporary("zenvia-command").unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let launch = Launch::new(PROGRAM, folder.path().join("zenvia.log"))
        .args(["zenvia", "--listen", &listen, "--account", "77", "--licenses", "3"])
        .args(["--webhook-url", "https://loja.example/hook"]);
    let _child = GuardedChild::spawn(&launch).unwrap();
    let state = answer(&format!("http://{listen}/_sandbox/state")).await;
    let account = &state["accounts"]["77"];
    assert_eq!(account["license_quantity"], 3, "{state:#}");
    assert_eq!(account["webhook_url"], "https://loja.example/hook", "{state:#}");
    assert!(state["accounts"]["4211"].is_null(), "--account replaces the accounts: {state:#}");
    // Served for the partner's own token, and with the department that every account starts with.
    let departments = format!("http://{listen}/partner/api/departments?account_id=77&token={PARTNER_TOKEN}");
    let served = answer(&departments).await;
    assert_eq!(served["departments"][0]["name"], "Atendimento", "{served:#}");
    let secrets = answer(&format!("http://{listen}/_sandbox/secrets")).await.to_string();
    assert!(secrets.contains(&account_token(77)) && secrets.contains(&api_token(77)), "{secrets}");
}
