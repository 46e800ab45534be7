//! Keeps a store's human-support structure in a helpdesk as one Kubernetes resource declares it.
//!
//! The line of one round: resolve → desired → observe → plan → apply → report. `ARCHITECTURE.md` has the picture.

pub mod api;
pub mod cli;
pub mod clock;
pub mod controller;
pub mod model;
pub mod plan;
pub mod provider;
pub mod telemetry;
