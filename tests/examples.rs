//! Every document of every example is one that the API server and the reconciler accept, field by field.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by failing"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use human_support_operator::api::secrets::{self, CREDENTIALS_TYPE, WEBHOOK_TOKEN_TYPE};
use human_support_operator::api::{
    ClusterHelpdeskAccountSpec, DocumentChecker, HelpdeskAccountSpec, HumanSupportConfigSpec,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn examples() -> Vec<(String, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut documents = Vec::new();
    for path in files(&root) {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let parsed: Vec<Value> = serde_saphyr::from_multiple(&fs::read_to_string(&path).unwrap())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        documents.extend(parsed.into_iter().map(|document| (name.clone(), document)));
    }
    documents
}

#[test]
fn every_use_has_its_example() {
    let found: BTreeSet<_> = examples().into_iter().map(|(name, _)| name).collect();
    for expected in [
        "approval-manual.yaml",
        "cluster-account.yaml",
        "hours-and-training.yaml",
        "mode-observe.yaml",
        "sandbox/account.yaml",
        "sandbox/loja-centro.yaml",
        "sandbox/loja-leste.yaml",
        "sandbox/loja-norte.yaml",
        "sandbox/loja-oeste.yaml",
        "sandbox/loja-sul.yaml",
        "seasonal-agents.yaml",
        "store-external.yaml",
        "store-minimal.yaml",
        "store-zendesk.yaml",
        "store-zenvia.yaml",
    ] {
        assert!(found.contains(expected), "{expected}");
    }
}

#[test]
fn every_document_is_accepted_with_its_rules() {
    let checker = DocumentChecker::new().unwrap();
    for (name, document) in examples() {
        if checker.knows(&document) {
            let violations: Vec<_> = checker.check(&document).iter().map(ToString::to_string).collect();
            assert_eq!(violations, Vec::<String>::new(), "{name}: {}", document["metadata"]["name"]);
        } else {
            core_document(&name, &document);
        }
    }
}

/// Namespaces and Secrets: nothing but what they need, and only keys that the operator reads.
fn core_document(name: &str, document: &Value) {
    let fields: BTreeSet<_> = document.as_object().unwrap().keys().map(String::as_str).collect();
    match document["kind"].as_str().unwrap() {
        "Namespace" => assert_eq!(fields, BTreeSet::from(["apiVersion", "kind", "metadata"]), "{name}"),
        "Secret" => {
            assert_eq!(
                fields,
                BTreeSet::from(["apiVersion", "kind", "metadata", "stringData", "type"]),
                "{name}"
            );
            secret(name, document);
        }
        kind => panic!("{name}: {kind} has no place in the examples"),
    }
}

fn secret(name: &str, document: &Value) {
    let allowed: BTreeSet<&str> = match document["type"].as_str().unwrap() {
        CREDENTIALS_TYPE => BTreeSet::from([
            secrets::zendesk::HOST,
            secrets::zendesk::CLIENT_ID,
            secrets::zendesk::CLIENT_SECRET,
            secrets::zenvia::CHAT_HOST,
            secrets::zenvia::PARTNER_TOKEN,
            secrets::zenvia::API_HOST,
            secrets::zenvia::API_TOKEN,
            secrets::external::TOKEN,
            secrets::external::HMAC_KEY,
        ]),
        WEBHOOK_TOKEN_TYPE => BTreeSet::from([secrets::webhook_token::HOST, secrets::webhook_token::TOKEN]),
        other => panic!("{name}: {other}"),
    };
    for (key, value) in document["stringData"].as_object().unwrap() {
        assert!(allowed.contains(key.as_str()), "{name}: {key}");
        let is_secret = ["Secret", "Token", "token", "Key"].iter().any(|word| key.ends_with(word));
        let is_obviously_fake =
            ["example-", "sandbox-"].iter().any(|word| value.as_str().unwrap().starts_with(word));
        assert!(!is_secret || is_obviously_fake, "{name}: {key} must look fake");
    }
}

/// What was written, read into the types and written again, still holds every field: no type drops one.
fn kept<T: DeserializeOwned + Serialize>(spec: &Value) -> Result<(), String> {
    let typed: T = serde_json::from_value(spec.clone()).map_err(|error| error.to_string())?;
    contains(&serde_json::to_value(typed).unwrap(), spec, "spec")
}

fn contains(whole: &Value, part: &Value, path: &str) -> Result<(), String> {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().try_for_each(|(name, member)| {
            // An empty list is not written again.
            if member.as_array().is_some_and(Vec::is_empty) {
                return Ok(());
            }
            let path = format!("{path}.{name}");
            contains(whole.get(name).ok_or_else(|| format!("{path} is lost"))?, member, &path)
        }),
        (Value::Array(whole), Value::Array(part)) if whole.len() == part.len() => {
            whole.iter().zip(part).try_for_each(|(whole, part)| contains(whole, part, path))
        }
        (whole, part) if whole == part => Ok(()),
        (whole, part) => Err(format!("{path} was {part} and became {whole}")),
    }
}

#[test]
fn no_type_drops_a_field() {
    for (name, document) in examples() {
        let spec = &document["spec"];
        let result = match document["kind"].as_str().unwrap() {
            "HumanSupportConfig" => kept::<HumanSupportConfigSpec>(spec),
            "HelpdeskAccount" => kept::<HelpdeskAccountSpec>(spec),
            "ClusterHelpdeskAccount" => kept::<ClusterHelpdeskAccountSpec>(spec),
            _ => continue,
        };
        assert_eq!(result, Ok(()), "{name}");
    }
}

#[test]
fn a_misspelt_field_of_an_example_is_refused() {
    let checker = DocumentChecker::new().unwrap();
    let (_, mut document) =
        examples().into_iter().find(|(name, _)| name == "sandbox/loja-centro.yaml").unwrap();
    document["spec"]["agents"][0]["displayname"] = "Ana".into();
    let violations: Vec<_> = checker.check(&document).iter().map(ToString::to_string).collect();
    assert_eq!(violations, ["`spec.agents[0].displayname`: is not a field; write `displayName`"]);
}

fn sandbox_stores() -> Vec<HumanSupportConfigSpec> {
    examples()
        .into_iter()
        .filter(|(name, document)| name.starts_with("sandbox/") && document["kind"] == "HumanSupportConfig")
        .map(|(_, document)| serde_json::from_value(document["spec"].clone()).unwrap())
        .collect()
}

#[test]
fn the_sandbox_has_a_small_a_middle_and_a_large_store() {
    let sizes: Vec<_> =
        sandbox_stores().iter().map(|store| (store.agents.len(), store.departments.len())).collect();
    assert_eq!(sizes, [(2, 2), (3, 2), (20, 5), (2, 2), (250, 8)]);
}

#[test]
fn the_sandbox_stores_have_nothing_that_two_stores_of_one_account_may_not_share() {
    let stores = sandbox_stores();
    let mut taken = BTreeSet::new();
    for store in &stores {
        let account = &store.account_ref.name;
        let departments =
            store.departments.iter().map(|department| format!("department {}", department.display_name));
        let agents = store.agents.iter().map(|agent| format!("agent {}", agent.email));
        let webhooks = store.webhooks.iter().map(|webhook| format!("webhook {}", webhook.url));
        let own = [
            format!("tag {}", store.conversation_tag),
            format!("number {}", store.whatsapp.phone_number),
            format!("store {}", store.store),
        ];
        for claim in own.into_iter().chain(departments).chain(agents).chain(webhooks) {
            assert!(taken.insert((account.clone(), claim.clone())), "{claim}");
        }
        let licenses = store.licenses.as_ref().unwrap().quantity;
        assert!(i32::try_from(store.agents.len()).unwrap() <= licenses, "{}", store.store);
    }
}
