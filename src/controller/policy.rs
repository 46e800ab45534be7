//! From the spec, the account and the state of affairs to the planner's policy.
//!
//! Pure. It must not decide about a single change: it only says what the limits are.

use std::collections::{BTreeMap, BTreeSet};

use super::account::Account;
use super::pending;
use super::round::EntryProblem;
use crate::api::HumanSupportConfigSpec;
use crate::api::account::AdoptionLimit;
use crate::api::agents::Profile;
use crate::api::config::AdoptionKind;
use crate::api::policies as declared;
use crate::model::{
    Absence, AdoptionPolicy, Approval, Capabilities, DeletionPolicy, DepartmentKey, Drift, DriftPolicy,
    Email, ExternalId, Gate, History, Kind, Lifecycle, ObjectKey, Policy, Reason, RemovalGuard,
    RemovalPolicy, SeatBudget, WasInSync,
};

/// The state of affairs that a policy depends on.
#[derive(Clone, Debug)]
pub struct Affairs<'a> {
    /// Whether the store lives.
    pub lifecycle: Lifecycle,
    /// Whether a round was recorded before.
    pub history: History,
    /// Whether this generation was reached before.
    pub was_in_sync: WasInSync,
    /// Whether absence is proven.
    pub absence: Absence,
    /// What the helpdesk can do.
    pub capabilities: &'a Capabilities,
    /// What may not be written, from outside the planner.
    pub blocked: BTreeMap<ObjectKey, Reason>,
    /// Agents whose last day has passed.
    pub expired: BTreeSet<Email>,
    /// The digest that is approved for this round.
    pub approved: Option<String>,
}

/// Builds the policy of one round.
pub fn policy_of(spec: &HumanSupportConfigSpec, account: &Account, affairs: Affairs<'_>) -> Policy {
    Policy {
        lifecycle: affairs.lifecycle,
        removal: match spec.removal_policy {
            declared::RemovalPolicy::Deactivate => RemovalPolicy::Deactivate,
            declared::RemovalPolicy::Leave => RemovalPolicy::Leave,
            declared::RemovalPolicy::Delete => RemovalPolicy::Delete,
        },
        adoption: match (account.adoption(), spec.adoption_policy) {
            (AdoptionLimit::Never, _) => AdoptionPolicy::Forbidden,
            (AdoptionLimit::IfUnowned, declared::AdoptionPolicy::Never) => AdoptionPolicy::Never,
            (AdoptionLimit::IfUnowned, declared::AdoptionPolicy::IfUnowned) => AdoptionPolicy::IfUnowned,
        },
        adopt: named_for_adoption(spec),
        guard: RemovalGuard {
            min_count: positive(spec.removal_guard.min_count),
            max_percent: positive(spec.removal_guard.max_percent),
            max_count: positive(spec.removal_guard.max_count),
        },
        approval: match spec.approval {
            declared::Approval::Auto => Approval::Auto,
            declared::Approval::Manual => Approval::Manual,
        },
        approved: affairs.approved,
        history: affairs.history,
        gate: if affairs.lifecycle == Lifecycle::Living { pending::gate(spec) } else { Gate::Open },
        absence: affairs.absence,
        drift: DriftPolicy {
            agents: drift_of(spec.drift.agents),
            memberships: drift_of(spec.drift.memberships),
            departments: drift_of(spec.drift.departments),
            webhooks: drift_of(spec.drift.webhooks),
            was_in_sync: affairs.was_in_sync,
        },
        seats: SeatBudget {
            licenses: spec.licenses.as_ref().map(|licenses| positive(licenses.quantity)),
            per_store: account.limits.seats_per_store.map(positive),
            account: account.limits.seats.map(positive),
            plan: account.desk.most_agents().map(positive),
        },
        capabilities: affairs.capabilities.clone(),
        blocked: affairs.blocked,
        default_department: spec.default_department.as_ref().map(DepartmentKey::new),
        expired_agents: affairs.expired,
    }
}

/// The planner's word for a deletion policy.
pub fn deletion_of(policy: declared::DeletionPolicy) -> DeletionPolicy {
    match policy {
        declared::DeletionPolicy::Orphan => DeletionPolicy::Orphan,
        declared::DeletionPolicy::Deactivate => DeletionPolicy::Deactivate,
        declared::DeletionPolicy::Delete => DeletionPolicy::Delete,
    }
}

/// Remote objects that a person named for adoption and the account lets a store take over.
pub fn adoptable(spec: &HumanSupportConfigSpec, account: &Account) -> BTreeMap<ObjectKey, ExternalId> {
    match account.adoption() {
        AdoptionLimit::Never => BTreeMap::new(),
        AdoptionLimit::IfUnowned => named_for_adoption(spec),
    }
}

/// Remote objects that a person named for adoption, by the entry they become.
fn named_for_adoption(spec: &HumanSupportConfigSpec) -> BTreeMap<ObjectKey, ExternalId> {
    let key = |adoption: &crate::api::config::Adoption| {
        let kind = match adoption.kind {
            AdoptionKind::Department => Kind::Department,
            AdoptionKind::Agent => Kind::Agent,
            AdoptionKind::Webhook => Kind::Webhook,
            AdoptionKind::Trigger if adoption.name == "default" => Kind::RoutingRule,
            AdoptionKind::Trigger => Kind::EventRoute,
            AdoptionKind::TicketField => Kind::PhoneField,
            AdoptionKind::Schedule => Kind::OpeningHours,
        };
        ObjectKey::new(kind, &adoption.name)
    };
    spec.adopt.iter().map(|adoption| (key(adoption), ExternalId::new(&adoption.id))).collect()
}

/// What the account's limits refuse: profiles above its ceiling, webhook hosts it does not name, shared agents.
pub fn refused_by_limits(spec: &HumanSupportConfigSpec, account: &Account) -> Vec<EntryProblem> {
    let mut problems = Vec::new();
    for agent in &spec.agents {
        let object = ObjectKey::new(Kind::Agent, &agent.name);
        if !account.allows_profile(agent.profile) {
            let allowed = allowed_profiles(account);
            let message = format!(
                "the account allows the profiles {allowed}; choose one of them, or ask whoever runs the account to add `{:?}` to `limits.profiles`",
                agent.profile
            );
            problems.push(EntryProblem::blocking(object, (Reason::ProfileNotAllowed, message)));
        } else if agent.shared == Some(true) {
            let message = "agents that several stores share are not built yet; leave `shared` out and list the agent in one store".to_owned();
            problems.push(EntryProblem::blocking(object, (Reason::NotImplemented, message)));
        }
    }
    for webhook in &spec.webhooks {
        let host = host_of(&webhook.url);
        if !account.allows_webhook_host(&host) {
            let message = format!(
                "webhooks of this account may not call `{host}`; ask whoever runs the account to add it to `limits.webhookHosts`"
            );
            let object = ObjectKey::new(Kind::Webhook, &webhook.name);
            problems.push(EntryProblem::blocking(object, (Reason::AccountNotAllowed, message)));
        }
    }
    problems
}

/// The host of a URL, lower case; empty where it has none.
pub fn host_of(url: &str) -> String {
    url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_lowercase)).unwrap_or_default()
}

fn allowed_profiles(account: &Account) -> String {
    let profiles = account.limits.profiles.clone().unwrap_or_else(|| vec![Profile::Agent]);
    profiles.iter().map(|profile| format!("`{profile:?}`")).collect::<Vec<_>>().join(", ")
}

fn drift_of(policy: declared::DriftPolicy) -> Drift {
    match policy {
        declared::DriftPolicy::Correct => Drift::Correct,
        declared::DriftPolicy::Report => Drift::Report,
    }
}

fn positive(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
