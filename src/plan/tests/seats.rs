//! Seats and licenses.

use super::builders::*;
use crate::model::*;

#[test]
fn agent_without_license_is_held_and_existing_agents_keep_theirs() {
    let mut world = World::in_order().with_agent("aaa").with_agent("zoe");
    world.policy.seats.licenses = Some(3);
    assert_eq!(world.steps(), ["create Agent aaa"]);
    assert_eq!(world.held(), ["create Agent zoe: LicensesExceeded"]);
}

#[test]
fn agent_without_seat_is_held() {
    let mut world = World::in_order().with_agent("eva");
    world.observed.account.seats_used = 5;
    world.policy.seats.account = Some(5);
    assert_eq!(world.held(), ["create Agent eva: SeatsExhausted"]);
    world.policy.seats.account = Some(6);
    assert_eq!(world.steps(), ["create Agent eva"]);
}

#[test]
fn agents_beyond_the_vendors_plan_are_held_by_name_and_the_others_go_on() {
    let mut world = World::in_order().with_agent("zoe").with_agent("eva");
    world.observed.account.seats_used = 2;
    world.policy.seats.plan = Some(3);
    assert_eq!(world.steps(), ["create Agent eva"]);
    assert_eq!(world.held(), ["create Agent zoe: SeatsExhausted"]);
    assert!(
        world.plan().held[0].message.contains("plan allows 3 agents"),
        "{}",
        world.plan().held[0].message
    );
    world.policy.seats.plan = None;
    assert!(world.held().is_empty());
}

#[test]
fn suspension_frees_no_seat_and_dismissal_does() {
    let mut world = World::in_order().without_agent("rui").with_agent("eva");
    world.observed.account.seats_used = 2;
    world.policy.seats.account = Some(2);
    assert_eq!(world.held(), ["create Agent eva: SeatsExhausted"]);
    world.policy.capabilities.access_after_removal = AccessAfterRemoval::Dismiss;
    let lines = ["update Agent rui: active active → dismissed", "create Agent eva"];
    assert_eq!(world.steps(), lines);
}

#[test]
fn seat_of_a_held_dismissal_is_not_given_away() {
    let mut world = World::in_order().without_agent("rui").with_agent("eva");
    world.observed.account.seats_used = 2;
    world.policy.seats.account = Some(2);
    world.policy.capabilities.access_after_removal = AccessAfterRemoval::Dismiss;
    world.policy.history = History::Unrecorded;
    assert!(world.steps().is_empty());
    assert_eq!(world.held().len(), 2);
}

#[test]
fn store_ceiling_counts_suspended_accounts() {
    let mut world = World::in_order().without_agent("rui").with_agent("eva");
    world.policy.seats.per_store = Some(2);
    assert_eq!(world.held(), ["create Agent eva: SeatsExhausted"]);
}

#[test]
fn license_is_raised_before_the_agents_that_need_it() {
    let mut world = World::in_order().with_agent("eva");
    world.desired.licenses.insert(LicenseKey, License { quantity: Some(3) });
    let actual = License { quantity: Some(2) };
    world.observed.licenses.push(remote("q", ours("quantity", Origin::Created), actual));
    world.policy.seats.licenses = Some(3);
    assert_eq!(world.steps(), ["update License quantity: licenses.quantity 2 → 3", "create Agent eva"]);
    world.policy.blocked.insert(ObjectKey::new(Kind::License, "quantity"), Reason::Conflict);
    assert_eq!(world.held(), ["update License quantity: Conflict", "create Agent eva: DependencyHeld"]);
}

#[test]
fn lower_license_comes_last_and_waits_for_a_person() {
    let mut world = World::in_order().without_agent("rui");
    world.desired.licenses.insert(LicenseKey, License { quantity: Some(2) });
    let actual = License { quantity: Some(5) };
    world.observed.licenses.push(remote("q", ours("quantity", Origin::Created), actual));
    assert_eq!(world.held(), ["update License quantity: ApprovalRequired"]);
    world.policy.approved = Some(world.plan().digest());
    let steps = world.plan().steps;
    assert_eq!(steps.last().unwrap().kind(), Kind::License);
}

#[test]
fn license_is_not_lowered_below_the_active_agents() {
    let mut world = World::in_order();
    world.desired.licenses.insert(LicenseKey, License { quantity: Some(1) });
    let actual = License { quantity: None };
    world.observed.licenses.push(remote("q", ours("quantity", Origin::Created), actual));
    world.policy.capabilities.kinds.insert(Kind::License, Support::WriteOnly);
    assert_eq!(world.held(), ["update License quantity: LicensesExceeded"]);
}
