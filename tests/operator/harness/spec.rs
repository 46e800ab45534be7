//! What the tests declare: the example of the documentation with the sandbox's credentials, and what is beside it.
//!
//! Must not: hold a second copy of the example.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sandbox::control_plane::{parse_manifests, workspace};
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET};
use serde_json::{Value, json};

/// The token that the example's webhook presents.
pub(crate) const HANDLER_TOKEN: &str = "handler-token-of-the-tests";

/// The host of the example's webhook.
pub(crate) const HANDLER_HOST: &str = "live-agent-handler.vtex.com";

/// The spec of the documented example (`examples/store-zendesk.yaml`).
///
/// Left out is what cannot hold here: the id of a trigger to adopt that belongs to no simulated account, and a last
/// day that comes.
pub(crate) fn example() -> Value {
    let file = workspace().join("examples/store-zendesk.yaml");
    let documents = parse_manifests(&std::fs::read_to_string(file).unwrap()).unwrap();
    let store = documents
        .into_iter()
        .find(|document| document.types.as_ref().is_some_and(|types| types.kind == "HumanSupportConfig"))
        .unwrap();
    let mut spec = store.data["spec"].clone();
    spec.as_object_mut().unwrap().remove("adopt");
    super::store::entry(&mut spec["agents"], "rui")["until"] = json!("2999-12-31");
    spec
}

/// A store with nothing but what is needed, every step done that blocks nothing here.
pub(crate) fn small() -> Value {
    json!({
        "accountRef": {"kind": "HelpdeskAccount", "name": "zendesk"},
        "store": "lojacentro",
        "whatsapp": {"phoneNumber": "+551140028922"},
        "licenses": {"quantity": 50},
        "departments": [{"name": "sales", "displayName": "Vendas"}, {"name": "support", "displayName": "Suporte"}],
        "defaultDepartment": "support",
        "agents": [
            {"name": "ana", "displayName": "Ana Souza", "email": "ana@loja.example", "profile": "Agent",
                "departments": ["sales", "support"]},
            {"name": "rui", "displayName": "Rui Lima", "email": "rui@loja.example", "profile": "Agent",
                "departments": ["support"]},
        ],
        "webhooks": [{"name": "handler", "url": format!("https://{HANDLER_HOST}/webhooks/zendesk"),
            "tokenSecretRef": {"name": "handler-token"},
            "events": [{"name": "AgentReplied"}, {"name": "ConversationResolved"}]}],
        "completedSteps": [{"name": "IntegrateWhatsApp", "value": "+551140028922"}],
    })
}

/// Whether a store's declared hours are open now, by the texts of its windows and whole days.
pub(crate) fn is_open_now(spec: &Value) -> bool {
    let hours = &spec["businessHours"];
    let Some(zone) = hours["timeZone"].as_str() else { return true };
    let now = jiff::Timestamp::now().in_tz(zone).unwrap();
    let [day, time, date] = ["%a", "%H:%M", "%Y-%m-%d"].map(|format| now.strftime(format).to_string());
    let is_open = |window: &Value| {
        let days = window["days"].as_array().unwrap();
        let (from, to) = (window["from"].as_str().unwrap(), window["to"].as_str().unwrap());
        days.contains(&json!(day)) && from <= time.as_str() && time.as_str() < to
    };
    let is_closed = |exception: &Value| {
        let closed = exception["date"].as_str().unwrap();
        closed == date || exception["yearly"] == true && closed[4..] == date[4..]
    };
    let list = |name: &str| hours[name].as_array().cloned().unwrap_or_default();
    list("windows").iter().any(is_open) && !list("exceptions").iter().any(is_closed)
}

/// An agent in one department.
pub(crate) fn agent(name: &str, department: &str) -> Value {
    json!({"name": name, "displayName": format!("Agent {name}"), "email": format!("{name}@loja.example"),
        "profile": "Agent", "departments": [department]})
}

/// The account's credentials.
pub(crate) fn credentials() -> Value {
    secret(
        "zendesk-credentials",
        "humansupport.dev/credentials",
        json!({"host": "lojacentro.zendesk.com",
        "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET}),
    )
}

/// The token of the webhook.
pub(crate) fn handler_token() -> Value {
    handler_token_of(HANDLER_TOKEN)
}

/// The Secret of the webhook with this token.
pub(crate) fn handler_token_of(token: &str) -> Value {
    secret("handler-token", "humansupport.dev/webhook-token", json!({"host": HANDLER_HOST, "token": token}))
}

/// A Secret. It is written as `data`, because keys that leave `stringData` stay in a Secret.
pub(crate) fn secret(name: &str, kind: &str, values: Value) -> Value {
    let encoded = values
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| (key.clone(), json!(STANDARD.encode(value.as_str().unwrap()))));
    let data: Value = encoded.collect::<serde_json::Map<_, _>>().into();
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": kind, "data": data})
}

/// The account, generous: limits are the subject of the tests that set them.
pub(crate) fn account() -> Value {
    json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount", "metadata": {"name": "zendesk"},
        "spec": {
            "zendesk": {"subdomain": super::ACCOUNT, "plan": "Professional"},
            "credentialsSecretRef": {"name": "zendesk-credentials"},
            "limits": {"requestsPerMinute": 100_000, "profiles": ["Agent", "Administrator"],
                "webhookHosts": [HANDLER_HOST, "other-handler.example"], "adoption": "IfUnowned"},
        },
    })
}
