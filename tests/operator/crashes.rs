//! kill -9 before and after the effect of every write of an onboarding, to the helpdesk and to Kubernetes: it converges,
//! nothing is there twice, and the invariants hold.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use sandbox::control_plane::{Gate, GateAction, GateRule, PassageStage};
use sandbox::simulator::{Action, Effect, Rule, Stage};
use serde_json::{Value, json};

use crate::harness::{Desk, STORE, Store, World, small, until};

/// How many worlds are killed at once: they mostly wait.
pub(crate) const AT_ONCE: usize = 6;

/// A store with a finalizer, so that every kind of write to Kubernetes is among those of its onboarding.
pub(crate) fn spec() -> Value {
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    spec
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_every_write_to_the_helpdesk_it_converges_and_nothing_is_there_twice() {
    let writes = {
        let mut world = World::new().await;
        let store = world.onboard(spec()).await;
        world.assert_invariants(&[&store]).await;
        world.desk.zendesk.ledger().write_count()
    };
    let positions = (1..=writes).flat_map(|write| [(write, Effect::Applied), (write, Effect::None)]);
    let runs = stream::iter(positions).map(|(write, effect)| async move {
        let mut world = World::new().await;
        let store = world.store(STORE, spec());
        killed_at(&mut world, (&store, write, effect)).await;
        converges(&mut world, &store).await;
        eprintln!("killed at write {write} of {writes} to the helpdesk ({effect:?}): converged");
    });
    runs.buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// Starts the operator and kills it while this write to the helpdesk is under way.
pub(crate) async fn killed_at(world: &mut World, (store, write, effect): (&Store, u64, Effect)) {
    let mut rule = Rule::new("kill", Action::Hold { effect }).times(1);
    rule.write = Some(write);
    world.desk.zendesk.faults().set(vec![rule]);
    world.start_operator().await;
    store.apply().await;
    until_stage(&world.desk, write, Stage::Held).await;
    world.kill_operator();
    // The connection ends with the process; only then is the fault taken away, so that nothing is applied late.
    until_stage(&world.desk, write, Stage::Lost).await;
    world.desk.zendesk.faults().set(Vec::new());
}

/// Starts the operator again, undisturbed.
pub(crate) async fn converges(world: &mut World, store: &Store) {
    world.start_operator().await;
    store.settle().await;
    world.assert_invariants(&[store]).await;
}

/// Waits until a write to the helpdesk has come so far.
pub(crate) async fn until_stage(desk: &Desk, write: u64, stage: Stage) {
    until(&format!("write {write} comes to {stage:?}"), || async {
        desk.zendesk.ledger().write(write).is_some_and(|entry| entry.stage >= stage)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_around_every_write_to_kubernetes_it_converges_and_nothing_is_there_twice() {
    let writes = {
        let (mut world, gate) = World::gated().await;
        world.onboard(spec()).await;
        let written: Vec<String> =
            gate.writes().iter().map(|write| format!("{} {}", write.method, write.path)).collect();
        eprintln!("the writes to Kubernetes of an onboarding:\n  {}", written.join("\n  "));
        written.len()
    };
    let positions = (0..writes).flat_map(|write| [(write, Effect::Applied), (write, Effect::None)]);
    let runs = stream::iter(positions).map(|(write, effect)| async move {
        let (mut world, gate) = World::gated().await;
        let store = world.store(STORE, spec());
        if killed_at_kubernetes_write(&mut world, (&gate, &store), (write, effect)).await {
            let object = store.get().await;
            let finalizers = object["metadata"]["finalizers"].as_array().map_or(0, Vec::len);
            assert!(
                finalizers == 1 || world.desk.writes(0).is_empty(),
                "an object before the finalizer: {}",
                world.desk.writes_text(0)
            );
        }
        converges(&mut world, &store).await;
        eprintln!("killed at write {} of {writes} to Kubernetes ({effect:?}): converged", write + 1);
    });
    runs.buffer_unordered(AT_ONCE).collect::<()>().await;
}

/// Kills the operator while this write to Kubernetes is under way; false when so many were not needed this time.
async fn killed_at_kubernetes_write(
    world: &mut World,
    (gate, store): (&Gate, &Store),
    (write, effect): (usize, Effect),
) -> bool {
    let mut rule = GateRule::new(GateAction::Hold { effect });
    rule.write = Some(write as u64 + 1);
    gate.set(vec![rule]);
    world.start_operator().await;
    store.apply().await;
    // Events are told once in ten minutes and depend on what the account's own round saw: their number varies.
    let held = |stage: PassageStage| gate.writes().get(write).is_some_and(|found| found.stage >= stage);
    let found = tokio::time::timeout(Duration::from_secs(20), async {
        while !held(PassageStage::Held) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    world.kill_operator();
    if found.is_ok() {
        until("the held write is lost", || async { held(PassageStage::Lost) }).await;
    }
    gate.set(Vec::new());
    found.is_ok()
}
