//! What every definition must have, whatever the types become.

use super::*;

/// Calls `visit` with the path and schema of every field below a schema.
fn walk(schema: &Value, path: &str, visit: &mut dyn FnMut(&str, &Value)) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        visit(&path, member);
        walk(member, &path, visit);
    }
    if schema["items"].is_object() {
        let path = format!("{path}[]");
        visit(&path, &schema["items"]);
        walk(&schema["items"], &path, visit);
    }
}

fn broken(rule: impl Fn(&str, &Value) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for definition in definitions().unwrap() {
        let kind = definition["spec"]["names"]["kind"].as_str().unwrap();
        let schema = &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
        walk(schema, kind, &mut |path, field| {
            if !rule(path, field) {
                found.push(path.to_owned());
            }
        });
    }
    found
}

fn version(kind: &str) -> Value {
    let definition =
        definitions().unwrap().into_iter().find(|definition| definition["spec"]["names"]["kind"] == kind);
    definition.unwrap()["spec"]["versions"][0].take()
}

fn columns(kind: &str, priority: Option<u8>) -> Vec<String> {
    let version = version(kind);
    let columns = version["additionalPrinterColumns"].as_array().unwrap();
    let of_priority = columns.iter().filter(|column| column["priority"].as_u64() == priority.map(u64::from));
    of_priority.map(|column| column["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_field_has_a_description() {
    let is_described = |path: &str, field: &Value| {
        path.ends_with("[]") || field["description"].as_str().is_some_and(|text| !text.is_empty())
    };
    assert_eq!(broken(is_described), Vec::<String>::new());
}

#[test]
fn every_list_is_bounded_and_says_how_it_is_merged() {
    let is_bounded = |_: &str, field: &Value| {
        field["type"] != "array"
            || (field["maxItems"].is_u64() && field["x-kubernetes-list-type"].is_string())
    };
    assert_eq!(broken(is_bounded), Vec::<String>::new());
}

#[test]
fn every_string_is_bounded() {
    let is_bounded = |_: &str, field: &Value| {
        let is_text = field["type"] == "string" || field["x-kubernetes-int-or-string"] == true;
        !is_text || field["enum"].is_array() || field["maxLength"].is_u64()
    };
    assert_eq!(broken(is_bounded), Vec::<String>::new());
}

#[test]
fn no_field_may_be_null_and_no_default_is_inside_a_list() {
    let is_plain = |path: &str, field: &Value| {
        field.get("nullable").is_none() && (!path.contains("[]") || field.get("default").is_none())
    };
    assert_eq!(broken(is_plain), Vec::<String>::new());
}

#[test]
fn enumerations_are_camel_case_words_but_for_languages() {
    let is_camel_case = |path: &str, field: &Value| {
        let words = field["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        path.ends_with(".language")
            || words.into_iter().all(|word| word.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    assert_eq!(broken(is_camel_case), Vec::<String>::new());
}

#[test]
fn a_new_object_is_not_observed() {
    for kind in ["HumanSupportConfig", "HelpdeskAccount", "ClusterHelpdeskAccount"] {
        let status = &version(kind)["schema"]["openAPIV3Schema"]["properties"]["status"];
        assert_eq!(status["default"], json!({"observedGeneration": -1}), "{kind}");
        assert_eq!(status["properties"]["observedGeneration"].get("minimum"), None, "{kind}");
    }
}

#[test]
fn defaults_are_those_of_the_documentation() {
    let properties =
        version("HumanSupportConfig")["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"].take();
    let defaults: Map<String, Value> = properties
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(name, field)| Some((name.clone(), field.get("default")?.clone())))
        .collect();
    let expected = json!({
        "adoptionPolicy": "Never", "approval": "Auto", "conversationTag": "vtex-chatbot", "deletionPolicy": "Orphan",
        "drift": {"agents": "Correct", "memberships": "Correct", "departments": "Correct", "webhooks": "Correct"},
        "humanSupport": "Enabled", "language": "pt", "mode": "Enforce",
        "removalGuard": {"minCount": 3, "maxPercent": 30, "maxCount": 10}, "removalPolicy": "Deactivate",
        "resyncPeriod": "1h", "suspend": false,
    });
    assert_eq!(Value::Object(defaults), expected);
}

#[test]
fn columns_are_those_of_the_documentation() {
    let narrow = ["Platform", "Store", "Ready", "Live", "Status", "Agents", "Licenses", "Pending", "Age"];
    let wide = ["Account", "Mode", "Suspended", "Departments", "Webhooks", "Next training", "Message"];
    assert_eq!(columns("HumanSupportConfig", None), narrow);
    assert_eq!(columns("HumanSupportConfig", Some(1)), wide);
}

#[test]
fn both_kinds_of_account_have_the_same_columns() {
    for priority in [None, Some(1)] {
        assert_eq!(columns("HelpdeskAccount", priority), columns("ClusterHelpdeskAccount", priority));
    }
}

#[test]
fn stores_are_selected_by_platform_store_mode_and_suspend() {
    let paths = version("HumanSupportConfig")["selectableFields"].take();
    let expected = [".spec.store", ".spec.mode", ".spec.suspend", ".status.platform"];
    assert_eq!(paths, json!(expected.map(|path| json!({"jsonPath": path}))));
}

#[test]
fn names_are_the_documented_ones() {
    let names: Vec<_> = definitions()
        .unwrap()
        .iter()
        .map(|definition| {
            let names = &definition["spec"]["names"];
            (
                names["kind"].clone(),
                names["shortNames"].clone(),
                names["categories"].clone(),
                definition["spec"]["scope"].clone(),
            )
        })
        .collect();
    let expected = [
        ("ClusterHelpdeskAccount", "chda", "Cluster"),
        ("HelpdeskAccount", "hda", "Namespaced"),
        ("HumanSupportConfig", "hsc", "Namespaced"),
    ];
    let expected = expected
        .map(|(kind, short, scope)| (json!(kind), json!([short]), json!(["humansupport"]), json!(scope)));
    assert_eq!(names, expected);
}
