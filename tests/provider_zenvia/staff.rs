//! Whose an agent is: claims, crashes between a call and the status, adoption, restores, and people's changes.

use std::collections::BTreeMap;

use human_support_operator::model::{
    Access, AdoptionPolicy, AgentKey, Claim, Claims, DeletionPolicy, ExternalId, Kind, Lifecycle, ObjectKey,
    Origin, Owner, Policy, Reason,
};
use human_support_operator::provider::zenvia::Api;
use human_support_operator::provider::{Outcome, ProviderError};
use serde_json::{Value, json};

use crate::world::{self, SETTLE, World, example, policy};

fn ana() -> ObjectKey {
    ObjectKey::new(Kind::Agent, "ana0")
}

async fn made_by_a_person(world: &World, email: &str, departments: Value) -> String {
    let made = json!({ "profile": "ADMIN", "department_ids": departments, "agent": { "account_id": world::ACCOUNT,
        "name": "Ana 0", "email": email, "password": "a".repeat(64) } });
    world.person("POST", "/partner/api/agents", made).await["agent"]["id"].to_string()
}

#[tokio::test]
async fn a_claim_is_there_before_the_first_call_and_complete_after_it() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(1));
    world.converge(&desired).await;
    let claims = world.claims.lock().unwrap().clone();
    let id = world.agent("ana0@loja.example")["id"].to_string();
    let claim = claims.get(&ana()).unwrap();
    assert_eq!((claim.id.clone(), claim.origin), (Some(ExternalId::new(id)), Origin::Created));
    assert_eq!(claim.max_conversations, Some(3));
}

#[tokio::test]
async fn a_crash_between_the_creation_and_the_status_loses_nobody() {
    for api in [Api::Partner, Api::Account] {
        let mut world = World::start(api).await;
        let desired = world.normalized(example(1));
        world.round(&desired).await;
        // What the status held before the first call.
        for claim in world.claims.lock().unwrap().values_mut() {
            *claim = Claim::new(None, Origin::Created);
        }
        world.restart();
        world.clear_calls();
        world.round(&desired).await;
        let claim = world.claims.lock().unwrap().get(&ana()).cloned().unwrap();
        assert_eq!(
            claim.id,
            Some(ExternalId::new(world.agent("ana0@loja.example")["id"].to_string())),
            "{api:?}"
        );
        assert_eq!(claim.origin, Origin::Created, "{api:?}");
        let made = world.write_calls().iter().filter(|call| call.starts_with("POST")).count();
        assert_eq!(made, 0, "{api:?}: {:?}", world.write_calls());
    }
}

#[tokio::test]
async fn a_claim_without_an_id_takes_nobody_who_is_outside_our_departments() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(1));
    made_by_a_person(&world, "ana0@loja.example", Value::Null).await;
    world.claims.lock().unwrap().insert(ana(), Claim::new(None, Origin::Created));
    let round = world.round(&desired).await;
    assert_eq!(round.held(Kind::Agent, "ana0"), Reason::EmailTaken);
    assert_eq!(world.agent("ana0@loja.example")["profile"], "ADMIN");
    assert_eq!(world.places("ana0@loja.example"), ["Atendimento"]);
}

#[tokio::test]
async fn an_agent_that_was_there_before_is_adopted_by_policy_and_released_at_the_end() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(1));
    let id = made_by_a_person(&world, "ana0@loja.example", Value::Null).await;
    let adopting = Policy { adoption: AdoptionPolicy::IfUnowned, ..policy(&world.provider, &desired) };
    world.round_under(&desired, adopting).await.assert_all_applied();
    let claim = world.claims.lock().unwrap().get(&ana()).cloned().unwrap();
    assert_eq!((claim.id, claim.origin), (Some(ExternalId::new(id)), Origin::Adopted));
    assert!(world.round(&desired).await.plan.is_empty());
    assert_eq!(world.places("ana0@loja.example"), ["Atendimento", "Vendas 0"]);
    assert_eq!(world.agent("ana0@loja.example")["password_writes"], 1, "an update carries no password");
    let lifecycle = Lifecycle::Deleting(DeletionPolicy::Deactivate);
    let ending = Policy { lifecycle, ..policy(&world.provider, &desired) };
    for _ in 0..3 {
        world.round_under(&desired, ending.clone()).await;
    }
    assert_eq!(world.agent("ana0@loja.example")["active"], true, "what people made is not taken away");
    assert!(!world.claims.lock().unwrap().contains_key(&ana()));
    assert!(world.subscriptions().iter().all(|one| one["status"] == "INACTIVE"));
}

#[tokio::test]
async fn after_a_restore_a_listed_agent_in_a_department_of_ours_is_ours_again() {
    let mut world = World::start(Api::Partner).await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    world.claims.lock().unwrap().clear();
    *world.licenses.lock().unwrap() = None;
    world.restart();
    world.clear_calls();
    let fewer = world.normalized(example(1));
    // The one that is not listed is reported and never touched.
    let round = world.round(&fewer).await;
    assert_eq!(world.agent("ana1@loja.example")["active"], true);
    assert_eq!(round.observed.notes.len(), 1, "{:?}", round.observed.notes);
    let owner = &round.observed.agents[0].owner;
    assert!(matches!(owner, Owner::Us { key, mark_is_current: false, .. } if key == "ana0"), "{owner:?}");
    let writes = world.write_calls();
    let licenses = writes.iter().filter(|call| call.contains("accounts")).count();
    assert_eq!(licenses, 1, "one repeated idempotent call: {writes:?}");
    assert!(writes.iter().all(|call| !call.starts_with("POST")), "{writes:?}");
    world.clear_calls();
    world.round(&fewer).await;
    assert!(world.write_calls().is_empty(), "{:?}", world.write_calls());
}

#[tokio::test]
async fn a_department_that_was_adopted_proves_nothing_about_its_agents() {
    let world = World::start(Api::Partner).await;
    let department = json!({ "department": { "account_id": world::ACCOUNT, "name": "Vendas 0" } });
    let id = world.person("POST", "/partner/api/departments", department).await["department"]["id"].clone();
    made_by_a_person(&world, "ana0@loja.example", json!([id])).await;
    let desired = world.normalized(example(1));
    let object = ObjectKey::new(Kind::Department, "d0");
    let adopt = BTreeMap::from([(object, ExternalId::new(id.to_string()))]);
    for _ in 0..2 {
        let named = Policy { adopt: adopt.clone(), ..policy(&world.provider, &desired) };
        let round = world.round_under(&desired, named).await;
        assert_eq!(round.held(Kind::Agent, "ana0"), Reason::EmailTaken);
    }
    assert_eq!(world.agent("ana0@loja.example")["text_limit"], Value::Null);
}

#[tokio::test]
async fn access_ends_and_comes_back_without_a_password() {
    let world = World::start(Api::Partner).await;
    let mut desired = world.normalized(example(2));
    world.converge(&desired).await;
    desired.agents.get_mut(&AgentKey::new("ana1")).unwrap().access = Access::Suspended;
    world.converge(&desired).await;
    let agent = world.agent("ana1@loja.example");
    assert_eq!((agent["active"].as_bool(), agent["profile"].as_str()), (Some(false), Some("AGENT")));
    assert_eq!(world.places("ana1@loja.example"), ["Vendas 0", "Vendas 1"]);
    desired.agents.get_mut(&AgentKey::new("ana1")).unwrap().access = Access::Active;
    world.converge(&desired).await;
    let agent = world.agent("ana1@loja.example");
    assert_eq!((agent["active"].as_bool(), agent["password_writes"].as_u64()), (Some(true), Some(1)));
}

#[tokio::test]
async fn what_people_change_is_repaired_and_a_profile_of_their_own_is_reported() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    let id = |email: &str| world.agent(email)["id"].to_string();
    let (zero, one) = (id("ana0@loja.example"), id("ana1@loja.example"));
    world.control("PUT", &format!("agents/{zero}"), json!({ "profile": "AGENT", "active": false })).await;
    world
        .control("PUT", &format!("agents/{one}"), json!({ "profile": "Supervisor", "departmentIds": [] }))
        .await;
    tokio::time::sleep(SETTLE).await;
    let round = world.round(&desired).await;
    assert_eq!(round.held(Kind::Agent, "ana1"), Reason::RemoteChanged);
    let agent = world.agent("ana0@loja.example");
    assert_eq!((agent["active"].as_bool(), agent["profile"].as_str()), (Some(true), Some("ADMIN")));
    assert_eq!(world.agent("ana1@loja.example")["profile"], "Supervisor", "never overwritten");
}

#[tokio::test]
async fn an_address_that_somebody_took_in_between_is_theirs() {
    let world = World::start(Api::Account).await;
    let desired = world.normalized(example(1));
    let observed = world.observe(&desired).await.unwrap();
    let plan = human_support_operator::plan::plan(&desired, &observed, &policy(&world.provider, &desired));
    made_by_a_person(&world, "ana0@loja.example", Value::Null).await;
    let outcomes = world.apply(&plan, &observed).await;
    let taken = Outcome::NotApplied(ProviderError::Rejected {
        reason: Reason::EmailTaken,
        field: Some("email".to_owned()),
    });
    assert!(outcomes.contains(&taken), "{outcomes:?}");
    assert_eq!(world.claims.lock().unwrap().keys().filter(|object| object.kind == Kind::Agent).count(), 0);
    tokio::time::sleep(SETTLE).await;
    let round = world.round(&desired).await;
    assert_eq!(round.held(Kind::Agent, "ana0"), Reason::EmailTaken);
}

#[tokio::test]
async fn claims_survive_the_way_through_the_status() {
    let world = World::start(Api::Partner).await;
    world.converge(&world.normalized(example(2))).await;
    let claims: Claims = world.claims.lock().unwrap().clone();
    let listed = human_support_operator::controller::claims::listed(&[], ("", &claims));
    assert_eq!(human_support_operator::controller::claims::read(&listed, ""), claims);
}

#[tokio::test]
async fn five_hundred_agents_converge_and_a_second_round_writes_nothing() {
    let world = World::start(Api::Partner).await;
    let desired = world.normalized(example(500));
    world.round(&desired).await.assert_all_applied();
    let agents = world.write_calls().iter().filter(|call| call.contains("agents")).count();
    assert_eq!(agents, 500);
    world.clear_calls();
    tokio::time::sleep(SETTLE).await;
    let round = world.round(&desired).await;
    assert!(round.plan.is_empty(), "{:?}", round.plan.steps.len());
    assert!(world.calls().len() < 15, "{:?}", world.calls());
}
