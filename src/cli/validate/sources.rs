//! The texts to check: files, the files of directories, standard input.
//!
//! Must not: stop at one that cannot be read.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// One text.
pub(super) struct Source {
    /// As it was named, or as it was found in a directory.
    pub(super) name: String,
    /// The text, or why there is none and what to try.
    pub(super) text: Result<String, String>,
}

/// Reads everything that was named, in order; the files of a directory by name.
pub(super) fn read(names: &[String]) -> Vec<Source> {
    names.iter().flat_map(|name| read_one(name)).collect()
}

fn read_one(name: &str) -> Vec<Source> {
    if name == "-" {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes);
        return vec![source(name, read)];
    }
    let path = Path::new(name);
    if !path.is_dir() {
        return vec![source(name, fs::read(path))];
    }
    let mut sources = Vec::new();
    let mut files = Vec::new();
    collect(path, &mut files, &mut sources);
    if files.is_empty() && sources.is_empty() {
        let text = Err("has no .yaml, .yml or .json file; name another directory".to_owned());
        return vec![Source { name: name.to_owned(), text }];
    }
    sources.extend(files.iter().map(|file| source(&file.display().to_string(), fs::read(file))));
    sources
}

fn source(name: &str, bytes: io::Result<Vec<u8>>) -> Source {
    let text = match bytes {
        Ok(bytes) => String::from_utf8(bytes).map_err(|_| "is not UTF-8 text; save it as UTF-8".to_owned()),
        Err(error) => Err(format!("cannot be read: {error}; check the name and the permissions")),
    };
    Source { name: name.to_owned(), text }
}

/// Hidden directories and links to directories are left out: they hold no manifests, or hold them twice.
fn collect(directory: &Path, files: &mut Vec<PathBuf>, failures: &mut Vec<Source>) {
    let entries = match fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => {
            failures.push(source(&directory.display().to_string(), Err(error)));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() {
            if !is_hidden && !path.is_symlink() {
                collect(&path, files, failures);
            }
        } else if path.extension().is_some_and(|end| end == "yaml" || end == "yml" || end == "json") {
            files.push(path);
        }
    }
}
