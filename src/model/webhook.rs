//! Webhooks: the endpoint that receives a store's conversation events.

use serde::{Deserialize, Serialize};

use super::{FieldChange, Kind, RemoteName, Resource, SecretVersion, Url, WebhookKey};

/// An endpoint with its bearer token.
///
/// The token itself is never a value of the model: helpdesks do not give it back, so the version of the Secret it was
/// read from stands for it (`domain.md` 2.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    /// The name people see.
    pub name: RemoteName,
    /// The endpoint.
    pub url: Url,
    /// Whether it is called.
    pub active: bool,
    /// The Secret version whose token was written last; `None` where nobody knows.
    pub secret: Option<SecretVersion>,
}

impl Resource for Webhook {
    const KIND: Kind = Kind::Webhook;
    type Key = WebhookKey;

    fn differences(&self, actual: &Self) -> Vec<FieldChange> {
        let Self { name, url, active, secret } = self;
        let mut changes = Vec::new();
        FieldChange::compare(&mut changes, "name", (&actual.name, name));
        FieldChange::compare(&mut changes, "url", (&actual.url, url));
        FieldChange::compare(&mut changes, "active", (&actual.active, active));
        if let Some(version) = secret
            && actual.secret.as_ref() != Some(version)
        {
            changes.push(FieldChange::new("token", "an earlier token", "the Secret's token"));
        }
        changes
    }

    fn collides_with(&self, other: &Self) -> bool {
        other.active && self.url == other.url
    }

    fn keep_appearance_of(&mut self, actual: &Self) {
        self.name = actual.name.clone();
    }

    fn key_from_mark(marked: &str) -> Option<Self::Key> {
        Some(WebhookKey::new(marked))
    }

    fn look_alike_key(&self) -> Option<String> {
        Some(self.url.as_str().to_owned())
    }

    fn title(&self) -> &str {
        self.name.as_str()
    }

    fn switched_off(&self) -> Option<Self> {
        Some(Self { active: false, ..self.clone() })
    }
}
