//! The rules that the API server has for the metadata of every object.
//!
//! Why: no schema of ours holds them, and a name with a capital letter is a common mistake.
//! Must not: refuse a field that is written by the server; people check what they read back too.

use serde_json::Value;

use crate::api::Violation;
use crate::cli::words;

/// The fields of `ObjectMeta` (Kubernetes API reference, `meta/v1`).
const FIELDS: [&str; 15] = [
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// What is wrong with `metadata`. That a name is there is checked elsewhere.
pub(super) fn check(metadata: &Value) -> Vec<Violation> {
    let Some(members) = metadata.as_object() else { return Vec::new() };
    let mut violations = Vec::new();
    let mut report = |field: String, message: String| violations.push(Violation { field, message });
    for name in members.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        let message = match words::nearest(name, FIELDS) {
            Some(near) => format!("is not a field; did you mean `{near}`?"),
            None => "is not a field of metadata; remove it".to_owned(),
        };
        report(format!("metadata.{name}"), message);
    }
    if let Some(name) = metadata["name"].as_str().filter(|name| !name.is_empty() && !is_subdomain(name)) {
        let message = format!(
            "`{name}` must consist of lower case letters, digits, `-` and `.`, and begin and end with a letter or digit"
        );
        report("metadata.name".to_owned(), message);
    }
    if let Some(namespace) = metadata["namespace"].as_str().filter(|namespace| !is_label(namespace)) {
        let message = format!(
            "`{namespace}` must have 1 to 63 lower case letters, digits and `-`, and begin and end with a letter or digit"
        );
        report("metadata.namespace".to_owned(), message);
    }
    for map in ["labels", "annotations"] {
        match &metadata[map] {
            Value::Null => {}
            Value::Object(entries) => {
                for (key, _) in entries.iter().filter(|(_, value)| !value.is_string()) {
                    report(
                        format!("metadata.{map}.{key}"),
                        "must be text; put the value in quotes".to_owned(),
                    );
                }
            }
            _ => report(format!("metadata.{map}"), "must be an object of names and texts".to_owned()),
        }
    }
    violations
}

fn is_label(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(is_inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_subdomain(text: &str) -> bool {
    // Longer names are refused by the rule for the mark in the helpdesk, with its reason.
    text.split('.').all(|part| is_label(part) || part.len() > 63)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_api_server_refuses_is_refused() {
        for (metadata, expected) in [
            (json!({"name": "Loja"}), "`metadata.name`: `Loja` must consist of lower case letters"),
            (json!({"name": "loja-"}), "`metadata.name`: `loja-` must consist"),
            (json!({"name": "a", "namespace": "a.b"}), "`metadata.namespace`: `a.b` must have 1 to 63"),
            (json!({"name": "a", "label": {}}), "`metadata.label`: is not a field; did you mean `labels`?"),
            (json!({"name": "a", "labels": {"x": 1}}), "`metadata.labels.x`: must be text"),
            (json!({"name": "a", "annotations": []}), "`metadata.annotations`: must be an object"),
        ] {
            let found: Vec<String> = check(&metadata).iter().map(ToString::to_string).collect();
            assert_eq!(found.len(), 1, "{metadata}: {found:?}");
            assert!(found[0].starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn what_is_read_back_is_accepted() {
        let metadata = json!({"name": "loja.centro-1", "namespace": "store-x", "uid": "u", "generation": 3,
            "managedFields": [], "labels": {"a/b": "c"}, "annotations": {"x": "1"}});
        assert_eq!(check(&metadata), []);
    }
}
