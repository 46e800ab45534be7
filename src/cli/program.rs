//! Under which name the program was started, and how a verb ends.
//!
//! Why: the same binary is `humansupport` and, by the name of its file, the kubectl plugin `kubectl humansupport`; every
//! hint must name the command that the reader has at hand.
//! Must not: look at anything but the name of the file.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;

/// The file name under which kubectl finds a plugin.
const PLUGIN_FILE: &str = "kubectl-humansupport";

/// Under which name the program was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// As itself.
    Direct,
    /// As a plugin of kubectl.
    KubectlPlugin,
}

impl Program {
    /// Reads the first argument of the process.
    pub fn from_first_argument(argument: Option<&Path>) -> Self {
        let file = argument.and_then(Path::file_stem).and_then(|name| name.to_str());
        if file == Some(PLUGIN_FILE) { Self::KubectlPlugin } else { Self::Direct }
    }

    /// What a person types.
    pub fn command(self) -> &'static str {
        match self {
            Self::Direct => "humansupport",
            Self::KubectlPlugin => "kubectl humansupport",
        }
    }

    /// The name of the file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Direct => "humansupport",
            Self::KubectlPlugin => PLUGIN_FILE,
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.command())
    }
}

/// How a verb ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Done, and all is well. Exit code 0.
    Well,
    /// Documents are refused, or something that was looked at is wrong. Exit code 1.
    Refused,
    /// There are changes. Exit code 2.
    Changes,
    /// A store is not ready. Exit code 3.
    NotReady,
}

impl From<Ending> for ExitCode {
    fn from(ending: Ending) -> Self {
        Self::from(match ending {
            Ending::Well => 0,
            Ending::Refused => 1,
            Ending::Changes => 2,
            Ending::NotReady => 3,
        })
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plugin_is_recognized_by_the_name_of_its_file() {
        for (argument, expected) in [
            (Some("/usr/local/bin/kubectl-humansupport"), Program::KubectlPlugin),
            (Some("kubectl-humansupport"), Program::KubectlPlugin),
            (Some("./humansupport"), Program::Direct),
            (Some("/opt/kubectl-humansupport/humansupport"), Program::Direct),
            (None, Program::Direct),
        ] {
            assert_eq!(Program::from_first_argument(argument.map(Path::new)), expected, "{argument:?}");
        }
    }
}
