//! The state file: the whole state as JSON, written anew beside the old one and renamed over it after every effect.
//!
//! It holds the sandbox's credentials: must be readable by its owner only.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::PathBuf;

use super::vendor::World;

#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
}

impl Store {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The saved state; `None` when there is no file yet.
    pub(crate) fn load(&self) -> io::Result<Option<World>> {
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

    pub(crate) fn save(&self, world: &World) -> io::Result<()> {
        let bytes = serde_json::to_vec(world).map_err(io::Error::other)?;
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
