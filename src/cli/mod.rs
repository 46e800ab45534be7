//! The verbs of the command line.
//!
//! Why: each verb is one file that turns arguments into calls of the library.
//! Must not: hold logic that the operator needs too.

pub mod crd;
