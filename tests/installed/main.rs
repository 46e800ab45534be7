//! The operator as people install it: the chart on a real API server, its roles, its upgrade and its end, and what
//! Argo CD, Flux and Prometheus say of what it writes.
//!
//! There is no kubelet here: the process that a pod would run is started with the Deployment's arguments, its
//! environment and a token of its ServiceAccount. Built with the feature `chart-checks`, because Helm and the other
//! tools come from source.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "the tests of the chart use the rest")]
#[path = "../chart/mod.rs"]
mod chart;
#[path = "../shared/container.rs"]
mod container;
#[allow(dead_code, unused_imports, reason = "the acceptance tests use the rest")]
#[path = "../operator/harness/mod.rs"]
mod harness;
mod helm_test;
mod metrics;
mod release;
mod rights_used;
mod states;
mod upgraded;
