//! The binary `humansupport`.
fn main() {}
