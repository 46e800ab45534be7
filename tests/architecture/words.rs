//! Words that must not appear: what is impure in `model` and `plan`, vendors' words there, and unfinished work anywhere.
//!
//! Documentation and text in quotes are no words, so that a comment may cite a vendor.

use super::tokens::words;
use super::{Finding, Source};

const PURE: [&str; 2] = ["src/model/", "src/plan/"];

/// What waits, looks at the world, or has no order.
const IMPURE: [&str; 15] = [
    "async",
    "await",
    "tokio",
    "futures",
    "tracing",
    "log",
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
    "Timestamp",
    "env",
    "rand",
    "fs",
    "net",
];

/// Names of vendors and the words of their interfaces for what we call department, agent, conversation, route and
/// profile. Compared part by part: `ticket_id` and `TicketId` both contain `ticket`.
const VENDOR: [&str; 16] = [
    "zendesk",
    "zenvia",
    "group",
    "groups",
    "ticket",
    "tickets",
    "assignee",
    "requester",
    "organization",
    "subdomain",
    "sunshine",
    "atendente",
    "ativo",
    "departamento",
    "agente",
    "conversas",
];

/// Words that users read and that have to say what the vendor calls the thing, because a person looks for it there.
const SHOWN_TO_USERS: [&str; 1] = ["SendTicketFieldId"];

/// `model` and `plan` do not wait, log, read a clock or the environment, and have no unordered collections.
pub(crate) fn pure(source: &Source) -> Vec<Finding> {
    let message = |word: &str| {
        format!(
            "`{word}` has no place in `model` and `plan`: take a value as an argument; use sorted collections"
        )
    };
    named(source, &PURE, |word| IMPURE.contains(&word).then(|| message(word)))
}

/// Vendor words stop at a vendor's `convert`.
pub(crate) fn vendor(source: &Source) -> Vec<Finding> {
    named(source, &PURE, |word| {
        if SHOWN_TO_USERS.contains(&word) {
            return None;
        }
        let part = parts(word).into_iter().find(|part| VENDOR.contains(&part.as_str()))?;
        Some(format!(
            "`{word}` holds the vendor word `{part}`: use the word of the model (`facts/domain.md`)"
        ))
    })
}

/// Nothing is left to do on the main branch. Reads the text, because comments are where such words are.
pub(crate) fn unfinished(source: &Source) -> Vec<Finding> {
    // Written in two pieces, so that the rule does not find itself.
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let is_mark = |word: &str| marks.contains(&word);
    let lines = source.text.lines().enumerate();
    lines
        .filter(|(_, line)| line.split(|c: char| !c.is_alphanumeric() && c != '_').any(is_mark))
        .map(|(index, _)| {
            Finding::new(&source.path, index + 1, "finish it, or open an issue and say so there")
        })
        .collect()
}

fn named(source: &Source, places: &[&str], judge: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    if !source.is_in(places) {
        return Vec::new();
    }
    words(source)
        .iter()
        .filter(|word| !source.is_test(word.line))
        .filter_map(|word| judge(&word.text).map(|message| Finding::new(&source.path, word.line, message)))
        .collect()
}

/// The parts of a name in lower case: `TicketId` and `ticket_id` are `ticket` and `id`.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = '_';
    for c in name.chars() {
        // `ID` stays one part; `ticketId` and `ticket_id` are two.
        if c == '_' || (c.is_uppercase() && before.is_lowercase()) {
            parts.push(String::new());
        }
        if c != '_'
            && let Some(last) = parts.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn impure_words_in_model_and_plan_are_found() {
        let text = "//! async in documentation is fine\nuse std::collections::HashMap;\nasync fn a() {}\n\
            fn b() { tracing::warn!(\"c\"); }\n";
        assert_eq!(found(pure, "src/plan/order.rs", text), [2, 3, 4]);
        assert_eq!(found(pure, "src/controller/mod.rs", text), [0; 0]);
    }

    #[test]
    fn impure_words_in_tests_are_allowed() {
        let text = "//! x\n#[cfg(test)]\nmod tests {\n    use std::collections::HashSet;\n}\n";
        assert_eq!(found(pure, "src/plan/order.rs", text), [0; 0]);
    }

    #[test]
    fn vendor_words_in_names_are_found_and_in_documentation_not() {
        let text = "//! A Zendesk group\nstruct TicketField;\n/// A ticket\nfn a(group_id: u64) {}\n\
            fn b() { let regroup = \"zendesk\"; }\nword! { Zenvia }\n";
        assert_eq!(found(vendor, "src/model/agent.rs", text), [2, 4, 6]);
        assert_eq!(found(vendor, "src/provider/zendesk/convert.rs", text), [0; 0]);
    }

    #[test]
    fn names_are_taken_apart() {
        assert_eq!(parts("TicketId"), ["ticket", "id"]);
        assert_eq!(parts("ticket_id"), ["ticket", "id"]);
        assert_eq!(parts("regroup"), ["regroup"]);
    }

    #[test]
    fn unfinished_work_is_found() {
        let text =
            format!("//! x\n// {}: later\nfn a() {{}} // {}\n", concat!("TO", "DO"), concat!("FIX", "ME"));
        assert_eq!(found(unfinished, "tests/a.rs", &text), [2, 3]);
        assert_eq!(found(unfinished, "src/a.rs", "//! x\n// todo lists are fine\n"), [0; 0]);
    }
}
