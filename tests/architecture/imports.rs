//! Who may import what: the table of `ARCHITECTURE.md`.
//!
//! Test code may import anything.

use super::paths::{Mention, OPERATOR, mentions};
use super::{Finding, Source};

/// A module of the operator and what it may use of the others.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("plan", &["model"]),
    ("api", &["model"]),
    ("provider", &["model", "plan", "clock"]),
    ("controller", &["api", "model", "plan", "provider", "telemetry", "clock"]),
    ("telemetry", &[]),
    ("clock", &[]),
    ("cli", &["api", "model", "plan", "provider", "controller", "telemetry", "clock"]),
    ("main", &["api", "model", "plan", "provider", "controller", "telemetry", "clock", "cli"]),
    ("lib", &["api", "model", "plan", "provider", "controller", "telemetry", "clock", "cli"]),
];

const COMMAND_LINE: [&str; 3] = ["src/cli/", "src/cli.rs", "src/main.rs"];

/// What comes from outside, and the only places that may name it. `sandbox` stands for its sources, `tests` for ours.
const OUTSIDE: &[(&[&str], &[&str])] = &[
    (&["reqwest"], &["src/provider/http/", "src/provider/http.rs", "sandbox/src/"]),
    (&["axum"], &["sandbox/src/"]),
    (&["clap"], &["src/cli/", "src/cli.rs", "src/main.rs", "sandbox/src/"]),
    (&["schemars"], &["src/api/"]),
    (&["prometheus_client"], &["src/telemetry/"]),
    (&["tracing_subscriber"], &["src/telemetry/", "sandbox/src/"]),
    (&["opentelemetry"], &["src/telemetry/"]),
    (&["opentelemetry_sdk"], &["src/telemetry/"]),
    (&["opentelemetry_otlp"], &["src/telemetry/"]),
    (&["tracing_opentelemetry"], &["src/telemetry/"]),
    (&["k8s_openapi"], KUBERNETES),
    (&["kube"], KUBERNETES),
    (&["kube", "Api"], KUBERNETES_CLIENT),
    (&["kube", "Client"], KUBERNETES_CLIENT),
    (&["kube", "Config"], KUBERNETES_CLIENT),
    (&["kube", "api"], KUBERNETES_CLIENT),
    (&["kube", "client"], KUBERNETES_CLIENT),
    (&["kube", "config"], KUBERNETES_CLIENT),
    (&["kube", "discovery"], KUBERNETES_CLIENT),
    (&["kube", "runtime"], KUBERNETES_CLIENT),
    (&["kube", "*"], KUBERNETES_CLIENT),
    (&["std", "env"], &["src/cli/", "src/cli.rs", "src/main.rs", "sandbox/src/"]),
];

/// Where the types of Kubernetes may be named: `api` derives resource types from them.
const KUBERNETES: &[&str] =
    &["src/api/", "src/controller/", "src/cli/", "src/cli.rs", "src/main.rs", "sandbox/src/"];
/// Where an API server may be spoken to.
const KUBERNETES_CLIENT: &[&str] =
    &["src/controller/", "src/cli/", "src/cli.rs", "src/main.rs", "sandbox/src/"];

/// Types whose `now` reads a clock.
const CLOCKS: [&str; 6] = ["Instant", "SystemTime", "Timestamp", "Zoned", "Utc", "Local"];

/// Which of our modules a module may use.
pub(crate) fn within_the_crate(source: &Source) -> Vec<Finding> {
    let found = mentions(source);
    let Some(module) = source.module() else { return of_the_sandbox(source) };
    let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == module) else {
        let message = format!("module `{module}` is not in the table: add a row here and in ARCHITECTURE.md");
        return vec![Finding::new(&source.path, 1, message)];
    };
    let refused = |mention: &&Mention| {
        let target = mention.parts.get(1).map_or("", String::as_str);
        let is_module = TABLE.iter().any(|(name, _)| *name == target);
        mention.starts_with(&["crate"]) && is_module && target != module && !allowed.contains(&target)
    };
    let mut findings: Vec<Finding> = found
        .iter()
        .filter(refused)
        .map(|mention| {
            let message = format!(
                "`{module}` may not use `{}`; it may use {}: hand it in as a value or an argument",
                mention.parts.join("::"),
                list(allowed)
            );
            Finding::new(&source.path, mention.line, message)
        })
        .collect();
    findings.extend(plan_in_providers(source, module, &found));
    findings
}

/// Providers are given steps, which are made of changes and actions; how a plan comes about is not their concern.
fn plan_in_providers(source: &Source, module: &str, found: &[Mention]) -> Vec<Finding> {
    const STEPS: [&str; 4] = ["Step", "Change", "Action", "step"];
    let refused = |mention: &&Mention| {
        module == "provider"
            && mention.starts_with(&["crate", "plan"])
            && mention.parts.get(2).is_some_and(|part| !STEPS.contains(&part.as_str()))
    };
    let message =
        "`provider` may use only `Step` and its parts of `plan`: a provider applies steps and does not plan";
    found.iter().filter(refused).map(|mention| Finding::new(&source.path, mention.line, message)).collect()
}

fn of_the_sandbox(source: &Source) -> Vec<Finding> {
    if !source.is_in(&["sandbox/src/"]) {
        return Vec::new();
    }
    // `mentions` made our own name `crate`; within the sandbox it is read from the words instead.
    let own = super::tokens::words(source);
    let named = own.iter().filter(|word| word.text == OPERATOR).map(|word| word.line);
    let message = "the sandbox may use nothing of the operator: a shared mistake would pass on both sides";
    named.map(|line| Finding::new(&source.path, line, message)).collect()
}

/// Where crates from outside may be named.
pub(crate) fn outside_crates(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mention in mentions(source) {
        // The last broken row is the narrowest.
        let is_broken = |(what, only): &&(&[&str], &[&str])| mention.starts_with(what) && !source.is_in(only);
        if let Some((what, only)) = OUTSIDE.iter().rfind(is_broken) {
            let what = what.join("::");
            let message = format!("`{what}` may be named only in {}: ask that module", list(only));
            findings.push(Finding::new(&source.path, mention.line, message));
        }
    }
    findings
}

/// Only `clock` and the command line read a clock.
pub(crate) fn clock(source: &Source) -> Vec<Finding> {
    if source.module().is_none() || source.is_in(&["src/clock.rs"]) || source.is_in(&COMMAND_LINE) {
        return Vec::new();
    }
    let is_reading = |mention: &&Mention| match mention.parts.as_slice() {
        [.., of, now] => now == "now" && CLOCKS.contains(&of.as_str()),
        _ => false,
    };
    let message = "only `clock` reads a clock: take the moment as an argument or ask `crate::clock`";
    let mut findings: Vec<Finding> = mentions(source)
        .iter()
        .filter(is_reading)
        .map(|mention| Finding::new(&source.path, mention.line, message))
        .collect();
    let elapsed = super::tokens::words(source);
    let elapsed = elapsed.iter().filter(|word| word.text == "elapsed" && !source.is_test(word.line));
    let message = "`elapsed` reads the clock: subtract two moments of `crate::clock`";
    findings.extend(elapsed.map(|word| Finding::new(&source.path, word.line, message)));
    findings
}

/// The sandbox's dependencies do not name the operator.
pub(crate) fn manifest(path: &str, text: &str) -> Vec<Finding> {
    let names = [OPERATOR.to_owned(), OPERATOR.replace('_', "-")];
    let depends = |line: &str| names.iter().any(|name| line.trim_start().starts_with(name.as_str()));
    let message = "the sandbox may not depend on the operator: remove this line";
    let lines = text.lines().enumerate().filter(|(_, line)| depends(line));
    lines.map(|(index, _)| Finding::new(path, index + 1, message)).collect()
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    if words.is_empty() { "none of our modules".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn an_import_against_the_table_is_found() {
        let text = "//! x\nuse crate::model::Agent;\nuse crate::provider::Provider;\n";
        assert_eq!(found(within_the_crate, "src/plan/mod.rs", text), [3]);
        assert_eq!(found(within_the_crate, "src/controller/mod.rs", text), [0; 0]);
        let indirect = "//! x\nfn a() { vec![super::super::telemetry::Metrics]; }\n";
        assert_eq!(found(within_the_crate, "src/model/agent.rs", indirect), [2]);
        assert_eq!(found(within_the_crate, "src/model/mod.rs", "//! x\nuse self::agent::Agent;\n"), [0; 0]);
    }

    #[test]
    fn test_code_may_import_anything() {
        let text = "//! x\n#[cfg(test)]\nmod tests {\n    use crate::provider::Provider;\n}\n";
        assert_eq!(found(within_the_crate, "src/plan/mod.rs", text), [0; 0]);
    }

    #[test]
    fn a_module_without_a_row_is_found() {
        assert_eq!(found(within_the_crate, "src/magic/mod.rs", "//! x\n"), [1]);
    }

    #[test]
    fn a_provider_that_plans_is_found() {
        let text = "//! x\nuse crate::plan::{Step, Plan};\n";
        assert_eq!(found(within_the_crate, "src/provider/zendesk/mod.rs", text), [2]);
    }

    #[test]
    fn a_sandbox_that_uses_the_operator_is_found() {
        let text = "//! x\nuse human_support_operator::model::Agent;\n";
        assert_eq!(found(within_the_crate, "sandbox/src/lib.rs", text), [2]);
        assert_eq!(found(within_the_crate, "sandbox/src/lib.rs", "//! x\nuse crate::zendesk::A;\n"), [0; 0]);
        let dependency = "[dependencies]\nhuman-support-operator = { path = \"..\" }\n";
        assert_eq!(manifest("sandbox/Cargo.toml", dependency).len(), 1);
        assert!(manifest("sandbox/Cargo.toml", "[dependencies]\nanyhow = \"1\"\n").is_empty());
    }

    #[test]
    fn an_outside_crate_in_the_wrong_place_is_found() {
        for (path, code) in [
            ("src/controller/mod.rs", "use reqwest::Client;"),
            ("src/provider/zendesk/client.rs", "fn a(b: reqwest::Url) {}"),
            ("src/provider/mod.rs", "use kube::Client;"),
            ("src/api/mod.rs", "use kube::{CustomResource, Client};"),
            ("src/controller/mod.rs", "use prometheus_client::registry::Registry;"),
            ("src/controller/mod.rs", "fn a() { ::tracing_subscriber::fmt(); }"),
            ("src/controller/mod.rs", "use axum::Router;"),
            ("src/model/agent.rs", "#[derive(schemars::JsonSchema)] struct A;"),
            ("src/controller/mod.rs", "use clap::Parser;"),
            ("src/controller/mod.rs", "fn a() { std::env::var(\"A\"); }"),
            ("src/controller/mod.rs", "use std::{env, fs};"),
        ] {
            let text = format!("//! x\n{code}\n");
            assert_eq!(found(outside_crates, path, &text), [2], "{path}: {code}");
        }
    }

    #[test]
    fn an_outside_crate_in_its_place_is_allowed() {
        for (path, code) in [
            ("src/provider/http/mod.rs", "use reqwest::Client;"),
            ("src/api/mod.rs", "use kube::CustomResource;"),
            ("src/controller/leader/store.rs", "use kube::{Api, Client};"),
            ("src/telemetry/metrics.rs", "use prometheus_client::registry::Registry;"),
            ("src/main.rs", "use std::env;"),
            ("sandbox/src/lib.rs", "use axum::Router;"),
        ] {
            let text = format!("//! x\n{code}\n");
            assert_eq!(found(outside_crates, path, &text), [0; 0], "{path}: {code}");
        }
    }

    #[test]
    fn a_second_reader_of_the_clock_is_found() {
        let text = "//! x\nfn a() { std::time::Instant::now(); }\nfn b() { jiff::Timestamp::now(); }\n\
            fn c(d: Instant) { d.elapsed(); }\nfn e() { f!(SystemTime::now()); }\n";
        let mut lines = found(clock, "src/controller/mod.rs", text);
        lines.sort_unstable();
        assert_eq!(lines, [2, 3, 4, 5]);
        assert_eq!(found(clock, "src/clock.rs", text), [0; 0]);
    }
}
