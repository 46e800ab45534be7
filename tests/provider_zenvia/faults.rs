//! The provider under faults, and in every position of what no source settles: nothing is made twice, no broken answer
//! is taken for absence, and a last round writes nothing.

use futures::future::join_all;
use human_support_operator::model::{
    AgentKey, DepartmentKey, Desired, Reason, RemoteName, SecretVersion, Url, WebhookKey,
};
use human_support_operator::provider::zenvia::Api;
use human_support_operator::provider::{Outcome, ProviderError};
use sandbox::simulator::faults::Nonsense;
use sandbox::simulator::{Action, Effect, Rule};
use sandbox::zenvia::Assumptions;
use serde_json::json;

use crate::world::{SETTLE, World, example};

/// Every switch in its other positions. `updateRequiresPassword` has a test of its own: an update never carries one.
const SWITCHES: [(&str, &[&str]); 35] = [
    ("ids", &["strings"]),
    ("envelope", &["dataForOne", "data"]),
    ("listSuccess", &["present"]),
    ("partnerFailureStatus", &["400", "422"]),
    ("partnerWrongTokenStatus", &["401"]),
    ("externalWrongTokenStatus", &["200"]),
    ("externalNotFoundStatus", &["200"]),
    ("limitCap", &["2", "50"]),
    ("missingAccountId", &["allAccounts"]),
    ("accountShow", &["yes"]),
    ("deleteAgent", &["refused"]),
    ("deletedAgents", &["hidden"]),
    ("deletionFreesEmail", &["yes"]),
    ("passwordFormatChecked", &["no"]),
    ("partialAgentUpdate", &["resets"]),
    ("emptyDepartmentIds", &["firstDepartment"]),
    ("unknownDepartmentIds", &["ignored"]),
    ("textLimitOnRead", &["yes"]),
    ("licenseExceeded", &["accepted"]),
    ("licenseExceededError", &["No more licenses"]),
    ("licenseBelowActive", &["refused"]),
    ("emailScope", &["everywhere", "nowhere"]),
    ("duplicateEmailError", &["E-mail already in use"]),
    ("departmentNamesUnique", &["yes"]),
    ("departmentAgentIds", &["add"]),
    ("externalPaging", &["pages"]),
    ("externalWriteReply", &["bare"]),
    ("duplicateKey", &["wholeRequest"]),
    ("sameCriteria", &["fullCriteria"]),
    ("thirdOfSameCriteria", &["validation"]),
    ("patchRevivesInactive", &["ignored", "refused"]),
    ("patchHealsDegraded", &["yes"]),
    ("urlChangeHealsDegraded", &["no"]),
    ("patchWebhook", &["merges"]),
    ("webhookHeaders", &["lowerCased", "hidden"]),
];

fn alternatives() -> Vec<(String, Assumptions)> {
    let words = SWITCHES
        .iter()
        .flat_map(|(switch, positions)| positions.iter().map(move |position| format!("{switch}={position}")));
    words.map(|text| (text.clone(), Assumptions::default().with(&text).unwrap())).collect()
}

#[test]
fn the_list_of_switches_covers_the_simulators() {
    let defaults = serde_json::to_value(Assumptions::default()).unwrap();
    for (key, value) in defaults.as_object().unwrap() {
        let free = [
            "updateRequiresPassword",
            "subscriptionRequestsPerMinute",
            "chatRequestsPerMinute",
            "retryAfterSeconds",
        ]
        .contains(&key.as_str());
        let covered = alternatives().iter().any(|(name, one)| {
            name.starts_with(&format!("{key}=")) && serde_json::to_value(one).unwrap()[key] != *value
        });
        assert!(free || covered, "{key} has no other position in the list");
    }
}

async fn world_with(api: Api, assumptions: Assumptions) -> World {
    let world = World::start(api).await;
    world.desk.assume(assumptions);
    world
}

/// A store of a partner that lost an agent, renamed a department and an agent, and moved its webhook.
fn edited() -> Desired {
    let Desired { departments, licenses, .. } = example(3);
    let mut edited = Desired { departments, licenses, ..example(2) };
    edited.departments.get_mut(&DepartmentKey::new("d0")).unwrap().name = RemoteName::new("Renamed");
    let agent = edited.agents.get_mut(&AgentKey::new("ana1")).unwrap();
    agent.name = "Ana Souza".to_owned();
    agent.max_conversations = Some(5);
    let webhook = edited.webhooks.get_mut(&WebhookKey::new("handler")).unwrap();
    webhook.url = Url::new("https://handler.example/next");
    webhook.secret = Some(SecretVersion::new("uid/2"));
    edited
}

async fn lives_under(name: String, assumptions: Assumptions) {
    let mut world = world_with(Api::Partner, assumptions).await;
    world.settle(&world.normalized(example(3))).await;
    let desired = world.normalized(edited());
    world.settle(&desired).await;
    let before = world.write_calls().len();
    let last = world.round(&desired).await;
    assert!(last.plan.is_empty(), "{name}: {:#?}", last.plan);
    assert_eq!(world.write_calls().len(), before, "{name}");
    assert_eq!(world.agent("ana2@loja.example")["active"], false, "{name}");
    let agent = world.agent("ana1@loja.example");
    assert_eq!(
        (agent["name"].as_str(), agent["text_limit"].as_u64()),
        (Some("Ana Souza"), Some(5)),
        "{name}"
    );
    assert_eq!(world.subscriptions().len(), 2, "{name}");
    tokio::time::sleep(SETTLE).await;
    world.restart();
    world.settle(&desired).await;
    assert_eq!(world.subscriptions().len(), 2, "{name}");
    assert_eq!(world.account()["agents"].as_array().unwrap().len(), 3, "{name}");
}

#[tokio::test]
async fn a_store_lives_whatever_the_vendor_does_where_no_source_says() {
    let lives = alternatives().into_iter().map(|(name, assumptions)| {
        let task = tokio::spawn(lives_under(name.clone(), assumptions));
        async move { task.await.err().map(|error| format!("{name}: {error}")) }
    });
    let failed: Vec<String> = join_all(lives).await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

async fn lives_by_the_account_under(name: String, assumptions: Assumptions) {
    let world = world_with(Api::Account, assumptions).await;
    let mut desired = example(2);
    desired.departments.clear();
    desired.memberships.clear();
    let mut desired = world.normalized(desired);
    world.settle(&desired).await;
    desired.agents.get_mut(&AgentKey::new("ana1")).unwrap().name = "Ana Souza".to_owned();
    world.settle(&desired).await;
    assert_eq!(world.agent("ana1@loja.example")["name"], "Ana Souza", "{name}");
    assert_eq!(world.account()["agents"].as_array().unwrap().len(), 2, "{name}");
}

#[tokio::test]
async fn an_accounts_own_token_serves_a_store_whatever_the_vendor_does() {
    let lives = alternatives().into_iter().map(|(name, assumptions)| {
        let task = tokio::spawn(lives_by_the_account_under(name.clone(), assumptions));
        async move { task.await.err().map(|error| format!("{name}: {error}")) }
    });
    let failed: Vec<String> = join_all(lives).await.into_iter().flatten().collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

fn assert_nothing_twice(world: &World, name: &str) {
    let account = world.account();
    let count = |kind: &str| account[kind].as_array().unwrap().len();
    assert_eq!(
        (count("agents"), world.marked_departments().len(), count("subscriptions")),
        (2, 2, 2),
        "{name}"
    );
}

async fn loses_an_answer_under((name, assumptions): (String, Assumptions), path: &str, effect: Effect) {
    let world = world_with(Api::Partner, assumptions).await;
    let rule = Rule::new("lost", Action::Reset { effect }).on("POST", path).times(1);
    world.desk.faults().set(vec![rule]);
    let desired = world.normalized(example(2));
    let first = world.round(&desired).await;
    assert!(first.outcomes.contains(&Outcome::Unknown), "{name}, {path}: {:?}", first.outcomes);
    world.settle(&desired).await;
    assert_nothing_twice(&world, &name);
    let last = world.round(&desired).await;
    assert!(last.plan.is_empty(), "{name}, {path}: {:#?}", last.plan);
}

#[tokio::test]
async fn a_lost_answer_makes_nothing_twice_whatever_the_vendor_does_where_no_source_says() {
    for path in ["/partner/api/departments", "/partner/api/agents", "/v2/subscriptions"] {
        for effect in [Effect::Applied, Effect::None] {
            join_all(alternatives().into_iter().map(|one| loses_an_answer_under(one, path, effect))).await;
        }
    }
}

#[tokio::test]
async fn an_update_that_wants_a_password_is_refused_and_never_gets_one() {
    let assumptions = Assumptions::default().with("updateRequiresPassword=yes").unwrap();
    let world = world_with(Api::Partner, assumptions).await;
    let mut desired = world.normalized(example(1));
    world.converge(&desired).await;
    desired.agents.get_mut(&AgentKey::new("ana0")).unwrap().name = "Ana Souza".to_owned();
    let round = world.round(&desired).await;
    let refused = ProviderError::Rejected { reason: Reason::Rejected, field: Some("password".to_owned()) };
    assert_eq!(round.outcomes, [Outcome::NotApplied(refused)]);
    assert_eq!(world.agent("ana0@loja.example")["password_writes"], 1);
}

#[tokio::test]
async fn a_list_that_fails_or_makes_no_sense_is_no_reading() {
    for path in
        ["/partner/api/agents", "/partner/api/departments", "/partner/api/accounts", "/v2/subscriptions"]
    {
        let world = World::start(Api::Partner).await;
        let desired = world.normalized(example(2));
        world.converge(&desired).await;
        let before = world.write_calls().len();
        let failing = Action::Status { status: 500, body: None, retry_after: None, effect: Effect::None };
        world.desk.faults().set(vec![Rule::new("down", failing).on("GET", path).times(3)]);
        assert_eq!(world.observe(&desired).await.unwrap_err(), ProviderError::Unavailable, "{path}");
        let refusing = Action::Status {
            status: 200,
            body: Some(json!({ "status": 200, "success": false, "errors": "Something else" })),
            retry_after: None,
            effect: Effect::None,
        };
        if path.starts_with("/partner") {
            world.desk.faults().set(vec![Rule::new("refusal", refusing).on("GET", path).times(1)]);
            let error = world.observe(&desired).await.unwrap_err();
            assert!(matches!(error, ProviderError::Rejected { .. }), "{path}: {error:?}");
        }
        for with in [
            Nonsense::Html,
            Nonsense::Empty,
            Nonsense::EmptyObject,
            Nonsense::InvalidUtf8,
            Nonsense::WrongTypes,
        ] {
            let label = format!("{path} {with:?}");
            let action = Action::Replace { with, size: 100, effect: Effect::None };
            world.desk.faults().set(vec![Rule::new("nonsense", action).on("GET", path).times(1)]);
            assert_eq!(world.observe(&desired).await.unwrap_err(), ProviderError::Malformed, "{label}");
        }
        world.desk.faults().set(Vec::new());
        assert!(world.round(&desired).await.plan.is_empty(), "{path}");
        assert_eq!(world.write_calls().len(), before, "{path}");
    }
}

#[tokio::test]
async fn repeated_skipped_and_filtered_pages_are_no_reading() {
    let world = World::start(Api::Partner).await;
    world.desk.assume(Assumptions::default().with("limitCap=20").unwrap());
    let desired = world.normalized(example(50));
    world.converge(&desired).await;
    tokio::time::sleep(SETTLE).await;
    assert!(world.round(&desired).await.plan.is_empty());
    let before = world.write_calls().len();
    let ours = world.agent("ana7@loja.example")["id"].to_string();
    for action in [Action::RepeatPage, Action::SkipPage, Action::Omit { ids: vec![ours] }] {
        let label = format!("{action:?}");
        world.desk.faults().set(vec![Rule::new("pages", action).on("GET", "/partner/api/agents").times(10)]);
        assert_eq!(world.observe(&desired).await.unwrap_err(), ProviderError::Malformed, "{label}");
        world.desk.faults().set(Vec::new());
    }
    assert!(world.round(&desired).await.plan.is_empty());
    assert_eq!(world.write_calls().len(), before);
}

#[tokio::test]
async fn what_the_vendor_drops_of_a_write_is_told() {
    for (path, field, told) in [
        ("/partner/api/departments", "description", "description"),
        ("/partner/api/agents", "department_ids", "departments"),
        ("/v2/subscriptions", "X-HumanSupport-Mark", "mark"),
    ] {
        let world = World::start(Api::Partner).await;
        let action = Action::DropFields { fields: vec![field.to_owned()] };
        world.desk.faults().set(vec![Rule::new("drops", action).on("POST", path).times(1)]);
        let round = world.round(&world.normalized(example(2))).await;
        let wanted = Outcome::NotApplied(ProviderError::Rejected {
            reason: Reason::FieldIgnored,
            field: Some(told.to_owned()),
        });
        assert!(round.outcomes.contains(&wanted), "{path}: {:?}", round.outcomes);
    }
}

#[tokio::test]
async fn a_closed_fence_sends_no_write() {
    let world = World::closed(Api::Partner).await;
    let round = world.round(&world.normalized(example(2))).await;
    assert!(!round.outcomes.is_empty());
    assert!(round.outcomes.iter().all(|one| *one == Outcome::NotApplied(ProviderError::NotLeading)));
    assert!(world.write_calls().is_empty());
}
