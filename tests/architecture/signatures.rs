//! Parameters of functions.
//!
//! What a foreign trait asks for cannot be changed: implementations of traits are exempt, our traits themselves are not.

use syn::visit::Visit;

use super::{Finding, Source};

/// As `too-many-arguments-threshold` in `clippy.toml`, the receiver included.
const MAX_PARAMETERS: usize = 4;

/// At most four parameters, none of them a `bool`.
pub(crate) fn parameters(source: &Source) -> Vec<Finding> {
    if source.module().is_none() {
        return Vec::new();
    }
    let mut signatures = Signatures { source, findings: Vec::new() };
    signatures.visit_file(&source.file);
    signatures.findings
}

struct Signatures<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Signatures<'_> {
    fn judge(&mut self, signature: &syn::Signature) {
        let line = signature.ident.span().start().line;
        if self.source.is_test(line) {
            return;
        }
        let name = &signature.ident;
        let count = signature.inputs.len();
        if count > MAX_PARAMETERS {
            let message =
                format!("`{name}` has {count} parameters, {MAX_PARAMETERS} are allowed: make them a struct");
            self.findings.push(Finding::new(&self.source.path, line, message));
        }
        if signature.inputs.iter().any(is_bool) {
            let message = format!(
                "`{name}` takes a `bool`: a call does not show what it means; use an enum of two words"
            );
            self.findings.push(Finding::new(&self.source.path, line, message));
        }
    }
}

impl<'ast> Visit<'ast> for Signatures<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.judge(&function.sig);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.judge(&function.sig);
        syn::visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, implementation: &'ast syn::ItemImpl) {
        if implementation.trait_.is_none() {
            let functions = implementation.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) => Some(&function.sig),
                _ => None,
            });
            functions.for_each(|signature| self.judge(signature));
        }
        syn::visit::visit_item_impl(self, implementation);
    }
}

fn is_bool(parameter: &syn::FnArg) -> bool {
    let syn::FnArg::Typed(parameter) = parameter else { return false };
    matches!(&*parameter.ty, syn::Type::Path(path) if path.path.is_ident("bool"))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn too_many_parameters_and_bools_are_found() {
        let text = "//! x\nfn a(b: u8, c: u8, d: u8, e: u8, f: u8) {}\nimpl G {\n    fn h(&self, i: bool) {}\n}\n\
            trait J {\n    fn k(l: bool);\n}\nfn m(n: u8, o: u8, p: u8, q: u8) -> bool { true }\n";
        assert_eq!(found(parameters, "src/plan/mod.rs", text), [2, 4, 7]);
        assert_eq!(found(parameters, "sandbox/src/lib.rs", text), [0; 0]);
    }

    #[test]
    fn implementations_of_traits_and_tests_are_exempt() {
        let text = "//! x\nimpl Visitor for A {\n    fn visit_bool(self, value: bool) {}\n}\n\
            #[cfg(test)]\nmod tests {\n    fn b(c: bool) {}\n}\n";
        assert_eq!(found(parameters, "src/api/mod.rs", text), [0; 0]);
    }
}
