//! Observed: what a helpdesk account holds that concerns one store.
//!
//! It is built only from a complete reading of the account: a partial reading has no value of this type.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{
    Agent, Department, EventRoute, ExternalId, License, Membership, OpeningHours, PhoneField, Remote,
    RoutingRule, Webhook,
};

/// What an account holds that concerns one store: its marked objects, and what looks like them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The license quantity, where the helpdesk has one.
    pub licenses: Vec<Remote<License>>,
    /// Fields with our mark or a declared title.
    pub phone_fields: Vec<Remote<PhoneField>>,
    /// Departments with our mark or a declared name.
    pub departments: Vec<Remote<Department>>,
    /// Agents with our mark or a declared e-mail, end users among them where they were found.
    pub agents: Vec<Remote<Agent>>,
    /// Memberships of those agents in those departments; ours when both ends are. An end that is not ours, or is not the
    /// oldest object with its mark, is named by its id (`MembershipKey::foreign_end`).
    pub memberships: Vec<Remote<Membership>>,
    /// Webhooks with our mark or a declared endpoint.
    pub webhooks: Vec<Remote<Webhook>>,
    /// Routes with our mark or the store's tag, and those that call a webhook of ours.
    pub routes: Vec<Remote<EventRoute>>,
    /// Routing rules with our mark or the store's tag, and those that point to a department of ours.
    pub routing: Vec<Remote<RoutingRule>>,
    /// Business hours with our mark or a declared name.
    pub hours: Vec<Remote<OpeningHours>>,
    /// What is known of single agents beyond their account.
    pub agent_facts: BTreeMap<ExternalId, AgentFacts>,
    /// Departments of ours, duplicates by mark among them, in which somebody answers who is not ours, by their id.
    pub shared_departments: BTreeSet<ExternalId>,
    /// Departments that no interface changes, so that they cannot carry a mark, by their id.
    pub fixed_departments: BTreeSet<ExternalId>,
    /// What is known of the whole account.
    pub account: AccountFacts,
    /// Another cluster's fence on an object of this store (`OwnedByOtherCluster`).
    pub foreign_fence: Option<String>,
    /// Whether a newer version of the operator marked objects of this store in a format that this one cannot read
    /// (`OwnedByNewerVersion`).
    pub is_outrun: bool,
    /// What the reader of the account has to say.
    pub notes: BTreeSet<Note>,
}

/// What is known of the whole account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Seats in use by anybody.
    pub seats_used: u32,
    /// Everybody with the profile Administrator who gets in and can let others in: not the user our credentials act as.
    pub administrators: BTreeSet<ExternalId>,
    /// The webhook address in the helpdesk account's own settings, which only people can set; empty where none is set,
    /// `None` where the helpdesk has no such setting or does not show it.
    pub webhook_address: Option<String>,
    /// Whether business hours of this store could be added.
    pub schedules: ScheduleRoom,
}

/// Whether an account takes one more set of business hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ScheduleRoom {
    /// It does.
    #[default]
    Free,
    /// It holds as many as its plan allows; those are part of the observation.
    Full,
    /// Its plan has none at all.
    Absent,
}

/// What is known of one agent beyond the account itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentFacts {
    /// Why nobody but a person may change this account.
    pub protection: Option<Protection>,
    /// How many unsolved conversations are assigned; `None` where it was not read.
    pub open_conversations: Option<u32>,
    /// Seconds since the account last changed by the helpdesk's own clock; `None` where it was not read.
    pub seconds_unchanged: Option<u64>,
}

/// Why an account is never downgraded, renamed or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protection {
    /// The helpdesk account's owner.
    AccountOwner,
    /// The user our credentials act as.
    ActingUser,
}

/// What the reader of an account has to say beside its objects.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Note {
    /// The category that routes belong to does not exist: they are created without it.
    RouteCategoryMissing(String),
    /// Somebody answers in a department of ours who is neither declared nor recorded as ours: told, never touched.
    AgentUnlisted(ExternalId),
}
