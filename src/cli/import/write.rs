//! The resources, as text for a repository or as JSON.
//!
//! Comments hold what the resources cannot: Secrets to create, who stays out, what people should do. Names from the helpdesk
//! stand in comments on one line each. Must not: hold a credential.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::choose::Chosen;
use crate::api::agents::Profile as DeclaredProfile;
use crate::api::{GROUP, VERSION};
use crate::cli::program::Program;
use crate::cli::terminal::harmless;
use crate::controller::policy::host_of;
use crate::model::Profile;

/// What the resources are called.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub(super) namespace: &'a str,
    pub(super) store: &'a str,
    pub(super) phone_number: &'a str,
}

/// What is written.
pub(super) struct Written<'a> {
    pub(super) chosen: &'a Chosen,
    /// The account's manifest, as it was given.
    pub(super) account: &'a Value,
    pub(super) host: &'a str,
    pub(super) names: Names<'a>,
    /// The number, where it is integrated.
    pub(super) integrated: Option<&'a String>,
    pub(super) program: Program,
}

impl Written<'_> {
    /// For programs.
    pub(super) fn json(&self) -> Value {
        let secrets = self.secrets().into_iter().map(|(name, kind, keys)| {
            json!({"namespace": self.names.namespace, "name": name, "type": kind, "keys": keys})
        });
        json!({
            "documents": [self.account(), self.store()],
            "secrets": secrets.collect::<Vec<_>>(),
            "left": self.chosen.left,
            "remarks": self.remarks(),
        })
    }

    /// For a repository.
    ///
    /// # Errors
    /// When a document cannot be written as YAML.
    pub(super) fn yaml(&self) -> Result<String, String> {
        let mut text = self.header();
        for document in [self.account(), self.store()] {
            let yaml = serde_saphyr::to_string(&document).map_err(|error| {
                format!("the resources cannot be written as YAML: {error}; use --output json")
            })?;
            text.push_str(&format!("---\n{}\n", yaml.trim_end()));
        }
        Ok(text)
    }

    fn header(&self) -> String {
        let mut lines = vec![
            format!("Written by `humansupport import` from {}. Nothing was changed there.", self.host),
            format!(
                "Read it, keep it in a file, and look at what applying it does: {} plan FILE",
                self.program
            ),
            "It must show adoptions only. With many agents apply it with `kubectl apply --server-side`."
                .to_owned(),
            String::new(),
            format!("Secrets to create first, in the namespace {}:", self.names.namespace),
        ];
        for (name, kind, keys) in self.secrets() {
            lines.push(format!("  {name}: type {kind}, keys {}", keys.join(", ")));
        }
        lines.push(String::new());
        lines.push(match self.chosen.left.is_empty() {
            true => "Everything that was asked for is in here.".to_owned(),
            false => format!("Not in here ({}):", self.chosen.left.len()),
        });
        lines.extend(self.chosen.left.iter().map(|left| format!("  {left}")));
        let remarks = self.remarks();
        if !remarks.is_empty() {
            lines.push(String::new());
            lines.push("For you to decide:".to_owned());
            lines.extend(remarks.into_iter().map(|remark| format!("  {remark}")));
        }
        lines.iter().map(|line| comment(line)).collect()
    }

    fn secrets(&self) -> Vec<(String, &'static str, Vec<String>)> {
        use crate::api::secrets::{CREDENTIALS_TYPE, WEBHOOK_TOKEN_TYPE};
        let name = self.account["spec"]["credentialsSecretRef"]["name"].as_str().unwrap_or_default();
        let keys = match self.account["spec"]["zenvia"]["api"].as_str() {
            Some(api) => self.zenvia_keys(api),
            None => vec![format!("host ({})", self.host), "clientId".to_owned(), "clientSecret".to_owned()],
        };
        let mut secrets = vec![(name.to_owned(), CREDENTIALS_TYPE, keys)];
        for binding in &self.chosen.bindings {
            let keys = vec![format!("host ({})", host_of(&binding.url)), "token".to_owned()];
            secrets.push((token_secret(&binding.key), WEBHOOK_TOKEN_TYPE, keys));
        }
        secrets
    }

    /// The keys of Zenvia's Secret; those of the second host serve the webhooks, which are added by hand.
    fn zenvia_keys(&self, api: &str) -> Vec<String> {
        // The account's id stands behind the host of a partner's account.
        let host = self.host.split('/').next().unwrap_or_default();
        let token = if api == "Partner" { "partnerToken" } else { "accountToken" };
        let fixed = [token, "apiHost (api.zenvia.com)", "apiToken"].map(str::to_owned);
        std::iter::once(format!("chatHost ({host})")).chain(fixed).collect()
    }

    /// Zenvia has no ticket field and no routing rule, and other credentials.
    fn is_zenvia(&self) -> bool {
        self.account["spec"]["zenvia"].is_object()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.chosen.field.is_none() && !self.is_zenvia() {
            remarks.push(
                "`adopt` names no TicketField: no field for the WhatsApp number was found, so one is created"
                    .to_owned(),
            );
        }
        if self.is_zenvia() {
            remarks.push(
                "`webhooks` is left out: subscriptions report the whole account, and those that are there are named above; declare yours by hand"
                    .to_owned(),
            );
        } else if self.chosen.bindings.is_empty() {
            remarks.push(
                "`webhooks` is empty: no trigger was found that reports the store's conversations".to_owned(),
            );
        } else {
            remarks.push(
                "the token in the Secret of a webhook is written into it when it is taken over: use the one in use, or tell the handler first"
                    .to_owned(),
            );
        }
        if self.chosen.default_department.is_none() && !self.is_zenvia() {
            remarks.push(
                "`defaultDepartment` is left out: no trigger was found that puts new conversations into a department, and with it one is created"
                    .to_owned(),
            );
        }
        if self.integrated.is_none() {
            remarks.push(format!(
                "once the number is integrated with WhatsApp, add `completedSteps: [{{name: IntegrateWhatsApp, value: \"{}\"}}]`: until then creates and webhooks wait",
                self.names.phone_number
            ));
        }
        remarks.push("`licenses` is left out: add the number that was agreed with the partner".to_owned());
        remarks
    }

    /// The account with what the store asks of it.
    fn account(&self) -> Value {
        let mut account = self.account.clone();
        let spec = &mut account["spec"];
        let hosts = self.chosen.bindings.iter().map(|binding| host_of(&binding.url));
        let known = spec["limits"]["webhookHosts"].as_array().cloned().unwrap_or_default();
        let mut all: BTreeSet<String> = hosts.collect();
        all.extend(known.iter().filter_map(|host| host.as_str().map(str::to_owned)));
        if !all.is_empty() {
            spec["limits"]["webhookHosts"] = json!(all);
        }
        let is_administrator =
            |agent: &super::choose::ChosenAgent| agent.agent.profile == Profile::Administrator;
        if self.chosen.agents.iter().any(is_administrator) {
            spec["limits"]["profiles"] = json!([DeclaredProfile::Agent, DeclaredProfile::Administrator]);
        }
        if let Some(spec) = spec.as_object_mut() {
            spec.retain(|_, value| !value.is_null());
            if spec.get("suspend") == Some(&json!(false)) {
                spec.remove("suspend");
            }
        }
        account
    }

    fn store(&self) -> Value {
        let Names { namespace, store, phone_number } = self.names;
        let mut spec = json!({
            "accountRef": {"kind": "HelpdeskAccount", "name": self.account["metadata"]["name"]},
            "store": store,
            "whatsapp": {"phoneNumber": phone_number},
            "adoptionPolicy": "IfUnowned",
        });
        if let Some(tag) = &self.chosen.tag {
            spec["conversationTag"] = json!(tag);
        }
        if let Some(number) = self.integrated {
            spec["completedSteps"] = json!([{"name": "IntegrateWhatsApp", "value": number}]);
        }
        if let Some((key, _)) = &self.chosen.default_department {
            spec["defaultDepartment"] = json!(key);
        }
        let lists = [
            ("departments", self.departments()),
            ("agents", self.agents()),
            ("webhooks", self.webhooks()),
            ("adopt", self.adopt()),
        ];
        for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            spec[name] = Value::Array(list);
        }
        json!({
            "apiVersion": format!("{GROUP}/{VERSION}"),
            "kind": "HumanSupportConfig",
            "metadata": {"name": store, "namespace": namespace},
            "spec": spec,
        })
    }

    fn departments(&self) -> Vec<Value> {
        let departments = self.chosen.departments.values().map(|(key, department)| {
            let mut entry = json!({"name": key, "displayName": department.name.as_str()});
            if !department.description.is_empty() {
                entry["description"] = json!(department.description);
            }
            entry
        });
        departments.collect()
    }

    fn agents(&self) -> Vec<Value> {
        let agents = self.chosen.agents.iter().map(|chosen| {
            let profile = match chosen.agent.profile {
                Profile::Administrator => DeclaredProfile::Administrator,
                _ => DeclaredProfile::Agent,
            };
            let mut entry = json!({
                "name": chosen.key,
                "displayName": chosen.agent.name,
                "email": chosen.agent.email.as_str(),
                "profile": profile,
            });
            // Where the helpdesk shows it: a later write of the whole agent must not take it away.
            if let Some(limit) = chosen.agent.max_conversations.filter(|limit| (1..=500).contains(limit)) {
                entry["maxConversations"] = json!(limit);
            }
            if !chosen.departments.is_empty() {
                entry["departments"] = json!(chosen.departments);
            }
            entry
        });
        agents.collect()
    }

    fn webhooks(&self) -> Vec<Value> {
        let webhooks = self.chosen.bindings.iter().map(|binding| {
            let events = binding.events.iter().map(|(event, _, body)| match body {
                Some(body) => json!({"name": event.to_string(), "body": body}),
                None => json!({"name": event.to_string()}),
            });
            json!({
                "name": binding.key,
                "url": binding.url,
                "tokenSecretRef": {"name": token_secret(&binding.key)},
                "events": events.collect::<Vec<_>>(),
            })
        });
        webhooks.collect()
    }

    /// Every object by its id: what is taken over is what was seen.
    fn adopt(&self) -> Vec<Value> {
        let one = |kind: &str, name: &str, id: &crate::model::ExternalId| json!({"kind": kind, "name": name, "id": id.as_str()});
        let chosen = self.chosen;
        let mut adopt = Vec::new();
        adopt.extend(chosen.departments.iter().map(|(id, (key, _))| one("Department", key, id)));
        adopt.extend(chosen.agents.iter().map(|agent| one("Agent", &agent.key, &agent.id)));
        for binding in &chosen.bindings {
            adopt.push(one("Webhook", &binding.key, &binding.id));
            let trigger =
                |(event, id, _): &(_, _, _)| one("Trigger", &format!("{}/{event}", binding.key), id);
            adopt.extend(binding.events.iter().map(trigger));
        }
        adopt.extend(chosen.default_department.iter().map(|(_, id)| one("Trigger", "default", id)));
        adopt.extend(chosen.field.iter().map(|id| one("TicketField", "whatsapp-number", id)));
        adopt
    }
}

fn token_secret(key: &str) -> String {
    format!("{key}-token")
}

/// One line of comments; nothing that a helpdesk says can end it.
fn comment(line: &str) -> String {
    let line = harmless(line).split(['\n', '\u{85}', '\u{2028}', '\u{2029}']).collect::<Vec<_>>().join(" ");
    format!("#{}{line}\n", if line.is_empty() { "" } else { " " })
}
