//! The objects that the chart gives for a set of values.
//!
//! Must not know what an object should look like.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tools::{Said, tool};
use super::{CHART, files};

/// The namespace of the releases in the tests.
pub(crate) const NAMESPACE: &str = "humansupport-system";

/// The values of a file in `tests/chart/values`, by its name, as arguments for Helm.
pub(crate) fn values(name: &str) -> Vec<String> {
    vec!["--values".to_owned(), format!("tests/chart/values/{name}.yaml")]
}

/// Every set of values: none, and each file.
pub(crate) fn value_sets() -> Vec<(String, Vec<String>)> {
    let mut sets = vec![("default".to_owned(), Vec::new())];
    for path in files("tests/chart/values") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let arguments = values(&name);
        sets.push((name, arguments));
    }
    sets
}

/// Asks Helm to render the release `hso`.
pub(crate) fn template(arguments: &[String]) -> Said {
    let fixed = ["template", "hso", CHART, "--namespace", NAMESPACE];
    tool("helm", fixed.into_iter().chain(arguments.iter().map(String::as_str)))
}

/// The objects of YAML text.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

/// The objects of the release `hso`.
#[track_caller]
pub(crate) fn rendered(arguments: &[String]) -> Vec<Value> {
    objects(&template(arguments).good())
}

/// The objects of a kind.
pub(crate) fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

/// The only object of a kind.
#[track_caller]
pub(crate) fn only<'a>(objects: &'a [Value], kind: &'a str) -> &'a Value {
    let found: Vec<_> = of_kind(objects, kind).collect();
    assert_eq!(found.len(), 1, "of {kind}");
    found[0]
}

/// One right: what may be done to what.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    pub(crate) group: String,
    pub(crate) resource: String,
    pub(crate) verb: String,
}

/// Every right that the given roles grant.
pub(crate) fn rights<'a>(roles: impl Iterator<Item = &'a Value>) -> BTreeSet<Right> {
    let words = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    let mut found = BTreeSet::new();
    for rule in roles.flat_map(|role| role["rules"].as_array().unwrap()) {
        for group in words(&rule["apiGroups"]) {
            for resource in words(&rule["resources"]) {
                for verb in words(&rule["verbs"]) {
                    let (group, resource) = (group.clone(), resource.clone());
                    found.insert(Right { group, resource, verb });
                }
            }
        }
    }
    found
}

/// What the operator's own roles grant, all of them together; roles for people are left out.
pub(crate) fn granted(objects: &[Value]) -> BTreeSet<Right> {
    let of_people = |role: &&Value| {
        let labels = role["metadata"]["labels"].as_object().unwrap();
        labels.keys().any(|label| label.contains("aggregate-to-"))
    };
    let cluster = of_kind(objects, "ClusterRole").filter(|role| !of_people(role));
    rights(cluster.chain(of_kind(objects, "Role")))
}
