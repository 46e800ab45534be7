//! One complete reading of an account: all lists, at once, or nothing.
//!
//! A list that skips a page, or is filtered by a changed permission, looks complete. So marked objects that an earlier
//! reading showed and this one does not are asked for one by one: whoever is still there makes the reading unusable.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::ROUTE_CATEGORY;
use super::client::{Call, Client};
use super::list::{List, Unpaged, list};
use super::table::{Row, Table};
use super::view::{AccountView, Lists, Written};
use super::wire::{
    Group, GroupMembership, Holiday, Id, Role, Schedule, TicketField, Trigger, TriggerCategory, User, Webhook,
};
use crate::model::Mark;
use crate::provider::ProviderError;
use crate::provider::budget::Lane;
use crate::provider::http::encode;

/// Reads the account.
///
/// # Errors
/// When any list is not complete, or contradicts what we know.
pub(super) async fn read_account(client: &Client, known: &Known) -> Result<AccountView, ProviderError> {
    let acting_user = client.session().await?.acting_user;
    let agents = List { query: "role%5B%5D=agent&role%5B%5D=admin", ..List::of("users", "users.list") };
    let groups = List { query: "exclude_deleted=true", ..List::of("groups", "groups.list") };
    let memberships = List::of("group_memberships", "memberships.list");
    let webhooks = List { lane: Lane::Webhooks, ..List::of("webhooks", "webhooks.list") };
    let triggers = List::of("triggers", "triggers.list");
    let fields = List { unpaged: Unpaged::IsComplete, ..List::of("ticket_fields", "ticket_fields.list") };
    let (users, groups, memberships, webhooks, triggers, fields, schedules, category) = tokio::try_join!(
        list::<User>(client, &agents),
        list::<Group>(client, &groups),
        list::<GroupMembership>(client, &memberships),
        list::<Webhook>(client, &webhooks),
        list::<Trigger>(client, &triggers),
        list::<TicketField>(client, &fields),
        schedules(client),
        category(client),
    )
    .map_err(of_a_collection)?;
    if !users.iter().any(|user| user.id == acting_user) {
        // The list of agents and administrators must show the administrator who reads it: else it is filtered.
        return Err(ProviderError::Malformed);
    }
    let lists =
        Lists { users, groups, memberships, webhooks, triggers, fields, schedules, category, acting_user };
    let view = AccountView::new(lists);
    confirm_vanished(client, &known.missing_in(&view)).await?;
    Ok(view)
}

/// The marked objects of a reading.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    users: BTreeSet<Id>,
    groups: BTreeSet<Id>,
    webhooks: BTreeSet<String>,
    triggers: BTreeSet<Id>,
    fields: BTreeSet<Id>,
    schedules: BTreeSet<Id>,
}

impl Known {
    /// What a reading shows, with our own removals already taken out.
    pub(super) fn of(view: &AccountView) -> Self {
        let is_agent = |id: &Id| view.users.get(id).is_some_and(|user| user.role != Role::EndUser);
        Self {
            users: view.users.marked().filter(is_agent).collect(),
            groups: view.groups.marked().collect(),
            webhooks: view.webhooks.marked().collect(),
            triggers: view.triggers.marked().collect(),
            fields: view.fields.marked().collect(),
            schedules: view.schedules.marked().collect(),
        }
    }

    /// Without what we wrote lately: a list may not show that yet.
    pub(super) fn without(mut self, written: &Written) -> Self {
        match written {
            Written::User(user) => drop(self.users.remove(&user.id)),
            Written::Group(group) => drop(self.groups.remove(&group.id)),
            Written::Webhook(webhook) => drop(self.webhooks.remove(&webhook.id)),
            Written::Trigger(trigger) => drop(self.triggers.remove(&trigger.id)),
            Written::Field(field) => drop(self.fields.remove(&field.id)),
            Written::Schedule(schedule) => drop(self.schedules.remove(&schedule.id)),
            // Memberships carry no mark, and what is gone is not in the view any more.
            Written::Membership(_)
            | Written::UserGone(_)
            | Written::GroupGone(_)
            | Written::MembershipGone(_)
            | Written::WebhookGone(_)
            | Written::TriggerGone(_)
            | Written::ScheduleGone(_) => {}
        }
        self
    }

    fn missing_in(&self, view: &AccountView) -> Self {
        fn missing<R: Row>(ids: &BTreeSet<R::Id>, table: &Table<R>) -> BTreeSet<R::Id> {
            ids.iter().filter(|id| table.get(id).is_none()).cloned().collect()
        }
        Self {
            users: missing(&self.users, &view.users),
            groups: missing(&self.groups, &view.groups),
            webhooks: missing(&self.webhooks, &view.webhooks),
            triggers: missing(&self.triggers, &view.triggers),
            fields: missing(&self.fields, &view.fields),
            schedules: missing(&self.schedules, &view.schedules),
        }
    }
}

/// How many objects of a kind are asked for: a skipped page misses a hundred, so a few of them tell.
const SAMPLES: usize = 20;

/// Asks for objects that vanished from the lists.
///
/// # Errors
/// `Malformed` when one of them is still there: then the lists were not complete.
async fn confirm_vanished(client: &Client, vanished: &Known) -> Result<(), ProviderError> {
    #[derive(Deserialize)]
    struct Users {
        users: Vec<User>,
    }
    let Known { users, groups, webhooks, triggers, fields, schedules } = vanished;
    let users: Vec<String> = users.iter().map(Id::to_string).collect();
    for ids in users.chunks(100) {
        let path = format!("/api/v2/users/show_many?ids={}", ids.join(","));
        let Users { users } = client.read(&Call::get("users.show_many", path)).await?.json()?;
        if users.iter().any(|user| user.active && user.role != Role::EndUser) {
            return Err(ProviderError::Malformed);
        }
    }
    let numbers = |name: &'static str, operation: &'static str, ids: &BTreeSet<Id>| -> Vec<Call> {
        let path = |id: &Id| format!("/api/v2/{name}/{id}");
        ids.iter().take(SAMPLES).map(|id| Call::get(operation, path(id))).collect()
    };
    let mut calls = numbers("groups", "groups.show", groups);
    calls.extend(numbers("triggers", "triggers.show", triggers));
    calls.extend(numbers("ticket_fields", "ticket_fields.show", fields));
    calls.extend(numbers("business_hours/schedules", "schedules.show", schedules));
    let webhook = |id: &String| {
        Call::get("webhooks.show", format!("/api/v2/webhooks/{}", encode(id))).on(Lane::Webhooks)
    };
    calls.extend(webhooks.iter().take(SAMPLES).map(webhook));
    for call in calls {
        match client.read(&call).await {
            Err(ProviderError::Gone) => {}
            // A deleted group is still shown by its id.
            Ok(reply) if reply.json::<serde_json::Value>()?["group"]["deleted"] == true => {}
            Ok(_) => return Err(ProviderError::Malformed),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The schedules, those with a mark of ours with their holidays; `None` where the plan has none: then the collection
/// answers 404 (`zendesk.md` 7a).
async fn schedules(client: &Client) -> Result<Option<Vec<Schedule>>, ProviderError> {
    let all = List {
        path: "/api/v2/business_hours/schedules".to_owned(),
        unpaged: Unpaged::IsComplete,
        ..List::of("schedules", "schedules.list")
    };
    let mut all = match list::<Schedule>(client, &all).await {
        Ok(all) => all,
        // Whether such a plan answers 403 instead is not known; categories do (`zendesk.md` 2).
        Err(ProviderError::Gone | ProviderError::Forbidden) => return Ok(None),
        Err(error) => return Err(error),
    };
    for schedule in all.iter_mut().filter(|schedule| Mark::parse(schedule.carrier()).is_some()) {
        schedule.holidays = match holidays(client, schedule.id).await {
            Ok(holidays) => holidays,
            // Somebody removed the schedule a moment ago: the list was not complete.
            Err(ProviderError::Gone) => return Err(ProviderError::Unavailable),
            Err(error) => return Err(error),
        };
    }
    Ok(Some(all))
}

/// The holidays of one schedule.
///
/// # Errors
/// When the list is not complete.
pub(super) async fn holidays(client: &Client, schedule: Id) -> Result<Vec<Holiday>, ProviderError> {
    let all = List {
        path: format!("/api/v2/business_hours/schedules/{schedule}/holidays"),
        unpaged: Unpaged::IsComplete,
        ..List::of("holidays", "holidays.list")
    };
    list(client, &all).await
}

/// The id of the category that routes belong to. Accounts without categories answer 403 or 404 (`zendesk.md` 2, 7).
async fn category(client: &Client) -> Result<Option<String>, ProviderError> {
    let categories = List::of("trigger_categories", "trigger_categories.list");
    match list::<TriggerCategory>(client, &categories).await {
        Ok(all) => Ok(all
            .into_iter()
            .find(|category| category.name.eq_ignore_ascii_case(ROUTE_CATEGORY))
            .map(|category| category.id)),
        Err(ProviderError::Forbidden | ProviderError::Gone) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A 404 of a collection means that the plan has no such feature, not that something was removed.
fn of_a_collection(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Gone => ProviderError::Forbidden,
        ProviderError::Rejected { .. } => ProviderError::Malformed,
        other => other,
    }
}
