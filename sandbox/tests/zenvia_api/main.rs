//! The Zenvia simulator over real HTTP, behavior by behavior.
#![allow(clippy::unwrap_used, reason = "test code throughout, its client included")]

mod access;
mod account_api;
mod agents;
mod command;
mod core;
mod deliveries;
mod departments;
mod desk;
mod licenses;
mod subscriptions;
