//! The cases: each states something that every helpdesk must keep, and ends at rest (`World::settle`).

pub(crate) mod adoption;
pub(crate) mod creation;
pub(crate) mod drift;
pub(crate) mod edits;
pub(crate) mod lost_answers;
pub(crate) mod removal;
