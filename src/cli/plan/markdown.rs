//! A plan as a comment of a pull request.
//!
//! Everything that comes from outside stands in a code block that it cannot end, and whatever looks like an e-mail address
//! is replaced: a pull request may be public. Must not: leave out a change.

use super::answer::{Answer, Outcome, StoreAnswer, StorePlan};
use super::render::{held_text, summary};
use crate::cli::terminal::harmless;
use crate::plan::Action;

/// What the comment begins with, so that a later run finds and replaces it.
const MARKER: &str = "<!-- humansupport plan -->";

/// The comment.
pub(super) fn of(answer: &Answer) -> String {
    let mut text = format!("{MARKER}\n### Human support: {}\n", headline(answer));
    for store in &answer.stores {
        text.push_str(&section(store));
    }
    for note in &answer.notes {
        text.push_str(&format!("\n> {}\n", inline(note)));
    }
    text
}

fn headline(answer: &Answer) -> String {
    let failed = answer.stores.iter().filter(|store| store.error().is_some()).count();
    let changed = answer.stores.iter().filter(|store| store.has_changes()).count();
    let stores = answer.stores.len();
    match (failed, changed) {
        (0, 0) => format!("nothing changes in {stores} store(s)"),
        (0, _) => format!("{changed} of {stores} store(s) change"),
        _ => format!("{failed} of {stores} store(s) cannot be planned"),
    }
}

fn section(store: &StoreAnswer) -> String {
    match &store.outcome {
        Outcome::Nothing(why) => format!("\n**`{}`**: {why}\n", inline(&store.name.to_string())),
        Outcome::Blocked(reason, message) => {
            format!(
                "\n**`{}`** cannot be planned (`{reason}`):\n\n{}",
                inline(&store.name.to_string()),
                block(&[format!("! {message}")])
            )
        }
        Outcome::Planned(plan) => planned(store, plan),
    }
}

fn planned(store: &StoreAnswer, plan: &StorePlan) -> String {
    let name = inline(&store.name.to_string());
    let mut text = format!("\n**`{name}`** on `{}`: {}\n", inline(&plan.host), summary(plan));
    let steps = plan.steps.iter().map(|line| format!("{} {}", sign(line.action), line.text));
    let held = plan.held.iter().map(|held| format!("! {}", held_text(held)));
    let problems = plan.problems.iter().map(|problem| format!("! problem: {problem}"));
    let lines: Vec<String> = steps.chain(held).chain(problems).collect();
    if !lines.is_empty() {
        text.push_str(&format!("\n{}", block(&lines)));
    }
    for remark in &plan.remarks {
        text.push_str(&format!("\n> {}\n", inline(remark)));
    }
    if !plan.pending.is_empty() {
        let steps = plan.pending.iter().map(|step| format!("{} \"{}\": {}", step.name, step.value, step.how));
        text.push_str(&format!("\nSteps for people:\n\n{}", block(&steps.collect::<Vec<_>>())));
    }
    if store.has_changes() {
        text.push_str(&format!(
            "\nDigest, to approve exactly this plan: `humansupport.dev/approve-plan: \"{}\"`\n",
            plan.digest
        ));
    }
    text
}

/// The signs that a `diff` block is colored by.
fn sign(action: Action) -> char {
    match action {
        Action::Create | Action::Adopt => '+',
        Action::Update => '!',
        Action::Release | Action::Delete => '-',
    }
}

/// A code block that no line can end.
fn block(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| one_line(line).replace("```", "'''")).collect();
    format!("```diff\n{}\n```\n", lines.join("\n"))
}

/// Text outside a code block: nothing in it is markup, a code span aside.
fn inline(text: &str) -> String {
    one_line(text).replace('<', "&lt;").replace('[', "\\[").replace('!', "\\!")
}

fn one_line(text: &str) -> String {
    let words: Vec<String> = harmless(text).split_whitespace().map(without_address).collect();
    words.join(" ")
}

/// A word, or that an address stood there.
fn without_address(word: &str) -> String {
    let is_address = word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
    if is_address { "(address not shown)".to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_the_end_of_a_block_do_not_get_through() {
        let text = block(&["+ create Agent/ana ana@loja.example ```\n# more".to_owned()]);
        assert_eq!(text, "```diff\n+ create Agent/ana (address not shown) ''' # more\n```\n");
    }

    #[test]
    fn text_outside_a_block_is_no_markup() {
        assert_eq!(inline("<img src=x> [a](b) !c"), "&lt;img src=x> \\[a](b) \\!c");
    }
}
