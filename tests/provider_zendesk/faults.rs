//! The provider under faults: nothing is made twice, and no broken answer is taken for absence.

use human_support_operator::model::Reason;
use human_support_operator::provider::http::WriteFence;
use human_support_operator::provider::{Outcome, ProviderError};
use sandbox::simulator::faults::Nonsense;
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::json;

use crate::world::{SETTLE, World, example};

/// How many live objects of every kind carry each of our marks; all must be one.
pub(crate) fn assert_nothing_twice(world: &World) {
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
            // A field is never deleted: its values are in customers' tickets.
            let is_off = matches!(kind, "users" | "ticket_fields") && one["active"] == false;
            let gone = one["deleted"] == true || is_off;
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

#[tokio::test]
async fn nonsense_in_place_of_a_list_is_malformed() {
    for with in [
        Nonsense::Html,
        Nonsense::Empty,
        Nonsense::EmptyObject,
        Nonsense::Huge,
        Nonsense::Bomb,
        Nonsense::Nested,
        Nonsense::InvalidUtf8,
        Nonsense::WrongTypes,
    ] {
        let world = World::start().await;
        let desired = world.normalized(example(2));
        world.converge(&desired).await;
        let size = if matches!(with, Nonsense::Nested) { 10_000 } else { 12 << 20 };
        let label = format!("{with:?}");
        let action = Action::Replace { with, size, effect: Effect::None };
        world.desk.faults().set(vec![Rule::new("nonsense", action).on("GET", "/api/v2/triggers").times(1)]);
        assert_eq!(world.observe_error(&desired).await, ProviderError::Malformed, "{label}");
        assert!(world.round(&desired).await.plan.is_empty(), "{label}");
    }
}

#[tokio::test]
async fn repeated_skipped_and_filtered_pages_are_no_reading() {
    let world = World::start().await;
    let desired = world.normalized(example(5));
    world.converge(&desired).await;
    for number in 0..130 {
        let title = format!("somebody's {number}");
        let trigger = json!({ "trigger": { "title": title, "actions": [{ "field": "status", "value": "open" }],
            "conditions": { "all": [{ "field": "status", "operator": "is", "value": "new" }], "any": [] } } });
        world.person("POST", "/api/v2/triggers", trigger).await;
    }
    let before = world.zendesk_writes();
    // Inside the settle window our own writes are laid over whatever a list shows.
    tokio::time::sleep(SETTLE).await;
    assert!(world.round(&desired).await.plan.is_empty());
    let ours = world.mark_id("triggers", "hso1c");
    for action in [Action::RepeatPage, Action::SkipPage, Action::Omit { ids: vec![ours] }] {
        let label = format!("{action:?}");
        world.desk.faults().set(vec![Rule::new("pages", action).on("GET", "/api/v2/triggers").times(5)]);
        assert_eq!(world.observe_error(&desired).await, ProviderError::Malformed, "{label}");
        world.desk.faults().set(Vec::new());
    }
    assert!(world.round(&desired).await.plan.is_empty());
    assert_eq!(world.zendesk_writes(), before);
}

#[tokio::test]
async fn fields_that_the_vendor_drops_are_never_counted_as_applied() {
    for (path, field, told) in [
        ("/api/v2/users", "external_id", "mark"),
        ("/api/v2/groups", "description", "description"),
        ("/api/v2/webhooks", "description", "mark"),
        ("/api/v2/triggers", "description", "mark"),
        ("/api/v2/ticket_fields", "agent_description", "mark"),
    ] {
        let world = World::start().await;
        let action = Action::DropFields { fields: vec![field.to_owned()] };
        world.desk.faults().set(vec![Rule::new("drops", action).on("POST", path).times(1)]);
        let desired = world.normalized(example(2));
        let round = world.round(&desired).await;
        let wanted = Outcome::NotApplied(ProviderError::Rejected {
            reason: Reason::FieldIgnored,
            field: Some(told.to_owned()),
        });
        assert!(round.outcomes.contains(&wanted), "{path}: {:?}", round.outcomes);
    }
}

#[tokio::test]
async fn an_answer_that_only_pretends_is_found_out() {
    for path in ["/api/v2/groups", "/api/v2/users", "/api/v2/triggers", "/api/v2/webhooks"] {
        let world = World::start().await;
        world.desk.faults().set(vec![Rule::new("pretends", Action::Pretend).on("POST", path).times(1)]);
        let desired = world.normalized(example(2));
        world.round(&desired).await;
        tokio::time::sleep(SETTLE).await;
        world.settle(&desired).await;
        assert_nothing_twice(&world);
    }
}

#[tokio::test]
async fn inside_a_retry_after_window_nothing_is_sent() {
    let world = World::start().await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    let retry_after = Some("2".to_owned());
    let action = Action::Status { status: 429, body: None, retry_after, effect: Effect::None };
    world.desk.faults().set(vec![Rule::new("limit", action).on("GET", "/api/v2/groups").times(1)]);
    world.clear_calls();
    assert!(world.round(&desired).await.plan.is_empty(), "the reading waits and goes on");
    let entries = world.desk.ledger().entries();
    let limited = entries.iter().find(|entry| entry.status == Some(429)).unwrap();
    let ended = limited.ended.unwrap();
    // What was under way together with the refused request is no new request.
    let inside = entries.iter().filter(|entry| (ended + 50..ended + 1990).contains(&entry.arrived));
    assert_eq!(inside.count(), 0);
}

#[tokio::test]
async fn user_updates_never_meet_the_vendors_limit() {
    let world = World::start().await;
    let mut desired = world.normalized(example(3));
    world.converge(&desired).await;
    world.control("PUT", "accounts/lojacentro", json!({ "features": { "rateLimits": true } })).await;
    for agent in desired.agents.values_mut() {
        agent.name.push_str(" Souza");
    }
    world.round(&desired).await.assert_all_applied();
    let entries = world.desk.ledger().entries();
    assert!(entries.iter().all(|entry| entry.status != Some(429)));
}

#[tokio::test]
async fn a_closed_fence_sends_no_write() {
    let world = World::start_with(WriteFence::read_only()).await;
    let desired = world.normalized(example(2));
    let round = world.round(&desired).await;
    assert!(!round.outcomes.is_empty());
    for outcome in &round.outcomes {
        assert_eq!(*outcome, Outcome::NotApplied(ProviderError::NotLeading));
    }
    assert_eq!(world.zendesk_writes(), 0);
}

#[tokio::test]
async fn a_job_that_is_lost_or_never_done_is_unknown_and_found_out() {
    let world = World::start().await;
    let gone = Action::Status { status: 404, body: None, retry_after: None, effect: Effect::None };
    world.desk.faults().set(vec![Rule::new("gone", gone).on("GET", "/api/v2/job_statuses/*").times(1)]);
    let desired = world.normalized(example(5));
    let round = world.round(&desired).await;
    let unknown = round.outcomes.iter().filter(|outcome| **outcome == Outcome::Unknown).count();
    assert_eq!(unknown, 5, "{:?}", round.outcomes);
    tokio::time::sleep(SETTLE * 3).await;
    world.settle(&desired).await;
    let memberships = world.account()["group_memberships"].as_array().map_or(0, Vec::len);
    assert!(memberships >= 5, "{memberships}");
}
