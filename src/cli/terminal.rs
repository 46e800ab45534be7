//! What is written: answers to standard output, a progress line to a terminal, colors only where somebody sees them.
//!
//! Why: a pipe that the reader has closed is no error, and a log file must hold no escape sequences.
//! Must not: decide what is said.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Instant;

use super::program::Program;

/// What a verb knows of its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// Under which name the program was started.
    pub program: Program,
    /// Colors of standard output.
    pub paint: Paint,
}

impl Surroundings {
    /// Looks at standard output and the environment.
    pub fn of_process(program: Program) -> Self {
        Self { program, paint: Paint::of_standard_output() }
    }
}

/// Colors, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Escape sequences.
    Colors,
    /// Plain text.
    Plain,
}

/// What a color says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// In order.
    Good,
    /// Wrong.
    Bad,
    /// Not known, or on its way.
    Open,
    /// A heading.
    Heading,
}

impl Paint {
    /// Colors when standard output is a terminal and nobody asked for none (`NO_COLOR`, `TERM=dumb`).
    fn of_standard_output() -> Self {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
            || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        if io::stdout().is_terminal() && !refused { Self::Colors } else { Self::Plain }
    }

    /// The text in a tone.
    pub fn tone(self, tone: Tone, text: impl Display) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Open => "33",
            Tone::Heading => "1",
        };
        match self {
            Self::Colors => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            Self::Plain => text.to_string(),
        }
    }
}

/// Text that is safe on a terminal: control characters of names and messages are shown, not obeyed.
pub fn harmless(text: &str) -> String {
    let is_obeyed = |character: char| character.is_control() && character != '\n' && character != '\t';
    text.chars().map(|character| if is_obeyed(character) { '\u{fffd}' } else { character }).collect()
}

/// Standard output could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {0}; check what it is redirected to")]
pub struct PrintError(#[source] io::Error);

/// Writes an answer. A reader that went away, such as `head`, has what it wanted.
///
/// # Errors
/// When standard output cannot be written for another reason.
pub fn print(text: &str) -> Result<(), PrintError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(PrintError(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes a value as JSON.
///
/// # Errors
/// As [`print`].
pub fn print_json(value: &serde_json::Value) -> Result<(), PrintError> {
    print(&format!("{value:#}\n"))
}

/// Says something beside the answer. Where standard error is gone, nobody would read it.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{}", harmless(&text.to_string()));
}

/// One line on standard error that is written over and over, while something is waited for. Silent without a terminal.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    is_seen: bool,
    is_dirty: bool,
}

impl Progress {
    /// Starts; nothing is written yet.
    pub fn start() -> Self {
        Self { started: Instant::now(), is_seen: io::stderr().is_terminal(), is_dirty: false }
    }

    /// Writes what is waited for over what was written before.
    pub fn show(&mut self, text: &str) {
        if !self.is_seen {
            return;
        }
        // With the time before it, it fits into the 80 columns that every terminal has: a wrapped line would not be overwritten.
        const MOST: usize = 72;
        let seconds = self.started.elapsed().as_secs();
        let line: String = harmless(text).replace('\n', " ").chars().take(MOST).collect();
        self.is_dirty =
            write!(io::stderr(), "\r\u{1b}[K{:>3}:{:02} {line}", seconds / 60, seconds % 60).is_ok();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_dirty {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\r\nc\u{9b}d\te"), "a\u{fffd}[2Jb\u{fffd}\nc\u{fffd}d\te");
    }

    #[test]
    fn plain_text_has_no_escape_sequences() {
        assert_eq!(Paint::Plain.tone(Tone::Bad, "no"), "no");
        assert_eq!(Paint::Colors.tone(Tone::Bad, "no"), "\u{1b}[31mno\u{1b}[0m");
    }
}
