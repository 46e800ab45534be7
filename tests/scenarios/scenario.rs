//! What a scenario file holds. An unknown key is an error: a misspelled expectation would be no expectation.
//!
//! Plain data read from YAML; it must not run anything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One cell of the mapping table, or one of the paragraphs of rules below it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ScenarioFile {
    pub(crate) source: Source,
    pub(crate) cases: Vec<Case>,
}

/// Where the rules of a file stand.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) document: String,
    pub(crate) section: u8,
    /// The row of the table and its column, such as `licenses` and `Partner`; or `rules` and whose.
    pub(crate) row: String,
    pub(crate) column: String,
    /// The cell as the document words it.
    pub(crate) says: String,
}

/// One rule of a cell, shown by one round.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Case {
    /// What is shown, as a sentence.
    pub(crate) name: String,
    /// Changes of the account of `defaults.yaml`.
    #[serde(default = "nothing")]
    pub(crate) account: Value,
    /// Changes of the account's Secret.
    #[serde(default)]
    pub(crate) credentials: BTreeMap<String, String>,
    /// Changes of the store of `defaults.yaml`.
    #[serde(default = "nothing")]
    pub(crate) store: Value,
    /// What the helpdesk assumes where the vendor says nothing (switches of the simulator).
    #[serde(default = "nothing")]
    pub(crate) assumptions: Value,
    /// What people made in the helpdesk before the operator came.
    #[serde(default)]
    pub(crate) seed: Vec<ByPerson>,
    #[serde(default)]
    pub(crate) before: Option<Before>,
    /// What goes wrong in the helpdesk from then on: rules of the simulator, with the same places for ids.
    #[serde(default)]
    pub(crate) faults: Vec<Value>,
    /// Whether a person approves the plan that the first look shows.
    #[serde(default)]
    pub(crate) approve: bool,
    pub(crate) expect: Expectations,
}

/// What happened before the round that is looked at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Before {
    /// The store that the operator brought about, as changes of the store of `defaults.yaml`.
    pub(crate) store: Value,
    /// What people did in the helpdesk since.
    #[serde(default)]
    pub(crate) people: Vec<ByPerson>,
    /// Changes of the status since; null takes a member away.
    #[serde(default = "nothing")]
    pub(crate) status: Value,
}

/// A request of a person to one of the vendor's interfaces, or to `/_sandbox/` for what people do in its pages. `{agent ana@loja.example}`, `{department Vendas}` and `{subscription MESSAGE}` stand for the
/// id of what is there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ByPerson {
    pub(crate) request: String,
    #[serde(default)]
    pub(crate) body: Value,
}

/// What the round must come to. Lists are complete: what is not in them must not be there.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Expectations {
    /// The round comes to no plan, for this reason. It is all that is left out.
    #[serde(default)]
    pub(crate) blocked: Option<String>,
    /// The planned steps in order: action, kind, key.
    #[serde(default)]
    pub(crate) steps: Option<Vec<String>>,
    /// The held changes: action, kind, key, reason.
    #[serde(default)]
    pub(crate) held: Vec<String>,
    /// Conditions after the calls: type, then status and reason.
    pub(crate) conditions: BTreeMap<String, String>,
    /// Open steps for people after the calls: name and value.
    #[serde(default)]
    pub(crate) pending: Vec<String>,
    /// Entries with something to say: kind, key, reason.
    #[serde(default)]
    pub(crate) problems: Vec<String>,
    /// The operator's writes by operation.
    pub(crate) calls: BTreeMap<String, usize>,
    /// The writes in the order they came, where it matters.
    #[serde(default)]
    pub(crate) order: Option<Vec<String>>,
    /// Bodies of writes, each with the members it must have.
    #[serde(default)]
    pub(crate) sent: Vec<Sent>,
    /// Members of the account in the helpdesk after the calls. Lists are complete; of an object, the members that are
    /// named are compared.
    #[serde(default = "nothing")]
    pub(crate) helpdesk: Value,
    /// Members of the status, compared in the same way.
    #[serde(default = "nothing")]
    pub(crate) status: Value,
    /// Steps of the second plan.
    #[serde(default)]
    pub(crate) left: Vec<String>,
}

/// One write that must have been made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    pub(crate) operation: String,
    pub(crate) body: Value,
    /// Members that it must not have.
    #[serde(default)]
    pub(crate) without: Vec<String>,
}

/// What every case starts from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Defaults {
    pub(crate) account: Value,
    pub(crate) store: Value,
    /// What is said of every store of the vendor; cases leave it out.
    pub(crate) problems: Vec<String>,
}

/// No change, and nothing to compare.
fn nothing() -> Value {
    Value::Object(serde_json::Map::new())
}

/// The folder of the scenarios.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// Reads one file.
pub(crate) fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Reads the text of one file.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}

/// JSON merge patch (RFC 7396): null takes a member away.
pub(crate) fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Some(members) = target.as_object_mut() else { return };
    for (key, change) in changes {
        match change {
            Value::Null => drop(members.remove(key)),
            _ => merge(members.entry(key.clone()).or_insert(Value::Null), change),
        }
    }
}
