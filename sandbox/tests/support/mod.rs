//! A plain client for the simulator's tests: one base URL, one credential, JSON in and out.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it; it is test code throughout"
)]

use std::collections::BTreeMap;

use reqwest::Method;
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET, Config, Zendesk};
use serde_json::{Value, json};

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

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Id of the object below a key, as text.
    pub(crate) fn id(&self, root: &str) -> String {
        match &self.body[root]["id"] {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        }
    }
}

/// A simulator and a client of its first account.
pub(crate) struct Desk {
    pub(crate) zendesk: Zendesk,
    pub(crate) client: reqwest::Client,
    pub(crate) token: String,
    /// Sent as `X-Sandbox-Person`.
    pub(crate) person: Option<String>,
}

pub(crate) fn plain_client() -> reqwest::Client {
    // Only the first call can install it, the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Desk {
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// Without rate limits, for tests about something else.
    pub(crate) async fn unlimited() -> Self {
        let desk = Self::start().await;
        desk.features(json!({"rateLimits": false})).await;
        desk
    }

    pub(crate) async fn with(config: Config) -> Self {
        let zendesk = Zendesk::start(config).await.unwrap();
        let mut desk = Self { zendesk, client: plain_client(), token: String::new(), person: None };
        desk.token = desk.new_token("read write").await;
        desk
    }

    pub(crate) async fn new_token(&self, scope: &str) -> String {
        let body = json!({"grant_type": "client_credentials", "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET, "scope": scope, "expires_in": 1800});
        let reply = self.raw((Method::POST, "/oauth/tokens"), &[], Some(body)).await.expect(201);
        reply.body["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn features(&self, features: Value) {
        self.control(Method::PUT, "accounts/lojacentro", json!({ "features": features })).await.expect(204);
    }

    pub(crate) async fn assume(&self, changes: Value) {
        self.control(Method::PUT, "assumptions", changes).await.expect(200);
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Reply {
        self.raw((method, &format!("/_sandbox/{path}")), &[], Some(body)).await
    }

    /// A request without credentials of its own.
    pub(crate) async fn raw(
        &self,
        request: (Method, &str),
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Reply {
        self.try_raw(request, headers, body).await.unwrap()
    }

    pub(crate) async fn try_raw(
        &self,
        (method, path): (Method, &str),
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<Reply, reqwest::Error> {
        let mut request = self.client.request(method, format!("{}{path}", self.zendesk.url()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text =
            |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Reply { status, headers, text, body })
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        self.try_send(method, path, body).await.unwrap()
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Reply, reqwest::Error> {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("accept", "application/json")];
        match &self.person {
            Some(person) => headers.push(("x-sandbox-person", person)),
            None => headers.push(("authorization", &bearer)),
        }
        self.try_raw((method, &format!("/api/v2/{path}")), &headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Makes an agent; returns its id.
    pub(crate) async fn agent(&self, name: &str) -> String {
        let user = json!({"name": name, "email": format!("{name}@loja.example"), "role": "agent"});
        self.post("users", json!({ "user": user })).await.expect(201).id("user")
    }

    pub(crate) async fn group(&self, name: &str) -> String {
        self.post("groups", json!({"group": {"name": name}})).await.expect(201).id("group")
    }

    /// Makes a webhook with a bearer token; returns its id.
    pub(crate) async fn webhook(&self, name: &str) -> String {
        self.post("webhooks", json!({ "webhook": webhook(name) })).await.expect(201).id("webhook")
    }

    pub(crate) fn account_state(&self) -> Value {
        self.zendesk.state()["accounts"]["lojacentro"].clone()
    }

    /// An object of the state by its id.
    pub(crate) fn stored(&self, kind: &str, id: &str) -> Value {
        let state = self.account_state();
        let same =
            |value: &&Value| value["id"].as_str() == Some(id) || value["id"].as_u64() == id.parse().ok();
        state[kind].as_array().unwrap().iter().find(same).cloned().unwrap_or(Value::Null)
    }
}

pub(crate) fn webhook(name: &str) -> Value {
    json!({"name": name, "description": "d", "status": "active", "endpoint": "https://handler.example/zendesk",
        "http_method": "POST", "request_format": "json", "subscriptions": ["conditional_ticket_events"],
        "authentication": {"type": "bearer_token", "data": {"token": "canary-token"}, "add_position": "header"}})
}
