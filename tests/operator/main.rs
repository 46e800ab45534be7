//! Acceptance tests: the built operator against a real API server and the simulators, over HTTP.
//!
//! What is shown here is what people see: the helpdesk's own state and ledger, the API server's audit log, the
//! status. The file of a test is named after the promise it holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod adapter;
mod adapter_killed;
mod adapter_reached;
mod adoption;
mod api_server_faults;
mod approvals;
mod at_rest;
mod bursts;
mod canary;
mod comebacks;
mod crash_loop;
mod crashes;
mod crashes_in_jobs;
mod crashes_under_switches;
mod edits;
mod events;
mod example_goes_live;
mod forged_claims;
mod handover;
mod harness;
mod helpdesk_down;
mod hostile_author;
mod hours;
mod identity;
mod imported;
mod leavers;
mod limits_of_accounts;
mod live;
mod many_stores;
mod measures;
mod modes;
mod moves;
mod moves_between_accounts;
mod newer_version;
mod notes;
mod plan_then_run;
mod poor_surroundings;
mod protected_people;
mod refused_by_a_condition;
mod refused_by_the_api_server;
mod replicas;
mod rights;
mod second_round;
mod status_size;
mod steps;
mod training;
mod two_clusters;
mod wall_clock;
mod zenvia_accounts;
mod zenvia_canary;
mod zenvia_example;
mod zenvia_imported;
mod zenvia_large;
mod zenvia_refusals;
