//! Bad input that a condition refuses, with a sentence that says what is allowed. Nothing is written to the helpdesk.

use reqwest::Method;
use sandbox::zendesk::CLIENT_ID;
use serde_json::{Value, json};

use crate::harness::{
    ACCOUNT, Calls, HANDLER_HOST, STORE, Store, World, account, agent, entry, example, secret, small,
};

#[track_caller]
fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

/// Applies a spec that stalls the store, and gives what `Ready` says; the helpdesk was not written.
async fn stalls(world: &mut World, (spec, reason): (Value, &str)) -> (Store, String) {
    world.start_operator().await;
    let store = world.store(STORE, spec);
    store.apply().await;
    let said = store.until_stalled(reason).await;
    assert_eq!(world.desk.write_counts(0), Calls::new());
    (store, said)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_in_an_unknown_department_is_named() {
    let mut spec = example();
    entry(&mut spec["agents"], "ana")["departments"] = json!(["sales", "nowhere"]);
    let (_, said) = stalls(&mut World::new().await, (spec, "InvalidSpec")).await;
    says(&said, &["spec.agents[0].departments[1]", "`nowhere` is not a department of this store"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_agents_with_one_address_are_refused_without_showing_it() {
    let mut spec = example();
    entry(&mut spec["agents"], "rui")["email"] = json!("ANA@loja.example");
    let (_, said) = stalls(&mut World::new().await, (spec, "InvalidSpec")).await;
    says(&said, &["spec.agents[1].email"]);
    assert!(!said.to_lowercase().contains("ana@"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_zone_that_does_not_exist_is_refused() {
    let mut spec = example();
    spec["businessHours"]["timeZone"] = json!("America/Atlantis");
    let (_, said) = stalls(&mut World::new().await, (spec, "InvalidSpec")).await;
    says(&said, &["spec.businessHours.timeZone", "use an IANA name such as"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_exist_is_named() {
    let mut spec = example();
    spec["accountRef"]["name"] = json!("nobody");
    let (_, said) = stalls(&mut World::new().await, (spec, "AccountNotFound")).await;
    says(&said, &["nobody", "create a HelpdeskAccount `nobody` in this namespace"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_another_namespace_does_not_exist_here() {
    let other = World::new().await;
    let mut theirs = account();
    theirs["metadata"]["name"] = json!("theirs");
    other.apply(theirs).await;
    let mut spec = example();
    spec["accountRef"]["name"] = json!("theirs");
    let (_, said) = stalls(&mut World::new().await, (spec, "AccountNotFound")).await;
    says(&said, &["in this namespace"]);
    assert!(!said.contains(&other.namespace), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_another_vendor_names_the_key_that_its_secret_lacks() {
    let mut world = World::new().await;
    world.delete("HelpdeskAccount", "zendesk").await;
    let mut zenvia = account();
    zenvia["metadata"]["name"] = json!("zenvia");
    zenvia["spec"].as_object_mut().unwrap().remove("zendesk");
    zenvia["spec"]["zenvia"] = json!({"api": "Partner", "accountId": "4211", "plan": "Advanced"});
    world.apply(zenvia).await;
    let mut spec = example();
    spec["accountRef"]["name"] = json!("zenvia");
    world.start_operator().await;
    let store = world.store(STORE, spec);
    store.apply().await;
    let object = store
        .until("Ready is False", |object| crate::harness::condition(object, "Ready")["status"] == "False")
        .await;
    says(&crate::harness::message(&object, "Ready"), &["`zendesk-credentials`", "lacks the key `chatHost`"]);
    assert_eq!(world.desk.requests(0).len(), 0, "a credential goes to its own host only");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_cannot_be_used_are_named_by_secret_and_key() {
    let kind = "humansupport.dev/credentials";
    let good = json!({"host": "lojacentro.zendesk.com", "clientId": CLIENT_ID, "clientSecret": "s"});
    let without = |key: &str| {
        let mut data = good.clone();
        data.as_object_mut().unwrap().remove(key);
        data
    };
    let mut elsewhere = good.clone();
    elsewhere["host"] = json!("lojasul.zendesk.com");
    let cases = [
        (None, vec!["the Secret `zendesk-credentials` does not exist", kind]),
        (Some(secret("zendesk-credentials", "Opaque", good.clone())), vec!["has the type `Opaque`", kind]),
        (
            Some(secret("zendesk-credentials", kind, without("clientSecret"))),
            vec!["lacks the key `clientSecret`"],
        ),
        (Some(secret("zendesk-credentials", kind, without("host"))), vec!["lacks the key `host`"]),
        (Some(secret("zendesk-credentials", kind, elsewhere)), vec!["must be `lojacentro.zendesk.com`"]),
    ];
    for (object, words) in cases {
        let mut world = World::new().await;
        world.delete("Secret", "zendesk-credentials").await;
        if let Some(object) = object {
            world.apply(object).await;
        }
        let (_, said) = stalls(&mut world, (small(), "SecretInvalid")).await;
        says(&said, &words);
        assert!(world.desk.requests(0).is_empty(), "nothing was sent anywhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_token_that_cannot_be_used_holds_the_webhook() {
    let kind = "humansupport.dev/webhook-token";
    let good = json!({"host": HANDLER_HOST, "token": "t"});
    let cases = [
        (secret("handler-token", "Opaque", good), "has the type `Opaque`"),
        (secret("handler-token", kind, json!({"host": HANDLER_HOST})), "lacks the key `token`"),
        (
            secret("handler-token", kind, json!({"host": "evil.example", "token": "t"})),
            "must be `live-agent-handler.vtex.com`",
        ),
    ];
    for (object, words) in cases {
        let mut world = World::new().await;
        world.delete("Secret", "handler-token").await;
        world.apply(object).await;
        world.start_operator().await;
        let store = world.store(STORE, small());
        store.apply().await;
        let said = store.until_stalled("SecretInvalid").await;
        says(&said, &[words]);
        assert!(world.desk.all("webhooks").is_empty());
        let sent = world.desk.write_counts(0);
        assert!(!sent.keys().any(|operation| operation.contains("webhooks")), "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_are_said_and_nothing_is_written() {
    let mut world = World::new().await;
    let data =
        json!({"host": "lojacentro.zendesk.com", "clientId": CLIENT_ID, "clientSecret": "not-the-secret"});
    world.apply(secret("zendesk-credentials", "humansupport.dev/credentials", data)).await;
    let (store, said) = stalls(&mut world, (small(), "CredentialsInvalid")).await;
    says(&said, &["credentials"]);
    world.apply(crate::harness::credentials()).await;
    // A resource that waits for a Secret looks at it by itself; asking spares the wait.
    store.reconcile_now().await;
    store.until_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_of_somebody_who_is_no_administrator_are_refused() {
    let mut world = World::new().await;
    let integration = world.desk.user("integration@lojacentro.example");
    let demoted = json!({"user": {"role": "agent"}});
    world.desk.person(Method::PUT, &format!("users/{}", integration["id"]), demoted).await;
    let (_, said) = stalls(&mut world, (small(), "PermissionDenied")).await;
    says(&said, &["give their user the profile Administrator"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_anonymous_user_is_no_proof_of_credentials() {
    let mut world = World::new().await;
    world.desk.control(Method::PUT, "assumptions", json!({"wrongCredentialsOnMe": "anonymous"})).await;
    let data = json!({"host": "lojacentro.zendesk.com", "email": "integration@lojacentro.example",
        "apiToken": "not-the-token"});
    world.apply(secret("zendesk-credentials", "humansupport.dev/credentials", data)).await;
    let (_, said) = stalls(&mut world, (small(), "CredentialsInvalid")).await;
    says(&said, &["credentials"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_active_agents_than_licenses_are_held_in_a_stable_order() {
    let mut world = World::new().await;
    world.start_operator().await;
    let mut spec = small();
    spec["licenses"]["quantity"] = json!(2);
    spec["agents"].as_array_mut().unwrap().insert(0, agent("zoe", "sales"));
    let store = world.store(STORE, spec);
    store.apply().await;
    let said = store.until_stalled("LicensesExceeded").await;
    says(&said, &["2 licenses", "`licenses.quantity`"]);
    let object = store.get().await;
    assert_eq!(object["status"]["problems"][0]["name"], "zoe", "existing agents first, then by name");
    world.desk.user("ana@loja.example");
    world.desk.user("rui@loja.example");
    assert!(!world.desk.all("users").iter().any(|user| user["email"] == "zoe@loja.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_agents_than_seats_are_held() {
    let cases =
        [(json!({"seats": 3}), "`limits.seats`"), (json!({"seatsPerStore": 1}), "`limits.seatsPerStore`")];
    for (limits, words) in cases {
        let mut world = World::new().await;
        let mut limited = account();
        for (name, limit) in limits.as_object().unwrap() {
            limited["spec"]["limits"][name] = limit.clone();
        }
        world.apply(limited).await;
        world.start_operator().await;
        let store = world.store(STORE, small());
        store.apply().await;
        let said = store.until_stalled("SeatsExhausted").await;
        says(&said, &[words]);
        // The owner and the integration user have a seat each: one is left.
        world.desk.user("ana@loja.example");
        assert!(!world.desk.all("users").iter().any(|user| user["email"] == "rui@loja.example"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_that_run_out_at_the_helpdesk_are_said() {
    let mut world = World::new().await;
    world.desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), json!({"seats": 3})).await;
    world.start_operator().await;
    let store = world.store(STORE, small());
    store.apply().await;
    store.until_stalled("SeatsExhausted").await;
    world.desk.user("ana@loja.example");
    world.desk.control(Method::PUT, &format!("accounts/{ACCOUNT}"), json!({"seats": 4})).await;
    store.reconcile_now().await;
    store.until_ready().await;
}
