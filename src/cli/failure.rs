//! Why a verb that needs a cluster did not do what it was asked to.

use super::connect::ClusterError;
use super::stores::StoreName;
use super::terminal::PrintError;

/// Why a verb failed. Exit code 1.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The cluster did not do it.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The answer could not be written.
    #[error(transparent)]
    Print(#[from] PrintError),
    /// The effect did not show in time.
    #[error("{what} of `{store}` did not show within {seconds} s: {state}; {advice}")]
    Late {
        /// What was waited for.
        what: &'static str,
        /// Of which store.
        store: StoreName,
        /// How long.
        seconds: u64,
        /// Where the store stands.
        state: String,
        /// What to try.
        advice: &'static str,
    },
    /// The state of the store does not allow it, with what to do instead.
    #[error("{0}")]
    NotNow(String),
    /// Files, or what is given beside them, cannot be used; the sentence says what to do.
    #[error("{0}")]
    Input(String),
    /// The process could not start its runtime.
    #[error("the process cannot start: {0}; check the limits of the system")]
    Start(String),
}

/// What to try when the operator does not react.
pub const IS_IT_RUNNING: &str =
    "check that the operator runs and watches this namespace, or wait longer with --timeout";
