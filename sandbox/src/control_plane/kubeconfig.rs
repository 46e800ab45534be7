//! Kubeconfig files: how kubectl, the operator and the tests reach the API server as one user.
//!
//! Must not: hold more than one user per file, since a process under test must not find a second identity.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a kubeconfig says.
pub(super) struct Kubeconfig<'a> {
    /// The server's address.
    pub(super) server: &'a str,
    /// The certificates that its own is checked against, PEM.
    pub(super) authority: &'a [u8],
    /// The user's name.
    pub(super) user: &'a str,
    /// The user's token.
    pub(super) token: &'a str,
}

impl Kubeconfig<'_> {
    /// The file as YAML.
    pub(super) fn to_yaml(&self) -> String {
        let Self { server, authority, user, token } = self;
        let authority = STANDARD.encode(authority);
        format!(
            "apiVersion: v1\n\
             kind: Config\n\
             current-context: sandbox\n\
             contexts:\n\
             - name: sandbox\n  context: {{cluster: sandbox, user: \"{user}\", namespace: default}}\n\
             clusters:\n\
             - name: sandbox\n  cluster:\n    server: {server}\n    certificate-authority-data: {authority}\n\
             users:\n\
             - name: \"{user}\"\n  user: {{token: \"{token}\"}}\n"
        )
    }
}
