//! The command `cargo sandbox`.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    sandbox::cli::main().await
}
