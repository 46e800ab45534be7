//! The invariants I1 to I10 of a store at rest, whatever was injected before, in one call.
//!
//! Read from the simulator's ledger and state, the API server's audit log and objects, and what the operator put out.
//! Must not: believe the operator, or know what a test injected. Two replicas' overlap (I7) needs to know whose a
//! request is, which only `replicas.rs` arranges.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::control_plane::AuditEvent;
use sandbox::simulator::Entry;
use sandbox::zendesk::CLIENT_SECRET;
use serde_json::{Value, json};

use super::{ACCOUNT, Calls, Desk, HANDLER_TOKEN, Store, World, condition, until};

/// The kinds that carry marks, with the member that carries them.
const CARRIERS: [(&str, &str); 5] = [
    ("users", "external_id"),
    ("groups", "description"),
    ("webhooks", "description"),
    ("triggers", "description"),
    ("ticket_fields", "agent_description"),
];

/// A credential has at least this many characters; shorter texts are found anywhere.
const SHORTEST_SECRET: usize = 8;

impl World {
    /// Every invariant of the stores that are there, which are at rest. Looks are requested on the way.
    pub(crate) async fn assert_invariants(&self, stores: &[&Store]) {
        self.assert_at_rest(stores).await;
        for store in stores {
            self.ready_was_true_when_it_was_said(store).await;
        }
    }

    /// The invariants without I10, for a helpdesk in which another cluster acted behind the operator's back.
    pub(crate) async fn assert_at_rest(&self, stores: &[&Store]) {
        let marks = self.live_marks();
        self.no_write_to_a_foreign_object();
        let twice: Vec<_> = marks.iter().filter(|(_, ids)| ids.len() > 1).collect();
        assert!(twice.is_empty(), "I2: more than one object of a mark: {twice:?}");
        let declared: BTreeSet<String> = stores.iter().flat_map(|store| self.declared_marks(store)).collect();
        let live: BTreeSet<String> = marks.keys().cloned().collect();
        assert_eq!(live, declared, "I3: the live marked objects are the declared ones");
        for store in stores {
            equals_the_spec(&self.desk, store);
        }
        for entry in self.desk.zendesk.ledger().entries() {
            assert_eq!(entry.account, ACCOUNT, "I4: {} {}", entry.method, entry.path);
        }
        self.nothing_inside_a_retry_after_window();
        self.removals_are_justified(&declared);
        self.no_credential_is_shown(stores).await;
        self.quiescent(stores).await;
    }

    /// The ids of live objects of every mark of this installation.
    pub(crate) fn live_marks(&self) -> BTreeMap<String, Vec<String>> {
        let mut marks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (kind, carrier) in CARRIERS {
            for object in self.desk.all(kind) {
                let gone = object["deleted"] == true || object["active"] == false;
                if let (Some(mark), false) = (mark_of(&object[carrier]), gone) {
                    marks.entry(mark).or_default().push(format!("{kind}/{}", id_of(&object["id"])));
                }
            }
        }
        marks
    }

    fn declared_marks(&self, store: &Store) -> BTreeSet<String> {
        let prefix = format!("hso1/{}/{}/{}", self.flags.installation, self.namespace, store.name());
        let spec = &store.spec;
        let names = |list: &str| -> Vec<String> {
            let entries = spec[list].as_array().cloned().unwrap_or_default();
            entries.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect()
        };
        let mut marks = BTreeSet::from([format!("{prefix}/field/whatsapp-number")]);
        marks.extend(names("departments").iter().map(|name| format!("{prefix}/department/{name}")));
        marks.extend(names("agents").iter().map(|name| format!("{prefix}/agent/{name}")));
        if spec["defaultDepartment"].is_string() {
            marks.insert(format!("{prefix}/routing/default"));
        }
        for webhook in spec["webhooks"].as_array().into_iter().flatten() {
            let name = webhook["name"].as_str().unwrap();
            marks.insert(format!("{prefix}/webhook/{name}"));
            for event in webhook["events"].as_array().into_iter().flatten() {
                marks.insert(format!("{prefix}/route/{name}/{}", event["name"].as_str().unwrap()));
            }
        }
        marks.into_iter().map(|mark| mark.to_lowercase()).collect()
    }

    /// I1: what the operator changed carries our mark, or is what the operator made.
    fn no_write_to_a_foreign_object(&self) {
        let writes = self.desk.writes(0);
        let mut ours: BTreeSet<String> = self.live_marks().into_values().flatten().collect();
        for (kind, carrier) in CARRIERS {
            let all = self.desk.all(kind);
            let marked = all.iter().filter(|object| mark_of(&object[carrier]).is_some());
            ours.extend(marked.map(|object| format!("{kind}/{}", id_of(&object["id"]))));
        }
        let made = writes.iter().filter(|entry| entry.effect && entry.method == "POST");
        ours.extend(made.filter_map(made_by));
        for entry in writes.iter().filter(|entry| entry.effect) {
            let foreign = targets_of(entry).into_iter().find(|(target, _)| !ours.contains(target));
            assert!(
                foreign.is_none(),
                "I1: {} {} changed what is not ours: {foreign:?}",
                entry.method,
                entry.path
            );
        }
    }

    /// I5: after an answer that asks to wait nothing is sent until then.
    fn nothing_inside_a_retry_after_window(&self) {
        let entries = self.desk.zendesk.ledger().entries();
        for limited in entries.iter().filter(|entry| entry.person.is_none()) {
            let seconds = limited.retry_after.as_deref().and_then(|text| text.parse::<i64>().ok());
            let (Some(seconds), Some(ended)) = (seconds, limited.ended) else { continue };
            // What was under way together with the refused request is no new request.
            let window = ended + 50..ended + seconds * 1000 - 20;
            let inside =
                entries.iter().find(|entry| entry.person.is_none() && window.contains(&entry.arrived));
            assert!(inside.is_none(), "I5: inside a window of {seconds} s: {inside:?}");
        }
    }

    /// I6: what was taken away or switched off is not declared, or was one too many.
    fn removals_are_justified(&self, declared: &BTreeSet<String>) {
        let live = self.live_marks();
        let marks: BTreeMap<String, String> = self.desk.writes(0).iter().filter_map(mark_made_by).collect();
        for entry in self.desk.writes(0).iter().filter(|entry| entry.effect) {
            let away = targets_of(entry).into_iter().filter(|(_, sent)| takes_away(&entry.method, sent));
            for (target, _) in away {
                let Some(mark) = marks.get(&target) else { continue };
                let replaced = live.get(mark).is_some_and(|ids| !ids.contains(&target));
                assert!(
                    replaced || !declared.contains(mark),
                    "I6: {} {} took {mark} away, which is declared",
                    entry.method,
                    entry.path
                );
            }
        }
    }

    /// I8: no credential, and no panic, in what the operator puts out.
    async fn no_credential_is_shown(&self, stores: &[&Store]) {
        let secrets = self.desk.zendesk.secrets();
        let issued = secrets["accounts"][ACCOUNT]["access_tokens"].as_array().cloned().unwrap_or_default();
        let mut secrets: Vec<String> = vec![CLIENT_SECRET.to_owned(), HANDLER_TOKEN.to_owned()];
        secrets.extend(issued.iter().filter_map(|token| Some(token.as_str()?.to_owned())));
        let mut places =
            vec![("events", json!(self.cluster.list("Event", &self.namespace).await).to_string())];
        for store in stores {
            places.push(("the store", store.get().await.to_string()));
        }
        if let Some(operator) = &self.operator {
            let metrics = reqwest::get(format!("http://{}/metrics", operator.health)).await.unwrap();
            places.push(("the metrics", metrics.text().await.unwrap()));
            let log = operator.log_text();
            assert!(!log.contains("panicked"), "I8: a panic: {}", operator.log_tail(20));
            places.push(("the log", log));
        }
        for (place, text) in places {
            let shown =
                secrets.iter().find(|secret| secret.len() >= SHORTEST_SECRET && text.contains(*secret));
            assert!(shown.is_none(), "I8: {place} shows {shown:?}");
        }
    }

    /// I9: three looks later nothing was written but the acknowledgement that each was taken.
    async fn quiescent(&self, stores: &[&Store]) {
        let (ledger, audit) = (self.desk.mark(), self.cluster.audit_mark());
        for _ in 0..3 {
            for store in stores {
                store.reconcile_now().await;
            }
        }
        assert!(!self.desk.read_counts(ledger).is_empty(), "the looks were taken");
        assert_eq!(self.desk.write_counts(ledger), Calls::new(), "I9: {}", self.desk.writes_text(ledger));
        // A write is seen by others a moment before the audit log has it.
        until("the acknowledgements are in the audit log", || async {
            self.kubernetes_writes(audit).len() >= 3 * stores.len()
        })
        .await;
        let written: Vec<String> = self.kubernetes_writes(audit);
        let acknowledged = vec!["patch humansupportconfigs/status".to_owned(); 3 * stores.len()];
        assert_eq!(written, acknowledged, "I9: an acknowledgement for each look and nothing else");
    }

    /// The operator's writes to Kubernetes since a mark; leases and accounts, which are no store's, left out.
    pub(crate) fn kubernetes_writes(&self, mark: u64) -> Vec<String> {
        let events = self.cluster.operator_writes(mark, &self.namespace);
        let of_stores = |event: &&AuditEvent| {
            let resource = event.resource();
            resource != "leases" && !resource.starts_with("helpdeskaccounts")
        };
        events.iter().filter(of_stores).map(|event| format!("{} {}", event.verb, event.resource())).collect()
    }

    /// I10: after `Ready=True` was said of a generation, and before anybody changed anything, nothing was left to write.
    async fn ready_was_true_when_it_was_said(&self, store: &Store) {
        let object = store.get().await;
        assert_eq!(condition(&object, "Ready")["status"], "True", "the store is at rest");
        let own = format!("/{}/{}/", self.namespace, store.name());
        let mut writes = self.desk.writes(0);
        writes.retain(|entry| String::from_utf8_lossy(&entry.body).contains(&own));
        for event in self.cluster.operator_writes(self.audit_start, &self.namespace) {
            let Some(generation) = said_ready(&event, store.name()) else { continue };
            if generation != object["metadata"]["generation"] {
                continue;
            }
            let said: jiff::Timestamp = event.request_received_timestamp.parse().unwrap();
            let later = writes.iter().find(|entry| {
                entry.effect
                    && entry.arrived > said.as_millisecond()
                    && !self.desk.somebody_acted_between(said.as_millisecond(), entry.arrived)
            });
            assert!(
                later.is_none(),
                "I10: Ready was said at {said}, and then the helpdesk was written to: {later:?}"
            );
        }
    }
}

impl Desk {
    /// Whether a person changed something in the helpdesk in a span of machine time, in milliseconds.
    fn somebody_acted_between(&self, from: i64, to: i64) -> bool {
        let entries = self.zendesk.ledger().entries();
        let acts = entries.iter().filter(|entry| entry.person.is_some() && entry.method != "GET");
        acts.into_iter().any(|entry| (from..=to).contains(&entry.arrived))
    }
}

/// The generation of which a write says that the store is ready; nothing where it does not.
fn said_ready(event: &AuditEvent, store: &str) -> Option<Value> {
    let object = event.object_ref.as_ref()?;
    let is_status = object.resource == "humansupportconfigs" && object.subresource == "status";
    if !is_status || object.name != store || event.code() >= 300 {
        return None;
    }
    let ready = condition(event.request_object.as_ref()?, "Ready");
    let is_said = ready["status"] == "True" && ready["reason"] == "Reconciled";
    is_said.then(|| ready["observedGeneration"].clone())
}

/// The mark in a carrier's text, whatever its origin: `hso1/<installation>/…`.
fn mark_of(carrier: &Value) -> Option<String> {
    let line = carrier.as_str()?.lines().next_back()?;
    let mark = line.split(' ').next()?.to_lowercase();
    let rest = mark.strip_prefix("hso1c/").or_else(|| mark.strip_prefix("hso1a/"))?;
    Some(format!("hso1/{rest}"))
}

fn id_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// What a create made, as `groups/12`.
fn made_by(entry: &Entry) -> Option<String> {
    let (kind, made) = made(entry)?;
    Some(format!("{kind}/{}", id_of(&made["id"])))
}

/// What a create made, with its mark.
fn mark_made_by(entry: &Entry) -> Option<(String, String)> {
    let (kind, made) = made(entry)?;
    let carrier = CARRIERS.iter().find(|(known, _)| *known == kind)?.1;
    Some((format!("{kind}/{}", id_of(&made["id"])), mark_of(&made[carrier])?))
}

fn made(entry: &Entry) -> Option<(String, Value)> {
    if entry.method != "POST" || !entry.effect {
        return None;
    }
    let kind = entry.path.strip_prefix("/api/v2/")?.split('/').next()?.to_owned();
    let reply = entry.reply_value();
    let made = reply.as_object()?.values().find(|value| !value["id"].is_null())?.clone();
    Some((kind, made))
}

/// The objects that a write changes, each with what was sent of it: the one in its path, or the users of a job.
/// Memberships belong to their ends and are left out.
fn targets_of(entry: &Entry) -> Vec<(String, Value)> {
    let body = entry.body_value();
    if entry.path == "/api/v2/users/update_many" {
        let users = body["users"].as_array().cloned().unwrap_or_default();
        return users.into_iter().map(|user| (format!("users/{}", id_of(&user["id"])), user)).collect();
    }
    let mut parts = entry.path.strip_prefix("/api/v2/").unwrap_or_default().split('/');
    let (Some(kind), Some(id)) = (parts.next(), parts.next()) else { return Vec::new() };
    let is_id = kind == "webhooks" || id.chars().all(|letter| letter.is_ascii_digit());
    let is_target = is_id && CARRIERS.iter().any(|(known, _)| *known == kind);
    let sent = body.as_object().and_then(|body| body.values().next().cloned()).unwrap_or_default();
    if is_target { vec![(format!("{kind}/{id}"), sent)] } else { Vec::new() }
}

fn takes_away(method: &str, sent: &Value) -> bool {
    let is_off = sent["suspended"] == true
        || sent["active"] == false
        || sent["status"] == "inactive"
        || sent["role"] == "end-user";
    method == "DELETE" || is_off
}

/// What is declared stands in the helpdesk, field by field.
fn equals_the_spec(desk: &Desk, store: &Store) {
    let spec = &store.spec;
    let departments = spec["departments"].as_array().cloned().unwrap_or_default();
    let shown = |name: &Value| {
        let entry = departments.iter().find(|entry| entry["name"] == *name).unwrap();
        entry["displayName"].as_str().unwrap().to_owned()
    };
    for department in &departments {
        desk.one("groups", "name", &shown(&department["name"]));
    }
    for agent in spec["agents"].as_array().into_iter().flatten() {
        let email = agent["email"].as_str().unwrap();
        let user = desk.user(email);
        assert_eq!(user["name"], agent["displayName"]);
        assert_eq!((&user["suspended"], &user["active"]), (&json!(false), &json!(true)), "{email}");
        assert_ne!(user["role"], "end-user", "{email}");
        let places = agent["departments"].as_array().cloned().unwrap_or_default();
        let groups = desk.groups_of(email);
        let missing = places.iter().map(shown).find(|name| !groups.contains(name));
        assert!(missing.is_none(), "{email} is not in {missing:?}: {groups:?}");
        if let Some(first) = places.first() {
            let group = desk.one("groups", "name", &shown(first));
            assert_eq!(user["default_group_id"], group["id"], "{email}: the first department is the default");
        }
    }
    let triggers = desk.all("triggers");
    for webhook in spec["webhooks"].as_array().into_iter().flatten() {
        let there = desk.one("webhooks", "endpoint", webhook["url"].as_str().unwrap());
        assert_eq!(there["status"], "active");
        assert_eq!(desk.webhook_token(&there["id"]), HANDLER_TOKEN);
        let calling = triggers.iter().filter(|trigger| {
            trigger["active"] == true && trigger["actions"].to_string().contains(&id_of(&there["id"]))
        });
        assert_eq!(
            calling.count(),
            webhook["events"].as_array().map_or(0, Vec::len),
            "triggers that call it"
        );
    }
}
