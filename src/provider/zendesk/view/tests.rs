//! Counts of a reading, and our own writes laid over it. Must not send anything.

use serde_json::json;

use super::*;
use crate::provider::zendesk::wire::Trigger;

fn user(id: Id, role: &str, more: serde_json::Value) -> User {
    let mut user = json!({ "id": id, "name": "x", "email": format!("u{id}@loja.example"), "role": role });
    for (key, value) in more.as_object().unwrap() {
        user[key] = value.clone();
    }
    serde_json::from_value(user).unwrap()
}

fn view(users: Vec<User>) -> AccountView {
    AccountView::new(Lists {
        users,
        groups: Vec::new(),
        memberships: Vec::new(),
        webhooks: Vec::new(),
        triggers: Vec::<Trigger>::new(),
        fields: Vec::new(),
        schedules: None,
        category: None,
        acting_user: 1,
    })
}

#[test]
fn seats_are_counted_as_the_vendor_counts_them_and_follow_our_writes() {
    let mut view = view(vec![
        user(1, "admin", json!({ "role_type": 4 })),
        user(2, "agent", json!({})),
        user(3, "agent", json!({ "suspended": true })),
        user(4, "agent", json!({ "role_type": 1 })),
        user(5, "agent", json!({ "role_type": 3 })),
        user(6, "agent", json!({ "active": false })),
    ]);
    assert_eq!(view.seats_used, 3, "suspended people hold seats, light agents and contributors do not");
    let order = ReadOrder::BeforeWrite;
    view.lay_over(&Written::User(user(3, "end-user", json!({ "suspended": true }))), order);
    assert_eq!(view.seats_used, 2);
    view.lay_over(&Written::User(user(7, "admin", json!({}))), order);
    assert_eq!(view.seats_used, 3);
    assert_eq!(view.administrators, [1, 7].into());
    view.lay_over(&Written::UserGone(7), order);
    assert_eq!((view.seats_used, view.administrators.len()), (2, 1));
}

#[test]
fn the_oldest_administrator_that_we_did_not_create_is_taken_for_the_owner() {
    let ours = "hso1c/inst/store-a/a/agent/ana";
    let adopted = "hso1a/inst/store-a/a/agent/rui";
    let view = view(vec![
        user(2, "admin", json!({ "external_id": ours })),
        user(3, "agent", json!({})),
        user(4, "admin", json!({ "external_id": adopted })),
        user(5, "admin", json!({})),
    ]);
    assert_eq!(view.presumed_owner, Some(4));
}

#[test]
fn a_persons_later_change_wins_over_our_write_and_an_older_state_does_not() {
    let at = |second: u32, name: &str| {
        user(2, "agent", json!({ "name": name, "updated_at": format!("2026-11-24T10:00:{second:02}Z") }))
    };
    let ours = Written::User(at(10, "ours"));
    for (read, shown) in
        [(at(5, "stale"), "ours"), (at(10, "same second"), "same second"), (at(12, "theirs"), "theirs")]
    {
        let mut view = view(vec![read]);
        view.lay_over(&ours, ReadOrder::WithinSettleWindow);
        assert_eq!(view.users.get(&2).unwrap().name, shown);
    }
}

#[test]
fn a_new_default_membership_takes_the_standing_from_the_former_one() {
    let row = |id: Id, group_id: Id, default: bool| GroupMembership {
        id,
        user_id: 7,
        group_id,
        default,
        updated_at: String::new(),
    };
    let mut view = view(Vec::new());
    view.lay_over(&Written::Membership(row(1, 10, true)), ReadOrder::BeforeWrite);
    view.lay_over(&Written::Membership(row(2, 11, true)), ReadOrder::BeforeWrite);
    assert!(!view.memberships.get(&1).unwrap().default);
    assert!(view.memberships.get(&2).unwrap().default);
    view.lay_over(&Written::MembershipGone(2), ReadOrder::BeforeWrite);
    let left: Vec<Id> = view.memberships.with_word("user 7").map(|row| row.id).collect();
    assert_eq!(left, [1]);
}

#[test]
fn a_downgraded_user_is_in_no_group_until_a_reading_says_otherwise() {
    let row = GroupMembership { id: 1, user_id: 7, group_id: 10, default: true, updated_at: String::new() };
    let mut view = view(vec![user(7, "agent", json!({}))]);
    view.lay_over(&Written::Membership(row), ReadOrder::BeforeWrite);
    view.lay_over(&Written::User(user(7, "end-user", json!({ "suspended": true }))), ReadOrder::BeforeWrite);
    assert_eq!(view.memberships.with_word("user 7").count(), 0);
}

#[test]
fn the_user_we_act_as_is_no_administrator_who_lets_people_in() {
    let view = view(vec![user(1, "admin", json!({})), user(2, "admin", json!({}))]);
    assert_eq!(view.acting_user, 1);
    let stamp = crate::model::Stamp {
        installation: crate::model::Installation::parse("inst").unwrap(),
        former_installations: [].into(),
        store: crate::model::StoreId::new("store-a", "a"),
        fence: crate::model::Fence::parse("0123456789abcdef").unwrap(),
        take_over_from: [].into(),
        bearer: None,
    };
    let (desired, nothing) = (crate::model::Desired::none(), std::collections::BTreeMap::new());
    let scope = crate::provider::Scope {
        stamp: &stamp,
        desired: &desired,
        claims: &nothing,
        named: &std::collections::BTreeMap::new(),
        applied_licenses: None,
        not_before: crate::clock::monotonic(),
    };
    let observed = crate::provider::zendesk::assemble::assemble(&view, &scope, (&Default::default(), 1));
    assert_eq!(observed.account.administrators, [crate::model::ExternalId::new("2")].into());
}
