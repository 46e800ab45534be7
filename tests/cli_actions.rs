//! `reconcile`, `suspend`, `resume` and `approve` against a real API server; the tests answer as the operator would.

#![allow(clippy::unwrap_used, reason = "it is test code throughout")]

mod cli;

use cli::{Stage, annotation, condition};
use human_support_operator::api::annotations::{APPROVE_PLAN, RECONCILE_REQUESTED_AT};
use kube::ResourceExt;
use kube::api::{Api, Patch, PatchParams, PostParams};
use serde_json::{Value, json};

#[tokio::test]
async fn reconcile_returns_when_the_request_is_echoed() {
    let stage = Stage::new("reconcile-one").await;
    stage.create("loja", json!({})).await;
    let running = tokio::spawn(cli::finish(stage.command(&["reconcile", "loja"])));
    let asked = stage.until("loja", |store| annotation(store, RECONCILE_REQUESTED_AT).is_some()).await;
    assert!(!running.is_finished());
    let stamp = annotation(&asked, RECONCILE_REQUESTED_AT).unwrap();
    stage.report("loja", json!({"lastHandledReconcileAt": stamp})).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(ran.out, "reconcile-one/loja: ready (Reconciled): the helpdesk is as declared\n");
}

#[tokio::test]
async fn reconcile_of_an_account_asks_its_stores_and_no_others() {
    let stage = Stage::new("reconcile-account").await;
    let account = json!({
        "apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount", "metadata": {"name": "zendesk"},
        "spec": {"zendesk": {"subdomain": "loja", "plan": "Team"}, "credentialsSecretRef": {"name": "c"}},
    });
    let accounts: Api<human_support_operator::api::HelpdeskAccount> =
        Api::namespaced(stage.client.clone(), &stage.namespace);
    accounts.create(&PostParams::default(), &serde_json::from_value(account).unwrap()).await.unwrap();
    stage.create("one", json!({})).await;
    stage.create("two", json!({"store": "two"})).await;
    stage.create("asleep", json!({"store": "asleep", "suspend": true})).await;
    let other = json!({"kind": "ClusterHelpdeskAccount", "name": "zendesk"});
    stage.create("elsewhere", json!({"store": "elsewhere", "accountRef": other})).await;

    let running =
        tokio::spawn(cli::finish(stage.command(&["reconcile", "--account", "zendesk", "-o", "json"])));
    for name in ["one", "two"] {
        let asked = stage.until(name, |store| annotation(store, RECONCILE_REQUESTED_AT).is_some()).await;
        let stamp = annotation(&asked, RECONCILE_REQUESTED_AT).unwrap();
        stage.report(name, json!({"lastHandledReconcileAt": stamp})).await;
    }
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    let answer = ran.json();
    let names: Vec<&str> =
        answer["stores"].as_array().unwrap().iter().map(|store| store["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["one", "two"]);
    assert!(ran.err.contains("`reconcile-account/asleep` is suspended"), "{ran:?}");
    for name in ["asleep", "elsewhere"] {
        let store = stage.stores().get(name).await.unwrap();
        assert_eq!(annotation(&store, RECONCILE_REQUESTED_AT), None, "{name}");
    }
    let of_cluster = tokio::spawn(cli::finish(stage.command(&[
        "reconcile",
        "--account",
        "ClusterHelpdeskAccount/zendesk",
        "--timeout",
        "1s",
    ])));
    assert!(of_cluster.await.unwrap().failure().contains("the round of `reconcile-account/elsewhere`"));
}

#[tokio::test]
async fn reconcile_names_what_it_cannot_find() {
    let stage = Stage::new("reconcile-none").await;
    for (account, expected) in [
        ("nobody", "no store uses the account `ClusterHelpdeskAccount/nobody`"),
        ("HelpdeskAccount/nobody", "no store in the namespace `reconcile-none` uses the account"),
        ("Account/nobody", "`Account` is not a kind of account"),
    ] {
        let ran = stage.run(&["reconcile", "--account", account]).await;
        assert!(ran.failure().contains(expected), "{ran:?}");
    }
    let both = stage.run(&["reconcile", "loja", "--account", "zendesk"]).await;
    assert_eq!(both.code, 2, "{both:?}");
}

#[tokio::test]
async fn suspend_and_resume_wait_until_the_operator_heeds_them() {
    let stage = Stage::new("suspend-resume").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", json!({})).await;
    let running = tokio::spawn(cli::finish(stage.command(&["suspend", "loja"])));
    let store = stage.until("loja", |store| store.spec.suspend).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(!running.is_finished());
    let generation = store.metadata.generation.unwrap();
    let suspended = condition("Suspended", "True", ("Suspended", "nothing is done"), generation);
    stage.report("loja", json!({"observedGeneration": 1, "conditions": [suspended.clone()]})).await;
    let ran = running.await.unwrap();
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert_eq!(ran.out, "suspend-resume/loja: suspended: nothing is done until `suspend` is false\n");
    let entries = stage.stores().get("loja").await.unwrap().metadata.managed_fields.unwrap();
    let writer = manager_of_suspend(&entries);
    assert_eq!(writer, ["humansupport"]);

    let running = tokio::spawn(cli::finish(stage.command(&["resume", "loja"])));
    stage.until("loja", |store| !store.spec.suspend).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(!running.is_finished());
    stage.report("loja", json!({})).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("loja: ready (Reconciled)"), "{ran:?}");
}

fn manager_of_suspend(
    entries: &[k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry],
) -> Vec<&str> {
    let has = |value: &Value| !value["f:spec"]["f:suspend"].is_null();
    entries
        .iter()
        .filter(|entry| entry.fields_v1.as_ref().is_some_and(|fields| has(&fields.0)))
        .map(|entry| entry.manager.as_deref().unwrap())
        .collect()
}

#[tokio::test]
async fn who_will_undo_a_suspension_is_named() {
    let stage = Stage::new("suspend-gitops").await;
    stage.create("loja", json!({})).await;
    let declared = json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig", "spec": {"suspend": false}});
    let flux = PatchParams::apply("kustomize-controller").force();
    stage.stores().patch("loja", &flux, &Patch::Apply(&declared)).await.unwrap();
    let ran = stage.run(&["suspend", "loja", "--timeout", "1s"]).await;
    assert!(ran.err.contains("`spec.suspend` is declared by `kustomize-controller`"), "{ran:?}");
    assert_eq!(ran.code, 1, "no operator reacts: {ran:?}");
    assert!(ran.err.contains("the suspension of `suspend-gitops/loja` did not show within 1 s"), "{ran:?}");
}

fn waiting(digest: &str) -> Value {
    json!({
        "conditions": [
            condition("Ready", "False", ("RemovalGuardTripped", "4 agents would be removed"), 1),
            condition("Stalled", "True", ("RemovalGuardTripped", "4 agents would be removed"), 1),
        ],
        "plan": {"digest": digest, "changes": 1, "held": 3, "lines": [
            "update Department sales", "held (RemovalGuardTripped): update Agent ana: 4 agents would be removed",
            "held (InUse): delete Department old: still used",
        ]},
    })
}

#[tokio::test]
async fn approve_shows_what_is_held_and_waits_until_it_goes_on() {
    let stage = Stage::new("approve").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", waiting("sha256:aa")).await;
    let running = tokio::spawn(cli::finish(stage.command(&["approve", "loja", "sha256:aa"])));
    let approved = stage.until("loja", |store| annotation(store, APPROVE_PLAN).is_some()).await;
    assert_eq!(annotation(&approved, APPROVE_PLAN), Some("sha256:aa"));
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(!running.is_finished());
    stage.report("loja", json!({"plan": {"changes": 0, "held": 0, "lines": []}})).await;
    let ran = running.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    let expected = "Held in approve/loja, sha256:aa:\n  held (RemovalGuardTripped): update Agent ana: 4 agents would be removed\n  and 1 more held changes";
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    assert!(!ran.out.contains("InUse"), "an approval does not let this one pass: {}", ran.out);
    assert!(
        ran.out.ends_with("approve/loja: ready (Reconciled): the helpdesk is as declared\n"),
        "{}",
        ran.out
    );
}

#[tokio::test]
async fn another_digest_is_refused_and_nothing_is_written() {
    let stage = Stage::new("approve-other").await;
    stage.create("loja", json!({})).await;
    stage.report("loja", waiting("sha256:bb")).await;
    let before = stage.stores().get("loja").await.unwrap().resource_version();
    let ran = stage.run(&["approve", "loja", "sha256:aa"]).await;
    assert!(ran.failure().contains("the present one is `sha256:bb`"), "{ran:?}");
    assert_eq!(stage.stores().get("loja").await.unwrap().resource_version(), before);
}

#[tokio::test]
async fn what_does_not_wait_is_not_approved() {
    let stage = Stage::new("approve-none").await;
    stage.create("loja", json!({})).await;
    let unseen = stage.run(&["approve", "loja"]).await;
    assert!(unseen.failure().contains("has not planned the latest change"), "{unseen:?}");
    stage
        .report("loja", json!({"plan": {"digest": "sha256:cc", "changes": 2, "held": 0, "lines": []}}))
        .await;
    let nothing = stage.run(&["approve", "loja"]).await;
    assert!(
        nothing.failure().contains("nothing of `approve-none/loja` waits for an approval"),
        "{nothing:?}"
    );
}
