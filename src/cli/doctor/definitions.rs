//! Whether the cluster knows the fields that this binary writes and reads.
//!
//! Read from the API server's own description, which everybody who is logged in may read: no right to definitions is needed.

use std::collections::BTreeSet;

use hyper::Request as HttpRequest;
use serde_json::Value;

use super::finding::{Finding, Findings};
use crate::api::crd;
use crate::api::{GROUP, VERSION};
use crate::cli::connect::Connection;
use crate::cli::program::Program;

/// Compares the definitions in the cluster with those of this binary. False where there are none.
pub(super) async fn check(connection: &Connection, program: Program, findings: &mut Findings) -> bool {
    let apply = format!("`{program} crd | kubectl apply --server-side -f -`, or upgrade the chart");
    let path = format!("/openapi/v3/apis/{GROUP}/{VERSION}");
    let request = HttpRequest::get(path).body(Vec::new());
    let described = match request {
        Ok(request) => connection.client.request::<Value>(request).await,
        Err(error) => {
            findings.add(Finding::warning("definitions", error.to_string(), "please report this"));
            return true;
        }
    };
    let described = match described {
        Ok(described) => described,
        Err(kube::Error::Api(status)) if status.code == 404 => {
            let message = format!("the cluster does not know the kinds of {GROUP}");
            findings.add(Finding::bad("definitions", message, format!("install them: {apply}")));
            return false;
        }
        Err(_) => {
            let message = "the cluster does not tell which fields it knows";
            let advice = "check with `kubectl get --raw /openapi/v3` that descriptions may be read";
            findings.add(Finding::warning("definitions", message, advice));
            return true;
        }
    };
    compare(&described, (program, &apply), findings);
    true
}

fn compare(described: &Value, (program, apply): (Program, &str), findings: &mut Findings) {
    let schemas = described["components"]["schemas"].as_object();
    let of_cluster = |kind: &str| {
        let mut values = schemas.into_iter().flat_map(|schemas| schemas.values());
        values.find(|schema| schema["x-kubernetes-group-version-kind"][0]["kind"] == kind)
    };
    let (mut missing, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for kind in ["HumanSupportConfig", "HelpdeskAccount", "ClusterHelpdeskAccount"] {
        let own = crd::schema(kind).ok().flatten().unwrap_or_default();
        let own = fields(&own);
        let Some(of_cluster) = of_cluster(kind).map(fields) else {
            missing.insert(kind.to_owned());
            continue;
        };
        missing.extend(own.difference(&of_cluster).map(|field| format!("{kind} {field}")));
        unknown.extend(of_cluster.difference(&own).map(|field| format!("{kind} {field}")));
    }
    if let Some(first) = missing.first() {
        let message = format!(
            "the definitions are older than this binary: {} unknown, such as `{first}`",
            missing.len()
        );
        findings.add(Finding::bad("definitions", message, format!("update them: {apply}")));
    } else if let Some(first) = unknown.first() {
        let message = format!(
            "the definitions are newer than this binary: {} unknown to it, such as `{first}`",
            unknown.len()
        );
        findings.add(Finding::warning(
            "definitions",
            message,
            format!("upgrade the operator, then check with `{program} version`"),
        ));
    } else {
        let message = format!("{GROUP}/{VERSION} is what version {} knows", env!("CARGO_PKG_VERSION"));
        findings.add(Finding::good("definitions", message));
    }
}

/// The paths of all fields of `spec` and `status`.
fn fields(schema: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in ["spec", "status"] {
        collect(&schema["properties"][part], part, &mut found);
    }
    found
}

fn collect(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    if schema.is_object() {
        found.insert(path.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        collect(property, &format!("{path}.{name}"), found);
    }
    if schema["items"].is_object() {
        collect(&schema["items"], path, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::terminal::Paint;

    /// What an API server says, with a change to the schema of the store.
    fn said(change: impl Fn(&mut Value)) -> String {
        let mut schemas = serde_json::Map::new();
        for kind in ["HumanSupportConfig", "HelpdeskAccount", "ClusterHelpdeskAccount"] {
            let mut schema = crd::schema(kind).unwrap().unwrap();
            schema["x-kubernetes-group-version-kind"] = json!([{"kind": kind}]);
            if kind == "HumanSupportConfig" {
                change(&mut schema);
            }
            schemas.insert(kind.to_owned(), schema);
        }
        let mut findings = Findings::default();
        compare(&json!({"components": {"schemas": schemas}}), (Program::Direct, "apply"), &mut findings);
        findings.text(Paint::Plain)
    }

    #[test]
    fn the_same_definitions_are_in_order() {
        assert!(said(|_| ()).starts_with("ok      definitions: "), "{}", said(|_| ()));
    }

    #[test]
    fn a_field_that_the_cluster_lacks_is_wrong_and_named() {
        let text = said(|schema| {
            schema["properties"]["spec"]["properties"].as_object_mut().unwrap().remove("drift");
        });
        assert!(text.starts_with("wrong   definitions: the definitions are older"), "{text}");
        assert!(text.contains("`HumanSupportConfig spec.drift`"), "{text}");
    }

    #[test]
    fn a_field_that_only_the_cluster_knows_is_something_to_look_at() {
        let text =
            said(|schema| schema["properties"]["spec"]["properties"]["later"] = json!({"type": "string"}));
        assert!(text.starts_with("warning definitions: the definitions are newer"), "{text}");
        assert!(text.contains("`HumanSupportConfig spec.later`"), "{text}");
    }
}
