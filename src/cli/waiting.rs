//! Waiting until stores are as a verb needs them, with a progress line and an end.
//!
//! Why reading again and again, not a watch: it needs no right beyond the one to read, and an API server that does not
//! answer for a moment ends nothing.
//! Must not: wait for ever.

use std::time::{Duration, Instant};

use super::connect::ClusterError;
use super::state::StoreState;
use super::stores::{Selection, StoreName, Stores};
use super::terminal::Progress;
use crate::api::HumanSupportConfig;
use crate::controller::requeue;

/// The pauses between two readings grow from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// What a wait came to.
#[derive(Debug)]
pub struct Waited {
    /// The stores as they were read last.
    pub stores: Vec<HumanSupportConfig>,
    /// Those that are not as they should be.
    pub undone: Vec<StoreName>,
}

/// Reads a time limit such as `90s`, `5m` or `1h30m`.
///
/// # Errors
/// When it is none.
pub fn parse_timeout(text: &str) -> Result<Duration, String> {
    requeue::parse_period(text)
        .filter(|timeout| *timeout <= Duration::from_secs(86_400))
        .ok_or_else(|| "write a number with h, m or s, at most 24h, such as `90s` or `5m`".to_owned())
}

/// Waits until every selected store passes `done`, or the time is over.
///
/// # Errors
/// When the cluster refuses, or the one store that is named is gone.
pub async fn until(
    stores: Stores<'_>,
    selection: &Selection,
    timeout: Duration,
    done: impl Fn(&HumanSupportConfig) -> bool,
) -> Result<Waited, ClusterError> {
    let mut progress = Progress::start();
    let started = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match stores.read(selection).await {
            Ok(read) => {
                let undone: Vec<StoreName> =
                    read.iter().filter(|store| !done(store)).map(StoreName::of).collect();
                if undone.is_empty() || started.elapsed() >= timeout {
                    return Ok(Waited { stores: read, undone });
                }
                progress.show(&describe(&read, &undone));
            }
            Err(ClusterError::Silent { .. }) if started.elapsed() < timeout => {
                progress.show("the cluster does not answer; trying again");
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(pause.min(timeout.saturating_sub(started.elapsed()))).await;
        pause = (pause * 3 / 2).min(LAST_PAUSE);
    }
}

fn describe(stores: &[HumanSupportConfig], undone: &[StoreName]) -> String {
    let first = undone.first().and_then(|name| stores.iter().find(|store| StoreName::of(store) == *name));
    let Some(first) = first else { return String::new() };
    let (name, headline) = (StoreName::of(first), StoreState::new(first).headline());
    match undone.len() {
        1 => format!("{name}: {headline}"),
        count => format!("{count} stores; {name}: {headline}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_number_with_a_unit() {
        assert_eq!(parse_timeout("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_timeout("1h30m"), Ok(Duration::from_secs(5400)));
        for text in ["", "90", "-1s", "25h", "soon"] {
            assert!(parse_timeout(text).is_err(), "{text}");
        }
    }
}
