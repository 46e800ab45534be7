//! The shared core under this vendor: faults, ledger, state file, control plane, switches of the command line.

use clap::{CommandFactory as _, Parser};
use reqwest::Method;
use sandbox::cli::zenvia::Args;
use sandbox::simulator::{Action, Effect, Rule};
use sandbox::zenvia::{Config, Ids, Zenvia};
use serde_json::{Value, json};

use crate::desk::{Ask, Desk, agent};

#[tokio::test]
async fn a_lost_answer_leaves_the_agent_and_its_address_taken() {
    let desk = Desk::start().await;
    let rule = Rule::new("lost", Action::Reset { effect: Effect::Applied });
    desk.zenvia.faults().add(rule.on("POST", "/partner/api/agents").times(1));
    let mut body = agent("ana");
    body["token"] = json!(sandbox::zenvia::PARTNER_TOKEN);
    assert!(desk.try_ask(Ask::new(Method::POST, "/partner/api/agents", body)).await.is_err());
    assert_eq!(desk.account_state()["agents"].as_array().unwrap().len(), 1);
    assert!(desk.write(Method::POST, "agents", agent("ana")).await.refusal().contains("taken"));
    let writes = desk.zenvia.writes();
    assert_eq!((writes[0].fault.as_deref(), writes[0].effect), (Some("lost"), true));
    assert!(!writes[1].effect);
}

#[tokio::test]
async fn a_fault_can_be_for_one_account_only() {
    let desk = Desk::start().await;
    let refusal = json!({"status": 200, "success": false, "errors": "Internal error"});
    let action = Action::Status { status: 200, body: Some(refusal), retry_after: None, effect: Effect::None };
    desk.zenvia.faults().add(Rule { account: Some("4212".to_owned()), ..Rule::new("down", action) });
    desk.read("agents?account_id=4212").await.refusal();
    desk.read("agents").await.expect(200);
    let mut body = agent("ana");
    body["agent"]["account_id"] = json!("4212");
    desk.write(Method::POST, "agents", body).await.refusal();
    desk.agent("ana").await;
}

#[tokio::test]
async fn pages_repeat_and_items_are_left_out_by_faults() {
    let desk = Desk::start().await;
    let (first, second) = (desk.agent("ana").await, desk.agent("bia").await);
    let listed = |body: &Value| body["agents"][0]["id"].as_u64();
    desk.zenvia.faults().set(vec![Rule::new("again", Action::RepeatPage).times(1)]);
    assert_eq!(listed(&desk.read("agents?limit=1&page=2").await.body), Some(second));
    assert_eq!(listed(&desk.read("agents?limit=1&page=2").await.body), Some(first));
    desk.zenvia.faults().set(vec![Rule::new("skip", Action::SkipPage).times(1)]);
    assert_eq!(listed(&desk.read("agents?limit=1").await.body), Some(first));
    let omit = |id: &str| vec![Rule::new("omit", Action::Omit { ids: vec![id.to_owned()] }).times(1)];
    desk.zenvia.faults().set(omit(&second.to_string()));
    assert_eq!(listed(&desk.read("agents").await.body), Some(first));
    // A bare list too.
    desk.zenvia.faults().set(omit(&first.to_string()));
    let bare = desk.external("/api/external/agents").await.body;
    assert_eq!(bare.as_array().unwrap().len(), 1);
    assert_eq!(bare[0]["id"], second);
}

#[tokio::test]
async fn a_pretended_write_changes_nothing() {
    let desk = Desk::start().await;
    desk.zenvia.faults().add(Rule::new("pretend", Action::Pretend).on("PUT", "**/accounts/*"));
    desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": 12})).await.done();
    assert_eq!(desk.account_state()["license_quantity"], 5);
}

#[tokio::test]
async fn the_vendors_own_faults_revoke_tokens_and_degrade_subscriptions() {
    let desk = Desk::start().await;
    let body = json!({"eventType": "CONVERSATION_STATUS", "webhook": {"url": "https://hook.example/a"}});
    desk.subscriptions(Method::POST, "", Some(body)).await.expect(200);
    let vendor = |disturbance: Value| vec![Rule::new("own", Action::Vendor { disturbance }).times(1)];
    desk.zenvia.faults().set(vendor(json!({"subscriptions": "INACTIVE"})));
    assert_eq!(desk.subscriptions(Method::GET, "", None).await.expect(200).body[0]["status"], "ACTIVE");
    assert_eq!(desk.subscriptions(Method::GET, "", None).await.body[0]["status"], "INACTIVE");
    desk.zenvia.faults().set(vendor(json!({"revokeTokens": true})));
    desk.read("agents").await.expect(200);
    desk.read("agents").await.refusal();
    desk.subscriptions(Method::GET, "", None).await.expect(401);
}

#[tokio::test]
async fn the_state_survives_a_restart_in_its_file() {
    let path = std::env::temp_dir().join(format!("zenvia-state-{}.json", std::process::id()));
    let config = || Config { state: Some(path.clone()), ..Config::default() };
    let desk = Desk::with(config()).await;
    let id = desk.agent("ana").await;
    let before = desk.account_state();
    drop(desk);
    let again = Zenvia::start(config()).await.unwrap();
    assert_eq!(again.state()["accounts"]["4211"], before);
    assert_eq!(before["agents"][0]["id"], id);
    drop(again);
    std::fs::write(&path, "{}").unwrap();
    let error = Zenvia::start(config()).await.err().unwrap();
    assert!(error.to_string().contains("start afresh"), "{error}");
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn what_is_no_json_and_what_is_no_route_is_said_in_the_apis_own_shape() {
    let desk = Desk::start().await;
    let odd =
        |path: &'static str| Ask { method: Method::POST, path, headers: Vec::new(), body: Some(json!([])) };
    assert_eq!(desk.ask(odd("/partner/api/agents")).await.refusal(), "\"Invalid token\"");
    desk.write(Method::POST, "agents", json!({"agent": 7})).await.refusal();
    assert_eq!(desk.read("nothing").await.expect(404).body["success"], false);
    desk.external("/api/external/nothing").await.expect(404);
    assert_eq!(desk.subscriptions(Method::PUT, "", None).await.expect(404).body["code"], "NOT_FOUND");
    desk.ask(Ask::get("/elsewhere")).await.expect(404);
}

#[tokio::test]
async fn accounts_are_added_while_running() {
    let desk = Desk::start().await;
    let new = json!({"id": 77, "licenseQuantity": 2});
    let tokens = desk.control(Method::POST, "accounts", new.clone()).await.expect(201).body;
    desk.read("agents?account_id=77").await.expect(200);
    let path = format!("/api/external/agents?token={}", tokens["accountToken"].as_str().unwrap());
    desk.ask(Ask::get(&path)).await.expect(200);
    assert!(desk.control(Method::POST, "accounts", new).await.expect(400).text.contains("exists"));
    let odd = desk.control(Method::PUT, "accounts/77", json!({"weather": 1})).await.expect(400);
    assert!(odd.text.contains("webhookUrl"));
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

#[tokio::test]
async fn only_a_loopback_address_is_listened_on() {
    Line::command().debug_assert();
    let args = Line::parse_from(["zenvia", "--listen", "0.0.0.0:0"]).args;
    assert!(sandbox::cli::zenvia::run(args).await.unwrap_err().to_string().contains("loopback"));
}

#[test]
fn switches_make_accounts_and_assumptions() {
    let line =
        ["zenvia", "--account", "1", "--foreign-account", "2", "--licenses", "7", "--assume", "ids=strings"];
    let config = Line::parse_from(line).args.config().unwrap();
    let ids: Vec<u64> = config.accounts.iter().map(|account| account.id).collect();
    assert_eq!(ids, [1, 2]);
    assert_eq!(config.accounts[0].license_quantity, Some(7));
    assert_eq!(config.assumptions.ids, Ids::Strings);
    let both = Line::parse_from(["zenvia", "--account", "1", "--foreign-account", "1"]).args.config();
    assert!(both.unwrap_err().to_string().contains("one partner"));
    let odd = Line::parse_from(["zenvia", "--assume", "ids=roman"]).args.config();
    assert!(format!("{:#}", odd.unwrap_err()).contains("numbers"));
}
