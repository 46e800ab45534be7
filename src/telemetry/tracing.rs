//! The log: to stderr, as text or JSON, filtered as the caller says.
//!
//! Must not read the environment: format and filter are arguments, which the command line takes from wherever it wants.

use std::fmt;
use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; colored on a terminal.
    #[default]
    Text,
    /// One JSON object a line, for log collectors.
    Json,
}

impl LogFormat {
    /// The format with this name.
    ///
    /// # Errors
    /// [`LogError::Format`] when there is none.
    pub fn parse(name: &str) -> Result<Self, LogError> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(LogError::Format),
        }
    }
}

/// Why the log could not be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogError {
    /// The filter is not one.
    Filter(String),
    /// There is no such format.
    Format,
    /// The process has a log already.
    AlreadySet,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(why) => {
                write!(
                    f,
                    "the log filter is not valid ({why}); write a level (error, warn, info, debug, trace) "
                )?;
                f.write_str("or pairs such as `info,kube_client=debug`")
            }
            Self::Format => f.write_str("the log format must be `text` or `json`"),
            Self::AlreadySet => f.write_str("the log was set up twice; set it up once, at the start"),
        }
    }
}

impl std::error::Error for LogError {}

/// Sets up the process's log on stderr. The filter has the syntax of `RUST_LOG`, for example `info,kube_client=debug`.
///
/// # Errors
/// When the filter is not valid or the process has a log already.
pub fn init_tracing(format: LogFormat, filter: &str) -> Result<(), LogError> {
    let filter = parse_filter(filter)?;
    match format {
        LogFormat::Text => tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(io::stderr)
            .with_ansi(io::stderr().is_terminal())
            .finish()
            .try_init(),
        LogFormat::Json => json(filter, io::stderr).try_init(),
    }
    .map_err(|_| LogError::AlreadySet)
}

fn parse_filter(filter: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::builder().parse(filter).map_err(|error| LogError::Filter(error.to_string()))
}

fn json<W>(filter: EnvFilter, writer: W) -> impl ::tracing::Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(writer)
        .finish()
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(filter: &str, emit: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = json(parse_filter(filter).unwrap(), move || writer.clone());
        ::tracing::subscriber::with_default(subscriber, emit);
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_line_is_one_json_object_with_its_fields_on_top() {
        let text = logged("info", || ::tracing::info!(store = "a", "checked"));
        let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!(line["store"], "a");
        assert_eq!(line["message"], "checked");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn the_filter_decides_by_level_and_module() {
        let emit = || {
            ::tracing::debug!("hidden");
            ::tracing::debug!(target: "kube_client", "shown");
        };
        let text = logged("info,kube_client=debug", emit);
        assert!(text.contains("shown") && !text.contains("hidden"), "{text}");
    }

    #[test]
    fn a_wrong_filter_and_a_wrong_format_say_what_is_allowed() {
        let error = init_tracing(LogFormat::Json, "info,kube=loud").unwrap_err();
        assert!(error.to_string().contains("error, warn, info, debug, trace"), "{error}");
        assert_eq!(LogFormat::parse("yaml"), Err(LogError::Format));
        assert_eq!(LogFormat::parse("json"), Ok(LogFormat::Json));
    }

    #[test]
    fn a_panic_is_logged_with_its_place_and_without_its_payload() {
        let text = logged("error", || {
            super::super::install_panic_hook();
            let caught = std::panic::catch_unwind(|| panic!("token is {}", "s3cret"));
            let _ = std::panic::take_hook();
            assert!(caught.is_err());
        });
        assert!(text.contains("src/telemetry/tracing.rs:"), "{text}");
        assert!(!text.contains("s3cret"), "{text}");
    }
}
