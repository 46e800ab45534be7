//! What the Dockerfile says: an empty image for nobody, its labels, and not one flag of its own.

use std::fs;

use sandbox::control_plane::workspace;
use serde_json::Value;

use crate::binary::Elf;
use crate::dockerfile::{Dockerfile, context};
use crate::installation::deployment;

/// Keys that the OCI image specification defines and that this project fills.
const LABELS: [&str; 9] =
    ["title", "description", "url", "source", "documentation", "licenses", "vendor", "version", "revision"];

/// A file of the repository.
fn text(path: &str) -> String {
    fs::read_to_string(workspace().join(path)).unwrap()
}

/// The value of a line `key = "value"`.
fn value_of(text: &str, key: &str) -> String {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_prefix("= ")).unwrap();
    line.trim_matches('"').to_owned()
}

#[test]
fn the_image_is_empty_but_for_the_binary_and_its_license() {
    let dockerfile = Dockerfile::read();
    assert_eq!(dockerfile.only("FROM"), "scratch");
    let copies = dockerfile.copies();
    let held: Vec<(&str, &str)> =
        copies.iter().map(|copied| (copied.target.as_str(), copied.stage.as_deref().unwrap_or(""))).collect();
    assert_eq!(held, [("/humansupport", "build"), ("/LICENSE", "")]);
    assert_eq!(dockerfile.words("ENTRYPOINT"), [copies[0].target.clone()]);
    let is_harmless =
        |word: &str| ["FROM", "ARG", "LABEL", "COPY", "USER", "EXPOSE", "ENTRYPOINT", "CMD"].contains(&word);
    let other: Vec<_> = dockerfile.image().iter().filter(|one| !is_harmless(&one.word)).collect();
    assert_eq!(other, Vec::<&crate::dockerfile::Instruction>::new(), "nothing runs in an empty image");
}

#[test]
fn the_image_runs_as_the_numbers_that_the_deployment_names() {
    let user = Dockerfile::read().only("USER").to_owned();
    let numbers: Vec<u32> = user.split(':').map(|part| part.parse().expect("a number, not a name")).collect();
    let [user, group] = numbers[..] else { panic!("a user and a group: {user}") };
    assert!(user != 0 && group != 0, "{user}:{group} is root");
    let security = &deployment()["spec"]["template"]["spec"]["securityContext"];
    assert_eq!((&security["runAsUser"], &security["runAsGroup"]), (&Value::from(user), &Value::from(group)));
    assert_eq!(security["runAsNonRoot"], true);
}

#[test]
fn the_image_has_the_port_of_the_deployment() {
    let container = &deployment()["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["ports"][0]["containerPort"].to_string(), Dockerfile::read().only("EXPOSE"));
}

#[test]
fn the_labels_are_those_of_the_specification_with_the_values_of_the_package() {
    let dockerfile = Dockerfile::read();
    let label = dockerfile.only("LABEL");
    let value = |key: &str| {
        let start = format!("org.opencontainers.image.{key}=\"");
        let rest = label.split_once(&start).unwrap_or_else(|| panic!("no label {key}")).1;
        rest.split_once('"').unwrap().0.to_owned()
    };
    for key in LABELS {
        assert!(!value(key).is_empty(), "{key}");
    }
    let package = text("Cargo.toml");
    assert_eq!(value("licenses"), value_of(&package, "license"));
    assert_eq!(value("source"), value_of(&package, "repository"));
    // What differs from build to build comes from outside.
    assert_eq!([value("version"), value("revision")], ["$VERSION", "$REVISION"]);
}

#[test]
fn the_image_is_compiled_with_the_flags_of_the_repository_and_no_other() {
    let dockerfile = Dockerfile::read();
    assert!(context().contains(&".cargo".to_owned()), "`.cargo/config.toml` holds the flags");
    let build = dockerfile.build();
    let sets: Vec<_> = build.iter().filter(|one| one.word == "ENV").collect();
    assert_eq!(sets, Vec::<&crate::dockerfile::Instruction>::new(), "flags stand in `.cargo/config.toml`");
    for instruction in build {
        for word in ["RUSTFLAGS", "CC_", "CARGO_TARGET_", "CARGO_PROFILE_", "--config"] {
            assert!(
                !instruction.rest.contains(word),
                "{word} stands in `.cargo/config.toml`: {instruction:?}"
            );
        }
    }
    let flags = text(".cargo/config.toml");
    for processor in dockerfile.processors().values() {
        assert!(flags.contains(&format!("[target.{processor}-unknown-linux-musl]")), "{processor}");
    }
}

#[test]
fn the_image_is_compiled_by_the_compiler_of_the_repository() {
    let channel = value_of(&text("rust-toolchain.toml"), "channel");
    let version = Dockerfile::read()
        .global()
        .iter()
        .find_map(|one| one.rest.strip_prefix("RUST_VERSION=").map(str::to_owned));
    assert_eq!(version, Some(channel));
}

#[test]
fn a_binary_that_needs_a_loader_is_told_from_one_that_does_not() {
    // The tests' own binary is linked as usual on this machine: so the check of the static one can fail.
    let usual = Elf::of(&std::env::current_exe().unwrap());
    assert!(usual.interpreter.is_some(), "{usual:?}");
    assert!(usual.libraries.iter().any(|library| library.starts_with("libc.so")), "{usual:?}");
}
