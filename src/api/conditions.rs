//! Conditions: what is true about a resource, in the form that `kubectl wait`, Argo CD and Flux read.
//!
//! Why own code: a condition keeps its transition time while its status stays, exists in a fixed order so that a
//! status is byte-stable, and some exist only while they are true.
//! Must not: read the clock; the caller passes the time.

use jiff::Timestamp;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Nobody has looked yet, or it cannot be known.
    Unknown,
}

/// The conditions there are, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConditionType {
    /// Everything the operator may do is done and verified.
    Ready,
    /// A customer can reach a person now.
    Live,
    /// An account's credentials were accepted. Only on accounts.
    CredentialsValid,
    /// WhatsApp is integrated for the declared number.
    WhatsAppReady,
    /// The account can be used by this store.
    AccountReady,
    /// The agreed licenses suffice.
    LicensesReady,
    /// The departments are as declared.
    DepartmentsReady,
    /// The agents are as declared.
    AgentsReady,
    /// The webhooks and their triggers are as declared.
    WebhooksReady,
    /// The training is published.
    TrainingScheduled,
    /// The business hours are as declared. Only when they are declared.
    BusinessHoursReady,
    /// Whoever runs the bot has been given what they need.
    HandedOver,
    /// People changed something in the helpdesk.
    Drifted,
    /// Work is going on. Only while true.
    Reconciling,
    /// Work cannot go on before somebody changes something. Only while true.
    Stalled,
    /// Work was stopped by `suspend`. Only while true.
    Suspended,
    /// Deletion waits for a clean-up. Only while true.
    DeletionBlocked,
}

impl ConditionType {
    /// Every type, in the order in which conditions are written.
    pub const ALL: [Self; 17] = [
        Self::Ready,
        Self::Live,
        Self::CredentialsValid,
        Self::WhatsAppReady,
        Self::AccountReady,
        Self::LicensesReady,
        Self::DepartmentsReady,
        Self::AgentsReady,
        Self::WebhooksReady,
        Self::TrainingScheduled,
        Self::BusinessHoursReady,
        Self::HandedOver,
        Self::Drifted,
        Self::Reconciling,
        Self::Stalled,
        Self::Suspended,
        Self::DeletionBlocked,
    ];

    /// The word in `conditions[].type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Live => "Live",
            Self::CredentialsValid => "CredentialsValid",
            Self::WhatsAppReady => "WhatsAppReady",
            Self::AccountReady => "AccountReady",
            Self::LicensesReady => "LicensesReady",
            Self::DepartmentsReady => "DepartmentsReady",
            Self::AgentsReady => "AgentsReady",
            Self::WebhooksReady => "WebhooksReady",
            Self::TrainingScheduled => "TrainingScheduled",
            Self::BusinessHoursReady => "BusinessHoursReady",
            Self::HandedOver => "HandedOver",
            Self::Drifted => "Drifted",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
            Self::Suspended => "Suspended",
            Self::DeletionBlocked => "DeletionBlocked",
        }
    }

    /// Whether the condition exists only while it is true, so that a reader such as kstatus is not misled.
    pub fn only_while_true(self) -> bool {
        matches!(self, Self::Reconciling | Self::Stalled | Self::Suspended | Self::DeletionBlocked)
    }

    fn rank(text: &str) -> usize {
        Self::ALL.iter().position(|known| known.as_str() == text).unwrap_or(Self::ALL.len())
    }
}

/// One condition of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What it is about, such as `Ready`.
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 64))]
    pub type_: String,
    /// Whether it holds: True, False or Unknown.
    pub status: ConditionStatus,
    /// One CamelCase word for why.
    #[schemars(length(min = 1, max = 64))]
    pub reason: String,
    /// One sentence for people: what is the case, and what to do.
    #[schemars(length(max = 4096))]
    pub message: String,
    /// When the status last changed.
    #[schemars(length(max = 32), extend("format" = "date-time"))]
    pub last_transition_time: String,
    /// The generation of the spec that the condition is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
}

/// A condition's reason: one CamelCase word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionReason(String);

impl ConditionReason {
    /// Accepts a CamelCase word of at most 64 letters and digits.
    pub fn parse(word: &str) -> Option<Self> {
        let is_valid = word.len() <= 64
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric());
        is_valid.then(|| Self(word.to_owned()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is to be said in one condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionUpdate {
    /// What it is about.
    pub type_: ConditionType,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why.
    pub reason: ConditionReason,
    /// One sentence for people.
    pub message: String,
    /// The generation of the spec it is about.
    pub observed_generation: i64,
}

/// Sets a condition. The transition time changes only when the status does, and the order stays the one of
/// [`ConditionType::ALL`]. A condition that exists only while true is removed by any other status.
pub fn set(conditions: &mut Vec<Condition>, update: ConditionUpdate, now: Timestamp) {
    if update.type_.only_while_true() && update.status != ConditionStatus::True {
        remove(conditions, update.type_);
        return;
    }
    let kept_time = get(conditions, update.type_)
        .filter(|old| old.status == update.status)
        .map(|old| old.last_transition_time.clone());
    let condition = Condition {
        type_: update.type_.as_str().to_owned(),
        status: update.status,
        reason: update.reason.0,
        message: update.message,
        last_transition_time: kept_time.unwrap_or_else(|| time_text(now)),
        observed_generation: Some(update.observed_generation),
    };
    match conditions.iter_mut().find(|old| old.type_ == condition.type_) {
        Some(old) => *old = condition,
        None => conditions.push(condition),
    }
    conditions.sort_by_key(|condition| ConditionType::rank(&condition.type_));
}

/// Removes a condition if it is there.
pub fn remove(conditions: &mut Vec<Condition>, type_: ConditionType) {
    conditions.retain(|condition| condition.type_ != type_.as_str());
}

/// Finds a condition.
pub fn get(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|condition| condition.type_ == type_.as_str())
}

/// Kubernetes keeps whole seconds in conditions.
fn time_text(now: Timestamp) -> String {
    now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn update(type_: ConditionType, status: ConditionStatus, reason: &str) -> ConditionUpdate {
        ConditionUpdate {
            type_,
            status,
            reason: ConditionReason::parse(reason).unwrap(),
            message: "A sentence.".into(),
            observed_generation: 2,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn transition_time_stays_while_the_status_stays() {
        let mut conditions = Vec::new();
        set(&mut conditions, update(ConditionType::Ready, ConditionStatus::False, "Progressing"), at(10));
        set(&mut conditions, update(ConditionType::Ready, ConditionStatus::False, "Conflict"), at(20));
        assert_eq!(conditions[0].last_transition_time, "1970-01-01T00:00:10Z");
        assert_eq!(conditions[0].reason, "Conflict");
        set(&mut conditions, update(ConditionType::Ready, ConditionStatus::True, "Reconciled"), at(30));
        assert_eq!(conditions[0].last_transition_time, "1970-01-01T00:00:30Z");
    }

    #[test]
    fn conditions_are_written_in_the_fixed_order_and_unknown_ones_come_last() {
        let mut conditions = Vec::new();
        set(&mut conditions, update(ConditionType::Drifted, ConditionStatus::False, "NoDrift"), at(1));
        conditions[0].type_ = "FromTheFuture".into();
        set(&mut conditions, update(ConditionType::Live, ConditionStatus::False, "NotReady"), at(1));
        set(&mut conditions, update(ConditionType::Ready, ConditionStatus::True, "Reconciled"), at(1));
        let types: Vec<_> = conditions.iter().map(|condition| condition.type_.as_str()).collect();
        assert_eq!(types, ["Ready", "Live", "FromTheFuture"]);
    }

    #[test]
    fn stalled_exists_only_while_it_is_true() {
        let mut conditions = Vec::new();
        set(&mut conditions, update(ConditionType::Stalled, ConditionStatus::True, "InvalidSpec"), at(1));
        assert!(get(&conditions, ConditionType::Stalled).is_some());
        set(&mut conditions, update(ConditionType::Stalled, ConditionStatus::False, "Reconciled"), at(2));
        assert!(conditions.is_empty());
    }

    #[test]
    fn a_reason_is_one_camel_case_word() {
        for word in ["", "ready", "Not Ready", "Bad-Word", "Über"] {
            assert!(ConditionReason::parse(word).is_none(), "{word}");
        }
        assert_eq!(ConditionReason::parse("Reconciled").unwrap().as_str(), "Reconciled");
    }
}
