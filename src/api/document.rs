//! Checks whole documents of the three kinds without a cluster: what the API server would refuse, and what the
//! reconciler would.
//!
//! Why: `humansupport validate` and the tests of `examples/` must give the answer a cluster gives.
//! Must not: read files or look at more than one document.

use std::collections::BTreeMap;

use kube::core::cel::{CompiledSchema, Validator, compile_schema};
use serde_json::Value;

use super::crd::{self, CrdError};
use super::structure;
use super::validate::{Violation, validate};
use super::validate_account::validate_account;
use super::{
    AccountView, ClusterHelpdeskAccountSpec, FIELD_MANAGER, GROUP, HelpdeskAccountSpec,
    HumanSupportConfigSpec, VERSION,
};

/// Client-side `kubectl apply` keeps the whole object in one annotation, and all annotations together have 256 KiB.
const CLIENT_SIDE_APPLY_LIMIT: usize = 256 * 1024 - 1024;

/// Checks documents; it compiles the rules of every kind once.
#[derive(Debug)]
pub struct DocumentChecker {
    kinds: BTreeMap<String, KindRules>,
    evaluator: Validator,
}

#[derive(Debug)]
struct KindRules {
    schema: Value,
    rules: CompiledSchema,
}

impl DocumentChecker {
    /// Compiles the rules of every kind.
    ///
    /// # Errors
    /// Only when the definitions cannot be generated, which is a defect of this program.
    pub fn new() -> Result<Self, CrdError> {
        let kinds = crd::definitions()?
            .into_iter()
            .map(|mut definition| {
                let kind = definition["spec"]["names"]["kind"].as_str().unwrap_or_default().to_owned();
                let schema = definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].take();
                let rules = compile_schema(&schema);
                (kind, KindRules { schema, rules })
            })
            .collect();
        Ok(Self { kinds, evaluator: Validator::new() })
    }

    /// Whether a document is of one of the three kinds. Others, such as a Secret beside them, are not ours to check.
    pub fn knows(&self, document: &Value) -> bool {
        document["apiVersion"].as_str().is_some_and(|version| version.starts_with(&format!("{GROUP}/")))
    }

    /// What its author should know although nothing is wrong: how a large document must be applied.
    pub fn advice(&self, document: &Value) -> Option<String> {
        let size = document.to_string().len();
        (size > CLIENT_SIDE_APPLY_LIMIT).then(|| {
            format!(
                "this document has {size} bytes, more than the annotation of a client-side apply can hold; use `kubectl apply --server-side --field-manager={FIELD_MANAGER}`"
            )
        })
    }

    /// What is wrong with a document on creation. Empty means that the API server and the reconciler accept it.
    pub fn check(&self, document: &Value) -> Vec<Violation> {
        self.check_update(document, None)
    }

    /// What is wrong with a document as an update of `old`; rules about immutable fields need both.
    pub fn check_update(&self, document: &Value, old: Option<&Value>) -> Vec<Violation> {
        let kind = document["kind"].as_str().unwrap_or_default();
        let Some(KindRules { schema, rules }) = self.kinds.get(kind) else {
            let kinds: Vec<_> = self.kinds.keys().map(String::as_str).collect();
            return vec![violation("kind", format!("must be one of {}", kinds.join(", ")))];
        };
        let document = &without_nulls(document);
        let mut violations = envelope(document);
        violations.extend(structure::check(schema, &body(document), ""));
        if !violations.is_empty() {
            // As in the API server: rules are evaluated on well-formed objects only.
            return violations;
        }
        if let Err(errors) = self.evaluator.validate_compiled(rules, document, old) {
            violations.extend(errors.iter().map(|error| violation(&error.field_path, error.message.clone())));
            return violations;
        }
        reconciler_rules(kind, &document["spec"])
    }
}

fn violation(field: &str, message: String) -> Violation {
    Violation { field: field.to_owned(), message }
}

/// `apiVersion`, `kind` and `metadata` belong to every object and are in no schema of ours.
fn envelope(document: &Value) -> Vec<Violation> {
    let mut violations = Vec::new();
    let api_version = format!("{GROUP}/{VERSION}");
    if document["apiVersion"] != Value::String(api_version.clone()) {
        violations.push(violation("apiVersion", format!("must be {api_version}")));
    }
    if document["metadata"]["name"].as_str().is_none_or(str::is_empty) {
        violations.push(violation("metadata.name", "is required".into()));
    }
    violations
}

/// The API server drops a null from a field that is not nullable, and none of ours is, before it looks further.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, member)| !member.is_null())
            .map(|(name, member)| (name.clone(), without_nulls(member)))
            .collect(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

fn body(document: &Value) -> Value {
    let members = document.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| !["apiVersion", "kind", "metadata"].contains(&name.as_str()))
        .map(|(name, member)| (name.clone(), member.clone()))
        .collect()
}

fn reconciler_rules(kind: &str, spec: &Value) -> Vec<Violation> {
    let checked = match kind {
        "HumanSupportConfig" => parse::<HumanSupportConfigSpec>(spec).map(|spec| validate(&spec)),
        "HelpdeskAccount" => {
            parse::<HelpdeskAccountSpec>(spec).map(|spec| validate_account(AccountView::from(&spec)))
        }
        _ => parse::<ClusterHelpdeskAccountSpec>(spec).map(|spec| validate_account(AccountView::from(&spec))),
    };
    checked.unwrap_or_else(|error| vec![violation("spec", format!("cannot be read: {error}"))])
}

fn parse<T: serde::de::DeserializeOwned>(spec: &Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(spec.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn account() -> Value {
        json!({
            "apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount", "metadata": {"name": "zendesk"},
            "spec": {
                "zendesk": {"subdomain": "lojacentro", "plan": "Team"},
                "credentialsSecretRef": {"name": "zendesk-credentials"},
            },
        })
    }

    fn check(document: &Value) -> Vec<String> {
        DocumentChecker::new().unwrap().check(document).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_valid_account_is_accepted() {
        assert_eq!(check(&account()), Vec::<String>::new());
    }

    #[test]
    fn a_wrong_kind_or_version_or_a_missing_name_is_said() {
        for (field, value, expected) in [
            (
                "kind",
                json!("Account"),
                "`kind`: must be one of ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig",
            ),
            ("apiVersion", json!("humansupport.dev/v1"), "`apiVersion`: must be humansupport.dev/v1alpha1"),
            ("metadata", json!({}), "`metadata.name`: is required"),
            ("spec", Value::Null, "`spec`: is required"),
            ("extra", json!(1), "`extra`: is not a field; the fields here are spec, status"),
        ] {
            let mut document = account();
            document[field] = value;
            assert_eq!(check(&document), [expected]);
        }
    }

    #[test]
    fn a_null_is_absent_and_rules_in_rust_alone_are_checked_too() {
        let mut document = account();
        document["spec"]["external"] = json!({"url": "https://desk.example:99999"});
        document["spec"]["zendesk"].take();
        let found = check(&document);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("`spec.external.url`: must be an https URL"), "{found:?}");
    }

    #[test]
    fn a_large_document_is_told_to_use_server_side_apply() {
        let checker = DocumentChecker::new().unwrap();
        let mut document = account();
        assert_eq!(checker.advice(&document), None);
        document["metadata"]["annotations"] = json!({"note": "x".repeat(CLIENT_SIDE_APPLY_LIMIT)});
        assert!(checker.advice(&document).unwrap().contains("--server-side"));
    }
}
