//! The provider under faults: nothing is made twice, and no broken answer is taken for absence.

use human_support_operator::provider::{Outcome, ProviderError};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::json;

use crate::world::{World, example};

/// How many live objects of every kind carry each of our marks; all must be one.
fn assert_nothing_twice(world: &World) {
    let state = world.account();
    let mut marks = std::collections::BTreeMap::new();
    for (kind, carrier) in [
        ("users", "external_id"),
        ("groups", "description"),
        ("webhooks", "description"),
        ("triggers", "description"),
        ("ticket_fields", "agent_description"),
    ] {
        for one in state[kind].as_array().into_iter().flatten() {
            let text = one[carrier].as_str().unwrap_or_default();
            let gone = one["deleted"] == true || (kind == "users" && one["active"] == false);
            if text.starts_with("hso1") && !gone {
                *marks.entry(text.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
            }
        }
    }
    assert!(marks.values().all(|count| *count == 1), "{marks:?}");
    assert_eq!(marks.len(), 2 + 2 + 1 + 3 + 1, "{marks:?}");
}

#[tokio::test]
async fn a_lost_answer_of_every_create_leads_to_no_duplicate() {
    for (method, path) in [
        ("POST", "/api/v2/groups"),
        ("POST", "/api/v2/users"),
        ("POST", "/api/v2/webhooks"),
        ("POST", "/api/v2/triggers"),
        ("POST", "/api/v2/ticket_fields"),
        ("POST", "/api/v2/group_memberships"),
    ] {
        for effect in [Effect::None, Effect::Applied] {
            let world = World::start().await;
            world.control("PUT", "assumptions", json!({ "listDelayMilliseconds": 200 })).await;
            let rule = Rule::new("lost", Action::Reset { effect }).on(method, path).times(1);
            world.desk.faults().set(vec![rule]);
            let desired = world.normalized(example(2));
            let first = world.round(&desired).await;
            assert!(first.outcomes.contains(&Outcome::Unknown), "{path}: {:?}", first.outcomes);
            assert!(
                matches!(world.observe_error(&desired).await, ProviderError::Unsettled { .. }),
                "absence is not proven yet"
            );
            world.settle(&desired).await;
            assert_nothing_twice(&world);
        }
    }
}

#[tokio::test]
async fn a_gateway_error_after_the_effect_is_no_second_create() {
    for status in [500, 502, 503, 504] {
        let world = World::start().await;
        let action = Action::Status { status, body: None, retry_after: None, effect: Effect::Applied };
        world.desk.faults().set(vec![Rule::new("late", action).on("POST", "/api/v2/groups").times(1)]);
        let desired = world.normalized(example(2));
        world.round(&desired).await;
        world.settle(&desired).await;
        assert_nothing_twice(&world);
    }
}

#[tokio::test]
async fn a_list_that_fails_is_no_reading_and_nothing_is_concluded() {
    for list in ["users", "groups", "group_memberships", "webhooks", "triggers", "ticket_fields"] {
        let world = World::start().await;
        let desired = world.normalized(example(2));
        world.converge(&desired).await;
        let before = world.zendesk_writes();
        let action = Action::Status { status: 500, body: None, retry_after: None, effect: Effect::None };
        let rule = Rule::new("down", action).on("GET", &format!("/api/v2/{list}")).times(3);
        world.desk.faults().set(vec![rule]);
        assert_eq!(world.observe_error(&desired).await, ProviderError::Unavailable, "{list}");
        assert_eq!(world.zendesk_writes(), before);
        let after = world.round(&desired).await;
        assert!(after.plan.is_empty(), "{list}: {:?}", after.plan);
    }
}

#[tokio::test]
async fn a_list_that_lags_behind_does_not_make_us_create_again() {
    let world = World::start().await;
    world.control("PUT", "assumptions", json!({ "listDelayMilliseconds": 250 })).await;
    let desired = world.normalized(example(5));
    world.round(&desired).await.assert_all_applied();
    let after = world.round(&desired).await;
    assert!(after.plan.is_empty(), "{:?}", after.plan);
}
