//! Another platform in the suite: the provider over real HTTP, and the reference adapter's state.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use human_support_operator::model::{ExternalId, Kind};
use human_support_operator::plan::Step;
use human_support_operator::provider::Provider;
use human_support_operator::provider::external::{Config, Credentials, External, Link};
use human_support_operator::provider::http::LoopbackEndpoints;
use sandbox::adapter::{Adapter, HMAC_KEY, TOKEN};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::fixture::{Fixture, Foreign, Thing};

/// Short, so that tests can wait for it.
const SETTLE: Duration = Duration::from_millis(100);

pub(crate) struct Fixed {
    adapter: Adapter,
    provider: External,
    client: reqwest::Client,
}

pub(crate) async fn start() -> Fixed {
    let adapter = Adapter::start().await.unwrap();
    let mut loopback = LoopbackEndpoints::default();
    loopback.add(&format!("desk.example={}", adapter.address())).unwrap();
    let config = Config {
        requests_per_minute: Some(60_000),
        settle: SETTLE,
        loopback,
        ..Config::new("https://desk.example").unwrap()
    };
    let link: Arc<Link> = Link::new(config).unwrap();
    link.set_credentials(&Credentials {
        token: TOKEN.to_owned().into(),
        hmac_key: HMAC_KEY.to_owned().into(),
    });
    // Only the first call can install it, the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let provider = link.negotiate(Duration::ZERO).await.unwrap();
    Fixed { adapter, provider, client }
}

/// The member of a reading that lists a kind.
fn list_of(kind: Kind) -> &'static str {
    match kind {
        Kind::License => "licenses",
        Kind::PhoneField => "phoneFields",
        Kind::Department => "departments",
        Kind::Agent => "agents",
        Kind::Membership => "memberships",
        Kind::Webhook => "webhooks",
        Kind::EventRoute => "routes",
        Kind::RoutingRule => "routing",
        Kind::OpeningHours => "hours",
    }
}

impl Fixed {
    /// A person's change of the desk; the id where it was carried out.
    async fn person(&self, mut change: Value) -> Option<ExternalId> {
        change["idempotencyKey"] = json!(format!("{:032x}", rand::random::<u128>()));
        let url = format!("http://{}/changes", self.adapter.address());
        let request = self.client.post(url).header("X-Sandbox-Person", "Bia");
        let answer = request.body(json!({ "changes": [change] }).to_string()).send().await.unwrap();
        let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        answer["results"][0]["id"].as_str().map(ExternalId::new)
    }

    fn object(&self, kind: Kind, id: &ExternalId) -> Value {
        let state = self.adapter.state();
        let mut rows = state[list_of(kind)].as_array().unwrap().iter();
        rows.find(|row| row["id"] == id.as_str()).cloned().unwrap()
    }

    fn text(&self, kind: Kind, row: &Value) -> String {
        let token = (kind == Kind::Webhook).then(|| self.adapter.token_of(row["id"].as_str().unwrap()));
        format!("{row} {token:?}")
    }
}

#[async_trait]
impl Fixture for Fixed {
    fn provider(&self) -> &dyn Provider {
        &self.provider
    }

    fn settle_window(&self) -> Duration {
        SETTLE
    }

    async fn plant(&self, foreign: &Foreign) -> Option<ExternalId> {
        let object = match foreign {
            Foreign::Department(one) => {
                json!({ "name": one.name, "description": one.description, "active": true })
            }
            Foreign::Agent(one) => json!({ "name": one.name, "email": one.email, "profile": one.profile,
                "access": one.access, "maxConversations": one.max_conversations }),
            Foreign::Webhook(one) => json!({ "name": one.name, "url": one.url, "active": true }),
            Foreign::PhoneField(one) => json!({ "title": one.title, "active": true }),
            Foreign::Hours(one) => {
                json!({ "name": one.name, "timeZone": one.time_zone, "windows": one.intervals, "closed": [] })
            }
        };
        let kind = foreign.kind().to_string();
        self.person(json!({ "action": "Create", "kind": kind, "object": object })).await
    }

    async fn disturb(&self, kind: Kind, id: &ExternalId) -> bool {
        let (member, value) = match kind {
            Kind::License => ("quantity", json!(1)),
            Kind::PhoneField => ("title", json!("mine")),
            Kind::Department | Kind::Agent | Kind::OpeningHours => ("name", json!("mine")),
            Kind::Webhook | Kind::EventRoute | Kind::RoutingRule => ("active", json!(false)),
            // Only which department is the default could be changed, and the other one would tell of it too.
            Kind::Membership => return false,
        };
        let mut object = self.object(kind, id);
        let mark = object["mark"].take();
        object.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "mark");
        object[member] = value;
        let change =
            json!({ "action": "Update", "kind": kind.to_string(), "id": id, "mark": mark, "object": object });
        self.person(change).await.is_some()
    }

    async fn take_away(&self, kind: Kind, id: &ExternalId) -> bool {
        self.person(json!({ "action": "Delete", "kind": kind.to_string(), "id": id })).await.is_some()
    }

    fn things(&self) -> Vec<Thing> {
        let state = self.adapter.state();
        let mut all = Vec::new();
        for kind in Kind::ALL {
            for row in state[list_of(kind)].as_array().unwrap() {
                let is_live = match kind {
                    Kind::Agent => row["access"] == "Active",
                    Kind::License | Kind::Membership | Kind::OpeningHours => true,
                    _ => row["active"] == true,
                };
                all.push(Thing {
                    kind,
                    id: ExternalId::new(row["id"].as_str().unwrap()),
                    mark: row["mark"].as_str().unwrap_or_default().to_owned(),
                    live: is_live,
                    text: self.text(kind, row),
                });
            }
        }
        all
    }

    fn writes(&self) -> usize {
        self.adapter.writes().len()
    }

    async fn lose_answer(&self, kind: Kind, steps: &[Step]) {
        // Each kind is one request of its own here: the request of this kind comes after those of the kinds before it.
        let mut kinds: Vec<Kind> = steps.iter().map(Step::kind).collect();
        kinds.dedup();
        let before = kinds.iter().position(|one| *one == kind).unwrap();
        let mut rule =
            Rule::new("lost", Action::Reset { effect: Effect::Applied }).on("POST", "/changes").times(1);
        rule.skip = u64::try_from(before).unwrap();
        self.adapter.faults().set(vec![rule]);
    }
}
