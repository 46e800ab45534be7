//! One store, its account, the simulator behind it, and rounds of the controller's own phases.
//!
//! A round is what `controller::reconcile` does without what Kubernetes adds: prepare, carry out, report. Must not plan,
//! send or judge anything itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex, Once};
use std::time::Duration;

use human_support_operator::api::document::DocumentChecker;
use human_support_operator::api::{HelpdeskAccount, HumanSupportConfig, annotations};
use human_support_operator::clock;
use human_support_operator::controller::context::{AccountStores, Context};
use human_support_operator::controller::events::EventLog;
use human_support_operator::controller::helpdesks::{Helpdesks, Reach};
use human_support_operator::controller::memory::StoreMemory;
use human_support_operator::controller::queue::Queue;
use human_support_operator::controller::report::{self, report};
use human_support_operator::controller::round::Round;
use human_support_operator::controller::store::StoreResource;
use human_support_operator::controller::{Settings, Writes, side};
use human_support_operator::model::{Fence, Installation};
use human_support_operator::provider::http::{KnownNames, LoopbackEndpoints, PrivateNetworks, WriteFence};
use human_support_operator::telemetry::{ObjectSeries, Telemetry};
use kube::Client;
use kube::runtime::reflector;
use kube::runtime::watcher::Event;
use sandbox::zenvia::{PARTNER_TOKEN, Zenvia, account_token, api_token};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::cluster::Cluster;
use crate::scenario::{ByPerson, Case, Defaults, merge};

const NAMESPACE: &str = "store-loja-centro";
const ACCOUNT: u64 = 4211;

pub(crate) struct World {
    pub(crate) desk: Zenvia,
    cluster: Cluster,
    context: Context,
    config: HumanSupportConfig,
    memory: StoreMemory,
    pub(crate) defaults: Defaults,
    requests: u32,
    http: reqwest::Client,
    _wakes: mpsc::UnboundedReceiver<reflector::ObjectRef<HumanSupportConfig>>,
}

/// What one round came to, and what people read of it.
pub(crate) struct Told {
    pub(crate) round: Round,
    pub(crate) status: Value,
}

impl World {
    /// The world of a case before its store comes.
    pub(crate) async fn start(case: &Case, defaults: Defaults) -> Self {
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let desk = Zenvia::start(sandbox::zenvia::Config::default()).await.unwrap();
        let (cluster, client) = Cluster::start().await;
        put_secrets(&cluster, case);
        let mut account = defaults.account.clone();
        merge(&mut account, &case.account);
        accept(&account);
        let (context, wakes) = context(client, &desk, serde_json::from_value(account).unwrap());
        let config = serde_json::from_value(defaults.store.clone()).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (memory, requests) = (StoreMemory::default(), 0);
        let world = Self { desk, cluster, context, config, memory, defaults, requests, http, _wakes: wakes };
        // As in an account whose vendor checks nothing, unless the scenario says otherwise.
        world.send("PUT /_sandbox/accounts/4211", &json!({ "licenseQuantity": null })).await;
        world.send("PUT /_sandbox/assumptions", &case.assumptions).await;
        world
    }

    /// Somebody edits the store: it is that of the defaults with these changes from now on.
    pub(crate) fn declare(&mut self, changes: &Value) {
        let mut store = self.defaults.store.clone();
        merge(&mut store["spec"], changes);
        accept(&store);
        let status = self.config.status.take();
        let generation = self.config.metadata.generation.unwrap_or_default() + 1;
        self.config = serde_json::from_value(store).unwrap();
        self.config.status = status;
        self.config.metadata.generation = Some(generation);
    }

    pub(crate) fn change_status(&mut self, changes: &Value) {
        let mut status = serde_json::to_value(&self.config.status).unwrap();
        merge(&mut status, changes);
        self.config.status = serde_json::from_value(status).unwrap();
    }

    /// A person approves the plan of this digest.
    pub(crate) fn approve(&mut self, digest: String) {
        self.annotate(annotations::APPROVE_PLAN, digest);
    }

    fn annotate(&mut self, name: &str, value: String) {
        self.config.metadata.annotations.get_or_insert_default().insert(name.to_owned(), value);
    }

    /// A round of an operator that only looks: its plan, and no trace of it.
    pub(crate) async fn look(&mut self) -> Told {
        let (config, memory) = (self.config.clone(), self.memory.clone());
        self.context.settings.writes = Writes::ReadOnly;
        let told = self.round().await;
        (self.config, self.memory) = (config, memory);
        told
    }

    /// A round of an operator that writes; its status is recorded.
    pub(crate) async fn work(&mut self) -> Told {
        self.context.settings.writes = Writes::Allowed;
        self.round().await
    }

    async fn round(&mut self) -> Told {
        self.requests += 1;
        self.annotate(annotations::RECONCILE_REQUESTED_AT, self.requests.to_string());
        self.cluster.put_store(&serde_json::to_value(&self.config).unwrap());
        let prepared = side::prepare(StoreResource::new(&self.config), &self.context).await;
        let recorded = prepared.as_ref().ok().and_then(side::Prepared::side_to_record);
        self.config.status = Some(report::opening(StoreResource::new(&self.config), recorded, clock::wall()));
        let store = StoreResource::new(&self.config);
        let (round, learned) = match prepared {
            Ok(prepared) => {
                let outcome = side::carry_out(store, &self.context, (&prepared, &mut self.memory)).await;
                self.memory.last_reading = outcome.reading.or(self.memory.last_reading);
                self.memory.last_unknown = outcome.lost_answer.or(self.memory.last_unknown);
                (outcome.round, outcome.trail.learned)
            }
            Err(blocked) => (Round::Blocked(blocked), None),
        };
        let learned = learned.map(|status| store.with_status(status));
        let store = StoreResource::new(learned.as_ref().unwrap_or(store.config));
        let status = report(store, &round, clock::wall()).status;
        let told = Told { round, status: serde_json::to_value(&status).unwrap() };
        self.config.status = Some(status);
        told
    }

    /// People at work in the helpdesk, one after the other.
    pub(crate) async fn people(&self, requests: &[ByPerson]) {
        for one in requests {
            let body = with_ids(&one.body.to_string(), &self.account());
            self.send(&with_ids(&one.request, &self.account()), &serde_json::from_str(&body).unwrap()).await;
        }
    }

    /// From now on, requests go wrong by these rules.
    pub(crate) fn break_down(&self, faults: &[Value]) {
        let rule =
            |fault: &Value| serde_json::from_str(&with_ids(&fault.to_string(), &self.account())).unwrap();
        self.desk.faults().set(faults.iter().map(rule).collect());
    }

    async fn send(&self, request: &str, body: &Value) {
        let (method, path) = request.split_once(' ').unwrap_or_else(|| panic!("`{request}`: METHOD /path"));
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let sent = self.http.request(method, format!("{}{path}", self.desk.url()));
        let response = sent.header("X-Sandbox-Person", "Bia").json(body).send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        assert!(status.is_success() && answer["success"] != false, "{request}: {text}");
    }

    /// The account as the helpdesk has it.
    pub(crate) fn account(&self) -> Value {
        self.desk.state()["accounts"][ACCOUNT.to_string()].clone()
    }
}

/// Replaces `{agent E-MAIL}`, `{department NAME}` and `{subscription EVENTTYPE}` by the id; of several, the last made.
/// Quotes around it go where the id is a number.
fn with_ids(text: &str, account: &Value) -> String {
    let mut text = text.to_owned();
    for (what, list, member) in [
        ("agent", "agents", "email"),
        ("department", "departments", "name"),
        ("subscription", "subscriptions", "eventType"),
    ] {
        for object in account[list].as_array().unwrap() {
            let place = format!("{{{what} {}}}", object[member].as_str().unwrap());
            let id = &object["id"];
            text = text.replace(&format!("\"{place}\""), &id.to_string());
            text = text.replace(&place, id.to_string().trim_matches('"'));
        }
    }
    for what in ["{agent ", "{department ", "{subscription "] {
        assert!(!text.contains(what), "nothing of that name is there: {text}");
    }
    text
}

/// Whether the API server would take a document.
fn accept(document: &Value) {
    static CHECKER: LazyLock<DocumentChecker> = LazyLock::new(|| DocumentChecker::new().unwrap());
    let violations = CHECKER.check(document);
    assert!(violations.is_empty(), "{}: {violations:#?}", document["kind"]);
}

fn put_secrets(cluster: &Cluster, case: &Case) {
    let credentials = [
        ("chatHost", "zchat.zenvia.io".to_owned()),
        ("partnerToken", PARTNER_TOKEN.to_owned()),
        ("accountToken", account_token(ACCOUNT)),
        ("apiHost", "api.zenvia.com".to_owned()),
        ("apiToken", api_token(ACCOUNT)),
    ];
    let mut credentials = BTreeMap::from(credentials.map(|(key, value)| (key.to_owned(), value)));
    credentials.extend(case.credentials.clone());
    cluster.put_secret((NAMESPACE, "zenvia"), "humansupport.dev/credentials", &credentials);
    let token = [("host", "handler.example"), ("token", "handler-token")];
    let token = BTreeMap::from(token.map(|(key, value)| (key.to_owned(), value.to_owned())));
    cluster.put_secret((NAMESPACE, "handler-token"), "humansupport.dev/webhook-token", &token);
}

type Wakes = mpsc::UnboundedReceiver<reflector::ObjectRef<HumanSupportConfig>>;

fn context(client: Client, desk: &Zenvia, account: HelpdeskAccount) -> (Context, Wakes) {
    let mut loopback = LoopbackEndpoints::default();
    for host in ["zchat.zenvia.io", "api.zenvia.com"] {
        loopback.add(&format!("{host}={}", desk.address())).unwrap();
    }
    let reach = Reach {
        identity: "scenario".to_owned(),
        loopback,
        adapter_networks: PrivateNetworks::default(),
        names: KnownNames::default(),
        extra_ca: None,
        fence: WriteFence::unlimited(),
    };
    let settings = settings();
    let metrics = Telemetry::new("scenario", ObjectSeries::Off).metrics;
    let (accounts, mut writer) = reflector::store();
    writer.apply_watcher_event(&Event::Apply(account));
    let (stores, _) = reflector::store();
    let (wakes, receiver) = mpsc::unbounded_channel();
    let context = Context {
        events: EventLog::new(client.clone(), reach.identity.clone()),
        accounts: AccountStores { namespaced: accounts, cluster: None, synced: Vec::new() },
        stores,
        helpdesks: Helpdesks::new(&settings, reach, metrics.clone()),
        contention: human_support_operator::controller::contention::Contention::default(),
        claims_recorded: Once::new(),
        memories: human_support_operator::controller::memory::Memories::default(),
        started: clock::monotonic(),
        wakes,
        told_accounts: Mutex::default(),
        queue: Queue::new(metrics.clone()),
        metrics,
        client,
        settings,
    };
    (context, receiver)
}

fn settings() -> Settings {
    Settings {
        namespace: None,
        operator_namespace: "human-support-operator".to_owned(),
        installation: Installation::parse("0f3c5a1e-1111-2222-3333-444455556666").unwrap(),
        former_installations: BTreeSet::new(),
        fence: Fence::parse("0123456789abcdef").unwrap(),
        concurrency: 1,
        writes: Writes::ReadOnly,
        // The simulator shows what is written at once.
        settle_window: Duration::ZERO,
        deletion_timeout: Duration::from_secs(60),
        token_check: Duration::from_secs(300),
    }
}
