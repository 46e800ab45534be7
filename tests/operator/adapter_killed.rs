//! The reference adapter as a process of its own that is killed, frozen, started again and set up anew: each is a
//! condition that says what to do, nothing is doubled, nothing is taken away, and the store comes to rest afterwards.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use sandbox::adapter::{HMAC_KEY, TOKEN};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::adapter::{HOST, account, credentials, spec};
use crate::harness::{AdapterProcess, LIMIT, STORE, Store, World, agent, condition, message};

/// The kinds that carry marks, as the adapter's file names them.
const MARKED: [&str; 7] =
    ["PhoneField", "Department", "Agent", "Webhook", "EventRoute", "RoutingRule", "OpeningHours"];

struct Killed {
    world: World,
    adapter: AdapterProcess,
}

impl Killed {
    async fn new() -> Self {
        let mut world = World::new().await;
        let adapter = AdapterProcess::start().await;
        let endpoint = format!("{HOST}={}", adapter.address);
        world.flags = world.flags.clone().with(&["--loopback-endpoint", &endpoint]);
        world.apply(credentials(json!({"host": HOST, "token": TOKEN, "hmacKey": HMAC_KEY}))).await;
        world.apply(account(&format!("https://{HOST}"))).await;
        Self { world, adapter }
    }

    /// Waits until the first change since the adapter was started is held. Pauses grow with every kill, so that somebody
    /// asks for a look now.
    async fn until_held(&self, store: &Store) {
        let started = Instant::now();
        while !self.adapter.is_held_within(1, Duration::from_secs(3)).await {
            assert!(started.elapsed() < 2 * LIMIT, "{:#}", store.get().await["status"]);
            store.request_look().await;
        }
    }

    /// Waits until the store is in order, with somebody who asks for looks meanwhile.
    async fn settle(&self, store: &Store) {
        let started = Instant::now();
        while condition(&store.get().await, "Ready")["status"] != "True" {
            assert!(started.elapsed() < 2 * LIMIT, "{:#}", store.get().await["status"]);
            store.request_look().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        store.settle().await;
    }

    /// What is declared is there once, and nothing else is.
    fn assert_complete(&self, store: &Store) {
        let texts = |list: &Value, member: &str| {
            let texts = list.as_array().unwrap().iter().map(|one| one[member].as_str().unwrap().to_owned());
            texts.collect::<BTreeSet<_>>()
        };
        let there = |kind: &str, member: &str| {
            let shelf = self.adapter.shelf(kind);
            let texts = shelf.values().map(|one| one[member].as_str().unwrap().to_owned());
            let texts: BTreeSet<_> = texts.collect();
            assert_eq!(texts.len(), shelf.len(), "{kind}: one {member} each: {shelf:#?}");
            texts
        };
        assert_eq!(there("Agent", "email"), texts(&store.spec["agents"], "email"));
        assert_eq!(there("Department", "name"), texts(&store.spec["departments"], "displayName"));
        assert_eq!(there("Webhook", "url"), texts(&store.spec["webhooks"], "url"));
        self.assert_nothing_is_doubled();
    }

    /// At most one object of a mark; at most one place of a person in a department.
    fn assert_nothing_is_doubled(&self) {
        for kind in MARKED {
            let shelf = self.adapter.shelf(kind);
            let marks: BTreeSet<_> = shelf.values().map(|one| one["mark"].as_str().unwrap()).collect();
            assert_eq!(marks.len(), shelf.len(), "{kind}: {shelf:#?}");
        }
        let places = self.adapter.shelf("Membership");
        let ends: BTreeSet<_> =
            places.values().map(|one| format!("{} {}", one["agent"], one["department"])).collect();
        assert_eq!(ends.len(), places.len(), "{places:#?}");
    }
}

fn holding(effect: Effect) -> Rule {
    Rule::new("held", Action::Hold { effect }).on("POST", "/changes").times(1)
}

async fn add_agent(store: &mut Store, name: &str) {
    store.edit(|spec| spec["agents"].as_array_mut().unwrap().push(agent(name, "sales"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_is_killed_between_two_rounds_is_unavailable_until_it_is_back_and_nothing_is_lost() {
    let mut killed = Killed::new().await;
    let mut store = killed.world.onboard(spec()).await;
    killed.assert_complete(&store);
    let before = killed.adapter.state().await;
    killed.adapter.kill();
    add_agent(&mut store, "late").await;
    let object = store.until_condition(("Ready", "False", "ProviderUnavailable")).await;
    let said = message(&object, "Ready");
    assert!(said.contains("tries again") && said.contains("whether the adapter runs"), "{said}");
    assert_eq!(condition(&object, "DepartmentsReady")["status"], "True", "what was last known stays");
    killed.adapter.start_again().await;
    assert_eq!(killed.adapter.state().await, before, "nothing changed while it was away");
    killed.settle(&store).await;
    killed.assert_complete(&store);
    let grown = killed.adapter.shelf("Agent");
    let kept = |one: &Value| grown.contains_key(one["id"].as_str().unwrap());
    assert!(before["agents"].as_array().unwrap().iter().all(kept), "everybody is who they were: {grown:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_is_killed_around_every_change_of_an_onboarding_makes_nothing_twice() {
    let mut killed = Killed::new().await;
    killed.adapter.set_faults(&[holding(Effect::None)]).await;
    killed.world.start_operator().await;
    let store = killed.world.store(STORE, spec());
    store.apply().await;
    // Held before its effect and killed: nothing came of it. Held after it and killed: the answer is lost.
    let mut kinds = BTreeSet::new();
    for effect in [Effect::None, Effect::Applied].into_iter().cycle().skip(1).take(9) {
        killed.until_held(&store).await;
        killed.adapter.kill();
        killed.assert_nothing_is_doubled();
        kinds.extend(MARKED.into_iter().filter(|kind| !killed.adapter.shelf(kind).is_empty()));
        killed.adapter.start_again().await;
        killed.adapter.set_faults(&[holding(effect)]).await;
    }
    assert!(kinds.len() >= 3, "the kills were spread over the onboarding: {kinds:?}");
    killed.until_held(&store).await;
    killed.adapter.kill();
    killed.adapter.start_again().await;
    killed.settle(&store).await;
    killed.assert_complete(&store);
    let writes = killed.adapter.writes().await;
    store.reconcile_now().await;
    assert_eq!(killed.adapter.writes().await, writes, "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_frozen_in_the_middle_of_a_change_is_unavailable_and_goes_on_with_nothing_twice() {
    let mut killed = Killed::new().await;
    let mut store = killed.world.onboard(spec()).await;
    let before = killed.adapter.writes().await;
    killed.adapter.set_faults(&[holding(Effect::Applied)]).await;
    // Routes are what the desk would take twice: it knows no name of theirs that is taken.
    let received = json!({"name": "MessageReceived"});
    store.edit(|spec| spec["webhooks"][0]["events"].as_array_mut().unwrap().push(received)).await;
    assert!(killed.adapter.is_held_within(before + 1, LIMIT).await, "the change was not sent");
    killed.adapter.freeze();
    // Ten seconds for the change, then two readings of thirty: longer than other conditions are waited for.
    let started = Instant::now();
    let object = loop {
        let object = store.get().await;
        if condition(&object, "Ready")["reason"] == "ProviderUnavailable" {
            break object;
        }
        assert!(started.elapsed() < 3 * LIMIT, "{:#}", object["status"]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let said = message(&object, "Ready");
    assert!(said.contains("whether the adapter runs"), "{said}");
    killed.assert_nothing_is_doubled();
    killed.adapter.thaw();
    killed.settle(&store).await;
    killed.assert_complete(&store);
    assert_eq!(killed.adapter.shelf("EventRoute").len(), 3);
    assert_eq!(killed.adapter.writes().await, before + 1, "what was found done was not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_is_set_up_anew_gets_everything_again_once() {
    let mut killed = Killed::new().await;
    let store = killed.world.onboard(spec()).await;
    killed.adapter.kill();
    killed.adapter.lose_the_desk();
    killed.adapter.start_again().await;
    assert_eq!(killed.adapter.state().await["agents"], json!([]), "it has forgotten everybody");
    store.reconcile_now().await;
    store.settle().await;
    killed.assert_complete(&store);
}
