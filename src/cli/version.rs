//! `humansupport version`: what this binary is, and the version of the resources that it understands.

use serde_json::json;

use super::program::{Ending, Output};
use super::terminal::{self, PrintError, Surroundings};
use crate::api::{GROUP, VERSION};

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// Prints the versions.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(arguments: &Args, surroundings: Surroundings) -> Result<Ending, PrintError> {
    let version = env!("CARGO_PKG_VERSION");
    match arguments.output {
        Output::Text => {
            terminal::print(&format!("{} {version}\nresources {GROUP}/{VERSION}\n", surroundings.program))?;
        }
        Output::Json => {
            terminal::print_json(&json!({"version": version, "resources": format!("{GROUP}/{VERSION}")}))?;
        }
    }
    Ok(Ending::Well)
}
