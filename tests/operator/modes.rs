//! The ways to keep the operator's hands off a helpdesk: nothing is written while one of them holds, whatever is
//! declared and whatever people change there; and what was left is done, once, when it ends.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Calls, Store, World, account, calls, condition, entry, small};

/// What keeps the operator from writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Observe,
    ReadOnly,
    StoreSuspended,
    AccountSuspended,
}

impl Way {
    /// A declaration under it.
    fn declared(self, mut spec: Value) -> Value {
        match self {
            Self::Observe => spec["mode"] = json!("Observe"),
            Self::StoreSuspended => spec["suspend"] = json!(true),
            Self::ReadOnly | Self::AccountSuspended => {}
        }
        spec
    }

    /// The condition that a store has while it holds.
    fn told(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Observe | Self::ReadOnly => ("Ready", "True", "Observed"),
            Self::StoreSuspended => ("Suspended", "True", "Suspended"),
            Self::AccountSuspended => ("Ready", "False", "AccountSuspended"),
        }
    }

    /// Makes it hold for the store.
    async fn enter(self, world: &mut World, store: &mut Store) {
        match self {
            Self::Observe | Self::StoreSuspended => {
                store.spec = self.declared(store.spec.clone());
                store.apply().await;
            }
            Self::ReadOnly => restart_with(world, &["--read-only"]).await,
            Self::AccountSuspended => {
                let mut suspended = account();
                suspended["spec"]["suspend"] = json!(true);
                world.apply(suspended).await;
            }
        }
        store.request_look().await;
        store.until_condition(self.told()).await;
    }

    /// Ends it for these stores.
    async fn leave(self, world: &mut World, stores: [&mut Store; 2]) {
        for store in stores {
            store.spec.as_object_mut().unwrap().remove("mode");
            store.spec.as_object_mut().unwrap().remove("suspend");
            store.apply().await;
        }
        match self {
            Self::Observe | Self::StoreSuspended => {}
            Self::ReadOnly => restart_with(world, &[]).await,
            Self::AccountSuspended => {
                world.apply(account()).await;
            }
        }
    }
}

/// Starts the operator anew with these flags beside the world's.
async fn restart_with(world: &mut World, flags: &[&str]) {
    world.stop_operator().await;
    let before = world.flags.clone();
    world.flags = before.clone().with(flags);
    world.start_operator().await;
    world.flags = before;
}

/// A second store of the same account, which shares nothing with the first.
fn newcomer() -> Value {
    let mut spec = small();
    spec["store"] = json!("lojasul");
    spec["conversationTag"] = json!("bot-sul");
    spec["whatsapp"]["phoneNumber"] = json!("+551140020000");
    spec["completedSteps"] = json!([{"name": "IntegrateWhatsApp", "value": "+551140020000"}]);
    for (name, shown) in [("sales", "Vendas Sul"), ("support", "Suporte Sul")] {
        entry(&mut spec["departments"], name)["displayName"] = json!(shown);
    }
    for name in ["ana", "rui"] {
        entry(&mut spec["agents"], name)["email"] = json!(format!("{name}@sul.example"));
    }
    spec
}

/// A person renames a group of the helpdesk.
async fn rename_group(world: &World, (from, to): (&str, &str)) {
    // People are slower than the operator: what they change is not of the same second.
    world.desk.zendesk.clock().advance(Duration::from_secs(5));
    let group = world.desk.one("groups", "name", from);
    let path = format!("groups/{}", group["id"]);
    world.desk.person(Method::PUT, &path, json!({"group": {"name": to}})).await;
}

/// Everything that a change can come from meets a store under one way: a new store, an edit, a person.
async fn nothing_is_written_until_it_ends(way: Way) {
    let mut world = World::new().await;
    let mut store = world.onboard(small()).await;
    way.enter(&mut world, &mut store).await;
    let mark = world.desk.mark();
    let mut new = world.store("loja-sul", way.declared(newcomer()));
    new.apply().await;
    store.edit(|spec| entry(&mut spec["departments"], "sales")["displayName"] = json!("Comercial")).await;
    rename_group(&world, ("Suporte", "Atendimento")).await;
    for store in [&store, &new] {
        store.reconcile_now().await;
        store.until_condition(way.told()).await;
    }
    assert_eq!(world.desk.write_counts(mark), Calls::new(), "{way:?}");
    if matches!(way, Way::Observe | Way::ReadOnly) {
        let object = store.until_condition(("Drifted", "True", "RemoteChanged")).await;
        assert_eq!(object["status"]["plan"]["changes"], 2, "the edit and the drift are shown");
    }
    world.desk.one("groups", "name", "Vendas");
    world.desk.one("groups", "name", "Atendimento");

    way.leave(&mut world, [&mut store, &mut new]).await;
    for store in [&store, &new] {
        store.settle().await;
    }
    let needed = [
        ("PUT /groups/{id}", 2),
        ("POST /groups", 2),
        ("POST /users", 2),
        ("POST /group_memberships/create_many", 1),
        ("POST /ticket_fields", 1),
        ("POST /webhooks", 1),
        ("POST /triggers", 3),
    ];
    assert_eq!(world.desk.write_counts(mark), calls(&needed), "{way:?}\n{}", world.desk.writes_text(mark));
    for name in ["Comercial", "Suporte", "Vendas Sul", "Suporte Sul"] {
        world.desk.one("groups", "name", name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_mode_observe_is_looked_at_and_not_written_until_it_enforces() {
    nothing_is_written_until_it_ends(Way::Observe).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_operator_writes_nothing_and_its_successor_does_what_was_left() {
    nothing_is_written_until_it_ends(Way::ReadOnly).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_store_is_left_alone_until_it_goes_on() {
    nothing_is_written_until_it_ends(Way::StoreSuspended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stores_of_a_suspended_account_are_left_alone_until_it_goes_on() {
    nothing_is_written_until_it_ends(Way::AccountSuspended).await;
}

/// A store that only reports what people change of one kind, and the rename that a person made.
async fn renamed_by_a_person(family: &str, rename: impl AsyncFnOnce(&World)) -> (World, Store, u64) {
    let mut world = World::new().await;
    let mut spec = small();
    spec["drift"] = json!({ family: "Report" });
    let store = world.onboard(spec).await;
    assert_eq!(condition(&store.get().await, "Drifted")["status"], "False");
    rename(&world).await;
    let mark = world.desk.mark();
    store.reconcile_now().await;
    let object = store.until_condition(("Drifted", "True", "RemoteChanged")).await;
    let said = object["status"]["problems"].to_string();
    assert!(said.contains(&format!("`drift.{family}` is Report: it stays as it is")), "{said}");
    assert_eq!(world.desk.write_counts(mark), Calls::new());
    (world, store, mark)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_that_a_person_renamed_keeps_its_name_while_drift_is_reported() {
    let rename = async |world: &World| rename_group(world, ("Suporte", "Atendimento")).await;
    let (world, mut store, mark) = renamed_by_a_person("departments", rename).await;
    world.desk.one("groups", "name", "Atendimento");
    store.edit(|spec| spec["drift"] = json!({"departments": "Correct"})).await;
    store.settle().await;
    store.until_condition(("Drifted", "False", "NoDrift")).await;
    assert_eq!(world.desk.write_counts(mark), calls(&[("PUT /groups/{id}", 1)]));
    world.desk.one("groups", "name", "Suporte");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_whom_a_person_renamed_keeps_the_name_while_drift_is_reported() {
    let rename = async |world: &World| {
        world.desk.zendesk.clock().advance(Duration::from_secs(5));
        let path = format!("users/{}", world.desk.user("ana@loja.example")["id"]);
        world.desk.person(Method::PUT, &path, json!({"user": {"name": "Ana S."}})).await;
    };
    let (world, mut store, mark) = renamed_by_a_person("agents", rename).await;
    assert_eq!(world.desk.user("ana@loja.example")["name"], "Ana S.");
    store.edit(|spec| spec["drift"] = json!({"agents": "Correct"})).await;
    store.settle().await;
    assert_eq!(world.desk.write_counts(mark), calls(&[("PUT /users/{id}", 1)]));
    assert_eq!(world.desk.user("ana@loja.example")["name"], "Ana Souza");
}
