//! Hosts, spellings, tokens, accounts of others, limits, persons.

use reqwest::Method;
use sandbox::zenvia::{FOREIGN_ACCOUNT_ID, PARTNER_TOKEN, account_token, api_token};
use serde_json::json;

use crate::desk::{ACCOUNT, Ask, DIGEST, Desk, agent};

#[tokio::test]
async fn every_documented_spelling_reaches_the_partner_api() {
    let desk = Desk::start().await;
    for prefix in ["/partner/api", "/partner/ap%C3%AD", "/api/partner", "/api/v1"] {
        let path = format!("{prefix}/departments?token={PARTNER_TOKEN}&account_id={ACCOUNT}");
        let reply = desk.ask(Ask::get(&path)).await.expect(200);
        assert_eq!(reply.body["departments"][0]["name"], "Atendimento", "{prefix}");
    }
    desk.ask(Ask::get("/partner/apy/departments")).await.expect(404);
}

#[tokio::test]
async fn a_host_name_serves_only_its_own_paths() {
    let desk = Desk::start().await;
    let chat = format!("/partner/api/agents?token={PARTNER_TOKEN}&account_id={ACCOUNT}");
    let token = api_token(ACCOUNT);
    let hooks = || Ask::get("/v2/subscriptions").with("x-api-token", &token);
    desk.ask(Ask::get(&chat).with("host", "zchat.zenvia.io")).await.expect(200);
    desk.ask(Ask::get(&chat).with("host", "api.zenvia.com")).await.expect(404);
    desk.ask(hooks().with("host", "api.zenvia.com")).await.expect(200);
    desk.ask(hooks().with("host", "zchat.zenvia.io")).await.expect(404);
    desk.ask(hooks().with("host", "app.zenvia.com")).await.expect(404);
    let omnize = chat.replace("/partner/api", "/api/v1");
    desk.ask(Ask::get(&omnize).with("host", "partner.omnize.com")).await.expect(200);
    desk.ask(Ask::get(&omnize).with("host", "zchat.zenvia.io")).await.expect(404);
}

#[tokio::test]
async fn a_wrong_partner_token_is_refused_inside_a_200_or_as_assumed() {
    let desk = Desk::start().await;
    let wrong = format!("/partner/api/agents?token=wrong&account_id={ACCOUNT}");
    assert!(desk.ask(Ask::get(&wrong)).await.refusal().contains("token"));
    desk.assume(json!({"partnerWrongTokenStatus": 401})).await;
    let reply = desk.ask(Ask::get(&wrong)).await.expect(401);
    assert_eq!(reply.body["success"], false);
    desk.assume(json!({"partnerFailureStatus": 422})).await;
    desk.read("agents/1").await.expect(422);
}

#[tokio::test]
async fn the_token_is_taken_from_the_query_of_reads_and_the_body_of_writes() {
    let desk = Desk::start().await;
    let path = format!("/partner/api/agents?token={PARTNER_TOKEN}");
    desk.ask(Ask::new(Method::POST, &path, agent("ana"))).await.refusal();
    let header = format!("Bearer {PARTNER_TOKEN}");
    let read = format!("/partner/api/agents?account_id={ACCOUNT}");
    desk.ask(Ask::get(&read).with("authorization", &header)).await.refusal();
    desk.agent("ana").await;
}

#[tokio::test]
async fn an_account_of_another_partner_does_not_exist() {
    let desk = Desk::start().await;
    let foreign = FOREIGN_ACCOUNT_ID;
    assert!(desk.read(&format!("agents?account_id={foreign}")).await.refusal().contains("not found"));
    desk.write(Method::PUT, &format!("accounts/{foreign}"), json!({"license_quantity": 9})).await.refusal();
    assert_eq!(desk.zenvia.state()["accounts"][foreign.to_string()]["license_quantity"], 5);
    let accounts = desk.read("accounts").await.expect(200).body["accounts"].clone();
    let ids: Vec<u64> = accounts.as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [4212, 4211]);
    // An agent of one account is none of another's.
    let id = desk.agent("ana").await;
    desk.read(&format!("agents/{id}")).await.done();
    desk.read(&format!("agents/{id}?account_id=4212")).await.refusal();
}

#[tokio::test]
async fn a_list_needs_an_account_unless_all_are_assumed() {
    let desk = Desk::start().await;
    desk.agent("ana").await;
    let path = format!("/partner/api/agents?token={PARTNER_TOKEN}");
    assert!(desk.ask(Ask::get(&path)).await.refusal().contains("account_id"));
    desk.assume(json!({"missingAccountId": "allAccounts"})).await;
    let reply = desk.ask(Ask::get(&path)).await.expect(200);
    assert_eq!(reply.body["agents"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_rotated_token_stops_at_once() {
    let desk = Desk::start().await;
    desk.external("/api/external/agents").await.expect(200);
    let rotated = json!({"account": ACCOUNT, "accountToken": "other", "apiTokens": ["other"]});
    desk.control(Method::PUT, "credentials", rotated).await.expect(204);
    desk.external("/api/external/agents").await.expect(401);
    desk.subscriptions(Method::GET, "", None).await.expect(401);
    desk.read("agents").await.expect(200);
    desk.control(Method::PUT, "credentials", json!({"partnerToken": "other"})).await.expect(204);
    desk.read("agents").await.refusal();
    assert!(
        desk.control(Method::PUT, "credentials", json!({"accountToken": "x"}))
            .await
            .expect(400)
            .text
            .contains("account")
    );
}

#[tokio::test]
async fn there_is_no_limit_unless_one_is_assumed() {
    let desk = Desk::start().await;
    desk.zenvia
        .clock()
        .change(sandbox::simulator::ClockChange { freeze: Some(true), ..Default::default() })
        .unwrap();
    for _ in 0..15 {
        desk.subscriptions(Method::GET, "", None).await.expect(200);
    }
    let limits =
        json!({"subscriptionRequestsPerMinute": 2, "chatRequestsPerMinute": 1, "retryAfterSeconds": 7});
    desk.assume(limits).await;
    desk.subscriptions(Method::GET, "", None).await.expect(200);
    desk.subscriptions(Method::GET, "", None).await.expect(200);
    let reply = desk.subscriptions(Method::GET, "", None).await.expect(429);
    assert_eq!(reply.headers["retry-after"], "7");
    desk.read("agents").await.expect(200);
    desk.read("agents").await.expect(429);
    desk.zenvia.clock().advance(std::time::Duration::from_secs(61));
    desk.subscriptions(Method::GET, "", None).await.expect(200);
    desk.read("agents").await.expect(200);
}

#[tokio::test]
async fn a_person_needs_no_token_and_may_give_a_profile_of_their_own() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    let path = format!("/partner/api/agents/{id}/profile");
    let ask = || Ask::new(Method::PUT, &path, json!({"profile": "SUPERVISOR"}));
    desk.ask(ask().with("x-sandbox-person", "Marta")).await.done();
    assert_eq!(desk.read(&format!("agents/{id}")).await.body["agent"]["profile"], "SUPERVISOR");
    let client =
        desk.write(Method::PUT, &format!("agents/{id}/profile"), json!({"profile": "SUPERVISOR"})).await;
    assert!(client.refusal().contains("ADMIN or AGENT"));
    // A person's act is no write of a client.
    assert_eq!(desk.zenvia.writes().len(), 2);
}

#[tokio::test]
async fn no_token_is_in_ledger_or_state_and_the_account_is_known() {
    let desk = Desk::start().await;
    desk.agent("ana").await;
    desk.read("agents").await.expect(200);
    desk.external("/api/external/agents").await.expect(200);
    let new = json!({"name": "Bia", "email": "bia@loja.example", "password": "canary-plain"});
    desk.external_write(Method::POST, "/api/external/agents", new).await.done();
    let auth = json!({"type": "OAUTH", "url": "https://id.example/token", "oauth": {"grantType": "client_credentials",
        "clientId": "me", "clientSecret": "canary-secret"}});
    let headers = json!({"Authorization": "canary-header", "X-Mark": "ours"});
    let body = json!({"eventType": "CONVERSATION_STATUS",
        "webhook": {"url": "https://hook.example/a", "headers": headers, "auth": auth}});
    let reply = desk.subscriptions(Method::POST, "", Some(body)).await.expect(200);
    assert_eq!(reply.body["webhook"]["auth"]["oauth"]["clientSecret"], "canary-secret");
    let ledger = desk.ask(Ask::get("/_sandbox/ledger")).await.text;
    let state = desk.zenvia.state().to_string();
    let secrets = [PARTNER_TOKEN, &account_token(ACCOUNT), &api_token(ACCOUNT), DIGEST, "canary"];
    for secret in secrets {
        assert!(!ledger.contains(secret) && !state.contains(secret), "{secret}");
    }
    assert!(ledger.contains("ours") && state.contains("ours"));
    let entries = desk.zenvia.ledger().entries();
    assert!(entries.iter().all(|entry| entry.account == "4211"));
    let operations: Vec<&str> = entries.iter().map(|entry| entry.operation.as_str()).collect();
    assert_eq!(operations[..2], ["POST /partner/agents", "GET /partner/agents"]);
    assert_eq!(operations[2..], ["GET /external/agents", "POST /external/agents", "POST /subscriptions"]);
}
