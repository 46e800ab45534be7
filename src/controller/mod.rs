//! How Kubernetes drives the operator.
//!
//! Must not: decide what changes in a helpdesk (`plan` does) or speak HTTP to one (`provider` does).

pub mod leader;
