//! The commands of the documents, run as their readers would: against a real API server, the simulated helpdesk, the built
//! program and the real kubectl.
//!
//! A document is one session from top to bottom. A command that no session runs fails `checks.rs`, or stands in `table.rs`
//! with the reason. How to write a command into a document is in CONTRIBUTING.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[cfg(feature = "chart-checks")]
#[allow(dead_code, reason = "the tests of the chart use the rest")]
#[path = "../chart/mod.rs"]
mod chart;
mod checks;
#[path = "../shared/container.rs"]
mod container;
#[allow(dead_code, unused_imports, reason = "the acceptance tests use the rest")]
#[path = "../operator/harness/mod.rs"]
mod harness;
#[cfg(feature = "chart-checks")]
mod helm;
mod links;
mod outputs;
mod pages;
mod session;
mod setting;
mod shell;
mod stages;
mod steps;
mod table;
mod tasks;

use session::Session;
use stages::{a_cluster, a_repository, a_store, a_waiting_store, definitions};

/// A test for each session: what is there before it, and the documents that it follows.
macro_rules! sessions {
    ($($name:ident: $stage:ident, $($path:literal),+;)+) => {
        /// The documents that the sessions of this file follow.
        const FOLLOWED: &[&str] = &[$($($path),+),+];
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let mut session = Session::new().await;
                $stage(&mut session).await;
                $(session.follow($path).await;)+
            }
        )+
    };
}

sessions! {
    the_readme_leads_to_a_store_that_is_ready: a_cluster, "README.md";
    a_first_store_goes_live_as_the_guide_says: a_cluster, "docs/guides/first-store-on-zendesk.md";
    plans_and_imports_end_as_the_guide_says: a_repository, "docs/guides/plan-and-import.md";
    an_adapter_is_tried_as_the_guide_says: definitions, "docs/guides/another-platform.md";
    the_guides_for_operators_hold: a_waiting_store,
        "docs/guides/troubleshooting.md", "docs/guides/operating.md", "gitops/README.md";
    the_runbooks_hold: a_store,
        "docs/runbooks/HumanSupportStale.md",
        "docs/runbooks/HumanSupportDriftPersists.md",
        "docs/runbooks/HumanSupportSeatsNearlyExhausted.md",
        "docs/runbooks/HumanSupportProviderAuthFailing.md",
        "docs/runbooks/HumanSupportProviderErrorRatio.md",
        "docs/runbooks/HumanSupportProviderThrottled.md",
        "docs/runbooks/HumanSupportOperatorDown.md";
}

/// The runbooks of a store that waits for somebody: for an approval, then, deleted, for its credentials.
#[tokio::test(flavor = "multi_thread")]
async fn the_runbooks_of_a_store_that_waits_hold() {
    let mut session = Session::new().await;
    a_waiting_store(&mut session).await;
    session.follow(WAITING[0]).await;
    session.follow(WAITING[1]).await;
    stages::delete_without_credentials(&mut session).await;
    session.follow(WAITING[2]).await;
    assert_eq!(
        session.setting.desk.user("ana@loja.example")["suspended"],
        false,
        "what it left behind works on"
    );
}

/// The documents of the test above.
const WAITING: [&str; 3] = [
    "docs/runbooks/HumanSupportNotReady.md",
    "docs/runbooks/HumanSupportStalled.md",
    "docs/runbooks/HumanSupportDeletionBlocked.md",
];
