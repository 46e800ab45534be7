//! Markdown of a sheet: headings, tables, escaped text.
//!
//! Pure text. Names come from people, so nothing of them may be read as markup.

/// Text inside a line or a cell of a table.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '|' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '\\' | '#' => {
                out.push('\\');
                out.push(character);
            }
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// Text as code: what people copy.
pub(super) fn code(raw: &str) -> String {
    let clean: String = raw
        .chars()
        .map(|character| if character.is_control() || character == '`' { ' ' } else { character })
        .collect();
    // A bar ends the cell of a table, even inside code.
    format!("`{}`", clean.replace('|', "\\|"))
}

/// The beginning of a text that may be long.
pub(super) fn short(raw: &str, most: usize) -> String {
    match raw.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text(&raw[..end])),
        None => text(raw),
    }
}

/// A heading of the second level, with the empty lines around it.
pub(super) fn heading(out: &mut String, title: &str) {
    out.push_str(&format!("\n## {title}\n\n"));
}

/// A table; cells are written as they are.
pub(super) fn table(out: &mut String, titles: &[&str], rows: &[Vec<String>]) {
    out.push_str(&format!("| {} |\n", titles.join(" | ")));
    out.push_str(&format!("|{}\n", "---|".repeat(titles.len())));
    for row in rows {
        out.push_str(&format!("| {} |\n", row.join(" | ")));
    }
}
