//! What one complete reading of an account holds, with our own writes laid over it.
//!
//! Counts (seats, administrators) are kept up to date with every write, so that no store pays for a scan.

use std::collections::BTreeSet;

use super::table::{Row, Table};
use super::wire::{Group, GroupMembership, Id, Role, Schedule, TicketField, Trigger, User, Webhook};
use crate::model::{Mark, Origin};
use crate::provider::snapshot::{ReadOrder, View};

/// The lists of a reading.
#[derive(Debug)]
pub(super) struct Lists {
    pub(super) users: Vec<User>,
    pub(super) groups: Vec<Group>,
    pub(super) memberships: Vec<GroupMembership>,
    pub(super) webhooks: Vec<Webhook>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) fields: Vec<TicketField>,
    /// The schedules; `None` where the plan has none.
    pub(super) schedules: Option<Vec<Schedule>>,
    /// The id of the category that routes belong to, where it exists.
    pub(super) category: Option<String>,
    /// The user our credentials act as.
    pub(super) acting_user: Id,
}

/// The account as read.
#[derive(Debug)]
pub(super) struct AccountView {
    pub(super) users: Table<User>,
    pub(super) groups: Table<Group>,
    pub(super) memberships: Table<GroupMembership>,
    pub(super) webhooks: Table<Webhook>,
    pub(super) triggers: Table<Trigger>,
    pub(super) fields: Table<TicketField>,
    pub(super) schedules: Table<Schedule>,
    /// Whether the plan has schedules at all.
    pub(super) has_schedules: bool,
    pub(super) category: Option<String>,
    pub(super) acting_user: Id,
    pub(super) seats_used: u32,
    pub(super) administrators: BTreeSet<Id>,
    /// The user we take for the account's owner. No interface names the owner: by default it is whoever founded the
    /// account, so the oldest administrator that we did not create (ids grow).
    pub(super) presumed_owner: Option<Id>,
}

/// One object that we wrote.
#[derive(Clone, Debug)]
pub(super) enum Written {
    User(User),
    Group(Group),
    Membership(GroupMembership),
    Webhook(Webhook),
    Trigger(Trigger),
    Field(TicketField),
    Schedule(Schedule),
    UserGone(Id),
    GroupGone(Id),
    MembershipGone(Id),
    WebhookGone(String),
    TriggerGone(Id),
    ScheduleGone(Id),
}

impl AccountView {
    pub(super) fn new(lists: Lists) -> Self {
        let Lists {
            users,
            groups,
            memberships,
            webhooks,
            triggers,
            fields,
            schedules,
            category,
            acting_user,
        } = lists;
        let presumed_owner = users
            .iter()
            .filter(|user| user.active && user.role == Role::Admin)
            .filter(|user| Mark::parse(&user.external_id).is_none_or(|mark| mark.origin == Origin::Adopted))
            .map(|user| user.id)
            .min();
        let mut view = Self {
            users: Table::default(),
            groups: groups.into_iter().filter(|group| !group.deleted).collect(),
            memberships: memberships.into_iter().collect(),
            webhooks: webhooks.into_iter().collect(),
            triggers: triggers.into_iter().collect(),
            fields: fields.into_iter().filter(|field| field.removable).collect(),
            has_schedules: schedules.is_some(),
            schedules: schedules.into_iter().flatten().collect(),
            category,
            acting_user,
            seats_used: 0,
            administrators: BTreeSet::new(),
            presumed_owner,
        };
        for user in users {
            view.put_user(user);
        }
        view
    }

    fn put_user(&mut self, user: User) {
        self.remove_user(user.id);
        if !user.active {
            return;
        }
        self.seats_used += u32::from(holds_seat(&user));
        if user.role == Role::Admin && !user.suspended {
            self.administrators.insert(user.id);
        }
        self.users.put(user);
    }

    fn remove_user(&mut self, id: Id) {
        if let Some(former) = self.users.remove(&id) {
            self.seats_used -= u32::from(holds_seat(&former));
            self.administrators.remove(&id);
        }
    }
}

/// Seats are held by agents and administrators, suspended ones too, but not by light agents (1) and contributors (3)
/// (`zendesk.md` 4).
fn holds_seat(user: &User) -> bool {
    user.active && user.role != Role::EndUser && !matches!(user.role_type, Some(1 | 3))
}

/// Whether the reading's own row counts, because it changed after our write, or within the same second: then nobody
/// knows which came first, and writing once too often is harmless, while missing a person's change is not.
fn read_is_newer<R: Row>(table: &Table<R>, written: &R, order: ReadOrder) -> bool {
    order == ReadOrder::WithinSettleWindow
        && !written.updated_at().is_empty()
        && table.get(&written.id()).is_some_and(|read| read.updated_at() >= written.updated_at())
}

fn lay<R: Row>(table: &mut Table<R>, written: &R, order: ReadOrder) {
    if !read_is_newer(table, written, order) {
        table.put(written.clone());
    }
}

impl View for AccountView {
    type Written = Written;

    fn lay_over(&mut self, written: &Written, order: ReadOrder) {
        match written {
            Written::User(user) => {
                if !read_is_newer(&self.users, user, order) {
                    if user.role == Role::EndUser {
                        self.drop_memberships(user.id);
                    }
                    self.put_user(user.clone());
                }
            }
            Written::Group(group) => lay(&mut self.groups, group, order),
            Written::Membership(membership) => {
                if membership.default {
                    self.take_former_default(membership, order);
                }
                lay(&mut self.memberships, membership, order);
            }
            Written::Webhook(webhook) => lay(&mut self.webhooks, webhook, order),
            Written::Trigger(trigger) => lay(&mut self.triggers, trigger, order),
            Written::Field(field) => lay(&mut self.fields, field, order),
            Written::Schedule(schedule) => lay(&mut self.schedules, schedule, order),
            Written::UserGone(id) => self.remove_user(*id),
            Written::GroupGone(id) => {
                self.groups.remove(id);
            }
            Written::MembershipGone(id) => {
                self.memberships.remove(id);
            }
            Written::WebhookGone(id) => {
                self.webhooks.remove(id);
            }
            Written::TriggerGone(id) => {
                self.triggers.remove(id);
            }
            Written::ScheduleGone(id) => {
                self.schedules.remove(id);
            }
        }
    }
}

impl AccountView {
    /// A downgrade takes a user out of its groups, as far as is known (`zendesk.md` 3); where it does not, the next
    /// reading shows them again.
    fn drop_memberships(&mut self, user: Id) {
        let rows = self.memberships.with_word(&super::table::of_user(user));
        let ids: Vec<Id> = rows.map(|row| row.id).collect();
        for id in ids {
            self.memberships.remove(&id);
        }
    }

    /// A user has one default membership: the vendor takes the standing from the former one.
    ///
    /// A standing that the reading shows and that is not older than this write stays: an earlier write, laid over a
    /// reading that knows what came after it, would take it away.
    fn take_former_default(&mut self, new: &GroupMembership, order: ReadOrder) {
        let former: Vec<GroupMembership> = self
            .memberships
            .with_word(&super::table::of_user(new.user_id))
            .filter(|other| other.default && other.id != new.id)
            .filter(|other| order != ReadOrder::WithinSettleWindow || other.updated_at() < new.updated_at())
            .cloned()
            .collect();
        for mut membership in former {
            membership.default = false;
            self.memberships.put(membership);
        }
    }
}

#[cfg(test)]
mod tests;
