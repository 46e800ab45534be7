//! The command `cargo sandbox`.
fn main() {}
