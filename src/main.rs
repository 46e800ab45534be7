//! The binary `humansupport`: see `cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    human_support_operator::cli::main()
}
