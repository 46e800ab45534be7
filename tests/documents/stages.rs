//! What is there before a document begins: nothing, the definitions, the operator, a store.
//!
//! Must not: do what the document itself tells its reader to do.

use serde_json::{Value, json};

use crate::harness::{STORE, account, credentials, handler_token, small};
use crate::session::Session;

/// The namespace of the store.
const NAMESPACE: &str = "store-loja-centro";

const APPLY: &str = "kubectl apply --server-side --field-manager=humansupport -f";

/// A cluster without the operator.
pub(crate) async fn a_cluster(_: &mut Session) {}

/// A cluster with the definitions, and nobody who heeds them.
pub(crate) async fn definitions(session: &mut Session) {
    session.run("humansupport crd | kubectl apply --server-side --field-manager=humansupport -f -").await;
    session.run("kubectl create namespace humansupport-system").await;
}

/// The operator, installed from the manifest.
pub(crate) async fn installed(session: &mut Session) {
    session.run(&format!("{APPLY} deploy/human-support-operator.yaml")).await;
}

/// The operator, and a store that is Ready.
pub(crate) async fn a_store(session: &mut Session) {
    installed(session).await;
    apply(session, small()).await;
    session.run(&format!("humansupport status {STORE} -n {NAMESPACE} --wait")).await;
}

/// The operator, and a store that is in the helpdesk and waits for the approval of an edit.
pub(crate) async fn a_waiting_store(session: &mut Session) {
    let mut spec = small();
    spec["deletionPolicy"] = json!("Deactivate");
    installed(session).await;
    apply(session, spec.clone()).await;
    session.run(&format!("humansupport status {STORE} -n {NAMESPACE} --wait")).await;
    spec["approval"] = json!("Manual");
    spec["departments"][0]["displayName"] = json!("Comercial");
    save(session, spec);
    session.run(&format!("{APPLY} store.yaml")).await;
    session
        .run(&format!("kubectl -n {NAMESPACE} wait --for=condition=Stalled hsc/{STORE} --timeout=2m"))
        .await;
}

/// A store's repository beside its cluster: what it declares is there, and one department was renamed in the files.
pub(crate) async fn a_repository(session: &mut Session) {
    a_store(session).await;
    built_by_hand(session).await;
    session.run("mkdir accounts stores").await;
    let mut spec = small();
    spec["departments"][0]["displayName"] = json!("Comercial");
    session.save("stores/loja-centro.yaml", &text(&[store(spec)]));
    session.save("accounts/zendesk.yaml", &text(&[account()]));
    session.save("credentials.yaml", &text(&[credentials()]));
}

/// Deletes the store when its credentials have gone, and waits until that blocks it.
pub(crate) async fn delete_without_credentials(session: &mut Session) {
    session.run(&format!("kubectl -n {NAMESPACE} delete secret zendesk-credentials")).await;
    session.run(&format!("kubectl -n {NAMESPACE} delete hsc {STORE} --wait=false")).await;
    let blocked =
        format!("kubectl -n {NAMESPACE} wait --for=condition=DeletionBlocked hsc/{STORE} --timeout=2m");
    session.run(&blocked).await;
}

async fn apply(session: &mut Session, spec: Value) {
    session.run(&format!("kubectl create namespace {NAMESPACE}")).await;
    session.save("account.yaml", &text(&[credentials(), handler_token(), account()]));
    save(session, spec);
    session.run(&format!("{APPLY} account.yaml -f store.yaml")).await;
}

fn save(session: &Session, spec: Value) {
    session.save("store.yaml", &text(&[store(spec)]));
}

fn store(spec: Value) -> Value {
    json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig", "metadata": {"name": STORE},
        "spec": spec})
}

/// Objects of the store's namespace as a file.
fn text(objects: &[Value]) -> String {
    let line = |object: &Value| {
        let mut object = object.clone();
        object["metadata"]["namespace"] = json!(NAMESPACE);
        format!("---\n{object}\n")
    };
    objects.iter().map(line).collect()
}

/// What people have built by hand in the other account: a department, somebody in it.
pub(crate) async fn built_by_hand(session: &Session) {
    let desk = &session.setting.desk;
    let url = desk.zendesk.account_url(crate::setting::BY_HAND);
    let make = |path: &'static str, root: &'static str, body: Value| {
        let url = format!("{url}/api/v2/{path}");
        async move {
            let request = reqwest::Client::new().post(url).header("x-sandbox-person", "Maria");
            let answer = request.json(&json!({ root: body })).send().await.unwrap();
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            answer.json::<Value>().await.unwrap()[root]["id"].clone()
        }
    };
    let group = make("groups", "group", json!({"name": "Atendimento"})).await;
    let person = json!({"name": "Bia Rocha", "email": "bia@padaria.example", "role": "agent"});
    let user = make("users", "user", person).await;
    let member = json!({"user_id": user, "group_id": group, "default": true});
    make("group_memberships", "group_membership", member).await;
}
