//! Agents as users.
//!
//! Only what changes is sent: updates of users are limited to one a second. A changed e-mail goes through the user's
//! identities, because `email` in an update would only add a second address (`zendesk.md` 3). `create_or_update` is
//! never used: it would take over whoever has the address.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Applier, Echo};
use crate::model::{Access, Agent, Email, ExternalId, Mark, ObjectKey, Origin, Owner, Profile, Reason};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::budget::Lane;
use crate::provider::http::{Method, Reply};
use crate::provider::writing::{Done, Purpose, WriteError, class_of, edit, gone};
use crate::provider::zendesk::client::Call;
use crate::provider::zendesk::convert::{self, external};
use crate::provider::zendesk::view::Written;
use crate::provider::zendesk::wire::{Id, Identity, User};

impl Applier<'_> {
    pub(super) async fn agent(&mut self, change: &Change<Agent>) -> Done {
        let object = change.object();
        let purpose = Purpose { object: &object, class: class_of(change.action()) };
        match change {
            Change::Create { value, .. } => self.create_agent(value, purpose).await,
            Change::Adopt { from, .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                // What is not to be taken over by a mark is ours by a claim, also where no listing shows the user.
                let free = from.owner != Owner::Unknown;
                let mark = free.then(|| self.mark_to_write(edit.id, edit.origin, &object)).flatten();
                self.update_agent((edit.id, &from.value, edit.to), mark, purpose).await
            }
            Change::Update { from, .. } => {
                let Some(edit) = edit(change) else { return Err(gone()) };
                // Ending somebody's access does not wait behind edits.
                let ends = edit.to.access != Access::Active && from.value().access == Access::Active;
                let class = if ends { crate::provider::budget::Class::Removal } else { purpose.class };
                let purpose = Purpose { class, ..purpose };
                let stands = from.mark_is_current() && from.marked_key().eq_ignore_ascii_case(&object.name);
                let mark = (!stands).then(|| self.mark_to_write(edit.id, edit.origin, &object)).flatten();
                self.update_agent((edit.id, from.value(), edit.to), mark, purpose).await
            }
            // Ours by a claim: what stands in its place is somebody else's, and ending the claim is all there is to do.
            Change::Release { from } if self.is_place_taken(from.id()) => Ok(Some(from.id().clone())),
            Change::Release { from } => {
                let user =
                    self.put_user(from.id(), Map::from_iter([("external_id".into(), Value::Null)]), purpose);
                let echo = user.await?;
                echo.verify(&[("mark", Mark::parse(&echo.object.external_id).is_none())])?;
                Ok(Some(from.id().clone()))
            }
            Change::Delete { from } => {
                let path = format!("/api/v2/users/{}", from.id());
                self.remove(Call::write(Method::Delete, "users.delete", path), purpose).await?;
                if let Some(id) = convert::number(from.id()) {
                    self.record(Written::UserGone(id));
                }
                Ok(Some(from.id().clone()))
            }
        }
    }

    async fn create_agent(&mut self, value: &Agent, purpose: Purpose<'_>) -> Done {
        let Agent { name, email, profile, access, max_conversations: _, default_department: _ } = value;
        let mark = self.batch.stamp.mark(purpose.object, Origin::Created);
        let mut user = json!({
            "name": name,
            "email": email.as_str(),
            "role": role_for(profile, *access)?,
            "external_id": mark,
        });
        if *access != Access::Active {
            // Nobody is invited to an account that does not let them in.
            user["suspended"] = json!(true);
            user["skip_verify_email"] = json!(true);
        }
        let call = Call::write(Method::Post, "users.create", "/api/v2/users").with(json!({ "user": user }));
        let result: Result<Echo<User>, WriteError> = self.send_for(call, purpose, "user").await;
        if let Err(WriteError::Refused(ProviderError::Rejected { reason: Reason::EmailTaken, .. })) = &result
        {
            self.shared.remember_taken(email);
        }
        let echo = result?;
        self.record(Written::User(echo.object.clone()));
        let held = convert::agent(&echo.object);
        echo.verify(&[
            ("mark", echo.object.external_id.eq_ignore_ascii_case(&mark)),
            ("displayName", held.name == *name),
            ("email", held.email == *email),
            ("profile", *access == Access::Dismissed || held.profile == *profile),
            ("active", held.access == *access),
        ])?;
        Ok(Some(external(echo.object.id)))
    }

    async fn update_agent(
        &mut self,
        (id, from, to): (&ExternalId, &Agent, &Agent),
        mark: Option<String>,
        purpose: Purpose<'_>,
    ) -> Done {
        let Agent { name, email, profile, access, max_conversations: _, default_department: _ } = to;
        let mut user = Map::new();
        let (present_role, present_suspended) =
            (role_for(&from.profile, from.access), from.access != Access::Active);
        let wanted_role = role_for(profile, *access)?;
        if present_role.as_ref() != Ok(&wanted_role) {
            user.insert("role".to_owned(), json!(wanted_role));
        }
        let suspended = *access != Access::Active;
        if suspended != present_suspended {
            user.insert("suspended".to_owned(), json!(suspended));
        }
        // Somebody without access is not edited: see `Agent::differences`.
        let edited = *access != Access::Dismissed;
        if edited && *name != from.name {
            user.insert("name".to_owned(), json!(name));
        }
        if let Some(mark) = &mark {
            user.insert("external_id".to_owned(), json!(mark));
        }
        if !user.is_empty() {
            let echo = self.put_user(id, user.clone(), purpose).await?;
            let held = convert::agent(&echo.object);
            echo.verify(&[
                ("active", held.access == *access),
                (
                    "profile",
                    !user.contains_key("role") || *access == Access::Dismissed || held.profile == *profile,
                ),
                ("displayName", !user.contains_key("name") || held.name == *name),
                ("mark", mark.is_none_or(|mark| echo.object.external_id.eq_ignore_ascii_case(&mark))),
            ])?;
        }
        if edited && *email != from.email {
            self.change_email((id, &from.email, email), purpose).await?;
        }
        Ok(Some(id.clone()))
    }

    /// The mark to write: none where it is there already, or where the place is taken by something foreign (such a
    /// user is ours by a claim).
    fn mark_to_write(&self, id: &ExternalId, origin: Origin, object: &ObjectKey) -> Option<String> {
        let mark = self.batch.stamp.mark(object, origin);
        let is_there = self.external_id(id).is_some_and(|text| text.eq_ignore_ascii_case(&mark));
        (!is_there && !self.is_place_taken(id)).then_some(mark)
    }

    /// Whether something foreign stands where the mark would be.
    fn is_place_taken(&self, id: &ExternalId) -> bool {
        self.external_id(id).is_some_and(|text| !text.is_empty() && Mark::parse(&text).is_none())
    }

    fn external_id(&self, id: &ExternalId) -> Option<String> {
        let id = convert::number(id)?;
        self.look(|view| view.users.get(&id).map(|user| user.external_id.clone()))
    }

    async fn put_user(
        &mut self,
        id: &ExternalId,
        user: Map<String, Value>,
        purpose: Purpose<'_>,
    ) -> Result<Echo<User>, WriteError> {
        let call = Call::write(Method::Put, "users.update", format!("/api/v2/users/{id}"))
            .with(json!({ "user": user }))
            .on(Lane::UserUpdate(id.as_str().to_owned()));
        let echo: Echo<User> = self.send_for(call, purpose, "user").await?;
        self.record(Written::User(echo.object.clone()));
        Ok(echo)
    }

    /// Adds the new address, makes it the primary one, takes the old one away. Each part is left out where an earlier
    /// try got that far.
    async fn change_email(
        &mut self,
        (id, old, new): (&ExternalId, &Email, &Email),
        purpose: Purpose<'_>,
    ) -> Result<(), WriteError> {
        let base = format!("/api/v2/users/{id}/identities");
        let reply = self.shared.client.read(&Call::get("identities.list", &base)).await;
        let identities = identities(&reply.map_err(WriteError::Refused)?).map_err(WriteError::Refused)?;
        let find = |email: &Email| {
            identities
                .iter()
                .find(|identity| identity.kind == "email" && Email::new(&identity.value) == *email)
        };
        let (known, former) = (find(new), find(old).map(|identity| identity.id));
        let new_id = match known {
            Some(identity) => identity.id,
            None => self.add_identity(&base, new, purpose).await?,
        };
        if !known.is_some_and(|identity| identity.primary) {
            let path = format!("{base}/{new_id}/make_primary");
            let call = Call::write(Method::Put, "identities.make_primary", path).with(json!({}));
            self.send(call, purpose).await?;
        }
        if let Some(former) = former {
            let path = format!("{base}/{former}");
            self.remove(Call::write(Method::Delete, "identities.delete", path), purpose).await?;
        }
        self.record_email(id, new);
        Ok(())
    }

    async fn add_identity(
        &mut self,
        base: &str,
        email: &Email,
        purpose: Purpose<'_>,
    ) -> Result<Id, WriteError> {
        let body = json!({ "identity": { "type": "email", "value": email.as_str(), "verified": true } });
        let call = Call::write(Method::Post, "identities.create", base).with(body);
        let echo: Result<Echo<Identity>, WriteError> = self.send_for(call, purpose, "identity").await;
        match echo {
            Ok(echo) => Ok(echo.object.id),
            // Shape B names the field `value` here; to people it is the e-mail.
            Err(WriteError::Refused(ProviderError::Conflict)) => {
                Err(WriteError::Refused(ProviderError::Rejected {
                    reason: Reason::EmailTaken,
                    field: Some("email".to_owned()),
                }))
            }
            Err(error) => Err(error),
        }
    }

    fn record_email(&self, id: &ExternalId, email: &Email) {
        let id = convert::number(id);
        if let Some(user) = self.look(|view| view.users.get(&id?).cloned()) {
            self.record(Written::User(User { email: email.as_str().to_owned(), ..user }));
        }
    }
}

/// The role that a profile and an access stand for: whoever is dismissed holds no seat.
fn role_for(profile: &Profile, access: Access) -> Result<&'static str, WriteError> {
    if access == Access::Dismissed {
        return Ok("end-user");
    }
    convert::role(profile).ok_or(WriteError::Refused(ProviderError::Rejected {
        reason: Reason::UnsupportedByProvider,
        field: Some("profile".to_owned()),
    }))
}

fn identities(reply: &Reply) -> Result<Vec<Identity>, ProviderError> {
    #[derive(Deserialize)]
    struct Answer {
        identities: Vec<Identity>,
    }
    let Answer { identities } = reply.json()?;
    Ok(identities)
}
