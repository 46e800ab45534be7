//! One simulated account, one provider, one store, and rounds of observe, plan, apply.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use human_support_operator::model::*;
use human_support_operator::plan::{Plan, Step, plan};
use human_support_operator::provider::http::{LoopbackEndpoints, WriteFence};
use human_support_operator::provider::zendesk::{self, Config, Credentials, Zendesk};
use human_support_operator::provider::{Batch, Outcome, Provider, ProviderError, Scope, Token};
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET};
use serde_json::{Value, json};

use crate::policies::nothing_waits;

/// Short, so that tests can wait for it.
pub(crate) const SETTLE: Duration = Duration::from_millis(300);

pub(crate) struct World {
    pub(crate) desk: sandbox::zendesk::Zendesk,
    pub(crate) provider: Arc<Zendesk>,
    client: reqwest::Client,
}

/// What one round did.
pub(crate) struct Round {
    pub(crate) plan: Plan,
    pub(crate) outcomes: Vec<Outcome>,
}

impl Round {
    pub(crate) fn assert_all_applied(&self) {
        for (step, outcome) in self.plan.steps.iter().zip(&self.outcomes) {
            assert!(matches!(outcome, Outcome::Applied(_)), "{}: {outcome:?}", step.object());
        }
        assert!(self.plan.held.is_empty(), "{:?}", self.plan.held);
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

/// A store with this many agents in up to five departments, one webhook, two events, a field and the routing rule.
pub(crate) fn example(agents: usize) -> Desired {
    let mut desired = Desired::none();
    let departments = agents.min(5);
    for number in 0..departments {
        let value = Department {
            name: RemoteName::new(format!("Vendas {number}")),
            description: String::new(),
            active: true,
        };
        desired.departments.insert(DepartmentKey::new(format!("d{number}")), value);
    }
    for number in 0..agents {
        let key = AgentKey::new(format!("ana{number}"));
        let department = DepartmentKey::new(format!("d{}", number % departments));
        let agent = Agent {
            name: format!("Ana {number}"),
            email: Email::new(format!("ana{number}@loja.example")),
            profile: Profile::Agent,
            access: Access::Active,
            max_conversations: Some(3),
            default_department: Ref::Ours(department.clone()),
        };
        desired.agents.insert(key.clone(), agent);
        let key = MembershipKey { agent: key, department };
        desired.memberships.insert(key.clone(), Membership { key, standing: Standing::Additional });
    }
    let webhook = WebhookKey::new("handler");
    for event in [Event::AgentReplied, Event::ConversationResolved] {
        let route = EventRoute {
            title: RemoteName::new(format!("lojacentro - {event}")),
            active: true,
            on: Trigger::On(event),
            tag: Tag::new("vtex-chatbot"),
            webhook: Ref::Ours(webhook.clone()),
            phone_field: Ref::Ours(PhoneFieldKey),
            body: String::new(),
        };
        desired.routes.insert(RouteKey { webhook: webhook.clone(), event }, route);
    }
    let endpoint = Webhook {
        name: RemoteName::new("lojacentro/handler"),
        url: Url::new("https://handler.example/webhooks/zendesk"),
        active: true,
        secret: Some(SecretVersion::new("uid/1")),
    };
    desired.webhooks.insert(webhook, endpoint);
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

pub(crate) fn policy(provider: &Zendesk) -> Policy {
    nothing_waits(provider.capabilities())
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(WriteFence::unlimited()).await
    }

    pub(crate) async fn start_with(fence: WriteFence) -> Self {
        let config = Config { fence, ..Config::new("lojacentro", zendesk::Plan::EnterprisePlus) };
        Self::start_as(config).await
    }

    /// A world whose provider waits for jobs no longer than a moment.
    pub(crate) async fn start_impatient() -> Self {
        let config = Config::new("lojacentro", zendesk::Plan::EnterprisePlus);
        Self::start_as(Config { job_patience: SETTLE, ..config }).await
    }

    async fn start_as(config: Config) -> Self {
        let desk = sandbox::zendesk::Zendesk::start(sandbox::zendesk::Config::default()).await.unwrap();
        let mut loopback = LoopbackEndpoints::default();
        loopback.add(&format!("zendesk.com={}", desk.address())).unwrap();
        let config = Config { requests_per_minute: Some(60_000), settle: SETTLE, loopback, ..config };
        let provider = Zendesk::new(config).unwrap();
        // Only the first call can install it, the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build();
        let client = client.unwrap_or_else(|_| panic!("a plain client"));
        let world = Self { desk, provider, client };
        world.set_secret(CLIENT_SECRET);
        world.control("PUT", "accounts/lojacentro", json!({ "features": { "rateLimits": false } })).await;
        world
    }

    pub(crate) fn set_secret(&self, secret: &str) {
        self.provider.set_credentials(Credentials::OAuth {
            client_id: CLIENT_ID.to_owned(),
            client_secret: secret.to_owned().into(),
        });
    }

    pub(crate) fn normalized(&self, desired: Desired) -> Desired {
        self.provider.normalize(desired)
    }

    pub(crate) async fn observe(&self, desired: &Desired) -> Result<Observed, ProviderError> {
        self.observe_since(desired, Instant::now()).await
    }

    /// With a reading that may be as old as this.
    pub(crate) async fn observe_since(
        &self,
        desired: &Desired,
        not_before: Instant,
    ) -> Result<Observed, ProviderError> {
        let (stamp, claims, named) = (stamp(), BTreeMap::new(), BTreeMap::new());
        let scope = Scope {
            stamp: &stamp,
            desired,
            claims: &claims,
            applied_licenses: None,
            named: &named,
            not_before,
        };
        Ok(self.provider.observe(&scope).await?.observed)
    }

    pub(crate) async fn observe_error(&self, desired: &Desired) -> ProviderError {
        self.observe(desired).await.unwrap_err()
    }

    pub(crate) async fn apply(&self, steps: &[Step], observed: &Observed) -> Vec<Outcome> {
        let tokens = BTreeMap::from([(
            WebhookKey::new("handler"),
            match steps.iter().any(|step| {
                matches!(step, Step::Webhook(change)
                if change.target().is_some_and(|to| to.secret == Some(SecretVersion::new("uid/2"))))
            }) {
                true => Token::new("second token".to_owned(), SecretVersion::new("uid/2")),
                false => Token::new("first token".to_owned(), SecretVersion::new("uid/1")),
            },
        )]);
        let stamp = stamp();
        self.provider.apply(&Batch { stamp: &stamp, steps, observed, tokens: &tokens }).await
    }

    pub(crate) async fn round(&self, desired: &Desired) -> Round {
        self.round_under(desired, policy(&self.provider)).await
    }

    pub(crate) async fn round_under(&self, desired: &Desired, policy: Policy) -> Round {
        let observed = self.observe(desired).await.unwrap();
        let plan = plan(desired, &observed, &policy);
        let outcomes = self.apply(&plan.steps, &observed).await;
        assert_eq!(outcomes.len(), plan.steps.len());
        Round { plan, outcomes }
    }

    /// One round that does everything, and one after it that finds nothing to do.
    pub(crate) async fn converge(&self, desired: &Desired) {
        self.round(desired).await.assert_all_applied();
        let after = self.round(desired).await;
        assert!(after.plan.is_empty(), "{:?}", after.plan);
    }

    /// Rounds until nothing is left to do; how many wrote something.
    pub(crate) async fn settle(&self, desired: &Desired) -> usize {
        for number in 0..10 {
            match self.observe(desired).await {
                Ok(observed) => {
                    let plan = plan(desired, &observed, &policy(&self.provider));
                    if plan.is_empty() {
                        return number;
                    }
                    self.apply(&plan.steps, &observed).await;
                }
                Err(ProviderError::Unsettled { retry_after }) => tokio::time::sleep(retry_after).await,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        let left =
            self.observe(desired).await.map(|observed| plan(desired, &observed, &policy(&self.provider)));
        panic!("ten rounds and not done: {left:?}; the last calls: {:?}", self.write_calls());
    }

    pub(crate) async fn control(&self, method: &str, path: &str, body: Value) {
        self.send((method, &format!("/_sandbox/{path}")), body).await;
    }

    /// A person at work in the helpdesk.
    pub(crate) async fn person(&self, method: &str, path: &str, body: Value) {
        self.send((method, path), body).await;
    }

    async fn send(&self, (method, path): (&str, &str), body: Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .client
            .request(method, format!("{}{path}", self.desk.url()))
            .header("X-Sandbox-Person", "Bia")
            .header("Accept", "application/json")
            .json(&body);
        let response = request.send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.text().await.unwrap());
    }

    pub(crate) fn account(&self) -> Value {
        self.desk.state()["accounts"]["lojacentro"].clone()
    }

    pub(crate) fn user(&self, email: &str) -> Value {
        let account = self.account();
        let mut users = account["users"].as_array().unwrap().iter();
        users.find(|user| user["email"] == email).cloned().unwrap_or_default()
    }

    /// The id of one object of this kind whose description starts with this.
    pub(crate) fn mark_id(&self, kind: &str, start: &str) -> String {
        let account = self.account();
        let mut all = account[kind].as_array().unwrap().iter();
        let marked = all.find(|one| one["description"].as_str().is_some_and(|text| text.starts_with(start)));
        marked.unwrap()["id"].to_string()
    }

    pub(crate) fn token_held(&self) -> String {
        let secrets = self.desk.secrets().to_string();
        ["first token", "second token"].into_iter().filter(|token| secrets.contains(token)).collect()
    }

    pub(crate) fn zendesk_writes(&self) -> usize {
        self.desk.writes().len()
    }

    /// The operations of all requests that were no person's, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let entries = self.desk.ledger().entries();
        let ours = entries.into_iter().filter(|entry| entry.person.is_none());
        ours.filter(|entry| !entry.path.starts_with("/_sandbox")).map(|entry| entry.operation).collect()
    }

    /// The operations of writes, in order.
    pub(crate) fn write_calls(&self) -> Vec<String> {
        self.desk.writes().into_iter().map(|entry| entry.operation).collect()
    }

    pub(crate) fn clear_calls(&self) {
        self.desk.ledger().clear();
    }
}
