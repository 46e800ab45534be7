//! The answer of `validate`, for people and for programs.

use serde_json::{Value, json};

use super::{Document, Report};
use crate::cli::terminal::{Paint, Tone, harmless};

/// The answer for people. What could not be read is said on standard error.
pub(super) fn text(report: &Report, paint: Paint) -> String {
    let mut text = String::new();
    for document in &report.documents {
        let Identity { kind, name } = Identity::of(document);
        let (tone, verdict) = match document.found.problems.len() {
            0 => (Tone::Good, "valid".to_owned()),
            1 => (Tone::Bad, "1 problem".to_owned()),
            count => (Tone::Bad, format!("{count} problems")),
        };
        let place = harmless(&document.place.to_string());
        text.push_str(&format!("{place}: {kind} {name}: {}\n", paint.tone(tone, verdict)));
        for problem in &document.found.problems {
            text.push_str(&format!("  {}\n", harmless(&problem.to_string())));
        }
        for hint in &document.found.hints {
            text.push_str(&format!("  {}: {hint}\n", paint.tone(Tone::Open, "hint")));
        }
    }
    text + &summary(report)
}

fn summary(report: &Report) -> String {
    let wrong = report.documents.iter().filter(|document| !document.found.problems.is_empty()).count();
    let mut parts = vec![
        count(
            report.documents.len(),
            "document of humansupport.dev checked",
            "documents of humansupport.dev checked",
        ),
        format!("{wrong} with problems"),
    ];
    if !report.others.is_empty() {
        parts.push(format!("{} of other API groups left out", report.others.len()));
    }
    if !report.unreadable.is_empty() {
        parts.push(format!("{} not readable", report.unreadable.len()));
    }
    parts.join(", ") + "\n"
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Kind and name of a document, as people are told of it.
pub(super) fn title(document: &Document) -> String {
    let Identity { kind, name } = Identity::of(document);
    format!("{kind} {name}")
}

/// The answer for programs.
pub(super) fn json(report: &Report) -> Value {
    let documents = report.documents.iter().map(|document| {
        let problems = document.found.problems.iter();
        let metadata = &document.value["metadata"];
        json!({
            "file": document.place.file,
            "line": document.place.line,
            "kind": document.value["kind"],
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "valid": document.found.problems.is_empty(),
            "problems": problems
                .map(|problem| json!({"field": problem.field, "message": problem.message}))
                .collect::<Vec<_>>(),
            "hints": document.found.hints,
        })
    });
    let unreadable = report.unreadable.iter().map(|unreadable| {
        json!({"file": unreadable.place.file, "line": unreadable.place.line, "message": unreadable.message})
    });
    json!({
        "valid": report.is_well(),
        "documents": documents.collect::<Vec<_>>(),
        "unreadable": unreadable.collect::<Vec<_>>(),
        "others": report.others.len(),
    })
}

struct Identity {
    kind: String,
    name: String,
}

impl Identity {
    fn of(document: &Document) -> Self {
        let text = |value: &Value, missing: &str| match value.as_str() {
            Some(text) if !text.is_empty() => harmless(text),
            _ => missing.to_owned(),
        };
        let metadata = &document.value["metadata"];
        let name = text(&metadata["name"], "(no name)");
        let name = match metadata["namespace"].as_str() {
            Some(namespace) => format!("{}/{name}", harmless(namespace)),
            None => name,
        };
        Self { kind: text(&document.value["kind"], "(no kind)"), name }
    }
}
