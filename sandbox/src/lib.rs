//! Simulators of the helpdesks and the launcher of a real control plane. Imports nothing of the operator.

pub mod cli;
pub mod simulator;
pub mod zendesk;
pub mod zenvia;
