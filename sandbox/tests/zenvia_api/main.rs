//! The Zenvia simulator over real HTTP, behavior by behavior.

mod access;
mod account_api;
mod agents;
mod core;
mod deliveries;
mod departments;
mod desk;
mod licenses;
mod subscriptions;
