//! Acceptance tests: the built operator against a real API server and the simulators, over HTTP.
//!
//! What is shown here is what people see: the helpdesk's own state and ledger, the API server's audit log, the
//! status. The file of a test is named after the promise it holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod adoption;
mod canary;
mod crashes;
mod edits;
mod example_goes_live;
mod harness;
mod identity;
mod imported;
mod live;
mod moves;
mod plan_then_run;
mod protected_people;
mod refused_by_a_condition;
mod refused_by_the_api_server;
mod replicas;
mod second_round;
mod zenvia_accounts;
mod zenvia_canary;
mod zenvia_example;
mod zenvia_large;
mod zenvia_refusals;
