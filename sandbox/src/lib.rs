//! Simulators of the helpdesks, the launcher of a real control plane, and the demo that joins them.
//!
//! Why it exists: a person sees the operator work, and its tests have a helpdesk and an API server, with
//! nothing but this repository. Must not: import anything of the operator; a wrong field name would then be
//! wrong on both sides and pass.

pub mod adapter;
pub mod cli;
pub mod control_plane;
pub mod demo;
pub mod process;
pub mod simulator;
pub mod zendesk;
pub mod zenvia;
