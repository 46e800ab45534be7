//! The policy table (`api.md`, Policies): what becomes of an object of ours that is not declared.
//!
//! Deleting and retiring are the same line with nothing declared; there is no second code path. It must not look at
//! single objects beyond their kind and how they became ours.

use crate::model::{DeletionPolicy, Kind, Lifecycle, Origin, Policy, RemovalPolicy, Support};

/// What becomes of an object of ours that is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Disposal {
    /// It stays as it is.
    Keep,
    /// Our mark is taken off.
    Release,
    /// It is switched off; an agent's access ends.
    SwitchOff,
    /// It is removed.
    Remove,
}

/// The entry of the policy table for an object of this kind and origin.
pub(super) fn disposal(policy: &Policy, kind: Kind, origin: Origin) -> Disposal {
    let wanted = match policy.lifecycle {
        Lifecycle::Living => entry_taken_out(policy.removal, kind, origin),
        Lifecycle::Retiring | Lifecycle::Deleting(DeletionPolicy::Delete) => removed_with_store(kind, origin),
        Lifecycle::Deleting(DeletionPolicy::Deactivate) => deactivated_with_store(policy, (kind, origin)),
        Lifecycle::Deleting(DeletionPolicy::Orphan) => match origin {
            Origin::Adopted => Disposal::Release,
            Origin::Created => Disposal::Keep,
        },
    };
    match (policy.capabilities.of(kind), wanted) {
        (Support::NoRemoval | Support::CreateAndUpdate, Disposal::Remove) if kind != Kind::OpeningHours => {
            Disposal::SwitchOff
        }
        (Support::WriteOnly, Disposal::Remove | Disposal::SwitchOff) => Disposal::Keep,
        (_, wanted) => wanted,
    }
}

/// What becomes of an object with the mark of an older object of ours: one is enough.
pub(super) fn duplicate(policy: &Policy, kind: Kind, origin: Origin) -> Disposal {
    if policy.lifecycle != Lifecycle::Living || kind == Kind::Agent {
        return disposal(policy, kind, origin);
    }
    match (origin, kind) {
        (Origin::Adopted, _) => Disposal::Release,
        (Origin::Created, Kind::License | Kind::Membership) => Disposal::Keep,
        (Origin::Created, Kind::PhoneField) => Disposal::SwitchOff,
        (Origin::Created, _) if policy.capabilities.of(kind) == Support::NoRemoval => Disposal::SwitchOff,
        (Origin::Created, _) => Disposal::Remove,
    }
}

fn entry_taken_out(removal: RemovalPolicy, kind: Kind, origin: Origin) -> Disposal {
    match (kind, origin) {
        (Kind::Agent, _) => match (removal, origin) {
            (RemovalPolicy::Leave, _) => Disposal::Release,
            (RemovalPolicy::Delete, Origin::Created) => Disposal::Remove,
            // A leaver must not keep access, but what people made is not deleted.
            (RemovalPolicy::Delete, Origin::Adopted) | (RemovalPolicy::Deactivate, _) => Disposal::SwitchOff,
        },
        // The values of a field are in customers' conversations.
        (Kind::PhoneField, _) => Disposal::SwitchOff,
        (Kind::Webhook | Kind::EventRoute | Kind::RoutingRule, Origin::Adopted) => Disposal::SwitchOff,
        (Kind::Department | Kind::OpeningHours, Origin::Adopted) => Disposal::Release,
        (Kind::License | Kind::Membership, _) => Disposal::Keep,
        (_, Origin::Created) => Disposal::Remove,
    }
}

fn removed_with_store(kind: Kind, origin: Origin) -> Disposal {
    match (kind, origin) {
        (Kind::License | Kind::Membership, _) => Disposal::Keep,
        (_, Origin::Adopted) => Disposal::Release,
        (Kind::PhoneField, Origin::Created) => Disposal::SwitchOff,
        (_, Origin::Created) => Disposal::Remove,
    }
}

fn deactivated_with_store(policy: &Policy, object: (Kind, Origin)) -> Disposal {
    match object {
        (Kind::License | Kind::Membership, _) => Disposal::Keep,
        (_, Origin::Adopted) => Disposal::Release,
        (Kind::OpeningHours, Origin::Created) => Disposal::Keep,
        // Only a helpdesk that cannot delete departments can switch them off.
        (Kind::Department, Origin::Created)
            if policy.capabilities.of(Kind::Department) != Support::NoRemoval =>
        {
            Disposal::Keep
        }
        (_, Origin::Created) => Disposal::SwitchOff,
    }
}
