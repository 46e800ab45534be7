//! The rules of what people do: training sessions and completed steps.
//!
//! Why apart from `validate`: a mistake here is found by a person, so each sentence says what is there instead.
//! Must not: read the clock. A session in the past is no mistake: a restore from an older Git must pass.

use crate::model::{StepName, StepScope};

use super::config::{CompletedStep, MAX_COMPLETED_STEPS, QUOTED_TEXT_LIMIT};
use super::formats;
use super::training::{
    AUDIENCE_MESSAGE, Audience, HELD_MESSAGE, Training, TrainingOutcome, TrainingRepeat, TrainingSession,
};
use super::validate::{Checker, DUPLICATE_NAME};

pub(super) fn sessions(checker: &mut Checker, training: &Training) {
    checker.count("spec.training.sessions", training.sessions.len(), 100);
    for (index, entry) in training.sessions.iter().enumerate() {
        session(checker, index, entry);
    }
    let names = training.sessions.iter().map(|session| session.name.as_str());
    checker.unique("spec.training.sessions", names, DUPLICATE_NAME);
}

fn session(checker: &mut Checker, index: usize, entry: &TrainingSession) {
    let TrainingSession { name, starts_at, minutes, repeat, outcome, audience, location } = entry;
    let path = format!("spec.training.sessions[{index}]");
    checker.text(format_args!("{path}.name"), name, (&formats::LABEL, 63));
    if let Some(starts_at) = starts_at {
        checker.format(format_args!("{path}.startsAt"), starts_at, &formats::INSTANT);
    } else if *outcome == Some(TrainingOutcome::Held) {
        checker.report(&path, HELD_MESSAGE);
    }
    checker.range(format_args!("{path}.minutes"), *minutes, (5, 1440));
    if let Some(TrainingRepeat { every_weeks, times }) = repeat {
        checker.range(format_args!("{path}.repeat.everyWeeks"), *every_weeks, (1, 12));
        checker.range(format_args!("{path}.repeat.times"), *times, (2, 52));
    }
    if let Some(location) = location {
        checker.length(format_args!("{path}.location"), location, 500);
    }
    match audience {
        Some(Audience { profiles, agents }) if !(profiles.is_empty() && agents.is_empty()) => {
            checker.count(format_args!("{path}.audience.agents"), agents.len(), 200);
            let twice = "is listed twice; list it once";
            checker.unique(&format!("{path}.audience.agents"), agents.iter(), twice);
            checker.unique(&format!("{path}.audience.profiles"), profiles.iter(), twice);
        }
        Some(_) | None => checker.report(&path, AUDIENCE_MESSAGE),
    }
}

pub(super) fn completed_steps(checker: &mut Checker, steps: &[CompletedStep]) {
    checker.count("spec.completedSteps", steps.len(), MAX_COMPLETED_STEPS);
    for (index, CompletedStep { name, value }) in steps.iter().enumerate() {
        let field = format!("spec.completedSteps[{index}].name");
        checker.text(&field, name, (&formats::STEP_NAME, 127));
        if (formats::STEP_NAME.accepts)(name)
            && let Some(mistake) = unknown_step(name)
        {
            checker.report(&field, mistake);
        }
        if let Some(value) = value {
            checker.length(format_args!("spec.completedSteps[{index}].value"), value, QUOTED_TEXT_LIMIT);
        }
    }
    let names = steps.iter().map(|step| step.name.as_str());
    checker.unique("spec.completedSteps", names, DUPLICATE_NAME);
}

/// A step that would never close anything, and the one that was probably meant.
fn unknown_step(title: &str) -> Option<String> {
    let (name, entry) = title.split_once('/').map_or((title, None), |(name, entry)| (name, Some(entry)));
    let Some(step) = StepName::parse(name) else {
        let nearest = StepName::ALL
            .into_iter()
            .map(|known| {
                (strsim::damerau_levenshtein(&known.to_string().to_lowercase(), &name.to_lowercase()), known)
            })
            .min_by_key(|(distance, _)| *distance);
        let meant = nearest.map(|(_, known)| format!("; the nearest one is `{known}`")).unwrap_or_default();
        return Some(format!(
            "there is no step `{name}`{meant}; use a name that `status.pendingSteps` shows"
        ));
    };
    match (step.scope(), entry) {
        (StepScope::Store, Some(_)) => {
            Some(format!("`{name}` is one step for the whole store; write it without `/` and an entry"))
        }
        (StepScope::Entry, None) => Some(format!(
            "`{name}` is one step for each entry; write which one, as `status.pendingSteps` shows it, for example `{name}/ana`"
        )),
        (StepScope::Store, None) | (StepScope::Entry, Some(_)) => None,
    }
}
