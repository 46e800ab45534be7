//! The Zenvia provider and the planner against the simulator: rounds until the account is as declared, by each way an
//! account can be reached. Must not look into the simulator beyond its ledger and its state.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code throughout")]

mod faults;
mod hooks;
#[path = "../shared/policies.rs"]
mod policies;
mod secrets;
mod staff;
mod ways;
mod world;

use human_support_operator::model::{Kind, Reason};
use human_support_operator::provider::zenvia::Api;
use serde_json::json;

use world::{MARK, World, example};

#[tokio::test]
async fn a_store_of_a_partner_converges_and_a_second_round_writes_nothing() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(3));
    world.converge(&desired).await;
    let before = world.write_calls().len();
    for _ in 0..3 {
        let round = world.round(&desired).await;
        assert!(round.plan.is_empty(), "{:#?}", round.plan);
    }
    assert_eq!(world.write_calls().len(), before);
    let account = world.account();
    assert_eq!(account["license_quantity"], 3);
    assert_eq!(world.agent("ana0@loja.example")["profile"], "ADMIN");
    assert_eq!(world.agent("ana1@loja.example")["profile"], "AGENT");
    assert_eq!(world.agent("ana1@loja.example")["text_limit"], 3);
    assert_eq!(world.places("ana1@loja.example"), ["Vendas 0", "Vendas 1"]);
    let marked = world.marked_departments();
    assert_eq!(marked.len(), 3);
    assert_eq!(marked[0]["description"], json!(format!("Quem vende\n{MARK}/department/d0 by=01234567")));
    let subscriptions = world.subscriptions();
    assert_eq!(subscriptions.len(), 2, "{subscriptions:#?}");
    assert_eq!(subscriptions[0]["eventType"], "CONVERSATION_MESSAGE");
    assert_eq!(subscriptions[0]["criteria"], json!({ "channel": "whatsapp", "direction": "OUT" }));
    assert_eq!(subscriptions[1]["eventType"], "CONVERSATION_STATUS");
}

#[tokio::test]
async fn an_agent_costs_one_call_whatever_its_departments() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(3));
    world.round(&desired).await.assert_all_applied();
    let writes = world.write_calls();
    let of = |operation: &str| writes.iter().filter(|call| *call == operation).count();
    assert_eq!(of("POST /partner/agents"), 3, "{writes:?}");
    assert_eq!(of("PUT /partner/agents/{id}"), 0, "{writes:?}");
    assert_eq!(writes.len(), 1 + 3 + 3 + 2, "licenses, departments, agents, subscriptions: {writes:?}");
}

#[tokio::test]
async fn somebody_who_was_there_before_is_not_taken_over() {
    let world = World::start(Api::Partner).await;
    let made = json!({ "profile": "AGENT", "department_ids": null, "agent": { "account_id": world::ACCOUNT,
        "name": "Ana", "email": "ana0@loja.example", "password": "a".repeat(64) } });
    world.person("POST", "/partner/api/agents", made).await;
    let desired = world.normalized(example(1));
    let round = world.round(&desired).await;
    assert_eq!(round.held(Kind::Agent, "ana0"), Reason::EmailTaken);
    assert_eq!(world.agent("ana0@loja.example")["profile"], "AGENT");
    let again = world.round(&desired).await;
    assert_eq!(again.held(Kind::Agent, "ana0"), Reason::EmailTaken);
}
