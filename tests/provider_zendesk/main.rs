//! The Zendesk provider and the planner against the simulator: rounds until the account is as declared, and what each
//! edit costs in calls. Must not look into the simulator beyond its ledger and its state.
#![allow(clippy::unwrap_used, clippy::panic, reason = "test code throughout")]

mod edits;
mod faults;
mod hours;
#[path = "../shared/policies.rs"]
mod policies;
mod queued_job;
mod rows;
mod switches;
mod user_jobs;
mod world;

use std::time::Duration;

use human_support_operator::model::{
    AgentKey, DepartmentKey, Email, Membership, MembershipKey, Reason, Standing,
};
use human_support_operator::provider::{Outcome, ProviderError};
use serde_json::json;

use world::{World, example};

#[tokio::test]
async fn a_store_converges_and_a_second_round_writes_nothing() {
    let world = World::start().await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    let before = world.zendesk_writes();
    for _ in 0..3 {
        let round = world.round(&desired).await;
        assert!(round.plan.is_empty(), "{:?}", round.plan);
    }
    assert_eq!(world.zendesk_writes(), before);
    let state = world.account();
    let webhook = &state["webhooks"][0];
    assert_eq!(webhook["endpoint"], "https://handler.example/webhooks/zendesk");
    let ours = |trigger: &&serde_json::Value| {
        trigger["description"].as_str().is_some_and(|text| text.starts_with("hso1c/"))
    };
    let triggers: Vec<_> = state["triggers"].as_array().unwrap().iter().filter(ours).collect();
    assert_eq!(triggers.len(), 3);
    let replied = triggers.iter().find(|trigger| trigger["title"] == "lojacentro - AgentReplied").unwrap();
    assert_eq!(replied["actions"][0]["value"][0], webhook["id"]);
    assert_eq!(
        replied["conditions"]["all"],
        json!([
            { "field": "current_tags", "operator": "includes", "value": "vtex-chatbot" },
            { "field": "current_via_id", "operator": "is_not", "value": "5" },
            { "field": "update_type", "operator": "is", "value": "Change" },
            { "field": "comment_is_public", "operator": "is", "value": "requester_can_see_comment" },
        ])
    );
    assert_eq!(world.token_held(), "first token");
}

/// What a check of a converged account of this size costs: one page of each list.
const LISTS: usize = 8;

/// The calls of a cold store of 20 agents, by whether the vendor's membership jobs honor `default`.
async fn cold_calls(jobs_honor_default: &str) -> (World, Vec<String>, usize) {
    let world = World::start().await;
    world.control("PUT", "assumptions", json!({ "jobsHonorDefault": jobs_honor_default })).await;
    let desired = world.normalized(example(20));
    world.clear_calls();
    world.round(&desired).await.assert_all_applied();
    let calls = world.calls();
    world.clear_calls();
    tokio::time::sleep(world::SETTLE).await;
    let second = world.round(&desired).await;
    assert!(second.plan.is_empty(), "{:?}", second.plan);
    assert_eq!(world.calls().len(), LISTS, "{:#?}", world.calls());
    let objects = desired.departments.len() + desired.agents.len() + desired.routes.len() + 3;
    (world, calls, objects)
}

#[tokio::test]
async fn a_cold_store_costs_one_call_for_each_object_and_a_check_costs_the_lists() {
    let (_, calls, objects) = cold_calls("yes").await;
    let of = |operation: &str| calls.iter().filter(|call| call.contains(operation)).count();
    assert_eq!(of("POST /group_memberships/create_many"), 1, "{calls:?}");
    assert_eq!(of("make_default"), 0);
    let (token_and_me, evidence, check_of_the_job) = (2, 2, 1);
    let job = 1 + of("GET /job_statuses") + check_of_the_job;
    assert_eq!(calls.len(), token_and_me + LISTS + evidence + objects + job, "{calls:#?}");
}

#[tokio::test]
async fn where_jobs_ignore_the_default_each_agent_costs_one_more_call() {
    let (world, calls, _) = cold_calls("no").await;
    let standing = calls.iter().filter(|call| call.contains("make_default")).count();
    assert_eq!(standing, 20, "{calls:#?}");
    let mut more = example(20);
    for number in 20..24 {
        let mut agent = more.agents[&AgentKey::new("ana0")].clone();
        agent.email = Email::new(format!("ana{number}@loja.example"));
        let (agent_key, department) = (AgentKey::new(format!("ana{number}")), DepartmentKey::new("d0"));
        more.agents.insert(agent_key.clone(), agent);
        let key = MembershipKey { agent: agent_key, department };
        more.memberships.insert(key.clone(), Membership { key, standing: Standing::Additional });
    }
    let more = world.normalized(more);
    world.clear_calls();
    world.round(&more).await.assert_all_applied();
    let calls = world.calls();
    let of = |operation: &str| calls.iter().filter(|call| *call == operation).count();
    assert_eq!(of("POST /group_memberships"), 4, "what was learned is remembered: {calls:#?}");
    assert_eq!(of("POST /group_memberships/create_many"), 0);
}

#[tokio::test]
async fn an_address_of_an_end_user_is_shown_and_nothing_is_taken_over() {
    let world = World::start().await;
    world
        .person(
            "POST",
            "/api/v2/users",
            json!({ "user": {
        "name": "Customer", "email": "ana0@loja.example", "role": "end-user" } }),
        )
        .await;
    let desired = world.normalized(example(5));
    let first = world.round(&desired).await;
    let refused = first.outcomes.iter().filter(|outcome| {
        matches!(outcome, Outcome::NotApplied(ProviderError::Rejected { reason: Reason::EmailTaken, .. }))
    });
    assert_eq!(refused.count(), 1, "many are looked up at once, so the vendor's refusal decides");
    let second = world.round(&desired).await;
    let held = second.plan.held.iter().find(|held| held.step.object().name == "ana0").unwrap();
    assert_eq!(held.reason, Reason::EmailTaken, "{}", held.message);
    let customer = world.user("ana0@loja.example");
    assert_eq!((customer["role"].as_str(), customer["external_id"].as_str()), (Some("end-user"), None));
}

#[tokio::test]
async fn no_seat_left_is_a_reason_and_the_rest_goes_on() {
    let world = World::start().await;
    world.control("PUT", "accounts/lojacentro", json!({ "seats": 5 })).await;
    let desired = world.normalized(example(5));
    let round = world.round(&desired).await;
    let exhausted = round.outcomes.iter().filter(|outcome| {
        matches!(outcome, Outcome::NotApplied(ProviderError::Rejected { reason: Reason::SeatsExhausted, .. }))
    });
    assert_eq!(exhausted.count(), 2);
    assert!(round.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Skipped(_))), "their memberships");
    let webhooks = world.account()["webhooks"].as_array().unwrap().len();
    assert_eq!(webhooks, 1, "what does not lean on them is done");
}

#[tokio::test]
async fn wrong_credentials_write_nothing_and_are_not_tried_again_and_again() {
    let world = World::start().await;
    world.set_secret("wrong");
    for _ in 0..5 {
        assert_eq!(world.observe_error(&example(2)).await, ProviderError::Unauthorized);
    }
    assert_eq!(world.calls().len(), 1, "{:?}", world.calls());
    world.set_secret(sandbox::zendesk::CLIENT_SECRET);
    world.round(&world.normalized(example(2))).await.assert_all_applied();
}

#[tokio::test]
async fn a_revoked_token_is_replaced_once() {
    let world = World::start().await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    world.control("POST", "revoke", json!({ "account": "lojacentro" })).await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    world.clear_calls();
    let round = world.round(&desired).await;
    assert!(round.plan.is_empty(), "{:?}", round.plan);
    let tokens = world.calls().iter().filter(|call| call.contains("oauth")).count();
    assert_eq!(tokens, 1, "{:?}", world.calls());
}
