//! Worlds: a helpdesk with a history, a declaration and a policy.

use std::collections::{BTreeMap, BTreeSet};

use human_support_operator::model::*;
use human_support_operator::provider::memory::Desk;

/// A helpdesk, what a store declares, and what the store may do.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) desired: Desired,
    pub(crate) policy: Policy,
    pub(crate) stamp: Stamp,
}

impl std::fmt::Display for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Desired {
            licenses,
            phone_fields,
            departments,
            agents,
            memberships,
            webhooks,
            routes,
            routing,
            hours,
        } = &self.desired;
        writeln!(f, "declared: {licenses:?} {phone_fields:?} {routing:?} {hours:?}")?;
        departments.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        agents.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        memberships.values().try_for_each(|place| writeln!(f, "  {} {}", place.key, place.standing))?;
        webhooks.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        routes.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        writeln!(f, "there:")?;
        let desk = &self.desk;
        desk.licenses.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.phone_fields.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.departments.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.agents.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.accounts.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.memberships.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.webhooks.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.routes.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.routing.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        desk.hours.iter().try_for_each(|entry| writeln!(f, "  {entry:?}"))?;
        writeln!(f, "{:?}", self.policy)
    }
}

pub(crate) fn stamp() -> Stamp {
    Stamp {
        installation: Installation::parse("home").unwrap(),
        former_installations: BTreeSet::from([Installation::parse("former").unwrap()]),
        store: StoreId::new("ns", "store"),
        fence: Fence::parse("0123456789ab").unwrap(),
        take_over_from: BTreeSet::new(),
        bearer: None,
    }
}

pub(crate) fn policy() -> Policy {
    let correct = Drift::Correct;
    Policy {
        lifecycle: Lifecycle::Living,
        removal: RemovalPolicy::Deactivate,
        adoption: AdoptionPolicy::Never,
        adopt: BTreeMap::new(),
        guard: RemovalGuard { min_count: 3, max_percent: 30, max_count: 10 },
        approval: Approval::Auto,
        approved: None,
        history: History::Recorded,
        gate: Gate::Open,
        absence: Absence::Proven,
        drift: DriftPolicy {
            agents: correct,
            memberships: correct,
            departments: correct,
            webhooks: correct,
            was_in_sync: WasInSync::NotYet,
        },
        seats: SeatBudget::default(),
        capabilities: Capabilities {
            kinds: Kind::ALL.into_iter().map(|kind| (kind, Support::Managed)).collect(),
            access_after_removal: AccessAfterRemoval::SuspendThenDismiss,
            claimed: BTreeSet::new(),
        },
        blocked: BTreeMap::new(),
        default_department: None,
        expired_agents: BTreeSet::new(),
    }
}

/// Whose an object is, in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Created,
    Adopted,
    Nobody,
    OtherStore,
    OtherInstallation,
    FormerInstallation,
    Unknown,
}

impl Whose {
    /// The text in the place of the mark.
    pub(crate) fn mark(self, object: &ObjectKey) -> String {
        let mut stamp = stamp();
        match self {
            Whose::Created => stamp.line(object, Origin::Created, None),
            Whose::Adopted => stamp.line(object, Origin::Adopted, None),
            Whose::Nobody => String::new(),
            Whose::Unknown => "crm-4711".to_owned(),
            Whose::OtherStore => {
                stamp.store = StoreId::new("other", "shop");
                stamp.line(object, Origin::Created, None)
            }
            Whose::OtherInstallation => {
                stamp.installation = Installation::parse("elsewhere").unwrap();
                stamp.line(object, Origin::Created, None)
            }
            Whose::FormerInstallation => {
                stamp.installation = Installation::parse("former").unwrap();
                stamp.line(object, Origin::Created, None)
            }
        }
    }
}
