//! Routes: what sends a conversation's events to a webhook, and what puts a new conversation into a department.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    DepartmentKey, ExternalId, FieldChange, Kind, ObjectKey, PhoneFieldKey, Ref, RemoteName, Resource, Tag,
    WebhookKey,
};

/// A kind of conversation event a handler can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Event {
    /// A person answered the customer.
    AgentReplied,
    /// The conversation was solved or closed: the bot takes over again.
    ConversationResolved,
    /// The customer wrote.
    MessageReceived,
    /// A message was delivered.
    MessageDelivered,
}

impl Event {
    /// All events.
    pub const ALL: [Event; 4] =
        [Event::AgentReplied, Event::ConversationResolved, Event::MessageReceived, Event::MessageDelivered];
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Names a route: a webhook binding and one of its events, `<webhook>/<event>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RouteKey {
    /// The webhook binding.
    pub webhook: WebhookKey,
    /// The event.
    pub event: Event,
}

impl fmt::Display for RouteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.webhook, self.event)
    }
}

/// When an observed route fires.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trigger {
    /// Exactly the conditions that belong to the event.
    On(Event),
    /// Other conditions; the text is the vendor's definition in a canonical form, for comparison only.
    Other(String),
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trigger::On(event) => write!(f, "{event}"),
            Trigger::Other(_) => f.write_str("other conditions"),
        }
    }
}

/// What sends one kind of event of the store's conversations to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRoute {
    /// The title people see.
    pub title: RemoteName,
    /// Whether it fires.
    pub active: bool,
    /// When it fires.
    pub on: Trigger,
    /// The tag of the conversations it fires for; empty where an observed route has none.
    pub tag: Tag,
    /// Where the event goes.
    pub webhook: Ref<WebhookKey>,
    /// The field whose value the body carries; `Nothing` where the body names none.
    pub phone_field: Ref<PhoneFieldKey>,
    /// The body, in the vendor's template language, with the field's id taken out (see the vendor's `convert`).
    /// Empty in a declared value that asks for the documented body, until the provider's `normalize` fills it in.
    pub body: String,
}

impl Resource for EventRoute {
    const KIND: Kind = Kind::EventRoute;
    type Key = RouteKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { title, active, on, tag, webhook, phone_field, body } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "title", (&actual.title, title));
        FieldChange::compare(&mut changes, "active", (&actual.active, active));
        FieldChange::compare(&mut changes, "event", (&actual.on, on));
        FieldChange::compare(&mut changes, "conversationTag", (&actual.tag, tag));
        FieldChange::compare(&mut changes, "webhook", (&actual.webhook, webhook));
        FieldChange::compare(&mut changes, "phoneField", (&actual.phone_field, phone_field));
        if actual.body != *body {
            changes.push(FieldChange::new("body", "another body", "the declared body"));
        }
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        let same_effect = match &other.on {
            Trigger::On(_) => self.on == other.on,
            // Conditions we cannot read may fire for anything that carries the tag.
            Trigger::Other(_) => true,
        };
        other.active && self.tag == other.tag && same_effect
    }

    fn leans_on(&self) -> Vec<ObjectKey> {
        let webhook = self.webhook.key().map(|key| ObjectKey::new(Kind::Webhook, key));
        let field = self.phone_field.key().map(|key| ObjectKey::new(Kind::PhoneField, key));
        webhook.into_iter().chain(field).collect()
    }

    fn relink(&mut self, link: &dyn Fn(Kind, &ExternalId) -> Option<String>) {
        self.webhook.relink(Kind::Webhook, link);
        self.phone_field.relink(Kind::PhoneField, link);
    }

    fn keep_appearance_of(&mut self, actual: &Self) {
        self.title = actual.title.clone();
    }

    fn key_from_mark(marked: &str) -> Option<Self::Key> {
        let (webhook, event) = marked.rsplit_once('/')?;
        let event = Event::ALL.into_iter().find(|known| known.to_string().eq_ignore_ascii_case(event))?;
        Some(RouteKey { webhook: WebhookKey::new(webhook), event })
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.tag.as_str().to_owned())
    }

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn switched_off(&self) -> Option<Self> {
        Some(Self { active: false, ..self.clone() })
    }

    fn rename_references(&mut self, rename: &dyn Fn(Kind, &str) -> Option<String>) {
        self.webhook.rename(Kind::Webhook, rename);
        self.phone_field.rename(Kind::PhoneField, rename);
    }
}

/// Names the one routing rule of a store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoutingKey;

impl fmt::Display for RoutingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("default")
    }
}

/// Puts a new conversation with the store's tag and no department into the default department.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingRule {
    /// The title people see.
    pub title: RemoteName,
    /// Whether it fires.
    pub active: bool,
    /// The tag of the conversations it fires for; empty where an observed rule has other conditions.
    pub tag: Tag,
    /// Where conversations land.
    pub department: Ref<DepartmentKey>,
}

impl Resource for RoutingRule {
    const KIND: Kind = Kind::RoutingRule;
    type Key = RoutingKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { title, active, tag, department } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "title", (&actual.title, title));
        FieldChange::compare(&mut changes, "active", (&actual.active, active));
        FieldChange::compare(&mut changes, "conversationTag", (&actual.tag, tag));
        FieldChange::compare(&mut changes, "defaultDepartment", (&actual.department, department));
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        other.active && self.tag == other.tag
    }

    fn leans_on(&self) -> Vec<ObjectKey> {
        self.department.key().map(|key| ObjectKey::new(Kind::Department, key)).into_iter().collect()
    }

    fn relink(&mut self, link: &dyn Fn(Kind, &ExternalId) -> Option<String>) {
        self.department.relink(Kind::Department, link);
    }

    fn keep_appearance_of(&mut self, actual: &Self) {
        self.title = actual.title.clone();
    }

    fn key_from_mark(_marked: &str) -> Option<Self::Key> {
        Some(RoutingKey)
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.tag.as_str().to_owned())
    }

    fn title(&self) -> &str {
        self.title.as_str()
    }

    fn switched_off(&self) -> Option<Self> {
        Some(Self { active: false, ..self.clone() })
    }

    fn rename_references(&mut self, rename: &dyn Fn(Kind, &str) -> Option<String>) {
        self.department.rename(Kind::Department, rename);
    }
}
