//! Agents as users.
//!
//! Only what changes is sent: updates of users are limited to one a second (several in a row go by job: `user_job`). A
//! changed e-mail goes through the user's identities, because `email` in an update would only add a second address
//! (`zendesk.md` 3). `create_or_update` is never used: it would take over whoever has the address.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::user_edit::{UserEdit, role_for};
use super::{Applier, Echo};
use crate::model::{Access, Agent, Email, ExternalId, Origin, Reason};
use crate::plan::Change;
use crate::provider::ProviderError;
use crate::provider::budget::Lane;
use crate::provider::http::{Method, Reply};
use crate::provider::writing::{Done, Purpose, WriteError, class_of, gone};
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
            Change::Adopt { .. } | Change::Update { .. } => {
                let edit = self.user_edit(change)?.ok_or_else(gone)?;
                self.update_agent(edit, purpose).await
            }
            Change::Release { from } => match self.user_edit(change)? {
                Some(edit) => self.update_agent(edit, purpose).await,
                None => Ok(Some(from.id().clone())),
            },
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

    async fn update_agent(&mut self, edit: UserEdit, purpose: Purpose<'_>) -> Done {
        let purpose = Purpose { class: edit.class, ..purpose };
        let id = external(edit.id);
        if !edit.fields.is_empty() {
            let echo = self.put_user((&id, &edit.fields), purpose).await?;
            echo.verify(&edit.holds(&echo.object))?;
        }
        if let Some((former, new)) = &edit.address {
            self.change_email((&id, former, new), purpose).await?;
        }
        Ok(Some(id))
    }

    async fn put_user(
        &mut self,
        (id, fields): (&ExternalId, &Map<String, Value>),
        purpose: Purpose<'_>,
    ) -> Result<Echo<User>, WriteError> {
        let call = Call::write(Method::Put, "users.update", format!("/api/v2/users/{id}"))
            .with(json!({ "user": fields }))
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

fn identities(reply: &Reply) -> Result<Vec<Identity>, ProviderError> {
    #[derive(Deserialize)]
    struct Answer {
        identities: Vec<Identity>,
    }
    let Answer { identities } = reply.json()?;
    Ok(identities)
}
