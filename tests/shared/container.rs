//! What a kubelet reads from the container of a Deployment, as the process that it would start.
//!
//! Why it exists: there is no kubelet in a test's cluster, and an operator that is started with other flags than people
//! install would show nothing. Must not: know a flag of the operator beyond the address that a pod has to itself.

use serde_json::Value;

/// The arguments, with a free port of this machine instead of the pod's own.
pub(crate) fn arguments_of(container: &Value) -> Vec<String> {
    let words = container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    words
        .map(|word| {
            let health = word.starts_with("--health-address=");
            if health { "--health-address=127.0.0.1:0".to_owned() } else { word.to_owned() }
        })
        .collect()
}

/// The environment, with what the kubelet would fill in for a pod of this namespace and name.
pub(crate) fn environment_of(container: &Value, (namespace, pod): (&str, &str)) -> Vec<(String, String)> {
    let variables = container["env"].as_array().cloned().unwrap_or_default();
    variables
        .iter()
        .map(|variable| {
            let name = variable["name"].as_str().unwrap().to_owned();
            let value = match variable["valueFrom"]["fieldRef"]["fieldPath"].as_str() {
                Some("metadata.namespace") => namespace.to_owned(),
                Some("metadata.name") => pod.to_owned(),
                Some(other) => panic!("the kubelet of this test does not know {other}"),
                None => variable["value"].as_str().unwrap().to_owned(),
            };
            (name, value)
        })
        .collect()
}
