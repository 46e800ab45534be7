//! What Argo CD, kubectl's own library and Flux say of stores that the operator itself brought into each state.
//!
//! The objects are read back from the API server; beside these, `tests/chart/gitops.rs` asks the same tools about the
//! examples that the customization's own tests use. Must not: write a status by hand.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use reqwest::Method;
use sandbox::process::OwnedFolder;
use sandbox::simulator::{Action, Effect, Rule};
use sandbox::zendesk::{AccountConfig, Config, Plan};
use serde_json::{Value, json};

use crate::chart::tools::tool;
use crate::harness::{ACCOUNT, Desk, STORE, Store, World, account, condition, credentials, entry, small};

const CUSTOMIZATIONS: &str = "gitops/argocd/resource_customizations";
const KUSTOMIZATION: &str = "gitops/flux/stores.yaml";

/// The account that the store of the test moves to.
const OTHER_ACCOUNT: &str = "lojanova";

/// A state; what kstatus says of it, Flux' expressions, and Argo CD.
const EXPECTED: [(&str, [&str; 3]); 15] = [
    ("new", ["InProgress", "InProgress", "Progressing"]),
    ("progressing", ["InProgress", "InProgress", "Progressing"]),
    ("ready-steps-pending", ["Current", "Current", "Healthy"]),
    ("ready", ["Current", "Current", "Healthy"]),
    ("edited", ["InProgress", "InProgress", "Progressing"]),
    ("retrying", ["InProgress", "InProgress", "Progressing"]),
    ("stalled", ["Failed", "Failed", "Degraded"]),
    // A pause is a change that is not acted on: its generation stays unobserved.
    ("suspended", ["InProgress", "InProgress", "Suspended"]),
    ("observing-with-drift", ["Current", "Current", "Healthy"]),
    ("waiting-for-approval", ["Failed", "Failed", "Degraded"]),
    ("moving", ["InProgress", "InProgress", "Progressing"]),
    ("moved", ["Current", "Current", "Healthy"]),
    ("retired", ["Current", "Current", "Healthy"]),
    // Flux' expressions do not look at deletion: what Flux deletes it no longer checks.
    ("deleting", ["Terminating", "InProgress", "Progressing"]),
    ("deletion-blocked", ["Terminating", "InProgress", "Progressing"]),
];

/// The objects as they were read back, by the name of their state.
struct Album {
    folder: OwnedFolder,
    states: BTreeMap<&'static str, Value>,
}

impl Album {
    fn keep(&mut self, state: &'static str, object: Value) {
        std::fs::write(self.path(state), object.to_string()).unwrap();
        assert!(self.states.insert(state, object).is_none(), "{state} twice");
    }

    fn path(&self, state: &str) -> PathBuf {
        self.folder.path().join(format!("{state}.json"))
    }

    fn said(&self, name: &str, arguments: &[&str]) -> BTreeMap<PathBuf, String> {
        let files = EXPECTED.map(|(state, _)| self.path(state).display().to_string());
        let said = tool(name, arguments.iter().map(|word| (*word).to_owned()).chain(files)).good();
        let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .map(|line| (line["file"].as_str().unwrap().into(), line["status"].as_str().unwrap().to_owned()))
            .collect()
    }
}

/// Two accounts of one simulated vendor, without its rate limits.
async fn desk_with_two_accounts() -> Desk {
    let plan = |name: &str| AccountConfig { plan: Plan::Professional, ..AccountConfig::new(name) };
    let accounts = vec![plan(ACCOUNT), plan(OTHER_ACCOUNT)];
    let desk = Desk::with(Config { accounts, ..Config::default() }).await;
    for name in [ACCOUNT, OTHER_ACCOUNT] {
        let unlimited = json!({"features": {"rateLimits": false}});
        desk.control(Method::PUT, &format!("accounts/{name}"), unlimited).await;
    }
    desk
}

fn unavailable() -> Rule {
    let action = Action::Status { status: 503, body: None, retry_after: None, effect: Effect::None };
    Rule::new("unavailable", action)
}

/// The first rounds: nobody has seen it, the first answer is awaited, everything is done but people's part, all.
async fn onboarding(world: &mut World, album: &mut Album) -> Store {
    let mut spec = small();
    spec["deletionPolicy"] = json!("Delete");
    spec["removalGuard"] = json!({"minCount": 1, "maxPercent": 10, "maxCount": 1});
    let store = world.store(STORE, spec);
    album.keep("new", store.apply().await);
    let desk = Arc::clone(&world.desk);
    let faults = desk.zendesk.faults();
    faults.set(vec![Rule::new("wait", Action::Hold { effect: Effect::None }).on("GET", "**/groups*")]);
    world.start_operator().await;
    let first = store.until_condition(("Reconciling", "True", "Progressing")).await;
    album.keep("progressing", first);
    faults.set(Vec::new());
    faults.release();
    store.until_ready().await;
    let pending = store.until_condition(("Live", "False", "StepsPending")).await;
    album.keep("ready-steps-pending", pending);
    store.do_pending_steps().await;
    album.keep("ready", store.until_condition(("Live", "True", "Reachable")).await);
    store
}

/// A change nobody has seen, a vendor that is away, credentials that are refused, a pause.
async fn trouble(world: &mut World, (store, album): (&mut Store, &mut Album)) {
    world.stop_operator().await;
    store.edit(|spec| entry(&mut spec["agents"], "ana")["displayName"] = json!("Ana S.")).await;
    album.keep("edited", store.get().await);
    world.desk.zendesk.faults().set(vec![unavailable()]);
    world.start_operator().await;
    let retrying = store.until_condition(("Reconciling", "True", "ProviderUnavailable")).await;
    album.keep("retrying", retrying);
    world.desk.zendesk.faults().set(Vec::new());
    store.settle().await;

    let mut wrong = credentials();
    wrong["data"]["clientSecret"] = json!("d3Jvbmc=");
    world.apply(wrong).await;
    world.stop_operator().await;
    world.start_operator().await;
    album.keep("stalled", store.until_condition(("Stalled", "True", "CredentialsInvalid")).await);
    world.apply(credentials()).await;
    store.settle().await;

    store.edit(|spec| spec["suspend"] = json!(true)).await;
    album.keep("suspended", store.until("it is suspended", |object| is_true(object, "Suspended")).await);
    store.edit(|spec| spec["suspend"] = json!(false)).await;
    store.settle().await;
}

fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind)["status"] == "True"
}

/// A person's change that is only watched, and a removal that waits for a person.
async fn decisions(world: &World, (store, album): (&mut Store, &mut Album)) {
    store.edit(|spec| spec["mode"] = json!("Observe")).await;
    store.until_condition(("Ready", "True", "Observed")).await;
    let sales = world.desk.one("groups", "name", "Vendas")["id"].clone();
    let renamed = json!({"group": {"name": "Sales"}});
    world.desk.person(Method::PUT, &format!("groups/{sales}"), renamed).await;
    store.reconcile_now().await;
    let drifted = store.until("the drift is shown", |object| is_true(object, "Drifted")).await;
    album.keep("observing-with-drift", drifted);
    store.edit(|spec| spec["mode"] = json!("Enforce")).await;
    store.settle().await;

    let all = store.spec["agents"].clone();
    store.edit(|spec| spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] == "rui")).await;
    let waiting = store.until_condition(("Stalled", "True", "RemovalGuardTripped")).await;
    album.keep("waiting-for-approval", waiting);
    store.edit(|spec| spec["agents"] = all).await;
    store.settle().await;
}

/// Another account: while it is written, and when the new side is done.
async fn moving(world: &World, (store, album): (&mut Store, &mut Album)) {
    let mut secret = credentials();
    secret["metadata"]["name"] = json!("new-credentials");
    let host = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("{OTHER_ACCOUNT}.zendesk.com"),
    );
    secret["data"]["host"] = json!(host);
    let mut other = account();
    other["metadata"]["name"] = json!("new");
    other["spec"]["zendesk"]["subdomain"] = json!(OTHER_ACCOUNT);
    other["spec"]["credentialsSecretRef"]["name"] = json!("new-credentials");
    world.apply(secret).await;
    world.apply(other).await;
    let away = Rule { account: Some(OTHER_ACCOUNT.to_owned()), ..unavailable() };
    world.desk.zendesk.faults().set(vec![away]);
    store.edit(|spec| spec["accountRef"]["name"] = json!("new")).await;
    let moving = store.until_condition(("Reconciling", "True", "ProviderUnavailable")).await;
    album.keep("moving", moving);
    world.desk.zendesk.faults().set(Vec::new());
    let moved = store.until_ready().await;
    assert_eq!(moved["status"]["bindings"].as_array().unwrap().len(), 2, "the old side is still being left");
    album.keep("moved", moved);
}

/// Off-boarded, and deleted: while the helpdesk is asked, and while it cannot be.
async fn ending(world: &mut World, (store, album): (&mut Store, &mut Album)) {
    store.edit(|spec| spec["mode"] = json!("Retire")).await;
    album.keep("retired", store.until_condition(("Ready", "True", "Retired")).await);
    store.edit(|spec| spec["mode"] = json!("Enforce")).await;
    store.settle().await;
    let desk = Arc::clone(&world.desk);
    let faults = desk.zendesk.faults();
    faults.set(vec![Rule::new("wait", Action::Hold { effect: Effect::None }).on("GET", "**/groups*")]);
    store.start_delete().await;
    let deleting =
        store.until("it is being deleted", |object| !object["metadata"]["deletionTimestamp"].is_null());
    album.keep("deleting", deleting.await);
    world.kill_operator();
    faults.set(vec![unavailable()]);
    faults.release();
    // Long enough that the block is seen before the deletion gives up.
    world.flags.deletion_timeout = 600;
    world.start_operator().await;
    let blocked = store.until("the deletion is blocked", |object| is_true(object, "DeletionBlocked")).await;
    album.keep("deletion-blocked", blocked);
    faults.set(Vec::new());
    store.until("the resource is gone", Value::is_null).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_read_every_state_of_a_real_store_as_it_is() {
    let mut world = World::with_desk(desk_with_two_accounts().await).await;
    let mut album = Album { folder: OwnedFolder::temporary("states").unwrap(), states: BTreeMap::new() };
    let mut store = onboarding(&mut world, &mut album).await;
    trouble(&mut world, (&mut store, &mut album)).await;
    decisions(&world, (&mut store, &mut album)).await;
    moving(&world, (&mut store, &mut album)).await;
    ending(&mut world, (&mut store, &mut album)).await;

    let words = [
        album.said("kstatus", &[]),
        album.said("flux", &[KUSTOMIZATION]),
        album.said("argocd", &["health", CUSTOMIZATIONS]),
    ];
    let said =
        EXPECTED.map(|(state, _)| (state, words.each_ref().map(|said| said[&album.path(state)].as_str())));
    assert_eq!(said, EXPECTED);
}
