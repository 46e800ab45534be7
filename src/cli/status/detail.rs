//! One store in full, for people.

use std::collections::BTreeMap;

use super::resync::Resync;
use crate::api::HumanSupportConfig;
use crate::api::conditions::{Condition, ConditionStatus, ConditionType};
use crate::api::config_status::{HumanSupportConfigStatus, PendingStep, Problem, StepProof};
use crate::cli::state::{Reachable, StoreState};
use crate::cli::stores::StoreName;
use crate::cli::terminal::{Paint, Surroundings, Tone, harmless};
use crate::model::Kind;

/// The answer about one store.
pub(super) fn of(store: &HumanSupportConfig, resync: Resync, surroundings: Surroundings) -> String {
    let state = StoreState::new(store);
    let paint = surroundings.paint;
    let tone = if state.is_ready() { Tone::Good } else { Tone::Bad };
    let mut text = format!("{}\n", paint.tone(Tone::Heading, head(store)));
    text.push_str(&paint.tone(tone, harmless(&state.headline())));
    text.push('\n');
    conditions(&mut text, state.conditions(), paint);
    if let Some(status) = &store.status {
        numbers(&mut text, status, paint);
        problems(&mut text, status, paint);
        steps(&mut text, status, paint);
        plan(&mut text, (store, status), surroundings);
    }
    heading(&mut text, "Next", paint);
    text.push_str(&format!("  Resync: {}\n", resync.sentence(store)));
    if let Some(training) = store.status.as_ref().and_then(|status| status.next_training.as_deref()) {
        text.push_str(&format!("  Training: {}\n", harmless(training)));
    }
    if !state.is_ready() && !state.conditions().is_empty() {
        text.push_str(&format!("  What a reason means: {} explain REASON\n", surroundings.program));
    }
    let (reachable, answer) = state.reachable();
    let question = "\nCan a customer reach a person now? ";
    text.push_str(question);
    text.push_str(&paint.tone(tone_of(reachable), harmless(&answer).replace('\n', " ")));
    text.push('\n');
    text
}

/// The tone of an answer.
pub(super) fn tone_of(reachable: Reachable) -> Tone {
    match reachable {
        Reachable::Yes => Tone::Good,
        Reachable::No => Tone::Bad,
        Reachable::Unknown => Tone::Open,
    }
}

fn head(store: &HumanSupportConfig) -> String {
    let spec = &store.spec;
    let platform = store.status.as_ref().and_then(|status| status.platform);
    let platform = platform.map_or_else(String::new, |platform| format!(" on {platform:?}"));
    let account = format!("{:?}/{}", spec.account_ref.kind, spec.account_ref.name);
    format!(
        "{}: store {}{platform}, account {account}, mode {:?}",
        StoreName::of(store),
        spec.store,
        spec.mode
    )
}

fn heading(text: &mut String, title: &str, paint: Paint) {
    text.push_str(&format!("\n{}\n", paint.tone(Tone::Heading, title)));
}

fn conditions(text: &mut String, conditions: &[Condition], paint: Paint) {
    if conditions.is_empty() {
        return;
    }
    heading(text, "Conditions", paint);
    let width = |of: fn(&Condition) -> usize| conditions.iter().map(of).max().unwrap_or_default();
    let (types, reasons) =
        (width(|condition| condition.type_.len()), width(|condition| condition.reason.len()));
    for condition in conditions {
        let status = format!("{:?}", condition.status);
        text.push_str(&format!(
            "  {:types$}  {}  {:reasons$}  {}\n",
            condition.type_,
            paint.tone(tone(condition), format!("{status:7}")),
            condition.reason,
            harmless(&condition.message).replace('\n', " "),
        ));
    }
}

/// For most conditions True is good; for some it is not.
fn tone(condition: &Condition) -> Tone {
    let is_bad_when_true = [ConditionType::Stalled, ConditionType::DeletionBlocked, ConditionType::Drifted]
        .iter()
        .any(|type_| type_.as_str() == condition.type_);
    let is_open = [ConditionType::Reconciling, ConditionType::Suspended]
        .iter()
        .any(|type_| type_.as_str() == condition.type_);
    match condition.status {
        ConditionStatus::Unknown => Tone::Open,
        ConditionStatus::True if is_open => Tone::Open,
        ConditionStatus::True if is_bad_when_true => Tone::Bad,
        ConditionStatus::False if is_bad_when_true => Tone::Good,
        ConditionStatus::True => Tone::Good,
        ConditionStatus::False => Tone::Bad,
    }
}

fn numbers(text: &mut String, status: &HumanSupportConfigStatus, paint: Paint) {
    let Some(summary) = &status.summary else { return };
    heading(text, "As declared", paint);
    text.push_str(&format!(
        "  agents {}, departments {}, webhooks {}; licenses in use {}\n",
        summary.agents, summary.departments, summary.webhooks, summary.licenses
    ));
}

/// By agent first: whoever asks about Ana finds all of Ana's problems in one place.
fn problems(text: &mut String, status: &HumanSupportConfigStatus, paint: Paint) {
    if status.problems.is_empty() {
        return;
    }
    let shown = status.problems.len();
    let all = status.problem_count.and_then(|count| usize::try_from(count).ok()).unwrap_or(shown);
    let title =
        if all > shown { format!("Problems ({shown} of {all})") } else { format!("Problems ({shown})") };
    heading(text, &title, paint);
    let mut groups: BTreeMap<(u8, String), Vec<&Problem>> = BTreeMap::new();
    for problem in &status.problems {
        groups.entry(owner(problem)).or_default().push(problem);
    }
    for ((_, owner), problems) in groups {
        text.push_str(&format!("  {}\n", paint.tone(Tone::Heading, harmless(&owner))));
        for problem in problems {
            let reason = paint.tone(Tone::Bad, harmless(&problem.reason));
            let about = if owner.ends_with(&format!(" {}", problem.name)) {
                String::new()
            } else {
                format!("{} {}: ", problem.kind, problem.name)
            };
            text.push_str(&format!("    {}{reason}: {}\n", harmless(&about), harmless(&problem.message)));
        }
    }
}

fn owner(problem: &Problem) -> (u8, String) {
    let first = problem.name.split('/').next().unwrap_or_default();
    let is = |kind: Kind| problem.kind == kind.to_string();
    if is(Kind::Agent) || is(Kind::Membership) {
        (0, format!("{} {first}", Kind::Agent))
    } else if is(Kind::EventRoute) || is(Kind::Webhook) {
        (1, format!("{} {first}", Kind::Webhook))
    } else {
        (2, format!("{} {}", problem.kind, problem.name))
    }
}

fn steps(text: &mut String, status: &HumanSupportConfigStatus, paint: Paint) {
    let shown = status.pending_steps.len();
    if shown == 0 {
        return;
    }
    heading(text, &format!("Steps for a person ({shown})"), paint);
    for PendingStep { name, value, blocks_live, who, proof, why, how } in &status.pending_steps {
        let value = value.as_deref().unwrap_or_default();
        let blocks =
            if *blocks_live { paint.tone(Tone::Bad, ", customers wait for it") } else { String::new() };
        text.push_str(&format!("  {}{blocks}\n", paint.tone(Tone::Heading, harmless(name))));
        text.push_str(&format!("    why: {}\n    how: {}\n", harmless(why), harmless(how)));
        if let Some(who) = who {
            text.push_str(&format!("    who: {who:?}\n"));
        }
        if *proof == Some(StepProof::Observed) {
            continue;
        }
        let entry = format!("{{name: {name}, value: {}}}", serde_json::Value::from(value));
        text.push_str(&format!("    when done, add to `completedSteps`: {}\n", harmless(&entry)));
    }
}

fn plan(
    text: &mut String,
    (store, status): (&HumanSupportConfig, &HumanSupportConfigStatus),
    surroundings: Surroundings,
) {
    let Some(plan) = status.plan.as_ref().filter(|plan| plan.changes + plan.held > 0) else { return };
    heading(text, &format!("Plan ({} changes, {} held)", plan.changes, plan.held), surroundings.paint);
    for line in &plan.lines {
        text.push_str(&format!("  {}\n", harmless(line)));
    }
    let more = usize::try_from(plan.changes.saturating_add(plan.held)).unwrap_or_default();
    if more > plan.lines.len() {
        text.push_str(&format!("  and {} more\n", more - plan.lines.len()));
    }
    if StoreState::new(store).waits_for_approval() {
        let StoreName { namespace, name } = StoreName::of(store);
        let program = surroundings.program;
        text.push_str(&format!("  To approve it: {program} approve {name} -n {namespace}\n"));
    }
}
