//! The state file: a whole state as JSON, written anew beside the old one and renamed over it after every effect.
//!
//! It holds the sandbox's credentials: must be readable by its owner only. Must not know what a state is made of.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Where a state is kept.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
}

impl StateFile {
    /// A state at this path; nothing is read or written yet.
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The saved state; `None` when there is no file yet. Errors when the file cannot be read or is no such state.
    pub fn load<T: DeserializeOwned>(&self) -> io::Result<Option<T>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            let path = self.path.display();
            io::Error::other(format!(
                "{path} is not a state of this simulator ({error}); delete it to start afresh"
            ))
        })
    }

    /// Saves a state in place of the last one. Errors leave the last one as it was.
    pub fn save<T: Serialize>(&self, state: &T) -> io::Result<()> {
        let bytes = serde_json::to_vec(state).map_err(io::Error::other)?;
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let beside = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        options.open(&beside)?.write_all(&bytes)?;
        fs::rename(&beside, &self.path)
    }
}
