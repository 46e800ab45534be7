//! The control plane: ledger, state, secrets, clock, state file, and the command line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use sandbox::zendesk::{API_TOKEN, CLIENT_ID, CLIENT_SECRET, Config, Zendesk};
use serde_json::{Value, json};
use support::{Desk, plain_client};

#[tokio::test]
async fn the_ledger_has_every_request_in_order_as_json_lines_without_a_credential() {
    let desk = Desk::unlimited().await;
    let webhook = desk.webhook("w").await;
    desk.get("groups?page[size]=2").await.expect(200);
    desk.delete("groups/1").await.expect(404);
    desk.post(&format!("webhooks/{webhook}/signing_secret"), json!({})).await.expect(201);
    let text = desk.raw((Method::GET, "/_sandbox/ledger"), &[], None).await.expect(200).text;
    for secret in ["canary-token", CLIENT_SECRET, desk.token.as_str()] {
        assert!(!text.contains(secret), "{secret} is in the ledger");
    }
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let column = |key: &str| -> Vec<Value> { lines.iter().map(|line| line[key].clone()).collect() };
    assert_eq!(column("sequence"), [1, 2, 3, 4, 5]);
    assert_eq!(column("method"), ["POST", "POST", "GET", "DELETE", "POST"]);
    assert_eq!(column("status"), [201, 201, 200, 404, 201]);
    assert_eq!(column("effect"), [true, true, false, false, true]);
    assert_eq!(column("write"), [json!(null), json!(1), json!(null), json!(2), json!(3)]);
    assert_eq!(lines[3]["operation"], "DELETE /groups/{id}");
    assert_eq!(lines[2]["query"]["page[size]"], "2");
    assert_eq!(lines[2]["reply"]["meta"]["has_more"], false);
    assert!(
        lines[1]["body"]["webhook"]["authentication"]["data"]["token"]
            .as_str()
            .unwrap()
            .starts_with("sha256:")
    );
    assert!(lines[1]["headers"].get("authorization").is_none());
    assert_eq!(lines[1]["headers"]["accept"], "application/json");
    let writes = desk.raw((Method::GET, "/_sandbox/ledger?writes=true&after=2"), &[], None).await.text;
    assert_eq!(writes.lines().count(), 2);
    desk.raw((Method::DELETE, "/_sandbox/ledger"), &[], None).await.expect(204);
    assert!(desk.zendesk.ledger().entries().is_empty());
    desk.get("groups").await.expect(200);
    assert_eq!(desk.zendesk.ledger().entries()[0].sequence, 6);
}

#[tokio::test]
async fn the_state_shows_a_fingerprint_and_only_secrets_shows_the_token() {
    let desk = Desk::unlimited().await;
    let id = desk.webhook("w").await;
    let state = desk.raw((Method::GET, "/_sandbox/state"), &[], None).await.expect(200);
    for secret in ["canary-token", CLIENT_SECRET, API_TOKEN, desk.token.as_str()] {
        assert!(!state.text.contains(secret), "{secret} is in the state");
    }
    let webhook = state.body["accounts"]["lojacentro"]["webhooks"][0].clone();
    assert_eq!(webhook["token"]["present"], true);
    let before = webhook["token"]["fingerprint"].clone();
    let rotated = json!({"type": "bearer_token", "data": {"token": "another"}, "add_position": "header"});
    desk.patch(&format!("webhooks/{id}"), json!({"webhook": {"authentication": rotated}})).await.expect(204);
    assert_ne!(desk.stored("webhooks", &id)["token"]["fingerprint"], before);
    let secrets = desk.raw((Method::GET, "/_sandbox/secrets"), &[], None).await.expect(200);
    assert_eq!(secrets.body["accounts"]["lojacentro"]["webhooks"][&id]["token"], "another");
}

#[tokio::test]
async fn the_clock_freezes_jumps_and_speeds_up() {
    let desk = Desk::unlimited().await;
    let set = json!({"freeze": true, "set": "2027-01-31T12:00:00Z"});
    desk.control(Method::PUT, "clock", set).await.expect(200);
    let group = desk.post("groups", json!({"group": {"name": "g"}})).await;
    // The token was issued before the jump and has expired with it.
    group.expect(401);
    let person = [("x-sandbox-person", "Marta")];
    let body = Some(json!({"group": {"name": "g"}}));
    let reply = desk.raw((Method::POST, "/api/v2/groups"), &person, body).await.expect(201);
    assert_eq!(reply.body["group"]["created_at"], "2027-01-31T12:00:00Z");
    let reading = desk.control(Method::PUT, "clock", json!({"advanceSeconds": 90})).await.expect(200);
    assert_eq!(reading.body["now"], "2027-01-31T12:01:30Z");
    desk.control(Method::PUT, "clock", json!({"freeze": false, "speed": 1000})).await.expect(200);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let later: jiff::Timestamp = "2027-01-31T12:02:50Z".parse().unwrap();
    assert!(desk.zendesk.clock().now() > later);
    desk.control(Method::PUT, "clock", json!({"speed": 0})).await.expect(400);
}

#[tokio::test]
async fn accounts_can_be_added_and_credentials_revoked_and_rotated() {
    let desk = Desk::unlimited().await;
    let new = json!({"subdomain": "nova", "plan": "team", "seats": 5});
    desk.control(Method::POST, "accounts", new.clone()).await.expect(201);
    desk.control(Method::POST, "accounts", new).await.expect(400);
    desk.control(Method::POST, "accounts", json!({"subdomain": "No Name"})).await.expect(400);
    assert_eq!(desk.zendesk.state()["accounts"]["nova"]["requestsPerMinute"], 200);
    desk.control(Method::POST, "revoke", json!({"account": "lojacentro"})).await.expect(204);
    desk.get("groups").await.expect(401);
    let rotated = json!({"account": "lojacentro", "clientSecret": "new"});
    desk.control(Method::PUT, "credentials", rotated).await.expect(204);
    let ask = |secret: &str| {
        Some(json!({"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": secret}))
    };
    desk.raw((Method::POST, "/oauth/tokens"), &[], ask(CLIENT_SECRET)).await.expect(401);
    desk.raw((Method::POST, "/oauth/tokens"), &[], ask("new")).await.expect(201);
    desk.control(Method::PUT, "assumptions", json!({"webhookInUse": "perhaps"})).await.expect(400);
    desk.raw((Method::GET, "/_sandbox/nothing"), &[], None).await.expect(404);
}

#[tokio::test]
async fn the_state_file_survives_a_restart_with_ids_tokens_and_indexes() {
    let folder = std::env::temp_dir().join(format!("zendesk-state-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("state.json");
    let config = || Config { state: Some(file.clone()), ..Config::default() };
    let desk = Desk::with(config()).await;
    let user = json!({"user": {"name": "Ana", "email": "ana@loja.example", "role": "agent", "external_id": "k8s:1"}});
    let id = desk.post("users", user.clone()).await.expect(201).id("user");
    let webhook = desk.webhook("w").await;
    let before = desk.account_state();
    let token = desk.token.clone();
    drop(desk);

    let zendesk = Zendesk::start(config()).await.unwrap();
    let desk = Desk { zendesk, client: plain_client(), token, person: None };
    assert_eq!(desk.account_state(), before);
    assert_eq!(
        desk.zendesk.secrets()["accounts"]["lojacentro"]["webhooks"][&webhook]["token"],
        "canary-token"
    );
    desk.post("users", user).await.expect(422);
    assert_eq!(desk.get("users/show_many?external_ids=K8S:1").await.body["users"][0]["id"].to_string(), id);
    assert_ne!(desk.agent("rui").await, id);
    drop(desk);
    std::fs::write(&file, "not a state").unwrap();
    let error = Zendesk::start(config()).await.err().unwrap().to_string();
    assert!(error.contains("delete it to start afresh"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_command_serves_with_its_switches_and_help_names_what_it_starts_with() {
    let program = env!("CARGO_BIN_EXE_sandbox");
    let help = std::process::Command::new(program).args(["zendesk", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for word in ["lojacentro", CLIENT_ID, CLIENT_SECRET, API_TOKEN, "owner@", "/_sandbox/", "--state"] {
        assert!(help.contains(word), "--help does not name {word}");
    }
    let refused =
        std::process::Command::new(program).args(["zendesk", "--assume", "webhookInUse=perhaps"]).output();
    assert!(String::from_utf8_lossy(&refused.unwrap().stderr).contains("refused"));
    let refused = std::process::Command::new(program).args(["zendesk", "--listen", "0.0.0.0:0"]).output();
    assert!(String::from_utf8_lossy(&refused.unwrap().stderr).contains("loopback"));

    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let mut child = std::process::Command::new(program)
        .args(["zendesk", "--listen", &listen, "--plan", "team", "--seats", "4", "--account", "loja"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let client = plain_client();
    let mut state = Value::Null;
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if let Ok(response) = client.get(format!("http://{listen}/_sandbox/state")).send().await {
            state = response.json().await.unwrap();
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let loja = &state["accounts"]["loja"];
    assert_eq!((loja["requestsPerMinute"].clone(), loja["seats"]["bought"].clone()), (json!(200), json!(4)));
}
