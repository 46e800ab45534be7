//! The custom resource definitions as the API server gets them, and as YAML text for `crds/`.
//!
//! Why not the derived definition alone: the API server would keep `null` in fields that are merely optional, kstatus
//! would call a resource current before the operator saw it, and descriptions would carry the line breaks of Rust.
//! Must not: add a rule that the Rust types do not know.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::{Map, Value, json};

use super::{ClusterHelpdeskAccount, HelpdeskAccount, HumanSupportConfig};

/// Why the definitions could not be written as text. It does not happen with the types of this crate.
#[derive(Debug, thiserror::Error)]
pub enum CrdError {
    /// A definition is not valid JSON.
    #[error("a custom resource definition cannot be written as JSON; please report this: {0}")]
    Json(#[from] serde_json::Error),
    /// A definition is not valid YAML.
    #[error("a custom resource definition cannot be written as YAML; please report this: {0}")]
    Yaml(String),
}

const HEADER: &str = "\
# Generated from the Rust types in src/api by `cargo generate`
# (`humansupport crd --write crds`). Do not edit.
";

/// Every definition as (file name, YAML text), sorted by file name. The same types give the same bytes.
pub fn all() -> Result<Vec<(String, String)>, CrdError> {
    definitions()?
        .iter()
        .map(|definition| {
            let names = &definition["spec"]["names"];
            let file = format!("{}_{}.yaml", text(&definition["spec"]["group"]), text(&names["plural"]));
            let yaml =
                serde_saphyr::to_string(definition).map_err(|error| CrdError::Yaml(error.to_string()))?;
            Ok((file, format!("{HEADER}{yaml}")))
        })
        .collect()
}

/// Every definition as JSON, in the order of the file names.
pub fn definitions() -> Result<Vec<Value>, CrdError> {
    [ClusterHelpdeskAccount::crd(), HelpdeskAccount::crd(), HumanSupportConfig::crd()]
        .into_iter()
        .map(finish)
        .collect()
}

/// The OpenAPI schema of a kind, such as `HumanSupportConfig`, as the API server gets it.
pub fn schema(kind: &str) -> Result<Option<Value>, CrdError> {
    let found = definitions()?.into_iter().find(|definition| definition["spec"]["names"]["kind"] == kind);
    Ok(found.map(|mut definition| definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"].take()))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn finish(definition: CustomResourceDefinition) -> Result<Value, CrdError> {
    let mut definition = serde_json::to_value(definition)?;
    let schema = &mut definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    tidy(schema);
    // As in every Flux resource: without it kstatus takes a resource that nobody has looked at for a current one.
    schema["properties"]["status"]["default"] = json!({ "observedGeneration": -1 });
    schema["properties"]["status"]["description"] =
        json!("What the operator found and did. Written by the operator only.");
    schema["properties"]["spec"]["description"] = json!("What is declared. Written by people only.");
    Ok(definition)
}

/// Removes `nullable` everywhere: the API server then drops a `null` before it applies defaults and rules, instead of
/// keeping it, so `has(self.field)` means what it says.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("nullable") == Some(&Value::Bool(true)) {
                object.remove("nullable");
            }
            remove_title(object);
            join_lines(object);
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// The title repeats the name of the Rust type, which means nothing to a user. A property of that name is an object.
fn remove_title(object: &mut Map<String, Value>) {
    if object.get("title").is_some_and(Value::is_string) {
        object.remove("title");
    }
}

/// A doc comment is wrapped for readers of Rust; `kubectl explain` wraps for its own width.
fn join_lines(object: &mut Map<String, Value>) {
    if let Some(Value::String(description)) = object.get_mut("description") {
        *description = description.replace('\n', " ");
    }
}

#[cfg(test)]
#[path = "crd/tests.rs"]
mod tests;
