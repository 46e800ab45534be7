//! Every point about the vendor that no source settles, in each of its other positions: a store converges, an edit and a
//! leaver are carried out, a lost answer makes nothing twice, and a last round writes nothing.

use futures::future::join_all;
use human_support_operator::model::{DepartmentKey, RemoteName};
use sandbox::simulator::{Action, Effect, Rule};
use sandbox::zendesk::Assumptions;
use serde_json::{Value, json};

use crate::faults::assert_nothing_twice;
use crate::world::{World, example};

/// A world in which the vendor takes this position.
async fn world_with(assumptions: Assumptions) -> World {
    let world = World::start().await;
    world.desk.assume(assumptions);
    world
}

async fn lives_under(name: String, assumptions: Assumptions) {
    let world = world_with(assumptions).await;
    world.control("PUT", "accounts/lojacentro", json!({ "features": { "bulkUsers": true } })).await;
    world.settle(&world.normalized(example(5))).await;
    // The last one in a department leaves together with it, and so many others change that they go by job.
    let mut edited = example(4);
    for agent in edited.agents.values_mut() {
        agent.name.push_str(" Souza");
    }
    if let Some(department) = edited.departments.get_mut(&DepartmentKey::new("d0")) {
        department.name = RemoteName::new("Renamed");
    }
    let edited = world.normalized(edited);
    world.settle(&edited).await;
    let before = world.zendesk_writes();
    let last = world.round(&edited).await;
    assert!(last.plan.is_empty(), "{name}: {:?}", last.plan);
    assert_eq!(world.zendesk_writes(), before, "{name}");
    let account = world.account();
    let groups = account["groups"].to_string();
    let is_last = |group: &&Value| group["name"] == "Vendas 4";
    assert!(groups.contains("Renamed"), "{name}: {groups}");
    assert_eq!(account["users"].to_string().matches(" Souza\"").count(), 4, "{name}");
    assert!(world.write_calls().iter().any(|call| call == "PUT /users/update_many"), "{name}");
    let left: Vec<&Value> = account["groups"].as_array().unwrap().iter().filter(is_last).collect();
    assert!(left.iter().all(|group| group["deleted"] == true), "{name}: {left:?}");
}

#[tokio::test]
async fn a_store_lives_whatever_the_vendor_does_where_no_source_says() {
    let alternatives = Assumptions::alternatives();
    assert_eq!(alternatives.len(), 32, "every other position of what no source settles");
    let lives = alternatives.into_iter().map(|(name, assumptions)| {
        let task = tokio::spawn(lives_under(name.clone(), assumptions));
        async move { task.await.err().map(|error| format!("{name}: {error}")) }
    });
    let failed: Vec<String> = join_all(lives).await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn loses_an_answer_under((name, assumptions): (String, Assumptions), path: &str) {
    let world = world_with(assumptions).await;
    let rule = Rule::new("lost", Action::Reset { effect: Effect::Applied }).on("POST", path).times(1);
    world.desk.faults().set(vec![rule]);
    let desired = world.normalized(example(2));
    world.settle(&desired).await;
    assert_nothing_twice(&world);
    let last = world.round(&desired).await;
    assert!(last.plan.is_empty(), "{name}, {path}: {:?}", last.plan);
}

#[tokio::test]
async fn a_lost_answer_makes_nothing_twice_whatever_the_vendor_does_where_no_source_says() {
    for path in ["/api/v2/groups", "/api/v2/users", "/api/v2/webhooks", "/api/v2/triggers"] {
        join_all(Assumptions::alternatives().into_iter().map(|one| loses_an_answer_under(one, path))).await;
    }
}
