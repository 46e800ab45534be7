//! Deleting and retiring: the policy table.

use super::builders::*;
use crate::model::*;

fn whole_store() -> World {
    let mut world = World::in_order();
    world.observed.webhooks.push(remote("51", ours("h", Origin::Created), webhook("https://a.example/h")));
    world.observed.routes.push(remote("61", ours("h/agentreplied", Origin::Created), route("h")));
    let hours = OpeningHours {
        name: RemoteName::new("hours"),
        time_zone: "America/Sao_Paulo".to_owned(),
        intervals: Vec::new(),
        closed: Vec::new(),
        closed_in_part: Vec::new(),
    };
    world.observed.hours.push(remote("81", ours("hours", Origin::Created), hours));
    world.observed.agents[0].owner = ours("ana", Origin::Adopted);
    world
}

#[test]
fn orphan_only_releases_what_was_adopted() {
    let mut world = whole_store();
    world.policy.lifecycle = Lifecycle::Deleting(DeletionPolicy::Orphan);
    assert_eq!(world.steps(), ["release Agent ana: it stays as it is, without our mark"]);
    assert!(world.held().is_empty());
}

#[test]
fn deactivate_ends_access_and_webhooks_and_keeps_objects() {
    let mut world = whole_store();
    world.policy.lifecycle = Lifecycle::Deleting(DeletionPolicy::Deactivate);
    let lines = [
        "release Agent ana: it stays as it is, without our mark",
        "update Agent rui: active active → suspended",
        "update EventRoute h/AgentReplied: active true → false",
        "update Webhook h: active true → false",
    ];
    assert_eq!(world.steps(), lines);
}

#[test]
fn deactivate_switches_departments_off_only_where_they_cannot_be_deleted() {
    let mut world = whole_store();
    world.observed.agents.remove(0);
    world.observed.memberships.remove(0);
    world.policy.capabilities.access_after_removal = AccessAfterRemoval::Dismiss;
    world.policy.lifecycle = Lifecycle::Deleting(DeletionPolicy::Deactivate);
    world.policy.capabilities.kinds.insert(Kind::Department, Support::NoRemoval);
    assert!(world.steps().contains(&"update Department sales: active true → false".to_owned()));
}

#[test]
fn delete_and_retire_remove_what_we_created_and_release_the_rest() {
    for lifecycle in [Lifecycle::Retiring, Lifecycle::Deleting(DeletionPolicy::Delete)] {
        let mut world = whole_store();
        world.policy.lifecycle = lifecycle;
        let lines = [
            "release Agent ana: it stays as it is, without our mark",
            "delete Agent rui",
            "delete OpeningHours hours",
            "delete EventRoute h/agentreplied",
            "delete Webhook h",
            "delete Department support",
        ];
        assert_eq!(world.steps(), lines);
        assert_eq!(world.held(), ["delete Department sales: InUse"]);
    }
}

#[test]
fn deleting_is_itself_the_approval() {
    let mut world = World::in_order();
    world.policy.lifecycle = Lifecycle::Deleting(DeletionPolicy::Delete);
    world.policy.history = History::Unrecorded;
    world.policy.approval = Approval::Manual;
    world.policy.guard = RemovalGuard { min_count: 0, max_percent: 0, max_count: 0 };
    world.policy.default_department = Some(DepartmentKey::new("sales"));
    assert_eq!(world.steps().len(), 4);
    assert!(world.held().is_empty());
}

#[test]
fn deactivated_store_needs_nothing_more() {
    let mut world = World::in_order();
    world.policy.lifecycle = Lifecycle::Deleting(DeletionPolicy::Deactivate);
    for key in ["ana", "rui"] {
        world.observed_agent(key).value.access = Access::Dismissed;
    }
    world.observed.memberships.clear();
    assert!(world.plan().is_empty());
}
