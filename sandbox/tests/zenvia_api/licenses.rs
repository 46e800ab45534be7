//! Accounts and licenses of the Partner API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, agent};

#[tokio::test]
async fn the_license_quantity_is_written_and_read_nowhere() {
    let desk = Desk::start().await;
    let reply = desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": 12})).await.done();
    assert_eq!(reply.body, json!({"status": 200, "success": true}));
    assert_eq!(desk.account_state()["license_quantity"], 12);
    let accounts = desk.read("accounts").await.expect(200);
    assert!(!accounts.text.contains("license"), "{}", accounts.text);
    for wrong in [json!(-1), json!("many"), json!(1.5)] {
        let refused = desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": wrong})).await;
        assert!(refused.refusal().contains("license_quantity"));
    }
    assert_eq!(desk.account_state()["license_quantity"], 12);
}

#[tokio::test]
async fn one_more_active_agent_than_licenses_is_refused_or_not_as_assumed() {
    let desk = Desk::start().await;
    desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": 1})).await.done();
    let ana = desk.agent("ana").await;
    let refused = desk.write(Method::POST, "agents", agent("bia")).await.refusal();
    assert!(refused.contains("License quantity exceeded"));
    let off = json!({"profile": "AGENT", "department_ids": [], "agent": {"active": false}});
    desk.write(Method::PUT, &format!("agents/{ana}"), off).await.done();
    desk.agent("bia").await;
    let on = json!({"profile": "AGENT", "department_ids": [], "agent": {"active": true}});
    desk.assume(json!({"licenseExceededError": "Sem vagas"})).await;
    let refused = desk.write(Method::PUT, &format!("agents/{ana}"), on.clone()).await.refusal();
    assert!(refused.contains("Sem vagas"));
    assert_eq!(desk.stored("agents", ana)["active"], false);
    desk.assume(json!({"licenseExceeded": "accepted"})).await;
    desk.write(Method::PUT, &format!("agents/{ana}"), on).await.done();
    assert_eq!(desk.account_state()["active_agents"], 2);
}

#[tokio::test]
async fn a_quantity_below_the_active_agents_is_accepted_or_refused_as_assumed() {
    let desk = Desk::start().await;
    desk.agent("ana").await;
    desk.agent("bia").await;
    desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": 1})).await.done();
    assert_eq!(desk.account_state()["license_quantity"], 1);
    desk.assume(json!({"licenseBelowActive": "refused"})).await;
    desk.write(Method::PUT, "accounts/4211", json!({"license_quantity": 0})).await.refusal();
    assert_eq!(desk.account_state()["license_quantity"], 1);
}

#[tokio::test]
async fn an_account_shows_its_webhook_address_and_takes_none() {
    let desk = Desk::start().await;
    let hook = "https://bot.example/zenvia";
    desk.control(Method::PUT, "accounts/4211", json!({"webhookUrl": hook})).await.expect(204);
    let account = |reply: Value| {
        reply["accounts"].as_array().unwrap().iter().find(|one| one["id"] == 4211).cloned().unwrap()
    };
    let listed = account(desk.read("accounts").await.body);
    let documented = [
        "id",
        "name",
        "email",
        "main_contact",
        "url",
        "webhook_url",
        "active",
        "ativo",
        "deleted_at",
        "phone",
        "date_creation",
        "change_date",
    ];
    assert_eq!(listed.as_object().unwrap().keys().collect::<Vec<_>>(), documented);
    assert_eq!(listed["webhook_url"], hook);
    let other = json!({"account": {"webhook_url": "https://other.example", "ativo": 0}});
    desk.write(Method::PUT, "accounts/4211", other).await.done();
    let listed = account(desk.read("accounts").await.body);
    assert_eq!((&listed["webhook_url"], &listed["ativo"]), (&json!(hook), &json!(0)));
}

#[tokio::test]
async fn one_account_is_not_shown_by_its_id_unless_assumed() {
    let desk = Desk::start().await;
    desk.read("accounts/4211").await.expect(404);
    desk.assume(json!({"accountShow": "yes"})).await;
    assert_eq!(desk.read("accounts/4211").await.done().body["account"]["id"], 4211);
    desk.read("accounts/4999").await.refusal();
}

#[tokio::test]
async fn an_account_is_created_and_a_deleted_one_is_gone() {
    let desk = Desk::start().await;
    let new = json!({"license_quantity": 3, "account": {"name": "Nova", "email": "nova@loja.example"}});
    let id = desk.write(Method::POST, "accounts", new).await.done().id("account");
    assert_eq!(desk.zenvia.state()["accounts"][id.to_string()]["license_quantity"], 3);
    let departments = desk.read(&format!("departments?account_id={id}")).await.expect(200);
    assert_eq!(departments.body["departments"].as_array().unwrap().len(), 1);
    desk.write(Method::DELETE, &format!("accounts/{id}"), json!({})).await.done();
    desk.read(&format!("departments?account_id={id}")).await.refusal();
}
