//! The bodies that triggers send, and the place of the phone field's id in them (`domain.md` 2.5).
//!
//! In the model a body names the field by a placeholder: so a body is the same text whatever the field's id is, and a
//! trigger that names another field shows as a difference.

use serde_json::Value;

use crate::model::Event;

/// Stands for the id of the store's phone field in a body of the model.
pub const PHONE_FIELD_PLACEHOLDER: &str = "{{ticket.ticket_field_WHATSAPP_NUMBER}}";

const BEFORE_ID: &str = "{{ticket.ticket_field_";
const AFTER_ID: &str = "}}";

/// The documented body of an event; `None` for events that Zendesk's triggers cannot deliver.
pub(in crate::provider::zendesk) fn documented(event: Event) -> Option<&'static str> {
    match event {
        Event::AgentReplied => Some(AGENT_REPLIED),
        Event::ConversationResolved => Some(CONVERSATION_RESOLVED),
        Event::MessageReceived | Event::MessageDelivered => None,
    }
}

const AGENT_REPLIED: &str = r#"{
  "conversationId": "{{ticket.external_id}}",
  "userPhoneNumber": "{{ticket.requester.phone}}",
  "accountPhoneNumber": "{{ticket.ticket_field_WHATSAPP_NUMBER}}",
  "ticket": {
    "id": "{{ticket.id}}",
    "comment": "{{ticket.latest_public_comment}}",
    "author": "{{ticket.latest_public_comment.author.name}}"
  }
}"#;

const CONVERSATION_RESOLVED: &str = r#"{
  "conversationId": "{{ticket.external_id}}",
  "userPhoneNumber": "{{ticket.requester.phone}}",
  "accountPhoneNumber": "{{ticket.ticket_field_WHATSAPP_NUMBER}}",
  "event": {
    "type": "enable_bot"
  }
}"#;

/// The ids of all fields that a body names, in order.
pub(in crate::provider::zendesk) fn field_ids(body: &str) -> Vec<u64> {
    body.split(BEFORE_ID)
        .skip(1)
        .filter_map(|rest| rest.split_once(AFTER_ID))
        .filter_map(|(id, _)| id.parse().ok())
        .collect()
}

/// A body with this field's id replaced by the placeholder.
pub(in crate::provider::zendesk) fn take_out(body: &str, id: u64) -> String {
    body.replace(&format!("{BEFORE_ID}{id}{AFTER_ID}"), PHONE_FIELD_PLACEHOLDER)
}

/// A body with the placeholder replaced by this field's id.
pub(in crate::provider::zendesk) fn put_in(body: &str, id: &str) -> String {
    body.replace(PHONE_FIELD_PLACEHOLDER, &format!("{BEFORE_ID}{id}{AFTER_ID}"))
}

/// Whether two bodies send the same: equal as JSON, or equal text where they are no JSON.
pub(in crate::provider::zendesk) fn are_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    match (serde_json::from_str::<Value>(one), serde_json::from_str::<Value>(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.trim() == other.trim(),
    }
}
