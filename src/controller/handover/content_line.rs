//! Content lines of iCalendar: escaping of text, folding at 75 octets, and back (RFC 5545, 3.1 and 3.3.11).
//!
//! Pure text.

/// The most octets of a line, its end left out.
const MOST_OCTETS: usize = 75;

/// Text as the value of a property. Control characters have no place in it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.replace("\r\n", "\n").chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            ';' => out.push_str("\\;"),
            ',' => out.push_str("\\,"),
            '\n' => out.push_str("\\n"),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// Appends a content line, folded between characters, with its end.
pub(super) fn push(out: &mut String, line: &str) {
    let mut room = MOST_OCTETS;
    for character in line.chars() {
        if character.len_utf8() > room {
            out.push_str("\r\n ");
            room = MOST_OCTETS - 1;
        }
        out.push(character);
        room -= character.len_utf8();
    }
    out.push_str("\r\n");
}

/// The content lines of a text, unfolded.
pub(super) fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for raw in text.split('\n') {
        let raw = raw.strip_suffix('\r').unwrap_or(raw);
        match (raw.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(raw.to_owned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters_and_unfold_to_what_they_were() {
        for line in
            ["x".repeat(75), "x".repeat(76), "ação ".repeat(60), "🙂".repeat(50), "é".repeat(37) + "x"]
        {
            let mut out = String::new();
            push(&mut out, &line);
            assert!(out.split("\r\n").all(|part| part.len() <= 75), "{out:?}");
            assert_eq!(unfolded(&out), [line]);
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escaped("a,b;c\\d\r\ne\u{7}"), "a\\,b\\;c\\\\d\\ne");
    }
}
