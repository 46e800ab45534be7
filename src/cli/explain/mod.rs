//! `humansupport explain`: what a word in a condition, a problem or an event means, and what to do.
//!
//! Why: a reason is one word, and who meets it at night needs a paragraph without a browser. `docs/reference/reasons`
//! is written by this verb, so that the two cannot differ.
//! Must not: speak to a cluster; the sentence about the very store is in its status.

mod conditions;
mod entries;
mod events;
mod reasons;

use serde_json::{Value, json};

use super::program::{Ending, Program};
use super::terminal::{self, Paint, PrintError, Surroundings, Tone};
use super::words;

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// A reason, a type of condition, or a reason of an event; without it all of them.
    #[arg(value_name = "REASON")]
    word: Option<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Format,
}

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For documentation.
    Markdown,
}

/// Why a word could not be explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// It is no word of ours.
    #[error("`{word}` is no reason, condition or event of humansupport.dev; {advice}")]
    Unknown {
        /// The word.
        word: String,
        /// What to try.
        advice: String,
    },
    /// The answer could not be written.
    #[error(transparent)]
    Print(#[from] PrintError),
}

/// What a word means.
#[derive(Clone, Copy, Debug)]
struct Paragraph<W> {
    word: W,
    meaning: &'static str,
    action: &'static str,
}

/// Where a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Reason,
    Condition,
    Event,
}

impl Family {
    fn title(self) -> &'static str {
        match self {
            Self::Reason => "Reasons of conditions and problems",
            Self::Condition => "Types of conditions",
            Self::Event => "Reasons of events",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Condition => "condition",
            Self::Event => "event",
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    family: Family,
    paragraph: Paragraph<&'static str>,
}

/// Explains a word, or all.
///
/// # Errors
/// When the word is unknown: then the nearest one is named.
pub fn run(arguments: &Args, surroundings: Surroundings) -> Result<Ending, ExplainError> {
    let all = entries();
    let chosen: Vec<Entry> = match &arguments.word {
        None => all,
        Some(word) => {
            let found: Vec<Entry> =
                all.iter().filter(|entry| entry.paragraph.word.eq_ignore_ascii_case(word)).copied().collect();
            if found.is_empty() {
                return Err(unknown(word, &all, surroundings.program));
            }
            found
        }
    };
    match (arguments.output, &arguments.word) {
        (Format::Json, _) => terminal::print_json(&json!(chosen.iter().map(as_json).collect::<Vec<_>>()))?,
        (Format::Markdown, _) => terminal::print(&markdown(&chosen))?,
        (Format::Text, Some(_)) => terminal::print(&text(&chosen, surroundings.paint))?,
        (Format::Text, None) => terminal::print(&list(&chosen, surroundings.paint))?,
    }
    Ok(Ending::Well)
}

fn unknown(word: &str, all: &[Entry], program: Program) -> ExplainError {
    let advice = match words::nearest(word, all.iter().map(|entry| entry.paragraph.word)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("`{program} explain` lists them all"),
    };
    ExplainError::Unknown { word: word.to_owned(), advice }
}

/// All words, by family and then in alphabetical order.
fn entries() -> Vec<Entry> {
    fn of<W: Copy>(
        family: Family,
        paragraphs: &[Paragraph<W>],
        text: fn(W) -> &'static str,
    ) -> impl Iterator<Item = Entry> {
        paragraphs.iter().map(move |Paragraph { word, meaning, action }| Entry {
            family,
            paragraph: Paragraph { word: text(*word), meaning, action },
        })
    }
    let conditions = of(Family::Condition, conditions::CONDITIONS, |word| word.as_str());
    let stores = of(Family::Reason, reasons::OF_STORES, |word| word.as_str());
    let single = of(Family::Reason, entries::OF_ENTRIES, |word| word.as_str());
    let events = of(Family::Event, events::EVENTS, |word| word.as_str());
    let mut entries: Vec<Entry> = conditions.chain(stores).chain(single).chain(events).collect();
    let place =
        |family: Family| [Family::Condition, Family::Reason, Family::Event].iter().position(|f| *f == family);
    entries.sort_by_key(|entry| (place(entry.family), entry.paragraph.word));
    entries
}

fn text(entries: &[Entry], paint: Paint) -> String {
    let blocks = entries.iter().map(|Entry { family, paragraph: Paragraph { word, meaning, action } }| {
        let head = format!("{} ({})", paint.tone(Tone::Heading, word), family.name());
        format!("{head}\n{meaning}\nWhat to do: {action}\n")
    });
    blocks.collect::<Vec<_>>().join("\n")
}

/// One line for each word.
fn list(entries: &[Entry], paint: Paint) -> String {
    let width = entries.iter().map(|entry| entry.paragraph.word.len()).max().unwrap_or_default();
    let mut text = String::new();
    let mut family = None;
    for entry in entries {
        if family != Some(entry.family) {
            let space = if family.is_some() { "\n" } else { "" };
            text.push_str(&format!("{space}{}\n", paint.tone(Tone::Heading, entry.family.title())));
            family = Some(entry.family);
        }
        text.push_str(&format!("  {:width$}  {}\n", entry.paragraph.word, entry.paragraph.meaning));
    }
    text
}

fn as_json(entry: &Entry) -> Value {
    let Paragraph { word, meaning, action } = entry.paragraph;
    json!({"word": word, "family": entry.family.name(), "meaning": meaning, "action": action})
}

fn markdown(entries: &[Entry]) -> String {
    let mut text = String::from("# Conditions, reasons and events\n\n");
    text.push_str("Written by `humansupport explain --output markdown`; a test compares the two.\n");
    let mut family = None;
    for entry in entries {
        if family != Some(entry.family) {
            text.push_str(&format!("\n## {}\n\n", entry.family.title()));
            text.push_str("| word | what it means | what to do |\n|---|---|---|\n");
            family = Some(entry.family);
        }
        let Paragraph { word, meaning, action } = entry.paragraph;
        text.push_str(&format!("| `{word}` | {meaning} | {action} |\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::api::conditions::ConditionType;
    use crate::model::{EventReason, Reason};

    fn words(family: Family) -> Vec<&'static str> {
        let entries = entries();
        entries.iter().filter(|entry| entry.family == family).map(|entry| entry.paragraph.word).collect()
    }

    fn assert_each_once(family: Family, all: BTreeSet<&'static str>) {
        let explained = words(family);
        let distinct: BTreeSet<_> = explained.iter().copied().collect();
        assert_eq!(distinct.len(), explained.len(), "{family:?}: a word is explained twice");
        assert_eq!(distinct, all);
    }

    #[test]
    fn every_reason_condition_and_event_has_one_paragraph() {
        assert_each_once(Family::Reason, Reason::ALL.iter().map(|word| word.as_str()).collect());
        assert_each_once(Family::Condition, ConditionType::ALL.iter().map(|word| word.as_str()).collect());
        assert_each_once(Family::Event, EventReason::ALL.iter().map(|word| word.as_str()).collect());
    }

    #[test]
    fn a_paragraph_is_whole_sentences_and_fits_into_a_table() {
        for Entry { paragraph: Paragraph { word, meaning, action }, .. } in entries() {
            for sentence in [meaning, action] {
                assert!(
                    sentence.ends_with(['.', '?']) && !sentence.contains(['|', '\n']),
                    "{word}: {sentence}"
                );
            }
        }
    }
}
