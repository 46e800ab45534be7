//! What the planner must know of single kinds, so that one diff serves all of them.
//!
//! A new kind is one more implementation here. It must not read a policy: only facts about objects.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{
    Access, Agent, Department, EventRoute, ExternalId, Kind, License, Membership, Observed, OpeningHours,
    Owner, PhoneField, Profile, Protection, Reason, Remote, Resource, RoutingRule, Webhook,
};

use super::draft::Hold;

/// How an object was chosen for adoption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// A person named its id.
    Named,
    /// It looks exactly like what is declared.
    Matched,
}

/// A kind that the planner plans.
pub(super) trait Planned: Resource {
    /// The kind's name in a list, for sentences.
    const WORD: &'static str;
    /// Whether a helpdesk refuses two objects of this kind with one `look_alike_key`.
    const UNIQUE: bool = false;
    /// Whether an object may be adopted although something else sits in the place of its mark.
    const ADOPTS_UNKNOWN: bool = false;

    /// Whether something that is not ours stands in the way of this.
    fn is_stood_against_by(&self, other: &Remote<Self>) -> bool {
        self.collides_with(&other.value)
    }

    /// Why `actual`, which nobody owns, may not become this.
    fn refuse_adoption(&self, _actual: &Remote<Self>, _chosen: (Choice, &Observed)) -> Option<Hold> {
        None
    }
}

macro_rules! planned {
    ($($kind:ident, $word:literal;)*) => {
        $(impl Planned for $kind {
            const WORD: &'static str = $word;
        })*
    };
}

planned! {
    License, "license quantity";
    PhoneField, "field";
    Membership, "membership";
    RoutingRule, "routing rule";
    OpeningHours, "schedule";
}

impl Planned for Webhook {
    const WORD: &'static str = "webhook";

    /// Stores of one account may share a handler: what another store of ours sends it is sent by that store's routes,
    /// which fire for its own tag.
    fn is_stood_against_by(&self, other: &Remote<Self>) -> bool {
        !matches!(other.owner, Owner::OtherStore(_)) && self.collides_with(&other.value)
    }
}

impl Planned for Department {
    const WORD: &'static str = "department";
    const UNIQUE: bool = true;

    fn refuse_adoption(&self, actual: &Remote<Self>, chosen: (Choice, &Observed)) -> Option<Hold> {
        let (_, observed) = chosen;
        let id = &actual.id;
        observed.fixed_departments.contains(id).then(|| {
            Hold::new(
                Reason::UnsupportedByProvider,
                format!(
                    "the department with id {id} is the helpdesk's default one, which only people can change: take the \
                     entry out, or declare a department of another name"
                ),
            )
        })
    }
}

impl Planned for EventRoute {
    const WORD: &'static str = "trigger";

    fn refuse_adoption(&self, actual: &Remote<Self>, chosen: (Choice, &Observed)) -> Option<Hold> {
        let (choice, _) = chosen;
        (choice == Choice::Matched && actual.value.on != self.on).then(|| {
            let id = &actual.id;
            Hold::new(
                Reason::AdoptionRequired,
                format!(
                    "the trigger with id {id} fires on the same tag under other conditions: switch it off in the \
                     helpdesk, or name its id in `adopt`"
                ),
            )
        })
    }
}

impl Planned for Agent {
    const WORD: &'static str = "account";
    const UNIQUE: bool = true;
    const ADOPTS_UNKNOWN: bool = true;

    fn refuse_adoption(&self, actual: &Remote<Self>, chosen: (Choice, &Observed)) -> Option<Hold> {
        let (choice, observed) = chosen;
        let id = &actual.id;
        let protection = observed.agent_facts.get(id).and_then(|facts| facts.protection);
        if let Some(protection) = protection {
            let (reason, what) = protected(protection);
            return Some(Hold::new(
                reason,
                format!("the account with id {id} is {what} and is not taken over; take the entry out"),
            ));
        }
        if actual.value.email != self.email {
            // Whoever names an id must not get somebody else's account by giving it another address.
            return Some(Hold::new(
                Reason::AdoptionRequired,
                format!("adoption never changes an address: declare the address of the account with id {id}"),
            ));
        }
        if actual.value.profile == Profile::Unknown && choice == Choice::Named {
            // Whoever names the account says so knowing that its profile cannot be read.
            return None;
        }
        if actual.value.profile != self.profile {
            let (holds, wants) = (&actual.value.profile, &self.profile);
            let how = match holds {
                Profile::Agent | Profile::Administrator => format!("declare the profile {holds}, or give"),
                Profile::LightAgent | Profile::EndUser | Profile::Custom(_) => "give".to_owned(),
                Profile::Unknown => {
                    return Some(Hold::new(
                        Reason::AdoptionRequired,
                        format!(
                            "the address belongs to the account with id {id}, whose profile the helpdesk does not \
                             show: name its id in `adopt`, and it gets the declared profile"
                        ),
                    ));
                }
            };
            return Some(Hold::new(
                Reason::AdoptionRequired,
                format!(
                    "the address belongs to the account with id {id}, which has the profile `{holds}`, and adoption \
                     never changes a profile: {how} it the profile {wants} in the helpdesk first"
                ),
            ));
        }
        (choice == Choice::Matched && actual.value.access != Access::Active).then(|| {
            Hold::new(
                Reason::AdoptionRequired,
                format!(
                    "the address belongs to the account with id {id}, which somebody suspended: activate it in the \
                     helpdesk, or name its id in `adopt`"
                ),
            )
        })
    }
}

/// The reason and the words for a protected account.
pub(super) fn protected(protection: Protection) -> (Reason, &'static str) {
    match protection {
        Protection::AccountOwner => (Reason::ProtectedAccountOwner, "the owner of the helpdesk account"),
        Protection::ActingUser => {
            (Reason::ProtectedActingUser, "the user whose credentials the operator uses")
        }
    }
}

/// What names point to after this plan: objects it adopts, and entries that it renames.
#[derive(Debug, Default)]
pub(super) struct Links {
    adopted: BTreeMap<(Kind, ExternalId), String>,
    renamed: BTreeMap<(Kind, String), String>,
}

impl Links {
    pub(super) fn adopt(&mut self, kind: Kind, id: &ExternalId, key: String) {
        self.adopted.insert((kind, id.clone()), key);
    }

    pub(super) fn rename(&mut self, kind: Kind, former: &str, key: String) {
        self.renamed.insert((kind, former.to_owned()), key);
    }

    /// The key that an object of ours has after this plan.
    pub(super) fn current<'k>(&'k self, kind: Kind, marked: &'k str) -> &'k str {
        if self.renamed.is_empty() {
            return marked;
        }
        self.renamed.get(&(kind, marked.to_owned())).map_or(marked, String::as_str)
    }

    /// The value with its references as they will be after this plan.
    pub(super) fn see<'a, R: Resource>(&self, value: &'a R) -> Cow<'a, R> {
        if self.adopted.is_empty() && self.renamed.is_empty() {
            return Cow::Borrowed(value);
        }
        let mut value = value.clone();
        value.relink(&|kind, id| self.adopted.get(&(kind, id.clone())).cloned());
        value.rename_references(&|kind, key| self.renamed.get(&(kind, key.to_owned())).cloned());
        Cow::Owned(value)
    }
}
