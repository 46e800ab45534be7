//! `humansupport validate`: what the API server and the reconciler would refuse, said before anything is applied.
//!
//! Why: stores are onboarded by pull request, and a pull request has no cluster. Everything is found in one run: one
//! unreadable file or one broken document hides none of the others.
//! Must not: speak to a cluster or a helpdesk, or print an e-mail address.

mod check;
mod documents;
mod metadata;
mod render;
mod sources;
mod together;

use serde_json::Value;

use self::check::{Checker, Found};
use super::program::{Ending, Output, Program};
use super::terminal::{self, PrintError, Surroundings};
use crate::api::crd::CrdError;

/// What the verb takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// YAML or JSON files with any number of documents, directories, or `-` for standard input. Documents of other API
    /// groups are left to others.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// How the answer is written.
    #[arg(short, long, value_enum, default_value_t, value_name = "FORMAT")]
    output: Output,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// The definitions could not be made.
    #[error(transparent)]
    Definition(#[from] CrdError),
    /// The answer could not be written.
    #[error(transparent)]
    Print(#[from] PrintError),
}

/// Everything that was found out.
#[derive(Debug, Default)]
struct Report {
    /// The documents that are ours, in the order of the files.
    documents: Vec<Document>,
    /// The documents of other API groups.
    others: Vec<Value>,
    /// What could not be read, in whole sentences.
    unreadable: Vec<Unreadable>,
}

impl Report {
    fn is_well(&self) -> bool {
        self.unreadable.is_empty() && self.documents.iter().all(|document| document.found.problems.is_empty())
    }
}

/// A document of one of our kinds.
#[derive(Debug)]
struct Document {
    place: Place,
    value: Value,
    found: Found,
}

/// Something that is no document.
#[derive(Clone, Debug)]
struct Unreadable {
    place: Place,
    message: String,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// The file as it was named; `-` for standard input.
    file: String,
    /// The first line of the document, from 1; 0 for the file as a whole.
    line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// The documents of files that are all right, for verbs that go on with them.
#[derive(Debug, Default)]
pub struct Documents {
    /// Those of our kinds, in the order of the files.
    pub ours: Vec<Value>,
    /// Those of other API groups.
    pub others: Vec<Value>,
}

/// Reads files for a verb that goes on with them.
///
/// # Errors
/// In one sentence, when anything is wrong with any of them.
pub fn documents_of(files: &[String], program: Program) -> Result<Documents, String> {
    let report = check_all(files).map_err(|error| error.to_string())?;
    if let Some(unreadable) = report.unreadable.first() {
        return Err(format!("{}: {}", unreadable.place, unreadable.message));
    }
    let wrong: Vec<&Document> =
        report.documents.iter().filter(|document| !document.found.problems.is_empty()).collect();
    if let Some((document, problem)) =
        wrong.first().and_then(|document| Some((document, document.found.problems.first()?)))
    {
        let problems: usize = wrong.iter().map(|document| document.found.problems.len()).sum();
        let more = if problems > 1 { format!(" (and {} more)", problems - 1) } else { String::new() };
        return Err(format!(
            "{}: {}: {problem}{more}; correct it, `{program} validate` says all that is wrong",
            document.place,
            render::title(document)
        ));
    }
    let ours = report.documents.into_iter().map(|document| document.value).collect();
    Ok(Documents { ours, others: report.others })
}

/// The documents of a text.
///
/// # Errors
/// When one of them is none. The text is never quoted: it may hold a secret.
pub fn documents_in(text: &str) -> Result<Vec<Value>, String> {
    let parsed = documents::parse(text).into_iter().map(|parsed| {
        let place = format!("holds something at line {} that is no YAML document", parsed.line);
        parsed.value.map_err(|_| format!("{place}; write manifests as `kubectl apply` takes them"))
    });
    parsed.collect()
}

/// Checks files.
///
/// # Errors
/// When the answer cannot be written. What is wrong with the documents is the answer.
pub fn run(arguments: &Args, surroundings: Surroundings) -> Result<Ending, ValidateError> {
    let report = check_all(&arguments.files)?;
    match arguments.output {
        Output::Json => terminal::print_json(&render::json(&report))?,
        Output::Text => {
            terminal::print(&render::text(&report, surroundings.paint))?;
            for unreadable in &report.unreadable {
                terminal::note(format!(
                    "{}: {}: {}",
                    surroundings.program, unreadable.place, unreadable.message
                ));
            }
        }
    }
    Ok(if report.is_well() { Ending::Well } else { Ending::Refused })
}

fn check_all(files: &[String]) -> Result<Report, CrdError> {
    let checker = Checker::new()?;
    let mut report = Report::default();
    for source in sources::read(files) {
        let text = match source.text {
            Ok(text) => text,
            Err(message) => {
                let place = Place { file: source.name, line: 0 };
                report.unreadable.push(Unreadable { place, message });
                continue;
            }
        };
        for parsed in documents::parse(&text) {
            let place = Place { file: source.name.clone(), line: parsed.line };
            match parsed.value {
                Ok(value) => add(&checker, (place, value), &mut report),
                Err(message) => report.unreadable.push(Unreadable { place, message }),
            }
        }
    }
    together::check(&mut report.documents);
    Ok(report)
}

fn add(checker: &Checker, (place, value): (Place, Value), report: &mut Report) {
    if !value.is_object() {
        let message =
            "is not a Kubernetes object; write `apiVersion`, `kind`, `metadata` and `spec`".to_owned();
        report.unreadable.push(Unreadable { place, message });
        return;
    }
    match checker.check(&value) {
        Some(found) => report.documents.push(Document { place, value, found }),
        None => report.others.push(value),
    }
}
