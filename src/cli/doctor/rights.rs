//! Whether whoever runs this has the rights that the chart grants the operator, one by one.
//!
//! Asked of the API server (SelfSubjectAccessReview), which everybody may ask about themselves. A test compares the list with
//! the rights under which the operator is tested.

use std::collections::BTreeSet;

use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec,
};
use kube::Api;
use kube::api::PostParams;

use super::Args;
use super::finding::{Finding, Findings};
use crate::cli::connect::Connection;
use crate::controller::rehearse::Scene;

/// Where a right is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Where stores are watched.
    Stores,
    /// In the whole cluster; not with one watched namespace.
    Cluster,
    /// Where Secrets of accounts and webhooks are.
    Secrets,
    /// In the operator's own namespace.
    Operator,
}

/// Verbs on a resource.
struct Right {
    group: &'static str,
    resource: &'static str,
    verbs: &'static [&'static str],
    place: Place,
}

const OURS: &str = "humansupport.dev";

const NEEDED: [Right; 10] = [
    right((OURS, "humansupportconfigs"), &["get", "list", "watch", "patch"], Place::Stores),
    right((OURS, "humansupportconfigs/status"), &["patch"], Place::Stores),
    right((OURS, "helpdeskaccounts"), &["list", "watch"], Place::Stores),
    right((OURS, "helpdeskaccounts/status"), &["patch"], Place::Stores),
    right((OURS, "clusterhelpdeskaccounts"), &["list", "watch"], Place::Cluster),
    right((OURS, "clusterhelpdeskaccounts/status"), &["patch"], Place::Cluster),
    right(("", "secrets"), &["get"], Place::Secrets),
    right(("", "namespaces"), &["get"], Place::Cluster),
    right(("", "configmaps"), &["get", "create", "patch"], Place::Stores),
    right(("events.k8s.io", "events"), &["create", "patch"], Place::Stores),
];

const LEASE: Right = right(("coordination.k8s.io", "leases"), &["get", "create", "update"], Place::Operator);

/// The lease; `create` cannot be limited to a name.
const LEASE_NAME: &str = "humansupport-operator";

const fn right(
    (group, resource): (&'static str, &'static str),
    verbs: &'static [&'static str],
    place: Place,
) -> Right {
    Right { group, resource, verbs, place }
}

/// Asks for every right.
pub(super) async fn check(
    connection: &Connection,
    (arguments, scene): (&Args, &Scene),
    findings: &mut Findings,
) {
    let watched = arguments.reach.watch_namespace().map(str::to_owned);
    let secrets = namespaces_of_secrets(arguments, scene);
    let mut missing = Vec::new();
    let mut asked = 0_usize;
    let lease = (!arguments.no_leader_election).then_some(&LEASE);
    for right in NEEDED.iter().chain(lease) {
        let places: Vec<Option<String>> = match right.place {
            Place::Cluster if watched.is_some() => Vec::new(),
            Place::Cluster => vec![None],
            Place::Stores => vec![watched.clone()],
            Place::Secrets => secrets.iter().cloned().map(Some).collect(),
            Place::Operator => vec![Some(arguments.reach.operator_namespace().to_owned())],
        };
        for (place, verb) in
            places.iter().flat_map(|place| right.verbs.iter().map(move |verb| (place, *verb)))
        {
            asked += 1;
            match may(connection, right, (verb, place.as_deref())).await {
                Some(true) => {}
                Some(false) => missing.push(describe(right, verb, place.as_deref())),
                None => {
                    let message = "the cluster does not say which rights there are";
                    findings.add(Finding::warning(
                        "rights",
                        message,
                        "check with `kubectl auth can-i --list`",
                    ));
                    return;
                }
            }
        }
    }
    if missing.is_empty() {
        findings.add(Finding::good("rights", format!("all {asked} that the operator needs")));
        return;
    }
    let advice = "grant them as the chart's roles do; on a laptop these are your own rights: `helm test` asks with the operator's";
    findings.add(Finding::bad("rights", format!("missing: {}", missing.join("; ")), advice));
}

fn describe(right: &Right, verb: &str, place: Option<&str>) -> String {
    let group = if right.group.is_empty() { String::new() } else { format!(".{}", right.group) };
    let place = place.map_or_else(|| "in the whole cluster".to_owned(), |name| format!("in `{name}`"));
    format!("{verb} {}{group} {place}", right.resource)
}

/// The chart can grant Secrets by namespace, so only those that are needed are asked for.
fn namespaces_of_secrets(arguments: &Args, scene: &Scene) -> BTreeSet<String> {
    let mut namespaces: BTreeSet<String> =
        scene.accounts.iter().filter_map(|account| account.metadata.namespace.clone()).collect();
    if !scene.cluster_accounts.is_empty() {
        namespaces.insert(arguments.reach.operator_namespace().to_owned());
    }
    if namespaces.is_empty() {
        let fallback = arguments.reach.watch_namespace().unwrap_or(arguments.reach.operator_namespace());
        namespaces.insert(fallback.to_owned());
    }
    namespaces
}

async fn may(connection: &Connection, right: &Right, (verb, place): (&str, Option<&str>)) -> Option<bool> {
    let (resource, subresource) = match right.resource.split_once('/') {
        Some((resource, subresource)) => (resource, Some(subresource.to_owned())),
        None => (right.resource, None),
    };
    let attributes = ResourceAttributes {
        group: Some(right.group.to_owned()),
        name: (right.place == Place::Operator && verb != "create").then(|| LEASE_NAME.to_owned()),
        namespace: place.map(str::to_owned),
        resource: Some(resource.to_owned()),
        subresource,
        verb: Some(verb.to_owned()),
        ..ResourceAttributes::default()
    };
    let review = SelfSubjectAccessReview {
        spec: SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..Default::default() },
        ..SelfSubjectAccessReview::default()
    };
    let reviews: Api<SelfSubjectAccessReview> = Api::all(connection.client.clone());
    let answered = reviews.create(&PostParams::default(), &review).await.ok()?;
    Some(answered.status?.allowed)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_list_is_the_rights_under_which_the_operator_is_tested() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/sandbox/src/demo/rights.yaml");
        let documents: Vec<Value> =
            serde_saphyr::from_multiple(&std::fs::read_to_string(file).unwrap()).unwrap();
        let mut expected = BTreeSet::new();
        for rule in documents.iter().flat_map(|document| document["rules"].as_array()).flatten() {
            let words = |member: &str| -> Vec<String> {
                let list = rule[member].as_array().unwrap();
                list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
            };
            for resource in words("resources") {
                for verb in words("verbs") {
                    expected.insert((words("apiGroups")[0].clone(), resource.clone(), verb));
                }
            }
        }
        let asked: BTreeSet<(String, String, String)> = NEEDED
            .iter()
            .chain([&LEASE])
            .flat_map(|right| {
                right
                    .verbs
                    .iter()
                    .map(|verb| (right.group.to_owned(), right.resource.to_owned(), (*verb).to_owned()))
            })
            .collect();
        assert_eq!(asked, expected);
    }
}
