//! `BusinessHoursReady`: are the declared hours where customers and colleagues are counted by them?
//!
//! True also where a person keeps them and has said so. What is over is named, never refused: a restore from Git must
//! pass.

use jiff::Timestamp;

use super::Verdict;
use super::capabilities::family;
use crate::api::conditions::ConditionStatus;
use crate::api::hours::BusinessHours;
use crate::controller::hours::{self, Keeper};
use crate::controller::round::Planned;
use crate::model::{Kind, Reason, StepName};

/// Says whether the hours are as declared.
pub(super) fn verdict(declared: &BusinessHours, planned: &Planned, now: Timestamp) -> Verdict {
    let mut verdict = match hours::keeper(&planned.desired, &planned.plan) {
        Keeper::Helpdesk => family(planned, &[Kind::OpeningHours], None),
        Keeper::Person => by_hand(planned),
    };
    let over = past(declared, now);
    if !over.is_empty() {
        let names: Vec<String> = over.iter().map(|name| format!("`{name}`")).collect();
        verdict
            .message
            .push_str(&format!("; exceptions that are over and can be taken out: {}", names.join(", ")));
    }
    verdict
}

fn by_hand(planned: &Planned) -> Verdict {
    let open = planned.pending.iter().find(|step| step.name == StepName::SetBusinessHours);
    match open {
        Some(step) => {
            let message = format!("open step `SetBusinessHours`: {}", step.how);
            Verdict::new(ConditionStatus::False, Reason::ManualActionRequired, message)
        }
        None => Verdict::new(
            ConditionStatus::True,
            Reason::InSync,
            "a person set these hours; the helpdesk has no place for them",
        ),
    }
}

fn past(declared: &BusinessHours, now: Timestamp) -> Vec<&str> {
    let Some(zone) = hours::zone_of(declared) else { return Vec::new() };
    hours::past_exceptions(declared, zone.to_datetime(now).date())
}
