//! The contract of adapters as it is written down: every message of a run is what the document says.
//!
//! Must not know what the messages mean.

use std::sync::OnceLock;

use sandbox::simulator::Entry;
use serde_json::{Value, json};

/// The document that adapters are written from.
fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/adapter-openapi.yaml");
        serde_saphyr::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    })
}

/// What is wrong with a value that the document gives this schema; nothing when it is right.
fn faults_of(schema: &str, value: &Value) -> Vec<String> {
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{schema}"),
        "components": document()["components"],
    });
    let validator = jsonschema::validator_for(&root).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The path of the document that a request is for.
fn path_of(path: &str) -> &str {
    if path.starts_with("/webhooks/") { "/webhooks/{id}/deliveries" } else { path }
}

/// The name of the schema that a message has in the document.
fn schema_of(message: &Value) -> Option<&str> {
    let message = match message["$ref"].as_str() {
        Some(reference) => &document()["components"]["responses"][reference.rsplit('/').next()?],
        None => message,
    };
    let content = message["content"].as_object()?;
    assert_eq!(content.keys().collect::<Vec<_>>(), ["application/humansupport.adapter+json;version=1"]);
    content.values().next()?["schema"]["$ref"].as_str()?.rsplit('/').next()
}

/// Fails with the first message that is not as the document says.
pub(crate) fn assert_kept(entries: &[Entry]) {
    for entry in entries.iter().filter(|entry| entry.person.is_none()) {
        let operation = &document()["paths"][path_of(&entry.path)][entry.method.to_lowercase()];
        assert!(operation.is_object(), "{} {} is not in the document", entry.method, entry.path);
        let request = entry.body_value();
        if let Some(schema) = schema_of(&operation["requestBody"]) {
            assert_eq!(faults_of(schema, &request), [""; 0], "{request:#}");
        } else {
            assert_eq!(request, Value::Null, "{} {} has no body", entry.method, entry.path);
        }
        let Some(status) = entry.status else { continue };
        let (response, reply) = (&operation["responses"][status.to_string()], entry.reply_value());
        let schema = schema_of(response).unwrap_or_else(|| panic!("{status} of {} is unknown", entry.path));
        assert_eq!(faults_of(schema, &reply), [""; 0], "{reply:#}");
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere_and_every_schema_is_one() {
    assert_eq!(document()["openapi"], "3.1.0");
    let text = document().to_string();
    let references = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut count = 0;
    for reference in references {
        assert!(document().pointer(reference).is_some(), "{reference}");
        count += 1;
    }
    assert!(count > 50, "{count}");
    for schema in document()["components"]["schemas"].as_object().unwrap().keys() {
        faults_of(schema, &Value::Null);
    }
}

#[test]
fn the_document_refuses_what_is_not_the_contract() {
    let key = "0".repeat(32);
    let change = |change: Value| faults_of("Changes", &json!({ "changes": [change] }));
    let object = json!({ "title": "WhatsApp", "active": true });
    let good = json!({ "idempotencyKey": key, "action": "Create", "kind": "PhoneField", "mark": "", "object": object });
    assert_eq!(change(good.clone()), [""; 0]);
    for (member, value) in [
        ("idempotencyKey", json!("short")),
        ("action", json!("Replace")),
        ("kind", json!("Trigger")),
        ("id", json!("a-1")),
        ("object", json!({ "title": "WhatsApp" })),
        ("more", json!(1)),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        assert_ne!(change(bad), [""; 0], "{member}");
    }
    let row = json!({ "id": "an id", "title": "WhatsApp", "active": true });
    assert_ne!(faults_of("Objects", &json!({ "complete": true, "phoneFields": [row] })), [""; 0]);
}
