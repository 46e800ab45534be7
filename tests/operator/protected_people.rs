//! People who are not ours to change, and stores that want what an older one has.

use reqwest::Method;
use sandbox::simulator::Entry;
use serde_json::{Value, json};

use crate::harness::{STORE, Store, World, entry, small};

#[track_caller]
fn says(message: &str, words: &[&str]) {
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

/// A store whose second agent has this address and profile.
fn with_address(email: &str, profile: &str) -> Value {
    let mut spec = small();
    spec["adoptionPolicy"] = json!("IfUnowned");
    let second = entry(&mut spec["agents"], "rui");
    second["email"] = json!(email);
    second["profile"] = json!(profile);
    spec
}

/// The writes about a user.
fn about(world: &World, user: &Value) -> Vec<Entry> {
    let id = user["id"].to_string();
    let mut writes = world.desk.writes(0);
    writes
        .retain(|entry| entry.path.contains(&id) || entry.body_value()["user_id"].to_string().contains(&id));
    writes
}

/// Applies a spec and waits until its agent `rui` is held for a reason; gives the message.
async fn held(world: &mut World, (spec, reason): (Value, &str)) -> String {
    world.start_operator().await;
    let store = world.store(STORE, spec);
    store.apply().await;
    problem(&store, ("rui", reason)).await
}

async fn problem(store: &Store, (name, reason): (&str, &str)) -> String {
    let find = |object: &Value| {
        let problems = object["status"]["problems"].as_array().cloned().unwrap_or_default();
        problems.into_iter().find(|one| one["name"] == name && one["reason"] == reason)
    };
    let object = store.until(&format!("{name} is held ({reason})"), |object| find(object).is_some()).await;
    find(&object).unwrap()["message"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_somebody_elses_user_is_not_taken_over() {
    let mut world = World::new().await;
    let new = json!({"user": {"name": "Bea", "email": "bea@loja.example", "role": "agent"}});
    let user = world.desk.person(Method::POST, "users", new).await["user"].clone();
    let mut spec = with_address("bea@loja.example", "Agent");
    spec["adoptionPolicy"] = json!("Never");
    let said = held(&mut world, (spec, "EmailTaken")).await;
    says(&said, &[&user["id"].to_string(), "`adopt`"]);
    assert!(!said.contains("bea@"), "{said}");
    assert!(about(&world, &user).is_empty());
    assert_eq!(world.desk.user("bea@loja.example")["external_id"], Value::Null);
    assert_eq!(world.desk.all("users").len(), 4, "the owner, the integration, Bea and ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_user_is_never_promoted_not_even_under_if_unowned() {
    let mut world = World::new().await;
    let new = json!({"user": {"name": "Cliente", "email": "cliente@loja.example", "role": "end-user"}});
    let user = world.desk.person(Method::POST, "users", new).await["user"].clone();
    world.start_operator().await;
    let store = world.store(STORE, with_address("cliente@loja.example", "Agent"));
    store.apply().await;
    let object = store
        .until("rui is held", |object| {
            object["status"]["problems"]
                .as_array()
                .is_some_and(|all| all.iter().any(|one| one["name"] == "rui"))
        })
        .await;
    let problems = object["status"]["problems"].to_string();
    assert!(problems.contains("EmailTaken") || problems.contains("AdoptionRequired"), "{problems}");
    assert!(about(&world, &user).is_empty());
    assert_eq!(world.desk.user("cliente@loja.example")["role"], "end-user");
    let listings = world.desk.requests(0);
    assert!(
        listings.iter().all(|entry| !entry.query.iter().any(|(_, value)| value == "end-user")),
        "end users are never listed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_owner_is_not_ours_to_change() {
    let mut world = World::new().await;
    let owner = world.desk.user("owner@lojacentro.example");
    let spec = with_address("owner@lojacentro.example", "Administrator");
    says(&held(&mut world, (spec, "ProtectedAccountOwner")).await, &["the owner of the helpdesk account"]);
    assert!(about(&world, &owner).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_own_user_is_not_ours_to_change() {
    let mut world = World::new().await;
    let own = world.desk.user("integration@lojacentro.example");
    let spec = with_address("integration@lojacentro.example", "Administrator");
    says(&held(&mut world, (spec, "ProtectedActingUser")).await, &["whose credentials the operator uses"]);
    assert!(about(&world, &own).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_that_want_the_same_the_oldest_wins_and_the_other_writes_nothing_of_it() {
    let mut world = World::new().await;
    let mut oldest = small();
    oldest["deletionPolicy"] = json!("Delete");
    let first = world.onboard(oldest).await;
    // Creation times are whole seconds: the second store must be younger than the first.
    let created = first.get().await["metadata"]["creationTimestamp"].clone();
    let mut spec = small();
    spec["store"] = json!("lojanorte");
    let second = world.store("loja-norte", spec);
    until_a_second_after(&created).await;
    let mark = world.desk.mark();
    second.apply().await;
    let said = second.until_stalled("Conflict").await;
    says(&said, &["another store of this account already has this"]);
    let object = second.get().await;
    let conflicts: Vec<String> = object["status"]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["reason"] == "Conflict")
        .map(|one| one["kind"].as_str().unwrap().to_owned())
        .collect();
    for kind in ["Agent", "Department", "EventRoute", "PhoneField"] {
        assert!(conflicts.iter().any(|conflict| conflict == kind), "{kind}: {conflicts:?}");
    }
    let writes = world.desk.writes(mark);
    let touched: Vec<&Entry> = writes.iter().filter(|entry| !entry.path.contains("webhooks")).collect();
    assert!(touched.is_empty(), "only the webhook's name is the second store's own: {touched:#?}");
    assert!(!object["status"].to_string().contains(STORE), "nothing is said about the winner");
    first.settle().await;
    first.delete().await;
    second.until_ready().await;
    assert_eq!(world.desk.groups_of("ana@loja.example"), ["Suporte", "Support", "Vendas"]);
}

async fn until_a_second_after(created: &Value) {
    let created: jiff::Timestamp = created.as_str().unwrap().parse().unwrap();
    while jiff::Timestamp::now().as_second() <= created.as_second() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Suspends the owner, as a person: then the store's administrator is the last one beside the operator's own user.
async fn with_the_last_administrator(world: &mut World) -> Store {
    let owner = world.desk.user("owner@lojacentro.example");
    let mut spec = small();
    entry(&mut spec["agents"], "rui")["profile"] = json!("Administrator");
    let store = world.onboard(spec).await;
    let suspended = json!({"user": {"suspended": true}});
    world.desk.zendesk.clock().advance(std::time::Duration::from_secs(5));
    world.desk.person(Method::PUT, &format!("users/{}", owner["id"]), suspended).await;
    store.settle().await;
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_beside_the_operators_own_user_is_not_downgraded() {
    let mut world = World::new().await;
    let mut store = with_the_last_administrator(&mut world).await;
    let mark = world.desk.mark();
    store.edit(|spec| entry(&mut spec["agents"], "rui")["profile"] = json!("Agent")).await;
    let said = problem(&store, ("rui", "LastAdministrator")).await;
    says(&said, &["the last active administrator", "let somebody else become one first"]);
    assert_eq!(store.until_stalled("LastAdministrator").await, format!("Agent `rui`: {said}"));
    assert_eq!(world.desk.write_counts(mark), crate::harness::Calls::new());
    assert_eq!(world.desk.user("rui@loja.example")["role"], "admin");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_taken_out_of_the_list_keeps_access() {
    let mut world = World::new().await;
    let mut store = with_the_last_administrator(&mut world).await;
    let mark = world.desk.mark();
    store.edit(|spec| spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "rui")).await;
    problem(&store, ("rui", "LastAdministrator")).await;
    assert_eq!(world.desk.write_counts(mark), crate::harness::Calls::new());
    let user = world.desk.user("rui@loja.example");
    assert_eq!((&user["role"], &user["suspended"]), (&json!("admin"), &json!(false)));
}
