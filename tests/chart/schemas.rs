//! JSON schemas for kubeconform: those of the Kubernetes version that the tests run, and those of our own kinds.
//!
//! They are made from what Kubernetes publishes in its own module, with one change: a field that a schema does not
//! name is refused, as `kubectl apply` with strict validation does. Must not change what a field may hold.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::render::objects;
use super::tools::module_folder;
use super::{files, scratch};

/// Where kubeconform finds a schema below the folder.
pub(crate) const LOCATION: &str = "{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json";

/// The kinds that the repository has objects of, by the file of their group.
const KINDS: [(&str, &[&str]); 6] = [
    ("api__v1", &["ConfigMap", "Namespace", "Pod", "Secret", "Service", "ServiceAccount"]),
    ("apis__apps__v1", &["Deployment"]),
    ("apis__apiextensions.k8s.io__v1", &["CustomResourceDefinition"]),
    ("apis__networking.k8s.io__v1", &["NetworkPolicy"]),
    ("apis__policy__v1", &["PodDisruptionBudget"]),
    ("apis__rbac.authorization.k8s.io__v1", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
];

/// Writes the schemas of all kinds that the repository's objects use, and returns the folder.
pub(crate) fn write(name: &str) -> PathBuf {
    let into = scratch(name);
    let specifications = module_folder("k8s.io/kubernetes").join("api/openapi-spec/v3");
    for (group, kinds) in KINDS {
        let path = specifications.join(format!("{group}_openapi.json"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        write_group(&serde_json::from_str(&text).unwrap(), kinds, &into);
    }
    for path in files("crds") {
        for definition in objects(&fs::read_to_string(path).unwrap()) {
            write_definition(&definition, &into);
        }
    }
    into
}

fn write_group(specification: &Value, kinds: &[&str], into: &Path) {
    let mut schemas = specification["components"]["schemas"].clone();
    close(&mut schemas);
    for (name, schema) in schemas.as_object().unwrap() {
        for kind in schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten() {
            if !kinds.iter().any(|wanted| kind["kind"] == *wanted) {
                continue;
            }
            let whole = json!({
                "$ref": format!("#/components/schemas/{name}"),
                "components": {"schemas": schemas},
            });
            let words = [&kind["group"], &kind["version"], &kind["kind"]];
            save(words.map(|word| word.as_str().unwrap()), &whole, into);
        }
    }
}

fn write_definition(definition: &Value, into: &Path) {
    let spec = &definition["spec"];
    for version in spec["versions"].as_array().unwrap() {
        let mut schema = version["schema"]["openAPIV3Schema"].clone();
        // The API server knows these of every object.
        for (name, type_) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            schema["properties"][name] = json!({"type": type_});
        }
        close(&mut schema);
        let words = [&spec["group"], &version["name"], &spec["names"]["kind"]];
        save(words.map(|word| word.as_str().unwrap()), &schema, into);
    }
}

fn save([group, version, kind]: [&str; 3], schema: &Value, into: &Path) {
    // kubeconform takes the version for the group of the oldest kinds, which have none.
    let group = if group.is_empty() { version } else { group };
    let name = format!("{group}_{version}_{}.json", kind.to_lowercase());
    fs::write(into.join(name), schema.to_string()).unwrap();
}

/// Refuses fields that a schema with named fields does not name.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(close);
            let named = fields.get("properties").is_some_and(Value::is_object);
            let is_open = |fields: &Map<String, Value>| {
                fields.contains_key("additionalProperties")
                    || fields.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true))
            };
            if named && fields.get("type") == Some(&json!("object")) && !is_open(fields) {
                fields.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
