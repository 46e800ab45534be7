//! One thing that was looked at, and how it stands.
//!
//! Must not: call something bad without saying what to do.

use serde_json::{Value, json};

use crate::cli::terminal::{Paint, Tone, harmless};

/// How a thing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// In order.
    Good,
    /// The operator works, but somebody should look.
    Warning,
    /// The operator cannot do its work.
    Bad,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "wrong",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// What was looked at.
    check: String,
    verdict: Verdict,
    message: String,
    /// What to do; none where all is well.
    advice: Option<String>,
}

impl Finding {
    /// In order.
    pub(super) fn good(check: impl Into<String>, message: impl Into<String>) -> Self {
        Self { check: check.into(), verdict: Verdict::Good, message: message.into(), advice: None }
    }

    /// Somebody should look.
    pub(super) fn warning(
        check: impl Into<String>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let advice = Some(advice.into());
        Self { check: check.into(), verdict: Verdict::Warning, message: message.into(), advice }
    }

    /// The operator cannot do its work.
    pub(super) fn bad(
        check: impl Into<String>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let advice = Some(advice.into());
        Self { check: check.into(), verdict: Verdict::Bad, message: message.into(), advice }
    }
}

/// All findings, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub(super) fn add(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Whether nothing is bad.
    pub(super) fn are_good(&self) -> bool {
        self.0.iter().all(|finding| finding.verdict != Verdict::Bad)
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let findings = self.0.iter().map(|finding| {
            let Finding { check, verdict, message, advice } = finding;
            json!({"check": check, "verdict": verdict.word(), "message": message, "advice": advice})
        });
        json!({"good": self.are_good(), "findings": findings.collect::<Vec<_>>()})
    }

    /// For people.
    pub(super) fn text(&self, paint: Paint) -> String {
        let mut text = String::new();
        for finding in &self.0 {
            let tone = match finding.verdict {
                Verdict::Good => Tone::Good,
                Verdict::Warning => Tone::Open,
                Verdict::Bad => Tone::Bad,
            };
            let word = paint.tone(tone, format!("{:8}", finding.verdict.word()));
            text.push_str(&format!("{word}{}: {}\n", harmless(&finding.check), harmless(&finding.message)));
            if let Some(advice) = &finding.advice {
                text.push_str(&format!("{:8}→ {}\n", "", harmless(advice)));
            }
        }
        let count = |verdict| self.0.iter().filter(|finding| finding.verdict == verdict).count();
        text.push_str(&match (count(Verdict::Bad), count(Verdict::Warning)) {
            (0, 0) => format!("{} things looked at, all well\n", self.0.len()),
            (bad, warnings) => {
                format!("{} things looked at: {bad} wrong, {warnings} to look at\n", self.0.len())
            }
        });
        text
    }
}
