//! Two replicas, the leader frozen past its lease and resumed: the ledger shows no overlapping write.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kube::api::{DeleteParams, ListParams, Patch, PatchParams};
use sandbox::simulator::{Action, Entry, Rule};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Flags, LIMIT, Operator, STORE, World, agent, small, until};

/// A way to the helpdesk that belongs to one replica: by the addresses it calls from, the ledger knows whose a
/// request is.
pub(crate) struct Road {
    pub(crate) entrance: SocketAddr,
    exits: Arc<Mutex<BTreeSet<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Road {
    pub(crate) async fn to(helpdesk: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let entrance = listener.local_addr().unwrap();
        let exits = Arc::new(Mutex::new(BTreeSet::new()));
        let known = Arc::clone(&exits);
        let task = tokio::spawn(async move {
            while let Ok((mut inner, _)) = listener.accept().await {
                let mut outer = TcpStream::connect(helpdesk).await.unwrap();
                known.lock().unwrap().insert(outer.local_addr().unwrap().to_string());
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut inner, &mut outer).await });
            }
        });
        Self { entrance, exits, task }
    }

    pub(crate) fn carried(&self, entry: &Entry) -> bool {
        self.exits.lock().unwrap().contains(&entry.peer)
    }
}

impl Drop for Road {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn spec() -> Value {
    let mut spec = small();
    let agents = spec["agents"].as_array_mut().unwrap();
    agents.extend((0..20).map(|number| agent(&format!("agent-{number}"), "sales")));
    spec
}

/// Flags of a replica: with an election, and with its own road.
fn replica(world: &World, (name, road): (&str, &Road)) -> Flags {
    let flags = Flags { helpdesk: road.entrance, extra: Vec::new(), ..world.flags.clone() };
    flags.with(&["--identity", name])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_frozen_past_its_lease_and_resumed_writes_nothing_any_more() {
    let world = World::new().await;
    let address = world.desk.zendesk.address();
    let (first_road, second_road) = (Road::to(address).await, Road::to(address).await);
    // Every write takes a moment, so that the leader is frozen in the middle of its work.
    let slow = Rule::new("slow", Action::Delay { milliseconds: 100 });
    let slow_writes = ["POST", "PUT", "PATCH"].map(|method| {
        let mut rule = slow.clone();
        rule.method = Some(method.to_owned());
        rule.path = Some("/api/v2/**".to_owned());
        rule
    });
    world.desk.zendesk.faults().set(slow_writes.to_vec());
    let mut first = world.another_operator(&replica(&world, ("first", &first_road)), "first").await;
    until_holder(&world, "first").await;
    let mut second = world.another_operator(&replica(&world, ("second", &second_road)), "second").await;
    let store = world.store(STORE, spec());
    store.apply().await;
    until_writes(&world, |entry| first_road.carried(entry), 5).await;
    first.freeze();
    let frozen_after = world.desk.mark();
    until_holder(&world, "second").await;
    until_writes(&world, |entry| second_road.carried(entry), 3).await;
    first.thaw();
    until_ended(&mut first).await;
    store.settle().await;
    let writes = world.desk.writes(0);
    let late: Vec<&Entry> =
        writes.iter().filter(|entry| first_road.carried(entry) && entry.sequence > frozen_after).collect();
    assert!(late.is_empty(), "the old leader wrote after it was frozen: {late:#?}");
    let ended = |entry: &&Entry| entry.ended.unwrap_or(i64::MAX);
    let last_of_first = writes.iter().filter(|entry| first_road.carried(entry)).max_by_key(ended).unwrap();
    let first_of_second = writes.iter().find(|entry| second_road.carried(entry)).unwrap();
    assert!(last_of_first.ended.is_some_and(|ended| ended < first_of_second.arrived), "no overlap");
    assert!(writes.iter().all(|entry| first_road.carried(entry) != second_road.carried(entry)));
    assert_eq!(second.stop().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_whose_lease_is_stolen_ends_and_the_next_one_finishes_its_work() {
    let mut world = World::new().await;
    world.flags.extra.clear();
    world.flags.extra.extend(["--identity".to_owned(), "first".to_owned()]);
    let slow = Rule::new("slow", Action::Delay { milliseconds: 250 });
    world.desk.zendesk.faults().set(vec![slow.on("POST", "/api/v2/**")]);
    world.start_operator().await;
    let store = world.store(STORE, spec());
    store.apply().await;
    until_writes(&world, |_| true, 3).await;
    let leases = world.cluster.api("Lease", Some(&world.namespace));
    let lease = leases.list(&ListParams::default()).await.unwrap().items.remove(0);
    let name = lease.metadata.name.unwrap();
    let stolen = json!({"spec": {"holderIdentity": "thief"}});
    leases.patch(&name, &PatchParams::default(), &Patch::Merge(stolen)).await.unwrap();
    let mut first = world.operator.take().unwrap();
    until_ended(&mut first).await;
    let written = world.desk.zendesk.ledger().write_count();
    leases.delete(&name, &DeleteParams::default()).await.unwrap();
    world.desk.zendesk.faults().set(Vec::new());
    assert_eq!(world.desk.zendesk.ledger().write_count(), written, "who ended writes nothing");
    world.flags.extra = vec!["--identity".to_owned(), "second".to_owned()];
    world.start_operator().await;
    store.settle().await;
    world.assert_invariants(&[&store]).await;
}

async fn until_holder(world: &World, name: &str) {
    until("the lease changes hands", || async {
        let leases = world.cluster.list("Lease", &world.namespace).await;
        leases
            .iter()
            .any(|lease| lease["spec"]["holderIdentity"].as_str().is_some_and(|holder| holder.contains(name)))
    })
    .await;
}

async fn until_writes(world: &World, whose: impl Fn(&Entry) -> bool, number: usize) {
    until("the replica writes", || async {
        world.desk.writes(0).iter().filter(|entry| whose(entry)).count() >= number
    })
    .await;
}

async fn until_ended(operator: &mut Operator) {
    let started = Instant::now();
    while !operator.has_ended() {
        assert!(
            started.elapsed() < LIMIT,
            "the old leader goes on without a lease:\n{}",
            operator.log_tail(20)
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
