//! The checklist of the articles (`docs/reference/article-checklist.md`) has no empty line and names tests that exist.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// How many lines the articles have.
const LINES: usize = 26;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The cells of every line.
fn lines() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/reference/article-checklist.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

#[test]
fn every_line_of_the_articles_says_what_is_done_and_which_test_shows_it() {
    let lines = lines();
    assert_eq!(lines.len(), LINES);
    for line in lines {
        assert_eq!(line.len(), 3, "{line:?}");
        assert!(line.iter().all(|cell| !cell.is_empty()), "{line:?}");
        assert!(line[2].contains("::"), "no test is named: {line:?}");
    }
}

#[test]
fn every_test_that_is_named_exists() {
    for line in lines() {
        for named in line[2].split(", ") {
            let (file, test) = named.trim_matches('`').split_once("::").unwrap();
            let path = root().join(file);
            let source = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(
                !test.is_empty() && source.contains(&format!("fn {test}()")),
                "{file} has no test {test}"
            );
        }
    }
}
