//! Turns what the metrics library writes (OpenMetrics) into Prometheus' text format 0.0.4.
//!
//! Why: in OpenMetrics the name of a counter has no `_total` in its description, so that tools of the older format
//! (promlint, many agents) see a counter without a type and a help text. Every Prometheus reads the older format.
//! Line by line, so that a scrape is never held twice. Must not change a sample.

use std::fmt;

use prometheus_client::encoding::text::encode_registry;
use prometheus_client::registry::Registry;

/// The content type of the format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Writes all metrics.
///
/// # Errors
/// When the library cannot write one, which only a mistake in a label encoder can cause.
pub(super) fn render(registry: &Registry) -> Result<String, fmt::Error> {
    let mut writer = Classic::default();
    encode_registry(&mut writer, registry)?;
    Ok(writer.text)
}

/// Takes pieces of lines and keeps whole ones.
#[derive(Default)]
struct Classic {
    text: String,
    line: String,
    /// The description waits for the type, which tells whether its name needs the suffix.
    help: String,
}

impl fmt::Write for Classic {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for part in piece.split_inclusive('\n') {
            self.line.push_str(part);
            if part.ends_with('\n') {
                let line = std::mem::take(&mut self.line);
                self.take(&line);
                // The buffer is kept for the next line.
                self.line = line;
                self.line.clear();
            }
        }
        Ok(())
    }
}

impl Classic {
    fn take(&mut self, line: &str) {
        if line.starts_with("# HELP ") {
            self.help.clear();
            self.help.push_str(line);
        } else if let Some(name) =
            line.strip_prefix("# TYPE ").and_then(|rest| rest.strip_suffix(" counter\n"))
        {
            let help = self.help.strip_prefix("# HELP ").and_then(|rest| rest.strip_prefix(name));
            self.text.extend(["# HELP ", name, "_total", help.unwrap_or("\n")]);
            self.text.extend(["# TYPE ", name, "_total counter\n"]);
        } else if line.starts_with("# TYPE ") {
            self.text.extend([self.help.as_str(), line]);
        } else if !line.starts_with('#') {
            self.text.push_str(line);
        }
        // What is left is `# UNIT` and `# EOF`: the older format has neither.
    }
}
