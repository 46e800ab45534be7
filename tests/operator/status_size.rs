//! A store that is as large as the API server stores anything: an event says that its status has no room, nothing is
//! written to the helpdesk, and no round runs hot. How a status is shortened is the unit tests' of the report.

use serde_json::{Value, json};

use crate::harness::{LIMIT, STORE, Store, World, agent, message, small, until};

/// Enough for a resource of more than a megabyte with its managed fields, whose every name is as long as it may be.
const AGENTS: usize = 2000;
/// The most bytes of all annotations of an object.
const MOST_PADDING: usize = 255_000;

/// A store of many agents with the longest texts, none of whom is made before WhatsApp is integrated.
fn wide() -> Value {
    let mut spec = small();
    spec["completedSteps"] = json!([]);
    let agents = (0..AGENTS).map(|number| {
        let mut agent = agent(&format!("{number:04}{}", "n".repeat(59)), "support");
        agent["displayName"] = json!(format!("{number:04} {}", "D".repeat(95)));
        let domain = ["loja".repeat(15), "centro".repeat(10), "example".repeat(8)].join(".");
        agent["departments"] = json!(["sales", "support"]);
        agent["email"] = json!(format!("{number:04}{}@{domain}", "e".repeat(56)));
        agent
    });
    spec["agents"] = agents.collect();
    spec
}

/// Fills the resource up with an annotation; whether there was room. A conflict with a write of the operator, which
/// takes long with so large a resource, is tried again.
async fn pad(store: &mut Store, bytes: usize) -> bool {
    store.annotations = json!({"example.com/padding": "p".repeat(bytes)});
    let started = std::time::Instant::now();
    loop {
        match store.try_apply().await {
            Ok(_) => return true,
            Err(kube::Error::Api(status)) if status.message.contains("request is too large") => return false,
            Err(error) => assert!(started.elapsed() < LIMIT, "{bytes} bytes: {error}"),
        }
    }
}

/// The most bytes of padding that the API server stores with the resource as it is.
async fn room_of(store: &mut Store) -> usize {
    let (mut fits, mut refused) = (0, MOST_PADDING);
    assert!(pad(store, fits).await, "without padding it fits");
    assert!(!pad(store, refused).await, "with all of it, it does not: make the store larger");
    while refused - fits > 256 {
        let middle = fits.midpoint(refused);
        if pad(store, middle).await { fits = middle } else { refused = middle }
    }
    fits
}

/// How often the operator tried to write the store's status since a mark.
fn tries(world: &World, mark: u64) -> usize {
    let writes = world.cluster.operator_writes(mark, &world.namespace);
    writes.iter().filter(|event| event.resource() == "humansupportconfigs/status").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_room_for_a_status_an_event_says_so_and_nothing_is_written_until_there_is_some() {
    let mut world = World::new().await;
    let mut store = world.store(STORE, wide());
    let room = room_of(&mut store).await;

    // No room at all.
    assert!(pad(&mut store, room).await);
    let mark = world.cluster.audit_mark();
    world.start_operator().await;
    until("an event says that there is no room", || async {
        let events = world.cluster.list("Event", &world.namespace).await;
        events.iter().any(|event| event["note"].as_str().is_some_and(|note| note.contains("has no room")))
    })
    .await;
    assert!(world.desk.writes(0).is_empty(), "{}", world.desk.writes_text(0));
    let before = tries(&world, mark);
    store.request_look().await;
    world.until_rounds_finished(1).await;
    assert!(tries(&world, mark) <= before + 8, "{} tries", tries(&world, mark));

    // Room for all of it.
    let started = std::time::Instant::now();
    // The API server may still add up a version that the look changed in between.
    while !pad(&mut store, 0).await {
        assert!(started.elapsed() < LIMIT, "there is room again");
    }
    let object =
        store.until("the status is there", |object| object["status"]["pendingSteps"].is_array()).await;
    assert!(!message(&object, "Ready").contains("are left out"), "{:#}", object["status"]["conditions"]);
    let whole = object["status"].to_string().len();
    assert!(whole < 300_000, "{room} bytes of room beside {AGENTS} agents, {whole} bytes of status");
    assert!(!world.operator.as_ref().unwrap().log_text().contains("panicked"));
}
