//! The guide for Helm, and what the chart tells whoever has installed it.
//!
//! Built with the feature `chart-checks`, because Helm comes from source. `helm test` needs a kubelet and is not run.

use std::fs;
use std::os::unix::fs::symlink;

use crate::chart::tools;
use crate::checks::HELM;
use crate::session::Session;

/// The example that the notes name, by its name there.
const EXAMPLE: &str = "store-minimal.yaml";

#[tokio::test(flavor = "multi_thread")]
async fn helm_installs_upgrades_and_uninstalls_as_the_guide_says() {
    let mut session = Session::new().await;
    symlink(tools::program("helm"), session.setting.programs().join("helm")).unwrap();
    session.follow_section(HELM, "Install").await;
    follow_notes(&mut session).await;
    session.follow_section(HELM, "Upgrade").await;
    session.follow_section(HELM, "Uninstall").await;
}

async fn follow_notes(session: &mut Session) {
    let notes =
        session.run("helm get notes human-support-operator --namespace humansupport-system").await.out;
    let example = fs::read_to_string(crate::pages::repository("examples").join(EXAMPLE)).unwrap();
    session.save(EXAMPLE, &example);
    session.run("kubectl create namespace store-padaria").await;
    let is_run = |line: &&str| line.starts_with("kubectl ");
    let commands: Vec<&str> =
        notes.lines().filter_map(|line| line.strip_prefix("  ")).filter(is_run).collect();
    assert_eq!(commands.len(), 3, "{notes}");
    for command in commands {
        session.run(command).await;
    }
}
