//! The platform behind the reference adapter: objects by kind and id, and what it refuses.
//!
//! Values are JSON as the contract writes them, so that the example is as short as a store's own could be. Marks are kept
//! and given back, never read: whose an object is, is the operator's business.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The kinds, with the member of a reading that lists them.
pub(super) const KINDS: [(&str, &str); 9] = [
    ("License", "licenses"),
    ("PhoneField", "phoneFields"),
    ("Department", "departments"),
    ("Agent", "agents"),
    ("Membership", "memberships"),
    ("Webhook", "webhooks"),
    ("EventRoute", "routes"),
    ("RoutingRule", "routing"),
    ("OpeningHours", "hours"),
];

/// References of each kind: the member, and the kind it points to.
const REFERENCES: [(&str, &str, &str); 5] = [
    ("Membership", "agent", "Agent"),
    ("Membership", "department", "Department"),
    ("EventRoute", "webhook", "Webhook"),
    ("EventRoute", "phoneField", "PhoneField"),
    ("RoutingRule", "department", "Department"),
];

/// What can be looked up in one kind: its objects by id.
type Shelf = BTreeMap<String, Map<String, Value>>;

/// A refusal: its class, reason and field.
type Refusal = (&'static str, &'static str, &'static str);

/// The state of the desk, all of which outlives a restart: a desk that forgot its answers would carry one out twice.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Desk {
    shelves: BTreeMap<String, Shelf>,
    /// Tokens of webhooks, which no reading shows.
    pub(super) tokens: BTreeMap<String, String>,
    /// What was answered to each idempotency key.
    answered: BTreeMap<String, Value>,
    last_id: u64,
}

impl Desk {
    fn shelf(&self, kind: &str) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
        self.shelves.get(kind).into_iter().flatten()
    }

    /// Everything, as `GET /objects` answers it.
    pub(super) fn reading(&self) -> Value {
        let mut reading = Map::from_iter([("complete".to_owned(), json!(true))]);
        for (kind, list) in KINDS {
            let rows = self.shelf(kind).map(|(id, object)| {
                let mut row = object.clone();
                row.insert("id".to_owned(), json!(id));
                Value::Object(row)
            });
            reading.insert(list.to_owned(), rows.collect());
        }
        Value::Object(reading)
    }

    /// Whether there is a webhook of this id.
    pub(super) fn has_webhook(&self, id: &str) -> bool {
        self.shelf("Webhook").any(|(known, _)| known == id)
    }

    /// Carries out one change, once for each key.
    pub(super) fn change(&mut self, change: &Value) -> Value {
        let key = change["idempotencyKey"].as_str().unwrap_or_default().to_owned();
        if let Some(known) = self.answered.get(&key) {
            return known.clone();
        }
        let result = match self.carry_out(change) {
            Ok(id) => json!({ "idempotencyKey": key, "id": id }),
            Err((class, reason, field)) => {
                json!({ "idempotencyKey": key, "error": { "class": class, "reason": reason, "field": field } })
            }
        };
        if result["error"].is_null() {
            self.answered.insert(key, result.clone());
        }
        result
    }

    fn carry_out(&mut self, change: &Value) -> Result<String, Refusal> {
        let kind = change["kind"].as_str().unwrap_or_default();
        let id = change["id"].as_str().map(str::to_owned);
        let object = || change["object"].as_object().cloned().ok_or(("Rejected", "Rejected", "object"));
        match (change["action"].as_str(), id) {
            (Some("Create"), None) => {
                let object = object()?;
                self.check(kind, None, &object)?;
                self.last_id += 1;
                let id = format!("{}-{}", kind.to_lowercase(), self.last_id);
                self.put(change, (kind, &id), object);
                Ok(id)
            }
            (Some("Update"), Some(id)) => {
                let object = object()?;
                self.shelf(kind).find(|(known, _)| **known == id).ok_or(("Gone", "Rejected", "id"))?;
                self.check(kind, Some(&id), &object)?;
                self.put(change, (kind, &id), object);
                Ok(id)
            }
            (Some("Delete"), Some(id)) => {
                self.check_removal(kind, &id)?;
                self.remove(kind, &id);
                Ok(id)
            }
            _ => Err(("Rejected", "Rejected", "action")),
        }
    }

    fn put(&mut self, change: &Value, (kind, id): (&str, &str), mut object: Map<String, Value>) {
        if let Some(mark) = change["mark"].as_str() {
            object.insert("mark".to_owned(), json!(mark));
        }
        if let Some(token) = change["token"].as_str() {
            self.tokens.insert(id.to_owned(), token.to_owned());
        }
        let is_dismissed = kind == "Agent" && object.get("access") == Some(&json!("Dismissed"));
        let agent = object.get("agent").and_then(Value::as_str).map(str::to_owned);
        self.shelves.entry(kind.to_owned()).or_default().insert(id.to_owned(), object);
        if is_dismissed {
            let places = self.memberships_with("agent", id);
            places.iter().for_each(|place| self.remove("Membership", place));
        }
        if let Some(agent) = agent {
            self.keep_one_default(&agent, Some(id));
        }
    }

    fn remove(&mut self, kind: &str, id: &str) {
        let removed = self.shelves.get_mut(kind).and_then(|shelf| shelf.remove(id));
        self.tokens.remove(id);
        if let Some(agent) = removed.as_ref().and_then(|object| object.get("agent")?.as_str()) {
            self.keep_one_default(agent, None);
        }
    }

    /// Everybody has one default department as soon as there is one: `changed` where it says so, else the first.
    fn keep_one_default(&mut self, agent: &str, changed: Option<&str>) {
        let places = self.memberships_with("agent", agent);
        let Some(shelf) = self.shelves.get_mut("Membership") else { return };
        let is_default =
            |shelf: &Shelf, id: &str| shelf.get(id).is_some_and(|place| place["standing"] == "Default");
        let chosen = changed
            .filter(|id| is_default(shelf, id))
            .or_else(|| places.iter().map(String::as_str).find(|id| is_default(shelf, id)))
            .or(places.first().map(String::as_str))
            .map(str::to_owned);
        for place in &places {
            let standing = if Some(place) == chosen.as_ref() { "Default" } else { "Additional" };
            if let Some(place) = shelf.get_mut(place) {
                place.insert("standing".to_owned(), json!(standing));
            }
        }
    }

    fn memberships_with(&self, end: &str, id: &str) -> Vec<String> {
        let is_it = |place: &Map<String, Value>| place.get(end) == Some(&json!(id));
        self.shelf("Membership").filter(|(_, place)| is_it(place)).map(|(id, _)| id.clone()).collect()
    }

    fn check(&self, kind: &str, own: Option<&str>, object: &Map<String, Value>) -> Result<(), Refusal> {
        let is_known = |(list, _): &&(&str, &str)| *list == kind;
        KINDS.iter().find(is_known).ok_or(("Rejected", "Rejected", "kind"))?;
        let taken = |member: &str| {
            let value = object.get(member).and_then(Value::as_str).unwrap_or_default().to_lowercase();
            let text = |other: &Map<String, Value>| other.get(member)?.as_str().map(str::to_lowercase);
            self.shelf(kind)
                .any(|(id, other)| Some(id.as_str()) != own && text(other).as_ref() == Some(&value))
        };
        match kind {
            "Agent" if taken("email") => return Err(("Rejected", "EmailTaken", "email")),
            "Department" if taken("name") => return Err(("Rejected", "NameTaken", "displayName")),
            "License" if own.is_none() && self.shelf(kind).next().is_some() => {
                return Err(("Conflict", "Rejected", "licenses"));
            }
            _ => {}
        }
        for (of, member, target) in REFERENCES {
            let reference = object.get(member).filter(|_| of == kind);
            let is_there = |id: &Value| self.shelf(target).any(|(known, _)| json!(known) == *id);
            if reference.is_some_and(|id| !is_there(id)) {
                return Err(("Gone", "Rejected", member));
            }
        }
        Ok(())
    }

    /// What others point to stays; the places of a removed agent or department go with it.
    fn check_removal(&mut self, kind: &str, id: &str) -> Result<(), Refusal> {
        if matches!(kind, "Agent" | "Department") {
            let places = self.memberships_with(&kind.to_lowercase(), id);
            places.iter().for_each(|place| self.remove("Membership", place));
        }
        let points = |(of, member, target): &(&str, &str, &str)| {
            *target == kind && self.shelf(of).any(|(_, object)| object.get(*member) == Some(&json!(id)))
        };
        if REFERENCES.iter().any(points) { Err(("Rejected", "InUse", "id")) } else { Ok(()) }
    }
}
