//! Rows of the design's fault table that need the vendor's answer bent: late effects, gateway errors around every kind of
//! write, jobs, pages, search, rate limits, refusals. Read from the simulator's state and ledger.

use std::time::Duration;

use futures::future::join_all;
use human_support_operator::model::{
    AgentKey, DepartmentKey, Desired, Event, RemoteName, RouteKey, WebhookKey,
};
use human_support_operator::provider::{Outcome, ProviderError};
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::faults::assert_nothing_twice;
use crate::world::{SETTLE, World, example};

fn status(status: u16, effect: Effect) -> Action {
    Action::Status { status, body: None, retry_after: None, effect }
}

/// Creates of every kind that carries a mark.
const CREATES: [&str; 5] =
    ["/api/v2/groups", "/api/v2/users", "/api/v2/webhooks", "/api/v2/triggers", "/api/v2/ticket_fields"];

async fn an_effect_that_comes_late(path: &str, late: Duration) {
    let world = World::start().await;
    let milliseconds = u64::try_from(late.as_millis()).unwrap();
    let action = Action::Late { milliseconds, status: 504 };
    world.desk.faults().set(vec![Rule::new("late", action).on("POST", path).times(1)]);
    let desired = world.normalized(example(2));
    world.settle(&desired).await;
    let arrived = world.desk.ledger().entries().into_iter().find(|entry| entry.fault.is_some()).unwrap();
    // Whether the vendor still carries it out is its own business; when it does, it has by then.
    let now = jiff::Timestamp::now().as_millisecond();
    let left = arrived.arrived + i64::try_from(milliseconds).unwrap() + 100 - now;
    tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0)) + SETTLE).await;
    world.settle(&desired).await;
    assert_nothing_twice(&world);
    assert!(world.round(&desired).await.plan.is_empty(), "{path}");
}

#[tokio::test]
async fn an_effect_that_comes_inside_the_settle_window_leads_to_no_second_create() {
    join_all(CREATES.map(|path| async move {
        an_effect_that_comes_late(path, SETTLE / 2).await;
    }))
    .await;
}

#[tokio::test]
async fn an_effect_that_comes_after_the_second_create_is_reduced_to_one() {
    join_all(CREATES.map(|path| async move {
        an_effect_that_comes_late(path, SETTLE * 5).await;
    }))
    .await;
}

/// What a store of two agents becomes: a department renamed, a leaver, an event no longer delivered.
fn edited() -> Desired {
    let mut desired = example(2);
    desired.departments.get_mut(&DepartmentKey::new("d0")).unwrap().name = RemoteName::new("Renamed");
    desired.agents.remove(&AgentKey::new("ana1"));
    desired.memberships.retain(|key, _| key.agent != AgentKey::new("ana1"));
    let event = Event::ConversationResolved;
    desired.routes.remove(&RouteKey { webhook: WebhookKey::new("handler"), event });
    desired
}

async fn a_gateway_error_of((method, path): (&str, &str), (code, effect): (u16, Effect)) {
    let world = World::start().await;
    world.converge(&world.normalized(example(2))).await;
    world.desk.faults().set(vec![Rule::new("gateway", status(code, effect)).on(method, path).times(1)]);
    let desired = world.normalized(edited());
    world.clear_calls();
    world.settle(&desired).await;
    let injured = world.desk.ledger().entries().into_iter().filter(|entry| entry.fault.is_some());
    assert_eq!(injured.count(), 1, "{method} {path} was met");
    let account = world.account();
    let all = |kind: &str| account[kind].as_array().cloned().unwrap_or_default();
    assert!(all("groups").iter().any(|group| group["name"] == "Renamed"), "{method} {code} {effect:?}");
    let resolved = |trigger: &&Value| trigger["title"] == "lojacentro - ConversationResolved";
    assert_eq!(all("triggers").iter().filter(resolved).count(), 0, "{method} {code} {effect:?}");
    assert_eq!(world.user("ana1@loja.example")["suspended"], true);
    assert!(world.round(&desired).await.plan.is_empty());
}

#[tokio::test]
async fn a_gateway_error_with_and_without_the_effect_of_an_update_or_a_delete_is_found_out() {
    let writes = [("PUT", "/api/v2/groups/*"), ("PUT", "/api/v2/users/*"), ("DELETE", "/api/v2/triggers/*")];
    let codes = [502, 503, 504].into_iter().flat_map(|code| [(code, Effect::None), (code, Effect::Applied)]);
    let runs = codes.flat_map(|how| writes.map(|write| a_gateway_error_of(write, how)));
    join_all(runs).await;
}

#[tokio::test]
async fn a_delete_of_what_is_gone_already_is_done() {
    let world = World::start().await;
    world.converge(&world.normalized(example(2))).await;
    let gone = Action::Status { status: 404, body: None, retry_after: None, effect: Effect::Applied };
    world.desk.faults().set(vec![Rule::new("gone", gone).on("DELETE", "/api/v2/triggers/*").times(1)]);
    let round = world.round(&world.normalized(edited())).await;
    round.assert_all_applied();
}

#[tokio::test]
async fn items_of_a_job_that_fail_are_done_in_a_later_round_and_the_others_at_once() {
    let world = World::start().await;
    let action = Action::Vendor { disturbance: json!({ "failItems": [0, 3] }) };
    let jobs = ("POST", "/api/v2/group_memberships/create_many");
    world.desk.faults().set(vec![Rule::new("items", action).on(jobs.0, jobs.1).times(1)]);
    let desired = world.normalized(example(5));
    let round = world.round(&desired).await;
    let of_job = |outcome: &Outcome| matches!(outcome, Outcome::NotApplied(_) | Outcome::Unknown);
    let failed = round.outcomes.iter().filter(|outcome| of_job(outcome)).count();
    assert_eq!(failed, 2, "{:?}", round.outcomes);
    world.settle(&desired).await;
    assert_eq!(ours_in_departments(&world), 5);
}

#[tokio::test]
async fn a_job_that_disappears_is_looked_up_and_nothing_is_done_twice() {
    let world = World::start().await;
    let action = Action::Vendor { disturbance: json!({ "job": "vanish" }) };
    let jobs = ("POST", "/api/v2/group_memberships/create_many");
    world.desk.faults().set(vec![Rule::new("vanish", action).on(jobs.0, jobs.1).times(1)]);
    let desired = world.normalized(example(5));
    world.settle(&desired).await;
    assert_eq!(ours_in_departments(&world), 5);
    assert!(world.round(&desired).await.plan.is_empty());
}

#[tokio::test]
async fn too_many_jobs_is_a_wait_and_not_a_failure() {
    let world = World::start().await;
    let body = json!({ "error": "TooManyJobs", "description": "too many" });
    let action = Action::Status {
        status: 429,
        body: Some(body),
        retry_after: Some("1".to_owned()),
        effect: Effect::None,
    };
    let jobs = ("POST", "/api/v2/group_memberships/create_many");
    world.desk.faults().set(vec![Rule::new("jobs", action).on(jobs.0, jobs.1).times(1)]);
    let desired = world.normalized(example(5));
    world.settle(&desired).await;
    assert_eq!(ours_in_departments(&world), 5);
}

/// The memberships of our agents in our departments.
pub(crate) fn ours_in_departments(world: &World) -> usize {
    let account = world.account();
    let groups = account["groups"].as_array().unwrap();
    let ours = |id: &Value| {
        groups.iter().any(|group| {
            group["id"] == *id && group["description"].as_str().is_some_and(|text| text.contains("hso1c/"))
        })
    };
    let memberships = account["group_memberships"].as_array().unwrap();
    memberships.iter().filter(|membership| ours(&membership["group_id"])).count()
}

#[tokio::test]
async fn a_page_in_the_middle_that_fails_is_no_reading() {
    let world = World::start().await;
    let desired = world.normalized(example(3));
    world.converge(&desired).await;
    for number in 0..630 {
        let title = format!("somebody's {number}");
        let trigger = json!({ "trigger": { "title": title, "actions": [{ "field": "status", "value": "open" }],
            "conditions": { "all": [{ "field": "status", "operator": "is", "value": "new" }], "any": [] } } });
        world.person("POST", "/api/v2/triggers", trigger).await;
    }
    let mut third =
        Rule::new("page 3 of 7", status(500, Effect::None)).on("GET", "/api/v2/triggers").times(4);
    third.skip = 2;
    world.desk.faults().set(vec![third]);
    world.clear_calls();
    assert_eq!(world.observe_error(&desired).await, ProviderError::Unavailable);
    world.desk.faults().set(Vec::new());
    assert_eq!(world.zendesk_writes(), 0);
    world.clear_calls();
    assert!(world.round(&desired).await.plan.is_empty());
    let pages = world.calls().iter().filter(|call| *call == "GET /triggers").count();
    assert_eq!(pages, 7);
    assert_eq!(world.zendesk_writes(), 0);
}

#[tokio::test]
async fn a_search_index_an_hour_behind_changes_nothing_and_is_never_asked() {
    let world = World::start().await;
    let hour = json!({ "searchDelayMilliseconds": 3_600_000, "externalIdFilterLags": "yes" });
    world.control("PUT", "assumptions", hour).await;
    world.settle(&world.normalized(example(3))).await;
    let desired = world.normalized(edited());
    world.settle(&desired).await;
    assert!(world.round(&desired).await.plan.is_empty());
    let marks = |state: &Value| state["users"].to_string().matches("/agent/ana0").count();
    assert_eq!(marks(&world.account()), 1);
    // A lookup of one address is evidence and no list: a miss proves nothing.
    let lists = world.desk.ledger().entries().into_iter();
    let lists: Vec<String> = lists
        .filter(|entry| entry.path.contains("/search") && !entry.path.contains("/users/search"))
        .map(|entry| entry.path)
        .collect();
    assert!(lists.is_empty(), "{lists:?}");
}

#[tokio::test]
async fn every_retry_after_is_kept_and_none_is_a_hot_loop() {
    let date = |seconds: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
    };
    let forms = [
        Some("2".to_owned()),
        Some(date(2)),
        None,
        Some("0".to_owned()),
        Some("-5".to_owned()),
        Some("99999999999999999999".to_owned()),
        Some("soon".to_owned()),
    ];
    join_all(forms.map(|retry_after| async move {
        let world = World::start().await;
        let desired = world.normalized(example(2));
        world.converge(&desired).await;
        world.clear_calls();
        let form = format!("{retry_after:?}");
        let action = Action::Status { status: 429, body: None, retry_after, effect: Effect::None };
        world.desk.faults().set(vec![Rule::new("limit", action).on("GET", "/api/v2/groups").times(1)]);
        // Short waits are waited for; for the others the caller is told, and nothing is sent meanwhile.
        let look = tokio::time::timeout(Duration::from_secs(4), world.observe(&desired)).await;
        if let Ok(Err(error)) = &look {
            assert!(matches!(error, ProviderError::Throttled { .. }), "{form}: {error:?}");
        }
        let entries = world.desk.ledger().entries();
        let limited = entries.iter().find(|entry| entry.status == Some(429)).unwrap();
        let ended = limited.ended.unwrap();
        // What was on its way when the answer came may still arrive.
        let inside = entries.iter().filter(|entry| (ended + 200..ended + 950).contains(&entry.arrived));
        assert_eq!(inside.count(), 0, "{form}: at least a second of silence");
        assert!(entries.len() <= 2 * 7 + 2, "{form}: {}", entries.len());
    }))
    .await;
}

#[tokio::test]
async fn a_refusal_of_one_endpoint_is_said_and_nothing_is_concluded_from_it() {
    for list in ["users", "groups", "triggers", "webhooks", "ticket_fields"] {
        let world = World::start().await;
        let desired = world.normalized(example(2));
        world.converge(&desired).await;
        let before = world.zendesk_writes();
        let rule = Rule::new("refused", status(403, Effect::None)).on("GET", &format!("/api/v2/{list}"));
        world.desk.faults().set(vec![rule]);
        assert_eq!(world.observe_error(&desired).await, ProviderError::Forbidden, "{list}");
        world.desk.faults().set(Vec::new());
        assert!(world.round(&desired).await.plan.is_empty(), "{list}");
        assert_eq!(world.zendesk_writes(), before);
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_reading() {
    let world = World::start().await;
    let desired = world.normalized(example(2));
    world.converge(&desired).await;
    let before = world.zendesk_writes();
    for bytes in [0, 1, 40] {
        let action = Action::Truncate { bytes };
        world.desk.faults().set(vec![Rule::new("breaks off", action).on("GET", "/api/v2/groups").times(4)]);
        let error = world.observe_error(&desired).await;
        let is_known = matches!(error, ProviderError::Unavailable | ProviderError::Malformed);
        assert!(is_known, "after {bytes} bytes: {error:?}");
        world.desk.faults().set(Vec::new());
    }
    assert!(world.round(&desired).await.plan.is_empty());
    assert_eq!(world.zendesk_writes(), before);
}
