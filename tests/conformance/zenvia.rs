//! Zenvia in the suite, each way an account is reached: the provider over real HTTP, and the simulator's state.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use human_support_operator::model::{Department, ExternalId, Kind, Mark, Profile};
use human_support_operator::plan::Step;
use human_support_operator::provider::Provider;
use human_support_operator::provider::http::LoopbackEndpoints;
use human_support_operator::provider::zenvia::{Api, Config, Credentials, Zenvia};
use sandbox::simulator::{Action, Effect, Rule};
use sandbox::zenvia::{PARTNER_TOKEN, account_token, api_token};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Foreign, Thing};
use crate::store;

/// Short, so that tests can wait for it.
const SETTLE: Duration = Duration::from_millis(200);
/// The account of the store.
const ACCOUNT: u64 = 4211;

pub(crate) struct Fixed {
    desk: sandbox::zenvia::Zenvia,
    provider: Arc<Zenvia>,
    api: Api,
    client: reqwest::Client,
}

pub(crate) async fn start(api: Api) -> Fixed {
    let desk = sandbox::zenvia::Zenvia::start(sandbox::zenvia::Config::default()).await.unwrap();
    let mut loopback = LoopbackEndpoints::default();
    for host in ["zchat.zenvia.io", "api.zenvia.com"] {
        loopback.add(&format!("{host}={}", desk.address())).unwrap();
    }
    let config = Config {
        account_id: (api == Api::Partner).then(|| ACCOUNT.to_string()),
        chat_host: (api != Api::SubscriptionsOnly).then(|| "zchat.zenvia.io".to_owned()),
        requests_per_minute: Some(60_000),
        settle: SETTLE,
        loopback,
        ..Config::new(api, "api.zenvia.com")
    };
    let provider = Zenvia::new(config).unwrap();
    let chat = match api {
        Api::Partner => PARTNER_TOKEN.to_owned(),
        Api::Account | Api::SubscriptionsOnly => account_token(ACCOUNT),
    };
    provider.set_credentials(Credentials { chat: Some(chat.into()), api: Some(api_token(ACCOUNT).into()) });
    // Only the first call can install it, the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let fixed = Fixed { desk, provider, api, client };
    let unlicensed = json!({ "licenseQuantity": null });
    fixed.person("PUT", &format!("/_sandbox/accounts/{ACCOUNT}"), unlicensed).await;
    if api == Api::Account {
        // What only people can make there.
        for department in store::example().departments.values() {
            fixed.make_department(department).await;
        }
    }
    fixed
}

impl Fixed {
    /// A person at work; the answer.
    async fn person(&self, method: &str, path: &str, body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}?account_id={ACCOUNT}", self.desk.url());
        let request = self.client.request(method, url).header("X-Sandbox-Person", "Bia").json(&body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn make_department(&self, department: &Department) -> ExternalId {
        let body = json!({ "agent_ids": [], "channels": ["chat"], "department":
            { "account_id": ACCOUNT, "name": department.name, "description": department.description } });
        let answer = self.person("POST", "/partner/api/departments", body).await;
        found(&answer)
    }

    fn account(&self) -> Value {
        self.desk.state()["accounts"][ACCOUNT.to_string()].clone()
    }

    fn rows(&self, list: &str) -> Vec<Value> {
        self.account()[list].as_array().cloned().unwrap_or_default()
    }

    fn row(&self, list: &str, id: &ExternalId) -> Value {
        self.rows(list).into_iter().find(|row| id_of(&row["id"]) == *id).unwrap()
    }
}

/// An id of the wire as text.
fn id_of(value: &Value) -> ExternalId {
    ExternalId::new(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// The id in whatever envelope an answer has.
fn found(answer: &Value) -> ExternalId {
    let mut inner = answer.as_object().unwrap().values().filter(|value| value["id"] != Value::Null);
    id_of(&inner.next().unwrap_or_else(|| panic!("no id in {answer}"))["id"])
}

/// An object without what the vendor changes by itself.
fn shown(object: &Value, hidden: &[&str]) -> String {
    let mut shown = object.clone();
    if let Value::Object(fields) = &mut shown {
        let is_stamp = |name: &str| name.ends_with("_at") || name.ends_with("At");
        fields.retain(|name, _| !is_stamp(name) && !hidden.contains(&name.as_str()));
    }
    shown.to_string()
}

fn mark_of(subscription: &Value) -> String {
    let headers = subscription["webhook"]["headers"].as_object();
    let mut headers = headers.into_iter().flatten();
    let mark = headers.find(|(name, _)| name.eq_ignore_ascii_case("x-humansupport-mark"));
    mark.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
}

/// A webhook binding is no object of Zenvia's: it is what its subscriptions have in common.
fn webhooks(routes: &[Thing]) -> Vec<Thing> {
    let mut webhooks: BTreeMap<String, Thing> = BTreeMap::new();
    for route in routes {
        let Some(mark) = Mark::parse(&route.mark) else { continue };
        let Some((webhook, _)) = mark.key.split_once('/') else { continue };
        let line = route.mark.replace("/route/", "/webhook/").replace(&mark.key, webhook);
        let known = webhooks.entry(webhook.to_owned()).or_insert_with(|| Thing {
            kind: Kind::Webhook,
            id: ExternalId::new(webhook),
            mark: line,
            live: false,
            text: String::new(),
        });
        known.live |= route.live;
        known.text.push_str(&route.text);
    }
    webhooks.into_values().collect()
}

#[async_trait]
impl Fixture for Fixed {
    fn provider(&self) -> &dyn Provider {
        self.provider.as_ref()
    }

    fn settle_window(&self) -> Duration {
        SETTLE
    }

    async fn plant(&self, foreign: &Foreign) -> Option<ExternalId> {
        match foreign {
            Foreign::Department(department) => Some(self.make_department(department).await),
            Foreign::Agent(agent) => {
                let profile = if agent.profile == Profile::Administrator { "ADMIN" } else { "AGENT" };
                let body = json!({ "profile": profile, "department_ids": [], "agent": { "account_id": ACCOUNT,
                    "email": agent.email, "name": agent.name, "password": "0".repeat(64),
                    "text_limit": agent.max_conversations } });
                Some(found(&self.person("POST", "/partner/api/agents", body).await))
            }
            Foreign::Webhook(_) | Foreign::PhoneField(_) | Foreign::Hours(_) => None,
        }
    }

    async fn disturb(&self, kind: Kind, id: &ExternalId) -> bool {
        match kind {
            Kind::Department => {
                let row = self.row("departments", id);
                let body = json!({ "agent_ids": row["agent_ids"], "channels": ["chat"], "department":
                    { "account_id": ACCOUNT, "name": "mine", "description": row["description"] } });
                self.person("PUT", &format!("/partner/api/departments/{id}"), body).await;
            }
            Kind::Agent => {
                self.person("PUT", &format!("/_sandbox/agents/{id}"), json!({ "name": "mine" })).await;
            }
            Kind::EventRoute => {
                let secrets = self.desk.secrets();
                let mut webhook = secrets["accounts"][ACCOUNT.to_string()]["webhooks"][id.as_str()].clone();
                webhook["url"] = json!("https://mine.example/hook");
                let body = json!({ "webhook": webhook });
                self.person("PATCH", &format!("/v2/subscriptions/{id}"), body).await;
            }
            // A license quantity is shown nowhere; the other kinds are not of Zenvia or no object of their own.
            _ => return false,
        }
        true
    }

    async fn take_away(&self, kind: Kind, id: &ExternalId) -> bool {
        if kind != Kind::EventRoute {
            // Nothing else can be deleted there.
            return false;
        }
        self.person("DELETE", &format!("/v2/subscriptions/{id}"), Value::Null).await;
        true
    }

    fn things(&self) -> Vec<Thing> {
        let mut all = Vec::new();
        for row in self.rows("departments") {
            all.push(Thing {
                kind: Kind::Department,
                id: id_of(&row["id"]),
                mark: row["description"].as_str().unwrap_or_default().to_owned(),
                live: row["active"] == true,
                // Who is in it is shown with the agents.
                text: shown(&row, &["agents", "agent_ids"]),
            });
        }
        for row in self.rows("agents") {
            all.push(Thing {
                kind: Kind::Agent,
                id: id_of(&row["id"]),
                mark: String::new(),
                live: row["active"] == true && row["deleted_at"].is_null(),
                text: shown(&row, &[]),
            });
            for place in row["departments"].as_array().into_iter().flatten() {
                let (agent, place) = (id_of(&row["id"]), id_of(&place["id"]));
                all.push(Thing {
                    kind: Kind::Membership,
                    id: ExternalId::new(format!("{agent}/{place}")),
                    mark: String::new(),
                    live: true,
                    text: String::new(),
                });
            }
        }
        let licenses = self.account()["license_quantity"].clone();
        all.push(Thing {
            kind: Kind::License,
            id: ExternalId::new("license"),
            mark: String::new(),
            live: false,
            text: licenses.to_string(),
        });
        let secrets = self.desk.secrets();
        let secrets = &secrets["accounts"][ACCOUNT.to_string()]["webhooks"];
        let routes = self.rows("subscriptions").into_iter().map(|row| Thing {
            kind: Kind::EventRoute,
            id: id_of(&row["id"]),
            mark: mark_of(&row),
            live: row["status"] != "INACTIVE",
            text: format!("{} {}", shown(&row, &["counters"]), secrets[row["id"].as_str().unwrap()]),
        });
        let routes: Vec<Thing> = routes.collect();
        all.extend(webhooks(&routes));
        all.extend(routes);
        all
    }

    fn writes(&self) -> usize {
        self.desk.writes().len()
    }

    async fn lose_answer(&self, kind: Kind, _steps: &[Step]) {
        let (method, path) = match kind {
            Kind::License => ("PUT", "/partner/api/accounts/*"),
            Kind::Department => ("POST", "/partner/api/departments"),
            Kind::Agent if self.api == Api::Account => ("POST", "/api/external/agents"),
            Kind::Agent => ("POST", "/partner/api/agents"),
            _ => ("POST", "/v2/subscriptions"),
        };
        let lost = Action::Reset { effect: Effect::Applied };
        self.desk.faults().set(vec![Rule::new("lost", lost).on(method, path).times(1)]);
    }
}
