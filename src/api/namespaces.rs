//! Which namespaces a cluster account admits.
//!
//! Why own types: the selector is matched against a namespace's labels at every use, without a call to the API
//! server, and an unknown operator must never admit anybody.
//! Must not: read namespaces.

use std::collections::BTreeMap;

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Labels that a namespace must have. All of them must match; an empty selector matches every namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamespaceSelector {
    /// Labels with these values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 20), inner(length(max = 63)))]
    pub match_labels: BTreeMap<String, String>,
    /// Further requirements, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20))]
    #[x_kube(merge_strategy = ListMerge::Atomic)]
    pub match_expressions: Vec<LabelRequirement>,
}

/// How a label is compared: `In`, `NotIn`, `Exists` or `DoesNotExist`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LabelOperator {
    /// The label has one of the values.
    In,
    /// The label is absent or has none of the values.
    NotIn,
    /// The label is there.
    Exists,
    /// The label is absent.
    DoesNotExist,
}

/// One requirement on a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = Rule::new(VALUES_RULE).message(VALUES_MESSAGE))]
pub struct LabelRequirement {
    /// The key of the label.
    #[schemars(length(min = 1, max = 317))]
    pub key: String,
    /// How it is compared: `In`, `NotIn`, `Exists` or `DoesNotExist`.
    pub operator: LabelOperator,
    /// The values for `In` and `NotIn`. At most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50), inner(length(max = 63)))]
    #[x_kube(merge_strategy = ListMerge::Set)]
    pub values: Vec<String>,
}

pub(super) const VALUES_RULE: &str = "self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : !has(self.values) || self.values.size() == 0";
pub(super) const VALUES_MESSAGE: &str =
    "`In` and `NotIn` need at least one of `values`; `Exists` and `DoesNotExist` take none";

impl NamespaceSelector {
    /// Whether a namespace with these labels is admitted.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| requirement.matches(labels))
    }
}

impl LabelRequirement {
    fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        let is_listed = value.is_some_and(|value| self.values.contains(value));
        match self.operator {
            LabelOperator::In => is_listed,
            LabelOperator::NotIn => !is_listed,
            LabelOperator::Exists => value.is_some(),
            LabelOperator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> BTreeMap<String, String> {
        BTreeMap::from([("support".into(), "enabled".into()), ("tier".into(), "gold".into())])
    }

    fn requirement(operator: LabelOperator, key: &str, values: &[&str]) -> NamespaceSelector {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        let requirement = LabelRequirement { key: key.into(), operator, values };
        NamespaceSelector { match_expressions: vec![requirement], ..NamespaceSelector::default() }
    }

    #[test]
    fn empty_selector_admits_every_namespace() {
        assert!(NamespaceSelector::default().matches(&BTreeMap::new()));
    }

    #[test]
    fn every_label_must_have_its_value() {
        let mut selector = NamespaceSelector::default();
        selector.match_labels.insert("support".into(), "enabled".into());
        assert!(selector.matches(&labels()));
        selector.match_labels.insert("tier".into(), "silver".into());
        assert!(!selector.matches(&labels()));
    }

    #[test]
    fn requirements_compare_as_kubernetes_does() {
        for (selector, admits) in [
            (requirement(LabelOperator::In, "tier", &["gold", "silver"]), true),
            (requirement(LabelOperator::In, "zone", &["a"]), false),
            (requirement(LabelOperator::NotIn, "tier", &["gold"]), false),
            (requirement(LabelOperator::NotIn, "zone", &["a"]), true),
            (requirement(LabelOperator::Exists, "tier", &[]), true),
            (requirement(LabelOperator::DoesNotExist, "tier", &[]), false),
        ] {
            assert_eq!(selector.matches(&labels()), admits, "{selector:?}");
        }
    }
}
