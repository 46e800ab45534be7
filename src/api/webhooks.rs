//! Where a store's conversations are reported to: the handler of its bot.
//!
//! Why: the handler's address and token come from whoever runs the bot, so nothing about them is built in.
//! Must not: hold a token; it is in a Secret, which `tokenSecretRef` names.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::formats;

/// The name of a Secret. It has no namespace on purpose: nobody may point at another namespace's Secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// The name of the Secret.
    #[schemars(length(min = 1, max = 253))]
    #[x_kube(validation = formats::OBJECT_NAME.rule())]
    pub name: String,
}

/// What happened to a conversation: `AgentReplied`, `ConversationResolved`, or with Zenvia also `MessageReceived` and
/// `MessageDelivered`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum EventName {
    /// An agent wrote to the customer.
    AgentReplied,
    /// An agent resolved or closed the conversation, which goes back to the bot.
    ConversationResolved,
    /// The customer wrote. Zendesk cannot deliver it.
    MessageReceived,
    /// A message was delivered or read. Zendesk cannot deliver it.
    MessageDelivered,
}

/// An event the handler is told about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookEvent {
    /// Which event: `AgentReplied`, `ConversationResolved`, `MessageReceived` or `MessageDelivered`; the last two with
    /// Zenvia only.
    pub name: EventName,
    /// A body that replaces the documented one, in the helpdesk's own template language. At most 8192 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 8192))]
    pub body: Option<String>,
}

/// One handler that is told about events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The key of the webhook in this resource: lower-case letters, digits and `-`, at most 40 characters.
    #[schemars(length(min = 1, max = 40))]
    #[x_kube(validation = formats::LABEL.rule())]
    pub name: String,
    /// The https address of the handler. Its host must be in the account's `limits.webhookHosts`.
    #[schemars(length(max = 1024))]
    #[x_kube(validation = formats::HTTPS_URL.rule())]
    pub url: String,
    /// The Secret of type `humansupport.dev/webhook-token` with the keys `host` (must be the host of `url`) and
    /// `token`.
    pub token_secret_ref: SecretRef,
    /// The events the handler is told about. At least one.
    #[schemars(length(min = 1, max = 4))]
    #[x_kube(merge_strategy = ListMerge::Map(vec!["name".into()]))]
    pub events: Vec<WebhookEvent>,
}
