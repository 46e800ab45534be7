//! kill -9 while users are changed by job, before and after the vendor took the job on: the job acts, or not, without anybody
//! who waits for it. It converges, and the invariants hold.

use reqwest::Method;
use sandbox::simulator::{Action, Effect, Rule, Stage};
use serde_json::json;

use crate::crashes::{converges, spec, until_stage};
use crate::harness::{ACCOUNT, World, agent};

async fn killed_in_a_job(effect: Effect) {
    let mut world = World::new().await;
    let features = json!({"features": {"bulkUsers": true}});
    world.desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), features).await;
    let mut spec = spec();
    spec["agents"].as_array_mut().unwrap().extend(["eva", "leo", "mia"].map(|name| agent(name, "sales")));
    let mut store = world.onboard(spec).await;
    let write = world.desk.zendesk.ledger().write_count() + 1;
    let mut rule = Rule::new("kill", Action::Hold { effect }).times(1);
    rule.write = Some(write);
    world.desk.zendesk.faults().set(vec![rule]);
    store
        .edit(|spec| {
            for agent in spec["agents"].as_array_mut().unwrap() {
                agent["displayName"] = json!(format!("{} Prado", agent["name"].as_str().unwrap()));
            }
        })
        .await;
    until_stage(&world.desk, write, Stage::Held).await;
    world.kill_operator();
    until_stage(&world.desk, write, Stage::Lost).await;
    world.desk.zendesk.faults().set(Vec::new());
    let held = world.desk.zendesk.ledger().write(write).unwrap();
    assert_eq!(held.operation, "PUT /users/update_many", "{effect:?}");
    converges(&mut world, &store).await;
    assert_eq!(world.desk.user("eva@loja.example")["name"], "eva Prado", "{effect:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_and_after_a_job_of_users_is_taken_on_it_converges() {
    tokio::join!(killed_in_a_job(Effect::Applied), killed_in_a_job(Effect::None));
}
