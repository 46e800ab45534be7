//! Webhook bindings as subscriptions: limits, duplicates, replacements, states, and the token's version.

use std::collections::BTreeMap;

use human_support_operator::model::{
    AdoptionPolicy, Event, ExternalId, Kind, ObjectKey, Policy, Reason, RouteKey, SecretVersion, Trigger,
    Url, WebhookKey,
};
use human_support_operator::provider::zenvia::{Api, Config};
use human_support_operator::provider::{Deliveries, Outcome, Provider, ProviderError};
use serde_json::{Value, json};

use crate::world::{self, MARK, World, bind, example, policy};

fn subscription(url: &str) -> Value {
    json!({ "eventType": "CONVERSATION_MESSAGE", "webhook": { "url": url, "headers": { "X-Theirs": "kept" } },
        "criteria": { "channel": "whatsapp", "direction": "OUT" }, "version": "v2" })
}

async fn made_by_a_person(world: &World, body: Value) -> String {
    let made = world.person("POST", "/v2/subscriptions", body).await;
    made["id"].as_str().unwrap().to_owned()
}

fn headers(world: &World, id: &str) -> Value {
    world.desk.secrets()["accounts"][world::ACCOUNT.to_string()]["webhooks"][id]["headers"].clone()
}

const URL: &str = "https://handler.example/webhooks/zenvia";

fn replied() -> ObjectKey {
    ObjectKey::new(Kind::EventRoute, "handler/AgentReplied")
}

#[tokio::test]
async fn a_new_address_and_a_new_token_are_one_change_of_each_subscription() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let mut desired = world.normalized(example(1));
    world.converge(&desired).await;
    let webhook = desired.webhooks.get_mut(&WebhookKey::new("handler")).unwrap();
    webhook.url = Url::new("https://handler.example/next");
    webhook.secret = Some(SecretVersion::new("uid/2"));
    world.clear_calls();
    world.converge(&desired).await;
    assert_eq!(world.write_calls(), ["PATCH /subscriptions/{id}"; 2]);
    for one in world.subscriptions() {
        assert_eq!(one["webhook"]["url"], "https://handler.example/next");
        let held = headers(&world, one["id"].as_str().unwrap());
        assert_eq!(held["Authorization"], "Bearer second token");
        let mark = held["X-HumanSupport-Mark"].as_str().unwrap();
        assert!(
            mark.starts_with(&format!("{MARK}/route/handler/")) && mark.ends_with("secret=uid/2"),
            "{mark}"
        );
    }
}

#[tokio::test]
async fn the_binding_bears_the_fence_where_there_is_no_department() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let desired = world.normalized(example(1));
    world.set_bearer(ObjectKey::new(Kind::Webhook, "handler"));
    world.converge(&desired).await;
    for one in world.subscriptions() {
        let held = headers(&world, one["id"].as_str().unwrap());
        assert!(held["X-HumanSupport-Mark"].as_str().unwrap().contains(" by=01234567 "), "{held}");
    }
}

#[tokio::test]
async fn anothers_subscription_of_the_same_event_and_address_is_adopted_only_by_policy() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let desired = world.normalized(example(1));
    let id = made_by_a_person(&world, subscription(URL)).await;
    let round = world.round(&desired).await;
    assert_eq!(round.held(Kind::EventRoute, "handler/AgentReplied"), Reason::AdoptionRequired);
    assert_eq!(world.subscriptions().len(), 2, "the other event is bound");
    assert_eq!(headers(&world, &id), json!({ "X-Theirs": "kept" }));
    let adopt = BTreeMap::from([(replied(), ExternalId::new(&id))]);
    let named = Policy { adopt, ..policy(&world.provider, &desired) };
    world.round_under(&desired, named).await.assert_all_applied();
    let held = headers(&world, &id);
    assert_eq!(held["X-Theirs"], "kept");
    assert!(held["X-HumanSupport-Mark"].as_str().unwrap().starts_with("hso1a/"), "{held}");
    assert!(world.round(&desired).await.plan.is_empty());
    assert_eq!(world.subscriptions().len(), 2);
}

#[tokio::test]
async fn an_exact_match_is_taken_over_where_the_policy_says_so() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let desired = world.normalized(example(1));
    made_by_a_person(&world, subscription(URL)).await;
    let adopting = Policy { adoption: AdoptionPolicy::IfUnowned, ..policy(&world.provider, &desired) };
    world.round_under(&desired, adopting).await.assert_all_applied();
    assert_eq!(world.subscriptions().len(), 2);
}

#[tokio::test]
async fn a_third_subscription_is_the_limit_and_the_rest_goes_on() {
    for position in ["conflict", "validation"] {
        let world = World::start(Api::SubscriptionsOnly).await;
        let assumption = format!("thirdOfSameCriteria={position}");
        world.desk.assume(sandbox::zenvia::Assumptions::default().with(&assumption).unwrap());
        for number in 0..2 {
            made_by_a_person(&world, subscription(&format!("https://crm.example/{number}"))).await;
        }
        let desired = world.normalized(example(1));
        let round = world.round(&desired).await;
        let limit = ProviderError::Rejected { reason: Reason::WebhookLimitReached, field: None };
        let outcome = round.outcome(Kind::EventRoute, "handler/AgentReplied");
        assert_eq!(*outcome, Outcome::NotApplied(limit), "{position}");
        assert_eq!(world.subscriptions().len(), 3, "{position}: the other event is bound");
        assert!(!world.claims.lock().unwrap().contains_key(&replied()));
    }
}

#[tokio::test]
async fn other_criteria_are_replaced_inside_the_limit_and_nothing_is_missed() {
    for others in [0, 1] {
        let world = World::start(Api::SubscriptionsOnly).await;
        for number in 0..others {
            made_by_a_person(&world, subscription(&format!("https://crm.example/{number}"))).await;
        }
        let mut body = subscription(URL);
        body["criteria"]["direction"] = json!("IN");
        body["webhook"]["headers"] = json!({ "X-HumanSupport-Mark":
            format!("{MARK}/route/handler/agentreplied secret=uid/1") });
        let old = made_by_a_person(&world, body).await;
        let desired = world.normalized(example(1));
        world.clear_calls();
        world.settle(&desired).await;
        let all = world.subscriptions();
        assert!(all.iter().all(|one| one["id"] != json!(old)));
        let ours: Vec<&Value> = all.iter().filter(|one| one["webhook"]["url"] == URL).collect();
        assert_eq!(ours.len(), 2, "{all:#?}");
        let order: Vec<String> = world
            .write_calls()
            .into_iter()
            .filter(|call| call.starts_with("DELETE") || call.starts_with("POST"))
            .collect();
        let deleted = order.iter().position(|call| call.starts_with("DELETE")).unwrap();
        assert!(deleted > 0, "the new one is tried first: {order:?}");
    }
}

#[tokio::test]
async fn ours_that_the_list_did_not_show_is_taken_after_a_409() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let desired = world.normalized(example(1));
    let observed = world.observe(&desired).await.unwrap();
    let plan = human_support_operator::plan::plan(&desired, &observed, &policy(&world.provider, &desired));
    let first = world.apply(&plan, &observed).await;
    let before = world.subscriptions();
    let again = world.apply(&plan, &observed).await;
    assert_eq!(first, again, "the same ids");
    assert_eq!(world.subscriptions().len(), before.len());
}

#[tokio::test]
async fn a_degraded_subscription_is_told_and_never_patched() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let desired = world.normalized(example(1));
    world.converge(&desired).await;
    let webhook = world.observe(&desired).await.unwrap().webhooks[0].id.clone();
    assert_eq!(world.provider.deliveries(&webhook).await.unwrap(), Deliveries::Succeeding);
    deliver(&world, 1).await;
    let round = world.round(&desired).await;
    assert!(round.plan.is_empty(), "{:#?}", round.plan);
    assert_eq!(world.provider.deliveries(&webhook).await.unwrap(), Deliveries::Degraded);
    assert!(world.write_calls().iter().all(|call| !call.starts_with("PATCH")));
}

/// Attempts of the vendor that got no answer: ten failures each.
async fn deliver(world: &World, count: usize) {
    for one in world.subscriptions() {
        let body = json!({ "account": world::ACCOUNT, "subscriptionId": one["id"], "count": count,
            "statusCode": null, "milliseconds": 5000 });
        world.control("POST", "deliveries", body).await;
    }
}

#[tokio::test]
async fn an_inactive_subscription_is_revived_once_within_the_backoff() {
    for position in ["revives", "ignored", "refused"] {
        let world = World::start(Api::SubscriptionsOnly).await;
        let assumption = format!("patchRevivesInactive={position}");
        world.desk.assume(sandbox::zenvia::Assumptions::default().with(&assumption).unwrap());
        let desired = world.normalized(example(1));
        world.converge(&desired).await;
        deliver(&world, 50).await;
        let patches =
            |world: &World| world.write_calls().iter().filter(|call| call.starts_with("PATCH")).count();
        for _ in 0..4 {
            world.round(&desired).await;
        }
        assert_eq!(patches(&world), 2, "{position}: one for each subscription");
        let revived = world.subscriptions().iter().all(|one| one["status"] == "ACTIVE");
        assert_eq!(revived, position == "revives");
        if position != "revives" {
            let webhook = world.observe(&desired).await.unwrap().webhooks[0].id.clone();
            assert_eq!(world.provider.deliveries(&webhook).await.unwrap(), Deliveries::Failing);
        }
    }
}

#[tokio::test]
async fn after_the_backoff_an_inactive_subscription_is_revived_again() {
    let world = World::start_with(Api::SubscriptionsOnly, |config| Config {
        revive_backoff: std::time::Duration::ZERO,
        ..config
    });
    let world = world.await;
    let desired = world.normalized(example(1));
    world.converge(&desired).await;
    for _ in 0..2 {
        deliver(&world, 50).await;
        world.settle(&desired).await;
        assert!(world.subscriptions().iter().all(|one| one["status"] == "ACTIVE"));
    }
}

#[tokio::test]
async fn a_binding_that_is_taken_out_takes_its_subscriptions_with_it() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let mut both = example(1);
    bind(&mut both, "other", &[Event::AgentReplied]);
    world.converge(&world.normalized(both)).await;
    assert_eq!(world.subscriptions().len(), 3);
    let one = world.normalized(example(1));
    world.settle(&one).await;
    let urls: Vec<Value> = world.subscriptions().iter().map(|one| one["webhook"]["url"].clone()).collect();
    assert_eq!(urls, [json!(URL), json!(URL)]);
    let key = ObjectKey::new(
        Kind::EventRoute,
        RouteKey { webhook: WebhookKey::new("other"), event: Event::AgentReplied },
    );
    assert!(!world.claims.lock().unwrap().contains_key(&key));
}

#[tokio::test]
async fn conditions_that_a_person_changed_are_no_event_of_ours() {
    let world = World::start(Api::SubscriptionsOnly).await;
    let desired = world.normalized(example(1));
    let body = json!({ "eventType": "CONTACT", "webhook": { "url": URL, "headers": {} },
        "criteria": { "action": ["CREATED"] } });
    let id = made_by_a_person(&world, body).await;
    let named = BTreeMap::from([(replied(), ExternalId::new(&id))]);
    let observed = world.observe_named(&desired, &named).await.unwrap();
    assert!(matches!(&observed.routes[0].value.on, Trigger::Other(text) if text.starts_with("CONTACT")));
    assert!(world.observe(&desired).await.unwrap().routes.is_empty(), "it concerns nobody");
}
