//! The generated files in the repository are those that the types give.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so by ending")]

use std::path::Path;
use std::{fs, io};

use human_support_operator::api::crd;

fn directory() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crds")
}

#[test]
fn crds_are_those_of_the_types() {
    for (name, expected) in crd::all().unwrap() {
        let committed = fs::read_to_string(directory().join(&name)).unwrap_or_default();
        assert!(
            committed == expected,
            "crds/{name} is not what the types give; run `cargo generate` and commit it"
        );
    }
}

#[test]
fn crds_holds_no_other_file() {
    let mut expected: Vec<_> = crd::all().unwrap().into_iter().map(|(name, _)| name).collect();
    let mut found = fs::read_dir(directory())
        .unwrap()
        .map(|entry| entry.map(|entry| entry.file_name().into_string().unwrap()))
        .collect::<io::Result<Vec<_>>>()
        .unwrap();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn generating_twice_gives_the_same_bytes() {
    assert_eq!(crd::all().unwrap(), crd::all().unwrap());
}
