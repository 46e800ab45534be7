//! Holds the house rules of `ARCHITECTURE.md` over the sources: who may import what, sizes, signatures, words.
//!
//! Each rule is a function from sources to findings, with a test of its own that shows it a violation. Must not know
//! single files: what a rule allows is a row of its table.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

#[path = "architecture/mod.rs"]
mod architecture;

use std::path::Path;

use architecture::{Finding, Source, imports, shape, signatures, sizes, words};

#[cfg(test)]
#[track_caller]
fn holds(rule: impl Fn(&Source) -> Vec<Finding>) {
    let sources = architecture::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(sources.iter().any(|source| source.path == "src/lib.rs"), "the sources were not found");
    let findings: Vec<String> = sources.iter().flat_map(rule).map(|finding| finding.to_string()).collect();
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

#[test]
fn modules_import_only_what_the_table_allows() {
    holds(imports::within_the_crate);
}

#[test]
fn outside_crates_are_named_only_where_they_belong() {
    holds(imports::outside_crates);
}

#[test]
fn the_clock_is_read_in_one_place() {
    holds(imports::clock);
}

#[test]
fn model_and_plan_are_pure() {
    holds(words::pure);
}

#[test]
fn vendor_words_stop_before_model_and_plan() {
    holds(words::vendor);
}

#[test]
fn nothing_is_left_to_do() {
    holds(words::unfinished);
}

#[test]
fn modules_have_names_that_say_something() {
    holds(shape::names);
}

#[test]
fn modules_start_with_what_they_are_for() {
    holds(shape::headers);
}

#[test]
fn there_are_no_statics() {
    holds(shape::statics);
}

#[test]
fn files_are_short() {
    holds(sizes::files);
}

#[test]
fn the_reference_adapter_is_short() {
    let sources = architecture::read(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let findings: Vec<String> = sizes::reference_adapter(&sources).iter().map(Finding::to_string).collect();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn functions_are_short() {
    holds(sizes::functions);
}

#[test]
fn functions_have_few_parameters_and_none_is_a_bool() {
    holds(signatures::parameters);
}

#[test]
fn the_sandbox_does_not_depend_on_the_operator() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("sandbox/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let findings = imports::manifest("sandbox/Cargo.toml", &text);
    assert!(findings.is_empty(), "{}", findings[0]);
}
