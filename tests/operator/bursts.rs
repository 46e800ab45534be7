//! One resource is edited fifty times a second: it costs few rounds, and nobody else waits for it.

use std::time::Duration;

use serde_json::json;

use crate::harness::{STORE, World, condition, small};
use crate::second_round::another_store;

const EDITS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_of_edits_takes_at_most_two_rounds_once_it_settles_and_nobody_starves() {
    let mut world = World::new().await;
    let mut spec = small();
    // Without a webhook there are no looks at its Secret, so every round is one of the burst.
    spec["webhooks"] = json!([]);
    let mut store = world.onboard(spec).await;
    let bystander = world.store("loja-norte", another_store(2));
    let mut tick = tokio::time::interval(Duration::from_millis(20));
    for number in 0..EDITS {
        tick.tick().await;
        store.edit(|spec| spec["departments"][0]["displayName"] = json!(format!("Vendas {number}"))).await;
        if number == 5 {
            bystander.apply().await;
        }
    }
    let last_edit = jiff::Timestamp::now();
    let neighbor = bystander.get().await;
    assert_eq!(condition(&neighbor, "Ready")["status"], "True", "the other store went live during the burst");
    store.until_ready().await;
    let settled = jiff::Timestamp::now();
    world.desk.one("groups", "name", &format!("Vendas {}", EDITS - 1));
    let rounds = world.operator.as_ref().unwrap().rounds(STORE);
    let after = rounds.iter().filter(|at| (last_edit..settled).contains(*at)).count();
    eprintln!("{EDITS} edits: {} rounds in all, {after} after the last edit", rounds.len());
    assert!(after <= 2, "{after} rounds for a settled burst");
    world.assert_invariants(&[&store, &bystander]).await;
}
