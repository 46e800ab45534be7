//! The contract's messages, word for word as in `docs/reference/adapter-openapi.yaml`.
//!
//! Whatever is read here comes from somebody else's program: these types only say what shape it has. `convert` checks
//! it. Unknown fields are ignored, so that an adapter may say more than this version asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The media type of every request and answer; its parameter is the version of the contract.
pub(super) const MEDIA_TYPE: &str = "application/humansupport.adapter+json;version=1";

/// What an adapter can do: the answer to `GET /`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer {
    /// The support of each kind, by the words of the model.
    pub(super) kinds: BTreeMap<String, String>,
    pub(super) access_after_removal: String,
    /// The events that routes can deliver.
    #[serde(default)]
    pub(super) events: Vec<String>,
    /// Whether a number of conversations at once can be set.
    #[serde(default)]
    pub(super) conversation_limits: bool,
    pub(super) requests_per_minute: Option<u32>,
}

/// All objects of the account: the answer to `GET /objects`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Objects {
    /// Whether nothing is missing. A partial reading proves nothing.
    pub(super) complete: bool,
    #[serde(default)]
    pub(super) licenses: Vec<Row<License>>,
    #[serde(default)]
    pub(super) phone_fields: Vec<Row<PhoneField>>,
    #[serde(default)]
    pub(super) departments: Vec<Row<Department>>,
    #[serde(default)]
    pub(super) agents: Vec<Row<Agent>>,
    #[serde(default)]
    pub(super) memberships: Vec<Row<Membership>>,
    #[serde(default)]
    pub(super) webhooks: Vec<Row<Webhook>>,
    #[serde(default)]
    pub(super) routes: Vec<Row<Route>>,
    #[serde(default)]
    pub(super) routing: Vec<Row<Routing>>,
    #[serde(default)]
    pub(super) hours: Vec<Row<Hours>>,
}

/// One object with its id and the text in the place of its mark.
#[derive(Debug, Deserialize)]
pub(super) struct Row<T> {
    pub(super) id: String,
    #[serde(default)]
    pub(super) mark: String,
    #[serde(flatten)]
    pub(super) object: T,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct License {
    pub(super) quantity: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PhoneField {
    pub(super) title: String,
    pub(super) active: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Department {
    pub(super) name: String,
    #[serde(default)]
    pub(super) description: String,
    pub(super) active: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Agent {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) profile: String,
    pub(super) access: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) max_conversations: Option<u32>,
    #[serde(default, skip_serializing)]
    pub(super) protection: Option<String>,
    #[serde(default, skip_serializing)]
    pub(super) open_conversations: Option<u32>,
    #[serde(default, skip_serializing)]
    pub(super) seconds_unchanged: Option<u64>,
}

/// Both ends by their ids.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Membership {
    pub(super) agent: String,
    pub(super) department: String,
    pub(super) standing: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Webhook {
    pub(super) name: String,
    pub(super) url: String,
    pub(super) active: bool,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Route {
    pub(super) title: String,
    pub(super) active: bool,
    /// Absent: it fires under conditions that the contract has no word for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) event: Option<String>,
    #[serde(default)]
    pub(super) tag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) webhook: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) phone_field: Option<String>,
    #[serde(default)]
    pub(super) body: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Routing {
    pub(super) title: String,
    pub(super) active: bool,
    #[serde(default)]
    pub(super) tag: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) department: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hours {
    pub(super) name: String,
    pub(super) time_zone: String,
    #[serde(default)]
    pub(super) windows: Vec<Window>,
    #[serde(default)]
    pub(super) closed: Vec<ClosedDays>,
}

/// Minutes since Sunday 00:00, the end excluded.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Window {
    pub(super) start: u16,
    pub(super) end: u16,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ClosedDays {
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: String,
}

/// One change of the body of `POST /changes`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Change {
    pub(super) idempotency_key: String,
    pub(super) action: &'static str,
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<Value>,
    /// The bearer token of a webhook, only where it changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) token: Option<String>,
}

/// The answer to `POST /changes`: one result for each change, in the same order.
#[derive(Debug, Deserialize)]
pub(super) struct Results {
    pub(super) results: Vec<ChangeResult>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeResult {
    pub(super) idempotency_key: String,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) error: Option<Failure>,
}

/// Why a change or a request failed, by what the operator must do.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Failure {
    pub(super) class: String,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) field: Option<String>,
    #[serde(default)]
    pub(super) retry_after_seconds: Option<u64>,
}

/// The answer to `GET /webhooks/{id}/deliveries`.
#[derive(Debug, Deserialize)]
pub(super) struct Deliveries {
    pub(super) deliveries: String,
}
