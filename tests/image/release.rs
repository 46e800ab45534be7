//! What a release publishes: for each artifact what is in it, where it was built, and a signature.

use std::collections::BTreeSet;
use std::fs;

use sandbox::control_plane::workspace;
use serde_json::Value;

use crate::dockerfile::Dockerfile;

fn workflow() -> Value {
    let text = fs::read_to_string(workspace().join(".github/workflows/release.yaml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().unwrap().iter()
}

/// The settings of the only step of a job that uses this action.
#[track_caller]
fn using<'a>(job: &'a Value, action: &str) -> &'a Value {
    let of_action =
        |step: &&Value| step["uses"].as_str().is_some_and(|uses| uses.split('@').next() == Some(action));
    let found: Vec<&Value> = steps(job).filter(of_action).collect();
    assert_eq!(found.len(), 1, "steps that use {action}");
    &found[0]["with"]
}

/// Whether a job runs a command with these words.
fn runs(job: &Value, words: &str) -> bool {
    steps(job).any(|step| step["run"].as_str().is_some_and(|script| script.contains(words)))
}

/// Its origin is told in the registry too, and it has the permissions for that.
fn assert_may_publish(job: &Value) {
    assert_eq!(using(job, "actions/attest-build-provenance")["push-to-registry"], true);
    for permission in ["id-token", "attestations", "packages"] {
        assert_eq!(job["permissions"][permission], "write", "{permission}");
    }
}

#[test]
fn the_image_of_a_release_has_its_contents_its_origin_and_a_signature() {
    let workflow = workflow();
    let image = &workflow["jobs"]["image"];
    let build = using(image, "docker/build-push-action");
    assert_eq!((&build["sbom"], &build["provenance"]), (&Value::from(true), &Value::from("mode=max")));
    // A static binary names no crate; the lock file in the context does.
    let scans = |one: &crate::dockerfile::Instruction| one.rest == "BUILDKIT_SBOM_SCAN_CONTEXT=true";
    assert!(Dockerfile::read().global().iter().any(scans), "the list of contents would be empty");
    assert!(crate::dockerfile::context().contains(&"Cargo.lock".to_owned()));
    for argument in ["VERSION=", "REVISION="] {
        assert!(build["build-args"].as_str().unwrap().contains(argument), "{argument}");
    }
    assert!(runs(image, "cosign sign --yes --recursive \"$IMAGE@$DIGEST\""), "by digest, both processors");
    assert_may_publish(image);
}

#[test]
fn a_release_is_for_the_processors_that_are_tested() {
    let workflow = workflow();
    let platforms =
        using(&workflow["jobs"]["image"], "docker/build-push-action")["platforms"].as_str().unwrap();
    let released: BTreeSet<&str> = platforms.split(',').map(|one| one.trim_start_matches("linux/")).collect();
    let dockerfile = Dockerfile::read();
    let built: BTreeSet<String> = dockerfile.processors().into_keys().collect();
    assert_eq!(released, built.iter().map(String::as_str).collect());
    assert_eq!(released, BTreeSet::from(["amd64", "arm64"]), "each of them has a test in main.rs");
}

#[test]
fn the_chart_of_a_release_is_signed_and_its_origin_is_told() {
    let workflow = workflow();
    let chart = &workflow["jobs"]["chart"];
    assert!(runs(chart, "cosign sign --yes \"$CHARTS/human-support-operator@$digest\""), "by digest");
    assert!(runs(chart, "digest: \\\"$DIGEST\\\""), "the chart names the image by its digest");
    assert_may_publish(chart);
}

#[test]
fn the_files_of_a_release_are_signed_and_their_contents_and_origin_are_told() {
    let workflow = workflow();
    let binaries = &workflow["jobs"]["binaries"];
    let contents = using(binaries, "anchore/sbom-action");
    assert_eq!(
        (&contents["format"], &contents["path"]),
        (&Value::from("spdx-json"), &Value::from("contents"))
    );
    // Whatever is made after the sums is in no sum.
    let at = |sought: &dyn Fn(&Value) -> bool| steps(binaries).position(sought).unwrap();
    let of_action =
        |step: &Value, action: &str| step["uses"].as_str().is_some_and(|uses| uses.starts_with(action));
    let listed = at(&|step| of_action(step, "anchore/sbom-action"));
    let summed = at(&|step| step["run"].as_str().is_some_and(|script| script.contains("> SHA256SUMS")));
    assert!(listed < summed, "the list of contents is in the signed sums");
    assert!(runs(binaries, "cosign sign-blob --yes --bundle dist/SHA256SUMS.sigstore.json dist/SHA256SUMS"));
    let attested = using(binaries, "actions/attest-build-provenance")["subject-path"].as_str().unwrap();
    assert_eq!(attested.lines().collect::<Vec<_>>(), ["dist/*.tar.gz", "dist/human-support-operator.yaml"]);
}

#[test]
fn a_release_waits_for_the_tests_of_the_image() {
    let workflow = workflow();
    let jobs = &workflow["jobs"];
    let tested = steps(&jobs["check"]).any(|step| {
        step["env"]["CI_STEPS"].as_str().is_some_and(|steps| steps.split(' ').any(|step| step == "image"))
    });
    assert!(tested, "the step `image` of .ci/run");
    assert_eq!(jobs["image"]["needs"], "check");
}
