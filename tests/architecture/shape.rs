//! Names and headers of modules, and no statics.

use syn::spanned::Spanned;
use syn::visit::Visit;

use super::{Finding, Source};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 9] =
    ["util", "utils", "utility", "common", "helper", "helpers", "manager", "managers", "misc"];

/// No module has a name that fits anything.
pub(crate) fn names(source: &Source) -> Vec<Finding> {
    let message = |name: &str| format!("a module `{name}` collects anything: name it for what it is about");
    let of_path = source.path.trim_end_matches(".rs").split('/').filter(|part| EMPTY_NAMES.contains(part));
    let mut findings: Vec<Finding> =
        of_path.map(|name| Finding::new(&source.path, 1, message(name))).collect();
    let mut modules = Modules::default();
    modules.visit_file(&source.file);
    let inline = modules.0.iter().filter(|(name, _)| EMPTY_NAMES.contains(&name.as_str()));
    findings.extend(inline.map(|(name, line)| Finding::new(&source.path, *line, message(name))));
    findings
}

/// Every file starts with `//!`.
pub(crate) fn headers(source: &Source) -> Vec<Finding> {
    let first = source.text.lines().next().unwrap_or_default();
    if first.strip_prefix("//!").is_some_and(|rest| !rest.trim().is_empty()) {
        return Vec::new();
    }
    let message = "start the file with `//!`: what it is, why it exists, what it must not do";
    vec![Finding::new(&source.path, 1, message)]
}

/// The operator has no global state.
pub(crate) fn statics(source: &Source) -> Vec<Finding> {
    if source.module().is_none() {
        return Vec::new();
    }
    let mut statics = Statics::default();
    statics.visit_file(&source.file);
    let message = "statics are hidden arguments: make it a `const` or pass it";
    let lines = statics.0.into_iter().filter(|line| !source.is_test(*line));
    lines.map(|line| Finding::new(&source.path, line, message)).collect()
}

#[derive(Default)]
struct Modules(Vec<(String, usize)>);

impl<'ast> Visit<'ast> for Modules {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_some() {
            self.0.push((module.ident.to_string(), module.ident.span().start().line));
        }
        syn::visit::visit_item_mod(self, module);
    }
}

#[derive(Default)]
struct Statics(Vec<usize>);

impl<'ast> Visit<'ast> for Statics {
    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.0.push(item.static_token.span().start().line);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        if called.path.segments.last().is_some_and(|segment| segment.ident == "thread_local") {
            self.0.push(called.span().start().line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn empty_names_are_found() {
        assert_eq!(found(names, "src/provider/util.rs", "//! x\n"), [1]);
        assert_eq!(found(names, "src/helpers/mod.rs", "//! x\n"), [1]);
        assert_eq!(found(names, "src/plan/mod.rs", "//! x\nmod common {}\n"), [2]);
        assert_eq!(found(names, "src/plan/order.rs", "//! x\nmod tests {}\n"), [0; 0]);
    }

    #[test]
    fn a_missing_header_is_found() {
        assert_eq!(found(headers, "src/a.rs", "fn a() {}\n"), [1]);
        assert_eq!(found(headers, "src/a.rs", "//!\nfn a() {}\n"), [1]);
        assert_eq!(found(headers, "src/a.rs", "// a comment\n"), [1]);
        assert_eq!(found(headers, "src/a.rs", "//! What it is.\n"), [0; 0]);
    }

    #[test]
    fn statics_are_found() {
        let text =
            "//! x\nstatic A: u8 = 1;\nconst B: &'static str = \"\";\nthread_local! { static C: u8 = 1; }\n";
        assert_eq!(found(statics, "src/plan/mod.rs", text), [2, 4]);
        assert_eq!(found(statics, "sandbox/src/lib.rs", text), [0; 0]);
    }
}
