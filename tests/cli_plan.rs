//! `plan`, `import` and `doctor` without an operator: in a pipeline that reaches no cluster, and with bad input. One sentence
//! and the documented exit code each, never a backtrace.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod cli;

use std::path::PathBuf;

use cli::{Ran, Stage, command, run};
use sandbox::control_plane::{self, ControlPlane, Options};
use sandbox::process::OwnedFolder;
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET, Config, Zendesk};
use serde_json::{Value, json};

const CLUSTER: [&str; 2] = ["--cluster-id", "aaaaaaaa-0000-0000-0000-000000000000"];

fn store(changes: Value) -> Value {
    let mut spec = json!({
        "accountRef": {"kind": "HelpdeskAccount", "name": "zendesk"},
        "store": "lojacentro",
        "whatsapp": {"phoneNumber": "+551140028922"},
        "departments": [{"name": "sales", "displayName": "Vendas"}],
        "agents": [{"name": "ana", "displayName": "Ana Souza", "email": "ana@loja.example", "profile": "Agent",
            "departments": ["sales"]}],
        "completedSteps": [{"name": "IntegrateWhatsApp", "value": "+551140028922"}],
    });
    for (field, value) in changes.as_object().unwrap() {
        spec[field] = value.clone();
    }
    json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
        "metadata": {"name": "loja-centro", "namespace": "store-x"}, "spec": spec})
}

fn account() -> Value {
    json!({"apiVersion": "humansupport.dev/v1alpha1", "kind": "HelpdeskAccount",
        "metadata": {"name": "zendesk", "namespace": "store-x"},
        "spec": {"zendesk": {"subdomain": "lojacentro", "plan": "Professional"},
            "credentialsSecretRef": {"name": "zendesk-credentials"}}})
}

fn credentials() -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "type": "humansupport.dev/credentials",
        "metadata": {"name": "zendesk-credentials", "namespace": "store-x"},
        "stringData": {"host": "lojacentro.zendesk.com", "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET}})
}

/// A pipeline: files, a helpdesk, no cluster.
struct Pipeline {
    folder: OwnedFolder,
    desk: Zendesk,
}

impl Pipeline {
    async fn new() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = OwnedFolder::temporary("cli-plan").unwrap();
        Self { folder, desk: Zendesk::start(Config::default()).await.unwrap() }
    }

    fn file(&self, name: &str, documents: &[Value]) -> String {
        let text = documents.iter().map(|document| format!("---\n{document}\n")).collect::<String>();
        self.text(name, &text)
    }

    fn text(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Runs a verb without a cluster.
    async fn run(&self, verb: &[&str], arguments: &[&str]) -> Ran {
        let endpoint = format!("zendesk.com={}", self.desk.address());
        let secret = self.file("secret.yaml", &[credentials()]);
        let usual = ["--loopback-endpoint", &endpoint, "--credentials", &secret];
        run(&[verb, &CLUSTER, &usual, arguments].concat()).await
    }

    async fn plan(&self, arguments: &[&str]) -> Ran {
        self.run(&["plan", "--offline"], arguments).await
    }
}

#[tokio::test]
async fn a_pipeline_without_a_cluster_plans_with_a_token_that_only_reads() {
    let pipeline = Pipeline::new().await;
    let files = pipeline.file("files.yaml", &[account(), store(json!({}))]);
    let text = pipeline.plan(&[&files]).await;
    assert_eq!(text.code, 2, "{text:?}");
    for line in ["  create Department sales `Vendas`", "  create Agent ana", "  digest: sha256:"] {
        assert!(text.out.contains(line), "{line}: {text:?}");
    }
    assert!(!text.out.contains('\u{1b}'), "no color without a terminal");
    assert!(text.err.contains("note: no cluster was asked"), "{text:?}");
    let markdown = pipeline.plan(&[&files, "--output", "markdown"]).await;
    assert_eq!(markdown.code, 2, "{markdown:?}");
    assert!(
        markdown.out.starts_with("<!-- humansupport plan -->\n### Human support: 1 of 1 store(s) change")
    );
    assert!(markdown.out.contains("+ create Department sales"), "{markdown:?}");
    let digest =
        pipeline.plan(&[&files, "--output", "json"]).await.json()["stores"][0]["plan"]["digest"].clone();
    assert!(
        markdown.out.contains(&format!("humansupport.dev/approve-plan: {digest}")),
        "{digest} {markdown:?}"
    );
    for ran in [&text, &markdown] {
        assert!(!ran.out.contains('@') && !ran.out.contains(CLIENT_SECRET), "{ran:?}");
    }
    assert_eq!(pipeline.desk.writes().len(), 0);
    let entries = pipeline.desk.ledger().entries();
    let tokens: Vec<_> = entries.iter().filter(|entry| entry.path == "/oauth/tokens").collect();
    assert_eq!(tokens.len(), 3);
    assert!(tokens.iter().all(|entry| entry.body_value()["scope"] == "read"), "{tokens:?}");
}

#[tokio::test]
async fn a_store_that_cannot_be_planned_is_an_error_and_hides_no_other() {
    let pipeline = Pipeline::new().await;
    let mut other =
        store(json!({"store": "outra", "accountRef": {"kind": "HelpdeskAccount", "name": "elsewhere"}}));
    other["metadata"]["name"] = json!("outra");
    let files = pipeline.file("files.yaml", &[account(), store(json!({})), other]);
    let ran = pipeline.plan(&[&files]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("create Department sales"), "{ran:?}");
    assert!(
        ran.err.contains(
            "store-x/outra cannot be planned: the account `HelpdeskAccount/elsewhere` does not exist"
        ),
        "{ran:?}"
    );
}

#[tokio::test]
async fn a_store_that_is_as_declared_ends_with_zero_and_one_that_is_suspended_too() {
    let pipeline = Pipeline::new().await;
    let files = pipeline.file("files.yaml", &[account(), store(json!({"suspend": true}))]);
    let ran = pipeline.plan(&[&files]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("store-x/loja-centro: it is suspended"), "{ran:?}");
}

#[tokio::test]
async fn bad_files_are_one_sentence_with_the_nearest_known_word() {
    let pipeline = Pipeline::new().await;
    let mut kind = store(json!({}));
    kind["kind"] = json!("HumanSuportConfig");
    let broken = pipeline.text("broken.yaml", &format!("---\n{}\n---\na: [\n", account()));
    for (files, expected) in [
        (pipeline.file("kind.yaml", &[account(), kind]), "did you mean `HumanSupportConfig`?"),
        (
            pipeline.file("field.yaml", &[account(), store(json!({"agent": []}))]),
            "HumanSupportConfig store-x/loja-centro: `spec.agent`: is not a field; did you mean `agents`?",
        ),
        (broken, "broken.yaml:4: is not YAML"),
        ("/nonexistent/store.yaml".to_owned(), "/nonexistent/store.yaml: cannot be read: "),
        (pipeline.file("none.yaml", &[account()]), "hold no HumanSupportConfig"),
    ] {
        let ran = pipeline.plan(&[&files]).await;
        assert!(ran.failure().contains(expected), "{expected}: {ran:?}");
    }
    let secret = pipeline.file(
        "secret-2.yaml",
        &[json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}})],
    );
    let files = pipeline.file("files.yaml", &[account(), store(json!({}))]);
    let ran = pipeline.plan(&[&files, "--credentials", &secret]).await;
    assert!(ran.failure().contains("holds a `ConfigMap`; give manifests of Secrets only"), "{ran:?}");
}

#[tokio::test]
async fn what_is_missing_without_a_cluster_is_said() {
    let pipeline = Pipeline::new().await;
    let files = pipeline.file("files.yaml", &[account(), store(json!({}))]);
    let identity = run(&["plan", "--offline", &files]).await;
    assert!(
        identity.failure().contains("add --cluster-id with the uid of its namespace kube-system"),
        "{identity:?}"
    );
    let secret = run(&[&["plan", "--offline", &files][..], &CLUSTER].concat()).await;
    assert_eq!(secret.code, 1, "{secret:?}");
    assert!(secret.err.contains("the Secret `zendesk-credentials` does not exist"), "{secret:?}");
    let cluster = run(&["plan", &files]).await;
    assert!(
        cluster.failure().contains("no cluster is known") && cluster.err.contains("--offline"),
        "{cluster:?}"
    );
    let name = pipeline.plan(&["loja-centro"]).await;
    assert!(name.failure().contains("`loja-centro` is no file"), "{name:?}");
    // Two means that there are changes: a mistake in the arguments must not look like that.
    let usage = run(&["plan", "--nonsense"]).await;
    assert_eq!((usage.code, usage.out.as_str()), (1, ""), "{usage:?}");
    assert_eq!(run(&["status", "--nonsense"]).await.code, 2);
}

#[tokio::test]
async fn credentials_may_stand_in_a_variable_and_are_never_repeated() {
    let pipeline = Pipeline::new().await;
    let files = pipeline.file("files.yaml", &[account(), store(json!({}))]);
    let endpoint = format!("zendesk.com={}", pipeline.desk.address());
    let arguments = [&["plan", "--offline", &files, "--loopback-endpoint", &endpoint][..], &CLUSTER].concat();
    let mut good = command(cli::binary(), &arguments);
    good.env("HUMANSUPPORT_CREDENTIALS", credentials().to_string());
    let ran = cli::finish(good).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    let mut broken = command(cli::binary(), &arguments);
    broken.env("HUMANSUPPORT_CREDENTIALS", "canary-4711: [");
    let ran = cli::finish(broken).await;
    assert!(
        ran.failure().contains("HUMANSUPPORT_CREDENTIALS holds something at line 1 that is no YAML"),
        "{ran:?}"
    );
    assert!(!ran.err.contains("canary-4711"), "{ran:?}");
}

#[tokio::test]
async fn import_refuses_in_one_sentence() {
    let pipeline = Pipeline::new().await;
    let usual = ["--zendesk-subdomain", "lojacentro", "--whatsapp-number", "+551140028922", "-n", "store-x"];
    let good = pipeline.run(&["import"], &usual).await;
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.out.contains("zendesk-credentials: type humansupport.dev/credentials"), "{good:?}");
    let other = ["--zendesk-subdomain", "other", "--whatsapp-number", "+551140028922", "-n", "store-x"];
    let host = pipeline.run(&["import"], &other).await;
    assert!(host.failure().contains("must be `other.zendesk.com`"), "{host:?}");
    let missing = pipeline.run(&["import"], &[&usual[..], &["--department", "Suport"]].concat()).await;
    assert!(missing.failure().contains("did you mean `Support`?"), "{missing:?}");
    let number = run(&["import", "--zendesk-subdomain", "a", "--whatsapp-number", "11 4002"]).await;
    assert_eq!(number.code, 2, "{number:?}");
    assert!(number.err.contains("must be a phone number in E.164 form"), "{number:?}");
}

#[tokio::test]
async fn a_cluster_without_the_definitions_is_told_by_every_verb() {
    let plane = ControlPlane::start(Options::new()).await.unwrap();
    let kubeconfig = plane.kubeconfig(control_plane::ADMIN).unwrap();
    let kubeconfig = kubeconfig.to_str().unwrap();
    let pipeline = Pipeline::new().await;
    let files = pipeline.file("files.yaml", &[account(), store(json!({}))]);
    for target in [files.as_str(), "loja-centro"] {
        let ran = run(&["plan", target, "--kubeconfig", kubeconfig]).await;
        assert!(
            ran.failure().contains("does not know the kinds of humansupport.dev; install the chart"),
            "{ran:?}"
        );
    }
    let doctor = run(&["doctor", "--kubeconfig", kubeconfig, "--output", "json"]).await;
    assert_eq!(doctor.code, 1, "{doctor:?}");
    let findings = doctor.json()["findings"].clone();
    let definitions = findings.as_array().unwrap().iter().find(|one| one["check"] == "definitions").unwrap();
    assert_eq!(definitions["verdict"], "wrong");
    assert!(
        definitions["advice"].as_str().unwrap().contains("humansupport crd | kubectl apply --server-side")
    );
}

#[tokio::test]
async fn a_missing_right_is_named_by_plan_and_by_doctor() {
    let stage = Stage::of_user("store-x", "operator").await;
    let pipeline = Pipeline::new().await;
    let files = pipeline.file("files.yaml", &[account(), store(json!({}))]);
    let plan = stage.run(&["plan", &files]).await;
    let expected = "you may not list humansupportconfigs.humansupport.dev in the namespace `store-x`";
    assert!(plan.failure().contains(expected), "{plan:?}");
    let doctor = stage.run(&["doctor"]).await;
    assert_eq!(doctor.code, 1, "{doctor:?}");
    for missing in [
        "watch humansupportconfigs.humansupport.dev in the whole cluster",
        "get namespaces in the whole cluster",
    ] {
        assert!(doctor.out.contains(missing), "{missing}: {doctor:?}");
    }
    assert!(doctor.out.contains("→ grant them as the chart's roles do"), "{doctor:?}");
}

#[tokio::test]
async fn doctor_finds_an_account_in_order_and_says_what_is_wrong_with_another() {
    let stage = Stage::new("examined").await;
    let pipeline = Pipeline::new().await;
    let endpoint = format!("zendesk.com={}", pipeline.desk.address());
    let mut documents = vec![credentials(), account()];
    let mut other = account();
    other["metadata"]["name"] = json!("other");
    other["spec"]["credentialsSecretRef"]["name"] = json!("missing");
    documents.push(other);
    for mut document in documents {
        document["metadata"]["namespace"] = json!("examined");
        let document = serde_json::from_value(document).unwrap();
        control_plane::apply(&stage.client, &document, "test").await.unwrap();
    }
    let arguments = ["doctor", "--watch-namespace", "examined", "--loopback-endpoint", &endpoint];
    let text = stage.run(&arguments).await;
    assert_eq!(text.code, 1, "{text:?}");
    for line in [
        "ok      definitions: humansupport.dev/v1alpha1",
        "ok      rights: all ",
        "ok      HelpdeskAccount/zendesk in examined: the credentials are accepted, scopes read write, clocks agree",
        "wrong   HelpdeskAccount/other in examined: SecretInvalid: the Secret `missing` does not exist",
    ] {
        assert!(text.out.contains(line), "{line}: {text:?}");
    }
    assert!(!text.out.contains('\u{1b}') && !text.out.contains(CLIENT_SECRET));
    assert_eq!(pipeline.desk.writes().len(), 0, "doctor writes nothing");
    let json = stage.run(&[&arguments[..], &["--output", "json"]].concat()).await;
    assert_eq!(json.json()["good"], false);
}

#[tokio::test]
async fn the_new_verbs_are_completed() {
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&["completion", shell]).await;
        for verb in ["plan", "import", "doctor"] {
            assert!(script.out.contains(verb), "{shell} {verb}");
        }
    }
}
