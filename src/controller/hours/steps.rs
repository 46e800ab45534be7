//! What people do about hours where no interface does it: the steps, and who keeps the hours.
//!
//! A schedule of a helpdesk sends no message, and the switch for human support is in the store's own administration
//! (`domain.md` 1.3). Each value is what a person copies, so that a step opens again when it changes.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::api::HumanSupportConfigSpec;
use crate::api::hours::{BusinessHours, HoursException, Window};
use crate::api::policies::HumanSupport;
use crate::controller::pending::catalogue::step;
use crate::model::{Desired, Kind, ObjectKey, OpeningHoursKey, PendingStep, Reason, StepName};
use crate::plan::Plan;

/// The most characters of a value that are shown as they are; a digest of the whole text follows the rest. The status
/// takes 128.
const MOST_CHARACTERS: usize = 100;

/// Who keeps the declared hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// The helpdesk, through the operator.
    Helpdesk,
    /// A person: the helpdesk, or the account's plan of it, has no place for them.
    Person,
}

/// Who keeps the hours of a store, by what the helpdesk will hold of them and by what is held.
pub fn keeper(desired: &Desired, plan: &Plan) -> Keeper {
    let held = plan.held_for(&ObjectKey::new(Kind::OpeningHours, OpeningHoursKey));
    let by_hand = held.is_some_and(|held| held.reason == Reason::ManualActionRequired);
    if desired.hours.is_empty() || by_hand { Keeper::Person } else { Keeper::Helpdesk }
}

/// The steps that the declared hours need, whether completed or not.
pub fn open_steps(spec: &HumanSupportConfigSpec, keeper: Keeper) -> Vec<PendingStep> {
    let switch = match spec.human_support {
        HumanSupport::Enabled => StepName::EnableHumanSupport,
        HumanSupport::Disabled => StepName::DisableHumanSupport,
    };
    let mut steps = vec![step(switch, &spec.store)];
    let Some(hours) = &spec.business_hours else { return steps };
    if keeper == Keeper::Person {
        steps.push(step(StepName::SetBusinessHours, shortened(&described(hours))));
    }
    if let Some(message) = &hours.unavailable_message {
        steps.push(step(StepName::SetUnavailableMessage, shortened(message)));
    }
    steps
}

/// Hours as one line: zone, windows, exceptions.
fn described(hours: &BusinessHours) -> String {
    let BusinessHours { time_zone, windows, exceptions, unavailable_message: _ } = hours;
    let mut text = time_zone.clone();
    if windows.is_empty() {
        text.push_str(", around the clock");
    }
    for Window { days, from, to } in windows {
        let days: Vec<String> = days.iter().map(|day| format!("{day:?}")).collect();
        // Writing to a string cannot fail.
        let _ = write!(text, ", {} {from}-{to}", days.join(" "));
    }
    for HoursException { name, date, from, to, yearly } in exceptions {
        let when = match (date, from, to) {
            (Some(date), _, _) => date.clone(),
            (None, from, to) => {
                format!("{} to {}", from.as_deref().unwrap_or_default(), to.as_deref().unwrap_or_default())
            }
        };
        let yearly = if *yearly == Some(true) { " yearly" } else { "" };
        let _ = write!(text, "; {name} {when}{yearly}");
    }
    text
}

/// A text of one line and bounded length that differs whenever the whole text does.
fn shortened(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line == text && line.chars().count() <= MOST_CHARACTERS {
        return line;
    }
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let start: String = line.chars().take(MOST_CHARACTERS).collect();
    format!("{} ({hex})", start.trim_end())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn spec(hours: Value) -> HumanSupportConfigSpec {
        serde_json::from_value(json!({
            "accountRef": {"kind": "HelpdeskAccount", "name": "z"}, "store": "loja",
            "whatsapp": {"phoneNumber": "+551140028922"}, "businessHours": hours}))
        .unwrap()
    }

    fn values(spec: &HumanSupportConfigSpec, keeper: Keeper) -> Vec<(StepName, String)> {
        let mut steps = open_steps(spec, keeper);
        steps.retain(|step| step.name != StepName::EnableHumanSupport);
        steps.into_iter().map(|step| (step.name, step.value)).collect()
    }

    #[test]
    fn hours_that_a_person_keeps_are_readable_and_any_change_opens_the_step_again() {
        let mut hours = json!({"timeZone": "America/Sao_Paulo",
            "windows": [{"days": ["Mon", "Fri"], "from": "09:00", "to": "24:00"}],
            "exceptions": [{"name": "Natal", "date": "2026-12-25", "yearly": true}]});
        let first = values(&spec(hours.clone()), Keeper::Person);
        let text = "America/Sao_Paulo, Mon Fri 09:00-24:00; Natal 2026-12-25 yearly".to_owned();
        assert_eq!(first, [(StepName::SetBusinessHours, text)]);
        hours["exceptions"][0]["yearly"] = json!(false);
        assert_ne!(values(&spec(hours.clone()), Keeper::Person), first);
        assert_eq!(values(&spec(hours), Keeper::Helpdesk), []);
    }

    #[test]
    fn long_values_are_cut_and_still_differ_by_their_end() {
        let long = |end: &str| spec(json!({"timeZone": "UTC", "unavailableMessage": "á".repeat(900) + end}));
        let (one, other) = (values(&long("1"), Keeper::Helpdesk), values(&long("2"), Keeper::Helpdesk));
        assert_ne!(one, other);
        assert!(one[0].1.chars().count() <= 128, "{}", one[0].1);
    }

    #[test]
    fn support_that_is_switched_off_is_a_step_in_the_stores_administration() {
        let mut off =
            spec(json!({"timeZone": "UTC", "unavailableMessage": "Escreva para ajuda@loja.example"}));
        off.human_support = HumanSupport::Disabled;
        let names: Vec<StepName> = values(&off, Keeper::Helpdesk).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, [StepName::DisableHumanSupport, StepName::SetUnavailableMessage]);
    }
}
