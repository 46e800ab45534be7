//! The rules and what they read.
//!
//! Must not depend on the operator: it reads text, so that it also judges sources that do not compile together.

pub(crate) mod imports;
mod paths;
pub(crate) mod shape;
pub(crate) mod signatures;
pub(crate) mod sizes;
mod source;
mod tokens;
pub(crate) mod words;

use std::fmt;

pub(crate) use source::{Source, read};

/// A place where a rule is broken.
#[derive(Debug)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    /// A finding in a source. The message says what is wrong and what to do.
    pub(crate) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// The lines a rule finds in a text that stands at a path: how the rules' own tests show them a violation.
#[cfg(test)]
fn found(rule: impl Fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> Vec<usize> {
    rule(&Source::parse(path, text).unwrap()).iter().map(|finding| finding.line).collect()
}
