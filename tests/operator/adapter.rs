//! Another platform through an adapter: a store on the reference adapter is Ready, and an adapter that fails, lies or
//! speaks another version is a condition and no damage.

use sandbox::adapter::{Adapter, HMAC_KEY, TOKEN};
use sandbox::simulator::faults::Nonsense;
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::harness::{HANDLER_HOST, STORE, Store, World, agent, condition, message, secret, small};

/// The host of the tests' adapter.
pub(crate) const HOST: &str = "desk-adapter.example";

struct AdapterWorld {
    world: World,
    adapter: Adapter,
}

pub(crate) fn credentials(values: Value) -> Value {
    secret("adapter-credentials", "humansupport.dev/credentials", values)
}

pub(crate) fn account(url: &str) -> Value {
    json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount", "metadata": {"name": "adapter"},
        "spec": {
            "external": {"url": url},
            "credentialsSecretRef": {"name": "adapter-credentials"},
            "limits": {"requestsPerMinute": 100_000, "profiles": ["Agent", "Administrator"],
                "webhookHosts": [HANDLER_HOST], "adoption": "IfUnowned"},
        },
    })
}

pub(crate) fn spec() -> Value {
    let mut spec = small();
    spec["accountRef"]["name"] = json!("adapter");
    spec
}

impl AdapterWorld {
    async fn new() -> Self {
        let mut world = World::new().await;
        let adapter = Adapter::start().await.unwrap();
        let endpoint = format!("{HOST}={}", adapter.address());
        world.flags = world.flags.clone().with(&["--loopback-endpoint", &endpoint]);
        world.apply(credentials(json!({"host": HOST, "token": TOKEN, "hmacKey": HMAC_KEY}))).await;
        world.apply(account(&format!("https://{HOST}"))).await;
        Self { world, adapter }
    }

    async fn onboard(&mut self) -> Store {
        self.world.onboard(spec()).await
    }

    /// The objects of one kind, such as `agents`.
    fn all(&self, list: &str) -> Vec<Value> {
        self.adapter.state()[list].as_array().unwrap().clone()
    }

    /// A store that stalls with this reason; what `Ready` says.
    async fn stalls(&mut self, reason: &str) -> String {
        self.world.start_operator().await;
        let store = self.world.store(STORE, spec());
        store.apply().await;
        let said = store.until_stalled(reason).await;
        assert_eq!(self.adapter.writes().len(), 0, "nothing was written");
        said
    }
}

fn names(objects: &[Value], member: &str) -> Vec<String> {
    let mut names: Vec<String> =
        objects.iter().map(|object| object[member].as_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_on_the_reference_adapter_is_ready_and_a_second_round_writes_nothing() {
    let mut world = AdapterWorld::new().await;
    let store = world.onboard().await;
    let declared = names(spec()["agents"].as_array().unwrap(), "email");
    assert_eq!(names(&world.all("agents"), "email"), declared);
    let marks = names(&world.all("agents"), "mark");
    assert!(marks.iter().all(|mark| mark.starts_with("hso1c/")), "{marks:?}");
    assert_eq!(world.all("departments").len(), spec()["departments"].as_array().unwrap().len());
    let object = store.get().await;
    assert_eq!(object["status"]["platform"], "External");
    let writes = world.adapter.writes().len();
    store.reconcile_now().await;
    assert_eq!(world.adapter.writes().len(), writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_whose_connections_break_is_a_condition_and_the_store_goes_on_when_it_is_back() {
    let mut world = AdapterWorld::new().await;
    let mut store = world.onboard().await;
    let before = world.adapter.state();
    let down = |effect| Rule::new("down", Action::Reset { effect });
    world.adapter.faults().set(vec![down(Effect::None)]);
    store.edit(|spec| spec["agents"].as_array_mut().unwrap().push(agent("late", "sales"))).await;
    store.until_condition(("Ready", "False", "ProviderUnavailable")).await;
    assert_eq!(world.adapter.state(), before, "nothing changed");
    world.adapter.faults().set(Vec::new());
    store.settle().await;
    assert_eq!(world.all("agents").len(), before["agents"].as_array().unwrap().len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_lost_after_the_effect_makes_nothing_twice() {
    let mut world = AdapterWorld::new().await;
    let lost = Rule::new("lost", Action::Reset { effect: Effect::Applied }).on("POST", "/changes").times(3);
    world.adapter.faults().set(vec![lost]);
    world.onboard().await;
    for list in ["agents", "departments", "webhooks", "routes", "memberships"] {
        let declared = spec();
        let expected = match list {
            "agents" | "departments" | "webhooks" => declared[list].as_array().map(Vec::len),
            _ => None,
        };
        let found = world.all(list);
        assert!(expected.is_none_or(|expected| found.len() == expected), "{list}: {found:#?}");
        let mut marks: Vec<&str> = found.iter().filter_map(|one| one["mark"].as_str()).collect();
        marks.sort_unstable();
        let all = marks.len();
        marks.dedup();
        assert_eq!(marks.len(), all, "{list}: {found:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_mebibytes_html_and_nested_answers_are_conditions_and_no_damage() {
    let mut world = AdapterWorld::new().await;
    let store = world.onboard().await;
    let (before, writes) = (world.adapter.state(), world.adapter.writes().len());
    for with in [Nonsense::Huge, Nonsense::Html, Nonsense::Nested, Nonsense::EmptyObject] {
        let size = if matches!(with, Nonsense::Nested) { 10_000 } else { 10 << 20 };
        let action = Action::Replace { with, size, effect: Effect::None };
        world.adapter.faults().set(vec![Rule::new("nonsense", action).on("GET", "/objects")]);
        store.reconcile_now().await;
        let object = store.until_condition(("Ready", "False", "MalformedAnswer")).await;
        assert!(message(&object, "Ready").contains("nothing is concluded"), "{with:?}");
        world.adapter.faults().set(Vec::new());
        store.settle().await;
    }
    assert_eq!((world.adapter.state(), world.adapter.writes().len()), (before, writes));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adapter_that_speaks_another_version_is_told_with_what_helps() {
    let mut world = AdapterWorld::new().await;
    let action = Action::Status { status: 406, body: None, retry_after: None, effect: Effect::None };
    world.adapter.faults().set(vec![Rule::new("version", action)]);
    let said = world.stalls("UnsupportedByProvider").await;
    assert!(said.contains("version=1"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_and_a_wrong_key_are_refused_credentials() {
    for (key, value) in [("token", "wrong"), ("hmacKey", "wrong")] {
        let mut world = AdapterWorld::new().await;
        let mut values = json!({"host": HOST, "token": TOKEN, "hmacKey": HMAC_KEY});
        values[key] = json!(value);
        world.world.apply(credentials(values)).await;
        let said = world.stalls("CredentialsInvalid").await;
        assert!(said.contains("Secret"), "{said}");
        assert!(world.adapter.ledger().entries().iter().all(|entry| entry.status == Some(401)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_of_another_host_is_not_sent() {
    let mut world = AdapterWorld::new().await;
    let values = json!({"host": "other.example", "token": TOKEN, "hmacKey": HMAC_KEY});
    world.world.apply(credentials(values)).await;
    let said = world.stalls("SecretInvalid").await;
    assert!(said.contains(HOST), "{said}");
    assert!(world.adapter.ledger().entries().is_empty(), "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespaced_account_does_not_reach_a_private_name_whatever_the_flag_says() {
    let mut world = AdapterWorld::new().await;
    world.world.flags = world.world.flags.clone().with(&["--adapter-cidr", "10.0.0.0/8"]);
    world.world.delete("HelpdeskAccount", "adapter").await;
    world.world.apply(account("https://desk-adapter.support.svc")).await;
    let values = json!({"host": "desk-adapter.support.svc", "token": TOKEN, "hmacKey": HMAC_KEY});
    world.world.apply(credentials(values)).await;
    let said = world.stalls("AccountNotAllowed").await;
    for word in ["ClusterHelpdeskAccount", "--adapter-cidr"] {
        assert!(said.contains(word), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_says_whether_the_adapter_answers() {
    let mut world = AdapterWorld::new().await;
    world.onboard().await;
    let api = world.world.cluster.api("HelpdeskAccount", Some(&world.world.namespace));
    let started = std::time::Instant::now();
    loop {
        let account = serde_json::to_value(api.get("adapter").await.unwrap()).unwrap();
        if condition(&account, "Ready")["status"] == "True" {
            assert_eq!(account["status"]["platform"], "External");
            assert_eq!(account["status"]["host"], HOST);
            return;
        }
        assert!(started.elapsed() < crate::harness::LIMIT, "{:#}", account["status"]);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}
