//! Surroundings that lack what a process usually has: files that can be written, names that resolve, file descriptors.
//!
//! It works without the first, and says what the others keep it from; no damage is done, and it goes on when they are
//! back.

use std::process::Command;
use std::time::Duration;

use sandbox::adapter::{Adapter, HMAC_KEY, TOKEN};
use sandbox::process::Launch;
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::harness::{LIMIT, Operator, STORE, World, condition, secret, small, until};

/// Reads the log from a pipe, so that the limit on files does not meet it; then becomes the operator, which cannot write
/// a byte to any file: what a read-only root leaves it.
const WITHOUT_FILES: &str = "exec > >(exec cat) 2>&1; cd /; ulimit -f 0; exec \"$0\" \"$@\"";

/// The host of an adapter that no name server knows: `.invalid` is reserved for that (RFC 6761).
const NOWHERE: &str = "desk-adapter.invalid";

#[tokio::test(flavor = "multi_thread")]
async fn a_store_goes_its_whole_way_without_a_file_that_can_be_written() {
    let mut world = World::new().await;
    let nothing = world.folder().join("nothing-there");
    let launch = Launch::new("/bin/bash", world.log())
        .args(["-c", WITHOUT_FILES, env!("CARGO_BIN_EXE_humansupport")])
        .args(world.flags.arguments())
        .env("TMPDIR", &nothing)
        .env("HOME", &nothing)
        .env("XDG_CACHE_HOME", &nothing);
    world.operator = Some(Operator::launch(&launch).await);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", world.operator.as_ref().unwrap().id()));
    let limit = limits.unwrap().lines().find(|line| line.starts_with("Max file size")).unwrap().to_owned();
    assert_eq!(limit.split_whitespace().nth(3), Some("0"), "{limit}");
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    let mut store = world.onboard(spec).await;
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    store.settle().await;
    world.desk.one("groups", "name", "Comercial");
    world.assert_invariants(&[&store]).await;
    store.delete().await;
    assert!(world.live_marks().is_empty(), "{:?}", world.live_marks());
    world.stop_operator().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_resolve_is_a_condition_and_keeps_no_other_account_waiting() {
    let mut world = World::new().await;
    let values = json!({"host": NOWHERE, "token": TOKEN, "hmacKey": HMAC_KEY});
    world.apply(secret("adapter-credentials", "humansupport.dev/credentials", values)).await;
    let limits = json!({"requestsPerMinute": 100_000, "webhookHosts": [crate::harness::HANDLER_HOST]});
    let account = json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount",
        "metadata": {"name": "adapter"}, "spec": {"external": {"url": format!("https://{NOWHERE}")},
            "credentialsSecretRef": {"name": "adapter-credentials"}, "limits": limits}});
    world.apply(account).await;
    let mut spec = small();
    spec["accountRef"]["name"] = json!("adapter");
    let lost = world.store("loja-longe", spec);
    world.start_operator().await;
    lost.apply().await;
    let object = lost.until_condition(("Ready", "False", "ProviderUnavailable")).await;
    assert_eq!(condition(&object, "Reconciling")["status"], "True", "it tries again: {object:#}");
    let near = world.onboard(small()).await;
    world.assert_invariants(&[&near]).await;

    // The name is there again.
    let adapter = Adapter::start().await.unwrap();
    let endpoint = format!("{NOWHERE}={}", adapter.address());
    world.stop_operator().await;
    world.flags = world.flags.clone().with(&["--loopback-endpoint", &endpoint]);
    world.start_operator().await;
    lost.until_ready().await;
    assert_eq!(adapter.state()["agents"].as_array().map(Vec::len), Some(2));
}

/// Sets how many files a process may have open; it keeps those that it has.
fn limit_files(operator: &Operator, most: usize) {
    let limit = format!("--nofile={most}:");
    let set = Command::new("prlimit").args(["--pid", &operator.id().to_string(), &limit]).status().unwrap();
    assert!(set.success(), "prlimit of util-linux sets the limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_file_descriptors_the_helpdesk_stays_as_it_is_until_there_are_some_again() {
    let mut world = World::new().await;
    let mut store = world.onboard(small()).await;
    let operator = world.operator.as_ref().unwrap();
    let ready = format!("http://{}/readyz", operator.health);
    // One number more than standard input, output and errors: whatever is closed from now on stays closed.
    limit_files(operator, 3);
    let ledger = world.desk.mark();
    // Every connection to the helpdesk that is still open breaks as it is used.
    world.desk.zendesk.faults().set(vec![Rule::new("break", Action::Reset { effect: Effect::None })]);
    store.edit(|spec| spec["departments"][0]["displayName"] = json!("Comercial")).await;
    store
        .until("it says what it waits for", |object| {
            condition(object, "Ready")["reason"] == "ProviderUnavailable"
        })
        .await;
    let probe = reqwest::Client::builder().timeout(Duration::from_secs(2)).build().unwrap();
    let answer = probe.get(&ready).send().await;
    assert!(answer.is_err(), "nobody can reach it, so Kubernetes takes it out of service: {answer:?}");
    let effects = world.desk.writes(ledger).into_iter().filter(|entry| entry.effect).count();
    assert_eq!(effects, 0, "{}", world.desk.writes_text(ledger));

    world.desk.zendesk.faults().set(Vec::new());
    limit_files(world.operator.as_ref().unwrap(), 1024);
    until("it is in service again", || async {
        probe.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success())
    })
    .await;
    // Its pauses between failed tries have grown, and with them those of its watches.
    store.request_look().await;
    let started = std::time::Instant::now();
    while condition(&store.get().await, "Ready")["reason"] != "Reconciled" {
        assert!(started.elapsed() < LIMIT * 4, "{:#}", store.get().await["status"]);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    store.settle().await;
    world.desk.one("groups", "name", "Comercial");
    assert!(!world.operator.as_mut().unwrap().has_ended(), "the same process");
    assert_eq!(store.get().await["metadata"]["name"], Value::from(STORE));
    world.assert_invariants(&[&store]).await;
}
