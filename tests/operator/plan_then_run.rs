//! What `plan` printed is what the operator then does, call by call.
//!
//! Each edit is planned from a file before it is applied; the calls that follow are read from the simulator's ledger.

use serde_json::{Value, json};

use crate::harness::{Calls, Ran, STORE, Store, World, agent, entry, small};

/// The calls that one printed change stands for.
fn calls_of(step: &str) -> Vec<&'static str> {
    let (what, fields) = step.split_once(" [").unwrap_or((step, ""));
    let (action_and_kind, _) = what.split_once('/').unwrap();
    match (action_and_kind, fields.trim_end_matches(']')) {
        ("create Department", "") => vec!["POST /groups"],
        ("update Department", _) => vec!["PUT /groups/{id}"],
        ("create Agent", "") => vec!["POST /users/create_many"],
        // Suspended first; the seat is given back once nothing is assigned, which is so at once here.
        ("update Agent", "active") => vec!["PUT /users/{id}", "PUT /users/{id}"],
        ("update Agent", "email") => vec![
            "POST /users/{id}/identities",
            "PUT /users/{id}/identities/{id}/make_primary",
            "DELETE /users/{id}/identities/{id}",
        ],
        ("update Agent", _) => vec!["PUT /users/{id}"],
        ("create Membership", "") => vec!["POST /group_memberships"],
        ("delete Membership", "") => vec!["DELETE /group_memberships/{id}"],
        ("update Webhook", _) => vec!["PATCH /webhooks/{id}"],
        ("update EventRoute" | "update RoutingRule", _) => vec!["PUT /triggers/{id}"],
        ("delete EventRoute", "") => vec!["DELETE /triggers/{id}"],
        other => panic!("no calls are known for {other:?}"),
    }
}

fn calls_of_all(steps: &[String]) -> Calls {
    let mut calls = Calls::new();
    for call in steps.iter().flat_map(|step| calls_of(step)) {
        *calls.entry(call.to_owned()).or_insert(0) += 1;
    }
    calls
}

/// Plans an edit from a file, and proves that planning changed nothing.
async fn planned(world: &World, store: &Store) -> Ran {
    let file = world.file("store.json", &store.object().to_string());
    let mark = world.desk.mark();
    let ran = world.plan(&[file.to_str().unwrap(), "--output", "json"]).await;
    assert_eq!(world.desk.writes_text(mark), "", "a plan writes nothing");
    ran
}

struct Edit {
    name: &'static str,
    expected: &'static [&'static str],
    change: fn(&mut Value),
}

fn agent_of<'a>(spec: &'a mut Value, name: &str) -> &'a mut Value {
    entry(&mut spec["agents"], name)
}

const EDITS: [Edit; 10] = [
    Edit {
        name: "rename a department",
        expected: &["update Department/sales [displayName]"],
        change: |spec| entry(&mut spec["departments"], "sales")["displayName"] = json!("Comercial"),
    },
    Edit {
        name: "describe a department",
        expected: &["update Department/sales [description]"],
        change: |spec| entry(&mut spec["departments"], "sales")["description"] = json!("Who sells"),
    },
    Edit {
        name: "rename an agent",
        expected: &["update Agent/bia [name]"],
        change: |spec| agent_of(spec, "bia")["displayName"] = json!("Beatriz"),
    },
    Edit {
        name: "move an agent",
        expected: &["create Membership/bia/support", "delete Membership/bia/sales"],
        change: |spec| agent_of(spec, "bia")["departments"] = json!(["support"]),
    },
    Edit {
        name: "promote an agent",
        expected: &["update Agent/caio [profile]"],
        change: |spec| agent_of(spec, "caio")["profile"] = json!("Administrator"),
    },
    Edit {
        name: "change an e-mail address",
        expected: &["update Agent/duda [email]"],
        change: |spec| agent_of(spec, "duda")["email"] = json!("eduarda@loja.example"),
    },
    Edit {
        name: "remove an agent",
        expected: &["update Agent/edu [active]"],
        change: |spec| spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "edu"),
    },
    Edit {
        name: "change the handler's address",
        expected: &["update Webhook/handler [url]"],
        change: |spec| {
            entry(&mut spec["webhooks"], "handler")["url"] = json!("https://live-agent-handler.vtex.com/v2");
        },
    },
    Edit {
        name: "change the tag",
        expected: &[
            "update EventRoute/handler/AgentReplied [conversationTag]",
            "update EventRoute/handler/ConversationResolved [conversationTag]",
            "update RoutingRule/default [conversationTag]",
        ],
        change: |spec| spec["conversationTag"] = json!("another-tag"),
    },
    Edit {
        name: "change the default department",
        expected: &["update RoutingRule/default [defaultDepartment]"],
        change: |spec| spec["defaultDepartment"] = json!("sales"),
    },
];

#[tokio::test(flavor = "multi_thread")]
async fn what_plan_printed_for_ten_edits_is_what_run_then_did() {
    let mut world = World::new().await;
    let mut spec = small();
    let agents = spec["agents"].as_array_mut().unwrap();
    agents.extend(["bia", "caio", "duda", "edu", "fabi", "gil"].map(|name| agent(name, "sales")));
    let mut store = world.onboard(spec).await;
    let nothing = planned(&world, &store).await;
    assert_eq!((nothing.code, nothing.json()["changes"].clone()), (0, json!(false)), "{nothing:?}");
    let mut wrong = Vec::new();
    for Edit { name, expected, change } in EDITS {
        change(&mut store.spec);
        let ran = planned(&world, &store).await;
        assert_eq!(ran.code, 2, "{name}: {ran:?}");
        let (printed, mark) = (ran.steps(), world.desk.mark());
        store.apply().await;
        store.settle().await;
        let did = world.desk.write_counts(mark);
        eprintln!("| {name} | {} | {did:?} | {} |", printed.join(", "), ran.plan()["held"]);
        if printed != expected || !ran.held().is_empty() || calls_of_all(&printed) != did {
            wrong.push(name);
        }
        assert_eq!(planned(&world, &store).await.code, 0, "{name}: nothing is left to do");
    }
    assert!(wrong.is_empty(), "printed and done differ: {wrong:?}; see the table above");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_store_is_planned_from_its_file_and_then_made_so() {
    let mut world = World::new().await;
    let store = world.store(STORE, small());
    let ran = planned(&world, &store).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    let counts = ran.counts();
    let mark = world.desk.mark();
    let store = world.onboard(small()).await;
    let did = world.desk.write_counts(mark);
    eprintln!("{counts:?}\n{did:?}");
    for (printed, call) in [
        ("create Department", "POST /groups"),
        ("create PhoneField", "POST /ticket_fields"),
        ("create Webhook", "POST /webhooks"),
    ] {
        assert_eq!(counts.get(printed), did.get(call), "{printed}: {did:?}");
    }
    let triggers = counts["create EventRoute"] + counts["create RoutingRule"];
    assert_eq!(Some(&triggers), did.get("POST /triggers"));
    let status = store.get().await["status"].clone();
    assert_eq!(status["plan"]["changes"], 0, "everything that was printed is done: {status:#}");
    for user in ["ana@loja.example", "rui@loja.example"] {
        world.desk.user(user);
    }
    assert_eq!(counts["create Agent"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_digest_that_plan_prints_approves_the_removal_in_the_same_change() {
    let mut world = World::new().await;
    let mut spec = small();
    spec["removalGuard"] = json!({"minCount": 1, "maxPercent": 10, "maxCount": 10});
    let mut store = world.onboard(spec).await;
    store.spec["agents"].as_array_mut().unwrap().retain(|agent| agent["name"] != "ana");
    let held = planned(&world, &store).await;
    assert_eq!((held.code, held.steps()), (2, Vec::new()), "{held:?}");
    assert!(held.held().contains(&"update Agent/ana [active]".to_owned()), "{held:?}");
    let digest = held.plan()["digest"].clone();
    store.annotations = json!({"humansupport.dev/approve-plan": digest});
    let approved = planned(&world, &store).await;
    assert_eq!(approved.held(), Vec::<String>::new(), "with its digest beside it, it is not held");
    assert_eq!(approved.plan()["digest"], digest);
    store.apply().await;
    store.settle().await;
    assert_eq!(world.desk.user("ana@loja.example")["suspended"], true);
}
