//! Assumptions as switches: enums whose first position is the default, changed by JSON or by a text `key=value`.
//!
//! It exists so that every vendor's assumptions read and fail alike. Must know none of them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Declares an enum of positions; the first one is the default, all are written in camel case.
#[macro_export]
#[doc(hidden)]
macro_rules! simulator_positions {
    ($(#[$doc:meta])* $name:ident { $(#[$first_doc:meta])* $first:ident, $($(#[$rest_doc:meta])* $rest:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $(#[$first_doc])* #[default] $first, $($(#[$rest_doc])* $rest),+ }
    };
}

/// The same assumptions with the members of a JSON object changed. The error names the member and its positions.
pub fn merged<T: Serialize + DeserializeOwned>(assumptions: &T, changes: &Value) -> Result<T, String> {
    let Some(changes) = changes.as_object() else {
        return Err("assumptions are a JSON object, such as {\"ids\":\"strings\"}".to_owned());
    };
    let mut all = serde_json::to_value(assumptions).map_err(|error| error.to_string())?;
    for (key, value) in changes {
        all[key.as_str()] = value.clone();
    }
    serde_json::from_value(all).map_err(|error| format!("cannot take these assumptions: {error}"))
}

/// The same assumptions with one member changed, from a text such as `ids=strings`. A value that is no JSON is a text.
pub fn assigned<T: Serialize + DeserializeOwned>(assumptions: &T, assignment: &str) -> Result<T, String> {
    let (key, value) = assignment
        .split_once('=')
        .ok_or_else(|| format!("{assignment}: an assumption is written key=value"))?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    merged(assumptions, &serde_json::json!({ key: value }))
}
