//! `humansupport completion`: the script that completes the command in a shell.
//!
//! Must not: write anywhere but to standard output; where a script belongs differs from shell to shell.

use clap_complete::Shell;

use super::program::{Ending, Program};
use super::terminal::{self, PrintError};

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(arguments: &Args, mut command: clap::Command, program: Program) -> Result<Ending, PrintError> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, program.file(), &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(Ending::Well)
}
