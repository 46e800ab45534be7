//! Source files: found, parsed, and told apart from test code.
//!
//! Test code is exempt from most rules. It is a file `tests.rs` or below a folder `tests`, an item under `#[cfg(test)]`,
//! or a file that a `#[cfg(test)] mod name;` names.

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::Visit;

/// The folders that hold Rust sources of this workspace.
const FOLDERS: [&str; 5] = ["benches", "sandbox/src", "sandbox/tests", "src", "tests"];

/// A parsed source file.
pub(crate) struct Source {
    /// Where it is, from the root of the workspace, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
    /// Its syntax tree.
    pub(crate) file: syn::File,
    test_lines: Vec<RangeInclusive<usize>>,
    test_modules: Vec<String>,
    whole_test: bool,
}

impl Source {
    /// Parses a text as the file at this path.
    pub(crate) fn parse(path: &str, text: &str) -> Result<Self> {
        let file = syn::parse_file(text).with_context(|| format!("{path} does not parse"))?;
        let mut tests = Tests::default();
        tests.visit_file(&file);
        let whole_test =
            path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/");
        Ok(Self {
            path: path.to_owned(),
            text: text.to_owned(),
            file,
            test_lines: tests.lines,
            test_modules: tests.modules,
            whole_test,
        })
    }

    /// The module of the operator that the file belongs to (`model` for `src/model/agent.rs`), if it is of the operator.
    pub(crate) fn module(&self) -> Option<&str> {
        let rest = self.path.strip_prefix("src/")?;
        Some(rest.split(['/', '.']).next().unwrap_or(rest))
    }

    /// The file's place in its crate: `["model", "agent"]` for `src/model/agent.rs`.
    pub(crate) fn module_path(&self) -> Vec<String> {
        let rest = self.path.split_once("src/").map_or(self.path.as_str(), |(_, rest)| rest);
        let mut parts: Vec<String> = rest.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if parts.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
            parts.pop();
        }
        parts
    }

    /// Whether this line is test code.
    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.whole_test || self.test_lines.iter().any(|lines| lines.contains(&line))
    }

    /// Whether it lies below one of these folders (with `/` at the end) or is one of these files.
    pub(crate) fn is_in(&self, places: &[&str]) -> bool {
        places.iter().any(|place| self.path == *place || place.ends_with('/') && self.path.starts_with(place))
    }
}

/// Reads all sources below a root, sorted by path.
pub(crate) fn read(root: &Path) -> Result<Vec<Source>> {
    let mut paths = BTreeSet::new();
    for folder in FOLDERS {
        collect(root, folder, &mut paths)?;
    }
    let mut sources = Vec::new();
    for path in paths {
        let text = fs::read_to_string(root.join(&path)).with_context(|| format!("cannot read {path}"))?;
        sources.push(Source::parse(&path, &text)?);
    }
    mark_test_files(&mut sources);
    Ok(sources)
}

fn collect(root: &Path, folder: &str, paths: &mut BTreeSet<String>) -> Result<()> {
    if !root.join(folder).is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(root, &path, paths)?;
        } else if path.ends_with(".rs") {
            paths.insert(path);
        }
    }
    Ok(())
}

/// Follows `#[cfg(test)] mod name;` to the file or folder it names.
fn mark_test_files(sources: &mut [Source]) {
    let mut places = Vec::new();
    for source in sources.iter() {
        let folder = source.path.trim_end_matches(".rs");
        let folder =
            ["/mod", "/lib", "/main"].iter().find_map(|end| folder.strip_suffix(end)).unwrap_or(folder);
        for name in &source.test_modules {
            places.extend([format!("{folder}/{name}.rs"), format!("{folder}/{name}/")]);
        }
    }
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    for source in sources {
        source.whole_test |= source.is_in(&places);
    }
}

#[derive(Default)]
struct Tests {
    lines: Vec<RangeInclusive<usize>>,
    modules: Vec<String>,
}

impl<'ast> Visit<'ast> for Tests {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if attributes(item).iter().any(is_cfg_test) {
            let span = item.span();
            self.lines.push(span.start().line..=span.end().line);
            if let syn::Item::Mod(module) = item
                && module.content.is_none()
            {
                self.modules.push(module.ident.to_string());
            }
        } else {
            syn::visit::visit_item(self, item);
        }
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_cfg_test(attribute: &syn::Attribute) -> bool {
    let syn::Meta::List(list) = &attribute.meta else { return false };
    let words = list.tokens.to_string();
    list.path.is_ident("cfg") && words.contains("test") && !words.contains("not")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str, text: &str) -> Source {
        Source::parse(path, text).unwrap()
    }

    #[test]
    fn test_code_is_told_apart() {
        let text =
            "//! x\nfn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\n#[cfg(not(test))]\nfn c() {}\n";
        let source = parse("src/model/agent.rs", text);
        assert!(!source.is_test(2));
        assert!(source.is_test(3) && source.is_test(5));
        assert!(!source.is_test(8));
        assert!(parse("src/model/agent/tests.rs", "").is_test(1));
    }

    #[test]
    fn a_file_that_a_test_module_names_is_test_code() {
        let mut sources = vec![
            parse("src/plan/mod.rs", "#[cfg(test)]\nmod builders;\nmod order;\n"),
            parse("src/plan/builders.rs", "fn a() {}\n"),
            parse("src/plan/builders/agent.rs", "fn a() {}\n"),
            parse("src/plan/order.rs", "fn a() {}\n"),
        ];
        mark_test_files(&mut sources);
        let test: Vec<bool> = sources.iter().map(|source| source.is_test(1)).collect();
        assert_eq!(test, [true, true, true, false], "the first line of the first file is the attribute");
    }

    #[test]
    fn a_file_knows_its_module() {
        let place = |path: &str| {
            let source = parse(path, "");
            (source.module().map(str::to_owned), source.module_path().join("::"))
        };
        assert_eq!(place("src/model/agent.rs"), (Some("model".into()), "model::agent".into()));
        assert_eq!(place("src/provider/mod.rs"), (Some("provider".into()), "provider".into()));
        assert_eq!(place("src/main.rs"), (Some("main".into()), String::new()));
        assert_eq!(place("sandbox/src/main.rs"), (None, String::new()));
    }
}
