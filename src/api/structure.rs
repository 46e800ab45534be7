//! Checks a JSON value against the structural schema of a definition, as the API server does, and refuses fields
//! that the schema does not know.
//!
//! Why own code: `humansupport validate` works without a cluster, and the examples must not drift from the types. The
//! definitions use a small part of OpenAPI on purpose (shapes of text are CEL rules), and this is that part.
//! Must not: evaluate CEL, or accept a keyword in silence: a test walks the definitions for keywords it does not know.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::validate::Violation;

/// The keywords that [`check`] understands, and those that say nothing about a value.
#[cfg(test)]
const KNOWN_KEYWORDS: [&str; 19] = [
    "additionalProperties",
    "default",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "properties",
    "required",
    "type",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
];

/// Checks `value` against `schema`. `path` is the path of the value, such as `spec`.
pub fn check(schema: &Value, value: &Value, path: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    walk(schema, value, path, &mut violations);
    violations
}

fn walk(schema: &Value, value: &Value, path: &str, violations: &mut Vec<Violation>) {
    if !type_fits(schema, value) {
        let advice =
            if value.is_number() && type_name(schema) == "string" { ": put it in quotes" } else { "" };
        let (wanted, found) = (type_name(schema), kind_of(value));
        report(violations, path, format!("must be of type {wanted}, and is {found}{advice}"));
        return;
    }
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        let words: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
        report(violations, path, format!("must be one of {}", words.join(", ")));
    }
    match value {
        Value::Object(object) => walk_object(schema, object, path, violations),
        Value::Array(items) => walk_array(schema, items, path, violations),
        Value::String(text) => length(schema, text, path, violations),
        Value::Number(_) => range(schema, value, path, violations),
        Value::Null | Value::Bool(_) => {}
    }
}

fn report(violations: &mut Vec<Violation>, path: &str, message: String) {
    violations.push(Violation { field: path.to_owned(), message });
}

fn is_int_or_string(schema: &Value) -> bool {
    schema["x-kubernetes-int-or-string"] == Value::Bool(true)
}

fn type_name(schema: &Value) -> &str {
    if is_int_or_string(schema) { "string" } else { schema["type"].as_str().unwrap_or("object") }
}

fn type_fits(schema: &Value, value: &Value) -> bool {
    if is_int_or_string(schema) {
        return value.is_string() || value.is_i64() || value.is_u64();
    }
    match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn walk_object(schema: &Value, object: &Map<String, Value>, path: &str, violations: &mut Vec<Violation>) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required.filter(|name| object.get(*name).is_none_or(Value::is_null)) {
        report(violations, &join(path, name), "is required".into());
    }
    if let Some(max) = schema["maxProperties"].as_u64()
        && object.len() as u64 > max
    {
        report(violations, path, format!("must have at most {max} entries"));
    }
    // The API server drops a null from a field that is not nullable before it looks further.
    for (name, member) in object.iter().filter(|(_, member)| !member.is_null()) {
        let path = join(path, name);
        if let Some(member_schema) = schema["properties"].get(name) {
            walk(member_schema, member, &path, violations);
        } else if schema["additionalProperties"].is_object() {
            walk(&schema["additionalProperties"], member, &path, violations);
        } else {
            report(violations, &path, unknown_field(schema, name));
        }
    }
}

fn unknown_field(schema: &Value, name: &str) -> String {
    let known = schema["properties"].as_object().into_iter().flatten().map(|(known, _)| known.as_str());
    let same_but_case = known.clone().find(|known| known.eq_ignore_ascii_case(name));
    match same_but_case {
        Some(known) => format!("is not a field; write `{known}`"),
        None => format!("is not a field; the fields here are {}", known.collect::<Vec<_>>().join(", ")),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn walk_array(schema: &Value, items: &[Value], path: &str, violations: &mut Vec<Violation>) {
    if let Some(max) = schema["maxItems"].as_u64()
        && items.len() as u64 > max
    {
        report(violations, path, format!("must have at most {max} entries, and has {}", items.len()));
        return;
    }
    if let Some(min) = schema["minItems"].as_u64()
        && (items.len() as u64) < min
    {
        report(violations, path, format!("must have at least {min} entry"));
    }
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        walk(&schema["items"], item, &path, violations);
        if let Some(key) = identity(schema, item)
            && !seen.insert(key)
        {
            report(violations, &path, "another entry has the same name; give each entry its own".into());
        }
    }
}

/// What tells an entry of a list from the others: its keys in a list-map, itself in a set, nothing otherwise.
fn identity(schema: &Value, item: &Value) -> Option<String> {
    match schema["x-kubernetes-list-type"].as_str()? {
        "map" => {
            let keys = schema["x-kubernetes-list-map-keys"].as_array()?;
            Some(
                keys.iter()
                    .filter_map(Value::as_str)
                    .map(|key| item[key].to_string())
                    .collect::<Vec<_>>()
                    .join("/"),
            )
        }
        "set" => Some(item.to_string()),
        _ => None,
    }
}

fn length(schema: &Value, text: &str, path: &str, violations: &mut Vec<Violation>) {
    let count = text.chars().count() as u64;
    if let Some(max) = schema["maxLength"].as_u64()
        && count > max
    {
        report(violations, path, format!("must have at most {max} characters"));
    }
    if let Some(min) = schema["minLength"].as_u64()
        && count < min
    {
        report(violations, path, format!("must have at least {min} characters"));
    }
}

fn range(schema: &Value, value: &Value, path: &str, violations: &mut Vec<Violation>) {
    let Some(number) = value.as_f64() else { return };
    let below = schema["minimum"].as_f64().is_some_and(|minimum| number < minimum);
    let above = schema["maximum"].as_f64().is_some_and(|maximum| number > maximum);
    if below || above {
        let bound =
            |bound: &Value, open: &str| bound.as_f64().map_or_else(|| open.to_owned(), |b| b.to_string());
        let (from, to) = (bound(&schema["minimum"], "any"), bound(&schema["maximum"], "any"));
        report(violations, path, format!("must be a number from {from} to {to}"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 2, "maxLength": 3},
                "size": {"type": "integer", "minimum": 1, "maximum": 9},
                "mode": {"type": "string", "enum": ["On", "Off"]},
                "id": {"x-kubernetes-int-or-string": true, "maxLength": 3},
                "tags": {"type": "array", "maxItems": 2, "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
                "entries": {
                    "type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                    "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]
                },
                "labels": {"type": "object", "maxProperties": 1, "additionalProperties": {"type": "string"}},
            }
        })
    }

    #[test]
    fn every_broken_rule_is_named_at_its_path() {
        for (value, expected) in [
            (json!({}), "`spec.name`: is required"),
            (json!({"name": null}), "`spec.name`: is required"),
            (json!({"name": 7}), "`spec.name`: must be of type string, and is a number: put it in quotes"),
            (json!({"name": "a"}), "`spec.name`: must have at least 2 characters"),
            (json!({"name": "äöüß"}), "`spec.name`: must have at most 3 characters"),
            (json!({"name": "ab", "size": 10}), "`spec.size`: must be a number from 1 to 9"),
            (json!({"name": "ab", "size": 1.5}), "`spec.size`: must be of type integer, and is a number"),
            (json!({"name": "ab", "mode": "on"}), "`spec.mode`: must be one of On, Off"),
            (json!({"name": "ab", "id": true}), "`spec.id`: must be of type string, and is a boolean"),
            (
                json!({"name": "ab", "tags": ["x", "x"]}),
                "`spec.tags[1]`: another entry has the same name; give each entry its own",
            ),
            (
                json!({"name": "ab", "tags": ["x", "y", "z"]}),
                "`spec.tags`: must have at most 2 entries, and has 3",
            ),
            (
                json!({"name": "ab", "entries": [{"name": "x"}, {"name": "x"}]}),
                "`spec.entries[1]`: another entry has the same name; give each entry its own",
            ),
            (
                json!({"name": "ab", "labels": {"a": "b", "c": "d"}}),
                "`spec.labels`: must have at most 1 entries",
            ),
            (json!({"name": "ab", "Size": 1}), "`spec.Size`: is not a field; write `size`"),
        ] {
            let violations: Vec<_> =
                check(&schema(), &value, "spec").iter().map(ToString::to_string).collect();
            assert_eq!(violations, [expected], "{value}");
        }
    }

    #[test]
    fn a_valid_value_has_no_violation() {
        let value = json!({"name": "äöü", "size": 9, "mode": null, "id": 42, "tags": ["x", "y"], "labels": {"a": "b"}});
        assert_eq!(check(&schema(), &value, "spec"), []);
    }

    #[test]
    fn the_definitions_use_no_keyword_that_would_be_ignored() {
        fn keywords(schema: &Value, found: &mut BTreeSet<String>) {
            for (keyword, member) in schema.as_object().into_iter().flatten() {
                found.insert(keyword.clone());
                match keyword.as_str() {
                    "properties" => {
                        member.as_object().unwrap().values().for_each(|child| keywords(child, found))
                    }
                    "items" | "additionalProperties" => keywords(member, found),
                    _ => {}
                }
            }
        }
        let mut found = BTreeSet::new();
        for definition in crate::api::crd::definitions().unwrap() {
            keywords(&definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut found);
        }
        // CEL rules are evaluated beside this module.
        found.remove("x-kubernetes-validations");
        let known: BTreeSet<_> = KNOWN_KEYWORDS.iter().map(|keyword| (*keyword).to_owned()).collect();
        assert_eq!(found.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
