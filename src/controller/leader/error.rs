//! Why an election ended.
//!
//! Every one of them ends the process; which exit code that is, the caller says.

use std::fmt;

/// Why `run` returned without being asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaderError {
    /// The settings do not fit together: correct them.
    Settings(&'static str),
    /// This process led and does not any more: end it, and let a new one take part again.
    Lost(Loss),
}

/// How leadership was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// No renewal succeeded within the renew deadline: the API server does not answer, or this process was frozen.
    NotRenewed,
    /// The Lease names another holder, or another term of ours.
    Taken,
    /// The Lease is gone: another replica may create it at any moment.
    Deleted,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotRenewed => {
                "the lease could not be renewed in time; see that the API server answers and the pod is not throttled"
            }
            Self::Taken => "somebody else holds the lease; see that nobody edits it",
            Self::Deleted => "the lease was deleted; see that nobody deletes it",
        })
    }
}

impl fmt::Display for LeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(what) => write!(f, "leader election: {what}"),
            Self::Lost(loss) => write!(f, "leadership lost, the process ends: {loss}"),
        }
    }
}

impl std::error::Error for LeaderError {}
