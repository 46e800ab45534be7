//! The chart, as the tools of those who install it see it: Helm, helm-unittest, kubeconform, kube-score.
//!
//! What only a running API server can say is not asked here. Alerts are in `alerts.rs`, GitOps assets in `gitops.rs`.

#[cfg(test)]
#[path = "chart/mod.rs"]
mod chart;

#[cfg(test)]
#[path = "chart/alerts.rs"]
mod alerts;
#[cfg(test)]
#[path = "chart/gitops.rs"]
mod gitops;
#[cfg(test)]
#[path = "chart/operator.rs"]
mod operator;
#[cfg(test)]
#[path = "chart/rights.rs"]
mod rights;

use std::collections::BTreeSet;
use std::fs;

use chart::render::{NAMESPACE, objects, of_kind, only, rendered, template, value_sets, values};
use chart::tools::tool;
use chart::{CHART, files, repository, schemas, scratch, text};
use serde_json::Value;

/// The manifest for those who do not use Helm.
const MANIFEST: &str = "deploy/human-support-operator.yaml";

#[test]
fn helm_lints_the_chart_with_every_set_of_values() {
    for (name, arguments) in value_sets() {
        let fixed = ["lint", "--strict", "--quiet", CHART, "--namespace", NAMESPACE];
        let said = tool("helm", fixed.into_iter().chain(arguments.iter().map(String::as_str)));
        assert!(said.success, "{name}: {}{}", said.stdout, said.stderr);
    }
}

#[test]
fn unit_tests_of_the_chart_pass() {
    let said = tool("helm-unittest", ["--strict", "--file", "tests/*_test.yaml", CHART]).good();
    assert!(said.contains("Tests:") && !said.contains("Tests:       0 passed"), "{said}");
}

#[test]
fn unknown_values_are_refused_with_their_place() {
    for (set, place) in [
        ("replica=2", "additional properties 'replica' not allowed"),
        ("image.tags=x", "at '/image': additional properties 'tags' not allowed"),
        ("serviceMonitor.enable=true", "at '/serviceMonitor': additional properties 'enable' not allowed"),
        ("concurrency=0", "at '/concurrency'"),
        ("image.digest=sha256:1", "at '/image/digest'"),
    ] {
        let said = template(&["--set".to_owned(), set.to_owned()]).bad();
        assert!(said.contains(place), "{set}: {said}");
    }
}

#[test]
fn values_that_contradict_each_other_are_refused_with_what_to_do() {
    for (set, advice) in [
        ("watchNamespace=shop", "watchNamespace needs installation and clusterId"),
        ("replicas=2,leaderElection.enabled=false", "Enable the election, or set replicas to 1"),
        ("extraCa.configMap=a,extraCa.secret=b", "name one of them"),
        (
            "watchNamespace=shop,installation=a,clusterId=b,rbac.secretNamespaces[0]=x",
            "leave rbac.secretNamespaces empty",
        ),
    ] {
        let said = template(&["--set".to_owned(), set.to_owned()]).bad();
        assert!(said.contains(advice), "{set}: {said}");
    }
}

#[test]
fn every_value_has_a_schema() {
    let schema: Value = serde_json::from_str(&text(&format!("{CHART}/values.schema.json"))).unwrap();
    let values = objects(&text(&format!("{CHART}/values.yaml"))).remove(0);
    for (key, value) in values.as_object().unwrap() {
        let known = &schema["properties"][key];
        assert!(known.is_object(), "{key} has no schema");
        let Some(known) = known["properties"].as_object() else { continue };
        let mut named: Vec<&String> = known.keys().collect();
        named.retain(|name| !["successThreshold", "claims"].contains(&name.as_str()));
        named.sort();
        let mut given: Vec<&String> = value.as_object().unwrap().keys().collect();
        // Absent where Kubernetes' own default is meant.
        given.sort();
        named.retain(|name| given.contains(name) || *name != "initialDelaySeconds");
        assert_eq!(given, named, "of {key}");
    }
}

#[test]
fn rendered_objects_are_what_kubernetes_accepts() {
    let folder = schemas::write("schemas");
    let rendered = scratch("rendered");
    for (name, arguments) in value_sets() {
        fs::write(rendered.join(format!("{name}.yaml")), template(&arguments).good()).unwrap();
    }
    let location = format!("{}/{}", folder.display(), schemas::LOCATION);
    let arguments = [
        "-strict",
        "-summary",
        "-schema-location",
        &location,
        // Types of the Prometheus operator, whose schemas are not Kubernetes'.
        "-skip",
        "ServiceMonitor,PrometheusRule",
        rendered.to_str().unwrap(),
        MANIFEST,
    ];
    let said = tool("kubeconform", arguments).good();
    assert!(said.contains("Errors: 0"), "{said}");
    // It is strict: a field that Kubernetes would drop is found.
    let misspelled = scratch("misspelled").join("deployment.yaml");
    let manifest = text(MANIFEST).replace("  replicas: 1\n", "  replicas: 1\n  revisionHistory: 3\n");
    fs::write(&misspelled, manifest).unwrap();
    let said = tool("kubeconform", ["-schema-location", &location, misspelled.to_str().unwrap()]).bad();
    assert!(said.contains("revisionHistory"), "{said}");
}

/// What kube-score would have otherwise, and why we have it so.
const KUBE_SCORE_EXCEPTIONS: [&str; 5] = [
    // The tag is a release that is never moved; pulling it again helps nobody and needs the registry at each start.
    "container-image-pull-policy",
    // A limit of CPU slows a busy operator down without protecting anybody: the request is its share.
    "container-resources",
    // One replica works, whatever their number: a second one shortens a hand-over by the start of a pod, no more.
    "deployment-replicas",
    // Without an election the old pod has to stop before the new one starts.
    "deployment-strategy",
    // A policy cannot be right without knowing the cluster: the value networkPolicy.enabled makes one.
    "pod-networkpolicy",
];

#[test]
fn kube_score_finds_only_what_has_a_documented_reason() {
    let folder = scratch("score");
    let mut found = BTreeSet::new();
    for (name, arguments) in value_sets() {
        let path = folder.join(format!("{name}.yaml"));
        fs::write(&path, template(&arguments).good()).unwrap();
        // It ends with an error because there are findings.
        let said = tool("kube-score", ["score", "--output-format", "json", path.to_str().unwrap()]);
        let report: Value = serde_json::from_str(&said.stdout).unwrap_or_else(|_| panic!("{}", said.stderr));
        for check in report.as_array().unwrap().iter().flat_map(|object| object["checks"].as_array().unwrap())
        {
            if check["skipped"] == false && check["grade"].as_u64().unwrap() < 10 {
                found.insert(check["check"]["id"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(found, KUBE_SCORE_EXCEPTIONS.map(str::to_owned).into());
}

#[test]
fn definitions_in_the_chart_are_the_generated_ones() {
    let copies = format!("{CHART}/files/crds");
    let names = |folder: &str| -> Vec<String> {
        files(folder).iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    if updating() {
        files(&copies).iter().for_each(|path| fs::remove_file(path).unwrap());
        for name in names("crds") {
            fs::copy(repository(&format!("crds/{name}")), repository(&format!("{copies}/{name}"))).unwrap();
        }
    }
    assert_eq!(names(&copies), names("crds"), "{UPDATE}");
    for name in names("crds") {
        let (copy, source) = (text(&format!("{copies}/{name}")), text(&format!("crds/{name}")));
        assert!(copy == source, "{copies}/{name} differs from crds/{name}: {UPDATE}");
        assert!(!copy.contains("{{"), "{name} would be read as a template");
    }
}

#[test]
fn installed_definitions_differ_from_the_generated_ones_in_metadata_alone() {
    let generated: Vec<Value> =
        files("crds").iter().flat_map(|path| objects(&fs::read_to_string(path).unwrap())).collect();
    let rendered = rendered(&values("full"));
    let installed: Vec<&Value> = of_kind(&rendered, "CustomResourceDefinition").collect();
    assert_eq!(installed.len(), generated.len());
    for (installed, generated) in installed.into_iter().zip(&generated) {
        assert_eq!(installed["spec"], generated["spec"]);
        assert_eq!(installed["metadata"]["name"], generated["metadata"]["name"]);
        let annotations = &installed["metadata"]["annotations"];
        assert_eq!(annotations["helm.sh/resource-policy"], "keep", "or an uninstall deletes every store");
        assert_eq!(annotations["argocd.argoproj.io/sync-wave"], "-2");
    }
}

#[test]
fn single_namespace_mode_has_nothing_cluster_wide() {
    let rendered = rendered(&values("single-namespace"));
    assert!(rendered.len() > 5);
    for object in &rendered {
        let namespace = object["metadata"]["namespace"].as_str();
        assert!(namespace.is_some(), "{} {}", object["kind"], object["metadata"]["name"]);
    }
}

#[test]
fn the_chart_is_of_the_operators_version() {
    let chart = objects(&text(&format!("{CHART}/Chart.yaml"))).remove(0);
    assert_eq!(chart["appVersion"], env!("CARGO_PKG_VERSION"));
    let rendered = rendered(&[]);
    let image = only(&rendered, "Deployment")["spec"]["template"]["spec"]["containers"][0]["image"].as_str();
    assert!(image.unwrap().ends_with(concat!(":", env!("CARGO_PKG_VERSION"))), "{image:?}");
}

#[test]
fn the_manifest_is_what_the_chart_gives() {
    let expected = manifest();
    if updating() {
        fs::write(repository(MANIFEST), &expected).unwrap();
    }
    assert!(text(MANIFEST) == expected, "{MANIFEST} is not what the chart gives: {UPDATE}");
    let objects = objects(&expected);
    let kinds: Vec<&str> = objects.iter().map(|object| object["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds[0], "Namespace");
    assert!(kinds.contains(&"Deployment") && !kinds.contains(&"Pod"), "{kinds:?}");
}

#[test]
fn the_oldest_kubernetes_of_the_chart_is_tested() {
    let chart = objects(&text(&format!("{CHART}/Chart.yaml"))).remove(0);
    let module = text("sandbox/oldest-control-plane/go.mod");
    let required = module.lines().find_map(|line| line.trim().strip_prefix("k8s.io/kubernetes v")).unwrap();
    let minor = required.rsplit_once('.').unwrap().0;
    assert_eq!(chart["kubeVersion"], format!(">={minor}.0-0"));
}

const UPDATE: &str = "run `UPDATE_CHART=1 cargo test --test chart` and commit what it writes";

#[cfg(test)]
fn updating() -> bool {
    std::env::var_os("UPDATE_CHART").is_some()
}

#[cfg(test)]
/// The chart's objects without what says that Helm owns them, after a namespace that allows only restricted pods.
fn manifest() -> String {
    let arguments = ["--skip-tests", "--set", "fullnameOverride=human-support-operator"].map(str::to_owned);
    let rendered = template(&arguments).good();
    let of_helm = [
        "# Source:",
        "app.kubernetes.io/managed-by:",
        "helm.sh/chart:",
        "helm.sh/resource-policy:",
        "# Generated",
        "# (`hum",
    ];
    let kept =
        rendered.lines().filter(|line| !of_helm.iter().any(|word| line.trim_start().starts_with(word)));
    let mut text = format!(
        "# The operator for `kubectl apply --server-side -f`, made from the chart by a test. Do not edit.\n\
         ---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {NAMESPACE}\n  labels:\n    \
         pod-security.kubernetes.io/enforce: restricted\n"
    );
    for line in kept {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    // An annotation was the only one of its map.
    text = text
        .replace("  annotations:\n  labels:", "  labels:")
        .replace("  app.kubernetes.io/instance: hso", "  app.kubernetes.io/instance: human-support-operator");
    while text.contains("\n\n") {
        text = text.replace("\n\n", "\n");
    }
    text
}
