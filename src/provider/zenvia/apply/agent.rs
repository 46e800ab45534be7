//! Agents: written whole, because the vendor reads what is missing as AGENT and as the first department.
//!
//! A new agent gets a random password, sent once and forgotten; an update never carries one. Access ends by
//! `active: false`; only where the account allows it an agent is deleted.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::{Applier, verify};
use crate::model::{Access, Agent, Email, ExternalId, ObjectKey, Profile, Reason};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::budget::Class;
use crate::provider::http::{Method, encode};
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zenvia::Api;
use crate::provider::zenvia::client::{Call, Line};
use crate::provider::zenvia::convert;
use crate::provider::zenvia::errors::rejected;
use crate::provider::zenvia::view::Written;
use crate::provider::zenvia::wire::{self, Id};

/// Bytes of randomness in an initial password.
const PASSWORD_BYTES: usize = 32;

impl Applier<'_> {
    pub(super) async fn agent(&mut self, change: &Change<Agent>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => self.create_agent(value, purpose).await,
            Change::Adopt { .. } | Change::Update { .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                self.people.insert(object.name.to_lowercase(), edit.to.clone());
                let departments = self.departments_after(&object.name, edit.id.as_str());
                let is_same =
                    is_written(edit.to, edit.from) && self.departments_of(edit.id.as_str()) == departments;
                if is_same {
                    // Only the claim changes, and that is recorded in the status.
                    return Ok(Some(edit.id.clone()));
                }
                // Ending somebody's access does not wait behind edits.
                let ends = edit.to.access != Access::Active && edit.from.access == Access::Active;
                let class = if ends { Class::Removal } else { purpose.class };
                self.put_agent((edit.id, edit.to), departments, Purpose { class, ..purpose }).await
            }
            // It carries no mark: giving it up ends the claim.
            Change::Release { from } => Ok(Some(from.id().clone())),
            Change::Delete { from } => {
                let path = self.shared.place.path(&format!("agents/{}", encode(from.id().as_str())));
                let call = Call::write((Line::Chat, Method::Delete), "agents.delete", path, None);
                match self.shared.client.write(call, purpose).await {
                    Ok(_) | Err(WriteError::Refused(ProviderError::Gone)) => {}
                    Err(error) => return Err(error),
                }
                self.record(Written::AgentGone(from.id().as_str().to_owned()));
                Ok(Some(from.id().clone()))
            }
        }
    }

    async fn create_agent(&mut self, value: &Agent, purpose: Purpose<'_>) -> Done {
        let departments = self.departments_after(&purpose.object.name, "");
        if self.api() == Api::Partner && departments.is_empty() {
            // The vendor would put the agent into the account's first department, where nothing says it is ours.
            return Err(WriteError::Refused(rejected(Reason::DependencyHeld, Some("departments"))));
        }
        let password = password(self.api());
        let mut body = self.body(value, &departments)?;
        self.fields(&mut body)["password"] = json!(password.as_str());
        let path = self.shared.place.path("agents");
        let call = Call::write((Line::Chat, Method::Post), "agents.create", path, Some(body));
        let result = self.send_agent(call, (value, &departments), purpose).await;
        if let Err(WriteError::Refused(ProviderError::Rejected { reason: Reason::EmailTaken, .. })) = &result
        {
            self.shared.memory.lock().taken.insert(value.email.clone());
        }
        let id = result?;
        self.people.insert(purpose.object.name.to_lowercase(), value.clone());
        Ok(id)
    }

    /// Writes an existing agent as a whole.
    pub(super) async fn put_agent(
        &mut self,
        (id, value): (&ExternalId, &Agent),
        departments: Vec<Id>,
        purpose: Purpose<'_>,
    ) -> Done {
        if self.api() == Api::Account && value.access != Access::Active {
            return Err(WriteError::Refused(rejected(Reason::ManualActionRequired, Some("active"))));
        }
        let mut body = self.body(value, &departments)?;
        if self.api() == Api::Partner {
            body["agent"]["active"] = json!(value.access == Access::Active);
        }
        let path = self.shared.place.path(&format!("agents/{}", encode(id.as_str())));
        let call = Call::write((Line::Chat, Method::Put), "agents.update", path, Some(body));
        self.send_agent(call, (value, &departments), purpose).await
    }

    async fn send_agent(
        &mut self,
        call: Call,
        (value, departments): (&Agent, &[Id]),
        purpose: Purpose<'_>,
    ) -> Done {
        let echo: wire::Agent = self.send_for(call, purpose, "agent").await?;
        self.record(Written::Agent(echo.clone()));
        let held = convert::agent(&echo);
        let is_whole = self.api() == Api::Partner;
        let ends = value.access != Access::Active;
        let in_all = departments.iter().all(|id| echo.departments.iter().any(|place| place.id == *id));
        verify(&[
            ("displayName", held.name == value.name),
            ("email", held.email == value.email),
            ("active", held.access == value.access),
            ("profile", ends || held.profile == Profile::Unknown || held.profile == value.profile),
            ("departments", !is_whole || ends || in_all),
        ])?;
        Ok(Some(ExternalId::new(echo.id)))
    }

    /// What every write of an agent says.
    fn body(&self, value: &Agent, departments: &[Id]) -> Result<Value, WriteError> {
        let Agent { name, email, profile, access, max_conversations, default_department: _ } = value;
        let profile = match convert::profile(profile) {
            Some(written) => written,
            // A leaver's profile does not matter any more, but null would be read as AGENT all the same.
            None if *access != Access::Active => "AGENT",
            None => return Err(WriteError::Refused(rejected(Reason::RemoteChanged, Some("profile")))),
        };
        let limit = max_conversations.map_or(Value::Null, |limit| json!(limit));
        Ok(match self.api() {
            Api::Partner => {
                let ids: Vec<Value> = departments.iter().map(|id| convert::written_id(id)).collect();
                json!({
                    "profile": profile,
                    "department_ids": ids,
                    "agent": {
                        "account_id": self.account_id(),
                        "name": name,
                        "email": email.as_str(),
                        "text_limit": limit,
                    },
                })
            }
            Api::Account | Api::SubscriptionsOnly => json!({
                "name": name,
                "email": email.as_str(),
                "profile": profile,
                "text_limit": limit,
            }),
        })
    }

    /// Where the agent's own fields are in a body.
    fn fields<'b>(&self, body: &'b mut Value) -> &'b mut Value {
        match self.api() {
            Api::Partner => &mut body["agent"],
            Api::Account | Api::SubscriptionsOnly => body,
        }
    }

    /// What is known of an agent of ours, as a whole write needs it.
    pub(super) fn person(&self, object: &ObjectKey) -> Option<Agent> {
        self.people.get(&object.name.to_lowercase()).cloned()
    }
}

/// Whether nothing that a write carries differs.
fn is_written(to: &Agent, from: &Agent) -> bool {
    let Agent { name, email, profile, access, max_conversations, default_department: _ } = to;
    let same: (&String, &Email, &Profile, &Access) = (&from.name, &from.email, &from.profile, &from.access);
    let is_same_limit = max_conversations.is_none() || *max_conversations == from.max_conversations;
    (name, email, profile, access) == same && is_same_limit
}

/// A random initial password: its SHA-256 in hexadecimal for a partner, the text itself for the account's own interface
/// (`zenvia.md` 3, 4). Nobody ever learns it: the person sets one.
fn password(api: Api) -> Zeroizing<String> {
    let mut bytes: [u8; PASSWORD_BYTES] = rand::random();
    let plain = Zeroizing::new(hexadecimal(&bytes));
    bytes.zeroize();
    match api {
        Api::Partner => Zeroizing::new(hexadecimal(&Sha256::digest(plain.as_bytes()))),
        Api::Account | Api::SubscriptionsOnly => plain,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}
