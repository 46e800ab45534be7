//! An operator that is killed again and again, and one that is asked to end in the middle of its work.

use std::time::Duration;

use sandbox::simulator::{Action, Rule};

use crate::crashes::{converges, spec};
use crate::harness::{STORE, World, until};

/// Every write takes a moment, so that the end comes in the middle of the work.
fn slow_writes(milliseconds: u64) -> Vec<Rule> {
    let slow = Rule::new("slow", Action::Delay { milliseconds });
    ["POST", "PUT", "PATCH"].map(|method| slow.clone().on(method, "/api/v2/**")).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_every_300_milliseconds_its_progress_never_falls_and_it_converges_after() {
    let mut world = World::new().await;
    world.desk.zendesk.faults().set(slow_writes(120));
    let store = world.store(STORE, spec());
    store.apply().await;
    let mut progress = vec![0];
    for crash in 0..12 {
        world.start_operator().await;
        // The first half of the crashes leaves no time to prove absence; the second half does.
        let life = if crash < 6 { 300 } else { 1500 };
        tokio::time::sleep(Duration::from_millis(life)).await;
        world.kill_operator();
        progress.push(world.live_marks().len());
    }
    eprintln!("live objects after each crash: {progress:?}");
    assert!(progress.is_sorted(), "progress fell: {progress:?}");
    world.desk.zendesk.faults().set(Vec::new());
    converges(&mut world, &store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_in_the_middle_of_a_round_it_ends_within_five_seconds_and_releases_the_lease() {
    let mut world = World::new().await;
    world.flags.extra.clear();
    world.desk.zendesk.faults().set(slow_writes(400));
    world.start_operator().await;
    let store = world.store(STORE, spec());
    store.apply().await;
    until("some writes are done", || async { world.desk.writes(0).len() >= 3 }).await;
    let code = world.operator.take().unwrap().stop_within(Duration::from_secs(5)).await;
    assert_eq!(code, Some(0), "a clean end, not the end of patience");
    let leases = world.cluster.list("Lease", &world.namespace).await;
    let holder = leases[0]["spec"]["holderIdentity"].as_str().unwrap_or_default();
    assert_eq!(holder, "", "the lease is free for the next one");
    let ends = world.desk.writes(0);
    let unfinished: Vec<_> = ends.iter().filter(|entry| entry.status.is_none()).collect();
    assert!(unfinished.is_empty(), "a write was cut off: {unfinished:?}");
    world.desk.zendesk.faults().set(Vec::new());
    converges(&mut world, &store).await;
}
