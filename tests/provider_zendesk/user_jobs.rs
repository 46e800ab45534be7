//! Users that change together go by job: a hundred in one call where the account allows it, one by one where not; and what
//! becomes of jobs that fail for some, end nowhere, are lost, or leave something out.

use human_support_operator::model::{Access, AgentKey, Desired, Email, Ref};
use human_support_operator::provider::{Outcome, ProviderError};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::world::{SETTLE, World, example};

const JOB: (&str, &str) = ("PUT", "/api/v2/users/update_many");

/// A converged account of so many agents without departments, in which jobs are allowed.
async fn world_of(agents: usize) -> (World, Desired) {
    converged(World::start().await, agents).await
}

async fn converged(world: World, agents: usize) -> (World, Desired) {
    allow_jobs(&world, true).await;
    let desired = world.normalized(people(agents));
    world.converge(&desired).await;
    world.clear_calls();
    (world, desired)
}

async fn allow_jobs(world: &World, are_allowed: bool) {
    world.control("PUT", "accounts/lojacentro", json!({ "features": { "bulkUsers": are_allowed } })).await;
}

fn people(agents: usize) -> Desired {
    let mut desired = example(agents);
    desired.memberships.clear();
    for agent in desired.agents.values_mut() {
        agent.default_department = Ref::Nothing;
    }
    desired
}

fn renamed(desired: &Desired) -> Desired {
    let mut renamed = desired.clone();
    for agent in renamed.agents.values_mut() {
        agent.name.push_str(" Souza");
    }
    renamed
}

/// Users whose name ends like this.
fn named(world: &World, end: &str) -> usize {
    let account = world.account();
    let users = account["users"].as_array().unwrap().iter();
    users.filter(|user| user["name"].as_str().is_some_and(|name| name.ends_with(end))).count()
}

fn count(calls: &[String], operation: &str) -> usize {
    calls.iter().filter(|call| *call == operation).count()
}

#[tokio::test]
async fn a_thousand_drifted_agents_are_repaired_in_ten_calls_and_a_look_at_each_job() {
    let (world, desired) = world_of(1000).await;
    world.control("PUT", "accounts/lojacentro", json!({ "features": { "rateLimits": true } })).await;
    let account = world.account();
    let users = account["users"].as_array().unwrap().iter();
    let ours: Vec<&Value> = users.filter(|user| user["external_id"].is_string()).collect();
    assert_eq!(ours.len(), desired.agents.len());
    for some in ours.chunks(100) {
        let users: Vec<Value> =
            some.iter().map(|user| json!({ "id": user["id"], "name": "Drifted" })).collect();
        world.person("PUT", "/api/v2/users/update_many", json!({ "users": users })).await;
    }
    while named(&world, "Drifted") < ours.len() {
        tokio::time::sleep(SETTLE).await;
    }
    world.clear_calls();
    world.round(&desired).await.assert_all_applied();
    let writes = world.write_calls();
    assert_eq!(writes, ["PUT /users/update_many"; 10], "P8: at most 20 write calls for 1,000 agents");
    let looks = count(&world.calls(), "GET /job_statuses/{id}");
    assert!((10..=30).contains(&looks), "a job is looked at, not stared at: {looks}");
    assert_eq!(count(&world.calls(), "GET /users/show_many"), 10, "and what it did is read back");
    assert_eq!(named(&world, "Drifted"), 0);
    assert!(world.round(&desired).await.plan.is_empty(), "the reading knows what the jobs did");
}

#[tokio::test]
async fn two_users_go_one_by_one_and_three_by_job() {
    let (world, desired) = world_of(3).await;
    let mut two = renamed(&desired);
    let third = AgentKey::new("ana2");
    two.agents.insert(third.clone(), desired.agents[&third].clone());
    world.round(&two).await.assert_all_applied();
    assert_eq!(world.write_calls(), ["PUT /users/{id}"; 2]);
    world.clear_calls();
    world.round(&renamed(&two)).await.assert_all_applied();
    assert_eq!(world.write_calls(), ["PUT /users/update_many"]);
}

#[tokio::test]
async fn an_account_without_jobs_is_asked_once_and_users_go_one_by_one() {
    let (world, desired) = world_of(4).await;
    allow_jobs(&world, false).await;
    let next = renamed(&desired);
    world.round(&next).await.assert_all_applied();
    let single = [&["PUT /users/update_many"][..], &["PUT /users/{id}"; 4]].concat();
    assert_eq!(world.write_calls(), single, "what was refused is done");
    world.clear_calls();
    allow_jobs(&world, true).await;
    world.round(&renamed(&next)).await.assert_all_applied();
    assert_eq!(world.write_calls(), ["PUT /users/{id}"; 4], "it is remembered for the process");
}

#[tokio::test]
async fn a_vendor_without_the_path_is_asked_once_too() {
    let (world, desired) = world_of(3).await;
    let missing = Action::Status { status: 404, body: None, retry_after: None, effect: Effect::None };
    world.desk.faults().set(vec![Rule::new("missing", missing).on(JOB.0, JOB.1)]);
    let next = renamed(&desired);
    world.round(&next).await.assert_all_applied();
    world.round(&renamed(&next)).await.assert_all_applied();
    assert_eq!(count(&world.write_calls(), "PUT /users/update_many"), 1);
    assert_eq!(count(&world.write_calls(), "PUT /users/{id}"), 6);
}

/// An item of a job that fails, with the vendor's results in either of their shapes.
async fn items_fail_one_by_one(results: &str) {
    let (world, desired) = world_of(5).await;
    world.control("PUT", "assumptions", json!({ "jobResults": results })).await;
    let action = Action::Vendor { disturbance: json!({ "failItems": [0, 3] }) };
    world.desk.faults().set(vec![Rule::new("items", action).on(JOB.0, JOB.1).times(1)]);
    let next = renamed(&desired);
    let round = world.round(&next).await;
    let is_refused =
        |outcome: &&Outcome| matches!(outcome, Outcome::NotApplied(ProviderError::Rejected { .. }));
    assert_eq!(round.outcomes.iter().filter(is_refused).count(), 2, "{results}: {:?}", round.outcomes);
    let applied = round.outcomes.iter().filter(|one| matches!(one, Outcome::Applied(Some(_)))).count();
    assert_eq!((applied, named(&world, "Souza")), (3, 3), "{results}: the others are done at once");
    for place in [0, 3] {
        assert!(is_refused(&&round.outcomes[place]), "{results}: {:?}", round.outcomes);
    }
    world.settle(&next).await;
    assert_eq!(named(&world, "Souza"), 5, "{results}");
}

#[tokio::test]
async fn items_of_a_job_fail_one_by_one_and_are_done_in_a_later_round() {
    items_fail_one_by_one("indexed").await;
    items_fail_one_by_one("recorded").await;
}

#[tokio::test]
async fn a_job_of_which_the_answer_is_lost_is_unknown_and_found_out() {
    for effect in [Effect::Applied, Effect::None] {
        let (world, desired) = world_of(3).await;
        let lost = Rule::new("lost", Action::Reset { effect }).on(JOB.0, JOB.1).times(1);
        world.desk.faults().set(vec![lost]);
        let next = renamed(&desired);
        let round = world.round(&next).await;
        assert_eq!(round.outcomes, [Outcome::Unknown, Outcome::Unknown, Outcome::Unknown], "{effect:?}");
        // Time for the job that nobody heard of.
        tokio::time::sleep(SETTLE * 3).await;
        world.settle(&next).await;
        assert_eq!(named(&world, "Souza"), 3, "{effect:?}");
        let sent = if effect == Effect::Applied { 1 } else { 2 };
        assert_eq!(
            count(&world.write_calls(), "PUT /users/update_many"),
            sent,
            "{effect:?}: seen, not sent again"
        );
    }
}

#[tokio::test]
async fn after_a_job_that_disappears_users_go_one_by_one() {
    let (world, desired) = world_of(3).await;
    let action = Action::Vendor { disturbance: json!({ "job": "vanish" }) };
    world.desk.faults().set(vec![Rule::new("vanish", action).on(JOB.0, JOB.1).times(1)]);
    let next = renamed(&desired);
    let round = world.round(&next).await;
    assert_eq!(round.outcomes, [Outcome::Unknown, Outcome::Unknown, Outcome::Unknown]);
    assert_eq!(named(&world, "Souza"), 0, "nothing was done");
    world.settle(&next).await;
    assert_eq!(named(&world, "Souza"), 3);
    let single = [&["PUT /users/update_many"][..], &["PUT /users/{id}"; 3]].concat();
    assert_eq!(world.write_calls(), single, "jobs that end nowhere are not trusted again at once");
}

#[tokio::test]
async fn a_job_that_stays_queued_is_unknown_and_users_go_one_by_one() {
    let (world, desired) = converged(World::start_impatient().await, 3).await;
    let action = Action::Vendor { disturbance: json!({ "job": "stuck" }) };
    world.desk.faults().set(vec![Rule::new("stuck", action).on(JOB.0, JOB.1)]);
    let next = renamed(&desired);
    let round = world.round(&next).await;
    assert_eq!(round.outcomes, [Outcome::Unknown, Outcome::Unknown, Outcome::Unknown]);
    world.settle(&next).await;
    assert_eq!(named(&world, "Souza"), 3, "an account whose jobs never end gets there all the same");
    assert_eq!(count(&world.write_calls(), "PUT /users/update_many"), 1);
}

#[tokio::test]
async fn users_that_cannot_be_read_back_are_unknown_and_a_later_reading_tells() {
    let (world, desired) = world_of(3).await;
    let broken = Action::Status { status: 400, body: None, retry_after: None, effect: Effect::None };
    world.desk.faults().set(vec![Rule::new("unread", broken).on("GET", "/api/v2/users/show_many").times(1)]);
    let next = renamed(&desired);
    let round = world.round(&next).await;
    assert_eq!(round.outcomes, [Outcome::Unknown, Outcome::Unknown, Outcome::Unknown]);
    world.settle(&next).await;
    assert_eq!(world.write_calls(), ["PUT /users/update_many"], "it was done, and is seen to be");
}

#[tokio::test]
async fn what_a_job_leaves_out_is_written_alone() {
    let (world, desired) = world_of(3).await;
    world.control("PUT", "assumptions", json!({ "userJobsWriteExternalId": "no" })).await;
    // Somebody takes the marks away: they are written again.
    for agent in desired.agents.values() {
        let id = &world.user(agent.email.as_str())["id"];
        world.person("PUT", &format!("/api/v2/users/{id}"), json!({ "user": { "external_id": null } })).await;
    }
    let mut policy = crate::world::policy(&world.provider);
    policy.adoption = human_support_operator::model::AdoptionPolicy::IfUnowned;
    world.clear_calls();
    let round = world.round_under(&desired, policy).await;
    round.assert_all_applied();
    let single = [&["PUT /users/update_many"][..], &["PUT /users/{id}"; 3]].concat();
    assert_eq!(world.write_calls(), single);
    for agent in desired.agents.values() {
        let mark = world.user(agent.email.as_str())["external_id"].clone();
        assert!(mark.as_str().is_some_and(|mark| mark.starts_with("hso1a/")), "{mark}");
    }
}

#[tokio::test]
async fn an_address_never_goes_by_job_and_the_others_do() {
    let (world, desired) = world_of(4).await;
    let mut next = renamed(&desired);
    let moved = AgentKey::new("ana1");
    next.agents.get_mut(&moved).unwrap().email = Email::new("ana.souza@loja.example");
    world.round(&next).await.assert_all_applied();
    let jobs: Vec<Value> = world
        .desk
        .writes()
        .iter()
        .filter(|entry| entry.operation == "PUT /users/update_many")
        .map(|entry| entry.body_value())
        .collect();
    assert_eq!((jobs.len(), jobs[0]["users"].as_array().map(Vec::len)), (1, Some(3)), "{jobs:?}");
    assert!(!jobs[0].to_string().contains("email"), "{jobs:?}");
    assert_eq!(count(&world.write_calls(), "POST /users/{id}/identities"), 1);
    assert_eq!(world.user("ana.souza@loja.example")["name"], "Ana 1 Souza");
    assert!(world.round(&next).await.plan.is_empty());
}

#[tokio::test]
async fn access_ends_by_job_too() {
    let (world, desired) = world_of(4).await;
    let mut next = desired.clone();
    for number in 0..3 {
        next.agents.get_mut(&AgentKey::new(format!("ana{number}"))).unwrap().access = Access::Dismissed;
    }
    world.settle(&next).await;
    for (number, role) in [(0, "end-user"), (1, "end-user"), (2, "end-user"), (3, "agent")] {
        let user = world.user(&format!("ana{number}@loja.example"));
        assert_eq!((&user["role"], &user["suspended"]), (&json!(role), &json!(number < 3)), "{number}");
    }
    assert_eq!(count(&world.write_calls(), "PUT /users/{id}"), 0, "{:?}", world.write_calls());
}
