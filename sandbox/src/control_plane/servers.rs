//! The command lines of etcd, kube-apiserver and kube-controller-manager.
//!
//! Why it exists: every flag that the launcher relies on stands in one place. Must not: start a process.

use super::options::Auditing;
use crate::process::Launch;
use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};

/// Secrets are never logged with their content; what the API server tells itself is noise.
const AUDIT_RULES: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: [\"system:apiserver\"]
- level: Metadata
  verbs: [create, update, patch, delete, deletecollection]
  resources: [{group: \"\", resources: [secrets]}, {group: authentication.k8s.io}]
- level: Request
  verbs: [create, update, patch, delete, deletecollection]
";

/// The files and addresses of one control plane.
#[derive(Debug)]
pub(super) struct Layout {
    /// The folder of everything below.
    pub(super) root: PathBuf,
    /// etcd's port for clients.
    pub(super) etcd_port: u16,
    /// etcd's port for its peers, of which there are none.
    pub(super) peer_port: u16,
    /// kube-apiserver's port.
    pub(super) api_port: u16,
}

impl Layout {
    /// etcd's data.
    pub(super) fn etcd_data(&self) -> PathBuf {
        self.root.join("etcd")
    }

    /// The API server's certificate, which is followed by the one that signed it.
    pub(super) fn certificate(&self) -> PathBuf {
        self.root.join("certificates/apiserver.crt")
    }

    /// The token file.
    pub(super) fn tokens(&self) -> PathBuf {
        self.root.join("tokens.csv")
    }

    /// The audit log.
    pub(super) fn audit_log(&self) -> PathBuf {
        self.root.join("audit.log")
    }

    /// The API server's address.
    pub(super) fn address(&self) -> String {
        format!("https://127.0.0.1:{}", self.api_port)
    }

    fn path(&self, name: &str) -> String {
        self.root.join(name).display().to_string()
    }

    /// etcd without fsync: its data need not survive the machine.
    pub(super) fn etcd(&self, program: &Path) -> Launch {
        let client = format!("http://127.0.0.1:{}", self.etcd_port);
        let peer = format!("http://127.0.0.1:{}", self.peer_port);
        Launch::new(program, self.root.join("etcd.log"))
            .arg("--name=sandbox")
            .arg(format!("--data-dir={}", self.etcd_data().display()))
            .arg(format!("--listen-client-urls={client}"))
            .arg(format!("--advertise-client-urls={client}"))
            .arg(format!("--listen-peer-urls={peer}"))
            .arg(format!("--initial-advertise-peer-urls={peer}"))
            .arg(format!("--initial-cluster=sandbox={peer}"))
            .args(["--unsafe-no-fsync", "--log-level=warn"])
            // Room for the load tests; the default of 2 GiB counts history.
            .args(["--quota-backend-bytes=8589934592", "--snapshot-count=10000"])
    }

    /// kube-apiserver with RBAC, users from the token file and a certificate that it makes itself.
    pub(super) fn api_server(&self, program: &Path, auditing: Auditing, extra: &[String]) -> Launch {
        let launch = Launch::new(program, self.root.join("kube-apiserver.log"))
            .arg(format!("--etcd-servers=http://127.0.0.1:{}", self.etcd_port))
            .args(["--bind-address=127.0.0.1", "--advertise-address=127.0.0.1"])
            .arg(format!("--secure-port={}", self.api_port))
            .arg(format!("--cert-dir={}", self.path("certificates")))
            .arg(format!("--service-account-key-file={}", self.path("service-account.pub")))
            .arg(format!("--service-account-signing-key-file={}", self.path("service-account.key")))
            .arg("--service-account-issuer=https://kubernetes.default.svc")
            .arg(format!("--token-auth-file={}", self.tokens().display()))
            .args(["--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24"])
            // Nobody makes the `default` ServiceAccounts that this plug-in asks for, and no pod runs.
            .arg("--disable-admission-plugins=ServiceAccount");
        let launch = match auditing {
            Auditing::Off => launch,
            Auditing::On => launch
                .arg(format!("--audit-policy-file={}", self.path("audit-policy.yaml")))
                .arg(format!("--audit-log-path={}", self.audit_log().display()))
                // One file, never rotated: the reader keeps a position in it.
                .args(["--audit-log-maxsize=100000", "--audit-log-mode=blocking"]),
        };
        launch.args(extra.iter().cloned())
    }

    /// kube-controller-manager with the three controllers that clean up or complete roles.
    pub(super) fn controller_manager(&self, program: &Path, kubeconfig: &Path) -> Launch {
        let kubeconfig = kubeconfig.display();
        Launch::new(program, self.root.join("kube-controller-manager.log"))
            .arg(format!("--kubeconfig={kubeconfig}"))
            .arg(format!("--authentication-kubeconfig={kubeconfig}"))
            .arg(format!("--authorization-kubeconfig={kubeconfig}"))
            .arg("--controllers=namespace-controller,garbage-collector-controller,clusterrole-aggregation-controller")
            .args(["--leader-elect=false", "--secure-port=0", "--use-service-account-credentials=false"])
            .args(["--kube-api-qps=200", "--kube-api-burst=400"])
    }

    /// Writes the audit policy: writes of everybody with their body, reads of the named users.
    pub(super) fn write_audit_policy<'a>(
        &self,
        readers: impl Iterator<Item = &'a str>,
    ) -> anyhow::Result<()> {
        let names: Vec<String> = readers.map(|name| format!("\"{name}\"")).collect();
        let reads = if names.is_empty() {
            String::new()
        } else {
            format!("- level: Metadata\n  users: [{}]\n", names.join(", "))
        };
        let policy = format!("{AUDIT_RULES}{reads}- level: None\n");
        fs::write(self.root.join("audit-policy.yaml"), policy).context("the audit policy cannot be written")
    }
}
