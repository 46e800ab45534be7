//! Agents of the Partner API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{ACCOUNT, DIGEST, Desk, agent};

#[tokio::test]
async fn an_agent_reads_as_documented_and_never_shows_password_or_chat_limit() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    let reply = desk.read(&format!("agents/{id}")).await.done();
    let agent = reply.body["agent"].as_object().unwrap();
    let keys: Vec<&str> = agent.keys().map(String::as_str).collect();
    let documented = [
        "id",
        "name",
        "email",
        "photo",
        "phone_extension",
        "signature",
        "deleted_at",
        "active",
        "departments",
        "status",
        "profile",
        "created_at",
        "updated_at",
    ];
    assert_eq!(keys, documented);
    assert_eq!(agent["status"], "OFFLINE");
    assert_eq!(agent["active"], true);
    assert!(!reply.text.contains(DIGEST));
    let stored = desk.stored("agents", id);
    assert_eq!((&stored["text_limit"], &stored["password_writes"]), (&json!(5), &json!(1)));
    assert_eq!(desk.zenvia.secrets()["accounts"]["4211"]["agents"][id.to_string()]["passwordSha256"], DIGEST);
    desk.assume(json!({"textLimitOnRead": "yes"})).await;
    assert_eq!(desk.read(&format!("agents/{id}")).await.body["agent"]["text_limit"], 5);
}

#[tokio::test]
async fn lists_come_in_pages_of_20_newest_first_without_a_total() {
    let desk = Desk::start().await;
    desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": 50})).await.done();
    let mut ids = Vec::new();
    for index in 0..23 {
        ids.push(desk.agent(&format!("agent{index:02}")).await);
    }
    ids.reverse();
    let listed = |body: &Value| -> Vec<u64> {
        body["agents"].as_array().unwrap().iter().map(|one| one["id"].as_u64().unwrap()).collect()
    };
    let first = desk.read("agents").await.expect(200);
    assert_eq!(listed(&first.body), ids[..20]);
    assert_eq!(first.body.as_object().unwrap().keys().collect::<Vec<_>>(), ["status", "agents"]);
    assert_eq!(listed(&desk.read("agents?page=2").await.body), ids[20..]);
    assert!(listed(&desk.read("agents?page=3").await.body).is_empty());
    assert_eq!(listed(&desk.read("agents?limit=100").await.body), ids);
    let ascending = listed(&desk.read("agents?column=name&direction=asc&limit=2").await.body);
    assert_eq!(ascending, [ids[22], ids[21]]);
    assert_eq!(listed(&desk.read("agents?search=AGENT07").await.body), [ids[15]]);
    desk.assume(json!({"limitCap": 10})).await;
    assert_eq!(listed(&desk.read("agents?limit=100").await.body), ids[..10]);
}

#[tokio::test]
async fn envelopes_ids_and_success_of_lists_are_as_assumed() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    desk.assume(json!({"ids": "strings", "listSuccess": "present"})).await;
    let list = desk.read("agents").await.done();
    assert_eq!(list.body["agents"][0]["id"], id.to_string());
    assert!(list.body["agents"][0]["departments"][0]["id"].is_string());
    desk.assume(json!({"envelope": "dataForOne"})).await;
    assert_eq!(desk.read(&format!("agents/{id}")).await.done().body["data"]["name"], "ana");
    assert!(desk.read("agents").await.body["agents"].is_array());
    desk.assume(json!({"envelope": "data"})).await;
    assert!(desk.read("agents").await.done().body["data"].is_array());
}

#[tokio::test]
async fn ids_are_taken_as_numbers_and_as_texts() {
    let desk = Desk::start().await;
    let department = desk.department("Vendas").await;
    let mut body = agent("ana");
    body["agent"]["account_id"] = json!(ACCOUNT.to_string());
    body["department_ids"] = json!([department.to_string()]);
    let reply = desk.write(Method::POST, "agents", body).await.done();
    assert_eq!(reply.body["agent"]["departments"], json!([{"id": department, "name": "Vendas"}]));
}

#[tokio::test]
async fn a_null_profile_demotes_and_null_departments_are_the_first_one_on_update_too() {
    let desk = Desk::start().await;
    let sales = desk.department("Vendas").await;
    let mut body = agent("ana");
    body["profile"] = json!("ADMIN");
    body["department_ids"] = json!([sales]);
    let id = desk.write(Method::POST, "agents", body.clone()).await.done().id("agent");
    let path = format!("agents/{id}");
    let same = desk.write(Method::PUT, &path, body.clone()).await.done();
    assert_eq!(same.body["agent"]["profile"], "ADMIN");
    body["profile"] = Value::Null;
    body["department_ids"] = Value::Null;
    let reply = desk.write(Method::PUT, &path, body).await.done();
    assert_eq!(reply.body["agent"]["profile"], "AGENT");
    assert_eq!(reply.body["agent"]["departments"][0]["name"], "Atendimento");
    assert_eq!(reply.body["agent"]["departments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn empty_and_unknown_departments_are_as_assumed() {
    let desk = Desk::start().await;
    let mut body = agent("ana");
    body["department_ids"] = json!([]);
    let id = desk.write(Method::POST, "agents", body.clone()).await.done().id("agent");
    assert_eq!(desk.stored("agents", id)["departments"], json!([]));
    desk.assume(json!({"emptyDepartmentIds": "firstDepartment"})).await;
    let reply = desk.write(Method::PUT, &format!("agents/{id}"), body.clone()).await.done();
    assert_eq!(reply.body["agent"]["departments"][0]["name"], "Atendimento");
    body["department_ids"] = json!([77]);
    let refused = desk.write(Method::PUT, &format!("agents/{id}"), body.clone()).await;
    assert!(refused.refusal().contains("department_ids"));
    desk.assume(json!({"unknownDepartmentIds": "ignored"})).await;
    let reply = desk.write(Method::PUT, &format!("agents/{id}"), body).await.done();
    assert_eq!(reply.body["agent"]["departments"], json!([]));
}

#[tokio::test]
async fn creation_needs_name_email_and_a_sha256_password() {
    let desk = Desk::start().await;
    for missing in ["name", "email", "password"] {
        let mut body = agent("ana");
        body["agent"].as_object_mut().unwrap().remove(missing);
        assert!(desk.write(Method::POST, "agents", body).await.refusal().contains(missing));
    }
    let mut plain = agent("ana");
    plain["agent"]["password"] = json!("senha");
    assert!(desk.write(Method::POST, "agents", plain.clone()).await.refusal().contains("SHA-256"));
    let mut odd = agent("ana");
    odd["profile"] = json!("OWNER");
    assert!(desk.write(Method::POST, "agents", odd).await.refusal().contains("profile"));
    assert_eq!(desk.account_state()["agents"], json!([]));
    desk.assume(json!({"passwordFormatChecked": "no"})).await;
    desk.write(Method::POST, "agents", plain).await.done();
}

#[tokio::test]
async fn an_update_needs_a_password_only_if_assumed() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    let mut body = agent("ana");
    body["agent"].as_object_mut().unwrap().remove("password");
    desk.write(Method::PUT, &format!("agents/{id}"), body.clone()).await.done();
    assert_eq!(desk.stored("agents", id)["password_writes"], 1);
    desk.assume(json!({"updateRequiresPassword": "yes"})).await;
    let refused = desk.write(Method::PUT, &format!("agents/{id}"), body).await.refusal();
    assert!(refused.contains("password"));
    desk.write(Method::PUT, &format!("agents/{id}"), agent("ana")).await.done();
    assert_eq!(desk.stored("agents", id)["password_writes"], 2);
}

#[tokio::test]
async fn members_left_out_of_an_update_stay_or_are_reset_as_assumed() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    let path = format!("agents/{id}");
    let only = |fields: Value| json!({"profile": "AGENT", "department_ids": [], "agent": fields});
    desk.write(Method::PUT, &path, only(json!({"active": false}))).await.done();
    desk.write(Method::PUT, &path, only(json!({"name": "Ana B"}))).await.done();
    let stored = desk.stored("agents", id);
    assert_eq!((&stored["active"], &stored["text_limit"]), (&json!(false), &json!(5)));
    assert_eq!((&stored["name"], &stored["email"]), (&json!("Ana B"), &json!("ana@loja.example")));
    desk.assume(json!({"partialAgentUpdate": "resets"})).await;
    desk.write(Method::PUT, &path, only(json!({"name": "Ana C"}))).await.done();
    let stored = desk.stored("agents", id);
    assert_eq!((&stored["active"], &stored["text_limit"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn an_email_is_unique_within_the_scope_assumed_whatever_its_case() {
    let desk = Desk::start().await;
    desk.agent("ana").await;
    let mut body = agent("ana");
    body["agent"]["email"] = json!("ANA@loja.example");
    assert!(desk.write(Method::POST, "agents", body.clone()).await.refusal().contains("already been taken"));
    desk.assume(json!({"duplicateEmailError": "E-mail em uso"})).await;
    assert!(desk.write(Method::POST, "agents", body.clone()).await.refusal().contains("E-mail em uso"));
    body["agent"]["account_id"] = json!(4212);
    desk.assume(json!({"emailScope": "everywhere"})).await;
    desk.write(Method::POST, "agents", body.clone()).await.refusal();
    desk.assume(json!({"emailScope": "account"})).await;
    desk.write(Method::POST, "agents", body.clone()).await.done();
    desk.assume(json!({"emailScope": "nowhere"})).await;
    desk.write(Method::POST, "agents", body).await.done();
}

#[tokio::test]
async fn a_deletion_is_soft_and_what_it_leaves_is_as_assumed() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    let path = format!("agents/{id}");
    desk.assume(json!({"deleteAgent": "refused"})).await;
    assert!(desk.write(Method::DELETE, &path, json!({})).await.refusal().contains("inactivate"));
    desk.assume(json!({"deleteAgent": "accepted"})).await;
    let reply = desk.write(Method::DELETE, &path, json!({})).await.done();
    assert_eq!(reply.body["message"], "Agent deleted successfully");
    let listed = desk.read("agents").await.body["agents"][0].clone();
    assert!(listed["deleted_at"].is_string());
    assert_eq!(listed["active"], false);
    // It cannot be changed any more, and its address stays taken.
    desk.write(Method::PUT, &path, agent("ana")).await.refusal();
    desk.write(Method::POST, "agents", agent("ana")).await.refusal();
    desk.assume(json!({"deletionFreesEmail": "yes", "deletedAgents": "hidden"})).await;
    desk.read(&path).await.refusal();
    assert_eq!(desk.read("agents").await.body["agents"], json!([]));
    desk.agent("ana").await;
}

#[tokio::test]
async fn the_older_profile_call_changes_the_profile_alone() {
    let desk = Desk::start().await;
    let id = desk.agent("ana").await;
    let path = format!("agents/{id}/profile");
    desk.write(Method::PUT, &path, json!({"profile": "ADMIN"})).await.done();
    let stored = desk.stored("agents", id);
    assert_eq!(stored["profile"], "ADMIN");
    assert_eq!(stored["departments"][0]["name"], "Atendimento");
    desk.write(Method::PUT, &path, json!({"profile": Value::Null})).await.done();
    assert_eq!(desk.stored("agents", id)["profile"], "AGENT");
}
