//! Zenvia in a test: a simulator of its own, its state, its ledger, and the people who work in it.
//!
//! Everything a test proves about Zenvia is read here, never from the operator.

use std::sync::Arc;

use reqwest::Method;
use sandbox::simulator::Entry;
use sandbox::zenvia::{ACCOUNT_IDS, Config, PARTNER_TOKEN, Zenvia, account_token, api_token};
use serde_json::{Value, json};

use super::{Calls, HANDLER_HOST, World, desk, entry, example, secret};

/// The account of most tests.
pub(crate) const MEMBER: u64 = ACCOUNT_IDS[0];
/// Another account of the same partner.
pub(crate) const OTHER_MEMBER: u64 = ACCOUNT_IDS[1];
/// The host of Zenvia Chat.
pub(crate) const CHAT_HOST: &str = "zchat.zenvia.io";
/// The host of the subscriptions.
pub(crate) const API_HOST: &str = "api.zenvia.com";

/// A simulator and a client for its people and its control plane.
pub(crate) struct ZenviaDesk {
    /// The simulator.
    pub(crate) zenvia: Zenvia,
    client: reqwest::Client,
}

impl ZenviaDesk {
    /// Two accounts of the partner and one of another.
    pub(crate) async fn start() -> Self {
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { zenvia: Zenvia::start(Config::default()).await.unwrap(), client }
    }

    /// A request of the simulator's control plane.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        self.send(method, &format!("{}/_sandbox/{path}", self.zenvia.url()), body).await
    }

    /// What a person does in the administration of an account; the answer's body.
    pub(crate) async fn person(&self, method: Method, path: &str, body: Value) -> Value {
        let url = format!("{}/partner/api/{path}?account_id={MEMBER}", self.zenvia.url());
        self.send(method, &url, body).await
    }

    async fn send(&self, method: Method, url: &str, body: Value) -> Value {
        let mut request = self.client.request(method.clone(), url).header("x-sandbox-person", "Maria");
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{method} {url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// The state of an account.
    pub(crate) fn account(&self, id: u64) -> Value {
        self.zenvia.state()["accounts"][id.to_string()].clone()
    }

    /// The objects of one kind of the tests' account, such as `agents`.
    pub(crate) fn all(&self, kind: &str) -> Vec<Value> {
        self.all_of(MEMBER, kind)
    }

    /// The objects of one kind of an account.
    pub(crate) fn all_of(&self, account: u64, kind: &str) -> Vec<Value> {
        self.account(account)[kind].as_array().cloned().unwrap_or_default()
    }

    /// The agent of an e-mail address.
    pub(crate) fn agent(&self, email: &str) -> Value {
        let mut found = self.all("agents");
        found.retain(|agent| agent["email"] == email && agent["deleted_at"].is_null());
        assert_eq!(found.len(), 1, "agents with {email}: {found:#?}");
        found.remove(0)
    }

    /// Names of the departments an agent is in, sorted.
    pub(crate) fn departments_of(&self, email: &str) -> Vec<String> {
        let agent = self.agent(email);
        let places = agent["departments"].as_array().unwrap();
        let mut names: Vec<String> =
            places.iter().map(|place| place["name"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// Changes an agent as a person or the vendor does, without the rules of the interfaces.
    pub(crate) async fn change_agent(&self, email: &str, changes: Value) {
        let id = self.agent(email)["id"].clone();
        self.control(Method::PUT, &format!("agents/{id}"), changes).await;
    }

    /// The end of the ledger, to ask later what came after it.
    pub(crate) fn mark(&self) -> u64 {
        self.zenvia.ledger().entries().last().map_or(0, |entry| entry.sequence)
    }

    /// The operator's requests since a mark, in order.
    pub(crate) fn requests(&self, mark: u64) -> Vec<Entry> {
        let mut entries = self.zenvia.ledger().entries();
        entries.retain(|entry| entry.sequence > mark && entry.person.is_none());
        entries
    }

    /// The operator's writes since a mark, in order.
    pub(crate) fn writes(&self, mark: u64) -> Vec<Entry> {
        let mut writes = self.zenvia.writes();
        writes.retain(|entry| entry.sequence > mark);
        writes
    }

    /// The operator's writes since a mark, counted by operation.
    pub(crate) fn write_counts(&self, mark: u64) -> Calls {
        desk::count(&self.writes(mark))
    }

    /// The writes since a mark, for a failure's message.
    pub(crate) fn writes_text(&self, mark: u64) -> String {
        desk::text_of(&self.writes(mark))
    }
}

/// A world with a Zenvia simulator beside Zendesk's: a store can be on either.
pub(crate) struct ZenviaWorld {
    /// Everything else.
    pub(crate) world: World,
    /// Zenvia.
    pub(crate) zenvia: Arc<ZenviaDesk>,
}

impl ZenviaWorld {
    /// A namespace with accounts on both vendors and their Secrets; no operator and no store yet.
    pub(crate) async fn new() -> Self {
        Self::over(World::new().await).await
    }

    /// Puts a Zenvia simulator beside a world.
    pub(crate) async fn over(mut world: World) -> Self {
        let zenvia = Arc::new(ZenviaDesk::start().await);
        let address = zenvia.zenvia.address();
        for suffix in ["zenvia.io", "zenvia.com"] {
            let endpoint = format!("{suffix}={address}");
            world.flags = world.flags.clone().with(&["--loopback-endpoint", &endpoint]);
        }
        let this = Self { world, zenvia };
        for object in [partner_credentials(MEMBER), zenvia_account("Partner")] {
            this.world.apply(object).await;
        }
        this
    }
}

impl Drop for ZenviaWorld {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let writes = self.zenvia.zenvia.writes();
            let last = &writes[writes.len().saturating_sub(12)..];
            eprintln!("--- the last writes to Zenvia:\n{}", desk::text_of(last));
        }
    }
}

/// The documented example on the tests' Zenvia account.
pub(crate) fn zenvia_example() -> Value {
    let mut spec = example();
    spec["accountRef"]["name"] = json!("zenvia");
    entry(&mut spec["webhooks"], "conversation-handler")["url"] =
        json!(format!("https://{HANDLER_HOST}/webhooks/zenvia"));
    spec
}

/// A store with nothing but what is needed, on the tests' Zenvia account.
pub(crate) fn zenvia_small() -> Value {
    let mut spec = super::small();
    spec["accountRef"]["name"] = json!("zenvia");
    spec["licenses"]["quantity"] = json!(5);
    spec
}

/// The Secret of the partner interface, with the API token of an account.
pub(crate) fn partner_credentials(account: u64) -> Value {
    credentials_of(json!({"chatHost": CHAT_HOST, "partnerToken": PARTNER_TOKEN,
        "apiHost": API_HOST, "apiToken": api_token(account)}))
}

/// The Secret of the interface of one account.
pub(crate) fn account_credentials(account: u64) -> Value {
    credentials_of(json!({"chatHost": CHAT_HOST, "accountToken": account_token(account),
        "apiHost": API_HOST, "apiToken": api_token(account)}))
}

/// The Secret of the tests' Zenvia account with these values.
pub(crate) fn credentials_of(values: Value) -> Value {
    secret("zenvia-credentials", "humansupport.dev/credentials", values)
}

/// The tests' Zenvia account on one of the interfaces, generous: limits are the subject of the tests that set them.
pub(crate) fn zenvia_account(api: &str) -> Value {
    zenvia_account_with(json!({"api": api, "accountId": MEMBER.to_string(), "plan": "Advanced"}))
}

/// The same with these members.
pub(crate) fn zenvia_account_with(zenvia: Value) -> Value {
    json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount", "metadata": {"name": "zenvia"},
        "spec": {
            "zenvia": zenvia,
            "credentialsSecretRef": {"name": "zenvia-credentials"},
            "limits": {"requestsPerMinute": 100_000, "profiles": ["Agent", "Administrator"],
                "webhookHosts": [HANDLER_HOST, "other-handler.example"], "adoption": "IfUnowned"},
        },
    })
}
