//! One simulated account, one provider, one store with its claims, and rounds of observe, plan, apply.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use human_support_operator::controller::claims;
use human_support_operator::model::*;
use human_support_operator::plan::{Plan, Step, plan};
use human_support_operator::provider::http::{LoopbackEndpoints, WriteFence};
use human_support_operator::provider::zenvia::{Api, Config, Credentials, Zenvia};
use human_support_operator::provider::{Batch, Outcome, Provider, ProviderError, Scope, Token};
use sandbox::zenvia::{PARTNER_TOKEN, account_token, api_token};
use serde_json::{Value, json};

use crate::policies::nothing_waits;

/// Short, so that tests can wait for it.
pub(crate) const SETTLE: Duration = Duration::from_millis(300);
/// The account of the store.
pub(crate) const ACCOUNT: u64 = 4211;

pub(crate) struct World {
    pub(crate) desk: sandbox::zenvia::Zenvia,
    pub(crate) provider: Arc<Zenvia>,
    pub(crate) claims: Mutex<Claims>,
    /// What the status says was applied last.
    pub(crate) licenses: Mutex<Option<u32>>,
    bearer: Mutex<Option<ObjectKey>>,
    api: Api,
    client: reqwest::Client,
}

/// What one round did.
pub(crate) struct Round {
    pub(crate) observed: Observed,
    pub(crate) plan: Plan,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Round {
    pub(crate) fn assert_all_applied(&self) {
        for (step, outcome) in self.plan.steps.iter().zip(&self.outcomes) {
            let done = matches!(outcome, Outcome::Applied(_) | Outcome::AppliedUnverified);
            assert!(done, "{}: {outcome:?}", step.object());
        }
        assert!(self.plan.held.is_empty(), "{:?}", self.plan.held);
    }

    pub(crate) fn outcome(&self, kind: Kind, name: &str) -> &Outcome {
        let object = ObjectKey::new(kind, name);
        let place = self.plan.steps.iter().position(|step| step.object() == object);
        &self.outcomes[place.unwrap_or_else(|| panic!("no step of {object}: {:?}", self.plan))]
    }

    pub(crate) fn held(&self, kind: Kind, name: &str) -> Reason {
        let held = self.plan.held_for(&ObjectKey::new(kind, name));
        held.unwrap_or_else(|| panic!("{name} is not held: {:?}", self.plan)).reason
    }
}

pub(crate) fn stamp() -> Stamp {
    Stamp {
        installation: Installation::parse("0f3c5a1e-1111-2222-3333-444455556666").unwrap(),
        former_installations: BTreeSet::new(),
        store: StoreId::new("store-loja-centro", "loja-centro"),
        fence: Fence::parse("0123456789abcdef").unwrap(),
        take_over_from: BTreeSet::new(),
        bearer: Some(ObjectKey::new(Kind::Department, "d0")),
    }
}

/// The mark of the store without its kind and key.
pub(crate) const MARK: &str = "hso1c/0f3c5a1e-1111-2222-3333-444455556666/store-loja-centro/loja-centro";

/// A store with this many agents in up to three departments, one webhook, two events and licenses for all.
pub(crate) fn example(agents: usize) -> Desired {
    let mut desired = Desired::none();
    let departments = agents.clamp(1, 3);
    for number in 0..departments {
        let value = Department {
            name: RemoteName::new(format!("Vendas {number}")),
            description: "Quem vende".to_owned(),
            active: true,
        };
        desired.departments.insert(DepartmentKey::new(format!("d{number}")), value);
    }
    for number in 0..agents {
        let key = AgentKey::new(format!("ana{number}"));
        let first = DepartmentKey::new(format!("d{}", number % departments));
        let agent = Agent {
            name: format!("Ana {number}"),
            email: Email::new(format!("ana{number}@loja.example")),
            profile: if number == 0 { Profile::Administrator } else { Profile::Agent },
            access: Access::Active,
            max_conversations: Some(3),
            default_department: Ref::Ours(first.clone()),
        };
        desired.agents.insert(key.clone(), agent);
        let places = BTreeSet::from([first.clone(), DepartmentKey::new("d0")]);
        for department in places {
            let standing = if department == first { Standing::Default } else { Standing::Additional };
            let key = MembershipKey { agent: key.clone(), department };
            desired.memberships.insert(key.clone(), Membership { key, standing });
        }
    }
    bind(&mut desired, "handler", &[Event::AgentReplied, Event::ConversationResolved]);
    let quantity = Some(u32::try_from(agents.max(1)).unwrap());
    desired.licenses.insert(LicenseKey, License { quantity });
    let field = PhoneField { title: RemoteName::new("WhatsApp lojacentro"), active: true };
    desired.phone_fields.insert(PhoneFieldKey, field);
    let rule = RoutingRule {
        title: RemoteName::new("lojacentro - routing"),
        active: true,
        tag: Tag::new("vtex-chatbot"),
        department: Ref::Ours(DepartmentKey::new("d0")),
    };
    desired.routing.insert(RoutingKey, rule);
    desired
}

/// Adds a webhook binding with these events.
pub(crate) fn bind(desired: &mut Desired, name: &str, events: &[Event]) {
    let webhook = WebhookKey::new(name);
    for event in events {
        let route = EventRoute {
            title: RemoteName::new(format!("lojacentro - {event}")),
            active: true,
            on: Trigger::On(*event),
            tag: Tag::new("vtex-chatbot"),
            webhook: Ref::Ours(webhook.clone()),
            phone_field: Ref::Ours(PhoneFieldKey),
            body: String::new(),
        };
        desired.routes.insert(RouteKey { webhook: webhook.clone(), event: *event }, route);
    }
    let endpoint = Webhook {
        name: RemoteName::new(format!("lojacentro/{name}")),
        url: Url::new(format!("https://{name}.example/webhooks/zenvia")),
        active: true,
        secret: Some(SecretVersion::new("uid/1")),
    };
    desired.webhooks.insert(webhook, endpoint);
}

pub(crate) fn policy(provider: &Zenvia, desired: &Desired) -> Policy {
    let licenses = desired.licenses.get(&LicenseKey).and_then(|license| license.quantity);
    let seats = SeatBudget { licenses, ..SeatBudget::default() };
    Policy { seats, ..nothing_waits(provider.capabilities()) }
}

/// How the provider of a test reaches its account.
pub(crate) fn config(api: Api, desk: &sandbox::zenvia::Zenvia) -> Config {
    let mut loopback = LoopbackEndpoints::default();
    for host in ["zchat.zenvia.io", "api.zenvia.com"] {
        loopback.add(&format!("{host}={}", desk.address())).unwrap();
    }
    Config {
        account_id: (api == Api::Partner).then(|| ACCOUNT.to_string()),
        chat_host: (api != Api::SubscriptionsOnly).then(|| "zchat.zenvia.io".to_owned()),
        requests_per_minute: Some(60_000),
        settle: SETTLE,
        loopback,
        ..Config::new(api, "api.zenvia.com")
    }
}

impl World {
    pub(crate) async fn start(api: Api) -> Self {
        Self::start_with(api, |config| config).await
    }

    pub(crate) async fn start_with(api: Api, change: impl FnOnce(Config) -> Config) -> Self {
        let desk = sandbox::zenvia::Zenvia::start(sandbox::zenvia::Config::default()).await.unwrap();
        let provider = Zenvia::new(change(config(api, &desk))).unwrap();
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (claims, licenses, bearer) = (Mutex::default(), Mutex::default(), Mutex::default());
        let world = Self { desk, provider, claims, licenses, bearer, api, client };
        world.set_tokens(match api {
            Api::Partner => PARTNER_TOKEN.to_owned(),
            _ => account_token(ACCOUNT),
        });
        world.control("PUT", &format!("accounts/{ACCOUNT}"), json!({ "licenseQuantity": null })).await;
        world
    }

    pub(crate) async fn closed(api: Api) -> Self {
        Self::start_with(api, |config| Config { fence: WriteFence::read_only(), ..config }).await
    }

    /// The same account and the same claims under a provider that was just made: a restart.
    pub(crate) fn restart(&mut self) {
        self.provider = Zenvia::new(config(self.api, &self.desk)).unwrap();
        self.set_tokens(match self.api {
            Api::Partner => PARTNER_TOKEN.to_owned(),
            _ => account_token(ACCOUNT),
        });
    }

    pub(crate) fn set_bearer(&self, bearer: ObjectKey) {
        *self.bearer.lock().unwrap() = Some(bearer);
    }

    fn stamp(&self) -> Stamp {
        let bearer = self.bearer.lock().unwrap().clone();
        Stamp { bearer: bearer.or(stamp().bearer), ..stamp() }
    }

    pub(crate) fn set_tokens(&self, chat: String) {
        self.provider
            .set_credentials(Credentials { chat: Some(chat.into()), api: Some(api_token(ACCOUNT).into()) });
    }

    pub(crate) fn normalized(&self, desired: Desired) -> Desired {
        self.provider.normalize(desired)
    }

    pub(crate) async fn observe(&self, desired: &Desired) -> Result<Observed, ProviderError> {
        self.observe_named(desired, &BTreeMap::new()).await
    }

    pub(crate) async fn observe_named(
        &self,
        desired: &Desired,
        named: &BTreeMap<ObjectKey, ExternalId>,
    ) -> Result<Observed, ProviderError> {
        let (stamp, claims) = (self.stamp(), self.claims.lock().unwrap().clone());
        let scope = Scope {
            stamp: &stamp,
            desired,
            claims: &claims,
            applied_licenses: *self.licenses.lock().unwrap(),
            named,
            not_before: Instant::now(),
        };
        Ok(self.provider.observe(&scope).await?.observed)
    }

    pub(crate) async fn apply(&self, plan: &Plan, observed: &Observed) -> Vec<Outcome> {
        let recorded = self.claims.lock().unwrap().clone();
        if let Some(next) = claims::before(&recorded, plan, self.provider.capabilities()) {
            *self.claims.lock().unwrap() = next;
        }
        let second = plan.steps.iter().any(|step| {
            matches!(step, Step::Webhook(change)
                if change.target().is_some_and(|to| to.secret == Some(SecretVersion::new("uid/2"))))
        });
        let token = || match second {
            true => Token::new("second token".to_owned(), SecretVersion::new("uid/2")),
            false => Token::new("first token".to_owned(), SecretVersion::new("uid/1")),
        };
        let names = ["handler", "other", "third"];
        let tokens = names.map(|name| (WebhookKey::new(name), token())).into_iter().collect();
        let stamp = self.stamp();
        let batch = Batch { stamp: &stamp, steps: &plan.steps, observed, tokens: &tokens };
        let outcomes = self.provider.apply(&batch).await;
        assert_eq!(outcomes.len(), plan.steps.len());
        for (step, outcome) in plan.steps.iter().zip(&outcomes) {
            if let (Step::License(change), Outcome::AppliedUnverified) = (step, outcome) {
                *self.licenses.lock().unwrap() = change.target().and_then(|license| license.quantity);
            }
        }
        claims::after(&mut self.claims.lock().unwrap(), plan.steps.iter().zip(&outcomes));
        outcomes
    }

    pub(crate) async fn round(&self, desired: &Desired) -> Round {
        self.round_under(desired, policy(&self.provider, desired)).await
    }

    pub(crate) async fn round_under(&self, desired: &Desired, policy: Policy) -> Round {
        let living = policy.lifecycle == Lifecycle::Living;
        let scope = if living { desired.clone() } else { Desired::none() };
        let observed = self.observe_named(&scope, &policy.adopt).await.unwrap();
        let plan = plan(desired, &observed, &policy);
        let outcomes = self.apply(&plan, &observed).await;
        Round { observed, plan, outcomes }
    }

    /// One round that does everything, and one after it that finds nothing to do.
    pub(crate) async fn converge(&self, desired: &Desired) {
        self.round(desired).await.assert_all_applied();
        let after = self.round(desired).await;
        assert!(after.plan.is_empty(), "{:#?}", after.plan);
    }

    /// Rounds until nothing is left to do.
    pub(crate) async fn settle(&self, desired: &Desired) {
        for _ in 0..10 {
            match self.observe(desired).await {
                Ok(observed) => {
                    let plan = plan(desired, &observed, &policy(&self.provider, desired));
                    if plan.is_empty() {
                        return;
                    }
                    self.apply(&plan, &observed).await;
                }
                Err(ProviderError::Unsettled { retry_after }) => tokio::time::sleep(retry_after).await,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        let left = self.observe(desired).await;
        let left = left.map(|observed| plan(desired, &observed, &policy(&self.provider, desired)));
        panic!("ten rounds and not done: {left:#?}; the writes: {:?}", self.write_calls());
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) {
        self.send((method, &format!("/_sandbox/{path}")), body).await;
    }

    /// A person at work in the helpdesk; the answer.
    pub(crate) async fn person(&self, method: &str, path: &str, body: Value) -> Value {
        self.send((method, path), body).await
    }

    async fn send(&self, (method, path): (&str, &str), body: Value) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, format!("{}{path}", self.desk.url()));
        let request = request.header("X-Sandbox-Person", "Bia").json(&body);
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status.is_success(), "{path}: {text}");
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        assert_ne!(answer["success"], false, "{path}: {text}");
        answer
    }

    pub(crate) fn account(&self) -> Value {
        self.desk.state()["accounts"][ACCOUNT.to_string()].clone()
    }

    /// An agent by its address.
    pub(crate) fn agent(&self, email: &str) -> Value {
        let account = self.account();
        let mut agents = account["agents"].as_array().unwrap().iter();
        agents.find(|agent| agent["email"] == email).cloned().unwrap_or_default()
    }

    /// Names of the departments an agent is in.
    pub(crate) fn places(&self, email: &str) -> Vec<String> {
        let agent = self.agent(email);
        let places = agent["departments"].as_array().cloned().unwrap_or_default();
        places.iter().map(|place| place["name"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn subscriptions(&self) -> Vec<Value> {
        self.account()["subscriptions"].as_array().unwrap().clone()
    }

    /// The ids of departments whose description carries a mark of the store.
    pub(crate) fn marked_departments(&self) -> Vec<Value> {
        let account = self.account();
        let all = account["departments"].as_array().unwrap().clone();
        all.into_iter()
            .filter(|one| one["description"].as_str().is_some_and(|text| text.contains(MARK)))
            .collect()
    }

    /// The operations of all requests that were no person's, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let entries = self.desk.ledger().entries();
        let ours = entries.into_iter().filter(|entry| entry.person.is_none());
        ours.filter(|entry| !entry.path.starts_with("/_sandbox")).map(|entry| entry.operation).collect()
    }

    /// The operations of our writes, in order.
    pub(crate) fn write_calls(&self) -> Vec<String> {
        self.desk.writes().into_iter().map(|entry| entry.operation).collect()
    }

    pub(crate) fn clear_calls(&self) {
        self.desk.ledger().clear();
    }
}
