//! Each edit leads to exactly the calls it needs and no other; the tests print the table from the ledger.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Calls, Store, World, agent, calls, entry, handler_token_of, small};

/// One row of the table: what was done, what it took, what it should take.
struct Row {
    edit: String,
    took: Calls,
    expected: Calls,
}

/// The table of a test.
#[derive(Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    /// Notes what happened since a mark.
    pub(crate) fn note(&mut self, edit: &str, took: Calls, expected: &[(&str, usize)]) {
        let text = |counts: &Calls| {
            let each = counts.iter().map(|(operation, number)| format!("{operation} x{number}"));
            each.collect::<Vec<_>>().join(", ")
        };
        let row = Row { edit: edit.to_owned(), took, expected: calls(expected) };
        let verdict = if row.took == row.expected {
            String::new()
        } else {
            format!(" EXPECTED {}", text(&row.expected))
        };
        eprintln!("| {} | {}{verdict} |", row.edit, text(&row.took));
        self.0.push(row);
    }

    pub(crate) fn check(self) {
        let wrong: Vec<String> =
            self.0.into_iter().filter(|row| row.took != row.expected).map(|row| row.edit).collect();
        assert!(wrong.is_empty(), "more or fewer calls than needed: {wrong:?}; see the table above");
    }

    /// Edits the declaration, and notes what that took once the store is settled.
    pub(crate) async fn edit(
        &mut self,
        (world, store): (&World, &mut Store),
        (name, expected): (&str, &[(&str, usize)]),
        change: impl FnOnce(&mut Value),
    ) {
        let operator = world.operator.as_ref().unwrap();
        let (mark, logged) = (world.desk.mark(), operator.external_writes());
        store.edit(change).await;
        store.settle().await;
        let (logged, written) = (operator.external_writes() - logged, world.desk.writes(mark).len());
        assert_eq!(logged, written, "{name}: the log has one line of JSON for each external write");
        self.note(name, world.desk.write_counts(mark), expected);
        if self.0.last().is_some_and(|row| row.took != row.expected) {
            eprintln!("{}", world.desk.writes_text(mark));
        }
    }
}

/// A store with enough agents that the removal of one trips no guard.
fn spec() -> Value {
    let mut spec = small();
    let agents = spec["agents"].as_array_mut().unwrap();
    agents.extend(["bia", "caio", "duda", "edu", "fabi", "gil"].map(|name| agent(name, "sales")));
    spec
}

fn agent_of<'a>(spec: &'a mut Value, name: &str) -> &'a mut Value {
    entry(&mut spec["agents"], name)
}

fn remove_agent(spec: &mut Value, name: &str) {
    spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != name);
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_departments_agents_and_webhooks_take_exactly_the_calls_they_need() {
    let mut world = World::new().await;
    let mut store = world.onboard(spec()).await;
    let mut table = Table::default();
    let row = ("rename a department", [("PUT /groups/{id}", 1)]);
    table
        .edit((&world, &mut store), (row.0, &row.1), |spec| {
            entry(&mut spec["departments"], "sales")["displayName"] = json!("Comercial");
        })
        .await;
    world.desk.one("groups", "name", "Comercial");
    let moved = [("DELETE /group_memberships/{id}", 1), ("POST /group_memberships", 1)];
    table
        .edit((&world, &mut store), ("move an agent", &moved), |spec| {
            agent_of(spec, "bia")["departments"] = json!(["support"]);
        })
        .await;
    assert_eq!(world.desk.groups_of("bia@loja.example"), ["Suporte", "Support"]);
    for (name, profile, role) in
        [("promote an agent", "Administrator", "admin"), ("demote an administrator", "Agent", "agent")]
    {
        table
            .edit((&world, &mut store), (name, &[("PUT /users/{id}", 1)]), |spec| {
                agent_of(spec, "caio")["profile"] = json!(profile);
            })
            .await;
        assert_eq!(world.desk.user("caio@loja.example")["role"], role);
    }
    let identities = [
        ("DELETE /users/{id}/identities/{id}", 1),
        ("POST /users/{id}/identities", 1),
        ("PUT /users/{id}/identities/{id}/make_primary", 1),
    ];
    let id = world.desk.user("duda@loja.example")["id"].clone();
    table
        .edit((&world, &mut store), ("change an e-mail address", &identities), |spec| {
            agent_of(spec, "duda")["email"] = json!("eduarda@loja.example");
        })
        .await;
    assert_eq!(world.desk.user("eduarda@loja.example")["id"], id);
    let mut addresses = world.desk.all("identities");
    addresses.retain(|identity| identity["user_id"] == id);
    assert_eq!(addresses.len(), 1, "the old address is gone: {addresses:#?}");
    edits_of_the_webhook(&world, (&mut store, &mut table)).await;
    table.check();
}

async fn edits_of_the_webhook(world: &World, (store, table): (&mut Store, &mut Table)) {
    table
        .edit((world, store), ("change the handler's URL", &[("PATCH /webhooks/{id}", 1)]), |spec| {
            entry(&mut spec["webhooks"], "handler")["url"] = json!("https://live-agent-handler.vtex.com/v2");
        })
        .await;
    let webhook = world.desk.one("webhooks", "name", "lojacentro/handler");
    assert_eq!(webhook["endpoint"], "https://live-agent-handler.vtex.com/v2");
    let mark = world.desk.mark();
    world.apply(handler_token_of("the-next-token")).await;
    store
        .until("the next token is with the webhook", |_| {
            world.desk.webhook_token(&webhook["id"]) == "the-next-token"
        })
        .await;
    store.settle().await;
    table.note("rotate the handler's token", world.desk.write_counts(mark), &[("PATCH /webhooks/{id}", 1)]);
    table
        .edit((world, store), ("change the tag", &[("PUT /triggers/{id}", 3)]), |spec| {
            spec["conversationTag"] = json!("another-tag");
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_taken_out_of_the_list_takes_the_calls_of_its_removal_policy() {
    let mut world = World::new().await;
    let mut store = world.onboard(spec()).await;
    let mut table = Table::default();
    let id = world.desk.user("edu@loja.example")["id"].clone();
    // Suspended at once, downgraded when no ticket is left; the downgrade drops the memberships.
    let needed = [("PUT /users/{id}", 2)];
    table
        .edit((&world, &mut store), ("remove an agent (Deactivate)", &needed), |spec| {
            remove_agent(spec, "edu");
        })
        .await;
    let user = world.desk.one("users", "email", "edu@loja.example");
    assert_eq!(user["id"], id);
    assert_eq!(user["role"], "end-user", "without open tickets the seat is given back at once");
    assert_eq!(user["suspended"], true);
    store.edit(|spec| spec["removalPolicy"] = json!("Leave")).await;
    store.settle().await;
    table
        .edit((&world, &mut store), ("remove an agent (Leave)", &[("PUT /users/{id}", 1)]), |spec| {
            remove_agent(spec, "fabi");
        })
        .await;
    let user = world.desk.user("fabi@loja.example");
    assert_eq!(user["role"], "agent");
    assert_eq!(user["suspended"], false);
    assert_eq!(user["external_id"], Value::Null, "the mark is gone");
    store.edit(|spec| spec["removalPolicy"] = json!("Delete")).await;
    store.settle().await;
    table
        .edit((&world, &mut store), ("remove an agent (Delete)", &[("DELETE /users/{id}", 1)]), |spec| {
            remove_agent(spec, "gil");
        })
        .await;
    let mut gone = world.desk.all("users");
    gone.retain(|user| user["name"] == "Agent gil" && user["active"] == true);
    assert!(gone.is_empty(), "{gone:#?}");
    table.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_changes_behind_the_operators_back_is_corrected_with_the_calls_it_needs() {
    let mut world = World::new().await;
    let store = world.onboard(spec()).await;
    let mut table = Table::default();
    let trigger = world.desk.one("triggers", "title", "lojacentro - AgentReplied");
    // People are slower than the operator: what they change is not of the same second.
    world.desk.zendesk.clock().advance(Duration::from_secs(5));
    let mark = world.desk.mark();
    let edited = json!({"trigger": {"conditions": {"all": [
        {"field": "current_tags", "operator": "includes", "value": "something-else"}], "any": []},
        "actions": trigger["actions"]}});
    world.desk.person(Method::PUT, &format!("triggers/{}", trigger["id"]), edited).await;
    store.settle().await;
    table.note("a person edits a trigger", world.desk.write_counts(mark), &[("PUT /triggers/{id}", 1)]);
    let corrected = world.desk.one("triggers", "title", "lojacentro - AgentReplied");
    assert_eq!(corrected["id"], trigger["id"]);
    assert_eq!(corrected["conditions"], trigger["conditions"]);

    let group = world.desk.one("groups", "name", "Suporte");
    world.desk.zendesk.clock().advance(Duration::from_secs(5));
    let mark = world.desk.mark();
    // The helpdesk deletes no group that is somebody's default: whoever deletes it takes its members out first.
    let mut members = world.desk.all("group_memberships");
    members.retain(|member| member["group_id"] == group["id"]);
    for member in members {
        let path = format!("group_memberships/{}", member["id"]);
        world.desk.person(Method::DELETE, &path, Value::Null).await;
    }
    world.desk.person(Method::DELETE, &format!("groups/{}", group["id"]), Value::Null).await;
    store.settle().await;
    let new = world.desk.one("groups", "name", "Suporte");
    assert_ne!(new["id"], group["id"]);
    assert_eq!(world.desk.groups_of("rui@loja.example"), ["Suporte", "Support"]);
    let routing = world.desk.one("triggers", "title", "lojacentro - default department");
    assert_eq!(routing["actions"][0]["value"], new["id"].to_string());
    let needed = [("POST /groups", 1), ("POST /group_memberships", 2), ("PUT /triggers/{id}", 1)];
    table.note("a person deletes a group", world.desk.write_counts(mark), &needed);
    table.check();
}

/// Deletes the store under a policy; gives the calls.
async fn deletion(policy: &str) -> (World, Calls) {
    let mut world = World::new().await;
    let mut spec = small();
    spec["deletionPolicy"] = json!(policy);
    let store = world.onboard(spec).await;
    let finalizers = store.get().await["metadata"]["finalizers"].as_array().map_or(0, Vec::len);
    assert_eq!(finalizers, usize::from(policy != "Orphan"), "a finalizer only where there is a clean-up");
    let mark = world.desk.mark();
    store.delete().await;
    let took = world.desk.write_counts(mark);
    (world, took)
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_resource_under_orphan_takes_no_call() {
    let (world, took) = deletion("Orphan").await;
    let mut table = Table::default();
    table.note("delete the resource (Orphan)", took, &[]);
    assert_eq!(world.desk.user("ana@loja.example")["role"], "agent");
    assert_eq!(world.desk.one("webhooks", "name", "lojacentro/handler")["status"], "active");
    table.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_resource_under_deactivate_ends_access_and_keeps_the_departments() {
    let (world, took) = deletion("Deactivate").await;
    let mut table = Table::default();
    let needed = [
        ("PATCH /webhooks/{id}", 1),
        ("PUT /ticket_fields/{id}", 1),
        ("PUT /triggers/{id}", 3),
        ("PUT /users/{id}", 4),
    ];
    table.note("delete the resource (Deactivate)", took, &needed);
    for email in ["ana@loja.example", "rui@loja.example"] {
        let user = world.desk.user(email);
        assert_eq!((&user["role"], &user["suspended"]), (&json!("end-user"), &json!(true)));
    }
    assert_eq!(world.desk.one("webhooks", "name", "lojacentro/handler")["status"], "inactive");
    assert_eq!(world.desk.one("ticket_fields", "title", "WhatsApp lojacentro")["active"], false);
    let mut firing = world.desk.all("triggers");
    firing.retain(|trigger| trigger["active"] == true && trigger["default"] == false);
    assert!(firing.is_empty(), "{firing:#?}");
    world.desk.one("groups", "name", "Vendas");
    world.desk.one("groups", "name", "Suporte");
    table.check();
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_the_resource_under_delete_leaves_the_field_and_nothing_else() {
    let (world, took) = deletion("Delete").await;
    let mut table = Table::default();
    let needed = [
        ("DELETE /groups/{id}", 2),
        ("DELETE /triggers/{id}", 3),
        ("DELETE /users/{id}", 2),
        ("DELETE /webhooks/{id}", 1),
        ("PUT /ticket_fields/{id}", 1),
    ];
    table.note("delete the resource (Delete)", took, &needed);
    let mut staff = world.desk.all("users");
    staff.retain(|user| user["active"] == true && user["external_id"] != Value::Null);
    assert!(staff.is_empty(), "{staff:#?}");
    assert!(world.desk.all("webhooks").is_empty());
    assert_eq!(world.desk.all("triggers").len(), 1, "the vendor's own");
    let mut groups = world.desk.all("groups");
    groups.retain(|group| group["deleted"] == false);
    assert_eq!(groups.len(), 1, "the account's default group");
    assert_eq!(world.desk.one("ticket_fields", "title", "WhatsApp lojacentro")["active"], false);
    table.check();
}
