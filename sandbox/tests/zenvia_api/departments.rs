//! Departments of the Partner API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{ACCOUNT, Desk};

#[tokio::test]
async fn a_department_reads_as_documented_with_the_number_of_its_agents() {
    let desk = Desk::start().await;
    desk.agent("ana").await;
    let gone = desk.agent("bia").await;
    let reply = desk.read("departments").await.expect(200);
    let keys: Vec<&String> = reply.body["departments"][0].as_object().unwrap().keys().collect();
    let documented = [
        "id",
        "name",
        "description",
        "active",
        "queue",
        "queued_max_time",
        "ringing_max_time",
        "queue_position_time",
        "deleted_at",
        "agents",
        "channels",
        "created_at",
        "updated_at",
    ];
    assert_eq!(keys, documented);
    assert_eq!(reply.body["departments"][0]["agents"], 2);
    desk.write(Method::DELETE, &format!("agents/{gone}"), json!({})).await.done();
    assert_eq!(desk.read("departments").await.body["departments"][0]["agents"], 1);
}

#[tokio::test]
async fn a_department_is_written_retired_and_never_deleted() {
    let desk = Desk::start().await;
    let new = json!({"channels": ["chat", "audio"], "department": {"account_id": ACCOUNT, "name": "Vendas",
        "description": "store x"}});
    let reply = desk.write(Method::POST, "departments", new).await.done();
    let id = reply.id("department");
    let names: Vec<&Value> =
        reply.body["department"]["channels"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["CHAT", "VOICE"]);
    let path = format!("departments/{id}");
    let retired = json!({"department": {"account_id": ACCOUNT, "ativo": 0}});
    let reply = desk.write(Method::PUT, &path, retired).await.done();
    assert_eq!(reply.body["department"]["active"], false);
    assert_eq!(reply.body["department"]["description"], "store x");
    desk.write(Method::DELETE, &path, json!({})).await.expect(404);
    desk.read(&path).await.expect(404);
    assert_eq!(desk.stored("departments", id)["name"], "Vendas");
    let nameless = json!({"department": {"account_id": ACCOUNT}});
    assert!(desk.write(Method::POST, "departments", nameless).await.refusal().contains("name"));
    let odd = json!({"channels": ["smoke"], "department": {"account_id": ACCOUNT, "name": "x"}});
    assert!(desk.write(Method::POST, "departments", odd).await.refusal().contains("channels"));
}

#[tokio::test]
async fn names_are_free_unless_assumed_unique() {
    let desk = Desk::start().await;
    let first = desk.department("Vendas").await;
    let second = desk.department("Vendas").await;
    assert_ne!(first, second);
    desk.assume(json!({"departmentNamesUnique": "yes"})).await;
    let body = json!({"department": {"account_id": ACCOUNT, "name": "Vendas"}});
    assert!(desk.write(Method::POST, "departments", body).await.refusal().contains("taken"));
    let own = json!({"department": {"name": "Atendimento"}});
    desk.write(Method::PUT, &format!("departments/{first}"), own).await.refusal();
}

#[tokio::test]
async fn agent_ids_replace_or_add_members_as_assumed_and_null_leaves_them() {
    let desk = Desk::start().await;
    let (ana, bia) = (desk.agent("ana").await, desk.agent("bia").await);
    let id = desk.department("Vendas").await;
    let path = format!("departments/{id}");
    let write = |agents: Value| json!({"agent_ids": agents, "department": {"name": "Vendas"}});
    desk.write(Method::PUT, &path, write(json!([ana]))).await.done();
    desk.write(Method::PUT, &path, write(json!([bia]))).await.done();
    assert_eq!(desk.stored("departments", id)["agent_ids"], json!([bia]));
    desk.write(Method::PUT, &path, write(Value::Null)).await.done();
    assert_eq!(desk.stored("departments", id)["agent_ids"], json!([bia]));
    desk.assume(json!({"departmentAgentIds": "add"})).await;
    desk.write(Method::PUT, &path, write(json!([ana]))).await.done();
    assert_eq!(desk.stored("departments", id)["agent_ids"], json!([ana, bia]));
    assert!(desk.write(Method::PUT, &path, write(json!([1]))).await.refusal().contains("agent_ids"));
}

#[tokio::test]
async fn the_older_calls_add_and_remove_agents_and_channels() {
    let desk = Desk::start().await;
    let ana = desk.agent("ana").await;
    let id = desk.department("Vendas").await;
    let call = |name: &str| format!("departments/{id}/{name}");
    desk.write(Method::POST, &call("add_agents"), json!({"agent_ids": [ana]})).await.done();
    assert_eq!(desk.read(&call("agents")).await.body["agents"][0]["id"], ana);
    desk.write(Method::POST, &call("remove_agents"), json!({"agent_ids": [ana]})).await.done();
    assert_eq!(desk.read(&call("agents")).await.body["agents"], json!([]));
    desk.write(Method::POST, &call("add_channels"), json!({"channels": ["video"]})).await.done();
    desk.write(Method::POST, &call("remove_channels"), json!({"channels": ["chat"]})).await.done();
    let channels = desk.read(&call("channels")).await.body["channels"].clone();
    assert_eq!(channels.as_array().unwrap().len(), 1);
    assert_eq!(channels[0]["name"], "VIDEO");
}
