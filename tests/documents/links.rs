//! Links between the documents lead somewhere: the file is there, and so is the heading.
//!
//! Must not: look at links that leave the repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::pages::{self, repository};

#[test]
fn every_link_within_the_repository_leads_to_a_file_and_to_a_heading_of_it() {
    let mut broken = Vec::new();
    for path in pages::all() {
        let text = fs::read_to_string(repository(&path)).unwrap();
        let folder = Path::new(&path).parent().unwrap();
        for (number, line) in text.lines().enumerate() {
            for target in targets(line).filter(|target| !leads_on(folder, &path, target)) {
                broken.push(format!("{path}:{}: {target}", number + 1));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// The targets of the links of a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let after = line.split("](").skip(1);
    let targets = after.filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:"))
}

fn leads_on(folder: &Path, from: &str, target: &str) -> bool {
    let (file, anchor) = target.split_once('#').map_or((target, None), |(file, anchor)| (file, Some(anchor)));
    let path = if file.is_empty() { PathBuf::from(from) } else { tidy(&folder.join(file)) };
    let there = repository(&path.display().to_string());
    match anchor {
        None => there.exists(),
        Some(anchor) => fs::read_to_string(there).is_ok_and(|text| anchors(&text).contains(anchor)),
    }
}

/// A path without `..`.
fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                tidy.pop();
            }
            part => tidy.push(part),
        }
    }
    tidy
}

/// The names that headings have on the page, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings =
        text.lines().filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')));
    let name = |heading: &str| {
        let kept = heading.trim().to_lowercase();
        let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect::<String>()
    };
    headings.map(name).collect()
}
