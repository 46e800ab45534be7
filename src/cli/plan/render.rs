//! A plan for people and for programs.
//!
//! Must not: leave out a change; a plan that is not complete is worse than none.

use serde_json::{Value, json};

use super::answer::{Answer, HeldLine, Line, Outcome, StoreAnswer, StorePlan};
use crate::cli::terminal::{Paint, Tone, harmless};
use crate::plan::Action;

/// The answer for people.
pub(super) fn text(answer: &Answer, paint: Paint) -> String {
    let texts = answer.stores.iter().map(|store| store_text(store, paint));
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

fn store_text(store: &StoreAnswer, paint: Paint) -> String {
    match &store.outcome {
        Outcome::Nothing(why) => format!("{}: {why}\n", store.name),
        // Said on standard error.
        Outcome::Blocked(..) => String::new(),
        Outcome::Planned(plan) => plan_text(store, plan, paint),
    }
}

fn plan_text(store: &StoreAnswer, plan: &StorePlan, paint: Paint) -> String {
    let title = paint.tone(Tone::Heading, format!("{} on {}: {}", store.name, plan.host, summary(plan)));
    let mut text = format!("{title}\n");
    for line in &plan.steps {
        text.push_str(&format!("  {}\n", paint.tone(tone_of(line.action), harmless(&line.text))));
    }
    for held in &plan.held {
        text.push_str(&format!("  {}\n", paint.tone(Tone::Open, harmless(&held_text(held)))));
    }
    for problem in &plan.problems {
        text.push_str(&format!("  {}: {}\n", paint.tone(Tone::Bad, "problem"), harmless(problem)));
    }
    for remark in &plan.remarks {
        text.push_str(&format!("  note: {}\n", harmless(remark)));
    }
    if !plan.pending.is_empty() {
        text.push_str("  steps for people:\n");
    }
    for step in &plan.pending {
        text.push_str(&format!("    {} \"{}\": {}\n", step.name, harmless(&step.value), harmless(&step.how)));
    }
    if store.has_changes() {
        text.push_str(&format!("  digest: {}\n", plan.digest));
    }
    text
}

/// How much would change, in words.
pub(super) fn summary(plan: &StorePlan) -> String {
    let count = |number: usize, word: &str| match number {
        1 => format!("1 {word}"),
        _ => format!("{number} {word}s"),
    };
    match (plan.steps.len(), plan.held.len()) {
        (0, 0) => "nothing to change".to_owned(),
        (steps, 0) => count(steps, "change"),
        (steps, held) => format!("{}, {held} held", count(steps, "change")),
    }
}

/// A change that waits, as the status says it too.
pub(super) fn held_text(held: &HeldLine) -> String {
    format!("held ({}): {}: {}", held.reason, held.line.text, held.message)
}

fn tone_of(action: Action) -> Tone {
    match action {
        Action::Create | Action::Adopt => Tone::Good,
        Action::Update => Tone::Open,
        Action::Release | Action::Delete => Tone::Bad,
    }
}

/// The answer for programs.
pub(super) fn json(answer: &Answer) -> Value {
    let changes = answer.stores.iter().any(StoreAnswer::has_changes);
    json!({
        "changes": changes,
        "stores": answer.stores.iter().map(store_json).collect::<Vec<_>>(),
        "notes": answer.notes,
    })
}

fn store_json(store: &StoreAnswer) -> Value {
    let mut value = json!({"namespace": store.name.namespace, "name": store.name.name});
    match &store.outcome {
        Outcome::Nothing(why) => value["nothing"] = json!(why),
        Outcome::Blocked(reason, message) => value["error"] = json!({"reason": reason, "message": message}),
        Outcome::Planned(plan) => value["plan"] = plan_json(plan),
    }
    value
}

fn plan_json(plan: &StorePlan) -> Value {
    let held = plan.held.iter().map(|held| {
        let mut value = line_json(&held.line);
        value["reason"] = json!(held.reason);
        value["message"] = json!(held.message);
        value
    });
    let pending = plan.pending.iter().map(|step| {
        json!({"name": step.name.to_string(), "value": step.value, "blocksLive": step.blocks_live, "how": step.how})
    });
    json!({
        "account": plan.account,
        "host": plan.host,
        "digest": plan.digest,
        "steps": plan.steps.iter().map(line_json).collect::<Vec<_>>(),
        "held": held.collect::<Vec<_>>(),
        "problems": plan.problems,
        "pendingSteps": pending.collect::<Vec<_>>(),
        "remarks": plan.remarks,
    })
}

fn line_json(line: &Line) -> Value {
    json!({
        "action": line.action.to_string(),
        "kind": line.kind,
        "name": line.name,
        "fields": line.fields,
        "text": line.text,
    })
}
