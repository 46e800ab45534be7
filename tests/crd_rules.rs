//! Every CEL rule of the definitions refuses what it must, with its message, and lets the largest valid objects pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

use std::collections::BTreeSet;

use human_support_operator::api::{
    AccountView, ClusterHelpdeskAccountSpec, DocumentChecker, HelpdeskAccountSpec, HumanSupportConfigSpec,
    Violation, crd, validate, validate_account,
};
use serde_json::{Value, json};

mod crd_rules {
    pub(crate) mod rows;
}
use crd_rules::rows::{self, Row};

fn parse(document: &str) -> Value {
    serde_saphyr::from_str(document).unwrap()
}

/// Sets the member at a pointer, or removes it when the value is null. Missing parents are a mistake in the row.
fn with(base: &Value, changes: &[(&str, Value)]) -> Value {
    let mut document = base.clone();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent} for {pointer}"));
        match (parent, value) {
            (Value::Object(members), Value::Null) => {
                members.shift_remove(name);
            }
            (Value::Object(members), value) => {
                members.insert(name.to_owned(), value.clone());
            }
            (Value::Array(items), value) => items[name.parse::<usize>().unwrap()] = value.clone(),
            (other, _) => panic!("{pointer} leads into {other}"),
        }
    }
    document
}

fn base(kind: &str) -> Value {
    match kind {
        "HumanSupportConfig" => parse(rows::STORE),
        "HelpdeskAccount" => parse(rows::ZENDESK),
        "zenvia" => parse(rows::ZENVIA),
        "external" => parse(rows::EXTERNAL),
        "cluster zendesk" => of_cluster_kind(parse(rows::ZENDESK)),
        "cluster external" => of_cluster_kind(parse(rows::EXTERNAL)),
        _ => parse(rows::CLUSTER),
    }
}

fn of_cluster_kind(mut account: Value) -> Value {
    account["kind"] = "ClusterHelpdeskAccount".into();
    account
}

/// `spec.agents[3].email` and `spec.agents[].email` are the same place in a definition.
fn without_indices(field: &str) -> String {
    let mut rest = field;
    let mut out = String::new();
    while let Some((head, tail)) = rest.split_once('[') {
        out.push_str(head);
        out.push_str("[]");
        rest = tail.split_once(']').map_or("", |(_, tail)| tail);
    }
    out + rest
}

fn violations_of(checker: &DocumentChecker, row: &Row) -> Vec<Violation> {
    let base = base(row.base);
    let changed = with(&base, &row.changes);
    if row.is_update { checker.check_update(&changed, Some(&base)) } else { checker.check(&changed) }
}

#[test]
fn every_base_is_valid() {
    let checker = DocumentChecker::new().unwrap();
    for kind in [
        "HumanSupportConfig",
        "HelpdeskAccount",
        "zenvia",
        "external",
        "cluster zendesk",
        "cluster external",
        "ClusterHelpdeskAccount",
    ] {
        let base = base(kind);
        assert_eq!(checker.check(&base), [], "{kind}");
        assert_eq!(checker.check_update(&base, Some(&base)), [], "{kind}");
    }
}

#[test]
fn every_row_is_refused_at_its_field_with_its_message() {
    let checker = DocumentChecker::new().unwrap();
    for row in rows::all() {
        let violations = violations_of(&checker, &row);
        let is_as_expected =
            |violation: &Violation| violation.field == row.field && violation.message.contains(row.message);
        assert!(violations.iter().any(is_as_expected), "{row:?}\ngave {violations:?}");
    }
}

/// Every rule of the definitions as (kind, place, message).
fn rules() -> BTreeSet<(String, String, String)> {
    fn collect(kind: &str, schema: &Value, path: &str, found: &mut BTreeSet<(String, String, String)>) {
        for rule in schema["x-kubernetes-validations"].as_array().into_iter().flatten() {
            let field_path = rule["fieldPath"].as_str().unwrap_or_default();
            let message =
                rule["message"].as_str().unwrap_or_else(|| panic!("{kind} {path}: a rule without a message"));
            found.insert((kind.to_owned(), format!("{path}{field_path}"), message.to_owned()));
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(kind, member, &path, found);
        }
        if schema["items"].is_object() {
            collect(kind, &schema["items"], &format!("{path}[]"), found);
        }
    }
    let mut found = BTreeSet::new();
    for definition in crd::definitions().unwrap() {
        let kind = definition["spec"]["names"]["kind"].as_str().unwrap();
        collect(kind, &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"], "", &mut found);
    }
    found
}

#[test]
fn every_rule_of_the_definitions_is_refused_by_a_row() {
    let checker = DocumentChecker::new().unwrap();
    let mut hit = BTreeSet::new();
    for row in rows::all() {
        let kind = base(row.base)["kind"].as_str().unwrap().to_owned();
        for violation in violations_of(&checker, &row) {
            hit.insert((kind.clone(), without_indices(&violation.field), violation.message));
        }
    }
    let rules = rules();
    let never_refused: Vec<_> = rules.difference(&hit).collect();
    assert_eq!(never_refused, Vec::<&(String, String, String)>::new());
    assert!(rules.len() > 60, "{} rules", rules.len());
}

/// The reconciler does not rely on the definition that is installed.
#[test]
fn what_a_rule_refuses_on_creation_the_reconciler_refuses_too() {
    for row in rows::all().into_iter().filter(|row| !row.is_update && !row.only_in_the_definition) {
        let document = with(&base(row.base), &row.changes);
        let spec = document["spec"].clone();
        let violations = match document["kind"].as_str().unwrap() {
            "HumanSupportConfig" => {
                let spec: HumanSupportConfigSpec = serde_json::from_value(spec).unwrap();
                validate(&spec)
            }
            "HelpdeskAccount" => {
                let spec: HelpdeskAccountSpec = serde_json::from_value(spec).unwrap();
                validate_account(AccountView::from(&spec))
            }
            _ => {
                let spec: ClusterHelpdeskAccountSpec = serde_json::from_value(spec).unwrap();
                validate_account(AccountView::from(&spec))
            }
        };
        assert!(
            violations.iter().any(|violation| violation.field.starts_with(row.field)),
            "{row:?}\ngave {violations:?}"
        );
    }
}

/// 2,000 agents, each with a long key, name and address and five of the 200 departments, and every other list full.
fn largest_store() -> Value {
    let department = |index: usize| format!("department-{index:052}");
    let agents: Vec<_> = (0..2000)
        .map(|index| {
            json!({
                "name": format!("agent-{index:057}"), "displayName": format!("Agent {index:074}"),
                "email": format!("agent-{index:036}@loja-centro.example"), "profile": "Agent",
                "departments": (0..5).map(|step| department((index + step) % 200)).collect::<Vec<_>>(),
                "active": true, "maxConversations": 500, "until": "2026-12-31",
            })
        })
        .collect();
    let departments: Vec<_> = (0..200)
        .map(|index| json!({"name": department(index), "displayName": format!("Department {index:089}")}))
        .collect();
    let exceptions: Vec<_> =
        (0..200).map(|index| json!({"name": format!("Holiday {index:054}"), "date": "2026-12-25"})).collect();
    let webhooks: Vec<_> = (0..10)
        .map(|index| {
            json!({
                "name": format!("webhook-{index:032}"), "url": format!("https://handler.example/{index:0999}"),
                "tokenSecretRef": {"name": "token"},
                "events": [{"name": "AgentReplied", "body": "x".repeat(2000)}, {"name": "ConversationResolved"}],
            })
        })
        .collect();
    let sessions: Vec<_> = (0..100)
        .map(|index| {
            json!({"name": format!("s{index}"), "startsAt": "2026-12-01T14:00:00-03:00", "minutes": 60,
            "audience": {"profiles": ["Agent", "Administrator"]}})
        })
        .collect();
    let steps: Vec<_> =
        (0..500).map(|index| json!({"name": format!("ResetPassword/a{index}"), "value": "v"})).collect();
    with(
        &base("HumanSupportConfig"),
        &[
            ("/metadata/name", json!("n".repeat(63))),
            ("/spec/departments", json!(departments)),
            ("/spec/defaultDepartment", json!(department(199))),
            ("/spec/agents", json!(agents)),
            ("/spec/webhooks", json!(webhooks)),
            ("/spec/businessHours/exceptions", json!(exceptions)),
            ("/spec/training/sessions", json!(sessions)),
            ("/spec/completedSteps", json!(steps)),
        ],
    )
}

#[test]
fn the_largest_store_is_accepted_and_fits_into_etcd() {
    let store = largest_store();
    let size = store.to_string().len();
    assert!((1_300_000..1_500_000).contains(&size), "{size} bytes");
    assert_eq!(DocumentChecker::new().unwrap().check(&store), []);
}

#[test]
fn the_largest_partner_account_is_accepted() {
    let accounts: Vec<_> = (0..1000)
        .map(|index| json!({"accountId": format!("{index:064}"), "namespace": format!("store-{index:057}"), "store": format!("s{index:062}")}))
        .collect();
    let account = with(
        &base("ClusterHelpdeskAccount"),
        &[
            ("/spec/zenvia/accounts", json!(accounts)),
            ("/spec/takeOverFrom", json!((0..20).map(|n| format!("{n:063}")).collect::<Vec<_>>())),
        ],
    );
    assert_eq!(DocumentChecker::new().unwrap().check(&account), []);
}

#[test]
fn two_thousand_and_one_agents_are_too_many() {
    let mut store = largest_store();
    let agents = store["spec"]["agents"].as_array_mut().unwrap();
    let mut one_more = agents[0].clone();
    one_more["name"] = "one-more".into();
    agents.push(one_more);
    let violations = DocumentChecker::new().unwrap().check(&store);
    assert_eq!(violations.len(), 1);
    assert_eq!(violations[0].to_string(), "`spec.agents`: must have at most 2000 entries, and has 2001");
}

#[test]
fn no_rule_compares_agents_with_each_other_or_with_departments() {
    for (kind, place, message) in rules() {
        let is_over_all_agents = kind == "HumanSupportConfig"
            && ["spec.agents", "spec.agents[].departments"].contains(&place.as_str());
        assert!(!is_over_all_agents, "{message}");
    }
}

#[test]
fn moving_to_another_account_is_allowed() {
    let store = base("HumanSupportConfig");
    let moved =
        with(&store, &[("/spec/accountRef", json!({"kind": "ClusterHelpdeskAccount", "name": "group"}))]);
    assert_eq!(DocumentChecker::new().unwrap().check_update(&moved, Some(&store)), []);
}

#[test]
fn the_plan_of_an_account_may_change() {
    let account = base("HelpdeskAccount");
    let upgraded = with(&account, &[("/spec/zendesk/plan", json!("Enterprise"))]);
    assert_eq!(DocumentChecker::new().unwrap().check_update(&upgraded, Some(&account)), []);
}
