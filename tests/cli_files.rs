//! The verbs that need no cluster: `validate`, `explain`, `completion`, `version`, and the plugin's name.

#![allow(clippy::unwrap_used, reason = "it is test code throughout")]

mod cli;

use std::fs;
use std::path::{Path, PathBuf};

use cli::{binary, command, finish, run, run_with_input};
use sandbox::process::OwnedFolder;
use serde_json::json;

fn root(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path).display().to_string()
}

fn folder(files: &[(&str, &str)]) -> OwnedFolder {
    let folder = OwnedFolder::temporary("cli-files").unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn named(path: PathBuf) -> String {
    path.display().to_string()
}

const STORE: &str = "\
apiVersion: humansupport.dev/v1alpha1
kind: HumanSupportConfig
metadata: {name: loja, namespace: a}
spec:
  accountRef: {kind: HelpdeskAccount, name: zendesk}
  store: loja
  whatsapp: {phoneNumber: \"+551140028922\"}
";

#[tokio::test]
async fn every_example_is_valid() {
    let ran = run(&["validate", &root("examples")]).await;
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
    assert!(ran.last_line().contains(" checked, 0 with problems, "), "{}", ran.out);
    assert!(ran.out.contains("store-zendesk.yaml:"), "{}", ran.out);
}

#[tokio::test]
async fn one_broken_document_hides_none_of_the_others() {
    let text = format!(
        "{}---\na: [\n---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\n---\n{}---\n{}",
        STORE.replace("  store: loja\n", "  store: loja\n  agent: []\n"),
        STORE.replace("kind: HumanSupportConfig", "kind: HumanSuportConfig"),
        STORE.replace("name: loja,", "name: norte,"),
    );
    let ran = run_with_input(&["validate", "-"], &text).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    for expected in [
        "-:1: HumanSupportConfig a/loja: 1 problem\n  `spec.agent`: is not a field; did you mean `agents`? The fields here are ",
        "-:16: HumanSuportConfig a/loja: 1 problem\n  `kind`: `HumanSuportConfig` is not a kind of humansupport.dev; did you mean `HumanSupportConfig`?\n",
        "-:24: HumanSupportConfig a/norte: valid\n",
    ] {
        assert!(ran.out.contains(expected), "no {expected:?} in\n{}", ran.out);
    }
    assert_eq!(
        ran.last_line(),
        "3 documents of humansupport.dev checked, 2 with problems, 1 of other API groups left out, 1 not readable"
    );
    assert!(ran.err.starts_with("humansupport: -:10: is not YAML: line 10 column 4: "), "{}", ran.err);
}

#[tokio::test]
async fn json_names_file_line_field_and_message() {
    let folder = folder(&[("a.yaml", &STORE.replace("store: loja\n", "store: Loja\n")), ("b/c.yml", STORE)]);
    let ran =
        run(&["validate", "--output", "json", &named(folder.path().to_path_buf()), "/nonexistent.yaml"])
            .await;
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{ran:?}");
    let answer = ran.json();
    assert_eq!(answer["valid"], false);
    let document = &answer["documents"][0];
    assert_eq!(
        (&document["line"], &document["name"], &document["valid"]),
        (&json!(1), &json!("loja"), &json!(false))
    );
    assert!(document["file"].as_str().unwrap().ends_with("/a.yaml"), "{answer}");
    assert_eq!(document["problems"][0]["field"], "spec.store");
    assert_eq!(answer["documents"][1]["problems"][0]["field"], "metadata.name", "declared twice");
    assert_eq!(answer["unreadable"][0]["file"], "/nonexistent.yaml");
}

#[tokio::test]
async fn unreadable_files_are_named_and_the_others_are_checked() {
    let folder = folder(&[("good.yaml", STORE), ("empty/readme.txt", "x")]);
    fs::write(folder.path().join("latin.yaml"), b"name: caf\xe9\n").unwrap();
    let [good, latin, empty] =
        ["good.yaml", "latin.yaml", "empty"].map(|name| named(folder.path().join(name)));
    let ran = run(&["validate", "/nonexistent.yaml", &latin, &empty, &good]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("good.yaml:1: HumanSupportConfig a/loja: valid"), "{}", ran.out);
    let lines: Vec<&str> = ran.err.lines().collect();
    assert!(lines[0].contains("/nonexistent.yaml: cannot be read: No such file"), "{lines:?}");
    assert!(lines[1].contains("latin.yaml: is not UTF-8 text; save it as UTF-8"), "{lines:?}");
    assert!(lines[2].contains("empty: has no .yaml, .yml or .json file"), "{lines:?}");
}

#[tokio::test]
async fn what_the_account_beside_it_does_not_allow_is_refused() {
    let account = "\
apiVersion: humansupport.dev/v1alpha1
kind: HelpdeskAccount
metadata: {name: zendesk, namespace: a}
spec: {zendesk: {subdomain: loja, plan: Team}, credentialsSecretRef: {name: c}}
---
";
    let agent = "  departments: [{name: s, displayName: S}]\n  agents:\n    - {name: rui, displayName: Rui, email: rui@loja.example, profile: Administrator, departments: [s]}\n";
    let text = format!("{account}{STORE}{agent}");
    let ran = run_with_input(&["validate", "-"], &text).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("`spec.agents[rui]`: the account allows the profiles `Agent`"), "{}", ran.out);
    let alone = run_with_input(&["validate", "-"], &format!("{STORE}{agent}")).await;
    assert_eq!(alone.code, 0, "the account may be elsewhere: {alone:?}");
}

/// The annotation of client-side apply holds the whole object and is limited; measured, that is near 1,800 agents.
#[tokio::test]
async fn a_store_that_is_too_large_for_client_side_apply_is_valid_and_says_so() {
    let store = |agents: usize| {
        let agents: Vec<_> = (0..agents)
            .map(|n| {
                json!({"name": format!("agent-{n}"), "displayName": format!("Agent number {n}"),
                "email": format!("agent-{n}@loja-centro.example"), "profile": "Agent", "departments": ["sales", "support"]})
            })
            .collect();
        json!({
            "apiVersion": "humansupport.dev/v1alpha1", "kind": "HumanSupportConfig",
            "metadata": {"name": "loja", "namespace": "a"},
            "spec": {"accountRef": {"kind": "HelpdeskAccount", "name": "z"}, "store": "loja",
                "whatsapp": {"phoneNumber": "+551140028922"}, "agents": agents,
                "departments": [{"name": "sales", "displayName": "S"}, {"name": "support", "displayName": "T"}]},
        })
        .to_string()
    };
    let hint = "hint: use `kubectl apply --server-side`";
    let large = run_with_input(&["validate", "-"], &store(2000)).await;
    assert_eq!(large.code, 0, "{}", large.out);
    assert!(large.out.contains(hint), "{}", large.out);
    let small = run_with_input(&["validate", "-"], &store(1000)).await;
    assert!(small.code == 0 && !small.out.contains(hint), "{}", small.out);
}

#[tokio::test]
async fn an_unknown_word_is_explained_by_its_neighbor() {
    let known = run(&["explain", "removalguardtripped"]).await;
    assert_eq!(known.code, 0, "{known:?}");
    assert!(known.out.starts_with("RemovalGuardTripped (reason)\n"), "{}", known.out);
    assert!(known.out.contains("\nWhat to do: "), "{}", known.out);
    let near = run(&["explain", "RemovalGuardTriped"]).await;
    assert!(near.failure().contains("did you mean `RemovalGuardTripped`?"), "{near:?}");
    let strange = run(&["explain", "banana"]).await;
    assert!(strange.failure().contains("`humansupport explain` lists them all"), "{strange:?}");
    let several = run(&["explain", "ProviderUnavailable", "--output", "json"]).await.json();
    let families: Vec<_> = several.as_array().unwrap().iter().map(|entry| entry["family"].clone()).collect();
    assert_eq!(families, ["reason", "event"]);
}

#[tokio::test]
async fn the_reference_of_reasons_is_what_explain_prints() {
    let ran = run(&["explain", "--output", "markdown"]).await;
    let page = fs::read_to_string(root("docs/reference/reasons/README.md")).unwrap();
    assert_eq!(
        ran.out, page,
        "write it anew: humansupport explain --output markdown > docs/reference/reasons/README.md"
    );
}

#[tokio::test]
async fn as_a_plugin_every_line_says_kubectl_humansupport() {
    let folder = OwnedFolder::temporary("cli-plugin").unwrap();
    let plugin = folder.path().join("kubectl-humansupport");
    std::os::unix::fs::symlink(binary(), &plugin).unwrap();
    let help = finish(command(&plugin, &["status", "--help"])).await;
    assert!(help.out.contains("Usage: kubectl humansupport status [OPTIONS] [NAME]"), "{}", help.out);
    let wrong = finish(command(&plugin, &["status", "--wat"])).await;
    assert_eq!(wrong.code, 2, "{wrong:?}");
    assert!(wrong.err.contains("Usage: kubectl humansupport status"), "{}", wrong.err);
    let unknown = finish(command(&plugin, &["explain", "banana"])).await;
    assert!(unknown.err.starts_with("kubectl humansupport: "), "{}", unknown.err);
    assert!(unknown.err.contains("`kubectl humansupport explain` lists them all"), "{}", unknown.err);
    let script = finish(command(&plugin, &["completion", "bash"])).await;
    assert!(script.out.contains("kubectl-humansupport"), "{}", script.out);
    assert_eq!(
        finish(command(&plugin, &["version"])).await.out.lines().next(),
        Some("kubectl humansupport 0.1.0")
    );
}

#[tokio::test]
async fn completion_knows_the_verbs_in_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["completion", shell]).await;
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(["validate", "approve", "reconcile"].iter().all(|verb| ran.out.contains(verb)), "{shell}");
    }
}

#[tokio::test]
async fn a_reader_that_goes_away_is_no_error() {
    let mut child = command(binary(), &["explain", "--output", "markdown"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
