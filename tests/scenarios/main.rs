//! Every cell of a vendor's mapping table as a scenario: what is declared and what was there before, and the steps,
//! holds, conditions, steps for people and calls that follow.
//!
//! Exists so that the mapping can be read and reviewed as data beside its source (`zenvia.md`, section 6). A scenario
//! runs the controller's own phases against the simulator over HTTP; it must not know how they work.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code throughout")]

mod check;
mod cluster;
mod scenario;
mod world;

use std::collections::BTreeSet;

use scenario::{ScenarioFile, folder, read};

/// Lists the cells and gives each a test: the name of its file, its row and its column.
macro_rules! cells {
    ($($file:ident: $row:literal, $column:literal;)*) => {
        /// The files, and the cells that they are for.
        const CELLS: &[(&str, &str, &str)] = &[$((stringify!($file), $row, $column)),*];

        $(
            #[tokio::test]
            async fn $file() {
                run(stringify!($file)).await;
            }
        )*
    };
}

// The table of `zenvia.md` 6, row by row, and the two paragraphs of rules below it.
cells! {
    licenses_partner: "licenses", "Partner";
    licenses_account: "licenses", "Account";
    licenses_subscriptions_only: "licenses", "SubscriptionsOnly";
    agents_partner: "agents", "Partner";
    agents_account: "agents", "Account";
    agents_subscriptions_only: "agents", "SubscriptionsOnly";
    profiles_partner: "profiles", "Partner";
    profiles_account: "profiles", "Account";
    profiles_subscriptions_only: "profiles", "SubscriptionsOnly";
    departments_partner: "departments", "Partner";
    departments_account: "departments", "Account";
    departments_subscriptions_only: "departments", "SubscriptionsOnly";
    webhooks_partner: "webhooks", "Partner";
    webhooks_account: "webhooks", "Account";
    webhooks_subscriptions_only: "webhooks", "SubscriptionsOnly";
    rules_for_subscriptions: "rules", "subscriptions";
    rules_for_chat: "rules", "Chat";
}

async fn run(file: &str) {
    let scenarios: ScenarioFile = read(&format!("zenvia/{file}.yaml"));
    let mut differences = Vec::new();
    for case in &scenarios.cases {
        differences.extend(check::run(case).await);
    }
    assert!(differences.is_empty(), "{file}:\n{}", differences.join("\n"));
}

#[test]
fn every_cell_of_the_table_has_a_scenario_and_no_file_is_unused() {
    let wanted: BTreeSet<String> = CELLS.iter().map(|(file, ..)| format!("{file}.yaml")).collect();
    let files = std::fs::read_dir(folder().join("zenvia")).unwrap();
    let found: BTreeSet<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, wanted);
    for (file, row, column) in CELLS {
        let scenarios: ScenarioFile = read(&format!("zenvia/{file}.yaml"));
        let source = &scenarios.source;
        assert_eq!((source.row.as_str(), source.column.as_str()), (*row, *column), "{file}");
        assert_eq!((source.document.as_str(), source.section), ("zenvia.md", 6), "{file}");
        assert!(!source.says.is_empty() && !scenarios.cases.is_empty(), "{file} shows nothing");
        let names: BTreeSet<&str> = scenarios.cases.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), scenarios.cases.len(), "{file}: two cases of one name");
    }
}

#[test]
fn a_key_that_no_scenario_knows_is_an_error() {
    let text = std::fs::read_to_string(folder().join("zenvia/licenses_account.yaml")).unwrap();
    assert!(scenario::parse::<ScenarioFile>(&text).is_ok());
    for (known, misspelled) in
        [("cases:", "case:"), ("    expect:", "    expects:"), ("      conditions:", "      condition:")]
    {
        assert!(text.contains(known));
        let told = scenario::parse::<ScenarioFile>(&text.replacen(known, misspelled, 1)).err();
        assert!(told.is_some_and(|told| told.contains("unknown field")), "{misspelled}");
    }
}
