//! A cluster that is not there, does not let us, or does not know our kinds: one sentence, exit code 1.

mod cli;

use cli::{Stage, run};
use sandbox::control_plane::{self, ControlPlane, Options};
use serde_json::json;

#[tokio::test]
async fn no_kubeconfig_is_one_sentence() {
    let nothing = run(&["status"]).await;
    assert!(nothing.failure().contains("no cluster is known"), "{nothing:?}");
    let missing = run(&["status", "--kubeconfig", "/nonexistent/kubeconfig"]).await;
    assert!(missing.failure().contains("/nonexistent/kubeconfig"), "{missing:?}");
    assert!(missing.failure().contains("give --kubeconfig FILE"), "{missing:?}");
}

#[tokio::test]
async fn a_cluster_that_does_not_answer_is_named() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = sandbox::process::OwnedFolder::temporary("cli-refusals").unwrap();
    let file = folder.path().join("kubeconfig.yaml");
    let text = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": format!("https://127.0.0.1:{port}")}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    });
    std::fs::write(&file, text.to_string()).unwrap();
    for arguments in [["status", "loja"], ["suspend", "loja"], ["approve", "loja"], ["reconcile", "loja"]] {
        let ran = run(&[&arguments[..], &["--kubeconfig", file.to_str().unwrap()]].concat()).await;
        let expected = format!("the cluster at https://127.0.0.1:{port} does not answer: ");
        assert!(ran.failure().contains(&expected), "{ran:?}");
        assert!(ran.failure().contains("Connection refused"), "{ran:?}");
    }
    let context = ["status", "--kubeconfig", file.to_str().unwrap(), "--context", "other"];
    assert!(run(&context).await.failure().contains("other"));
}

#[tokio::test]
async fn a_missing_right_is_named_with_verb_and_resource() {
    let stage = Stage::of_user("refused", "operator").await;
    stage.create("loja", json!({})).await;
    let get = stage.run(&["status", "loja"]).await;
    let expected = "you may not get humansupportconfigs.humansupport.dev in the namespace `refused`; ask for a role that grants it";
    assert!(get.failure().contains(expected), "{get:?}");
    let check = "kubectl auth can-i get humansupportconfigs --namespace refused";
    assert!(get.failure().contains(check), "{get:?}");
    let list = stage.run(&["status", "-A"]).await;
    assert!(
        list.failure().contains("you may not list humansupportconfigs.humansupport.dev in the whole cluster"),
        "{list:?}"
    );

    for document in [
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "reader", "namespace": "refused"},
            "rules": [{"apiGroups": ["humansupport.dev"], "resources": ["humansupportconfigs"], "verbs": ["get"]}]}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "reader", "namespace": "refused"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "operator"}]}),
    ] {
        let document = serde_json::from_value(document).unwrap();
        control_plane::apply(&stage.client, &document, "test").await.unwrap();
    }
    let mut patch = stage.run(&["suspend", "loja"]).await;
    for _ in 0..50 {
        // The authorizer learns of a new role a moment later.
        if !patch.err.contains("may not get") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        patch = stage.run(&["suspend", "loja"]).await;
    }
    assert!(patch.failure().contains("you may not patch humansupportconfigs.humansupport.dev"), "{patch:?}");
    // Without the right to list, the sentence about a missing name is shorter, and not about rights.
    let missing = stage.run(&["status", "other"]).await;
    assert!(missing.failure().contains("there is no HumanSupportConfig `other`"), "{missing:?}");
}

#[tokio::test]
async fn wrong_credentials_and_missing_definitions_are_told_apart() {
    let plane = ControlPlane::start(Options::new()).await.unwrap();
    let kubeconfig = plane.kubeconfig(control_plane::ADMIN).unwrap();
    let file = kubeconfig.to_str().unwrap();
    for arguments in
        [&["status"][..], &["status", "loja"], &["approve", "loja"], &["reconcile", "--account", "a"]]
    {
        let ran = run(&[arguments, &["--kubeconfig", file]].concat()).await;
        assert!(
            ran.failure().contains("does not know the kinds of humansupport.dev; install the chart"),
            "{ran:?}"
        );
    }
    let text = std::fs::read_to_string(&kubeconfig).unwrap();
    let token = text.split("token: ").nth(1).unwrap().split(['}', ',', '\n']).next().unwrap();
    let path = plane.folder().join("wrong.yaml");
    std::fs::write(&path, text.replace(token, "\"wrong\"")).unwrap();
    let ran = run(&["status", "--kubeconfig", path.to_str().unwrap()]).await;
    assert!(ran.failure().contains("does not accept the credentials; log in again"), "{ran:?}");

    // A kubeconfig that is no YAML is named by its place, and never quoted: it holds credentials.
    std::fs::write(&path, text.replace(token, "\"canary-4711\", [")).unwrap();
    let ran = run(&["status", "--kubeconfig", path.to_str().unwrap()]).await;
    assert!(ran.failure().contains("failed to parse kubeconfig YAML: error: line "), "{ran:?}");
    assert!(!ran.err.contains("canary-4711"), "{ran:?}");
}
