//! What the planner decides, one sentence for each decision.

mod agents;
mod builders;
mod holds;
mod lifecycle;
mod objects;
mod seats;
mod sentences;
