//! One view of both kinds of account, with what applies where the spec says nothing.
//!
//! Why: the two kinds differ in where Secrets are read and who is admitted, and in nothing else; code that decides
//! should not be written twice.
//! Must not: copy or change a spec.

use super::account::{
    AdoptionLimit, AgentDeletion, ClusterHelpdeskAccountSpec, External, HelpdeskAccountSpec, Limits, Zendesk,
    Zenvia,
};
use super::agents::Profile;
use super::config_status::Platform;
use super::namespaces::NamespaceSelector;
use super::webhooks::SecretRef;

/// Whom an account serves, and where its Secrets are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountScope {
    /// The stores of its own namespace; Secrets are read there.
    Namespace,
    /// The stores of the namespaces that it admits; Secrets are read in the operator's namespace.
    Cluster,
}

/// The spec of an account of either kind.
#[derive(Clone, Copy, Debug)]
pub struct AccountView<'a> {
    pub(super) scope: AccountScope,
    /// The Zendesk account, if it is one.
    pub zendesk: Option<&'a Zendesk>,
    /// The Zenvia account, if it is one.
    pub zenvia: Option<&'a Zenvia>,
    /// The adapter, if it is one.
    pub external: Option<&'a External>,
    /// The Secret with the credentials.
    pub credentials_secret_ref: &'a SecretRef,
    /// What the account allows, as written.
    pub limits: Option<&'a Limits>,
    /// The namespaces that are admitted. Always `None` for a namespaced account.
    pub allowed_namespaces: Option<&'a NamespaceSelector>,
    /// The template for the names of departments.
    pub department_name: Option<&'a str>,
    /// The clusters whose objects may be taken over.
    pub take_over_from: &'a [String],
    /// Whether all work is stopped.
    pub suspend: bool,
}

impl<'a> From<&'a HelpdeskAccountSpec> for AccountView<'a> {
    fn from(spec: &'a HelpdeskAccountSpec) -> Self {
        let HelpdeskAccountSpec {
            zendesk,
            zenvia,
            external,
            credentials_secret_ref,
            limits,
            department_name,
            take_over_from,
            suspend,
        } = spec;
        Self {
            scope: AccountScope::Namespace,
            zendesk: zendesk.as_ref(),
            zenvia: zenvia.as_ref(),
            external: external.as_ref(),
            credentials_secret_ref,
            limits: limits.as_ref(),
            allowed_namespaces: None,
            department_name: department_name.as_deref(),
            take_over_from,
            suspend: *suspend,
        }
    }
}

impl<'a> From<&'a ClusterHelpdeskAccountSpec> for AccountView<'a> {
    fn from(spec: &'a ClusterHelpdeskAccountSpec) -> Self {
        let ClusterHelpdeskAccountSpec {
            zendesk,
            zenvia,
            external,
            credentials_secret_ref,
            limits,
            allowed_namespaces,
            department_name,
            take_over_from,
            suspend,
        } = spec;
        Self {
            scope: AccountScope::Cluster,
            zendesk: zendesk.as_ref(),
            zenvia: zenvia.as_ref(),
            external: external.as_ref(),
            credentials_secret_ref,
            limits: limits.as_ref(),
            allowed_namespaces: allowed_namespaces.as_ref(),
            department_name: department_name.as_deref(),
            take_over_from,
            suspend: *suspend,
        }
    }
}

impl<'a> AccountView<'a> {
    /// Whom the account serves.
    pub fn scope(&self) -> AccountScope {
        self.scope
    }

    /// The platform, or `None` for a spec that names none or several, which `validate_account` reports.
    pub fn platform(&self) -> Option<Platform> {
        match (self.zendesk, self.zenvia, self.external) {
            (Some(_), None, None) => Some(Platform::Zendesk),
            (None, Some(_), None) => Some(Platform::Zenvia),
            (None, None, Some(_)) => Some(Platform::External),
            _ => None,
        }
    }

    /// The profiles that stores may give; Agent alone where the account says nothing.
    pub fn profiles(&self) -> &'a [Profile] {
        self.limits.and_then(|limits| limits.profiles.as_deref()).unwrap_or(&[Profile::Agent])
    }

    /// The hosts that webhooks may call; none where the account says nothing.
    pub fn webhook_hosts(&self) -> &'a [String] {
        self.limits.map_or(&[], |limits| &limits.webhook_hosts)
    }

    /// Whether stores may adopt; where the account says nothing, the namespaced kind lets the store decide and the
    /// cluster kind does not.
    pub fn adoption(&self) -> AdoptionLimit {
        let default = match self.scope {
            AccountScope::Namespace => AdoptionLimit::IfUnowned,
            AccountScope::Cluster => AdoptionLimit::Never,
        };
        self.limits.and_then(|limits| limits.adoption).unwrap_or(default)
    }

    /// Whether Zenvia agents may be deleted for good; no where the account says nothing.
    pub fn agent_deletion(&self) -> AgentDeletion {
        self.limits.and_then(|limits| limits.agent_deletion).unwrap_or(AgentDeletion::Never)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespaced(limits: Option<Limits>) -> HelpdeskAccountSpec {
        HelpdeskAccountSpec {
            zendesk: None,
            zenvia: None,
            external: None,
            credentials_secret_ref: SecretRef { name: "credentials".into() },
            limits,
            department_name: None,
            take_over_from: Vec::new(),
            suspend: false,
        }
    }

    fn cluster(limits: Option<Limits>) -> ClusterHelpdeskAccountSpec {
        ClusterHelpdeskAccountSpec {
            zendesk: None,
            zenvia: None,
            external: None,
            credentials_secret_ref: SecretRef { name: "credentials".into() },
            limits,
            allowed_namespaces: None,
            department_name: None,
            take_over_from: Vec::new(),
            suspend: false,
        }
    }

    #[test]
    fn absent_limits_allow_agents_only_and_no_webhook_host_and_no_deletion() {
        let spec = namespaced(None);
        let view = AccountView::from(&spec);
        assert_eq!(view.profiles(), [Profile::Agent]);
        assert!(view.webhook_hosts().is_empty());
        assert_eq!(view.agent_deletion(), AgentDeletion::Never);
    }

    #[test]
    fn adoption_is_off_by_default_for_the_cluster_kind_only() {
        for limits in [None, Some(Limits::default())] {
            assert_eq!(AccountView::from(&namespaced(limits.clone())).adoption(), AdoptionLimit::IfUnowned);
            assert_eq!(AccountView::from(&cluster(limits)).adoption(), AdoptionLimit::Never);
        }
        let limits = Limits { adoption: Some(AdoptionLimit::IfUnowned), ..Limits::default() };
        assert_eq!(AccountView::from(&cluster(Some(limits))).adoption(), AdoptionLimit::IfUnowned);
    }
}
