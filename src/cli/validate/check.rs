//! One document: is it ours, what is wrong with it, and what should its author know.
//!
//! The rules are those of `api`; here they get the nearest known word, and what every Kubernetes object must keep.

use std::collections::BTreeMap;

use serde_json::Value;

use super::metadata;
use crate::api::crd::{self, CrdError};
use crate::api::hours::BusinessHours;
use crate::api::{DocumentChecker, GROUP, VERSION, Violation};
use crate::cli::words;
use crate::clock;
use crate::controller::hours;

/// The API server's limit for all annotations of an object, in bytes.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;
/// The annotation in which client-side apply keeps the whole object.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What was found out about a document that is ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// What would be refused.
    pub(super) problems: Vec<Violation>,
    /// What would be accepted and still surprise somebody.
    pub(super) hints: Vec<String>,
}

/// Checks documents.
pub(super) struct Checker {
    rules: DocumentChecker,
    schemas: BTreeMap<String, Value>,
}

impl Checker {
    /// Compiles all rules.
    pub(super) fn new() -> Result<Self, CrdError> {
        let schemas = crd::definitions()?.into_iter().map(|mut definition| {
            let kind = definition["spec"]["names"]["kind"].as_str().unwrap_or_default().to_owned();
            (kind, definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].take())
        });
        Ok(Self { schemas: schemas.collect(), rules: DocumentChecker::new()? })
    }

    /// What is wrong with a document; `None` where it is of another API group.
    pub(super) fn check(&self, document: &Value) -> Option<Found> {
        let kind = document["kind"].as_str().unwrap_or_default();
        if !self.is_ours(document, kind) {
            return None;
        }
        let Some(schema) = self.schemas.get(kind) else {
            return Some(Found { problems: self.unknown_kind(document, kind), hints: Vec::new() });
        };
        let mut problems = self.rules.check(document);
        problems.iter_mut().for_each(|problem| suggest(schema, problem));
        problems.extend(metadata::check(&document["metadata"]));
        let hints = too_large_for_client_side_apply(document).into_iter().chain(past_exceptions(document));
        Some(Found { problems, hints: hints.collect() })
    }

    /// A misspelt group with one of our kinds, and one of our kinds with a misspelt group, are ours.
    fn is_ours(&self, document: &Value, kind: &str) -> bool {
        let version = document["apiVersion"].as_str();
        let group = version.and_then(|version| version.split('/').next()).unwrap_or_default();
        let is_misspelt = words::nearest(group, [GROUP]).is_some() && group.contains('.');
        self.rules.knows(document) || self.schemas.contains_key(kind) || is_misspelt || version.is_none()
    }

    fn unknown_kind(&self, document: &Value, kind: &str) -> Vec<Violation> {
        let kinds: Vec<&str> = self.schemas.keys().map(String::as_str).collect();
        let all = kinds.join(", ");
        if document["apiVersion"].is_null() && document["kind"].is_null() {
            let message = format!("is required; write `{GROUP}/{VERSION}`, and one of {all} as `kind`");
            return vec![violation("apiVersion", message)];
        }
        let mut violations = Vec::new();
        if document["apiVersion"].is_null() {
            violations.push(violation("apiVersion", "is required".to_owned()));
        }
        if self.rules.knows(document) || words::nearest(kind, kinds.iter().copied()).is_some() {
            let message = match words::nearest(kind, kinds) {
                Some(near) => format!("`{kind}` is not a kind of {GROUP}; did you mean `{near}`?"),
                None => format!("`{kind}` is not a kind of {GROUP}; the kinds are {all}"),
            };
            violations.push(violation("kind", message));
        }
        violations
    }
}

fn violation(field: &str, message: String) -> Violation {
    Violation { field: field.to_owned(), message }
}

/// Names the nearest known field beside one that is not known.
fn suggest(schema: &Value, problem: &mut Violation) {
    let Some((parent, name)) = parent_of(schema, &problem.field) else { return };
    let Some(known) = parent["properties"].as_object() else { return };
    if known.contains_key(name) || parent["additionalProperties"].is_object() {
        return;
    }
    if let Some(near) = words::nearest(name, known.keys().map(String::as_str))
        && !problem.message.contains(&format!("`{near}`"))
    {
        let with_suggestion = format!("is not a field; did you mean `{near}`? The fields");
        problem.message = problem.message.replacen("is not a field; the fields", &with_suggestion, 1);
    }
}

/// The schema of the object that should hold a field, and the field's name.
fn parent_of<'a, 'b>(schema: &'a Value, path: &'b str) -> Option<(&'a Value, &'b str)> {
    let (parents, name) = match path.rsplit_once('.') {
        Some((parents, name)) => (parents, name),
        None => ("", path),
    };
    let mut at = schema;
    for part in parents.split('.').filter(|part| !part.is_empty()) {
        let field = part.split('[').next().unwrap_or_default();
        at = at["properties"].get(field)?;
        for _ in part.matches('[') {
            at = at.get("items")?;
        }
    }
    Some((at, name))
}

/// Exceptions that are over are accepted, because a restore from Git must pass: they are only named.
fn past_exceptions(document: &Value) -> Option<String> {
    let declared: BusinessHours = serde_json::from_value(document["spec"]["businessHours"].clone()).ok()?;
    let today = hours::zone_of(&declared)?.to_datetime(clock::wall()).date();
    let names: Vec<String> =
        hours::past_exceptions(&declared, today).into_iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| {
        format!("exceptions of `businessHours` that are over, and can be taken out: {}", names.join(", "))
    })
}

/// Client-side apply writes the object into an annotation of itself; past the limit the API server refuses it.
fn too_large_for_client_side_apply(document: &Value) -> Option<String> {
    let annotations = document["metadata"]["annotations"].as_object().into_iter().flatten();
    let other: usize = annotations
        .filter(|(name, _)| *name != LAST_APPLIED)
        .map(|(name, value)| name.len() + value.as_str().map_or(0, str::len))
        .sum();
    // The line break that kubectl puts behind the object.
    let size = document.to_string().len() + 1 + LAST_APPLIED.len() + other;
    (size > ANNOTATIONS_LIMIT).then(|| {
        format!(
            "use `kubectl apply --server-side`: with client-side apply the annotations would have {size} bytes, and the API server allows {ANNOTATIONS_LIMIT}"
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn messages(document: &Value) -> Option<Vec<String>> {
        let found = Checker::new().unwrap().check(document)?;
        Some(found.problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn an_unknown_kind_is_named_with_the_nearest_one() {
        let document = json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSuportConfig"});
        let expected = "`kind`: `HumanSuportConfig` is not a kind of humansupport.dev; did you mean `HumanSupportConfig`?";
        assert_eq!(messages(&document).unwrap(), [expected]);
    }

    #[test]
    fn a_misspelt_group_is_not_taken_for_a_foreign_one() {
        for (group, kind) in [("humansuport.dev", "HumanSupportConfig"), ("example.org", "HelpdeskAccount")] {
            let document =
                json!({"apiVersion": format!("{group}/v1alpha1"), "kind": kind, "metadata": {"name": "a"}});
            let messages = messages(&document).unwrap();
            assert!(
                messages[0].starts_with("`apiVersion`: must be humansupport.dev/v1alpha1"),
                "{messages:?}"
            );
        }
    }

    #[test]
    fn documents_of_others_are_left_alone_and_those_of_nobody_are_not() {
        for (version, kind) in [("v1", "Secret"), ("kustomize.config.k8s.io/v1beta1", "Kustomization")] {
            assert_eq!(messages(&json!({"apiVersion": version, "kind": kind})), None);
        }
        let expected = "`apiVersion`: is required; write `humansupport.dev/v1alpha1`, and one of ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig as `kind`";
        assert_eq!(messages(&json!({"spec": {}})).unwrap(), [expected]);
    }

    #[test]
    fn exceptions_that_are_over_are_a_hint_and_not_a_problem() {
        let document = json!({"kind": "HumanSupportConfig", "spec": {"businessHours": {
            "timeZone": "America/Sao_Paulo", "exceptions": [
                {"name": "Mudança", "date": "2020-06-01"}, {"name": "Natal", "date": "2020-12-25", "yearly": true},
                {"name": "Obra", "date": "2999-06-01"}]}}});
        let hint = past_exceptions(&document).unwrap();
        assert!(hint.ends_with(": `Mudança`"), "{hint}");
    }

    #[test]
    fn a_field_is_looked_up_where_it_stands() {
        let schema = crd::schema("HumanSupportConfig").unwrap().unwrap();
        for (path, near) in [
            ("spec.agents[3].depatments", "did you mean `departments`?"),
            ("spec.agent", "did you mean `agents`?"),
            ("specs", "did you mean `spec`?"),
        ] {
            let message = "is not a field; the fields here are so many".to_owned();
            let mut problem = Violation { field: path.to_owned(), message };
            suggest(&schema, &mut problem);
            assert!(problem.message.contains(near), "{problem}");
        }
    }
}
