//! `control-plane`: the API server alone, for trying manifests and for the tests of the launcher.
//!
//! Must not: install anything in it.

use crate::control_plane::{ADMIN, Cleanup, ControlPlane, Options, User};
use clap::Args;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// How the control plane is started.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Keep state, logs and kubeconfigs in this folder; a temporary one without it
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// A user beside admin that gets a kubeconfig; may be repeated
    #[arg(long = "user", value_name = "NAME")]
    users: Vec<String>,
    /// Run kube-controller-manager too (built at its first use)
    #[arg(long)]
    controller_manager: bool,
}

/// Starts it, prints the address, the folder and the kubeconfigs, and waits for Ctrl-C.
pub(super) async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let mut options = Options::new();
    options.keep = arguments.keep;
    options.users = arguments.users.iter().map(User::new).collect();
    if arguments.controller_manager {
        options.cleanup = Cleanup::ControllerManager;
    }
    let plane = ControlPlane::start(options).await?;
    let mut output = std::io::stdout();
    writeln!(output, "address {}", plane.address())?;
    writeln!(output, "folder {}", plane.folder().display())?;
    for user in arguments.users.iter().map(String::as_str).chain([ADMIN]) {
        writeln!(output, "kubeconfig {}", plane.kubeconfig(user)?.display())?;
    }
    output.flush()?;
    tokio::signal::ctrl_c().await?;
    Ok(ExitCode::SUCCESS)
}
