//! Keeps a store's human-support structure in a helpdesk as one Kubernetes resource declares it.
pub mod api;
pub mod cli;
