//! The helpdesk of a test: a Zendesk simulator of its own, its state, its ledger, and the people who work in it.
//!
//! Everything a test proves about a helpdesk is read here, never from the operator.

use std::collections::BTreeMap;

use reqwest::Method;
use sandbox::simulator::Entry;
use sandbox::zendesk::{AccountConfig, Config, Plan, Zendesk};
use serde_json::{Value, json};

/// The account of every test.
pub(crate) const ACCOUNT: &str = "lojacentro";

/// How often each operation was called.
pub(crate) type Calls = BTreeMap<String, usize>;

/// A simulator and a client for its people and its control plane.
pub(crate) struct Desk {
    /// The simulator.
    pub(crate) zendesk: Zendesk,
    client: reqwest::Client,
}

impl Desk {
    /// A fresh account on the plan Professional, without the vendor's rate limits: those are another test's subject.
    pub(crate) async fn start() -> Self {
        let account = AccountConfig { plan: Plan::Professional, ..AccountConfig::new(ACCOUNT) };
        let desk = Self::with(Config { accounts: vec![account], ..Config::default() }).await;
        desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), json!({"features": {"rateLimits": false}}))
            .await;
        desk
    }

    /// A simulator with this configuration.
    pub(crate) async fn with(config: Config) -> Self {
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { zendesk: Zendesk::start(config).await.unwrap(), client }
    }

    /// A request of the simulator's control plane.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        self.send(method, &format!("{}/_sandbox/{path}", self.zendesk.url()), body).await
    }

    /// What a person does in the helpdesk; the answer's body.
    pub(crate) async fn person(&self, method: Method, path: &str, body: Value) -> Value {
        self.send(method, &format!("{}/api/v2/{path}", self.zendesk.account_url(ACCOUNT)), body).await
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

    /// The account's state.
    pub(crate) fn state(&self) -> Value {
        self.zendesk.state()["accounts"][ACCOUNT].clone()
    }

    /// The objects of one kind, such as `users`.
    pub(crate) fn all(&self, kind: &str) -> Vec<Value> {
        self.state()[kind].as_array().cloned().unwrap_or_default()
    }

    /// The one object of a kind whose member has this value.
    pub(crate) fn one(&self, kind: &str, member: &str, value: &str) -> Value {
        let mut found = self.all(kind);
        found.retain(|object| object[member] == value && object["deleted"] != true);
        assert_eq!(found.len(), 1, "{kind} with {member} {value}: {found:#?}");
        found.remove(0)
    }

    /// The user of an e-mail address.
    pub(crate) fn user(&self, email: &str) -> Value {
        self.one("users", "email", email)
    }

    /// Names of the groups a user is in.
    pub(crate) fn groups_of(&self, email: &str) -> Vec<String> {
        let user = self.user(email);
        let groups = self.all("groups");
        let name = |id: &Value| {
            groups.iter().find(|group| group["id"] == *id).unwrap()["name"].as_str().unwrap().to_owned()
        };
        let members = self.all("group_memberships");
        let mut names: Vec<String> = members
            .iter()
            .filter(|member| member["user_id"] == user["id"])
            .map(|member| name(&member["group_id"]))
            .collect();
        names.sort();
        names
    }

    /// The token that a webhook presents.
    pub(crate) fn webhook_token(&self, id: &Value) -> Value {
        let secrets = self.zendesk.secrets();
        secrets["accounts"][ACCOUNT]["webhooks"][id.as_str().unwrap()]["token"].clone()
    }

    /// The end of the ledger, to ask later what came after it.
    pub(crate) fn mark(&self) -> u64 {
        self.zendesk.ledger().entries().last().map_or(0, |entry| entry.sequence)
    }

    /// The operator's writes since a mark, in order.
    pub(crate) fn writes(&self, mark: u64) -> Vec<Entry> {
        let mut writes = self.zendesk.writes();
        writes.retain(|entry| entry.sequence > mark);
        writes
    }

    /// The operator's requests since a mark, in order, tokens left out.
    pub(crate) fn requests(&self, mark: u64) -> Vec<Entry> {
        let mut entries = self.zendesk.ledger().entries();
        entries
            .retain(|entry| entry.sequence > mark && entry.person.is_none() && entry.path != "/oauth/tokens");
        entries
    }

    /// The operator's writes since a mark, counted by operation.
    pub(crate) fn write_counts(&self, mark: u64) -> Calls {
        count(&self.writes(mark))
    }

    /// The operator's reads since a mark, counted by operation.
    pub(crate) fn read_counts(&self, mark: u64) -> Calls {
        let mut requests = self.requests(mark);
        requests.retain(|entry| entry.write.is_none());
        count(&requests)
    }

    /// The last writes, for a failure's message.
    pub(crate) fn last_writes(&self, number: usize) -> String {
        let writes = self.zendesk.writes();
        text_of(&writes[writes.len().saturating_sub(number)..])
    }

    /// The writes since a mark, for a failure's message.
    pub(crate) fn writes_text(&self, mark: u64) -> String {
        text_of(&self.writes(mark))
    }
}

pub(super) fn text_of(writes: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let body: String = entry.body_value().to_string().chars().take(300).collect();
        let effect = if entry.effect { "done" } else { "no effect" };
        format!(
            "  {} {} {} {body} → {:?} {effect}",
            entry.sequence, entry.operation, entry.path, entry.status
        )
    };
    writes.iter().map(line).collect::<Vec<_>>().join("\n")
}

pub(super) fn count(entries: &[Entry]) -> Calls {
    let mut calls = Calls::new();
    for entry in entries {
        *calls.entry(entry.operation.clone()).or_insert(0) += 1;
    }
    calls
}

/// Counted operations, as a test writes them.
pub(crate) fn calls(list: &[(&str, usize)]) -> Calls {
    list.iter().map(|(operation, number)| ((*operation).to_owned(), *number)).collect()
}
