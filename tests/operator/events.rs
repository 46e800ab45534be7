//! What people are told in events, read from the API server: once when it begins, never again while it lasts.

use std::time::Duration;

use reqwest::Method;
use sandbox::simulator::{Action, Effect, Rule};
use serde_json::{Value, json};

use crate::approvals::{approve, with_leavers};
use crate::harness::{ACCOUNT, World, account, condition, credentials, secret, small, until};

/// The notes of the events of a reason.
async fn notes(world: &World, reason: &str) -> Vec<String> {
    let events = world.cluster.list("Event", &world.namespace).await;
    let of_reason = events.iter().filter(|event| event["reason"] == reason);
    of_reason.map(|event| event["note"].as_str().unwrap().to_owned()).collect()
}

/// The only event of a reason, once there is one.
async fn the_event(world: &World, (reason, type_, name): (&str, &str, &str)) -> Value {
    until(&format!("{reason} is told"), || async { !notes(world, reason).await.is_empty() }).await;
    let mut events = world.cluster.list("Event", &world.namespace).await;
    events.retain(|event| event["reason"] == reason);
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!(events[0]["type"], type_);
    assert_eq!(events[0]["regarding"]["name"], name);
    // An event that is told again is counted in its series.
    assert_eq!(events[0]["series"], Value::Null, "{:#}", events[0]);
    events.remove(0)
}

/// Has an account checked now, and waits until it was.
async fn check_account(world: &World) -> Value {
    let value = format!("{:016x}", rand::random::<u64>());
    let patch = json!({"metadata": {"annotations": {"humansupport.dev/reconcile-requested-at": value}}});
    let accounts = world.cluster.api("HelpdeskAccount", Some(&world.namespace));
    let parameters = kube::api::PatchParams::default();
    accounts.patch("zendesk", &parameters, &kube::api::Patch::Merge(&patch)).await.unwrap();
    until("the account was checked", || async {
        let account = accounts.get("zendesk").await.unwrap();
        account.data["status"]["lastHandledReconcileAt"] == value.as_str()
    })
    .await;
    serde_json::to_value(accounts.get("zendesk").await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_plan_is_told_once_and_names_what_it_takes_away() {
    let mut world = World::new().await;
    let mut store = with_leavers(&mut world).await;
    store.reconcile_now().await;
    assert_eq!(notes(&world, "PlanApproved").await, Vec::<String>::new(), "nobody approved anything yet");
    approve(&mut store).await;
    store.settle().await;
    store.reconcile_now().await;
    let event = the_event(&world, ("PlanApproved", "Normal", store.name())).await;
    let note = event["note"].as_str().unwrap();
    assert!(note.contains("Agent/bia") && !note.contains('@'), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_stays_is_told_once() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["drift"] = json!({"departments": "Report"});
    let store = world.onboard(spec).await;
    assert_eq!(notes(&world, "DriftDetected").await, Vec::<String>::new());
    let group = world.desk.one("groups", "name", "Vendas");
    world.desk.zendesk.clock().advance(Duration::from_secs(5));
    let renamed = json!({"group": {"name": "Comercial"}});
    world.desk.person(Method::PUT, &format!("groups/{}", group["id"]), renamed).await;
    store.reconcile_now().await;
    store.until_condition(("Drifted", "True", "RemoteChanged")).await;
    store.reconcile_now().await;
    let event = the_event(&world, ("DriftDetected", "Warning", store.name())).await;
    assert!(event["note"].as_str().unwrap().contains("`Department/sales`"), "{event:#}");
    assert_eq!(world.desk.one("groups", "name", "Comercial")["id"], group["id"], "it stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_helpdesk_that_is_away_is_told_once() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    store.settle().await;
    world.desk.zendesk.faults().set(vec![Rule::new("down", Action::Reset { effect: Effect::None })]);
    store.reconcile_now().await;
    store.until("it is away", |object| condition(object, "Ready")["reason"] == "ProviderUnavailable").await;
    store.reconcile_now().await;
    store.reconcile_now().await;
    let event = the_event(&world, ("ProviderUnavailable", "Warning", store.name())).await;
    assert!(event["note"].as_str().unwrap().contains("does not answer"), "{event:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_credentials_are_told_once_they_are_accepted_and_a_label_is_no_rotation() {
    let mut world = World::new().await;
    world.onboard(small()).await;
    check_account(&world).await;
    let mut labeled = credentials();
    labeled["metadata"]["labels"] = json!({"team": "support"});
    world.apply(labeled).await;
    check_account(&world).await;
    assert_eq!(notes(&world, "CredentialsRotated").await, Vec::<String>::new());
    let next = "the-next-secret-of-the-client";
    let rotate = json!({"account": ACCOUNT, "clientSecret": next});
    world.desk.control(Method::PUT, "credentials", rotate).await;
    let mut values = json!({"host": "lojacentro.zendesk.com"});
    values["clientId"] = json!(sandbox::zendesk::CLIENT_ID);
    values["clientSecret"] = json!(next);
    world.apply(secret("zendesk-credentials", "humansupport.dev/credentials", values)).await;
    let checked = check_account(&world).await;
    assert_eq!(condition(&checked, "Ready")["status"], "True", "{:#}", checked["status"]);
    check_account(&world).await;
    let event = the_event(&world, ("CredentialsRotated", "Normal", "zendesk")).await;
    assert_eq!(event["regarding"]["kind"], "HelpdeskAccount");
    assert!(!event.to_string().contains(next), "{event:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_tenth_of_the_seats_is_told_once() {
    let mut world = World::new().await;
    let store = world.onboard(small()).await;
    store.settle().await;
    let used = check_account(&world).await["status"]["seats"]["used"].as_i64().unwrap();
    assert_eq!(notes(&world, "SeatsNearlyExhausted").await, Vec::<String>::new(), "there is no limit");
    let mut limited = account();
    limited["spec"]["limits"]["seats"] = json!(used);
    world.apply(limited).await;
    check_account(&world).await;
    check_account(&world).await;
    let event = the_event(&world, ("SeatsNearlyExhausted", "Warning", "zendesk")).await;
    assert!(event["note"].as_str().unwrap().starts_with(&format!("{used} of the {used} seats")), "{event:#}");
}
