//! The policy of the tests of providers: nothing waits for anybody, and whoever changes something is corrected.
//!
//! Why it exists: every suite asks a provider the same questions under the same rules, and a new field of the policy is
//! decided once. Must not: know a provider.

use std::collections::{BTreeMap, BTreeSet};

use human_support_operator::model::{
    Absence, AdoptionPolicy, Approval, Capabilities, Drift, DriftPolicy, Gate, History, Lifecycle, Policy,
    RemovalGuard, RemovalPolicy, SeatBudget, WasInSync,
};

/// A policy under which nothing waits for anybody.
pub(crate) fn nothing_waits(capabilities: &Capabilities) -> Policy {
    let drift = Drift::Correct;
    Policy {
        lifecycle: Lifecycle::Living,
        removal: RemovalPolicy::Deactivate,
        adoption: AdoptionPolicy::Never,
        adopt: BTreeMap::new(),
        guard: RemovalGuard { min_count: 100, max_percent: 100, max_count: 1000 },
        approval: Approval::Auto,
        approved: None,
        history: History::Recorded,
        gate: Gate::Open,
        absence: Absence::Proven,
        drift: DriftPolicy {
            agents: drift,
            memberships: drift,
            departments: drift,
            webhooks: drift,
            was_in_sync: WasInSync::Before,
        },
        seats: SeatBudget::default(),
        capabilities: capabilities.clone(),
        blocked: BTreeMap::new(),
        default_department: None,
        expired_agents: BTreeSet::new(),
    }
}
