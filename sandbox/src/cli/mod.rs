//! The subcommands of `cargo sandbox`, one file each.

pub mod zendesk;
pub mod zenvia;
