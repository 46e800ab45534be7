//! The GitOps assets: what Argo CD, kubectl's own library and Flux say of stores in every state.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::chart::render::objects;
use crate::chart::tools::tool;
use crate::chart::{repository, schemas, scratch, text, yaml_below};

const CUSTOMIZATIONS: &str = "gitops/argocd/resource_customizations";
const STATES: &str = "gitops/argocd/resource_customizations/humansupport.dev/HumanSupportConfig/testdata";
const KUSTOMIZATION: &str = "gitops/flux/stores.yaml";

/// A state, what kstatus says of it, and what Flux' expressions say.
const EXPECTED: [(&str, &str, &str); 18] = [
    ("new", "InProgress", "InProgress"),
    ("first-visit", "InProgress", "InProgress"),
    ("progressing", "InProgress", "InProgress"),
    ("ready", "Current", "Current"),
    ("ready-steps-pending", "Current", "Current"),
    ("edited", "InProgress", "InProgress"),
    ("retrying", "InProgress", "InProgress"),
    ("stalled", "Failed", "Failed"),
    // A pause is a change that is not acted on: its generation stays unobserved.
    ("suspended", "InProgress", "InProgress"),
    ("suspended-new", "InProgress", "InProgress"),
    ("observing-with-drift", "Current", "Current"),
    ("waiting-for-approval", "Failed", "Failed"),
    // Flux' expressions do not look at deletion: what Flux deletes it no longer checks.
    ("deleting", "Terminating", "InProgress"),
    ("deletion-blocked", "Terminating", "InProgress"),
    ("moving", "InProgress", "InProgress"),
    ("moved", "Current", "Current"),
    ("not-ready", "InProgress", "InProgress"),
    ("retired", "Current", "Current"),
];

fn paths() -> Vec<String> {
    EXPECTED.iter().map(|(name, ..)| format!("{STATES}/{name}.yaml")).collect()
}

/// What a tool says of each file.
fn said_of_files(said: &str) -> BTreeMap<String, String> {
    let lines = said.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    lines.map(|line| (word(&line["file"]), word(&line["status"]))).collect()
}

#[test]
fn argo_cd_shows_health_and_actions_as_its_tests_say() {
    let said = tool("argocd", ["test", CUSTOMIZATIONS]).good();
    assert!(said.contains(" 0 failed"), "{said}");
    let tests = text(&format!("{CUSTOMIZATIONS}/humansupport.dev/HumanSupportConfig/health_test.yaml"));
    for (name, ..) in EXPECTED {
        assert!(tests.contains(&format!("testdata/{name}.yaml")), "{name} has no expected health");
    }
}

#[test]
fn the_interpreter_has_no_string_library() {
    let folder = scratch("string-library").join("humansupport.dev/HumanSupportConfig");
    fs::create_dir_all(&folder).unwrap();
    let script = "return { status = 'Healthy', message = string.format('%s', obj.kind) }";
    fs::write(folder.join("health.lua"), script).unwrap();
    let customizations = folder.parent().unwrap().parent().unwrap().to_str().unwrap();
    let said = tool("argocd", ["health", customizations, &format!("{STATES}/ready.yaml")]).bad();
    assert!(said.contains("health.lua"), "{said}");
}

#[test]
fn accounts_of_both_kinds_have_the_same_scripts() {
    let folder = |kind: &str| format!("{CUSTOMIZATIONS}/humansupport.dev/{kind}");
    for script in ["health.lua", "actions/discovery.lua", "actions/reconcile/action.lua"] {
        let of = |kind: &str| text(&format!("{}/{script}", folder(kind)));
        assert_eq!(of("HelpdeskAccount"), of("ClusterHelpdeskAccount"), "{script}");
    }
}

#[test]
fn the_config_map_of_argo_cd_holds_the_scripts() {
    let map = objects(&text("gitops/argocd/argocd-cm.yaml")).remove(0);
    let data = map["data"].as_object().unwrap();
    for kind in ["HumanSupportConfig", "HelpdeskAccount", "ClusterHelpdeskAccount"] {
        let folder = format!("{CUSTOMIZATIONS}/humansupport.dev/{kind}");
        let health = data[&format!("resource.customizations.health.humansupport.dev_{kind}")].as_str();
        assert_eq!(health.unwrap(), text(&format!("{folder}/health.lua")));
        let actions = data[&format!("resource.customizations.actions.humansupport.dev_{kind}")].as_str();
        let actions = objects(actions.unwrap()).remove(0);
        assert_eq!(actions["discovery.lua"], text(&format!("{folder}/actions/discovery.lua")));
        for action in actions["definitions"].as_array().unwrap() {
            let name = action["name"].as_str().unwrap();
            assert_eq!(action["action.lua"], text(&format!("{folder}/actions/{name}/action.lua")));
        }
        let ignored =
            data[&format!("resource.customizations.ignoreResourceUpdates.humansupport.dev_{kind}")].as_str();
        assert!(ignored.unwrap().contains("/metadata/resourceVersion"));
    }
}

#[test]
fn kstatus_understands_every_state() {
    let found = said_of_files(&tool("kstatus", paths()).good());
    for ((_, expected, _), path) in EXPECTED.iter().zip(paths()) {
        assert_eq!(found[&path], *expected, "{path}");
    }
}

#[test]
fn the_expressions_for_flux_understand_every_state() {
    let found = said_of_files(&tool("flux", [KUSTOMIZATION.to_owned()].into_iter().chain(paths())).good());
    for ((_, _, expected), path) in EXPECTED.iter().zip(paths()) {
        assert_eq!(found[&path], *expected, "{path}");
    }
}

#[test]
fn every_kustomization_has_the_same_expressions_for_its_kinds() {
    for path in ["gitops/flux/accounts.yaml", KUSTOMIZATION] {
        let checks = &objects(&text(path))[0]["spec"]["healthCheckExprs"];
        let ready = objects(&text("gitops/flux/health-check-exprs.yaml")).remove(0);
        for check in checks.as_array().unwrap() {
            assert!(ready.as_array().unwrap().contains(check), "{path}: {check}");
        }
    }
}

#[test]
fn resources_of_the_example_repository_are_valid() {
    let folder = schemas::write("schemas-gitops");
    let location = format!("{}/{}", folder.display(), schemas::LOCATION);
    let resources = repository("gitops/example");
    let skipped = "Kustomization,Application,HelmRelease,OCIRepository,GitRepository,AppProject";
    let mut arguments = vec!["-strict", "-summary", "-skip", skipped, "-schema-location", &location];
    arguments.push(resources.to_str().unwrap());
    let said = tool("kubeconform", arguments).good();
    assert!(said.contains("Invalid: 0, Errors: 0") && !said.contains("Valid: 0,"), "{said}");
}

#[test]
fn every_manifest_of_the_folder_can_be_read() {
    for path in yaml_below(&repository("gitops")) {
        objects(&fs::read_to_string(&path).unwrap());
    }
}
