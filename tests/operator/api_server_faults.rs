//! The API server refuses, loses answers, breaks watches off, restarts, and comes back with an older state.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use sandbox::control_plane::{GateAction, GateRule};
use sandbox::process::OwnedFolder;
use sandbox::simulator::Effect;
use serde_json::json;

use crate::crashes::spec;
use crate::harness::{Cluster, STORE, World, agent};

const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

fn status(code: u16, effect: Effect) -> GateAction {
    GateAction::Status { code, effect }
}

/// Every n-th request of these methods whose path has this text.
fn every(number: u64, (methods, contains): (&[&'static str], &str), action: GateAction) -> GateRule {
    GateRule { every: number, ..GateRule::new(action).on(methods, contains) }
}

/// What is done to the requests of an operator, by name.
fn weathers() -> Vec<(&'static str, Vec<GateRule>)> {
    let all: (&[&'static str], &str) = (&[], "");
    let writes: (&[&'static str], &str) = (&WRITES, "humansupportconfigs");
    let watches: (&[&'static str], &str) = (&["GET"], "watch=true");
    vec![
        ("409 on every second patch", vec![every(2, writes, status(409, Effect::None))]),
        ("504 after the effect of every second write", vec![every(2, writes, status(504, Effect::Applied))]),
        ("every second write loses its answer", {
            vec![every(2, writes, GateAction::Lose { effect: Effect::Applied })]
        }),
        ("every seventh request is a 429", vec![every(7, all, status(429, Effect::None))]),
        ("every seventh request is a 500", vec![every(7, all, status(500, Effect::None))]),
        ("every watch breaks off after 300 ms", {
            vec![every(1, watches, GateAction::Cut { after: Duration::from_millis(300) })]
        }),
        ("events are refused", vec![every(1, (&WRITES, "/events"), status(403, Effect::None))]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_api_server_answers_it_converges_and_nothing_is_there_twice() {
    let runs = stream::iter(weathers()).map(|(name, rules)| async move {
        let (mut world, gate) = World::gated().await;
        gate.set(rules);
        let mut store = world.store(STORE, spec());
        store.apply().await;
        world.start_operator().await;
        store.until_ready().await;
        store.edit(|spec| spec["agents"].as_array_mut().unwrap().push(agent("caio", "sales"))).await;
        store.until_ready().await;
        assert!(
            world.live_marks().keys().any(|mark| mark.ends_with("/agent/caio")),
            "{name}: the edit is done"
        );
        gate.set(Vec::new());
        store.settle().await;
        world.assert_invariants(&[&store]).await;
        eprintln!("{name}: converged with {} writes to the helpdesk", world.desk.writes(0).len());
    });
    runs.buffer_unordered(4).collect::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_watches_say_nothing_what_was_known_is_not_acted_upon_destructively() {
    let (mut world, gate) = World::gated().await;
    let store = world.store(STORE, spec());
    store.apply().await;
    let stalled = GateAction::Stall { after: Duration::from_millis(300) };
    gate.set(vec![every(1, (&["GET"], "watch=true"), stalled)]);
    world.start_operator().await;
    store.until_ready().await;
    let mark = world.desk.mark();
    // The operator does not hear of this, and keeps what it knows; a new process sees it.
    let mut later = world.store(STORE, spec());
    later.edit(|spec| spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "rui")).await;
    world.kill_operator();
    assert!(world.desk.writes(mark).is_empty(), "{}", world.desk.writes_text(mark));
    gate.set(Vec::new());
    world.start_operator().await;
    later.settle().await;
    assert_eq!(world.desk.user("rui@loja.example")["suspended"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_restarts_or_is_restored_from_an_older_state_is_followed() {
    let (mut plane, cluster) = Cluster::own().await;
    let mut world = World::in_cluster(cluster).await;
    let mut store = world.onboard(spec()).await;
    let mark = world.desk.mark();
    plane.stop_api_server();
    tokio::time::sleep(Duration::from_secs(2)).await;
    plane.start_api_server().await.unwrap();
    store.settle().await;
    plane.stop_etcd();
    tokio::time::sleep(Duration::from_secs(2)).await;
    plane.start_etcd().await.unwrap();
    store.settle().await;
    assert!(world.desk.writes(mark).is_empty(), "{}", world.desk.writes_text(mark));
    let saved = OwnedFolder::temporary("saved-state").unwrap();
    plane.save_state(&saved.path().join("etcd")).await.unwrap();
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    store.settle().await;
    world.desk.one("groups", "name", "Comercial");
    let after_edit = world.desk.mark();
    plane.restart_from(&saved.path().join("etcd")).await.unwrap();
    // Resource versions have gone back, so every watch waits for a future that is past; Kubernetes says to restart whatever
    // watches after such a restore. Until then nothing is taken away on what was known: a fresh look comes first.
    world.kill_operator();
    assert!(world.desk.writes(after_edit).is_empty(), "{}", world.desk.writes_text(after_edit));
    world.start_operator().await;
    let mut restored = world.store(STORE, spec());
    restored.settle().await;
    world.desk.one("groups", "name", "Vendas");
    // Generations went back too, so what was said of one before is not what is said of it now (I10).
    world.assert_at_rest(&[&restored]).await;
    // It still hears of edits: its watches begin anew from the older state.
    restored.edit(|spec| spec["departments"][0]["displayName"] = json!("Balcão")).await;
    restored.settle().await;
    world.desk.one("groups", "name", "Balcão");
}
