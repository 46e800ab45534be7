//! What is replaced in the documents' commands, and which commands no test runs.
//!
//! Why one place: everything by which a document's command differs from the one that is run stands here. Only hosts, values
//! of Secrets and words that the documents themselves name as the reader's own may be replaced. Must not: run anything.

use sandbox::adapter;
use sandbox::zendesk::{CLIENT_ID, CLIENT_SECRET};

use crate::pages::Typed;

/// A word of the documents and what stands for it in a test; below which path it holds.
pub(crate) const REPLACED: [(&str, &str, &str); 14] = [
    // Values of Secrets.
    ("", "the-identifier", CLIENT_ID),
    ("", "the-secret", CLIENT_SECRET),
    ("docs/guides/another-platform.md", "replace-me", adapter::TOKEN),
    ("docs/guides/another-platform.md", "replace-me-by-32-random-bytes", adapter::HMAC_KEY),
    // Names that the documents call the reader's own.
    ("docs/guides/troubleshooting.md", "NAMESPACE", "store-loja-centro"),
    ("docs/guides/troubleshooting.md", "NAME", "loja-centro"),
    ("docs/guides/operating.md", "NAMESPACE", "store-loja-centro"),
    ("docs/guides/operating.md", "STORE", "loja-centro"),
    ("docs/guides/operating.md", "ACCOUNT", "zendesk"),
    ("docs/runbooks/HumanSupportOperatorDown.md", "NAMESPACE", "humansupport-system"),
    ("docs/runbooks/", "NAMESPACE", "store-loja-centro"),
    ("docs/runbooks/", "NAME", "loja-centro"),
    ("docs/runbooks/", "ACCOUNT", "zendesk"),
    ("docs/runbooks/", "SECRET", "zendesk-credentials"),
];

/// The word for the id of the ticket field, which the helpdesk gives out.
pub(crate) const FIELD_ID: &str = "THE-FIELD-ID";

/// A command that no test runs, how it begins, and why.
pub(crate) const NOT_RUN: [(&str, &str); 10] = [
    ("cargo sandbox -- --exit-when-ready", "the step `sandbox` of .ci/run runs it"),
    ("cargo test --workspace", "the step `test` of .ci/run runs it, and this test within it"),
    ("cargo test -p human-support-operator --lib", "the step `test` of .ci/run runs these tests"),
    ("cargo check -p human-support-operator", "a build within a test of the same build"),
    ("cargo generate", "it writes into the repository; tests/generated.rs compares what it would write"),
    (".ci/run", "it runs this test"),
    ("CI_STEPS=\"format lint\" .ci/run", "it builds everything"),
    ("CI_STEPS=\"install image\" .ci/run", "it compiles for two processors; a job of its own runs it"),
    (
        "cargo install --locked --path .",
        "it builds for minutes; a session has the built program where it would be",
    ),
    ("kubectl --namespace NAMESPACE logs deployment/", "there is no kubelet here, and so no log of a pod"),
];

/// Whether a session runs the command. Helm is built from source, which only the feature `chart-checks` does.
pub(crate) fn is_run(typed: &Typed) -> bool {
    let bare = typed.bare();
    let excepted = NOT_RUN.iter().any(|(start, _)| bare.starts_with(start));
    !excepted && (cfg!(feature = "chart-checks") || !bare.starts_with("helm "))
}

/// The text of a document with the reader's own values, as far as they are known beforehand.
pub(crate) fn filled(path: &str, text: &str) -> String {
    let mut filled = text.to_owned();
    for (below, word, value) in REPLACED {
        if path.starts_with(below) {
            filled = with_word(&filled, word, value);
        }
    }
    filled
}

/// Whether the text has the word by itself.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    with_word(text, word, "") != text
}

/// The text with another word in place of one that stands by itself.
pub(crate) fn with_word(text: &str, word: &str, value: &str) -> String {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, after) = (&rest[..at], &rest[at + word.len()..]);
        out.push_str(before);
        let alone = !out.ends_with(is_part) && !after.starts_with(is_part);
        out.push_str(if alone { value } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::with_word;

    #[test]
    fn only_a_word_by_itself_is_replaced() {
        assert_eq!(with_word("NAME -n NAMESPACE hsc/NAME", "NAME", "loja"), "loja -n NAMESPACE hsc/loja");
        assert_eq!(
            with_word("token: replace-me\nkey: replace-me-too", "replace-me", "x"),
            "token: x\nkey: replace-me-too"
        );
    }
}
