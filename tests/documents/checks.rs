//! No command of a document is left out, no exception is left over, and what cannot be run is spelled right at least.
//!
//! Must not: start a cluster.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use clap::Args as _;
use sandbox::control_plane::{Assets, Program};

use crate::pages::{self, Page, Typed, repository};
use crate::table::{self, NOT_RUN, REPLACED};

/// The document whose session needs Helm; `helm.rs` follows it.
pub(crate) const HELM: &str = "docs/guides/install-with-helm.md";

/// Documents that tell what was, not what to type.
const HISTORY: [&str; 2] = ["CHANGELOG.md", "docs/adr/"];

fn every_page() -> Vec<Page> {
    pages::all().iter().map(|path| Page::read(path)).collect()
}

#[test]
fn every_command_of_a_document_is_run_or_stands_in_the_table_of_exceptions() {
    let followed: Vec<&str> = [crate::FOLLOWED, &crate::WAITING, &[crate::tasks::PATH, HELM]].concat();
    let distinct: BTreeSet<&str> = followed.iter().copied().collect();
    assert_eq!(distinct.len(), followed.len(), "a document is followed twice: {followed:?}");
    for page in every_page() {
        let run = page.commands().find(|typed| table::is_run(typed));
        if let Some(typed) = run.filter(|_| !distinct.contains(page.path.as_str())) {
            panic!(
                "{}:{}: nobody runs `{}`: add the document to a session in tests/documents/main.rs, or the command to NOT_RUN",
                page.path,
                typed.line,
                typed.bare()
            );
        }
    }
}

#[test]
fn every_exception_and_every_replacement_is_still_needed() {
    let pages = every_page();
    for (start, why) in NOT_RUN {
        let used = pages.iter().any(|page| page.commands().any(|typed| typed.bare().starts_with(start)));
        assert!(used, "no document has a command `{start}…` any more, which was not run because: {why}");
    }
    for (below, word, _) in REPLACED {
        let has = |path: &String| {
            path.starts_with(below)
                && table::has_word(&std::fs::read_to_string(repository(path)).unwrap(), word)
        };
        assert!(pages::all().iter().any(has), "`{word}` is in no document below `{below}` any more");
    }
}

#[test]
fn what_the_workflow_runs_is_what_the_exceptions_say() {
    let script = std::fs::read_to_string(repository(".ci/run")).unwrap();
    for (step, command) in [
        ("sandbox", "cargo sandbox --locked --quiet -- --exit-when-ready"),
        ("test", "cargo test --workspace"),
    ] {
        let line = script.lines().find(|line| line.starts_with(&format!("step_{step}()"))).unwrap();
        assert!(line.contains(command), "{line}");
    }
}

#[tokio::test]
async fn commands_that_are_not_run_and_commands_in_the_prose_are_spelled_right() {
    let kubectl = Assets::from_environment().locate(&[Program::Kubectl]).await.unwrap().remove(0);
    let mut wrong = Vec::new();
    for page in every_page() {
        let in_blocks = page
            .commands()
            .filter(|typed| !table::is_run(typed))
            .map(|typed| (typed.line, Typed::bare(typed)));
        let is_history = HISTORY.iter().any(|path| page.path.starts_with(path));
        let in_prose = page.inline.iter().filter(|_| !is_history).cloned();
        for (line, command) in in_blocks.chain(in_prose) {
            let problems = misspelt(&command, &kubectl);
            wrong.extend(
                problems.into_iter().map(|problem| format!("{}:{line}: `{command}`: {problem}", page.path)),
            );
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "\n{}", wrong.join("\n"));
}

/// What is wrong with a command, as far as its own help tells; nothing for what is no command.
fn misspelt(command: &str, kubectl: &Path) -> Vec<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let binary = Path::new(env!("CARGO_BIN_EXE_humansupport"));
    match words.as_slice() {
        ["kubectl", "humansupport", rest @ ..] | ["humansupport", rest @ ..] => unknown_words(binary, rest),
        ["kubectl", "-n" | "--namespace", _, rest @ ..] | ["kubectl", rest @ ..] => {
            unknown_words(kubectl, rest)
        }
        ["cargo", "sandbox", "--", rest @ ..] => sandbox(rest),
        ["cargo", rest @ ..] => cargo(rest),
        [steps, ".ci/run"] if steps.starts_with("CI_STEPS=") => ci_steps(command),
        [".ci/run"] => ci_steps(""),
        [first, ..] if first.starts_with("CI_STEPS=") => ci_steps(command),
        _ => Vec::new(),
    }
}

/// The verb and the flags that a program's help does not have.
fn unknown_words(program: &Path, words: &[&str]) -> Vec<String> {
    let Some((verb, rest)) = words.split_first().filter(|(verb, _)| !verb.starts_with('-')) else {
        return Vec::new();
    };
    let output = Command::new(program).args([*verb, "--help"]).output().unwrap();
    if !output.status.success() || output.stdout.is_empty() {
        return vec![format!("no verb `{verb}`")];
    }
    let mut help = String::from_utf8(output.stdout).unwrap();
    if program.ends_with("kubectl") {
        let common = Command::new(program).arg("options").output().unwrap();
        help.push_str(&String::from_utf8(common.stdout).unwrap());
    }
    let known: BTreeSet<&str> =
        help.split([' ', '\n', ',', '=', '[', '<', '`', '.', ':', ';', '(', ')', '\'']).collect();
    let flags = rest.iter().filter(|word| word.starts_with('-') && word.len() > 1 && **word != "--");
    let names = flags.map(|word| word.split('=').next().unwrap_or_default());
    names.filter(|flag| !known.contains(flag)).map(|flag| format!("`{verb}` has no {flag}")).collect()
}

/// The sandbox's own parser.
fn sandbox(words: &[&str]) -> Vec<String> {
    let parser = clap::Command::new("sandbox").no_binary_name(true);
    let parsed = match words {
        ["zendesk", rest @ ..] => {
            sandbox::cli::zendesk::Args::augment_args(parser).try_get_matches_from(rest)
        }
        ["zenvia", rest @ ..] => sandbox::cli::zenvia::Args::augment_args(parser).try_get_matches_from(rest),
        ["adapter", rest @ ..] => {
            sandbox::cli::adapter::Args::augment_args(parser).try_get_matches_from(rest)
        }
        ["control-plane", ..] => return Vec::new(),
        rest => sandbox::demo::Arguments::augment_args(parser).try_get_matches_from(rest),
    };
    parsed.err().filter(clap::Error::use_stderr).map(|error| error.to_string()).into_iter().collect()
}

/// Packages, test targets and aliases that a cargo command names.
fn cargo(words: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let aliases = std::fs::read_to_string(repository(".cargo/config.toml")).unwrap();
    let usual = ["bench", "build", "check", "clippy", "deny", "fmt", "install", "run", "test"];
    if let Some(verb) = words.first().filter(|verb| !usual.contains(verb))
        && !aliases.contains(&format!("{verb} = "))
    {
        wrong.push(format!("`cargo {verb}` is no command and no alias"));
    }
    for pair in words.windows(2) {
        let known = match pair {
            ["-p" | "--package", name] => ["human-support-operator", "sandbox"].contains(name),
            ["--test", name] => {
                let places =
                    ["tests/{}.rs", "tests/{}/main.rs", "sandbox/tests/{}.rs", "sandbox/tests/{}/main.rs"];
                places.iter().any(|place| repository(&place.replace("{}", name)).is_file())
            }
            ["--bench", name] => {
                repository(&format!("benches/{name}.rs")).is_file()
                    || repository(&format!("benches/{name}")).is_dir()
            }
            _ => true,
        };
        if !known {
            wrong.push(format!("no `{}`", pair.join(" ")));
        }
    }
    wrong
}

/// The steps that `.ci/run` has.
fn ci_steps(command: &str) -> Vec<String> {
    let script = std::fs::read_to_string(repository(".ci/run")).unwrap();
    let steps = command.split('"').nth(1).unwrap_or_default().split_whitespace();
    let unknown = steps.filter(|step| !script.contains(&format!("step_{step}()")));
    unknown.map(|step| format!(".ci/run has no step `{step}`")).collect()
}
