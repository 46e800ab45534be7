//! What to try while the demo runs: where things are, and a few commands.
//!
//! Must not: run any of them.

use super::{Helpdesk, Hint};
use crate::control_plane::{ADMIN, Assets, ControlPlane, Program};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Prints the places and the commands to standard output. Builds kubectl where the machine has none.
pub(super) async fn print(
    plane: &ControlPlane,
    helpdesks: &[Box<dyn Helpdesk>],
    stores: &BTreeSet<String>,
) -> anyhow::Result<()> {
    let kubectl = match on_path("kubectl") {
        Some(path) => path,
        None => Assets::from_environment().locate(&[Program::Kubectl]).await?.remove(0),
    };
    let kubeconfig = plane.kubeconfig(ADMIN)?;
    let mut output = std::io::stdout().lock();
    writeln!(output, "\nkubeconfig  {}", kubeconfig.display())?;
    writeln!(output, "kubectl     {}", kubectl.display())?;
    writeln!(output, "logs        {}", plane.folder().display())?;
    for helpdesk in helpdesks {
        writeln!(output, "{:<11} http://{}", helpdesk.name(), helpdesk.address())?;
    }
    writeln!(output, "\nWorth trying in another terminal:")?;
    writeln!(output, "  export KUBECONFIG={}", kubeconfig.display())?;
    let mut hints = stores.iter().next().map(|store| store_hints(&kubectl, store)).unwrap_or_default();
    hints.extend(helpdesks.iter().flat_map(|helpdesk| helpdesk.hints()));
    for hint in hints {
        writeln!(output, "  # {}\n  {}", hint.what, hint.command)?;
    }
    writeln!(output)?;
    output.flush()?;
    Ok(())
}

fn store_hints(kubectl: &Path, store: &str) -> Vec<Hint> {
    let kubectl = kubectl.display();
    let (namespace, name) = store.split_once('/').unwrap_or(("default", store));
    let hint = |what: &str, arguments: &str| Hint {
        what: what.to_owned(),
        command: format!("{kubectl} -n {namespace} {arguments}"),
    };
    vec![
        hint("what the store says of itself", &format!("get hsc {name} -o wide")),
        hint(
            "rename an agent: exactly one call changes the helpdesk",
            &format!(
                "patch hsc {name} --field-manager=humansupport --type=json \
                 -p '[{{\"op\":\"replace\",\"path\":\"/spec/agents/0/displayName\",\"value\":\"Ana Maria Souza\"}}]'"
            ),
        ),
        hint(
            "suspend it: nothing is written any more",
            &format!(
                "patch hsc {name} --field-manager=humansupport --type=merge -p '{{\"spec\":{{\"suspend\":true}}}}'"
            ),
        ),
        hint(
            "and resume",
            &format!(
                "patch hsc {name} --field-manager=humansupport --type=merge -p '{{\"spec\":{{\"suspend\":false}}}}'"
            ),
        ),
        hint("every field explained", "explain hsc.spec"),
    ]
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}
