//! The table of the stores, drawn over itself on a terminal, as lines of what changed elsewhere.
//!
//! Must not: decide anything.

use super::stores::Row;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::time::Duration;

const HEADINGS: [&str; 8] = ["STORE", "PLATFORM", "READY", "LIVE", "REASON", "AGENTS", "LICENSES", "PENDING"];

/// Draws what is new.
#[derive(Debug)]
pub(super) struct Table {
    terminal: bool,
    drawn_lines: usize,
    shown: BTreeMap<String, String>,
}

impl Table {
    /// A table on standard output.
    pub(super) fn new() -> Self {
        Self { terminal: std::io::stdout().is_terminal(), drawn_lines: 0, shown: BTreeMap::new() }
    }

    /// Draws the rows.
    pub(super) fn draw(&mut self, rows: &[Row], elapsed: Duration) -> std::io::Result<()> {
        let mut output = std::io::stdout().lock();
        if self.terminal {
            let text = render(rows);
            if self.drawn_lines > 0 {
                // Up over the old table, and clear to the end of the screen.
                write!(output, "\x1b[{}A\x1b[J", self.drawn_lines)?;
            }
            // Without wrapping: a wrapped line would count twice on the way up.
            let line = format!("after {} s; Ctrl-C ends everything", elapsed.as_secs());
            writeln!(output, "\x1b[?7l{text}{line}\x1b[?7h")?;
            self.drawn_lines = text.lines().count() + 1;
            return output.flush();
        }
        for row in rows {
            let line = state(row);
            if self.shown.get(&row.key) != Some(&line) {
                writeln!(output, "{:>5} s  {}  {line}", elapsed.as_secs(), row.key)?;
                self.shown.insert(row.key.clone(), line);
            }
        }
        output.flush()
    }

    /// A line that stays, above the table.
    pub(super) fn say(&mut self, line: &str) -> std::io::Result<()> {
        let mut output = std::io::stdout().lock();
        if self.drawn_lines > 0 {
            write!(output, "\x1b[{}A\x1b[J", self.drawn_lines)?;
            self.drawn_lines = 0;
        }
        writeln!(output, "{line}")?;
        output.flush()
    }
}

fn state(row: &Row) -> String {
    let word = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    format!("Ready={} Live={} {}", word(&row.ready), word(&row.live), word(&row.reason))
}

fn cells(row: &Row) -> [&str; 8] {
    [&row.key, &row.platform, &row.ready, &row.live, &row.reason, &row.agents, &row.licenses, &row.pending]
}

/// The table with headings, columns as wide as their longest cell.
pub(super) fn render(rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS];
    lines.extend(rows.iter().map(cells));
    let width =
        |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let padded: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(padded.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::stores::{Done, Row};
    use super::render;

    #[test]
    fn columns_are_as_wide_as_their_longest_cell() {
        let row = Row {
            key: "store-loja-centro/loja-centro".to_owned(),
            platform: "Zendesk".to_owned(),
            ready: "True".to_owned(),
            live: "False".to_owned(),
            reason: "StepsPending".to_owned(),
            message: String::new(),
            agents: "2/2".to_owned(),
            licenses: "2/12".to_owned(),
            pending: "1".to_owned(),
            done: Done::No,
        };
        let text = render(&[row]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "STORE                          PLATFORM  READY  LIVE   REASON        AGENTS  LICENSES  PENDING"
        );
        assert_eq!(
            lines[1],
            "store-loja-centro/loja-centro  Zendesk   True   False  StepsPending  2/2     2/12      1"
        );
    }
}
