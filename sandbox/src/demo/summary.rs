//! The last words of `--exit-when-ready`: what is ready, what it cost, what is not.
//!
//! Why it exists: the counts come from witnesses that the operator does not control, the simulator's ledger and the
//! API server's audit log. Must not: judge; the exit code does.

use super::Helpdesk;
use super::operator::OPERATOR_USER;
use super::stores::Done;
use super::table::render;
use super::watch::Outcome;
use crate::control_plane::{AuditEvent, AuditLog};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

/// What the summary is made of.
pub(super) struct Summary<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) helpdesks: &'a [Box<dyn Helpdesk>],
    pub(super) audit: AuditLog,
    /// Where this run begins in the audit log.
    pub(super) beginning: u64,
}

impl Summary<'_> {
    /// Prints it to standard output.
    pub(super) fn print(&self) -> anyhow::Result<()> {
        let writes = self.audit.writes_since(self.beginning, OPERATOR_USER)?;
        let mut text = format!("\n{}\n", render(&self.outcome.rows));
        for helpdesk in self.helpdesks {
            text += &counts(&format!("provider calls to {}", helpdesk.name()), &helpdesk.calls());
        }
        text += &counts("Kubernetes writes of the operator", &by_resource(&writes));
        text += &self.verdict();
        std::io::stdout().write_all(text.as_bytes())?;
        Ok(())
    }

    fn verdict(&self) -> String {
        let Outcome { rows, elapsed } = self.outcome;
        let ready = rows.iter().filter(|row| row.done == Done::Yes).count();
        let seconds = elapsed.as_secs_f64();
        let mut text = format!("{ready} of {} stores ready and live after {seconds:.1} s\n", rows.len());
        for row in rows.iter().filter(|row| row.done == Done::No) {
            let reason = if row.reason.is_empty() { "the operator has not seen it" } else { &row.reason };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "not ready: {}: {reason}. {}", row.key, row.message);
        }
        text
    }
}

fn by_resource(writes: &[AuditEvent]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for write in writes {
        let refused =
            if write.code() >= 400 { format!(" (refused, {})", write.code()) } else { String::new() };
        *counts.entry(format!("{} {}{refused}", write.verb, write.resource())).or_default() += 1;
    }
    counts
}

fn counts(title: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut text = format!("{title}: {}\n", counts.values().sum::<u64>());
    for (operation, count) in counts {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {count:>6}  {operation}");
    }
    text
}
