//! Every language has every text, with the same placeholders and its own words.

use std::collections::BTreeSet;

use super::*;

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

/// Words in back-quotes name fields and values: they are not translated.
fn quoted(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn texts_of(language: Language) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for name in StepName::ALL {
        let StepText { title, why, how } = step(language, name);
        let parts = [("title", title), ("why", why), ("how", how)];
        texts.extend(parts.map(|(part, text)| (format!("{name}.{part}"), text.to_owned())));
    }
    texts.extend(Label::ALL.map(|name| (format!("{name:?}"), label(language, name).to_owned())));
    texts.extend(Reason::ALL.iter().map(|name| (name.to_string(), reason(language, *name).to_owned())));
    let owners = [StepOwner::Store, StepOwner::Partner, StepOwner::PlatformTeam, StepOwner::BotOperator];
    texts.extend(owners.map(|name| (format!("{name:?}"), who(language, name).to_owned())));
    texts
}

#[test]
fn no_text_is_missing_in_any_language_and_placeholders_and_names_agree() {
    let english = texts_of(Language::En);
    for language in LANGUAGES {
        for ((key, text), (_, original)) in texts_of(language).iter().zip(&english) {
            assert!(!text.trim().is_empty(), "{language:?} {key} is empty");
            assert_eq!(text.trim(), text, "{language:?} {key}");
            assert_eq!(placeholders(text), placeholders(original), "{language:?} {key}: placeholders");
            assert_eq!(quoted(text), quoted(original), "{language:?} {key}: names in back-quotes");
        }
    }
}

#[test]
fn whole_sentences_are_translated_and_not_copied() {
    let english = texts_of(Language::En);
    for language in [Language::Pt, Language::Es] {
        for ((key, text), (_, original)) in texts_of(language).iter().zip(&english) {
            let is_sentence = original.split(' ').count() > 3;
            assert!(!is_sentence || text != original, "{language:?} {key} is still in English");
        }
    }
}

#[test]
fn texts_of_steps_use_the_placeholders_that_a_step_can_fill() {
    for name in StepName::ALL {
        let StepText { title, why, how } = step(Language::En, name);
        for placeholder in [title, why, how].into_iter().flat_map(placeholders) {
            assert!(["value", "entry"].contains(&placeholder), "{name}: {placeholder}");
        }
    }
}

#[test]
fn a_value_that_looks_like_a_placeholder_stays_what_it_is() {
    let filled = fill("{entry} and {value}, {other} {", &[("entry", "{value}"), ("value", "x")]);
    assert_eq!(filled, "{value} and x, {other} {");
}
