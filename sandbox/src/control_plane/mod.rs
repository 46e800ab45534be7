//! A real control plane (etcd, kube-apiserver, on request kube-controller-manager) without a container engine.
//!
//! Why it exists: the rules of the resource types, server-side apply, watches, RBAC and the audit log are
//! the API server's own; a fake of them would agree with whatever the operator believes. Used by the demo
//! and by every test that needs an API server. Must not: know the operator, or listen beyond 127.0.0.1.
//!
//! One control plane per test binary is enough, and quick: the tests call [`shared`] and keep apart by
//! namespace and by name. A test that stops, empties or reconfigures a server starts its own with
//! [`ControlPlane::start`]. Clients belong to the runtime that made them, so that each test asks for its own
//! with [`ControlPlane::client`].

mod apply;
mod assets;
mod audit;
mod credentials;
mod gate;
mod kubeconfig;
mod options;
mod plane;
mod ports;
mod progress;
mod servers;

pub use apply::{apply, apply_folder, install_crds, parse_manifests, read_manifest_files, read_manifests};
pub use assets::{Assets, KUBERNETES_VERSION, PUBLISHED_INDEX, Program, workspace};
pub use audit::{AuditEvent, AuditLog, AuditObject, AuditStatus, AuditUser};
pub use gate::{Gate, GateAction, GateRule, Passage, PassageStage};
pub use options::{ADMIN, Auditing, Cleanup, Options, User};
pub use plane::ControlPlane;

use tokio::sync::OnceCell;

static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();

/// The control plane that the tests of one binary share: audited, without the controller manager, with the
/// user `operator` beside the admin. It ends with the process.
///
/// # Errors
/// As [`ControlPlane::start`].
pub async fn shared() -> anyhow::Result<&'static ControlPlane> {
    SHARED.get_or_try_init(|| ControlPlane::start(Options::new().user(User::new("operator")))).await
}

/// Makes ring the process's TLS provider; the first call wins, and all name the same one.
fn install_crypto() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
