//! What the chart says to the operator, said to the operator itself.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

use crate::chart::render::{only, rendered, value_sets};
use crate::chart::scratch;

fn operator(arguments: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_humansupport"))
        .args(arguments)
        .env_remove("KUBERNETES_SERVICE_HOST")
        .env_remove("KUBECONFIG")
        .env("HOME", scratch("home"))
        .output()
        .unwrap()
}

fn arguments(objects: &[Value], kind: &str) -> Vec<String> {
    let object = only(objects, kind);
    let spec = if kind == "Pod" { &object["spec"] } else { &object["spec"]["template"]["spec"] };
    let words = spec["containers"][0]["args"].as_array().unwrap();
    words.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

fn flags(arguments: &[String]) -> BTreeSet<String> {
    let flags = arguments.iter().filter(|argument| argument.starts_with("--"));
    flags.map(|flag| flag.split('=').next().unwrap().to_owned()).collect()
}

#[test]
fn the_operator_accepts_the_arguments_of_every_deployment() {
    for (name, values) in value_sets() {
        let mut arguments = arguments(&rendered(&values), "Deployment");
        // Not the port of whoever else uses this machine, and no cluster.
        arguments.retain(|argument| {
            !argument.starts_with("--health-address") && !argument.starts_with("--kubeconfig")
        });
        arguments.extend(["--health-address=127.0.0.1:0", "--kubeconfig=/nowhere"].map(str::to_owned));
        let output = operator(&arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("no Kubernetes cluster can be reached"), "{name}: {said}");
    }
}

/// Flags of `run` that no value of the chart sets.
const NOT_FOR_PODS: [&str; 5] = [
    // Outside a cluster, and in the sandbox.
    "--kubeconfig",
    "--loopback-endpoint",
    // POD_NAMESPACE and POD_NAME, which the pod gets from Kubernetes.
    "--operator-namespace",
    "--identity",
    "--help",
];

#[test]
fn every_flag_of_the_operator_has_a_value() {
    let help = operator(&["run".to_owned(), "--help".to_owned()]);
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.lines().filter_map(|line| {
        let word = line.trim_start().trim_start_matches("-h, ").split([' ', '=']).next()?;
        word.starts_with("--").then(|| word.to_owned())
    });
    let mut known: BTreeSet<String> = listed.collect();
    assert!(known.contains("--concurrency"), "{help}");
    known.retain(|flag| !NOT_FOR_PODS.contains(&flag.as_str()));
    let mut set = BTreeSet::new();
    for (_, values) in value_sets() {
        set.append(&mut flags(&arguments(&rendered(&values), "Deployment")));
    }
    set.remove("--kubeconfig");
    assert_eq!(set, known);
}

#[test]
fn the_helm_test_runs_a_command_that_the_operator_has() {
    for (name, values) in value_sets() {
        let output = operator(&arguments(&rendered(&values), "Pod"));
        let said = String::from_utf8_lossy(&output.stderr);
        // Read, understood, and then without a cluster to look at.
        assert_eq!(output.status.code(), Some(1), "{name}: {said}");
        assert!(said.contains("no cluster is known"), "{name}: {said}");
    }
}
