//! The table: what is changed in a valid object, and where and how that is refused.

use serde_json::{Value, json};

/// One input that must be refused.
#[derive(Debug)]
pub(crate) struct Row {
    /// Which valid object it starts from.
    pub(crate) base: &'static str,
    /// Members by JSON pointer; null removes one.
    pub(crate) changes: Vec<(&'static str, Value)>,
    /// Where it is refused.
    pub(crate) field: &'static str,
    /// A part of the message.
    pub(crate) message: &'static str,
    /// Whether it is a change of the base rather than a new object.
    pub(crate) is_update: bool,
    /// Whether only the definition can refuse it: about metadata, or about a number that no Rust type takes in.
    pub(crate) only_in_the_definition: bool,
}

impl Row {
    fn for_update(self) -> Self {
        Self { is_update: true, ..self }
    }

    fn in_the_definition(self) -> Self {
        Self { only_in_the_definition: true, ..self }
    }
}

fn row(
    base: &'static str,
    field: &'static str,
    message: &'static str,
    changes: Vec<(&'static str, Value)>,
) -> Row {
    Row { base, changes, field, message, is_update: false, only_in_the_definition: false }
}

pub(crate) const STORE: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HumanSupportConfig
metadata: {name: loja-centro, namespace: store-loja-centro}
spec:
  accountRef: {kind: HelpdeskAccount, name: zendesk}
  store: lojacentro
  whatsapp: {phoneNumber: "+551140028922"}
  departments: [{name: sales, displayName: Vendas}, {name: support, displayName: Suporte}]
  defaultDepartment: support
  agents: [{name: ana, displayName: Ana Souza, email: ana@loja.example, profile: Agent, departments: [sales, support]}]
  webhooks:
    - name: conversation-handler
      url: https://handler.example/webhooks
      tokenSecretRef: {name: handler-token}
      events: [{name: AgentReplied}]
  businessHours:
    timeZone: America/Sao_Paulo
    windows: [{days: [Mon], from: "09:00", to: "18:00"}]
    exceptions: [{name: Natal, date: 2026-12-25, yearly: true}]
    unavailableMessage: Voltamos logo.
  training:
    sessions: [{name: kickoff, startsAt: "2026-12-01T14:00:00-03:00", minutes: 60, audience: {profiles: [Agent]}}]
  completedSteps: [{name: IntegrateWhatsApp, value: "+551140028922"}]
  adopt: [{kind: Trigger, name: conversation-handler/AgentReplied, id: "360001"}]
"#;

pub(crate) const ZENDESK: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HelpdeskAccount
metadata: {name: zendesk, namespace: store-loja-centro}
spec:
  zendesk: {subdomain: lojacentro, plan: Professional}
  credentialsSecretRef: {name: zendesk-credentials}
  limits: {webhookHosts: [handler.example]}
"#;

pub(crate) const ZENVIA: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HelpdeskAccount
metadata: {name: zenvia, namespace: store-livraria}
spec:
  zenvia: {api: Partner, accountId: "4211", plan: Advanced}
  credentialsSecretRef: {name: zenvia-credentials}
"#;

pub(crate) const EXTERNAL: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: HelpdeskAccount
metadata: {name: desk, namespace: store-livraria}
spec:
  external: {url: "https://desk-adapter.support.svc", caBundleSecretRef: {name: ca}}
  credentialsSecretRef: {name: desk-credentials}
"#;

pub(crate) const CLUSTER: &str = r#"
apiVersion: humansupport.dev/v1alpha1
kind: ClusterHelpdeskAccount
metadata: {name: partner}
spec:
  zenvia:
    api: Partner
    plan: Advanced
    accounts: [{accountId: "4211", namespace: store-moda, store: moda, subscriptionsSecretRef: {name: moda-api}}]
  credentialsSecretRef: {name: zenvia-partner}
  limits: {webhookHosts: [handler.example]}
  allowedNamespaces:
    matchExpressions: [{key: support, operator: In, values: [enabled]}]
"#;

/// Every row. Each CEL rule of each kind is met by one at least, which a test counts.
pub(crate) fn all() -> Vec<Row> {
    let mut rows = store_header();
    rows.extend(store_entries());
    rows.extend(store_hours());
    rows.extend(accounts());
    rows.extend(cluster_accounts());
    rows
}

#[rustfmt::skip]
fn store_header() -> Vec<Row> {
    let store =
        |field, message, pointer, value| row("HumanSupportConfig", field, message, vec![(pointer, value)]);
    vec![
        store("", "at most 63 characters", "/metadata/name", json!("n".repeat(64))).in_the_definition(),
        store("spec.accountRef.name", "the name of a Kubernetes object", "/spec/accountRef/name", json!("My Account")),
        store("spec.store", "lower-case letters", "/spec/store", json!("Loja Centro")),
        store("spec.store", "`store` is immutable", "/spec/store", json!("other")).for_update(),
        store("spec.whatsapp.phoneNumber", "quote the phone number", "/spec/whatsapp/phoneNumber", json!(551140028922_u64)).in_the_definition(),
        store("spec.whatsapp.phoneNumber", "is a short code", "/spec/whatsapp/phoneNumber", json!("+28922")),
        store("spec.whatsapp.phoneNumber", "E.164", "/spec/whatsapp/phoneNumber", json!("(11) 4002-8922")),
        store("spec.conversationTag", "must be one tag", "/spec/conversationTag", json!("two tags")),
        store("spec.resyncPeriod", "from 1m to 24h", "/spec/resyncPeriod", json!("59s")),
        store("spec.resyncPeriod", "from 1m to 24h", "/spec/resyncPeriod", json!("25h")),
        store("spec.resyncPeriod", "from 1m to 24h", "/spec/resyncPeriod", json!("1 hour")),
        store("spec.defaultDepartment", "an entry of `departments`", "/spec/defaultDepartment", json!("billing")),
        store("spec.defaultDepartment", "an entry of `departments`", "/spec/departments", Value::Null),
        row("HumanSupportConfig", "spec.humanSupport", "needs `businessHours.unavailableMessage`", vec![("/spec/humanSupport", json!("Disabled")), ("/spec/businessHours", Value::Null)]),
        row("HumanSupportConfig", "spec.humanSupport", "needs `businessHours.unavailableMessage`", vec![("/spec/humanSupport", json!("Disabled")), ("/spec/businessHours/unavailableMessage", Value::Null)]),
    ]
}

#[rustfmt::skip]
fn store_entries() -> Vec<Row> {
    let store =
        |field, message, pointer, value| row("HumanSupportConfig", field, message, vec![(pointer, value)]);
    vec![
        store("spec.departments[0].name", "lower-case letters", "/spec/departments/0/name", json!("Sales")),
        store("spec.departments[0].displayName", "one line", "/spec/departments/0/displayName", json!("Vendas ")),
        store("spec.agents[0].name", "lower-case letters", "/spec/agents/0/name", json!("ana_souza")),
        store("spec.agents[0].displayName", "one line", "/spec/agents/0/displayName", json!("Ana\nSouza")),
        store("spec.agents[0].email", "one e-mail address", "/spec/agents/0/email", json!("Ana <ana@loja.example>")),
        store("spec.agents[0].until", "year-month-day", "/spec/agents/0/until", json!("31/12/2026")),
        store("spec.webhooks[0].name", "lower-case letters", "/spec/webhooks/0/name", json!("Handler")),
        store("spec.webhooks[0].url", "https URL", "/spec/webhooks/0/url", json!("http://handler.example/webhooks")),
        store("spec.webhooks[0].url", "https URL", "/spec/webhooks/0/url", json!("https://user:pw@handler.example/")),
        store("spec.webhooks[0].tokenSecretRef.name", "Kubernetes object", "/spec/webhooks/0/tokenSecretRef/name", json!("Token")),
        store("spec.training.sessions[0].name", "lower-case letters", "/spec/training/sessions/0/name", json!("Kick off")),
        store("spec.training.sessions[0].startsAt", "with an offset", "/spec/training/sessions/0/startsAt", json!("2026-12-01T14:00:00")),
        store("spec.training.sessions[0]", "needs an audience", "/spec/training/sessions/0/audience", Value::Null),
        store("spec.training.sessions[0]", "needs an audience", "/spec/training/sessions/0/audience", json!({"profiles": [], "agents": []})),
        store("spec.training.sessions[0]", "that was held has a date", "/spec/training/sessions/0", json!({"name": "kickoff", "minutes": 60, "audience": {"agents": ["ana"]}, "outcome": "Held"})),
        store("spec.completedSteps[0].name", "the name of a step", "/spec/completedSteps/0/name", json!("integrate")),
    ]
}

#[rustfmt::skip]
fn store_hours() -> Vec<Row> {
    let store =
        |field, message, pointer, value| row("HumanSupportConfig", field, message, vec![(pointer, value)]);
    let exception = |field, message, value| store(field, message, "/spec/businessHours/exceptions/0", value);
    vec![
        store("spec.businessHours.timeZone", "IANA", "/spec/businessHours/timeZone", json!("GMT -3")),
        store("spec.businessHours.windows[0].from", "00:00 to 23:59", "/spec/businessHours/windows/0/from", json!("08h")),
        store("spec.businessHours.windows[0].from", "00:00 to 23:59", "/spec/businessHours/windows/0/from", json!("24:00")),
        store("spec.businessHours.windows[0].to", "to 24:00", "/spec/businessHours/windows/0/to", json!("24:01")),
        store("spec.businessHours.windows[0]", "two windows", "/spec/businessHours/windows/0/to", json!("08:00")),
        exception("spec.businessHours.exceptions[0].name", "one line", json!({"name": " Natal", "date": "2026-12-25"})),
        exception("spec.businessHours.exceptions[0].date", "year-month-day", json!({"name": "Natal", "date": "25/12"})),
        exception("spec.businessHours.exceptions[0].from", "without offset", json!({"name": "Natal", "from": "14:00", "to": "2026-12-24T18:00"})),
        exception("spec.businessHours.exceptions[0].to", "without offset", json!({"name": "Natal", "from": "2026-12-24T14:00", "to": "2026-12-24T18:00Z"})),
        exception("spec.businessHours.exceptions[0]", "either `date`", json!({"name": "Natal"})),
        exception("spec.businessHours.exceptions[0]", "either `date`", json!({"name": "Natal", "from": "2026-12-24T14:00"})),
        exception("spec.businessHours.exceptions[0]", "either `date`", json!({"name": "Natal", "date": "2026-12-24", "to": "2026-12-24T14:00"})),
        exception("spec.businessHours.exceptions[0]", "before `to`", json!({"name": "Natal", "from": "2026-12-24T18:00", "to": "2026-12-24T14:00"})),
    ]
}

#[rustfmt::skip]
fn accounts() -> Vec<Row> {
    let zendesk =
        |field, message, pointer, value| row("HelpdeskAccount", field, message, vec![(pointer, value)]);
    let zenvia = |field, message, pointer, value| row("zenvia", field, message, vec![(pointer, value)]);
    let external = |field, message, pointer, value| row("external", field, message, vec![(pointer, value)]);
    let accounts = json!([{"accountId": "4211", "namespace": "store-x", "store": "x"}]);
    let words = json!([{"accountId": "4211", "namespace": "Store X", "store": "X Y", "subscriptionsSecretRef": {"name": "X"}}]);
    vec![
        zendesk("", "at most 63 characters", "/metadata/name", json!("n".repeat(64))).in_the_definition(),
        zendesk("spec", "exactly one of", "/spec/zendesk", Value::Null),
        zendesk("spec", "exactly one of", "/spec/external", json!({"url": "https://desk.example"})),
        row("HelpdeskAccount", "spec", "the platform of an account is immutable", vec![("/spec/zendesk", Value::Null), ("/spec/external", json!({"url": "https://desk.example"}))]).for_update(),
        zendesk("spec.zendesk.subdomain", "lower-case letters", "/spec/zendesk/subdomain", json!("evil.example/")),
        zendesk("spec.zendesk.subdomain", "`subdomain` is immutable", "/spec/zendesk/subdomain", json!("other")).for_update(),
        zendesk("spec.credentialsSecretRef.name", "Kubernetes object", "/spec/credentialsSecretRef/name", json!("My Secret")),
        zendesk("spec.limits.webhookHosts", "host name without scheme", "/spec/limits/webhookHosts", json!(["https://handler.example"])),
        zendesk("spec.departmentName", "must contain `{displayName}`", "/spec/departmentName", json!("department {store}")),
        zenvia("spec.zenvia.accountId", "in quotes", "/spec/zenvia/accountId", json!(4211)).in_the_definition(),
        zenvia("spec.zenvia", "`api` and `accountId` are immutable", "/spec/zenvia/accountId", json!("4212")).for_update(),
        zenvia("spec.zenvia", "`api` and `accountId` are immutable", "/spec/zenvia/api", json!("Account")).for_update(),
        row("zenvia", "spec.zenvia", "`api` and `accountId` are immutable", vec![("/spec/zenvia/accountId", Value::Null), ("/spec/zenvia/accounts", accounts.clone())]).for_update(),
        zenvia("spec.zenvia", "exactly one of `accountId` and `accounts`", "/spec/zenvia/accountId", Value::Null),
        row("zenvia", "spec.zenvia", "the other interfaces have no `accounts`", vec![("/spec/zenvia/api", json!("Account")), ("/spec/zenvia/accounts", accounts.clone())]),
        zenvia("spec.zenvia", "needs `maxAgents`", "/spec/zenvia/plan", json!("Other")),
        zenvia("spec.zenvia", "takes no `maxAgents`", "/spec/zenvia/maxAgents", json!(5)),
        row("zenvia", "spec", "belongs to a ClusterHelpdeskAccount", vec![("/spec/zenvia/accountId", Value::Null), ("/spec/zenvia/accounts", accounts)]),
        zenvia("spec.zenvia.accounts[0].store", "lower-case letters", "/spec/zenvia/accounts", words),
        external("spec.external.url", "https URL", "/spec/external/url", json!("http://desk.example")),
        external("spec.external.url", "`url` is immutable", "/spec/external/url", json!("https://other.example")).for_update(),
        external("spec.external.caBundleSecretRef.name", "Kubernetes object", "/spec/external/caBundleSecretRef/name", json!("CA")),
    ]
}

#[rustfmt::skip]
fn cluster_accounts() -> Vec<Row> {
    let cluster = |field, message, pointer, value| {
        row("ClusterHelpdeskAccount", field, message, vec![(pointer, value)])
    };
    let requirement = "/spec/allowedNamespaces/matchExpressions/0";
    let of_zendesk = |subdomain: &str| json!({"subdomain": subdomain, "plan": "Team"});
    let of_external = |url: &str| json!({"url": url, "caBundleSecretRef": {"name": "CA"}});
    let url = json!({"url": "https://other.example", "caBundleSecretRef": {"name": "ca"}});
    vec![
        row("cluster zendesk", "spec.zendesk.subdomain", "`subdomain` is immutable", vec![("/spec/zendesk", of_zendesk("other"))]).for_update(),
        row("cluster external", "spec.external.url", "`url` is immutable", vec![("/spec/external", url)]).for_update(),
        cluster("", "at most 63 characters", "/metadata/name", json!("n".repeat(64))).in_the_definition(),
        cluster("spec", "exactly one of", "/spec/zenvia", Value::Null),
        cluster("spec", "exactly one of", "/spec/zendesk", of_zendesk("grupo")),
        row("ClusterHelpdeskAccount", "spec", "the platform of an account is immutable", vec![("/spec/zenvia", Value::Null), ("/spec/zendesk", of_zendesk("grupo"))]).for_update(),
        cluster("spec.zendesk.subdomain", "lower-case letters", "/spec/zendesk", of_zendesk("Grupo")),
        cluster("spec.external.url", "https URL", "/spec/external", of_external("ftp://desk.example")),
        cluster("spec.external.caBundleSecretRef.name", "Kubernetes object", "/spec/external", of_external("https://desk.example")),
        cluster("spec.credentialsSecretRef.name", "Kubernetes object", "/spec/credentialsSecretRef/name", json!("A B")),
        cluster("spec.limits.webhookHosts", "host name without scheme", "/spec/limits/webhookHosts", json!(["handler.example:443"])),
        cluster("spec.departmentName", "must contain `{displayName}`", "/spec/departmentName", json!("{displayName} {other}")),
        cluster("spec.zenvia", "`api` and `accountId` are immutable", "/spec/zenvia/api", json!("Account")).for_update(),
        cluster("spec.zenvia", "exactly one of `accountId` and `accounts`", "/spec/zenvia/accountId", json!("4211")),
        cluster("spec.zenvia.accountId", "in quotes", "/spec/zenvia/accountId", json!(4211)).in_the_definition(),
        cluster("spec.zenvia", "needs `maxAgents`", "/spec/zenvia/plan", json!("Other")),
        cluster("spec.zenvia.accounts[0].namespace", "lower-case letters", "/spec/zenvia/accounts/0/namespace", json!("Store")),
        cluster("spec.zenvia.accounts[0].store", "lower-case letters", "/spec/zenvia/accounts/0/store", json!("My Store")),
        cluster("spec.zenvia.accounts[0].subscriptionsSecretRef.name", "Kubernetes object", "/spec/zenvia/accounts/0/subscriptionsSecretRef/name", json!("X")),
        cluster("spec.allowedNamespaces.matchExpressions[0]", "need at least one", requirement, json!({"key": "support", "operator": "In"})),
        cluster("spec.allowedNamespaces.matchExpressions[0]", "take none", requirement, json!({"key": "support", "operator": "Exists", "values": ["x"]})),
    ]
}
