//! The roles of the chart against the rights under which the operator is tested.

use crate::chart::render::{Right, granted, of_kind, rendered, rights, values};
use crate::chart::text;

use std::collections::BTreeSet;

use serde_json::Value;

/// The one place that says what the operator needs.
fn needed() -> BTreeSet<Right> {
    let source: Vec<Value> = serde_saphyr::from_multiple(&text("sandbox/src/demo/rights.yaml")).unwrap();
    let roles = source.iter().filter(|object| object["rules"].is_array());
    rights(roles)
}

#[test]
fn the_roles_are_the_rights_under_which_the_operator_is_tested() {
    assert_eq!(granted(&rendered(&[])), needed());
}

#[test]
fn with_named_namespaces_no_role_reads_the_secrets_of_all() {
    let objects = rendered(&values("full"));
    assert_eq!(granted(&objects), needed());
    let cluster_wide = rights(of_kind(&objects, "ClusterRole"));
    assert!(!cluster_wide.iter().any(|right| right.resource == "secrets"));
    let namespaces: Vec<&str> = of_kind(&objects, "Role")
        .filter(|role| rights(std::iter::once(*role)).iter().any(|right| right.resource == "secrets"))
        .map(|role| role["metadata"]["namespace"].as_str().unwrap())
        .collect();
    assert_eq!(namespaces, ["store-a", "store-b", "humansupport-system"]);
}

#[test]
fn in_one_namespace_only_the_rights_on_cluster_wide_objects_are_missing() {
    let mut expected = needed();
    expected.retain(|right| {
        !right.resource.starts_with("clusterhelpdeskaccounts") && right.resource != "namespaces"
    });
    assert_eq!(granted(&rendered(&values("single-namespace"))), expected);
}

#[test]
fn roles_of_people_write_no_status_and_no_cluster_account() {
    let objects = rendered(&[]);
    let of_people = of_kind(&objects, "ClusterRole")
        .filter(|role| role["metadata"]["labels"]["rbac.authorization.k8s.io/aggregate-to-admin"] == "true");
    let found = rights(of_people);
    assert!(found.iter().any(|right| right.resource == "humansupportconfigs" && right.verb == "delete"));
    for right in found {
        assert!(!right.resource.ends_with("/status"), "{right:?}");
        let reads = ["get", "list", "watch"].contains(&right.verb.as_str());
        assert!(reads || right.resource != "clusterhelpdeskaccounts", "{right:?}");
    }
}

#[test]
fn each_binding_names_a_role_that_exists_and_the_operators_account() {
    for values in [Vec::new(), values("full"), values("single-namespace")] {
        let objects = rendered(&values);
        let accounts: Vec<&Value> =
            of_kind(&objects, "ServiceAccount").map(|account| &account["metadata"]["name"]).collect();
        for kind in ["Role", "ClusterRole"] {
            let bindings =
                of_kind(&objects, if kind == "Role" { "RoleBinding" } else { "ClusterRoleBinding" });
            for binding in bindings {
                let place = &binding["metadata"]["namespace"];
                let role = of_kind(&objects, kind).find(|role| {
                    role["metadata"]["name"] == binding["roleRef"]["name"]
                        && role["metadata"]["namespace"] == *place
                });
                assert!(role.is_some(), "{binding}");
                assert!(accounts.contains(&&binding["subjects"][0]["name"]), "{binding}");
                assert_eq!(binding["subjects"][0]["namespace"], "humansupport-system");
            }
        }
    }
}
