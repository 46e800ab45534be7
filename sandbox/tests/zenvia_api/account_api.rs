//! The account-token API and what bots use.

use reqwest::Method;
use sandbox::zenvia::{Config, account_token};
use serde_json::{Value, json};

use crate::desk::{ACCOUNT, Ask, DIGEST, Desk};

const AGENTS: &str = "/api/external/agents";

fn new(name: &str) -> Value {
    json!({"name": name, "email": format!("{name}@loja.example"), "password": "senha", "profile": "ADMIN",
        "text_limit": 3})
}

#[tokio::test]
async fn an_agent_is_written_with_a_plain_password_and_read_without_its_profile() {
    let desk = Desk::start().await;
    let id = desk.external_write(Method::POST, AGENTS, new("ana")).await.done().id("agent");
    let list = desk.external(AGENTS).await.expect(200);
    let agent = list.body[0].as_object().unwrap();
    let documented = [
        "id",
        "name",
        "photo",
        "phone_extension",
        "signature",
        "email",
        "deleted_at",
        "ativo",
        "active",
        "new_status",
        "department",
    ];
    assert_eq!(agent.keys().collect::<Vec<_>>(), documented);
    assert_eq!(agent["department"]["name"], "Atendimento");
    let stored = desk.stored("agents", id);
    assert_eq!((&stored["profile"], &stored["text_limit"]), (&json!("ADMIN"), &json!(3)));
    assert_eq!(desk.zenvia.secrets()["accounts"]["4211"]["agents"][id.to_string()]["passwordSha256"], DIGEST);
    assert_eq!(desk.external(&format!("{AGENTS}/{id}")).await.expect(200).body["name"], "ana");
}

#[tokio::test]
async fn an_update_changes_neither_activity_nor_departments() {
    let desk = Desk::start().await;
    let sales = desk.department("Vendas").await;
    let id = desk.external_write(Method::POST, AGENTS, new("ana")).await.done().id("agent");
    desk.control(Method::PUT, &format!("agents/{id}"), json!({"departmentIds": [sales]})).await.expect(204);
    let body = json!({"name": "Ana B", "active": false, "department_ids": [], "profile": "ADMIN"});
    let path = format!("{AGENTS}/{id}");
    desk.external_write(Method::PUT, &path, body).await.done();
    let stored = desk.stored("agents", id);
    assert_eq!((&stored["name"], &stored["active"]), (&json!("Ana B"), &json!(true)));
    assert_eq!(stored["departments"][0]["name"], "Vendas");
    desk.external_write(Method::PUT, &path, json!({"name": "Ana B"})).await.done();
    assert_eq!(desk.stored("agents", id)["profile"], "AGENT");
    desk.external_write(Method::DELETE, &path, json!({})).await.expect(404);
}

#[tokio::test]
async fn refusals_come_in_the_two_documented_shapes() {
    let desk = Desk::start().await;
    let reply = desk.external(&format!("{AGENTS}/1")).await.expect(404);
    assert_eq!(reply.body["status"], 404);
    assert!(reply.body["message"].is_string());
    desk.assume(json!({"externalNotFoundStatus": 200})).await;
    assert_eq!(desk.external(&format!("{AGENTS}/1")).await.expect(200).body["status"], 404);
    let reply = desk.external_write(Method::POST, AGENTS, json!({"name": "ana"})).await.expect(200);
    assert_eq!(reply.body["success"], false);
    assert!(reply.body["errors"][0].as_str().unwrap().contains("email"));
    let wrong = format!("{AGENTS}?token=wrong");
    desk.ask(Ask::get(&wrong)).await.expect(401);
    desk.assume(json!({"externalWrongTokenStatus": 200})).await;
    assert!(desk.ask(Ask::get(&wrong)).await.expect(200).body["message"].is_string());
}

#[tokio::test]
async fn lists_come_whole_unless_pages_are_assumed() {
    let accounts = Config::default().accounts.into_iter();
    let accounts =
        accounts.map(|one| sandbox::zenvia::AccountConfig { license_quantity: None, ..one }).collect();
    let desk = Desk::with(Config { accounts, ..Config::default() }).await;
    for index in 0..22 {
        desk.external_write(Method::POST, AGENTS, new(&format!("agent{index}"))).await.done();
    }
    assert_eq!(desk.external(AGENTS).await.body.as_array().unwrap().len(), 22);
    desk.assume(json!({"externalPaging": "pages"})).await;
    assert_eq!(desk.external(AGENTS).await.body.as_array().unwrap().len(), 20);
    assert_eq!(desk.external(&format!("{AGENTS}?page=2")).await.body.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_write_answers_in_an_envelope_or_bare_as_assumed() {
    let desk = Desk::start().await;
    desk.assume(json!({"envelope": "data"})).await;
    let reply = desk.external_write(Method::POST, AGENTS, new("ana")).await.done();
    assert_eq!(reply.body["data"]["name"], "ana");
    desk.assume(json!({"externalWriteReply": "bare"})).await;
    let reply = desk.external_write(Method::POST, AGENTS, new("bia")).await.expect(200);
    assert_eq!(reply.body["name"], "bia");
}

#[tokio::test]
async fn departments_are_only_read_with_their_members() {
    let desk = Desk::start().await;
    let id = desk.external_write(Method::POST, AGENTS, new("ana")).await.done().id("agent");
    let reply = desk.external("/api/external/departments").await.expect(200);
    let documented = [
        "id",
        "name",
        "ringing_max_time",
        "queued_max_time",
        "queue",
        "bot_id",
        "queue_position_time",
        "date_creation",
        "change_date",
        "state",
        "agents",
        "channels",
    ];
    assert_eq!(reply.body[0].as_object().unwrap().keys().collect::<Vec<_>>(), documented);
    assert_eq!(reply.body[0]["state"], 1);
    assert_eq!(reply.body[0]["agents"], json!([{"id": id, "name": "ana", "photo": Value::Null}]));
    desk.external_write(Method::POST, "/api/external/departments", json!({"name": "x"})).await.expect(404);
}

#[tokio::test]
async fn a_token_sees_its_own_account_only() {
    let desk = Desk::start().await;
    let id = desk.external_write(Method::POST, AGENTS, new("ana")).await.done().id("agent");
    let other = format!("{AGENTS}/{id}?token={}", account_token(4212));
    desk.ask(Ask::get(&other)).await.expect(404);
}

#[tokio::test]
async fn bots_see_up_to_three_online_agents_and_need_an_active_department() {
    let desk = Desk::start().await;
    for name in ["ana", "bia", "caio", "davi", "eva"] {
        let id = desk.agent(name).await;
        let status = if name == "eva" { "OFFLINE" } else { "ONLINE" };
        desk.control(Method::PUT, &format!("agents/{id}"), json!({"status": status})).await.expect(204);
    }
    let department = desk.account_state()["departments"][0]["id"].as_u64().unwrap();
    let path = format!("/core/api/v1/agents/online?department_id={department}");
    let reply = desk.external(&path).await.expect(200);
    assert_eq!(reply.body["agents"].as_array().unwrap().len(), 3);
    assert_eq!(reply.body["count"], 4);
    let start = || json!({"department_id": department, "media_type": "TEXT", "extra": {"order": 1}});
    let interactions = "/core/api/v1/interactions";
    let reply = desk.external_write(Method::POST, interactions, start()).await.expect(200);
    assert_eq!(desk.account_state()["interactions"][0]["interaction_hash"], reply.body["interaction_hash"]);
    let retired = json!({"department": {"account_id": ACCOUNT, "ativo": 0}});
    desk.write(Method::PUT, &format!("departments/{department}"), retired).await.done();
    let reply = desk.external_write(Method::POST, interactions, start()).await.expect(422);
    assert_eq!(reply.body["status"], 422);
    desk.external("/core/api/v1/agents/online").await.expect(422);
}
