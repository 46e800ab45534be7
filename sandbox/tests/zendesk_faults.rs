//! Faults: what goes wrong on purpose, and what the ledger says of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

mod support;

use std::time::{Duration, Instant};

use reqwest::Method;
use sandbox::simulator::faults::Nonsense;
use sandbox::simulator::{Action, Effect, Rule, Stage};
use serde_json::{Value, json};
use support::Desk;

fn groups(action: Action) -> Rule {
    Rule::new("a fault", action).on("POST", "/api/v2/groups").times(1)
}

fn body() -> Option<Value> {
    Some(json!({"group": {"name": "Vendas"}}))
}

fn has_group(desk: &Desk) -> bool {
    desk.account_state()["groups"].as_array().into_iter().flatten().any(|one| one["name"] == "Vendas")
}

#[tokio::test]
async fn a_status_comes_with_or_without_the_effect_and_the_ledger_tells_which() {
    for (effect, done) in [(Effect::None, false), (Effect::Applied, true)] {
        let desk = Desk::unlimited().await;
        let retry_after = Some("Fri, 31 Dec 2027 23:59:59 GMT".to_owned());
        desk.zendesk.faults().set(vec![groups(Action::Status {
            status: 503,
            body: None,
            retry_after,
            effect,
        })]);
        let reply = desk.send(Method::POST, "groups", body()).await.expect(503);
        assert_eq!(reply.header("retry-after"), "Fri, 31 Dec 2027 23:59:59 GMT");
        assert!(reply.header("content-type").starts_with("text/html"));
        assert_eq!(has_group(&desk), done);
        let entry = desk.zendesk.writes().pop().unwrap();
        assert_eq!((entry.status, entry.effect, entry.fault.as_deref()), (Some(503), done, Some("a fault")));
        assert_eq!(entry.stage, Stage::Answered);
        assert_eq!(entry.operation, "POST /groups");
    }
}

#[tokio::test]
async fn a_reset_loses_the_answer_before_or_after_the_effect() {
    for (effect, done) in [(Effect::None, false), (Effect::Applied, true)] {
        let desk = Desk::unlimited().await;
        desk.zendesk.faults().set(vec![groups(Action::Reset { effect })]);
        desk.try_send(Method::POST, "groups", body()).await.unwrap_err();
        assert_eq!(has_group(&desk), done);
        let entry = desk.zendesk.writes().pop().unwrap();
        assert_eq!((entry.effect, entry.stage), (done, Stage::Lost));
        desk.get("groups").await.expect(200);
    }
}

#[tokio::test]
async fn a_reset_is_a_reset_and_no_orderly_end() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let desk = Desk::unlimited().await;
    desk.zendesk.faults().set(vec![Rule::new("reset", Action::Reset { effect: Effect::None })]);
    let mut stream = tokio::net::TcpStream::connect(desk.zendesk.address()).await.unwrap();
    stream.write_all(b"GET /api/v2/groups HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let error = stream.read(&mut [0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_held_write_can_be_waited_for_and_its_client_killed_before_or_after_the_effect() {
    for (effect, done) in [(Effect::None, false), (Effect::Applied, true)] {
        let desk = Desk::unlimited().await;
        desk.group("first").await;
        let mut rule = Rule::new("crash", Action::Hold { effect });
        rule.write = Some(2);
        desk.zendesk.faults().set(vec![rule]);
        let waiting = desk.raw((Method::GET, "/_sandbox/writes/2?stage=held&timeoutSeconds=10"), &[], None);
        let held = desk.send(Method::POST, "groups", body());
        tokio::select! {
            _ = held => panic!("a held request is not answered"),
            reply = waiting => {
                let reply = reply.expect(200);
                assert_eq!((reply.body["write"].clone(), reply.body["stage"].clone()), (json!(2), json!("held")));
                assert_eq!(reply.body["effect"], done);
            }
        }
        // The client is gone: the simulator notices, and without effect none comes later.
        let end = Instant::now() + Duration::from_secs(5);
        while desk.zendesk.ledger().write(2).unwrap().stage != Stage::Lost {
            assert!(Instant::now() < end, "the lost connection was not noticed");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        desk.raw((Method::POST, "/_sandbox/release"), &[], None).await.expect(204);
        assert_eq!(has_group(&desk), done);
    }
}

#[tokio::test]
async fn a_held_request_goes_on_when_released() {
    let desk = Desk::unlimited().await;
    desk.zendesk.faults().set(vec![groups(Action::Hold { effect: Effect::None })]);
    let release = async {
        desk.raw((Method::GET, "/_sandbox/writes/1?stage=held"), &[], None).await.expect(200);
        assert!(!has_group(&desk));
        desk.raw((Method::POST, "/_sandbox/release"), &[], None).await.expect(204);
    };
    let (reply, ()) = tokio::join!(desk.send(Method::POST, "groups", body()), release);
    reply.expect(201);
    assert!(has_group(&desk));
    let late = desk.raw((Method::GET, "/_sandbox/writes/9?timeoutSeconds=0"), &[], None).await.expect(408);
    assert_eq!(late.body["writes"], 1);
}

#[tokio::test]
async fn an_effect_may_come_after_the_answer() {
    let desk = Desk::unlimited().await;
    desk.zendesk.faults().set(vec![groups(Action::Late { milliseconds: 150, status: 504 })]);
    desk.send(Method::POST, "groups", body()).await.expect(504);
    assert!(!has_group(&desk));
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(has_group(&desk));
    let entry = desk.zendesk.writes().pop().unwrap();
    assert_eq!((entry.status, entry.effect), (Some(504), true));
}

#[tokio::test]
async fn a_pretended_write_answers_as_if_and_dropped_fields_are_missing() {
    let desk = Desk::unlimited().await;
    let drop = Rule::new("drop", Action::DropFields { fields: vec!["description".to_owned()] });
    desk.zendesk.faults().set(vec![groups(Action::Pretend), drop.on("POST", "/api/v2/groups")]);
    let reply = desk.send(Method::POST, "groups", body()).await.expect(201);
    assert!(!has_group(&desk));
    desk.get(&format!("groups/{}", reply.id("group"))).await.expect(404);
    assert!(!desk.zendesk.writes()[0].effect);
    let described = json!({"group": {"name": "Vendas", "description": "x"}});
    assert_eq!(desk.post("groups", described).await.expect(201).body["group"]["description"], "");
}

#[tokio::test]
async fn bodies_can_be_nonsense() {
    let desk = Desk::unlimited().await;
    let replace = |with, size| Action::Replace { with, size, effect: Effect::None };
    let rule = |action| Rule::new("nonsense", action).on("GET", "/api/v2/groups");
    let faults = desk.zendesk.faults();
    faults.set(vec![rule(replace(Nonsense::Html, 0))]);
    assert!(desk.get("groups").await.expect(200).text.contains("<html>"));
    faults.set(vec![rule(replace(Nonsense::Empty, 0))]);
    assert_eq!(desk.get("groups").await.expect(200).text, "");
    faults.set(vec![rule(replace(Nonsense::EmptyObject, 0))]);
    assert_eq!(desk.get("groups").await.expect(200).text, "{}");
    faults.set(vec![rule(replace(Nonsense::Nested, 5000))]);
    assert_eq!(desk.get("groups").await.expect(200).text.matches('[').count(), 5000);
    faults.set(vec![rule(replace(Nonsense::Huge, 3_000_000))]);
    assert!(desk.get("groups").await.expect(200).text.len() > 3_000_000);
    faults.set(vec![rule(replace(Nonsense::WrongTypes, 0))]);
    assert!(desk.get("groups").await.expect(200).body["groups"][0]["id"].is_string());
    faults.set(vec![rule(replace(Nonsense::InvalidUtf8, 0))]);
    assert!(desk.get("groups").await.expect(200).text.contains('\u{fffd}'));
}

#[tokio::test]
async fn a_small_compressed_body_unpacks_to_gigabytes() {
    let desk = Desk::unlimited().await;
    let size = 1 << 30;
    let action = Action::Replace { with: Nonsense::Bomb, size, effect: Effect::None };
    desk.zendesk.faults().set(vec![Rule::new("bomb", action).on("GET", "/api/v2/groups")]);
    let request = desk.client.get(format!("{}/api/v2/groups", desk.zendesk.url()));
    let mut response = request.send().await.unwrap();
    let mut unpacked = 0;
    // A client that counts stops early; this one looks at the first 50 MB.
    while unpacked < 50_000_000 {
        let chunk = response.chunk().await.unwrap().expect("the body ends too early");
        assert!(chunk.iter().all(|byte| *byte == 0));
        unpacked += chunk.len();
    }
}

#[tokio::test]
async fn bodies_can_be_slow_cut_or_late() {
    let desk = Desk::unlimited().await;
    let rule = |action| Rule::new("slow", action).on("GET", "/api/v2/users/me");
    let length = u64::try_from(desk.get("users/me").await.text.len()).unwrap();
    desk.zendesk.faults().set(vec![rule(Action::SlowBody { bytes_per_second: length * 2 })]);
    let start = Instant::now();
    desk.get("users/me").await.expect(200);
    assert!(start.elapsed() >= Duration::from_millis(350), "{:?}", start.elapsed());
    desk.zendesk.faults().set(vec![rule(Action::Truncate { bytes: 20 })]);
    desk.try_send(Method::GET, "users/me", None).await.unwrap_err();
    desk.zendesk.faults().set(vec![rule(Action::Delay { milliseconds: 200 })]);
    let start = Instant::now();
    desk.get("users/me").await.expect(200);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn pages_can_repeat_be_skipped_fail_or_lack_items() {
    let desk = Desk::unlimited().await;
    let mut ids = Vec::new();
    for index in 0..6 {
        ids.push(desk.agent(&format!("a{index}")).await);
    }
    let listed = |reply: &support::Reply| -> Vec<String> {
        reply.body["users"].as_array().unwrap().iter().map(|user| user["id"].to_string()).collect()
    };
    let first = desk.get("users?role=agent&page[size]=2").await;
    let cursor = first.body["meta"]["after_cursor"].as_str().unwrap().replace('=', "%3D");
    let second = format!("users?role=agent&page[size]=2&page[after]={cursor}");
    let mut rule = Rule::new("page", Action::RepeatPage);
    rule.query_has = Some("page[after]".to_owned());
    desk.zendesk.faults().set(vec![rule.clone()]);
    let repeated = desk.get(&second).await.expect(200);
    assert_eq!(listed(&repeated), ids[..2]);
    assert_eq!(repeated.body["meta"], first.body["meta"]);
    rule.action = Action::SkipPage;
    desk.zendesk.faults().set(vec![rule.clone()]);
    assert_eq!(listed(&desk.get(&second).await), ids[4..]);
    rule.action = Action::Omit { ids: vec![ids[3].clone()] };
    desk.zendesk.faults().set(vec![rule]);
    assert_eq!(listed(&desk.get(&second).await), ids[2..3]);
    let failure = Action::Status { status: 500, body: None, retry_after: None, effect: Effect::None };
    let mut third = Rule::new("page 3", failure).on("GET", "/api/v2/users").times(1);
    third.skip = 2;
    desk.zendesk.faults().set(vec![third]);
    for status in [200, 200, 500, 200] {
        desk.get("users?page[size]=2").await.expect(status);
    }
}

#[tokio::test]
async fn jobs_can_be_stuck_vanish_or_fail_some_items_and_tokens_can_be_revoked() {
    let desk = Desk::unlimited().await;
    let group = desk.group("Vendas").await;
    let users = [desk.agent("ana").await, desk.agent("rui").await];
    let items: Vec<Value> = users.iter().map(|user| json!({"user_id": user, "group_id": group})).collect();
    let start = async |disturbance: Value| {
        let rule = Rule::new("job", Action::Vendor { disturbance }).on("POST", "**/create_many");
        desk.zendesk.faults().set(vec![rule]);
        let job = desk
            .post("group_memberships/create_many", json!({ "group_memberships": items }))
            .await
            .expect(200);
        desk.zendesk.clock().advance(Duration::from_secs(5));
        format!("job_statuses/{}", job.body["job_status"]["id"].as_str().unwrap())
    };
    let stuck = start(json!({"job": "stuck"})).await;
    assert_eq!(desk.get(&stuck).await.expect(200).body["job_status"]["status"], "working");
    let gone = start(json!({"job": "vanish"})).await;
    desk.get(&gone).await.expect(404);
    let failed = start(json!({"failItems": [1]})).await;
    let results = desk.get(&failed).await.expect(200).body["job_status"]["results"].clone();
    assert_eq!((results[0]["success"].clone(), results[1]["success"].clone()), (json!(true), json!(false)));
    let revoke = Rule::new("revoke", Action::Vendor { disturbance: json!({"revokeTokens": true}) }).times(1);
    desk.zendesk.faults().set(vec![revoke]);
    desk.get("groups").await.expect(200);
    desk.get("groups").await.expect(401);
}

#[tokio::test]
async fn rules_are_set_counted_and_refused_over_http() {
    let desk = Desk::unlimited().await;
    let rule = json!({"name": "limit", "method": "GET", "path": "/api/v2/groups", "count": 1,
        "action": {"kind": "status", "status": 429, "retryAfter": "soon", "body": {"error": "x"}}});
    desk.control(Method::PUT, "faults", json!({"rules": [rule]})).await.expect(200);
    let reply = desk.get("groups").await.expect(429);
    assert_eq!((reply.header("retry-after"), reply.body["error"].clone()), ("soon", json!("x")));
    desk.get("groups").await.expect(200);
    let rules =
        desk.raw((Method::GET, "/_sandbox/faults"), &[], None).await.expect(200).body["rules"].clone();
    assert_eq!((rules[0]["matched"].clone(), rules[0]["applied"].clone()), (json!(2), json!(1)));
    let typo = json!({"rules": [{"name": "x", "action": {"kind": "explode"}}]});
    let refused = desk.control(Method::PUT, "faults", typo).await.expect(400);
    assert!(refused.body["error"].as_str().unwrap().contains("explode"));
    desk.raw((Method::DELETE, "/_sandbox/faults"), &[], None).await.expect(204);
    let rules = desk.raw((Method::GET, "/_sandbox/faults"), &[], None).await.expect(200);
    assert_eq!(rules.body["rules"], json!([]));
}
