//! The table of steps for people in `conditions.md` has every step, whom it keeps waiting and how it closes.
//!
//! Must not: check the wording.

use std::collections::BTreeMap;
use std::fs;

use human_support_operator::controller::pending::catalogue;
use human_support_operator::model::{StepName, StepScope};

use crate::pages::repository;

/// The table's answers: whether it blocks Live, and how it closes.
fn table() -> BTreeMap<String, (String, String)> {
    let text = fs::read_to_string(repository("docs/reference/conditions.md")).unwrap();
    let (_, after) = text.split_once("| step | value | blocks Live | closes |\n|---|---|---|---|\n").unwrap();
    let mut rows = BTreeMap::new();
    for line in after.lines().take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [steps, _, blocks, closes] = cells.as_slice() else { panic!("{line}") };
        for step in steps.split(", ") {
            rows.insert(step.trim_matches('`').to_owned(), ((*blocks).to_owned(), (*closes).to_owned()));
        }
    }
    rows
}

#[test]
fn the_table_of_steps_is_that_of_the_catalogue() {
    let mut rows = table();
    for name in StepName::ALL {
        let found = rows.keys().find(|row| row.split('/').next() == Some(&name.to_string())).cloned();
        let row = found.unwrap_or_else(|| panic!("no row for the step `{name}`"));
        let (blocks, closes) = rows.remove(&row).unwrap();
        let entry = catalogue::of(name);
        assert_eq!(
            row.contains('/'),
            name.scope() == StepScope::Entry,
            "{row}: one for each entry is `{name}/ENTRY`"
        );
        assert_eq!(blocks == "yes", entry.blocks_live, "{row}: blocks Live");
        let by_itself = closes.starts_with("by itself");
        let observed = format!("{:?}", entry.proof) == "Observed";
        assert_eq!(by_itself, observed, "{row}: {closes}");
    }
    assert!(rows.is_empty(), "rows of no step: {rows:?}");
}
