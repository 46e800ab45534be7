//! How a status is read and written: one that a newer version of the operator wrote is noticed, not cut down to what
//! this version knows.
//!
//! Why: a status is written as a whole, so whatever was not understood would be erased by the next write, and one value
//! that is not understood would keep the whole list of stores from being read. Must not: decide what to do about it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::config_status::HumanSupportConfigStatus;

impl Serialize for HumanSupportConfigStatus {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, to)
    }
}

impl<'de> Deserialize<'de> for HumanSupportConfigStatus {
    /// Never fails on a status that is JSON: what cannot be read makes it `is_outrun`, without anything in it.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let stored = Value::deserialize(from)?;
        let read = Self::deserialize(&stored).ok();
        let known = read.filter(|status| {
            let written = Self::serialize(status, serde_json::value::Serializer);
            written.is_ok_and(|written| is_known(&stored, &written))
        });
        Ok(known.unwrap_or_else(|| Self { is_outrun: true, ..Self::default() }))
    }
}

/// Whether every member of `stored` is in `written`. Members without content may be left out; values are not compared:
/// one that is not understood could not be read at all.
fn is_known(stored: &Value, written: &Value) -> bool {
    match (stored, written) {
        (Value::Object(stored), Value::Object(written)) => stored.iter().all(|(name, value)| {
            is_empty(value) || written.get(name).is_some_and(|written| is_known(value, written))
        }),
        (Value::Array(stored), Value::Array(written)) => {
            stored.len() == written.len()
                && stored.iter().zip(written).all(|(one, other)| is_known(one, other))
        }
        _ => true,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(stored: Value) -> HumanSupportConfigStatus {
        serde_json::from_value(stored).unwrap()
    }

    #[test]
    fn what_this_version_writes_it_reads_whole() {
        let stored = json!({
            "observedGeneration": 3, "platform": "Zendesk", "problems": [], "plan": {"changes": 0, "held": 0},
            "bindings": [{"account": "HelpdeskAccount/a", "host": "a.zendesk.com", "phase": "Active", "appliedLicenses": null}],
            "claims": [{"account": "", "kind": "Agent", "name": "ana", "id": "7"}],
        });
        let status = read(stored);
        assert!(!status.is_outrun);
        assert_eq!((status.observed_generation, status.claims.len()), (Some(3), 1));
        assert_eq!(read(serde_json::to_value(&status).unwrap()), status);
    }

    #[test]
    fn a_member_or_a_word_of_a_newer_version_makes_it_outrun() {
        let binding = |more: Value| {
            let mut binding = json!({"account": "HelpdeskAccount/a", "host": "h", "phase": "Active"});
            binding.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({"observedGeneration": 3, "bindings": [binding]})
        };
        assert!(!read(binding(json!({}))).is_outrun);
        for newer in [
            json!({"observedGeneration": 3, "shifts": [{"name": "night"}]}),
            binding(json!({"region": "sa"})),
            binding(json!({"phase": "Parked"})),
            json!({"platform": "Hologram"}),
        ] {
            let status = read(newer.clone());
            assert!(status.is_outrun, "{newer}");
            assert!(
                status.bindings.is_empty() && status.observed_generation.is_none(),
                "nothing is half believed"
            );
        }
    }
}
