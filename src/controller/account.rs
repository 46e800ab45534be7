//! One view of the two account kinds, so that nothing after this file asks which of them a store names.
//!
//! It must not read a Secret, and holds no credential.

use std::fmt;

use kube::api::ObjectMeta;

use crate::api::account::{AdoptionLimit, External, Limits, Zendesk, Zenvia, ZenviaPlan};
use crate::api::agents::Profile;
use crate::api::config::{AccountKind, AccountRef};
use crate::api::config_status::Platform;
use crate::api::namespaces::NamespaceSelector;
use crate::api::{AccountScope, AccountView, ClusterHelpdeskAccount, HelpdeskAccount};

/// Names one account resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId {
    /// Which kind.
    pub kind: AccountKind,
    /// The namespace; empty for the cluster kind.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl AccountId {
    /// The account a store of `namespace` names.
    pub fn of(reference: &AccountRef, namespace: &str) -> Self {
        let namespace = match reference.kind {
            AccountKind::HelpdeskAccount => namespace.to_owned(),
            AccountKind::ClusterHelpdeskAccount => String::new(),
        };
        Self { kind: reference.kind, namespace, name: reference.name.clone() }
    }

    /// Kind and name, as in `status.bindings`.
    pub fn binding_name(&self) -> String {
        format!("{:?}/{}", self.kind, self.name)
    }

    /// The account that a binding of a store of `namespace` names.
    pub fn from_binding_name(text: &str, namespace: &str) -> Option<Self> {
        let (kind, name) = text.split_once('/')?;
        let kind = match kind {
            "HelpdeskAccount" => AccountKind::HelpdeskAccount,
            "ClusterHelpdeskAccount" => AccountKind::ClusterHelpdeskAccount,
            _ => return None,
        };
        Some(Self::of(&AccountRef { kind, name: name.to_owned() }, namespace))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.binding_name())
    }
}

/// Where an account's helpdesk is.
#[derive(Clone, Debug, PartialEq)]
pub enum Desk {
    /// A Zendesk account.
    Zendesk(Zendesk),
    /// A Zenvia Chat account.
    Zenvia(Zenvia),
    /// Another platform behind an adapter.
    External(External),
}

impl Desk {
    /// The product.
    pub fn platform(&self) -> Platform {
        match self {
            Desk::Zendesk(_) => Platform::Zendesk,
            Desk::Zenvia(_) => Platform::Zenvia,
            Desk::External(_) => Platform::External,
        }
    }

    /// The most agents that the vendor's plan allows; `None`: unlimited, or not declared.
    pub fn most_agents(&self) -> Option<i32> {
        match self {
            Desk::Zenvia(zenvia) if zenvia.plan == ZenviaPlan::Other => zenvia.max_agents,
            Desk::Zenvia(_) | Desk::Zendesk(_) | Desk::External(_) => None,
        }
    }

    /// Whether one store has the whole account: license quantity and subscriptions belong to a Zenvia Chat account.
    pub fn serves(&self) -> Serves {
        match self {
            Desk::Zenvia(_) => Serves::OneStore,
            Desk::Zendesk(_) | Desk::External(_) => Serves::ManyStores,
        }
    }
}

/// How many stores an account of a vendor serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serves {
    /// One has all of it.
    OneStore,
    /// Several share it.
    ManyStores,
}

/// An account, whichever kind declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Which resource.
    pub id: AccountId,
    /// The resource's uid.
    pub uid: String,
    /// The resource's generation.
    pub generation: i64,
    /// Where the helpdesk is.
    pub desk: Desk,
    /// The Secret with the credentials.
    pub secret_name: String,
    /// What stores may ask.
    pub limits: Limits,
    /// Namespaces a cluster account admits; `None` admits none.
    pub allowed_namespaces: Option<NamespaceSelector>,
    /// The template for department names.
    pub department_name: Option<String>,
    /// Other clusters whose objects may be taken over.
    pub take_over_from: Vec<String>,
    /// Whether all work on the account is stopped.
    pub suspend: bool,
}

impl Account {
    /// Reads a namespaced account; `None` where it names no platform (the API server refuses that).
    pub fn from_namespaced(account: &HelpdeskAccount) -> Option<Self> {
        Self::read(AccountView::from(&account.spec), &account.metadata)
    }

    /// Reads a cluster account; `None` where it names no platform.
    pub fn from_cluster(account: &ClusterHelpdeskAccount) -> Option<Self> {
        Self::read(AccountView::from(&account.spec), &account.metadata)
    }

    fn read(spec: AccountView<'_>, metadata: &ObjectMeta) -> Option<Self> {
        let (kind, namespace) = match spec.scope() {
            AccountScope::Namespace => (AccountKind::HelpdeskAccount, metadata.namespace.clone()),
            AccountScope::Cluster => (AccountKind::ClusterHelpdeskAccount, None),
        };
        Some(Self {
            id: AccountId {
                kind,
                namespace: namespace.unwrap_or_default(),
                name: metadata.name.clone().unwrap_or_default(),
            },
            uid: metadata.uid.clone().unwrap_or_default(),
            generation: metadata.generation.unwrap_or_default(),
            desk: desk_of(spec)?,
            secret_name: spec.credentials_secret_ref.name.clone(),
            limits: spec.limits.cloned().unwrap_or_default(),
            allowed_namespaces: spec.allowed_namespaces.cloned(),
            department_name: spec.department_name.map(str::to_owned),
            take_over_from: spec.take_over_from.to_vec(),
            suspend: spec.suspend,
        })
    }

    /// The namespace whose Secrets the account may name: its own, or the operator's for the cluster kind.
    pub fn secret_namespace<'a>(&'a self, operator_namespace: &'a str) -> &'a str {
        match self.id.kind {
            AccountKind::HelpdeskAccount => &self.id.namespace,
            AccountKind::ClusterHelpdeskAccount => operator_namespace,
        }
    }

    /// How many requests a minute may be sent, where the account says.
    pub fn requests_per_minute(&self) -> Option<u32> {
        self.limits.requests_per_minute.and_then(|rate| u32::try_from(rate).ok())
    }

    /// Whether stores of the account may take existing objects over (`api.md`: forbidden is the cluster kind's default).
    pub fn adoption(&self) -> AdoptionLimit {
        self.limits.adoption.unwrap_or(match self.id.kind {
            AccountKind::HelpdeskAccount => AdoptionLimit::IfUnowned,
            AccountKind::ClusterHelpdeskAccount => AdoptionLimit::Never,
        })
    }

    /// Whether stores of the account may give a profile; by default they may give Agent only.
    pub fn allows_profile(&self, profile: Profile) -> bool {
        match &self.limits.profiles {
            Some(profiles) => profiles.contains(&profile),
            None => profile == Profile::Agent,
        }
    }

    /// Whether webhooks may call a host; by default they may call none.
    pub fn allows_webhook_host(&self, host: &str) -> bool {
        self.limits.webhook_hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

fn desk_of(spec: AccountView<'_>) -> Option<Desk> {
    let zendesk = spec.zendesk.map(|zendesk| Desk::Zendesk(zendesk.clone()));
    let zenvia = || spec.zenvia.map(|zenvia| Desk::Zenvia(zenvia.clone()));
    let external = || spec.external.map(|external| Desk::External(external.clone()));
    zendesk.or_else(zenvia).or_else(external)
}
