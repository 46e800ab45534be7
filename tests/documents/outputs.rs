//! What a document shows that a command prints, beside what it printed.
//!
//! Ages, times, digests and ids differ from run to run, and so does the width of columns; everything else has to be the
//! same. A line `...` stands for any lines. Must not: forgive anything else.

/// Ids of the helpdesks have at least so many digits.
const ID_DIGITS: usize = 6;

/// Why the two differ; `None` when they do not.
pub(crate) fn difference(shown: &[String], printed: &str) -> Option<String> {
    let shown: Vec<String> = trimmed(shown.iter().map(String::as_str));
    let printed: Vec<String> = trimmed(printed.lines());
    (!matches(&shown, &printed)).then(|| {
        format!("the document shows\n  {}\nand it printed\n  {}", shown.join("\n  "), printed.join("\n  "))
    })
}

fn trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lines: Vec<String> = lines.map(normalized).collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

fn matches(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|skipped| matches(rest, &printed[skipped..]))
        }
        Some((first, rest)) => printed.split_first().is_some_and(|(line, others)| {
            let same = line == first;
            same && matches(rest, others)
        }),
    }
}

/// A line with one space between words, and with words in place of what differs from run to run.
fn normalized(line: &str) -> String {
    line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

fn word(word: &str) -> String {
    if is_age(word) {
        return "<age>".to_owned();
    }
    if word.parse::<jiff::Timestamp>().is_ok() {
        return "<time>".to_owned();
    }
    let text = match word.split_once("sha256:") {
        Some((before, digest)) => {
            let rest = digest.trim_start_matches(|letter: char| letter.is_ascii_hexdigit() || letter == '…');
            format!("{before}<digest>{rest}")
        }
        None => word.to_owned(),
    };
    without_ids(&text)
}

/// Such as `22s` or `5m3s`.
fn is_age(word: &str) -> bool {
    let digits = word.starts_with(|first: char| first.is_ascii_digit());
    let unit = word.ends_with(['s', 'm', 'h', 'd']);
    digits && unit && word.chars().all(|letter| letter.is_ascii_digit() || "smhd".contains(letter))
}

fn without_ids(text: &str) -> String {
    let mut out = String::new();
    let mut digits = String::new();
    for letter in text.chars().map(Some).chain([None]) {
        match letter {
            Some(digit) if digit.is_ascii_digit() => digits.push(digit),
            other => {
                out.push_str(if digits.len() >= ID_DIGITS { "<id>" } else { &digits });
                digits.clear();
                out.extend(other);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::difference;

    fn shown(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn only_ages_times_digests_ids_and_widths_may_differ() {
        let document = shown(&["NAME   AGE", "one    22s  sha256:aa… 360001", "...", "end"]);
        let digest = "0123456789abcdef".repeat(4);
        let printed = format!("NAME  AGE\none  5m3s sha256:{digest} 360009999\nmore\nlines\nend\n");
        assert_eq!(difference(&document, &printed), None);
        for other in ["NAME AGE\n", "NAME AGE\ntwo 22s <digest> <id>\nend\n", "NAME AGE\none\nend\n"] {
            assert!(difference(&document, other).is_some(), "{other}");
        }
        assert!(difference(&shown(&["2/2"]), "1/2\n").is_some());
        assert!(difference(&[], "something\n").is_some());
    }
}
