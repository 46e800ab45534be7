//! What must hold of the planner in every world, checked against the reference helpdesk.

mod bugs;
mod choices;
mod oracle;
mod properties;
mod run;
mod small_scope;
mod worlds;
