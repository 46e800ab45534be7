//! The workflow that posts `plan` to a pull request: never for forks, with credentials that only read, and with arguments
//! that the binary takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cli;

use std::path::Path;

use cli::{command, finish};
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET, Config, Zendesk};
use serde_json::{Value, json};

const GUARD: &str = "github.event.pull_request.head.repo.full_name == github.repository";

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/gitops"))
}

fn workflow() -> Value {
    let text = std::fs::read_to_string(folder().join("pull-request/plan.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

fn scripts(workflow: &Value) -> Vec<String> {
    let jobs = workflow["jobs"].as_object().unwrap().values();
    let steps = jobs.flat_map(|job| job["steps"].as_array().unwrap());
    steps.filter_map(|step| step["run"].as_str().map(str::to_owned)).collect()
}

#[test]
fn no_job_runs_for_a_fork_and_none_may_do_more_than_comment() {
    let workflow = workflow();
    let triggers: Vec<&String> = workflow["on"].as_object().unwrap().keys().collect();
    assert_eq!(triggers, ["pull_request"], "pull_request_target would give a fork the secrets");
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        assert_eq!(job["if"], GUARD, "{name}");
        assert!(job["permissions"].is_null(), "{name} has the workflow's permissions");
    }
    assert_eq!(workflow["permissions"], json!({"contents": "read", "pull-requests": "write"}));
    for script in scripts(&workflow) {
        assert!(!script.contains("${{"), "a title or a branch could be a command: {script}");
    }
}

#[tokio::test]
async fn its_command_plans_the_example_repository_with_a_token_that_only_reads() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let script = scripts(&workflow()).into_iter().find(|script| script.contains("\"$IMAGE\"")).unwrap();
    let arguments = script.split("\"$IMAGE\" ").nth(1).unwrap().split(" >").next().unwrap();
    let desk = Zendesk::start(Config::default()).await.unwrap();
    let endpoint = format!("zendesk.com={}", desk.address());
    let mut arguments: Vec<&str> = arguments.split_whitespace().collect();
    arguments.extend(["--loopback-endpoint", &endpoint]);
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "humansupport.dev/credentials",
        "metadata": {"name": "zendesk-credentials", "namespace": "store-loja-centro"},
        "stringData": {"host": "lojacentro.zendesk.com", "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET}});
    let mut command = command(cli::binary(), &arguments);
    command.current_dir(folder().join("example"));
    command.env("HUMANSUPPORT_CREDENTIALS", secret.to_string());
    command.env("HUMANSUPPORT_CLUSTER_ID", "aaaaaaaa-0000-0000-0000-000000000000");
    // A variable that a repository does not have is an empty one.
    command.env("HUMANSUPPORT_INSTALLATION", "");
    let ran = finish(command).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.contains("### Human support: 1 of 1 store(s) change"), "{ran:?}");
    assert!(!ran.out.contains('@'), "{ran:?}");
    let entries = desk.ledger().entries();
    let token = entries.iter().find(|entry| entry.path == "/oauth/tokens").unwrap();
    assert_eq!(token.body_value()["scope"], "read");
    assert!(desk.writes().is_empty());
}
