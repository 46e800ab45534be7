//! That the pinned version is the one the Go module builds.

use super::{KUBERNETES_VERSION, workspace};

#[test]
fn pinned_version_is_the_one_in_the_go_module() {
    let module = std::fs::read_to_string(workspace().join("sandbox/control-plane/go.mod")).unwrap();
    assert!(module.lines().any(|line| line.trim() == format!("k8s.io/kubernetes {KUBERNETES_VERSION}")));
}
