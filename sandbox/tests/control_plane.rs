//! The launcher against the real programs: what is stored, who may what, what the audit log says, and that
//! nothing is left running.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use kube::Client;
use kube::api::{Api, DeleteParams, DynamicObject, ListParams};
use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use sandbox::control_plane::{self, ADMIN, Cleanup, ControlPlane, Options, User};
use sandbox::process::OwnedFolder;
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn config_map(name: &str) -> DynamicObject {
    serde_json::from_value(json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "default"}, "data": {"answer": "42"},
    }))
    .unwrap()
}

fn config_maps(client: &Client) -> Api<DynamicObject> {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "ConfigMap"));
    Api::namespaced_with(client.clone(), "default", &kind)
}

#[tokio::test]
async fn applied_object_is_served_and_its_write_is_in_the_audit_log() {
    let plane = control_plane::shared().await.unwrap();
    let client = plane.client().await.unwrap();
    let position = plane.audit().position().unwrap();
    control_plane::apply(&client, &config_map("audited"), "test").await.unwrap();

    let stored = config_maps(&client).get("audited").await.unwrap();
    assert_eq!(stored.data["data"]["answer"], "42");
    let writes = plane.audit().writes_since(position, ADMIN).unwrap();
    let write = writes.iter().find(|event| event.object_ref.as_ref().unwrap().name == "audited").unwrap();
    assert_eq!((write.verb.as_str(), write.resource().as_str(), write.code()), ("patch", "configmaps", 201));
    assert_eq!(write.request_object.as_ref().unwrap()["data"]["answer"], "42");
    assert!(write.request_uri.contains("fieldManager=test"), "{}", write.request_uri);
}

#[tokio::test]
async fn named_user_has_no_rights_and_its_reads_are_audited() {
    let plane = control_plane::shared().await.unwrap();
    let operator = plane.client_of("operator").await.unwrap();
    let position = plane.audit().position().unwrap();
    let refused = config_maps(&operator).list(&ListParams::default()).await.unwrap_err();
    assert!(refused.to_string().contains("\"operator\" cannot list"), "{refused}");

    let events = plane.audit().events_since(position).unwrap();
    let read = events.iter().find(|event| event.is_by("operator")).unwrap();
    assert_eq!((read.verb.as_str(), read.code(), read.is_write()), ("list", 403, false));
    let unknown = plane.client_of("stranger").await.map(drop).unwrap_err().to_string();
    assert!(unknown.contains("admin, operator"), "{unknown}");
}

#[tokio::test]
async fn content_of_a_secret_is_in_no_audit_event() {
    let plane = control_plane::shared().await.unwrap();
    let secret: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "canary", "namespace": "default"}, "stringData": {"token": "canary-4711"},
    }))
    .unwrap();
    let position = plane.audit().position().unwrap();
    control_plane::apply(&plane.client().await.unwrap(), &secret, "test").await.unwrap();
    let events = plane.audit().events_since(position).unwrap();
    let write = events.iter().find(|event| event.is_write() && event.resource() == "secrets").unwrap();
    assert!(write.request_object.is_none());
    assert!(!std::fs::read_to_string(plane.folder().join("audit.log")).unwrap().contains("canary-4711"));
}

#[tokio::test]
async fn restart_keeps_what_is_stored_and_emptying_forgets_it() {
    let options = Options::new().user(User::service_account("operators", "humansupport"));
    let mut plane = ControlPlane::start(options).await.unwrap();
    let client = plane.client().await.unwrap();
    let address = plane.address();
    control_plane::apply(&client, &config_map("kept"), "test").await.unwrap();
    let saved = plane.folder().join("saved");
    plane.save_state(&saved).await.unwrap();
    control_plane::apply(&client, &config_map("later"), "test").await.unwrap();

    plane.restart().await.unwrap();
    assert!(config_maps(&client).get_opt("kept").await.unwrap().is_some());
    assert!(config_maps(&client).get_opt("later").await.unwrap().is_some());

    plane.restart_from(&saved).await.unwrap();
    assert!(config_maps(&client).get_opt("kept").await.unwrap().is_some());
    assert!(config_maps(&client).get_opt("later").await.unwrap().is_none());

    plane.restart_empty().await.unwrap();
    assert!(config_maps(&client).get_opt("kept").await.unwrap().is_none());
    assert_eq!(plane.address(), address);

    let folder = plane.folder().to_path_buf();
    drop(plane);
    assert_eq!(processes_of(&folder), Vec::<String>::new());
    assert!(!folder.exists());
}

#[tokio::test]
async fn kept_folder_starts_again_with_what_is_stored() {
    let folder = OwnedFolder::temporary("kept").unwrap();
    for (earlier, name) in [(None, "first"), (Some("first"), "second")] {
        let plane = ControlPlane::start(Options::new().keep(folder.path().join("plane"))).await.unwrap();
        let client = plane.client().await.unwrap();
        if let Some(earlier) = earlier {
            assert!(config_maps(&client).get_opt(earlier).await.unwrap().is_some());
        }
        control_plane::apply(&client, &config_map(name), "test").await.unwrap();
    }
}

#[tokio::test]
async fn deleted_namespace_is_emptied_by_the_controller_manager() {
    let plane = ControlPlane::start(Options::new().cleanup(Cleanup::ControllerManager)).await.unwrap();
    let client = plane.client().await.unwrap();
    let namespace: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "leaving"},
    }))
    .unwrap();
    control_plane::apply(&client, &namespace, "test").await.unwrap();
    let mut inside = config_map("inside");
    inside.metadata.namespace = Some("leaving".to_owned());
    control_plane::apply(&client, &inside, "test").await.unwrap();

    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Namespace"));
    let namespaces: Api<DynamicObject> = Api::all_with(client, &kind);
    namespaces.delete("leaving", &DeleteParams::default()).await.unwrap();
    let started = Instant::now();
    while namespaces.get_opt("leaving").await.unwrap().is_some() {
        assert!(started.elapsed() < Duration::from_secs(60), "the namespace is still there");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn nothing_is_left_after_the_owner_is_killed() {
    let mut owner = Command::new(env!("CARGO_BIN_EXE_sandbox"))
        .args(["control-plane", "--user", "operator"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let folder = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(folder) = line.strip_prefix("folder ") {
            break folder.to_owned();
        }
    };
    let folder = Path::new(&folder);
    let running = processes_of(folder);
    assert!(running.iter().any(|process| process.contains("/etcd ")), "{running:?}");
    assert!(running.iter().any(|process| process.contains("/kube-apiserver ")), "{running:?}");

    owner.kill().unwrap(); // SIGKILL: no destructor runs
    owner.wait().unwrap();
    let started = Instant::now();
    while !processes_of(folder).is_empty() || folder.exists() {
        assert!(started.elapsed() < Duration::from_secs(10), "still there: {:?}", processes_of(folder));
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The command lines that name the folder, of processes that have not ended.
fn processes_of(folder: &Path) -> Vec<String> {
    let listed = Command::new("ps").args(["-ww", "-e", "-o", "stat=,args="]).output().unwrap();
    let folder = folder.to_str().unwrap();
    String::from_utf8_lossy(&listed.stdout)
        .lines()
        .filter(|line| line.contains(folder) && !line.starts_with('Z'))
        .map(str::to_owned)
        .collect()
}
