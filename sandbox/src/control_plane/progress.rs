//! Visible progress of what takes long: a line on standard error at the start, every few seconds, and at the end.
//!
//! Why it exists: the first build of an API server takes minutes, and silence looks like a hang. Written to
//! the stream itself, since a test harness captures the printing macros. Must not: write to standard output.

use std::io::Write;
use std::time::{Duration, Instant};

const EVERY: Duration = Duration::from_secs(5);

/// One long task. Prints with the elapsed seconds.
#[derive(Debug)]
pub(super) struct Progress {
    what: String,
    started: Instant,
    last: Instant,
}

impl Progress {
    /// Says that the task begins.
    pub(super) fn begin(what: impl Into<String>) -> Self {
        let now = Instant::now();
        let what = what.into();
        say(&format!("control plane: {what} …"));
        Self { what, started: now, last: now }
    }

    /// Says that it goes on, when the last line is some seconds old.
    pub(super) fn tick(&mut self) {
        if self.last.elapsed() >= EVERY {
            self.last = Instant::now();
            say(&format!("control plane: {} … {} s", self.what, self.started.elapsed().as_secs()));
        }
    }

    /// Says how it ended.
    pub(super) fn end(self, result: &str) {
        say(&format!(
            "control plane: {}: {result} ({:.1} s)",
            self.what,
            self.started.elapsed().as_secs_f64()
        ));
    }
}

fn say(line: &str) {
    // A closed standard error must not stop the work.
    let _ = writeln!(std::io::stderr(), "{line}");
}
