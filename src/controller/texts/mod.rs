//! Texts for people: the catalogue of steps, reasons and profiles in the languages of the handover sheet.
//!
//! Why apart from the rules that open a step: whoever corrects a sentence reads no rule, and the compiler finds the word
//! that a language lacks, because every table is a `match` over the closed list. English is also what the status says.
//! Must not: decide anything, or name a store, a person or a host.

/// A text for each word of a closed list; the compiler names the word that has none.
macro_rules! table {
    ($(#[$doc:meta])* fn $name:ident($key:ident) -> $value:ty { $($word:ident => $text:expr,)* }) => {
        $(#[$doc])*
        pub(super) fn $name(key: $key) -> $value {
            match key {
                $($key::$word => $text,)*
            }
        }
    };
}

mod en;
mod es;
mod labels;
mod pt;
mod reasons_en;
mod reasons_es;
mod reasons_pt;
#[cfg(test)]
mod tests;

pub use labels::Label;

use crate::api::config_status::StepOwner;
use crate::api::policies::Language;
use crate::model::{Reason, StepName};

/// The languages there are.
pub const LANGUAGES: [Language; 3] = [Language::En, Language::Pt, Language::Es];

/// What a step says. `{value}` stands for what it confirms, `{entry}` for the entry it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepText {
    /// What to do, in a few words.
    pub title: &'static str,
    /// Why it is needed.
    pub why: &'static str,
    /// What to do, and what proves it done.
    pub how: &'static str,
}

impl StepText {
    const fn new(title: &'static str, why: &'static str, how: &'static str) -> Self {
        Self { title, why, how }
    }
}

/// What a step says.
pub fn step(language: Language, name: StepName) -> StepText {
    match language {
        Language::En => en::step(name),
        Language::Pt => pt::step(name),
        Language::Es => es::step(name),
    }
}

/// Who does a step, in words.
pub fn who(language: Language, who: StepOwner) -> &'static str {
    match language {
        Language::En => en::who(who),
        Language::Pt => pt::who(who),
        Language::Es => es::who(who),
    }
}

/// What a reason means, in one sentence.
pub fn reason(language: Language, reason: Reason) -> &'static str {
    match language {
        Language::En => reasons_en::reason(reason),
        Language::Pt => reasons_pt::reason(reason),
        Language::Es => reasons_es::reason(reason),
    }
}

/// A heading or a phrase of the sheet.
pub fn label(language: Language, label: Label) -> &'static str {
    match language {
        Language::En => en::label(label),
        Language::Pt => pt::label(label),
        Language::Es => es::label(label),
    }
}

/// Puts values into a text.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut rest = template;
    let mut text = String::with_capacity(template.len());
    // One pass, so that a value that looks like a placeholder stays what it is.
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) if values.iter().any(|(known, _)| *known == name) => {
                text.extend(values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value));
                rest = tail;
            }
            _ => {
                text.push('{');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}
