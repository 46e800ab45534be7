//! What each helpdesk has to declare. A helpdesk that declares less fails, whatever it does.
//!
//! Zendesk: `architecture.md` and `zendesk.md`; Zenvia: `zenvia.md`, section 6. A row is changed with its source.

use human_support_operator::model::{AccessAfterRemoval, Kind, Support};

use crate::world::World;

/// The capabilities of one helpdesk.
pub(crate) struct Table {
    /// Every kind, in the order of `Kind::ALL`.
    pub(crate) kinds: [(Kind, Support); 9],
    pub(crate) access: AccessAfterRemoval,
}

/// The reference helpdesk can do everything.
pub(crate) const MEMORY: Table = Table {
    kinds: [
        (Kind::License, Support::Managed),
        (Kind::PhoneField, Support::Managed),
        (Kind::Department, Support::Managed),
        (Kind::Agent, Support::Managed),
        (Kind::Membership, Support::Managed),
        (Kind::Webhook, Support::Managed),
        (Kind::EventRoute, Support::Managed),
        (Kind::RoutingRule, Support::Managed),
        (Kind::OpeningHours, Support::Managed),
    ],
    access: AccessAfterRemoval::SuspendThenDismiss,
};

/// Seats are bought by people; all else is Zendesk's own.
pub(crate) const ZENDESK: Table = Table {
    kinds: [
        (Kind::License, Support::BudgetOnly),
        (Kind::PhoneField, Support::Managed),
        (Kind::Department, Support::Managed),
        (Kind::Agent, Support::Managed),
        (Kind::Membership, Support::Managed),
        (Kind::Webhook, Support::Managed),
        (Kind::EventRoute, Support::Managed),
        (Kind::RoutingRule, Support::Managed),
        (Kind::OpeningHours, Support::Managed),
    ],
    access: AccessAfterRemoval::SuspendThenDismiss,
};

/// The reference adapter offers all that the contract knows, and ends access in one step.
pub(crate) const REFERENCE_ADAPTER: Table = Table {
    kinds: [
        (Kind::License, Support::Managed),
        (Kind::PhoneField, Support::Managed),
        (Kind::Department, Support::Managed),
        (Kind::Agent, Support::Managed),
        (Kind::Membership, Support::Managed),
        (Kind::Webhook, Support::Managed),
        (Kind::EventRoute, Support::Managed),
        (Kind::RoutingRule, Support::Managed),
        (Kind::OpeningHours, Support::Managed),
    ],
    access: AccessAfterRemoval::Dismiss,
};

/// Licenses are written and never shown; nobody and no department is deleted; conversations have no field, rule or
/// hours.
pub(crate) const ZENVIA_PARTNER: Table = Table {
    kinds: [
        (Kind::License, Support::WriteOnly),
        (Kind::PhoneField, Support::None),
        (Kind::Department, Support::NoRemoval),
        (Kind::Agent, Support::NoRemoval),
        (Kind::Membership, Support::Managed),
        (Kind::Webhook, Support::Managed),
        (Kind::EventRoute, Support::Managed),
        (Kind::RoutingRule, Support::None),
        (Kind::OpeningHours, Support::None),
    ],
    access: AccessAfterRemoval::Dismiss,
};

/// Agents are made and updated and cannot be deactivated; departments are compared only.
pub(crate) const ZENVIA_ACCOUNT: Table = Table {
    kinds: [
        (Kind::License, Support::BudgetOnly),
        (Kind::PhoneField, Support::None),
        (Kind::Department, Support::CompareOnly),
        (Kind::Agent, Support::CreateAndUpdate),
        (Kind::Membership, Support::CompareOnly),
        (Kind::Webhook, Support::Managed),
        (Kind::EventRoute, Support::Managed),
        (Kind::RoutingRule, Support::None),
        (Kind::OpeningHours, Support::None),
    ],
    access: AccessAfterRemoval::Dismiss,
};

/// Nothing but webhooks.
pub(crate) const ZENVIA_SUBSCRIPTIONS_ONLY: Table = Table {
    kinds: [
        (Kind::License, Support::None),
        (Kind::PhoneField, Support::None),
        (Kind::Department, Support::None),
        (Kind::Agent, Support::None),
        (Kind::Membership, Support::None),
        (Kind::Webhook, Support::Managed),
        (Kind::EventRoute, Support::Managed),
        (Kind::RoutingRule, Support::None),
        (Kind::OpeningHours, Support::None),
    ],
    access: AccessAfterRemoval::Dismiss,
};

pub(crate) fn assert_declared(world: &World, table: &Table) {
    let declared: Vec<_> = Kind::ALL.into_iter().map(|kind| (kind, world.capabilities().of(kind))).collect();
    assert_eq!(declared, table.kinds);
    assert_eq!(world.capabilities().access_after_removal, table.access);
}
