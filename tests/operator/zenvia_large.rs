//! A store of 500 agents on Zenvia, whose lists come in pages of twenty.

use serde_json::json;

use crate::harness::{MEMBER, STORE, ZenviaWorld, agent, calls, zenvia_small};

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_agents_converge_and_a_second_round_writes_nothing() {
    let mut world = ZenviaWorld::new().await;
    let mut spec = zenvia_small();
    spec["licenses"]["quantity"] = json!(500);
    let department = |number: usize| if number.is_multiple_of(2) { "sales" } else { "support" };
    spec["agents"] =
        (0..500).map(|number| agent(&format!("agent-{number:03}"), department(number))).collect();
    world.world.start_operator().await;
    let store = world.world.store(STORE, spec);
    store.apply().await;
    store.until_ready().await;
    let agents = world.zenvia.all("agents");
    assert_eq!(agents.len(), 500);
    assert!(agents.iter().all(|agent| agent["active"] == true && agent["password_writes"] == 1));
    let counts = world.zenvia.write_counts(0);
    assert_eq!(counts["POST /partner/agents"], 500, "one call for each: {counts:?}");
    assert_eq!(world.zenvia.account(MEMBER)["license_quantity"], 500);
    let object = store.get().await;
    assert_eq!(object["status"]["summary"]["agents"], "500/500");
    let size = object["status"].to_string().len();
    assert!(size < 300_000, "the status has {size} bytes");
    let mark = world.zenvia.mark();
    store.reconcile_now().await;
    store.until_ready().await;
    assert_eq!(world.zenvia.write_counts(mark), calls(&[]), "{}", world.zenvia.writes_text(mark));
}
