//! Zendesk in the suite: the provider over real HTTP, and the simulator's state.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use human_support_operator::model::{ExternalId, Kind, Profile};
use human_support_operator::plan::Step;
use human_support_operator::provider::Provider;
use human_support_operator::provider::http::LoopbackEndpoints;
use human_support_operator::provider::zendesk::{Config, Credentials, Plan, Zendesk};
use sandbox::simulator::{Action, Effect, Rule};
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Foreign, Thing};

/// Short, so that tests can wait for it.
const SETTLE: Duration = Duration::from_millis(200);

pub(crate) struct Fixed {
    desk: sandbox::zendesk::Zendesk,
    provider: Arc<Zendesk>,
    client: reqwest::Client,
}

pub(crate) async fn start() -> Fixed {
    let desk = sandbox::zendesk::Zendesk::start(sandbox::zendesk::Config::default()).await.unwrap();
    let mut loopback = LoopbackEndpoints::default();
    loopback.add(&format!("zendesk.com={}", desk.address())).unwrap();
    let config = Config {
        requests_per_minute: Some(60_000),
        settle: SETTLE,
        loopback,
        ..Config::new("lojacentro", Plan::Professional)
    };
    let provider = Zendesk::new(config).unwrap();
    provider.set_credentials(Credentials::OAuth {
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.to_owned().into(),
    });
    // Only the first call can install it, the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let fixed = Fixed { desk, provider, client };
    let path = "/_sandbox/accounts/lojacentro";
    fixed.person("PUT", path, json!({ "features": { "rateLimits": false } })).await.unwrap();
    fixed
}

/// The list of the state that holds a kind.
fn list_of(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::PhoneField => "ticket_fields",
        Kind::Department => "groups",
        Kind::Agent => "users",
        Kind::Membership => "group_memberships",
        Kind::Webhook => "webhooks",
        Kind::EventRoute | Kind::RoutingRule => "triggers",
        Kind::OpeningHours => "schedules",
        Kind::License => return None,
    })
}

impl Fixed {
    /// A person at work; the answer where it is a success.
    async fn person(&self, method: &str, path: &str, body: Value) -> Option<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.desk.url()));
        let request = request.header("X-Sandbox-Person", "Bia").header("Accept", "application/json");
        let response = request.json(&body).send().await.unwrap();
        let succeeded = response.status().is_success();
        let text = response.text().await.unwrap();
        succeeded.then(|| serde_json::from_str(&text).unwrap_or_default())
    }

    fn account(&self) -> Value {
        self.desk.state()["accounts"]["lojacentro"].clone()
    }
}

/// An id of the wire as text.
fn id_of(value: &Value) -> ExternalId {
    ExternalId::new(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn thing(kind: Kind, object: &Value) -> Thing {
    let carrier = match kind {
        Kind::Agent => "external_id",
        Kind::PhoneField => "agent_description",
        Kind::OpeningHours => "name",
        _ => "description",
    };
    let carried = object[carrier].as_str().unwrap_or_default();
    let is_live = match kind {
        Kind::Agent => {
            object["active"] == true && object["role"] != "end-user" && object["suspended"] != true
        }
        Kind::Department => object["deleted"] != true,
        Kind::Webhook => object["status"] == "active",
        Kind::Membership | Kind::OpeningHours => true,
        _ => object["active"] == true,
    };
    let mut shown = object.clone();
    if let Value::Object(fields) = &mut shown {
        // What the vendor itself changes: when, by whom, in which place, and what it counts.
        fields.retain(|name, _| {
            !(name.ends_with("_at") || name.ends_with("_by") || name == "position" || name == "invocations")
        });
    }
    Thing {
        kind,
        id: id_of(&object["id"]),
        // The name of a schedule ends with its mark.
        mark: if kind == Kind::OpeningHours {
            carried.rsplit(' ').next().unwrap_or_default()
        } else {
            carried
        }
        .to_owned(),
        live: is_live,
        text: shown.to_string(),
    }
}

/// Whether a trigger is the routing rule: by its mark, else by what it does.
fn is_routing(trigger: &Value) -> bool {
    let text = trigger["description"].as_str().unwrap_or_default();
    text.contains("/routing/") || !trigger["actions"].to_string().contains("notification_webhook")
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
        let (path, body) = match foreign {
            Foreign::Department(department) => (
                "groups",
                json!({ "group": { "name": department.name, "description": department.description } }),
            ),
            Foreign::Agent(agent) => {
                let role = if agent.profile == Profile::Administrator { "admin" } else { "agent" };
                (
                    "users",
                    json!({ "user": { "name": agent.name, "email": agent.email, "role": role, "verified": true } }),
                )
            }
            Foreign::Webhook(webhook) => (
                "webhooks",
                json!({ "webhook": { "name": webhook.name, "endpoint": webhook.url, "status": "active",
                    "http_method": "POST", "request_format": "json", "subscriptions": ["conditional_ticket_events"],
                    "authentication": { "type": "bearer_token", "add_position": "header", "data": { "token": "theirs" } } } }),
            ),
            Foreign::PhoneField(field) => {
                ("ticket_fields", json!({ "ticket_field": { "type": "text", "title": field.title } }))
            }
            Foreign::Hours(_) => return None,
        };
        let answer = self.person("POST", &format!("/api/v2/{path}"), body).await;
        let answer = answer.unwrap_or_else(|| panic!("{foreign:?} cannot be planted"));
        Some(id_of(&answer.as_object().unwrap().values().next().unwrap()["id"]))
    }

    async fn disturb(&self, kind: Kind, id: &ExternalId) -> bool {
        let (path, body) = match kind {
            Kind::PhoneField => ("ticket_fields", json!({ "ticket_field": { "title": "mine" } })),
            Kind::Department => ("groups", json!({ "group": { "name": "mine" } })),
            Kind::Agent => ("users", json!({ "user": { "name": "mine" } })),
            Kind::Webhook => ("webhooks", json!({ "webhook": { "status": "inactive" } })),
            Kind::EventRoute | Kind::RoutingRule => ("triggers", json!({ "trigger": { "active": false } })),
            Kind::License | Kind::Membership | Kind::OpeningHours => return false,
        };
        let method = if kind == Kind::Webhook { "PATCH" } else { "PUT" };
        self.person(method, &format!("/api/v2/{path}/{id}"), body).await.is_some()
    }

    async fn take_away(&self, kind: Kind, id: &ExternalId) -> bool {
        // A webhook that triggers call cannot be deleted, and a field's deletion ends its values on tickets.
        let (
            Kind::Department | Kind::Agent | Kind::Membership | Kind::EventRoute | Kind::RoutingRule,
            Some(list),
        ) = (kind, list_of(kind))
        else {
            return false;
        };
        self.person("DELETE", &format!("/api/v2/{list}/{id}"), json!({})).await.is_some()
    }

    fn things(&self) -> Vec<Thing> {
        let account = self.account();
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let Some(list) = list_of(kind) else { continue };
            for object in account[list].as_array().into_iter().flatten() {
                let is_of_kind = match kind {
                    Kind::EventRoute => !is_routing(object),
                    Kind::RoutingRule => is_routing(object),
                    _ => true,
                };
                if is_of_kind {
                    all.push(thing(kind, object));
                }
            }
        }
        all
    }

    fn writes(&self) -> usize {
        self.desk.writes().len()
    }

    async fn lose_answer(&self, kind: Kind, _steps: &[Step]) {
        let path = format!("/api/v2/{}", list_of(kind).unwrap());
        let lost = Action::Reset { effect: Effect::Applied };
        self.desk.faults().set(vec![Rule::new("lost", lost).on("POST", &path).times(1)]);
    }
}
