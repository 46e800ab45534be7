//! Adapters that break the contract, by accident or on purpose: nothing is concluded from what they say, and nothing is
//! written twice. Over real HTTP, against an adapter that answers whatever a test wants.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code throughout")]

mod hostile;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use human_support_operator::model::*;
use human_support_operator::plan::{Change, Step};
use human_support_operator::provider::external::{Config, Credentials, External, Link};
use human_support_operator::provider::http::{Bounds, LoopbackEndpoints};
use human_support_operator::provider::{Batch, Observation, Outcome, Provider, ProviderError, Scope};
use serde_json::{Value, json};

use hostile::{Answer, Hostile, MEDIA_TYPE};

fn offer() -> Value {
    let kinds = Kind::ALL.map(|kind| (kind.to_string(), json!("Managed")));
    json!({ "kinds": Value::Object(kinds.into_iter().collect()), "accessAfterRemoval": "Dismiss", "events": [] })
}

fn stamp() -> Stamp {
    Stamp {
        installation: Installation::parse("tests").unwrap(),
        former_installations: BTreeSet::new(),
        store: StoreId::new("store-loja-centro", "loja-centro"),
        fence: Fence::parse("0123456789abcdef").unwrap(),
        take_over_from: BTreeSet::new(),
        bearer: None,
    }
}

fn link(adapter: &Hostile, bounds: Bounds) -> std::sync::Arc<Link> {
    // Only the first call can install it, the others find it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut loopback = LoopbackEndpoints::default();
    loopback.add(&format!("desk.example={}", adapter.address())).unwrap();
    let settle = Duration::from_millis(50);
    let config = Config {
        requests_per_minute: Some(60_000),
        settle,
        loopback,
        bounds,
        ..Config::new("https://desk.example/adapter/").unwrap()
    };
    let link = Link::new(config).unwrap();
    link.set_credentials(&Credentials {
        token: "token".to_owned().into(),
        hmac_key: "key".to_owned().into(),
    });
    link
}

async fn external(adapter: &Hostile) -> External {
    link(adapter, Bounds::default()).negotiate(Duration::ZERO).await.unwrap()
}

async fn observe(external: &External) -> Result<Observation, ProviderError> {
    let (stamp, desired, claims, named) = (stamp(), Desired::none(), Claims::default(), BTreeMap::new());
    let scope = Scope {
        stamp: &stamp,
        desired: &desired,
        claims: &claims,
        applied_licenses: None,
        named: &named,
        not_before: Instant::now(),
    };
    external.observe(&scope).await
}

/// What a reading of these objects leads to.
async fn reading(answer: Answer) -> Result<Observation, ProviderError> {
    let adapter = Hostile::start(move |path, _| match path {
        "/adapter/" => Answer::contract(&offer()),
        _ => answer.clone(),
    })
    .await;
    observe(&external(&adapter).await).await
}

fn department(id: &str) -> Value {
    json!({ "id": id, "name": format!("name of {id}"), "active": true })
}

fn objects(members: Value) -> Answer {
    let mut objects = json!({ "complete": true });
    objects.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    Answer::contract(&objects)
}

#[tokio::test]
async fn a_reading_that_is_right_is_taken() {
    let observed = reading(objects(json!({ "departments": [department("a-1"), department("a-2")] }))).await;
    assert!(observed.unwrap().observed.departments.is_empty(), "nobody declared or marked them");
}

#[tokio::test]
async fn a_reading_that_breaks_the_contract_is_no_reading() {
    let long = "x".repeat(2000);
    let agent = |member: &str, value: Value| {
        let mut agent = json!({ "id": "a-1", "name": "Ana", "email": "ana@loja.example", "profile": "Agent",
            "access": "Active" });
        agent[member] = value;
        json!({ "agents": [agent] })
    };
    for members in [
        json!({ "complete": false }),
        json!({ "departments": [department("a-1"), department("a-1")] }),
        json!({ "departments": [department("")] }),
        json!({ "departments": [department("../../objects")] }),
        json!({ "departments": [department("a\nb")] }),
        json!({ "departments": [department(&"9".repeat(129))] }),
        json!({ "departments": [{ "id": 7, "name": "n", "active": true }] }),
        json!({ "departments": [{ "id": "a-1", "name": long, "active": true }] }),
        json!({ "departments": [{ "id": "a-1", "active": true }] }),
        json!({ "departments": {} }),
        agent("access", json!("Gone")),
        agent("email", json!(null)),
        agent("mark", json!(7)),
        json!({ "memberships": [{ "id": "m-1", "agent": "no id", "department": "d-1", "standing": "Default" }] }),
        json!({ "routes": [{ "id": "r-1", "title": "t", "active": true, "event": "Everything" }] }),
    ] {
        let label = members.to_string();
        assert_eq!(reading(objects(members)).await.err(), Some(ProviderError::Malformed), "{label}");
    }
}

#[tokio::test]
async fn an_answer_that_is_no_contract_at_all_is_no_reading() {
    let huge = format!(r#"{{"complete":true,"more":"{}"}}"#, "x".repeat(10 << 20));
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for (content_type, body) in [
        (MEDIA_TYPE, huge.as_str()),
        (MEDIA_TYPE, &deep),
        (MEDIA_TYPE, "<html>sign in</html>"),
        (MEDIA_TYPE, ""),
        (MEDIA_TYPE, "{}"),
        ("application/json", r#"{"complete":true}"#),
        ("text/html", r#"{"complete":true}"#),
    ] {
        let answer = Answer { status: 200, content_type: content_type.to_owned(), body: body.to_owned() };
        let error = reading(answer).await.err();
        assert_eq!(error, Some(ProviderError::Malformed), "{content_type} of {} bytes", body.len());
    }
}

#[tokio::test]
async fn another_version_is_told_in_words_that_help() {
    let other = "application/humansupport.adapter+json;version=2".to_owned();
    for answer in [
        Answer { status: 200, content_type: other.clone(), body: offer().to_string() },
        Answer { status: 406, content_type: other, body: "{}".to_owned() },
    ] {
        let adapter = Hostile::start(move |_, _| answer.clone()).await;
        let error = link(&adapter, Bounds::default()).negotiate(Duration::ZERO).await.unwrap_err();
        assert_eq!(error, ProviderError::OtherVersion);
        assert!(error.to_string().contains("version=1"), "{error}");
    }
}

#[tokio::test]
async fn a_refused_signature_is_refused_credentials() {
    let adapter = Hostile::start(|_, _| Answer::failure(401)).await;
    let error = link(&adapter, Bounds::default()).negotiate(Duration::ZERO).await.unwrap_err();
    assert_eq!(error, ProviderError::Unauthorized);
}

#[tokio::test]
async fn capabilities_without_sense_are_refused() {
    for (member, value) in [
        ("accessAfterRemoval", json!("Whatever")),
        ("kinds", json!({ "Department": "Sometimes" })),
        ("kinds", json!({ "License": "NoRemoval" })),
        ("events", json!(["Everything"])),
    ] {
        let mut offer = offer();
        offer[member] = value;
        let adapter = Hostile::start(move |_, _| Answer::contract(&offer)).await;
        let error = link(&adapter, Bounds::default()).negotiate(Duration::ZERO).await.unwrap_err();
        assert_eq!(error, ProviderError::Malformed, "{member}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Hostile::start(|_, _| Answer::contract(&offer())).await;
    let location = format!("http://{}/", elsewhere.address());
    let adapter = Hostile::start(move |_, _| Answer::redirect(&location)).await;
    assert!(link(&adapter, Bounds::default()).negotiate(Duration::ZERO).await.is_err());
    assert_eq!(elsewhere.requests().len(), 0, "the token went nowhere else");
}

#[tokio::test]
async fn an_adapter_that_does_not_answer_is_unavailable_and_one_that_is_known_is_asked_again_later() {
    let adapter = Hostile::start(|path, number| match (path, number) {
        ("/adapter/", 0) => Answer::contract(&offer()),
        _ => Answer::hang(),
    })
    .await;
    let bounds = Bounds { read: Duration::from_millis(200), ..Bounds::default() };
    let link = link(&adapter, bounds);
    let external = link.negotiate(Duration::ZERO).await.unwrap();
    assert_eq!(observe(&external).await.err(), Some(ProviderError::Unavailable));
    let still = link.negotiate(Duration::ZERO).await.unwrap();
    assert_eq!(still.capabilities(), external.capabilities(), "what it offered still holds");
}

fn create(keys: &[&str]) -> Vec<Step> {
    let value =
        |key: &str| Department { name: RemoteName::new(key), description: String::new(), active: true };
    keys.iter()
        .map(|key| Step::Department(Change::Create { key: DepartmentKey::new(*key), value: value(key) }))
        .collect()
}

async fn apply(external: &External, steps: &[Step]) -> Vec<Outcome> {
    let (stamp, observed, tokens) = (stamp(), Observed::default(), BTreeMap::new());
    external.apply(&Batch { stamp: &stamp, steps, observed: &observed, tokens: &tokens }).await
}

/// An adapter that answers changes with what `results` makes of the requested ones.
async fn applied(results: impl Fn(&[Value]) -> Value + Send + Sync + 'static) -> Vec<Outcome> {
    let adapter = Hostile::start_with_body(move |path, body| match path {
        "/adapter/" => Answer::contract(&offer()),
        _ => {
            let body: Value = serde_json::from_str(body).unwrap();
            Answer::contract(&json!({ "results": results(body["changes"].as_array().unwrap()) }))
        }
    })
    .await;
    apply(&external(&adapter).await, &create(&["sales", "support"])).await
}

#[tokio::test]
async fn results_without_sense_are_never_counted_as_applied() {
    let id = |change: &Value, id: &str| json!({ "idempotencyKey": change["idempotencyKey"], "id": id });
    let good = applied(move |changes| json!([id(&changes[0], "d-1"), id(&changes[1], "d-2")])).await;
    let is_applied = |outcome: &Outcome| matches!(outcome, Outcome::Applied(Some(_)));
    assert!(good.iter().all(is_applied), "{good:?}");
    let missing = applied(move |changes| json!([id(&changes[0], "d-1")])).await;
    assert_eq!(missing, [Outcome::Unknown, Outcome::Unknown]);
    let swapped = applied(move |changes| json!([id(&changes[1], "d-1"), id(&changes[0], "d-2")])).await;
    assert_eq!(swapped, [Outcome::Unknown, Outcome::Unknown]);
    let twice = applied(move |changes| json!([id(&changes[0], "d-1"), id(&changes[1], "d-1")])).await;
    assert_eq!(twice[1], Outcome::Unknown, "one id for two objects");
    let wrong = applied(move |changes| json!([id(&changes[0], "../x"), id(&changes[1], "d-2")])).await;
    assert_eq!(wrong[0], Outcome::Unknown);
    let none = applied(|changes| {
        changes.iter().map(|change| json!({ "idempotencyKey": change["idempotencyKey"] })).collect()
    })
    .await;
    assert_eq!(none, [Outcome::Unknown, Outcome::Unknown]);
    let odd = applied(|changes| {
        let error = json!({ "class": "Whatever" });
        let fail = |change: &Value| json!({ "idempotencyKey": change["idempotencyKey"], "error": error });
        changes.iter().map(fail).collect()
    })
    .await;
    assert_eq!(odd, [Outcome::Unknown, Outcome::Unknown]);
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_sent_again_under_its_key_and_another_under_another() {
    let adapter = Hostile::start(|path, number| match (path, number) {
        ("/adapter/", _) => Answer::contract(&offer()),
        _ => Answer::failure(503),
    })
    .await;
    let external = external(&adapter).await;
    for keys in [["sales"], ["sales"], ["support"]] {
        assert_eq!(apply(&external, &create(&keys)).await, [Outcome::Unknown]);
    }
    let sent: Vec<String> = adapter
        .requests()
        .iter()
        .filter(|request| request.path == "/adapter/changes")
        .map(|request| {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            body["changes"][0]["idempotencyKey"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(sent.len(), 3, "each was sent once");
    assert_eq!(sent[0], sent[1]);
    assert_ne!(sent[1], sent[2]);
}

#[tokio::test]
async fn every_request_is_signed_and_names_the_version() {
    let adapter = Hostile::start(|_, _| Answer::contract(&offer())).await;
    external(&adapter).await;
    let request = &adapter.requests()[0];
    assert_eq!(request.header("authorization"), Some("Bearer token"));
    assert_eq!(request.header("accept"), Some(MEDIA_TYPE));
    let signed = format!("{}\nGET\n/adapter/\n", request.header("x-humansupport-timestamp").unwrap());
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"key");
    let tag = ring::hmac::sign(&key, signed.as_bytes());
    let expected: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(request.header("x-humansupport-signature"), Some(format!("v1={expected}").as_str()));
}
