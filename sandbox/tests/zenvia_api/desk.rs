//! A plain client for these tests: the tokens of account 4211, JSON in and out.

use std::collections::BTreeMap;

use reqwest::Method;
use sandbox::zenvia::{Config, PARTNER_TOKEN, Zenvia, account_token, api_token};
use serde_json::{Value, json};

/// The account that most tests use.
pub(crate) const ACCOUNT: u64 = 4211;

/// SHA-256 of "senha", as the Partner API takes it.
pub(crate) const DIGEST: &str = "b7e94be513e96e8c45cd23d162275e5a12ebde9100a425c4ebcdd7fa4dcd897c";

/// An answer with its body read.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Reply {
    /// The reply, whose status must be this one.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The reply, which must be the Partner API's success.
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.body["success"], true, "{}", self.text);
        self.expect(200)
    }

    /// The text of a refusal inside a 200.
    pub(crate) fn refusal(self) -> String {
        assert_eq!(self.body["success"], false, "{}", self.text);
        assert_eq!(self.body["status"], 200, "{}", self.text);
        self.expect(200).body["errors"].to_string()
    }

    pub(crate) fn id(&self, root: &str) -> u64 {
        self.body[root]["id"].as_u64().unwrap()
    }
}

/// One request.
pub(crate) struct Ask<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(&'a str, &'a str)>,
    pub(crate) body: Option<Value>,
}

impl<'a> Ask<'a> {
    pub(crate) fn get(path: &'a str) -> Self {
        Self { method: Method::GET, path, headers: Vec::new(), body: None }
    }

    pub(crate) fn new(method: Method, path: &'a str, body: Value) -> Self {
        Self { method, path, headers: Vec::new(), body: Some(body) }
    }

    pub(crate) fn with(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A simulator and a client.
pub(crate) struct Desk {
    pub(crate) zenvia: Zenvia,
    client: reqwest::Client,
}

impl Desk {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { zenvia: Zenvia::start(config).await.unwrap(), client }
    }

    pub(crate) async fn ask(&self, ask: Ask<'_>) -> Reply {
        self.try_ask(ask).await.unwrap()
    }

    pub(crate) async fn try_ask(&self, ask: Ask<'_>) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.request(ask.method, format!("{}{}", self.zenvia.url(), ask.path));
        for (name, value) in ask.headers {
            request = request.header(name, value);
        }
        if let Some(body) = ask.body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status, headers, text, body })
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Reply {
        self.ask(Ask::new(method, &format!("/_sandbox/{path}"), body)).await
    }

    pub(crate) async fn assume(&self, changes: Value) {
        self.control(Method::PUT, "assumptions", changes).await.expect(200);
    }

    /// A read of the Partner API; the path may have a query.
    pub(crate) async fn read(&self, path: &str) -> Reply {
        let join = if path.contains('?') { '&' } else { '?' };
        let account =
            if path.contains("account_id") { String::new() } else { format!("&account_id={ACCOUNT}") };
        self.ask(Ask::get(&format!("/partner/api/{path}{join}token={PARTNER_TOKEN}{account}"))).await
    }

    /// A write of the Partner API; the token is added to the body.
    pub(crate) async fn write(&self, method: Method, path: &str, mut body: Value) -> Reply {
        body["token"] = json!(PARTNER_TOKEN);
        self.ask(Ask::new(method, &format!("/partner/api/{path}"), body)).await
    }

    /// Makes an agent through the Partner API; returns its id.
    pub(crate) async fn agent(&self, name: &str) -> u64 {
        self.write(Method::POST, "agents", agent(name)).await.done().id("agent")
    }

    /// Makes a department through the Partner API; returns its id.
    pub(crate) async fn department(&self, name: &str) -> u64 {
        let body = json!({"department": {"account_id": ACCOUNT, "name": name}});
        self.write(Method::POST, "departments", body).await.done().id("department")
    }

    /// A read of the account-token API.
    pub(crate) async fn external(&self, path: &str) -> Reply {
        let join = if path.contains('?') { '&' } else { '?' };
        self.ask(Ask::get(&format!("{path}{join}token={}", account_token(ACCOUNT)))).await
    }

    /// A write of the account-token API.
    pub(crate) async fn external_write(&self, method: Method, path: &str, mut body: Value) -> Reply {
        body["token"] = json!(account_token(ACCOUNT));
        self.ask(Ask::new(method, path, body)).await
    }

    /// A request of `/v2/subscriptions`; the path begins behind that.
    pub(crate) async fn subscriptions(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let token = api_token(ACCOUNT);
        let path = format!("/v2/subscriptions{path}");
        let ask = Ask { method, path: &path, headers: Vec::new(), body };
        self.ask(ask.with("x-api-token", &token)).await
    }

    pub(crate) fn account_state(&self) -> Value {
        self.zenvia.state()["accounts"][ACCOUNT.to_string()].clone()
    }

    /// An object of the account's state by its id.
    pub(crate) fn stored(&self, kind: &str, id: u64) -> Value {
        let state = self.account_state();
        state[kind].as_array().unwrap().iter().find(|one| one["id"] == id).cloned().unwrap()
    }
}

/// The body that makes an agent.
pub(crate) fn agent(name: &str) -> Value {
    json!({"profile": "AGENT", "department_ids": Value::Null, "agent": {"account_id": ACCOUNT, "name": name,
        "email": format!("{name}@loja.example"), "password": DIGEST, "text_limit": 5}})
}
