//! Words and paths as they stand in the source, with their lines: also what macros are given, which no syntax tree shows.
//!
//! Text in quotes and documentation are no words.

use proc_macro2::{Spacing, TokenStream, TokenTree};

use super::Source;

/// A word of the source.
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// All identifiers and keywords of a file.
pub(crate) fn words(source: &Source) -> Vec<Word> {
    let mut words = Vec::new();
    let stream = source.text.parse().unwrap_or_default();
    collect(stream, &mut |parts, line| {
        words.extend(parts.iter().map(|text| Word { text: text.clone(), line }));
    });
    words
}

/// Calls back for each run of identifiers that are joined by `::`; a single identifier is a run of one.
pub(crate) fn collect(stream: TokenStream, run: &mut impl FnMut(&[String], usize)) {
    let mut parts: Vec<String> = Vec::new();
    let mut line = 0;
    let mut colons = 0;
    for token in stream {
        match token {
            TokenTree::Ident(ident) => {
                if colons != 2 && !parts.is_empty() {
                    run(&parts, line);
                    parts.clear();
                }
                if parts.is_empty() {
                    line = ident.span().start().line;
                }
                parts.push(ident.to_string().trim_start_matches("r#").to_owned());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                let joint = punct.spacing() == Spacing::Joint;
                colons = if joint || colons == 2 { colons } else { 0 };
            }
            other => {
                if !parts.is_empty() {
                    run(&parts, line);
                    parts.clear();
                }
                colons = 0;
                if let TokenTree::Group(group) = other {
                    collect(group.stream(), run);
                }
            }
        }
    }
    if !parts.is_empty() {
        run(&parts, line);
    }
}

#[test]
fn runs_are_joined_by_double_colons_only() {
    let mut runs = Vec::new();
    let stream: TokenStream = "a::b::c(d: e, f::<g>::h) \"i::j\"".parse().unwrap();
    collect(stream, &mut |parts, _| runs.push(parts.join("::")));
    assert_eq!(runs, ["a::b::c", "d", "e", "f", "g", "h"]);
}
