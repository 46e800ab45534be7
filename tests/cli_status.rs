//! `humansupport status` against a real API server, with statuses as the operator writes them.

mod cli;

use cli::{Stage, annotation, condition};
use human_support_operator::api::annotations::RECONCILE_REQUESTED_AT;
use serde_json::json;

#[tokio::test]
async fn a_ready_store_ends_with_yes_and_code_0() {
    let stage = Stage::new("status-ready").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", json!({})).await;
    let ran = stage.run(&["status", "loja"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.last_line(), "Can a customer reach a person now? yes: a customer reaches one");
    assert!(ran.out.contains("\nready (Reconciled): the helpdesk is as declared\n"), "{}", ran.out);
    assert!(ran.out.contains("Resync: every 1h"), "{}", ran.out);
    assert!(!ran.out.contains('\u{1b}'), "no colors in a pipe: {}", ran.out);
}

fn blocked() -> serde_json::Value {
    json!({
        "conditions": [
            condition("Ready", "False", ("EmailTaken", "Agent `ana`: choose another address"), 1),
            condition("Live", "False", ("NotReady", "no: Agent `ana`: choose another address"), 1),
            condition("Stalled", "True", ("EmailTaken", "Agent `ana`: choose another address"), 1),
        ],
        "problems": [
            {"kind": "Webhook", "name": "handler", "reason": "SecretInvalid", "message": "create the Secret"},
            {"kind": "Membership", "name": "ana/sales", "reason": "DependencyHeld", "message": "waits for ana"},
            {"kind": "Agent", "name": "ana", "reason": "EmailTaken", "message": "choose \u{1b}[2Janother"},
        ],
        "problemCount": 25,
        "pendingSteps": [{"name": "SendTicketFieldId", "value": "62", "blocksLive": true,
            "why": "the bot needs it", "how": "send the id"}],
        "plan": {"digest": "sha256:ab", "changes": 1, "held": 2, "lines": ["create Agent ana", "held (EmailTaken): x"]},
    })
}

#[tokio::test]
async fn problems_by_agent_steps_and_plan_of_a_blocked_store_are_shown() {
    let stage = Stage::new("status-blocked").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", blocked()).await;
    let ran = stage.run(&["status", "loja"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    for expected in [
        "\nnot ready (EmailTaken): Agent `ana`: choose another address\n",
        "\nProblems (3 of 25)\n  Agent ana\n    Membership ana/sales: DependencyHeld: waits for ana\n    EmailTaken: choose \u{fffd}[2Janother\n  Webhook handler\n",
        "  SendTicketFieldId, customers wait for it\n    why: the bot needs it\n    how: send the id\n",
        "add to `completedSteps`: {name: SendTicketFieldId, value: \"62\"}\n",
        "\nPlan (1 changes, 2 held)\n  create Agent ana\n  held (EmailTaken): x\n  and 1 more\n",
        "humansupport explain REASON",
    ] {
        assert!(ran.out.contains(expected), "no {expected:?} in\n{}", ran.out);
    }
    assert_eq!(ran.last_line(), "Can a customer reach a person now? no: Agent `ana`: choose another address");
}

#[tokio::test]
async fn json_holds_what_the_text_says() {
    let stage = Stage::new("status-json").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", blocked()).await;
    let ran = stage.run(&["status", "--output", "json"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    let answer = ran.json();
    let store = &answer["stores"][0];
    assert_eq!(answer["ready"], false);
    assert_eq!(
        (&store["ready"], &store["live"], &store["current"]),
        (&json!(false), &json!(false), &json!(true))
    );
    assert_eq!(store["problems"][0]["name"], "handler");
    assert_eq!(store["pendingSteps"][0]["how"], "send the id");
    assert_eq!(store["nextResyncBefore"], json!(null));
}

#[tokio::test]
async fn a_status_from_before_an_edit_is_not_believed() {
    let stage = Stage::new("status-edited").await;
    stage.create("loja", json!({})).await;
    let ran = stage.run(&["status", "loja"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(
        ran.last_line().contains("unknown: the operator has not looked at this store yet"),
        "{}",
        ran.out
    );

    stage.report("loja", json!({})).await;
    let edit = kube::api::Patch::Merge(json!({"spec": {"language": "en"}}));
    stage.stores().patch("loja", &Default::default(), &edit).await.unwrap();
    let ran = stage.run(&["status", "loja"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.out.contains("the latest change is not looked at yet"), "{}", ran.out);
    assert!(
        ran.last_line().contains("unknown: the operator has not looked at the latest change yet"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn all_namespaces_are_one_table_and_one_answer() {
    let stage = Stage::new("status-table").await;
    stage.create("aberta", json!({})).await;
    stage.create("fechada", json!({"store": "fechada"})).await;
    stage.report("aberta", json!({})).await;
    stage.report("fechada", blocked()).await;
    let ran = stage.run(&["status"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("NAMESPACE     NAME     READY  LIVE"), "{}", ran.out);
    assert!(lines[1].starts_with("status-table  aberta   yes    yes   2/2"), "{}", ran.out);
    assert!(lines[2].starts_with("status-table  fechada  no     no    2/2"), "{}", ran.out);
    assert_eq!(
        ran.last_line(),
        "Can a customer reach a person now? no in status-table/fechada; yes in 1 of 2 stores"
    );
    let everywhere = stage.run(&["status", "-A"]).await;
    assert!(everywhere.out.contains("status-table  "), "{everywhere:?}");
}

#[tokio::test]
async fn wait_returns_when_the_store_is_ready() {
    let stage = Stage::new("status-wait").await;
    stage.create("loja", json!({})).await;
    let waiting = tokio::spawn(cli::finish(stage.command(&["status", "loja", "--wait", "--timeout", "30s"])));
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(!waiting.is_finished());
    stage.report("loja", json!({})).await;
    let ran = waiting.await.unwrap();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}

#[tokio::test]
async fn wait_ends_with_code_3_when_the_time_is_over() {
    let stage = Stage::new("status-timeout").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", blocked()).await;
    let ran = stage.run(&["status", "loja", "--wait", "--timeout", "1s"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.last_line().starts_with("Can a customer reach a person now? no:"), "{}", ran.out);
}

#[tokio::test]
async fn waiting_for_a_suspended_store_is_refused_at_once() {
    let stage = Stage::new("status-suspended").await;
    stage.create("loja", json!({"suspend": true})).await;
    let ran = stage.run(&["status", "loja", "--wait"]).await;
    assert!(ran.failure().contains("run `humansupport resume loja -n status-suspended` first"), "{ran:?}");
}

#[tokio::test]
async fn fresh_asks_for_a_round_and_waits_for_its_echo() {
    let stage = Stage::new("status-fresh").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", json!({})).await;
    let waiting =
        tokio::spawn(cli::finish(stage.command(&["status", "loja", "--fresh", "--timeout", "30s"])));
    let asked = stage.until("loja", |store| annotation(store, RECONCILE_REQUESTED_AT).is_some()).await;
    let stamp = annotation(&asked, RECONCILE_REQUESTED_AT).unwrap();
    stage.report("loja", json!({"lastHandledReconcileAt": "something older"})).await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert!(!waiting.is_finished(), "the echo of another request is not enough");
    stage.report("loja", json!({"lastHandledReconcileAt": stamp})).await;
    let ran = waiting.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Resync: before "), "{}", ran.out);

    let writers = asked.metadata.managed_fields.unwrap_or_default();
    let of_annotation = writers
        .iter()
        .find(|entry| entry.fields_v1.as_ref().unwrap().0.to_string().contains(RECONCILE_REQUESTED_AT));
    assert_eq!(of_annotation.unwrap().manager.as_deref(), Some("humansupport"));
}

#[tokio::test]
async fn fresh_without_an_operator_says_what_to_look_at() {
    let stage = Stage::new("status-nobody").await;
    stage.create("loja", json!({})).await;
    let ran = stage.run(&["status", "loja", "--fresh", "--timeout", "1s"]).await;
    let sentence = ran.failure();
    assert!(
        sentence.contains("a fresh look of `status-nobody/loja` did not show within 1 s: not looked at yet"),
        "{sentence}"
    );
    assert!(sentence.contains("check that the operator runs"), "{sentence}");
}

#[tokio::test]
async fn a_name_that_is_not_there_is_answered_with_the_nearest() {
    let stage = Stage::new("status-missing").await;
    stage.create("loja-centro", json!({})).await;
    let near = stage.run(&["status", "loja-centr"]).await;
    assert!(near.failure().contains("did you mean `loja-centro`?"), "{near:?}");
    let strange = stage.run(&["status", "xyz"]).await;
    assert!(strange.failure().contains("give its namespace with -n"), "{strange:?}");
}
