//! Sizes of files and functions.

use syn::spanned::Spanned;
use syn::visit::Visit;

use super::{Finding, Source};

const MAX_FILE: usize = 400;
const MAX_FUNCTION: usize = 60;

/// A file has at most 400 lines, tests included.
pub(crate) fn files(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    if lines <= MAX_FILE {
        return Vec::new();
    }
    let message = format!(
        "{lines} lines, {MAX_FILE} are allowed: split it by what it is about; tests go to `tests.rs`"
    );
    vec![Finding::new(&source.path, MAX_FILE + 1, message)]
}

/// The adapter that people are shown as the smallest one that works: its contract and its desk. What serves them is the
/// frame that every simulator of the sandbox has.
const REFERENCE_ADAPTER: [&str; 2] = ["sandbox/src/adapter/contract.rs", "sandbox/src/adapter/desk.rs"];
const MAX_REFERENCE_ADAPTER: usize = 300;

/// The reference adapter has at most 300 lines in all, and every file of it is there.
pub(crate) fn reference_adapter(sources: &[Source]) -> Vec<Finding> {
    let mut lines = 0;
    for path in REFERENCE_ADAPTER {
        let Some(source) = sources.iter().find(|source| source.path == path) else {
            return vec![Finding::new(
                path,
                1,
                "it is not there: name the files of the reference adapter here",
            )];
        };
        lines += source.text.lines().count();
    }
    if lines <= MAX_REFERENCE_ADAPTER {
        return Vec::new();
    }
    let message = format!(
        "the reference adapter has {lines} lines, {MAX_REFERENCE_ADAPTER} are allowed: an adapter has to stay a day's work"
    );
    vec![Finding::new(REFERENCE_ADAPTER[0], 1, message)]
}

/// A function has at most 60 lines, from its signature to its last brace. Integration tests and benches are exempt.
pub(crate) fn functions(source: &Source) -> Vec<Finding> {
    if !source.is_in(&["src/", "sandbox/src/"]) {
        return Vec::new();
    }
    let mut functions = Functions::default();
    functions.visit_file(&source.file);
    let long = functions.0.into_iter().filter(|function| function.lines > MAX_FUNCTION);
    long.map(|Function { name, line, lines }| {
        let message =
            format!("`{name}` has {lines} lines, {MAX_FUNCTION} are allowed: split it into steps with names");
        Finding::new(&source.path, line, message)
    })
    .collect()
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

#[derive(Default)]
struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let line = signature.span().start().line;
        let lines = block.span().end().line + 1 - line;
        self.0.push(Function { name: signature.ident.to_string(), line, lines });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    fn function(lines: usize) -> String {
        format!("/// Documentation does not count.\nfn a() {{\n{}}}\n", "    b();\n".repeat(lines - 2))
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(found(files, "tests/a.rs", &"// x\n".repeat(401)), [401]);
        assert_eq!(found(files, "tests/a.rs", &"// x\n".repeat(400)), [0; 0]);
    }

    #[test]
    fn a_long_or_missing_reference_adapter_is_found() {
        let of = |path: &str, lines: usize| Source::parse(path, &"// x\n".repeat(lines)).unwrap();
        let [contract, desk] = REFERENCE_ADAPTER;
        assert!(
            reference_adapter(&[of(contract, 100), of("sandbox/src/a.rs", 100), of(desk, 200)]).is_empty()
        );
        assert_eq!(reference_adapter(&[of(contract, 100), of(desk, 201)]).len(), 1);
        assert_eq!(reference_adapter(&[of(contract, 100)]).len(), 1);
    }

    #[test]
    fn a_long_function_is_found_wherever_it_stands() {
        assert_eq!(found(functions, "src/a.rs", &function(61)), [2]);
        assert_eq!(found(functions, "src/a.rs", &function(60)), [0; 0]);
        assert_eq!(found(functions, "sandbox/src/a.rs", &format!("impl A {{\n{}}}\n", function(61))), [3]);
        assert_eq!(found(functions, "src/a.rs", &format!("trait A {{\n{}}}\n", function(61))), [3]);
        assert_eq!(found(functions, "src/a.rs", &format!("fn o() {{\n{}}}\n", function(61))), [1, 3]);
        assert_eq!(found(functions, "tests/a.rs", &function(61)), [0; 0]);
    }
}
