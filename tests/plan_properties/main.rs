//! What must hold of the planner in every world, checked against the reference helpdesk.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "all of this is test code: it fails loudly and prints what the worlds contain"
)]

mod at_rest;
mod bugs;
mod channels;
mod choices;
mod make;
mod oracle;
mod policies;
mod properties;
mod run;
mod scope;
mod small_scope;
mod worlds;
