//! What a control plane is started with.
//!
//! Why it exists: users and their tokens, the audit log and extra flags are fixed when an API server starts.
//! Must not: start anything.

use super::assets::Assets;
use std::path::PathBuf;

/// The name of the user that may do everything.
pub const ADMIN: &str = "admin";

/// Whether the API server writes an audit log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auditing {
    /// Every write of anybody, and every read of the named users.
    On,
    /// None: quicker under load.
    Off,
}

/// Whether somebody cleans up by owner references and empties deleted namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleanup {
    /// kube-controller-manager runs beside the API server.
    ControllerManager,
    /// Nobody: a deleted namespace stays `Terminating`.
    None,
}

/// A user that gets a token; rights come from the RBAC objects that the caller applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user name as the API server sees it.
    pub name: String,
    /// Its groups beside `system:authenticated`.
    pub groups: Vec<String>,
}

impl User {
    /// A user without groups.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), groups: Vec::new() }
    }

    /// A ServiceAccount, with the name and groups that its own token would carry.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self {
            name: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
        }
    }

    /// Adds a group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.groups.push(group.into());
        self
    }
}

/// Options of [`super::ControlPlane::start`].
#[derive(Debug, Clone)]
pub struct Options {
    /// Users beside the admin.
    pub users: Vec<User>,
    /// The audit log.
    pub auditing: Auditing,
    /// The controller manager.
    pub cleanup: Cleanup,
    /// A folder to keep state, logs and kubeconfigs in; temporary without it.
    pub keep: Option<PathBuf>,
    /// Flags of kube-apiserver beside or instead of the launcher's own (the last one wins).
    pub api_server_flags: Vec<String>,
    /// Where the programs come from.
    pub assets: Assets,
}

impl Options {
    /// Audited, temporary, no other user, no controller manager, programs as the environment says.
    pub fn new() -> Self {
        Self {
            users: Vec::new(),
            auditing: Auditing::On,
            cleanup: Cleanup::None,
            keep: None,
            api_server_flags: Vec::new(),
            assets: Assets::from_environment(),
        }
    }

    /// Adds a user.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Sets the audit log.
    #[must_use]
    pub fn auditing(mut self, auditing: Auditing) -> Self {
        self.auditing = auditing;
        self
    }

    /// Sets the controller manager.
    #[must_use]
    pub fn cleanup(mut self, cleanup: Cleanup) -> Self {
        self.cleanup = cleanup;
        self
    }

    /// Keeps everything in a folder.
    #[must_use]
    pub fn keep(mut self, folder: impl Into<PathBuf>) -> Self {
        self.keep = Some(folder.into());
        self
    }

    /// Adds a flag of kube-apiserver.
    #[must_use]
    pub fn api_server_flag(mut self, flag: impl Into<String>) -> Self {
        self.api_server_flags.push(flag.into());
        self
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
