//! A document as a person works through it: files to save, files to edit, commands to run, in order.
//!
//! Rules of writing: a YAML block whose first line is `# NAME.yaml` is a file to save; one whose first line is
//! `# NAME.yaml, in spec:` replaces these fields in the `spec` of the store in that file, `null` takes one out. `sh` holds
//! commands, `console` commands after `$ ` and what they print. Must not: run anything, or know a document.

use std::fs;
use std::path::{Path, PathBuf};

/// The languages of code blocks; commands in another one would be run by nobody.
const LANGUAGES: [&str; 5] = ["sh", "console", "yaml", "text", "http"];

/// One document.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its path in the repository.
    pub(crate) path: String,
    /// What there is to do, in order.
    pub(crate) steps: Vec<Step>,
    /// The commands between backticks in the prose, with their lines.
    pub(crate) inline: Vec<(usize, String)>,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A section begins: the text of its heading.
    Section(String),
    /// Save a file: its name and its text.
    Save(String, String),
    /// Edit the store in a file: its name, and the fields of `spec` as YAML.
    Edit(String, String),
    /// Run a command.
    Run(Typed),
}

/// A command as it stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The line of its document.
    pub(crate) line: usize,
    /// Its text without the prompt; lines that end with a backslash are still several.
    pub(crate) text: String,
    /// The exit code: 0, or the number in a comment `# ends with N`.
    pub(crate) code: i32,
    /// What a `console` block shows that it prints.
    pub(crate) prints: Option<Vec<String>>,
}

impl Typed {
    /// The command without its comment and without line breaks.
    pub(crate) fn bare(&self) -> String {
        let lines = self.text.lines().map(|line| without_comment(line).trim_end_matches('\\').trim());
        lines.collect::<Vec<_>>().join(" ").trim().to_owned()
    }
}

/// A code block.
struct Block {
    language: String,
    /// The line of its first line of text.
    line: usize,
    text: Vec<String>,
}

impl Page {
    /// Reads a document of the repository.
    pub(crate) fn read(path: &str) -> Self {
        let text = fs::read_to_string(repository(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self::of(path, &text)
    }

    /// Reads a document's text.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let (blocks, prose) = split(path, text);
        let section = |(line, text): &(usize, String)| {
            Some((*line, vec![Step::Section(text.strip_prefix("## ")?.to_owned())]))
        };
        let mut placed: Vec<(usize, Vec<Step>)> = prose.iter().filter_map(section).collect();
        placed.extend(blocks.iter().map(|block| (block.line, steps_of(path, block))));
        placed.sort_by_key(|(line, _)| *line);
        let steps = placed.into_iter().flat_map(|(_, steps)| steps).collect();
        let inline = prose.iter().flat_map(|(line, text)| spans(text).map(|span| (*line, span)));
        Self { path: path.to_owned(), steps, inline: inline.collect() }
    }

    /// Its commands.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &Typed> {
        self.steps.iter().filter_map(|step| match step {
            Step::Run(typed) => Some(typed),
            Step::Section(_) | Step::Save(..) | Step::Edit(..) => None,
        })
    }
}

/// A path in the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every Markdown file of the repository, from its root, sorted.
pub(crate) fn all() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(repository(".").join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_ours = !["target", "node_modules", ".git"].contains(&name.as_str());
            if entry.file_type().unwrap().is_dir() && is_ours {
                folders.push(path);
            } else if name.ends_with(".md") {
                found.push(path.display().to_string());
            }
        }
    }
    found.sort();
    found
}

/// Code blocks, and the lines outside them.
fn split(path: &str, text: &str) -> (Vec<Block>, Vec<(usize, String)>) {
    let (mut blocks, mut prose) = (Vec::new(), Vec::new());
    let mut open: Option<(Block, usize)> = None;
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let fence = line.trim_start().strip_prefix("```");
        open = match (open, fence) {
            (None, Some(language)) => {
                let known = LANGUAGES.contains(&language);
                assert!(known, "{path}:{}: a block of `{language}`; write one of {LANGUAGES:?}", number + 1);
                Some((Block { language: language.to_owned(), line: number + 2, text: Vec::new() }, indent))
            }
            (None, None) => {
                prose.push((number + 1, line.to_owned()));
                None
            }
            (Some((block, _)), Some(_)) => {
                blocks.push(block);
                None
            }
            (Some((mut block, indent)), None) => {
                block.text.push(line.get(indent..).unwrap_or_default().to_owned());
                Some((block, indent))
            }
        };
    }
    assert!(open.is_none(), "{path}: the last code block has no end");
    (blocks, prose)
}

fn steps_of(path: &str, block: &Block) -> Vec<Step> {
    match block.language.as_str() {
        "sh" => typed(block, None),
        "console" => typed(block, Some("$ ")),
        "yaml" => file(path, block).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn file(path: &str, block: &Block) -> Option<Step> {
    let (first, rest) = block.text.split_first()?;
    let named = first.strip_prefix("# ").filter(|name| name.contains(".yaml"))?;
    let body = rest.join("\n") + "\n";
    let is_name = |name: &str| name.ends_with(".yaml") && !name.contains([' ', '/']);
    match named.strip_suffix(", in spec:") {
        Some(name) if is_name(name) => Some(Step::Edit(name.to_owned(), body)),
        None if is_name(named) => Some(Step::Save(named.to_owned(), body)),
        _ => panic!("{path}:{}: `{first}`; write `# NAME.yaml`, or `# NAME.yaml, in spec:`", block.line),
    }
}

/// The commands of a block; without a prompt every line is one, or a comment.
fn typed(block: &Block, prompt: Option<&str>) -> Vec<Step> {
    let mut commands: Vec<Typed> = Vec::new();
    let mut continues = false;
    for (offset, line) in block.text.iter().enumerate() {
        let command = match prompt {
            _ if continues => Some(line.as_str()),
            Some(prompt) => line.strip_prefix(prompt),
            None => Some(line.as_str()).filter(|line| !line.trim().is_empty() && !line.starts_with('#')),
        };
        match (command, commands.last_mut()) {
            (Some(text), Some(last)) if continues => last.text.push_str(&format!("\n{text}")),
            (Some(text), _) => {
                let prints = prompt.map(|_| Vec::new());
                commands.push(Typed { line: block.line + offset, text: text.to_owned(), code: 0, prints });
            }
            (None, Some(last)) => {
                if let Some(prints) = &mut last.prints {
                    prints.push(line.clone());
                }
            }
            (None, None) => {}
        }
        continues = command.is_some_and(|text| text.ends_with('\\'));
    }
    for command in &mut commands {
        command.code = documented_code(&command.text);
    }
    commands.into_iter().map(Step::Run).collect()
}

fn documented_code(text: &str) -> i32 {
    let Some((_, after)) = text.split_once("# ends with ") else { return 0 };
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_else(|_| panic!("`# ends with` needs an exit code: {text}"))
}

fn without_comment(line: &str) -> &str {
    line.split_once("  #").map_or(line, |(command, _)| command)
}

/// What stands between single backticks.
fn spans(line: &str) -> impl Iterator<Item = String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::{Page, Step};

    const TEXT: &str = "\
# A page

Save it, `kubectl get hsc`:

```yaml
# store.yaml
kind: X
```

   ```yaml
   # store.yaml, in spec:
   mode: Enforce
   ```

```yaml
kind: ForReadingOnly
```

```sh
# a comment
one --flag   # what it does
two \\
  --long     # ends with 2: it is so
```

```console
$ three
printed
...
$ four
```
";

    #[test]
    fn a_page_is_read_as_what_there_is_to_do() {
        let page = Page::of("page.md", TEXT);
        assert_eq!(page.steps[0], Step::Save("store.yaml".to_owned(), "kind: X\n".to_owned()));
        assert_eq!(page.steps[1], Step::Edit("store.yaml".to_owned(), "mode: Enforce\n".to_owned()));
        let commands: Vec<_> = page
            .commands()
            .map(|typed| (typed.line, typed.bare(), typed.code, typed.prints.clone()))
            .collect();
        assert_eq!(
            commands,
            [
                (21, "one --flag".to_owned(), 0, None),
                (22, "two --long".to_owned(), 2, None),
                (27, "three".to_owned(), 0, Some(vec!["printed".to_owned(), "...".to_owned()])),
                (30, "four".to_owned(), 0, Some(Vec::new())),
            ]
        );
        assert_eq!(page.inline, [(3, "kubectl get hsc".to_owned())]);
    }

    #[test]
    #[should_panic(expected = "page.md:1: a block of `bash`")]
    fn a_block_that_nobody_would_run_is_refused() {
        Page::of("page.md", "```bash\nrm x\n```\n");
    }
}
