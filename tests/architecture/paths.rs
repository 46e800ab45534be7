//! Every path that a file names outside of its test code: in `use`, in code, and inside macros.
//!
//! Paths are made absolute: `crate`, `self`, `super` and our own crate's name become `crate::…`.

use proc_macro2::Span;
use syn::visit::Visit;

use super::{Source, tokens};

/// Our own crate, as the binary and others call it.
pub(crate) const OPERATOR: &str = "human_support_operator";

/// A path that a file names.
#[derive(Debug)]
pub(crate) struct Mention {
    pub(crate) parts: Vec<String>,
    pub(crate) line: usize,
}

impl Mention {
    /// Whether it starts with these parts.
    pub(crate) fn starts_with(&self, prefix: &[&str]) -> bool {
        self.parts.len() >= prefix.len() && self.parts.iter().zip(prefix).all(|(part, wanted)| part == wanted)
    }
}

/// All paths outside of test code.
pub(crate) fn mentions(source: &Source) -> Vec<Mention> {
    let mut visitor = Paths { place: source.module_path(), mentions: Vec::new() };
    visitor.visit_file(&source.file);
    visitor.mentions.retain(|mention| !source.is_test(mention.line));
    visitor.mentions
}

struct Paths {
    /// The module that is being read.
    place: Vec<String>,
    mentions: Vec<Mention>,
}

impl Paths {
    fn add(&mut self, parts: &[String], span: Span) {
        self.add_line(parts, span.start().line);
    }

    fn add_line(&mut self, parts: &[String], line: usize) {
        let mut place = self.place.clone();
        let mut rest = parts;
        let mut is_ours = false;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "crate" | OPERATOR => place.clear(),
                "self" => {}
                "super" => drop(place.pop()),
                _ => break,
            }
            is_ours = true;
            rest = after;
        }
        let mut absolute = Vec::new();
        if is_ours {
            absolute.push("crate".to_owned());
            absolute.append(&mut place);
        }
        absolute.extend_from_slice(rest);
        self.mentions.push(Mention { parts: absolute, line });
    }

    fn add_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.add(before, name.ident.span()),
            syn::UseTree::Name(name) => self.add(&with(&name.ident), name.ident.span()),
            syn::UseTree::Rename(rename) => self.add(&with(&rename.ident), rename.ident.span()),
            syn::UseTree::Glob(glob) => {
                let parts = [before, &["*".to_owned()]].concat();
                self.add(&parts, glob.star_token.spans[0]);
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.place.push(module.ident.to_string());
        syn::visit::visit_item_mod(self, module);
        self.place.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if let Some(first) = path.segments.first() {
            self.add(&parts, first.ident.span());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        syn::visit::visit_macro(self, called);
        tokens::collect(called.tokens.clone(), &mut |parts, line| self.add_line(parts, line));
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        syn::visit::visit_attribute(self, attribute);
        if let syn::Meta::List(list) = &attribute.meta {
            tokens::collect(list.tokens.clone(), &mut |parts, line| self.add_line(parts, line));
        }
    }
}

#[test]
fn paths_are_found_everywhere_and_made_absolute() {
    let text = "use a::{b, c::{self, d as e}};\nuse super::f;\nmod g { use super::h; }\n\
        #[derive(i::J)]\nstruct S(k::L);\nfn m() { n::o!(self::p::q, \"r::s\"); human_support_operator::t(); }\n";
    let source = Source::parse("src/model/agent.rs", text).unwrap();
    let found: Vec<String> = mentions(&source).iter().map(|mention| mention.parts.join("::")).collect();
    for path in [
        "a::b",
        "a::c",
        "a::c::d",
        "crate::model::f",
        "crate::model::agent::h",
        "i::J",
        "k::L",
        "n::o",
        "crate::model::agent::p::q",
        "crate::t",
    ] {
        assert!(found.iter().any(|found| found == path), "{path} is missing in {found:?}");
    }
    assert!(!found.iter().any(|found| found.contains("r::s")));
}
